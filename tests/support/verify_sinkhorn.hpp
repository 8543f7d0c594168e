#pragma once

#include <corymb/transport/sinkhorn.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>

// What makes a plan the solution, whatever way it was found: the problem is convex, so these conditions suffice.
namespace corymb_test {

struct TransportProblemToVerify {
  Eigen::MatrixXd cost;
  corymb::Vector row_mass, column_mass;  // given or meant
  corymb::SinkhornOptions options;
};

namespace verify_sinkhorn_detail {

using corymb::Index;
using corymb::Vector;

/// Empty if entry i of a side satisfies what its constraint demands of mass and potential, up to `slack`.
inline std::string violation(const corymb::MassConstraint& constraint, const Vector& given, Index i, double mass,
                             double potential, double slack) {
  const double a = given[i];
  const auto differs = [&](double target) { return std::abs(mass - target) > slack; };
  if (!(a > 0) || std::isinf(potential)) return differs(0) ? "an entry without mass has some" : "";
  if (const auto* relaxed = std::get_if<corymb::RelaxedMass>(&constraint)) {
    const double strength = relaxed->strengths.size() > 0 ? relaxed->strengths[i] : relaxed->strength;
    if (strength == 0) return potential != 0 ? "a free entry has a potential" : "";
    if (std::isinf(strength)) return differs(a) ? "an exact mass is missed" : "";
    return differs(a * std::exp(-potential / strength)) ? "a relaxed mass is not where its potential puts it" : "";
  }
  if (const auto* bounded = std::get_if<corymb::BoundedMass>(&constraint)) {
    const double lower = bounded->lower.size() > 0 ? bounded->lower[i] : 0;
    if (mass > a + slack || mass < lower - slack) return "a bound is violated";
    if (potential > 0 && differs(lower)) return "a potential above 0 leaves more than the least";
    if (potential < 0 && differs(a)) return "a potential below 0 leaves less than the most";
    return "";
  }
  if (std::holds_alternative<corymb::FreeMass>(constraint)) return potential != 0 ? "a free entry has a potential" : "";
  return differs(a) ? "an exact mass is missed" : "";
}

}  // namespace verify_sinkhorn_detail

/// @param slack  of all masses together, and relative for entries of the plan
template <class T>
::testing::AssertionResult verify_sinkhorn(const corymb::SinkhornResult<T>& result,
                                           const TransportProblemToVerify& problem, double slack,
                                           double relative = sizeof(T) == 4 ? 1e-4 : 1e-9) {
  using namespace verify_sinkhorn_detail;
  const Index n = problem.cost.rows(), k = problem.cost.cols();
  const auto fail = [](const std::string& what) { return ::testing::AssertionFailure() << what; };
  if (result.plan.rows() != n || result.plan.cols() != k) return fail("the plan has another size");
  if (result.row_potential.size() != n || result.column_potential.size() != k) return fail("sizes of potentials");
  if (result.epsilon != problem.options.epsilon) return fail("another epsilon");
  double cost = 0, entropy = 0;
  for (Index i = 0; i < n; ++i)
    for (Index j = 0; j < k; ++j) {
      const double p = static_cast<double>(result.plan(i, j)), c = problem.cost(i, j);
      const double f = result.row_potential[i], g = result.column_potential[j];
      const double expected = std::isinf(c) || std::isinf(f) || std::isinf(g)
                                  ? 0
                                  : std::exp((f + g + result.mass_potential - c) / result.epsilon);
      if (!(std::abs(p - expected) <= relative * expected + 1e-300))
        return fail("entry (" + std::to_string(i) + ", " + std::to_string(j) + ") is " + std::to_string(p) +
                    ", the potentials give " + std::to_string(expected));
      if (p > 0) {
        cost += p * c;
        entropy += p * (std::log(p) - 1);
      }
    }
  const Vector rows = result.plan.template cast<double>().rowwise().sum();
  const Vector columns = result.plan.template cast<double>().colwise().sum();
  for (Index i = 0; i < n; ++i) {
    const auto what = violation(problem.options.rows, problem.row_mass, i, rows[i], result.row_potential[i], slack);
    if (!what.empty()) return fail("row " + std::to_string(i) + ": " + what);
  }
  for (Index j = 0; j < k; ++j) {
    const auto what =
        violation(problem.options.columns, problem.column_mass, j, columns[j], result.column_potential[j], slack);
    if (!what.empty()) return fail("column " + std::to_string(j) + ": " + what);
  }
  const double total = rows.sum();
  if (problem.options.total_mass) {
    if (std::abs(total - *problem.options.total_mass) > slack) return fail("the total mass is missed");
  } else if (result.mass_potential != 0) {
    return fail("a potential of a total mass that was not asked for");
  }
  if (!((result.row_mass - rows).cwiseAbs().sum() <= 1e-5 * total) ||
      !((result.column_mass - columns).cwiseAbs().sum() <= 1e-5 * total))
    return fail("the masses reported are not those of the plan");
  const double scale = std::abs(cost) + result.epsilon * std::abs(entropy) + 1e-300;
  if (std::abs(result.cost - cost) > relative * scale) return fail("another cost than reported");
  // Strong duality.
  const double largest =
      std::max(result.row_potential.array().isFinite().select(result.row_potential.array(), 0).abs().maxCoeff(),
               result.column_potential.array().isFinite().select(result.column_potential.array(), 0).abs().maxCoeff());
  if (!(std::abs(result.objective - result.dual_value) <=
        relative * scale * 10 + slack * (largest + result.epsilon) * 4))
    return fail("objective " + std::to_string(result.objective) + ", dual value " + std::to_string(result.dual_value));
  return ::testing::AssertionSuccess();
}

}  // namespace corymb_test
