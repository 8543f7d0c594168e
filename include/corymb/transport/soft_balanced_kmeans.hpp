#pragma once

#include <corymb/partition/kmeans.hpp>
#include <corymb/transport/sinkhorn.hpp>

#include <cstdint>

CORYMB_BEGIN

struct SoftBalancedKMeansOptions {
  /// k shares > 0 of the rows, up to a factor: the sizes of the clusters; empty for equal ones.
  Vector sizes = {};
  /// Weight of the entropy as a share of the variance of X (mean squared distance of the rows to their mean), > 0.
  /// Smaller ones make harder memberships. In the units of X, epsilon is the 1 / α of the paper.
  double relative_epsilon = 0.05;
  KMeansInit init = KMeansInit::greedy_kmeans_plus_plus;
  int max_iterations = 100;  ///< moves of the centroids at most, ≥ 1
  /// Converged when the squared movements of all centroids add up to at most tolerance × the variance of X. ≥ 0
  double tolerance = 1e-6;
  double transport_tolerance = 1e-6;    ///< of each transport, see SinkhornOptions
  int transport_max_iterations = 1000;  ///< sweeps of each transport at most
  Vector weights = {};                  ///< one weight ≥ 0 per row, or empty for all one; w means w copies
  std::uint64_t seed = 0;
  Execution execution = {};
};

template <class T>
struct SoftBalancedKMeans {
  Labels labels;             ///< n: the largest membership, the lower cluster on ties
  RowMatrix<T> memberships;  ///< n × k, rows sum to one
  RowMatrix<T> centroids;    ///< k × d
  Vector sizes;  ///< k, weights of the clusters, in parts of rows: those asked for, up to transport.column_error
  SinkhornResult<T> transport;  ///< of the rows to the centroids, without its plan
  double objective = 0;         ///< Σ P ‖x − c‖² + ε Σ P (log P − 1) for rows of total mass one
  Status status = Status::converged;
  int iterations = 0;
};

/// Soft k-means with clusters of given sizes: alternates the entropic transport of the rows to the centroids, with the
/// sizes as masses (ECR, embedding clustering regularisation), and moving each centroid to the mean of what it
/// received. Both steps lower the objective.
///
/// For sizes that are met exactly by hard labels, see balanced_kmeans.
/// @param X  n × d, finite. Row-major memory is used in place, other layouts are copied once.
/// @param k  in [1, rows of positive weight]
/// @throws InvalidArgument  k or options out of range, an entry that is not finite, weights as in kmeans.
/// @throws MemoryLimitExceeded  the memberships would exceed execution.memory_limit.
/// @note Same bits for any number of threads and any storage order. Progress: stages "seeding" and "centroids".
/// @note Time O(iterations · sweeps · n k) and O(iterations · n k d); memory O(n k).
/// @see Wu, Dong, Nguyen and Luu (2023), Effective neural topic modeling with embedding clustering regularization, ICML
template <class Derived>
SoftBalancedKMeans<typename Derived::Scalar> soft_balanced_kmeans(const Eigen::DenseBase<Derived>& X, Index k,
                                                                  const SoftBalancedKMeansOptions& options = {});

/// The shares of new rows in the clusters, by the potentials of the fit: those of the rows of the fit are its
/// memberships. m × k.
template <class T, class Derived>
RowMatrix<T> predict_proba(const SoftBalancedKMeans<T>& model, const Eigen::DenseBase<Derived>& X_new,
                           const Execution& execution = {}) {
  return predict_proba(model.transport, point_costs(X_new, model.centroids, {.execution = execution}), execution);
}

/// The cluster of the largest share.
template <class T, class Derived>
Labels predict(const SoftBalancedKMeans<T>& model, const Eigen::DenseBase<Derived>& X_new,
               const Execution& execution = {}) {
  return predict(model.transport, point_costs(X_new, model.centroids, {.execution = execution}), execution);
}

CORYMB_END

#include <corymb/transport/detail/soft_balanced_kmeans_impl.hpp>
