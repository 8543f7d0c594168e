#pragma once

#include <corymb/core/execution.hpp>
#include <corymb/core/types.hpp>
#include <corymb/partition/kmeans.hpp>

#include <cstdint>
#include <vector>

CORYMB_BEGIN

struct BalancedKMeansOptions {
  /// Rows of each cluster at least, and at most: one number for all clusters, or k of them, ≥ 0. Where both are empty,
  /// the clusters are as equal as can be: ⌊n/k⌋ to ⌈n/k⌉ rows each. Where one is, there is no such bound.
  std::vector<Index> min_size = {};
  std::vector<Index> max_size = {};
  /// First centroids, unless initial_rows or initial centroids are given.
  KMeansInit init = KMeansInit::greedy_kmeans_plus_plus;
  /// k row numbers (from 0, different) to start from, instead of init.
  std::vector<Index> initial_rows = {};
  /// Independent runs, ≥ 1; the one of lowest inertia is returned, the earlier one on ties. Costs that many times the
  /// time. Must be 1 where the start is given.
  int restarts = 1;
  /// Iterations of a run at most, ≥ 1. One iteration assigns all points and moves all centroids.
  int max_iterations = 300;
  /// A run has converged when the squared movements of all centroids add up to at most tolerance × the mean variance of
  /// the columns, or when no label changes. ≥ 0; 0 waits for the labels to settle.
  double tolerance = 1e-4;
  /// Same seed, same result, for any number of threads.
  std::uint64_t seed = 0;
  Execution execution = {};
};

/// The result is the model: predict and transform take it.
template <class T>
struct BalancedKMeansResult {
  Labels labels;                                  ///< n, in [0, k)
  RowMatrix<T> centroids;                         ///< k × d
  Eigen::Matrix<Index, Eigen::Dynamic, 1> sizes;  ///< k, within the bounds, always
  /// k, squared units of X: the label of each row is that of the least squared distance − price. What it is worth that
  /// a cluster may have one row more: > 0 only for clusters of the least size, < 0 only for those of the greatest.
  Vector prices;
  double inertia = 0;  ///< Σ ‖x_i − centroid of its label‖², squared units of X
  Status status = Status::converged;
  int iterations = 0;           ///< of the returned run
  int restart = 0;              ///< which run is returned, from 0
  std::vector<double> history;  ///< inertia of each iteration's assignment, before its centroids moved; never rises
};

/// k-means with clusters of bounded sizes: a local minimum of the inertia Σ ‖x_i − c_label(i)‖² among all labellings
/// whose clusters have as many rows as they should. Assigns the rows within the bounds at the least inertia (exactly:
/// see capacity_assignment), moves each centroid to the mean of its rows, and so on.
///
/// @param X  n × d, one point per row; finite. Row-major memory is used in place, other layouts are copied once. Rows
///           have no weights.
/// @param k  number of clusters, 1 ≤ k ≤ n.
/// @return   sizes are within their bounds, and labels are the best such for the centroids, always. Where the run
///           converged because no label changed, each centroid is the mean of its points. A cluster without rows, where
///           min_size is 0, keeps its centroid. After a cancellation labels and centroids are those of the last
///           complete assignment.
/// @throws InvalidArgument  before any work: k out of range, bounds that n rows cannot meet, an entry of X that is not
///         finite or so large that squared distances overflow, options out of range.
/// @throws MemoryLimitExceeded  the working memory would exceed execution.memory_limit.
/// @throws Cancelled  the progress callback asked to stop before there was a complete assignment.
/// @note Same bits for any number of threads and any storage order of X. Stage names for progress: "seeding";
/// "augment",
///       the moves of one assignment; "balancing", the iterations, with the inertia as objective.
/// @note Time per iteration O(n k d), and what capacity_assignment takes to move rows; it starts from the prices of the
///       iteration before. Memory 33 bytes a row and at most some 160 k² or 64 n bytes more, beyond X and seeding.
/// @see Bradley, Bennett and Demiriz (2000), Constrained k-means clustering, MSR-TR-2000-65.
template <class Derived>
BalancedKMeansResult<typename Derived::Scalar> balanced_kmeans(const Eigen::DenseBase<Derived>& X, Index k,
                                                               const BalancedKMeansOptions& options = {});

/// The same from given centroids, k × d; k is their number of rows.
template <class Derived, class DerivedC>
BalancedKMeansResult<typename Derived::Scalar> balanced_kmeans(const Eigen::DenseBase<Derived>& X,
                                                               const Eigen::DenseBase<DerivedC>& initial_centroids,
                                                               const BalancedKMeansOptions& options = {});

/// The cluster of the least squared distance − price for each row of X_new (m × d), the lowest on ties: where the rows
/// of the fit would have gone, whatever the sizes that leads to. For those rows themselves these are their labels,
/// except where another cluster is as good: some rows at the borders always are, at most some k in general, more where
/// points are equal. Time O(m k d).
template <class T, class Derived>
Labels predict(const BalancedKMeansResult<T>& model, const Eigen::DenseBase<Derived>& X_new,
               const Execution& execution = {});

/// Euclidean distances of each row of X_new (m × d) to all centroids: m × k.
template <class T, class Derived>
RowMatrix<T> transform(const BalancedKMeansResult<T>& model, const Eigen::DenseBase<Derived>& X_new,
                       const Execution& execution = {});

CORYMB_END

#include <corymb/transport/detail/balanced_kmeans_impl.hpp>
