#pragma once

#include <corymb/core/types.hpp>
#include <corymb/mixture/detail/component_densities.hpp>

#include <cstddef>

CORYMB_BEGIN
namespace detail {

/// The sums over rows that an M step is made of. With r the weight of a row times its probability in a component, and
/// x' its difference from a reference point of that component: Σ r, Σ r x' and Σ r x' x'ᵀ (of all components
/// together where they share a covariance; along the axes its diagonal). The references lie in the midst of the rows,
/// so nothing cancels when they are taken from the second moments.
struct MixtureSums {
  MixtureSums() = default;
  MixtureSums(const CovarianceFamily& family, Index k, Index d)
      : weight(Vector::Zero(k)),
        first(Eigen::MatrixXd::Zero(padded(d), k)),
        second(Eigen::MatrixXd::Zero(padded(d) * (family.along_axes() ? 1 : padded(d)), family.count(k))) {}

  /// In doubles.
  static Index size(const CovarianceFamily& family, Index k, Index d) {
    return k * (padded(d) + 1) + padded(d) * (family.along_axes() ? 1 : padded(d)) * (family.count(k));
  }

  /// Of one component, or all: d × d, symmetric; along the axes, d × 1.
  Eigen::MatrixXd second_moments(std::size_t s, Index d) const {
    const Eigen::Map<const Eigen::MatrixXd> all(second.col(static_cast<Index>(s)).data(), first.rows(),
                                                second.rows() / first.rows());
    if (all.cols() == 1) return all.topRows(d);
    Eigen::MatrixXd moments = all.topLeftCorner(d, d);
    moments.triangularView<Eigen::StrictlyUpper>() = moments.transpose();
    return moments;
  }

  MixtureSums& operator+=(const MixtureSums& other) {
    weight += other.weight;
    first += other.first;
    second += other.second;
    noise += other.noise;
    log_likelihood += other.log_likelihood;
    classification_log_likelihood += other.classification_log_likelihood;
    return *this;
  }

  Vector weight;                             // k
  Eigen::MatrixXd first;                     // k columns, padded
  Eigen::MatrixXd second;                    // by covariance a column: padded × padded of which the lower triangle
                                             // counts, or padded
  double noise = 0;                          // Σ r of the noise
  double log_likelihood = 0;                 // Σ w log of the density of a row
  double classification_log_likelihood = 0;  // Σ w of its largest term
};

}  // namespace detail
CORYMB_END
