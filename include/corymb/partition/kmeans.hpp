#pragma once

#include <corymb/core/execution.hpp>
#include <corymb/core/row_source.hpp>
#include <corymb/core/types.hpp>
#include <corymb/distance/nearest.hpp>

#include <cstdint>
#include <vector>

CORYMB_BEGIN

/// How k-means chooses its first centroids. All of them respect the weights and never choose a row of weight zero.
enum class KMeansInit {
  random,                   ///< k different rows, each with probability ∝ its weight
  kmeans_plus_plus,         ///< one after the other, with probability ∝ weight · squared distance to the chosen ones
  greedy_kmeans_plus_plus,  ///< the same, but each time the best of 2 + ⌊ln k⌋ draws: slower, clearly better starts
  kmeans_parallel,  ///< k-means||: seeding_rounds rounds of many draws at once, then k-means++ among those drawn
  afk_mc2,          ///< k-means++ by Markov chains of chain_length draws: time without the factor n, nearly
};

/// How an iteration finds the nearest centroids. All of them find the same labels in every iteration, those of Lloyd,
/// and so the same result to the last bit; they differ in time and memory.
enum class KMeansAlgorithm {
  automatic,    ///< chosen from n, d and k, and again as the iterations settle
  lloyd,        ///< all n k distances; no memory but the labels
  hamerly,      ///< one bound per point: the distance to every other centroid. Memory n
  elkan,        ///< a bound per point and centroid: fewest distances. Memory n k
  yinyang,      ///< a bound per point and group of about ten centroids. Memory n k / 10
  progressive,  ///< few principal coordinates first, all of them for the few centroids that may be nearest: for large d
  quantized,    ///< all n k scores in bytes, distances for the few centroids that may be nearest. Memory n d bytes
};

/// What happens to a cluster that lost all its points.
enum class EmptyClusters {
  relocate,  ///< its centroid moves to the point farthest from its own centroid (not if that distance is 0)
  keep,      ///< it keeps its centroid and its row, with size 0
};

struct KMeansOptions {
  /// First centroids, unless initial_rows or initial centroids are given.
  KMeansInit init = KMeansInit::greedy_kmeans_plus_plus;
  /// k row numbers (from 0, different) to start from, instead of init.
  std::vector<Index> initial_rows = {};
  /// kmeans_parallel: rounds, ≥ 1. Each is one pass over the rows.
  int seeding_rounds = 5;
  /// kmeans_parallel: expected number of draws per round, in multiples of k, > 0.
  double oversampling = 2;
  /// afk_mc2: length of the Markov chain of each centroid, ≥ 1. Longer chains draw more like k-means++.
  Index chain_length = 200;
  /// How the nearest centroids are found. Changes time and memory, never the result.
  KMeansAlgorithm algorithm = KMeansAlgorithm::automatic;
  /// Independent runs, ≥ 1; the one of lowest inertia is returned, the earlier one on ties. Costs that many times the
  /// time. Must be 1 where the start is given.
  int restarts = 1;
  /// Iterations of a run at most, ≥ 1. One iteration assigns all points and moves all centroids.
  int max_iterations = 300;
  /// A run has converged when the squared movements of all centroids add up to at most tolerance × the mean variance of
  /// the columns, or when no label changes. ≥ 0; 0 waits for the labels to settle.
  double tolerance = 1e-4;
  EmptyClusters empty_clusters = EmptyClusters::relocate;
  /// When a run has converged, move single points to other clusters while that lowers the inertia (Hartigan and Wong's
  /// criterion, which also counts how both centroids move), then go on with iterations, in turns. The result is a local
  /// minimum in more ways and its inertia never higher. A turn takes the time of some iterations.
  bool single_moves = false;
  /// One weight ≥ 0 per row, or empty for all one. A weight w means w copies of the row; 0 means that the row is
  /// absent, though it still gets a label.
  Vector weights = {};
  /// Keep the inertia of every iteration in KMeansResult::history, and tell it to the progress callback (which gets NaN
  /// otherwise). Costs one more pass over the data per iteration.
  bool history = false;
  /// Same seed, same result, for any number of threads.
  std::uint64_t seed = 0;
  Execution execution = {};
};

/// The result is the model: predict, transform and nearest_centroids take it.
template <class T>
struct KMeansResult {
  Labels labels;           ///< n, in [0, k): the nearest centroid, always; the lower one on ties
  RowMatrix<T> centroids;  ///< k × d
  Vector sizes;            ///< k, the weight of each cluster; without weights the number of its points
  double inertia = 0;      ///< Σ w_i ‖x_i − centroid‖², squared units of X
  Status status = Status::converged;
  int iterations = 0;           ///< of the returned run
  int restart = 0;              ///< which run is returned, from 0
  std::vector<double> history;  ///< inertia of each iteration's assignment, before its centroids moved
};

