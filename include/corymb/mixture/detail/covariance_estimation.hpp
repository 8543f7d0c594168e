#pragma once

#include <corymb/core/linalg.hpp>
#include <corymb/mixture/detail/axis_variances.hpp>
#include <corymb/mixture/detail/common_axes.hpp>
#include <corymb/mixture/detail/covariance_families.hpp>

#include <Eigen/Cholesky>
#include <Eigen/Eigenvalues>

#include <algorithm>
#include <cstddef>
#include <limits>
#include <utility>
#include <vector>

CORYMB_BEGIN
namespace detail {

/// The matrix nearest to S in likelihood that has no eigenvalue below `floor`: of all Σ ⪰ floor · I it minimises
/// log |Σ| + tr(Σ⁻¹ S). That is S with its lower eigenvalues raised. Returns whether any was.
inline bool raise_eigenvalues(Eigen::MatrixXd& S, double floor) {
  const Index d = S.rows();
  return one_thread([&] {
    const Eigen::LLT<Eigen::MatrixXd> above(S - floor * Eigen::MatrixXd::Identity(d, d));
    if (above.info() == Eigen::Success) return false;
    const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> eigen(S);
    const Vector raised = eigen.eigenvalues().cwiseMax(floor);
    S.noalias() = eigen.eigenvectors() * raised.asDiagonal() * eigen.eigenvectors().transpose();
    S = (0.5 * (S + S.transpose())).eval();
    return true;
  });
}

/// The same for variances along the axes.
inline bool raise_variances(Eigen::MatrixXd& variances, double floor) {
  const bool raised = variances.minCoeff() < floor;
  variances = variances.cwiseMax(floor);
  return raised;
}

/// Either of them, as the family stores its covariances.
inline bool raise_to_floor(const CovarianceFamily& family, Eigen::MatrixXd& S, double floor) {
  return family.along_axes() ? raise_variances(S, floor) : raise_eigenvalues(S, floor);
}

/// The most likely covariances of a family. Volumes and shapes are a matter of the variances along the axes of each
/// component (axis_variances.hpp), wherever these lie: the axes of the data, the eigenvectors of each scatter matrix,
/// or common ones that are turned in turns with the variances.
class CovarianceEstimator {
 public:
  /// @param range  of the variances, in multiples of the units where the family is free of units
  /// @param units  d: of the columns
  CovarianceEstimator(Covariance covariance, const VarianceRange& range, const Vector& units)
      : family_(family_of(covariance)), range_(range), units_(units) {
    if (!family_.is_free_of_units()) units_.setOnes();
  }

  /// @param weight   by component, Σ r ≥ 0
  /// @param scatter  as the covariances are stored, Σ r x' x'ᵀ of differences from the means (its trace in spherical
  ///                 families)
  /// @param model    its covariances, and whether they are at the floor
  void estimate(const Vector& weight, std::vector<Eigen::MatrixXd> scatter, GaussianMixture& model) {
    for (Eigen::MatrixXd& W : scatter) multiply_units(W, -1);
    if (family_.shared() || family_.independent()) {
      for (std::size_t s = 0; s < scatter.size(); ++s) {
        const double share = family_.shared() ? weight.sum() : weight[static_cast<Index>(s)];
        if (!(share > 0)) continue;
        scatter[s] /= family_.spherical() ? share * static_cast<double>(model.means.cols()) : share;
        model.floored[s] = raise_to_floor(family_, scatter[s], range_.least);
        multiply_units(scatter[s], 1);
        model.covariances[s] = std::move(scatter[s]);
      }
      return;
    }
    one_thread([&] { decompose(weight, std::move(scatter), model); });
  }

  /// Goes on from covariances of the family, so that the next ones are no less likely. Raises them to the floor.
  /// @return  whether each was raised
  std::vector<bool> start_from(std::vector<Eigen::MatrixXd>& covariances) {
    std::vector<bool> raised;
    for (Eigen::MatrixXd& S : covariances) {
      multiply_units(S, -1);
      raised.push_back(raise_to_floor(family_, S, range_.least));
    }
    keep_common_axes(covariances);
    for (Eigen::MatrixXd& S : covariances) multiply_units(S, 1);
    return raised;
  }

 private:
  /// Covariances times the units, or divided by them.
  void multiply_units(Eigen::MatrixXd& S, int power) const {
    if (family_.spherical()) return;
    const Eigen::ArrayXd factor = units_.array().pow(power);
    if (family_.along_axes())
      S.col(0).array() *= factor.square();
    else
      S = factor.matrix().asDiagonal() * S * factor.matrix().asDiagonal();
  }

