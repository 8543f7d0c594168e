#pragma once

#include <corymb/core/types.hpp>
#include <corymb/mixture/detail/component_densities.hpp>

#include <cstddef>

CORYMB_BEGIN
namespace detail {

/// The sums over rows that an M step is made of. With r the weight of a row times its probability in a component, x'
/// its difference from a reference point of that component, and u = 1 or, of Student's t, the scale that the row is
/// expected to have: Σ r, Σ r u, Σ r u x' and Σ r u x' x'ᵀ (of all components together where they share a covariance;
/// along the axes its diagonal). The references lie in the midst of the rows, so nothing cancels when they are taken
/// from the second moments.
struct MixtureSums {
  MixtureSums() = default;
  MixtureSums(const CovarianceFamily& family, Index k, Index d, bool student)
      : weight(Vector::Zero(k)),
        scaled_weight(Vector::Zero(student ? k : 0)),
        tail(Vector::Zero(student ? k : 0)),
        first(Eigen::MatrixXd::Zero(padded(d), k)),
        second(Eigen::MatrixXd::Zero(padded(d) * (family.along_axes() ? 1 : padded(d)), family.count(k))) {}

  /// In doubles.
  static Index size(const CovarianceFamily& family, Index k, Index d) {
    return k * (padded(d) + 3) + padded(d) * (family.along_axes() ? 1 : padded(d)) * (family.count(k));
  }

  /// Σ r u.
  const Vector& masses() const { return tail.size() > 0 ? scaled_weight : weight; }

  /// The second moments of one component, or all: padded × padded of which the lower triangle counts, or padded × 1.
  Eigen::Map<Eigen::MatrixXd> second_of(std::size_t s) {
    return {second.col(static_cast<Index>(s)).data(), first.rows(), along_axes() ? 1 : first.rows()};
  }

  /// The same, d × d, symmetric; along the axes, d × 1.
  Eigen::MatrixXd second_moments(std::size_t s, Index d) const {
    const Eigen::Map<const Eigen::MatrixXd> all(second.col(static_cast<Index>(s)).data(), first.rows(),
                                                along_axes() ? 1 : first.rows());
    if (along_axes()) return all.topRows(d);
    Eigen::MatrixXd moments = all.topLeftCorner(d, d);
    moments.triangularView<Eigen::StrictlyUpper>() = moments.transpose();
    return moments;
  }

  bool along_axes() const { return second.rows() == first.rows(); }

  MixtureSums& operator+=(const MixtureSums& other) {
    first += other.first;
    second += other.second;
    add_but_moments(other);
    return *this;
  }

  /// Adds what does not depend on the columns.
  void add_but_moments(const MixtureSums& other) {
    weight += other.weight;
    scaled_weight += other.scaled_weight;
    tail += other.tail;
    noise += other.noise;
    log_likelihood += other.log_likelihood;
    classification_log_likelihood += other.classification_log_likelihood;
  }

  Vector weight;              // k: Σ r
  Vector scaled_weight;       // k: Σ r u; empty where all u are 1
  Vector tail;                // k: Σ r (E[log u] − u), which the degrees of freedom follow from; or empty
  Eigen::MatrixXd first;      // k columns, padded
  Eigen::MatrixXd second;     // a column for each covariance, see second_of()
  double noise = 0;           // Σ r of the noise
  double log_likelihood = 0;  // Σ w log of the density of a row
  double classification_log_likelihood = 0;  // Σ w of its largest term
};

}  // namespace detail
CORYMB_END