/// k-means by Lloyd's algorithm: a local minimum of the inertia Σ w_i ‖x_i − c_label(i)‖².
///
/// @param X  n × d, one point per row; finite. Row-major memory is used in place, other layouts are copied once.
/// @param k  number of clusters, 1 ≤ k ≤ the number of rows of positive weight.
/// @return   labels are those of predict(result, X). Where the run converged because no label changed, each centroid is
///           the weighted mean of its points; at the iteration limit or within the tolerance it is the mean of the
///           points of the iteration before. After a cancellation, labels and centroids are those of the last complete
///           assignment.
/// @throws InvalidArgument  before any work: k out of range, an entry of X that is not finite or so large that squared
///         distances overflow, weights that are negative or of another length, options out of range.
/// @throws MemoryLimitExceeded  the working memory would exceed execution.memory_limit.
/// @note Same bits for any number of threads and any storage order of X. The fast kernel works on data centred on the
///       fly, so an offset of the data changes no label; decisions within rounding are settled by the defined distance.
///       Stage names for progress: "seeding", "lloyd".
/// @note Time O(n k d) per iteration; seeding O(n k d log k) (greedy). Memory O(n + k d) beyond X: labels, one
///       scalar a point while seeding, and at most 32 MiB of partial sums or 16 bytes a point.
/// @see Lloyd (1982), doi:10.1109/TIT.1982.1056489; Arthur and Vassilvitskii (2007), k-means++, SODA, 1027–1035.
template <class Derived>
KMeansResult<typename Derived::Scalar> kmeans(const Eigen::DenseBase<Derived>& X, Index k,
                                              const KMeansOptions& options = {});

/// The same from given centroids, k × d; k is their number of rows.
template <class Derived, class DerivedC>
KMeansResult<typename Derived::Scalar> kmeans(const Eigen::DenseBase<Derived>& X,
                                              const Eigen::DenseBase<DerivedC>& initial_centroids,
                                              const KMeansOptions& options = {});

/// k-means of rows that need not fit into memory: every bit of the result is that of the same rows as a matrix, for any
/// number of threads.
///
/// @param rows  n × d, finite; npy_rows for a file. Gone through once to check them and, with a tolerance, once more;
///              then once per iteration and once or twice at the end, while the next rows are read by another thread.
/// @throws InvalidArgument  what the overload for a matrix throws, and for an algorithm other than automatic or lloyd
///         and for single_moves, which need the rows in memory. Entries that are not finite are found in the first
///         pass, everything else before it. What `rows` throws passes through.
/// @throws MemoryLimitExceeded  before any row is read.
/// @note Every init works and chooses the same rows as in memory. random reads no more than those; kmeans_parallel goes
///       through the rows seeding_rounds + 1 times; afk_mc2 once, but reads some k · chain_length rows one by one; the
///       k-means++ kinds k times, the greedy one, which is the default, reading up to a fifth more. For large k choose
///       kmeans_parallel. Initial rows or centroids need no pass.
/// @note history costs one more pass per iteration, and so does an iteration that has to fill empty clusters.
/// @note Memory: 4 bytes a row for the label, 8 with restarts; while seeding one scalar a row more (kmeans_parallel:
///       and 4 bytes; afk_mc2: and 8 bytes; weighted random: 16 bytes); sums as for a matrix; two slabs of at most
///       32 MiB (or one row), and some more for a part of one.
template <class T>
KMeansResult<T> kmeans(const RowSource<T>& rows, Index k, const KMeansOptions& options = {});

/// The same from given centroids, k × d; k is their number of rows.
template <class T, class DerivedC>
KMeansResult<T> kmeans(const RowSource<T>& rows, const Eigen::DenseBase<DerivedC>& initial_centroids,
                       const KMeansOptions& options = {});

/// The nearest centroid of each row of X_new (m × d), the lower one on ties. Time O(m k d).
template <class T, class Derived>
Labels predict(const KMeansResult<T>& model, const Eigen::DenseBase<Derived>& X_new, const Execution& execution = {});

/// Euclidean distances of each row of X_new (m × d) to all centroids: m × k.
template <class T, class Derived>
RowMatrix<T> transform(const KMeansResult<T>& model, const Eigen::DenseBase<Derived>& X_new,
                       const Execution& execution = {});

/// The `count` nearest centroids of each row of X_new (m × d), 1 ≤ count ≤ k, nearest first.
template <class T, class Derived>
NearestManyResult<T> nearest_centroids(const KMeansResult<T>& model, const Eigen::DenseBase<Derived>& X_new,
                                       Index count, const Execution& execution = {});

CORYMB_END

#include <corymb/partition/detail/kmeans_impl.hpp>
