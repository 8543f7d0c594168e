#pragma once

#include <corymb/core/execution.hpp>
#include <corymb/core/types.hpp>
#include <corymb/distance/distance_matrix.hpp>
#include <corymb/distance/metric.hpp>
#include <corymb/metrics/detail/label_range.hpp>

#include <cstdint>
#include <optional>
#include <span>
#include <type_traits>
#include <vector>

CORYMB_BEGIN

struct DbcvOptions {
  /// The distance of rows; empty = Euclidean. Must be empty where the distances are given in another way.
  std::optional<Metric> metric = {};
  /// The D of the core distances, ≥ 1: the number of coordinates that a volume has where the data lie. Empty = the
  /// number of columns; must be given for a matrix of distances and for objects, which have none. The larger D, the
  /// more the nearest rows of the cluster decide. Data that fill fewer dimensions than they have columns are seen more
  /// truly with that number.
  std::optional<Index> dimensions = {};
  Execution execution = {};
};

/// What the validity of one cluster is made of.
struct DbcvCluster {
  std::int64_t label = 0;
  Index size = 0;         ///< rows
  double validity = 0;    ///< (separation − sparseness) / the larger of both, in [−1, 1]
  double sparseness = 0;  ///< where the cluster is thinnest within: a mutual reachability distance
  double separation = 0;  ///< where it is nearest to another cluster: the least mutual reachability distance; ∞ = none
};

struct DbcvResult {
  double score = 0;                        ///< Σ size · validity / n, in [−1, 1]
  std::vector<DbcvCluster> clusters = {};  ///< by ascending label
};

/// DBCV, density-based clustering validation: whether clusters of any shape are denser within than between them. Needs
/// no known classes, and compares labelings of the same rows, with noise, by the same options.
///
/// - The core distance of a row is that at which the other n_c − 1 rows of its cluster have their mean density:
///   ((Σ 1 / distance^D) / (n_c − 1))^(−1/D). The mutual reachability distance of two rows is the largest of their
///   distance and their core distances.
/// - A cluster's tree is its minimum spanning tree by mutual reachability distances, and rows with more than one edge
///   are internal. sparseness: the largest edge between internal rows. separation: the least mutual reachability
///   distance of an internal row of the cluster to one of another cluster.
/// - validity = (separation − sparseness) / max(separation, sparseness), and the score is its mean over all n rows,
///   where noise counts 0: noise lowers what good clusters reach.
///
/// What the paper leaves open:
/// - A cluster of one row has no density. It counts as noise does: validity 0, and no other cluster is separated from
///   it. Its sparseness is 0, its separation infinite.
/// - Where no edge joins two internal rows (clusters of two or three rows, stars), all edges of the tree count for the
///   sparseness, as in the authors' program; where no row is internal (clusters of two rows), both count as internal.
/// - A cluster with no other one to be separated from has validity 0: one cluster, or all others are single rows. With
///   no cluster at all the score is 0.
/// - A row that has a duplicate in its cluster has core distance 0, the limit of the definition. Where separation and
///   sparseness are both 0, the validity is 0.
/// - Of several minimum spanning trees it is the one of minimum_spanning_tree() for the rows in their order, by which
///   rows are internal: on a lattice or with many duplicates the order of the rows can matter. Otherwise it does not.
/// - The distances are the metric's own; the authors' program squares the Euclidean ones, which moves scores away from
///   0. A callable gives that, too.
/// - Where f(x, y) and f(y, x) differ, a row's core distance is by those as seen from it, otherwise the smaller counts.
/// @param X       n × d, one point per row; finite, n ≥ 1. Row-major memory is used in place, other layouts are copied
///                once; then the rows of the clusters, in their order, and later the internal ones.
/// @param labels  n integers of any type, see LabelRange; a negative one is noise, others need not be contiguous
/// @throws InvalidArgument  no rows or columns, labels that are not one per row, dimensions < 1, an entry that is not
///         finite or so large that squared distances overflow, rows that the metric does not take (see Metric), a
///         negative number of threads.
/// @throws MemoryLimitExceeded  before memory beyond execution.memory_limit is taken.
/// @throws Cancelled  the progress callback asked to stop. Stages: "core_distances", "trees" of small clusters,
///         "large_trees", "separations".
/// @note Same bits for any number of threads and any storage order; no D over- or underflows. Time O((Σ n_c² + m²) d)
///       for m internal rows, and O(log D) for each pair of a cluster's rows; memory O(n d). D. Moulavi,
///       P. A. Jaskowiak, R. J. G. B. Campello, A. Zimek, J. Sander, "Density-based clustering validation", SDM 2014,
///       doi:10.1137/1.9781611973440.96.
template <class Derived, LabelRange Range>
DbcvResult dbcv(const Eigen::DenseBase<Derived>& X, const Range& labels, const DbcvOptions& options = {});

/// The same for a distance of your own (see pairwise_distances).
template <class Derived, LabelRange Range, class Callable>
requires std::is_invocable_v<const Callable&, std::span<const typename Derived::Scalar>,
                             std::span<const typename Derived::Scalar>>
    DbcvResult dbcv(const Eigen::DenseBase<Derived>& X, const Range& labels, const Callable& f,
                    const DbcvOptions& options = {});

/// The same for objects whose distances are known; options.dimensions must be given.
/// @throws InvalidArgument  also an entry that is not finite, is negative, or stands on the diagonal and is not 0.
template <class T, LabelRange Range>
DbcvResult dbcv(const DistanceMatrix<T>& D, const Range& labels, const DbcvOptions& options);

/// The same for objects whose distances are computed when they are needed; options.dimensions must be given.
template <class F, LabelRange Range>
DbcvResult dbcv(const Dissimilarity<F>& D, const Range& labels, const DbcvOptions& options);

CORYMB_END

#include <corymb/validity/detail/dbcv_impl.hpp>