  void keep_common_axes(const std::vector<Eigen::MatrixXd>& covariances) {
    if (family_.orientation != CovarianceFamily::Orientation::equal || family_.shared()) return;
    one_thread([&] { find_common_axes(Vector::Ones(static_cast<Index>(covariances.size())), covariances); });
  }

  Eigen::MatrixXd variances(const Vector& weight, const Eigen::MatrixXd& scatter) const {
    if (family_.shape == CovarianceFamily::Shape::varying)
      return family_.volumes_vary ? free_variances(weight, scatter, range_.least)
                                  : variances_of_equal_volume(weight, scatter, range_);
    return family_.volumes_vary ? variances_of_equal_shape(weight, scatter, range_.least)
                                : equal_variances(weight, scatter, range_.least);
  }

  void decompose(const Vector& weight, std::vector<Eigen::MatrixXd> scatter, GaussianMixture& model) {
    const Index k = weight.size(), d = model.means.cols();
    Eigen::MatrixXd found, along(d, k);
    std::vector<Eigen::MatrixXd> axes;  // by component
    switch (family_.orientation) {
      case CovarianceFamily::Orientation::axes:
        for (Index c = 0; c < k; ++c) along.col(c) = scatter[static_cast<std::size_t>(c)].cwiseMax(0);
        found = variances(weight, along);
        break;
      case CovarianceFamily::Orientation::varying:
        for (Index c = 0; c < k; ++c) {
          const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> eigen(scatter[static_cast<std::size_t>(c)]);
          along.col(c) = eigen.eigenvalues().cwiseMax(0);
          axes.push_back(eigen.eigenvectors());
        }
        found = variances(weight, along);
        break;
      case CovarianceFamily::Orientation::equal:
        found = find_common_axes(weight, std::move(scatter));
        axes.assign(static_cast<std::size_t>(k), common_axes_);
        break;
    }
    for (Index c = 0; c < k; ++c) {
      const std::size_t s = static_cast<std::size_t>(c);
      model.floored[s] = at_an_end(found.col(c));
      model.covariances[s] = found.col(c);
      if (axes.empty()) {
        multiply_units(model.covariances[s], 1);
        continue;
      }
      // A matrix cannot hold what is smaller than the rounding of its largest entries.
      const double resolution = 4 * static_cast<double>(d) * std::numeric_limits<double>::epsilon();
      const Vector held = found.col(c).cwiseMax(resolution * found.col(c).maxCoeff());
      const Eigen::MatrixXd full = axes[s] * held.asDiagonal() * axes[s].transpose();
      model.covariances[s] = 0.5 * (full + full.transpose());
      multiply_units(model.covariances[s], 1);
    }
  }

  /// But for rounding: they are found by logarithms.
  bool at_an_end(const Vector& variances) const {
    constexpr double rounding = 1e-12;
    return variances.minCoeff() <= range_.least * (1 + rounding) ||
           variances.maxCoeff() >= range_.most * (1 - rounding);
  }

  /// Returns the variances along them.
  Eigen::MatrixXd find_common_axes(const Vector& weight, std::vector<Eigen::MatrixXd> scatter) {
    constexpr int most_turns = 200;
    const Index d = scatter[0].rows();
    if (common_axes_.size() == 0) {
      Eigen::MatrixXd pooled = Eigen::MatrixXd::Zero(d, d);
      for (const Eigen::MatrixXd& W : scatter) pooled += W;
      common_axes_ = Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd>(pooled).eigenvectors();
    }
    for (Eigen::MatrixXd& W : scatter) W = (common_axes_.transpose() * W * common_axes_).eval();
    Eigen::MatrixXd along(d, weight.size()), found;
    for (int turn = 0;; ++turn) {
      for (Index c = 0; c < weight.size(); ++c)
        along.col(c) = scatter[static_cast<std::size_t>(c)].diagonal().cwiseMax(0);
      found = variances(weight, along);
      if (turn == most_turns || turn_common_axes(weight, found, scatter, common_axes_) <= 1e-10) return found;
    }
  }

  const CovarianceFamily family_;
  const VarianceRange range_;
  Vector units_;
  Eigen::MatrixXd common_axes_;  // of the last estimate, where orientations are equal
};

/// The estimator under a floor relative to the variances of the columns, or to the least of them where all directions
/// count alike.
/// @param variances  of the columns, > 0
inline CovarianceEstimator estimator_above(double floor, Covariance covariance, const Vector& variances) {
  const bool free_of_units = family_of(covariance).is_free_of_units();
  const double unit = free_of_units ? 1.0 : variances.minCoeff(), typical = free_of_units ? 1.0 : variances.mean();
  return {covariance, {floor * unit, std::max(1e12 * floor * unit, 1e6 * typical)}, variances.cwiseSqrt()};
}

}  // namespace detail
CORYMB_END
