#pragma once

#include <corymb/core/execution.hpp>
#include <corymb/core/types.hpp>
#include <corymb/partition/kmeans.hpp>

#include <cstdint>
#include <vector>

CORYMB_BEGIN

/// Which cluster bisecting k-means splits next; the lower label on ties.
enum class BisectNext {
  largest_inertia,  ///< lowers the inertia where there is most of it
  largest_size,     ///< largest weight: clusters of more even sizes
};

struct BisectingKMeansOptions {
  BisectNext next = BisectNext::largest_inertia;
  /// First centroids of each split.
  KMeansInit init = KMeansInit::greedy_kmeans_plus_plus;
  /// Independent runs of each split, ≥ 1; the one of lowest inertia is taken.
  int restarts = 1;
  /// Iterations of a run of a split at most, ≥ 1.
  int max_iterations = 300;
  /// Of each split, as in KMeansOptions: relative to the mean variance of the columns of the cluster. ≥ 0.
  double tolerance = 1e-4;
  /// One weight ≥ 0 per row, or empty for all one. A weight w means w copies of the row; 0 means that the row is
  /// absent, though it still gets a label.
  Vector weights = {};
  /// Same seed, same result, for any number of threads.
  std::uint64_t seed = 0;
  Execution execution = {};
};

/// A cluster of the hierarchy: a leaf, or one that was split in two.
struct BisectingNode {
  Index parent = -1;        ///< −1 for the root, node 0
  Index left = -1;          ///< −1 for a leaf; the other child is left + 1
  std::int32_t label = -1;  ///< of a leaf, else −1
  double size = 0;          ///< weight of the rows; without weights their number
  double inertia = 0;       ///< Σ w_i ‖x_i − centroid of the node‖²
};

/// The result is the model: predict and transform take it. Nodes are numbered as they arise: split s (from 0) made
/// nodes 2 s + 1 and 2 s + 2, and gave the label s + 1 to the right one, while the left one kept the label of its
/// parent. So the first 2 m − 1 nodes are the result for m clusters.
template <class T>
struct BisectingKMeansResult {
  Labels labels;                      ///< n, in [0, k)
  RowMatrix<T> centroids;             ///< k × d, of the leaves, by label
  Vector sizes;                       ///< k, the weight of each cluster
  double inertia = 0;                 ///< Σ of the inertias of the clusters, squared units of X
  Status status = Status::converged;  ///< iteration_limit if a split reached it
  std::vector<BisectingNode> nodes;   ///< 2 k − 1
  RowMatrix<T> node_centroids;        ///< (2 k − 1) × d
};

/// Bisecting k-means: starts from one cluster and splits one in two by k-means, k − 1 times. Gives a hierarchy, a
/// result for every smaller number of clusters at once (see cut), and clusters of more even sizes than k-means; needs
/// about log₂ k passes instead of the factor k of k-means.
///
/// @param X  n × d, one point per row; finite. Row-major memory is used in place, other layouts are copied once.
/// @param k  number of clusters, 1 ≤ k ≤ the number of rows of positive weight.
/// @return   labels are those of predict(result, X): from the root, each row goes to the nearer of the two centroids,
///           the left one on ties. A cluster that 2-means leaves in one piece (its rows of positive weight are equal)
///           is never split; when none can be, the clusters left over have size 0 and the centroid of cluster 0. After
///           a cancellation there are as many clusters as there were complete splits, and one.
/// @throws InvalidArgument  before any work: k out of range, an entry of X that is not finite or so large that squared
///         distances overflow, weights that are negative or of another length, options out of range.
/// @throws MemoryLimitExceeded  the working memory would exceed execution.memory_limit.
/// @note Same bits for any number of threads and any storage order of X. Stage name for progress: "splitting", in
///       steps of splits; the objective is the present inertia.
/// @note Time O(n d log k) per iteration of a split where the tree is balanced, O(n d k) at worst. Memory O(n d), a
/// copy
///       of the rows of the cluster that is split.
/// @see Steinbach, Karypis and Kumar (2000), A comparison of document clustering techniques, KDD Workshop on Text
///      Mining.
template <class Derived>
BisectingKMeansResult<typename Derived::Scalar> bisecting_kmeans(const Eigen::DenseBase<Derived>& X, Index k,
                                                                 const BisectingKMeansOptions& options = {});

/// The result for fewer clusters, 1 ≤ k ≤ the number of clusters of the model: that of bisecting_kmeans with this k and
/// the same options, to the last bit, but for the status, which is that of the model. Time O(n + k d).
template <class T>
BisectingKMeansResult<T> cut(const BisectingKMeansResult<T>& model, Index k);

/// The cluster of each row of X_new (m × d): down the hierarchy, to the nearer of the two centroids each time. Not
/// always the cluster of the nearest centroid of all. Time O(m d) times the depth.
template <class T, class Derived>
Labels predict(const BisectingKMeansResult<T>& model, const Eigen::DenseBase<Derived>& X_new,
               const Execution& execution = {});

/// Euclidean distances of each row of X_new (m × d) to the centroids of all clusters: m × k.
template <class T, class Derived>
RowMatrix<T> transform(const BisectingKMeansResult<T>& model, const Eigen::DenseBase<Derived>& X_new,
                       const Execution& execution = {});

CORYMB_END

#include <corymb/partition/detail/bisecting_kmeans_impl.hpp>
