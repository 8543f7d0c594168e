#include <corymb/core/random.hpp>
#include <corymb/mixture/detail/covariance_estimation.hpp>

#include <gtest/gtest.h>

#include <Eigen/Eigenvalues>
#include <Eigen/QR>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <string>
#include <vector>

#include "support/matrices.hpp"
#include "support/mixture_oracle.hpp"

// The M step of each family against its definition: the estimate is of the family, and no other member of it near by is
// more likely.

namespace covariance_estimation_test {
namespace {

using namespace corymb;
using namespace corymb_test;
using detail::CovarianceFamily;

/// Covariances written out, by what their family ties together.
struct Parts {
  Vector log_volumes;                 // k
  Eigen::MatrixXd log_shapes;         // d × k, columns with sum 0, in the order of the axes
  std::vector<Eigen::MatrixXd> axes;  // k

  std::vector<Eigen::MatrixXd> covariances() const {
    std::vector<Eigen::MatrixXd> result;
    for (Index c = 0; c < log_volumes.size(); ++c) {
      const Eigen::MatrixXd& D = axes[static_cast<std::size_t>(c)];
      result.push_back(D * (log_shapes.col(c).array() + log_volumes[c]).exp().matrix().asDiagonal() * D.transpose());
    }
    return result;
  }
};

/// Takes covariances apart, or says why they are none of the family.
std::string take_apart(const std::vector<Eigen::MatrixXd>& covariances, const CovarianceFamily& family, Parts& parts) {
  constexpr double tolerance = 1e-6;
  const Index k = static_cast<Index>(covariances.size()), d = covariances[0].rows();
  parts = {Vector(k), Eigen::MatrixXd(d, k), {}};
  Eigen::MatrixXd common = Eigen::MatrixXd::Identity(d, d);
  if (family.orientation == CovarianceFamily::Orientation::equal) {
    // Generic weights: axes are shared by all, whatever ties one of them has.
    Eigen::MatrixXd sum = Eigen::MatrixXd::Zero(d, d);
    for (Index c = 0; c < k; ++c) sum += (1 + 0.37 * static_cast<double>(c)) * covariances[static_cast<std::size_t>(c)];
    common = Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd>(sum).eigenvectors();
  }
  for (Index c = 0; c < k; ++c) {
    const Eigen::MatrixXd& S = covariances[static_cast<std::size_t>(c)];
    const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> eigen(S);
    const bool own = family.orientation == CovarianceFamily::Orientation::varying;
    const Eigen::MatrixXd D = own ? eigen.eigenvectors() : common;
    const Eigen::MatrixXd turned = D.transpose() * S * D;
    if ((turned - Eigen::MatrixXd(turned.diagonal().asDiagonal())).norm() > tolerance * turned.norm()) return "axes";
    const Vector logs = turned.diagonal().array().log();
    parts.log_volumes[c] = logs.mean();
    parts.log_shapes.col(c) = logs.array() - logs.mean();
    parts.axes.push_back(D);
    if (!family.volumes_vary && std::abs(parts.log_volumes[c] - parts.log_volumes[0]) > tolerance) return "volume";
    if (family.spherical() && parts.log_shapes.col(c).norm() > tolerance) return "sphere";
    if (family.shape == CovarianceFamily::Shape::equal &&
        (parts.log_shapes.col(c) - parts.log_shapes.col(0)).norm() > tolerance)
      return "shape";
  }
  return "";
}

/// Another member of the family near by.
Parts moved(const Parts& from, const CovarianceFamily& family, double by, Random& random) {
  Parts to = from;
  const Index k = from.log_volumes.size(), d = from.log_shapes.rows();
  const auto turn = [&] {
    const Eigen::MatrixXd any = by * normal_matrix<double>(random, d, d);
    const Eigen::MatrixXd skew = any - any.transpose(), one = Eigen::MatrixXd::Identity(d, d);
    return Eigen::MatrixXd((one - skew).partialPivLu().solve(one + skew));  // Cayley: orthogonal
  };
  const Eigen::MatrixXd common_turn = turn();
  const Vector common_shape = by * normal_matrix<double>(random, d, 1);
  const double common_volume = by * random.normal();
  for (Index c = 0; c < k; ++c) {
    to.log_volumes[c] += family.volumes_vary ? by * random.normal() : common_volume;
    Vector shape = Vector::Zero(d);
    if (family.shape == CovarianceFamily::Shape::equal) shape = common_shape;
    if (family.shape == CovarianceFamily::Shape::varying) shape = by * normal_matrix<double>(random, d, 1);
    to.log_shapes.col(c).array() += shape.array() - shape.mean();
    Eigen::MatrixXd& D = to.axes[static_cast<std::size_t>(c)];
    if (family.orientation == CovarianceFamily::Orientation::equal) D = common_turn * D;
    if (family.orientation == CovarianceFamily::Orientation::varying) D = turn() * D;
  }
  return to;
}

/// Σ_c n_c log |Σ_c| + tr(Σ_c⁻¹ W_c): the less the likelier.
double deviance(const Vector& weight, const std::vector<Eigen::MatrixXd>& scatter,
                const std::vector<Eigen::MatrixXd>& covariances) {
  double sum = 0;
  for (Index c = 0; c < weight.size(); ++c) {
    if (!(weight[c] > 0)) continue;
    const Eigen::LLT<Eigen::MatrixXd> factor(covariances[static_cast<std::size_t>(c)]);
    sum += 2 * weight[c] * factor.matrixLLT().diagonal().array().log().sum() +
           factor.solve(scatter[static_cast<std::size_t>(c)]).trace();
  }
  return sum;
}

double least_eigenvalue(const std::vector<Eigen::MatrixXd>& covariances) {
  double least = std::numeric_limits<double>::infinity();
  for (const Eigen::MatrixXd& S : covariances)
    least = std::min(least, Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd>(S).eigenvalues()[0]);
  return least;
}

struct Instance {
  Vector weight;
  std::vector<Eigen::MatrixXd> scatter;
};

/// @param flat  some directions without extent
Instance random_instance(Random& random, Index d, Index k, bool flat) {
  Instance in{Vector(k), {}};
  for (Index c = 0; c < k; ++c) {
    in.weight[c] = 1 + 10 * random.uniform();
    const Index rank = flat ? 1 + random.below(d) : d;
    const Eigen::MatrixXd A = normal_matrix<double>(random, d, rank);
    in.scatter.push_back(in.weight[c] * (A * A.transpose()) + (flat ? 0.0 : 0.1) * Eigen::MatrixXd::Identity(d, d));
  }
  return in;
}

/// The estimate, written out.
std::vector<Eigen::MatrixXd> estimate(const Instance& in, Covariance covariance, double floor) {
  const CovarianceFamily family = detail::family_of(covariance);
  const Index k = in.weight.size(), d = in.scatter[0].rows();
  std::vector<Eigen::MatrixXd> stored;
  for (const Eigen::MatrixXd& W : in.scatter) {
    Eigen::MatrixXd form = W;
    if (family.along_axes()) form = W.diagonal();
    if (family.spherical()) form = Eigen::MatrixXd::Constant(1, 1, W.trace());
    if (family.shared() && !stored.empty())
      stored[0] += form;
    else
      stored.push_back(form);
  }
  GaussianMixture model;
  model.covariance = covariance;
  model.means = RowMatrix<double>::Zero(k, d);
  model.covariances.resize(stored.size());
  model.floored.resize(stored.size());
  detail::CovarianceEstimator(covariance, {floor, 1e12}, Vector::Ones(d)).estimate(in.weight, stored, model);
  std::vector<Eigen::MatrixXd> result;
  for (Index c = 0; c < k; ++c) result.push_back(whole_covariance(model, c));
  return result;
}

TEST(CovarianceEstimation, NoMemberOfTheFamilyNearByIsLikelier) {
  for (std::uint64_t seed = 0; seed < 60; ++seed)
    for (const Covariance covariance : all_covariances) {
      Random random(seed, {97});
      const CovarianceFamily family = detail::family_of(covariance);
      const Index d = 2 + random.below(4), k = 1 + random.below(4);
      const bool flat = seed % 3 == 0;
      const double floor = flat ? 0.05 : 1e-9;
      const Instance in = random_instance(random, d, k, flat);
      const std::vector<Eigen::MatrixXd> found = estimate(in, covariance, floor);
      Parts parts;
      ASSERT_EQ(take_apart(found, family, parts), "") << "seed " << seed << ", family " << static_cast<int>(covariance);
      ASSERT_GE(least_eigenvalue(found), floor * (1 - 1e-9));
      const double best = deviance(in.weight, in.scatter, found);
      for (const double by : {1e-4, 1e-3, 1e-2, 0.1, 0.5})
        for (int trial = 0; trial < 20; ++trial) {
          const std::vector<Eigen::MatrixXd> other = moved(parts, family, by, random).covariances();
          if (least_eigenvalue(other) < floor) continue;
          // Common axes are sought from a start: only near by is there nothing better.
          if (by > 0.05 && family.orientation == CovarianceFamily::Orientation::equal) continue;
          ASSERT_GE(deviance(in.weight, in.scatter, other), best - 1e-9 * (1 + std::abs(best)))
              << "seed " << seed << ", family " << static_cast<int>(covariance) << ", moved by " << by;
        }
    }
}

TEST(CovarianceEstimation, TheCheckFindsWhatIsWrong) {
  Random random(1);
  const Instance in = random_instance(random, 3, 3, false);
  Parts parts;
  EXPECT_EQ(take_apart(estimate(in, Covariance::vvv, 1e-9), detail::family_of(Covariance::evv), parts), "volume");
  EXPECT_EQ(take_apart(estimate(in, Covariance::vvv, 1e-9), detail::family_of(Covariance::vev), parts), "shape");
  EXPECT_EQ(take_apart(estimate(in, Covariance::vvv, 1e-9), detail::family_of(Covariance::vve), parts), "axes");
  EXPECT_EQ(take_apart(estimate(in, Covariance::vvi, 1e-9), detail::family_of(Covariance::vii), parts), "sphere");
  // What is best for other scatter is not for this one.
  const Instance other = random_instance(random, 3, 3, false);
  for (const Covariance covariance : all_covariances)
    EXPECT_GT(deviance(in.weight, in.scatter, estimate({in.weight, other.scatter}, covariance, 1e-9)),
              deviance(in.weight, in.scatter, estimate(in, covariance, 1e-9)));
}

TEST(CovarianceEstimation, EmptyComponentsFitIn) {
  Random random(2);
  Instance in = random_instance(random, 3, 3, false);
  in.weight[0] = 0;
  in.scatter[0].setZero();
  for (const Covariance covariance : all_covariances) {
    if (detail::family_of(covariance).independent()) continue;  // they keep what they have
    Parts parts;
    EXPECT_EQ(take_apart(estimate(in, covariance, 1e-9), detail::family_of(covariance), parts), "")
        << static_cast<int>(covariance);
  }
}

}  // namespace
}  // namespace covariance_estimation_test
