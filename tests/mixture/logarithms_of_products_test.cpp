#include <corymb/core/random.hpp>
#include <corymb/mixture/detail/logarithms_of_products.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "support/matrices.hpp"

// Against the definition: slopes by the logarithms vanish, but for those held by their bounds, which point outwards.

namespace logarithms_of_products_test {
namespace {

using namespace corymb;
using namespace corymb_test;
using detail::LogarithmsOfProducts;

struct Problem {
  Eigen::MatrixXd S;
  Vector p;
  Vector q;
  double least_u;
  double least_v;
};

/// Entries of all sizes, zeros, rows and columns of zeros.
Problem random_problem(std::uint64_t seed) {
  Random random(seed, {98});
  const Index m = 1 + random.below(6), l = 1 + random.below(9);
  Problem in{Eigen::MatrixXd(m, l), Vector(m), Vector(l), random.normal() - 10, random.normal()};
  for (Index i = 0; i < m; ++i) in.p[i] = 0.1 + random.uniform();
  for (Index j = 0; j < l; ++j) in.q[j] = 0.1 + random.uniform();
  in.q *= in.p.sum() / in.q.sum();
  const double spread = seed % 4 == 0 ? 12 : 1;
  for (Index i = 0; i < m; ++i)
    for (Index j = 0; j < l; ++j)
      in.S(i, j) = seed % 3 == 0 && random.below(2) == 0 ? 0 : std::exp(spread * random.normal());
  if (seed % 5 == 0) in.S.row(random.below(m)).setZero();
  if (seed % 7 == 0) in.S.col(random.below(l)).setZero();
  return in;
}

double value_of(const Problem& in, const Vector& u, const Vector& v) {
  double sum = in.p.dot(u) + in.q.dot(v);
  for (Index i = 0; i < u.size(); ++i)
    for (Index j = 0; j < v.size(); ++j) sum += in.S(i, j) * std::exp(-u[i] - v[j]);
  return sum;
}

/// The largest violation of the conditions of a minimum, relative to p and q.
double violation(const Problem& in, const Vector& u, const Vector& v) {
  Eigen::MatrixXd E = in.S;
  for (Index i = 0; i < u.size(); ++i)
    for (Index j = 0; j < v.size(); ++j) E(i, j) *= std::exp(-u[i] - v[j]);
  double worst = 0;
  const auto check = [&](double at, double least, double slope) {
    if (at < least) worst = 1;
    worst = std::max(worst, at > least ? std::abs(slope) : std::max(-slope, 0.0));
  };
  for (Index i = 0; i < u.size(); ++i) check(u[i], in.least_u, (in.p[i] - E.row(i).sum()) / in.p[i]);
  for (Index j = 0; j < v.size(); ++j) check(v[j], in.least_v, (in.q[j] - E.col(j).sum()) / in.q[j]);
  return worst;
}

TEST(LogarithmsOfProducts, AreTheMinimum) {
  for (std::uint64_t seed = 0; seed < 2000; ++seed) {
    const Problem in = random_problem(seed);
    Random random(seed, {99});
    LogarithmsOfProducts found(in.S, in.p, in.q, in.least_u, in.least_v);
    found.minimize(10 * normal_matrix<double>(random, in.p.size(), 1));
    EXPECT_LE(violation(in, found.u(), found.v()), 1e-9) << "seed " << seed;
    const double best = value_of(in, found.u(), found.v());
    // In turns from the same place nothing better is found.
    Vector u = found.u(), v = found.v();
    for (int turn = 0; turn < 100; ++turn) {
      const Vector of_u = (-u).array().exp();
      for (Index j = 0; j < v.size(); ++j) v[j] = std::max(std::log(in.S.col(j).dot(of_u) / in.q[j]), in.least_v);
      const Vector of_v = (-v).array().exp();
      for (Index i = 0; i < u.size(); ++i) u[i] = std::max(std::log(in.S.row(i).dot(of_v) / in.p[i]), in.least_u);
    }
    EXPECT_GE(value_of(in, u, v), best - 1e-12 * (1 + std::abs(best))) << "seed " << seed;
  }
}

TEST(LogarithmsOfProducts, TheCheckFindsWhatIsWrong) {
  const Problem in = random_problem(1);
  LogarithmsOfProducts found(in.S, in.p, in.q, in.least_u, in.least_v);
  found.minimize(Vector::Zero(in.p.size()));
  Vector u = found.u();
  u[0] += 1e-3;
  EXPECT_GT(violation(in, u, found.v()), 1e-5);
}

}  // namespace
}  // namespace logarithms_of_products_test
