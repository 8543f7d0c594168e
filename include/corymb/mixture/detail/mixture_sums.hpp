#pragma once

#include <corymb/core/types.hpp>
#include <corymb/mixture/detail/component_densities.hpp>

#include <cstddef>
#include <vector>

CORYMB_BEGIN
namespace detail {

/// The sums over rows that an M step is made of. With r the weight of a row times its probability in a component, and
/// x' its difference from a reference point of that component: Σ r, Σ r x' and, as the kind of covariance needs it,
/// Σ r x' x'ᵀ (tied: of all components together), Σ r x'², or Σ r ‖x'‖². The references lie in the midst of the
/// rows, so nothing cancels when they are taken from the second moments.
struct MixtureSums {
  MixtureSums() = default;
  MixtureSums(Covariance kind, Index k, Index d) : weight(Vector::Zero(k)), first(Eigen::MatrixXd::Zero(d, k)) {
    const Index rows = kind == Covariance::spherical ? 1 : d;
    second.assign(kind == Covariance::tied ? 1 : static_cast<std::size_t>(k),
                  Eigen::MatrixXd::Zero(rows, along_axes(kind) ? 1 : d));
  }

  /// In doubles.
  static Index size(Covariance kind, Index k, Index d) {
    return k * (d + 1) + (kind == Covariance::tied ? 1 : k) * (along_axes(kind) ? d : d * d);
  }

  /// Adds rows of component c.
  /// @param differences  d × rows
  /// @param r            rows
  /// @param scratch      d × rows
  void add(Covariance kind, Index c, const Eigen::MatrixXd& differences, const Eigen::ArrayXd& r,
           Eigen::MatrixXd& scratch) {
    Eigen::MatrixXd& moments = second[covariance_of(kind, c)];
    weight[c] += r.sum();
    scratch = differences.array().rowwise() * r.transpose();
    first.col(c) += scratch.rowwise().sum();
    switch (kind) {
      case Covariance::full:
      case Covariance::tied:
        moments.template triangularView<Eigen::Lower>() += scratch * differences.transpose();
        break;
      case Covariance::diagonal: moments.col(0) += scratch.cwiseProduct(differences).rowwise().sum(); break;
      case Covariance::spherical: moments(0, 0) += scratch.cwiseProduct(differences).sum(); break;
    }
  }

  MixtureSums& operator+=(const MixtureSums& other) {
    weight += other.weight;
    first += other.first;
    for (std::size_t s = 0; s < second.size(); ++s) second[s] += other.second[s];
    log_likelihood += other.log_likelihood;
    classification_log_likelihood += other.classification_log_likelihood;
    return *this;
  }

  Vector weight;                             // k
  Eigen::MatrixXd first;                     // d × k
  std::vector<Eigen::MatrixXd> second;       // as the covariances; of matrices only the lower triangle
  double log_likelihood = 0;                 // Σ w log of the density of a row
  double classification_log_likelihood = 0;  // Σ w of its largest term
};

}  // namespace detail
CORYMB_END
