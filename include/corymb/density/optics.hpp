#pragma once

#include <corymb/core/execution.hpp>
#include <corymb/core/types.hpp>
#include <corymb/density/optics_clusters.hpp>
#include <corymb/density/optics_result.hpp>
#include <corymb/distance/distance_matrix.hpp>
#include <corymb/distance/metric.hpp>
#include <corymb/neighbors/options.hpp>

#include <limits>
#include <optional>
#include <span>
#include <type_traits>

CORYMB_BEGIN

struct OpticsOptions {
  std::optional<Metric> metric = {};  ///< empty = euclidean; must be empty with a callable or a matrix
  /// ≥ 0, in the unit of the metric: rows farther apart do not reach each other. Infinity finds the clusters of every
  /// density; a smaller one leaves out the sparse ones, and takes less time where there is a tree.
  double max_eps = std::numeric_limits<double>::infinity();
  /// By brute_force the distances of one row at a time are looked at; on a tree those of the rows that can be reached
  /// nearer than before.
  NeighborSearch search = NeighborSearch::automatic;
  Execution execution = {};
};

/// Orders rows so that clusters of any density can be seen: each row is followed by the one that those before it reach
/// at the smallest distance.
///
/// A row is core where min_samples rows are within max_eps of it, itself included; its core distance is that of the
/// farthest of the nearest so many. A core row reaches each row within max_eps at its own core distance or at their
/// distance, the larger of the two. The rows are taken one after the other, always the one that those before it reach
/// at the smallest distance; if they reach none, the lowest row that is left begins a component.
///
/// Ties have one rule: of rows that are reached at the same distance the lowest is next, and a row keeps its
/// predecessor unless another one reaches it at a strictly smaller distance.
/// @param X            n × d, one point per row; finite. Row-major memory is used in place, other layouts are copied
///                     once.
/// @param min_samples  ≥ 1, the row itself included; of more than n rows none is core. Larger values smooth the plot.
/// @throws InvalidArgument  min_samples or max_eps out of range, no columns, an entry that is not finite or so large
/// that
///         squared distances overflow, rows that the metric does not take (see Metric), a tree for a metric that it
///         does not take, a negative number of threads.
/// @throws MemoryLimitExceeded  before memory beyond execution.memory_limit is taken.
/// @throws Cancelled  the progress callback asked to stop.
/// @note Exact, also on ties: the distances are those of pairwise_distances. Same bits for any number of threads, any
///       storage order and any search. brute_force: time O(n² d), memory O(n). kd_tree, for euclidean, manhattan,
///       chebyshev and haversine, and ball_tree: memory O(n d); in few columns time about O(n log n) for a small
///       max_eps, and O(n^1.5) in two columns without one. Neighbourhoods are never stored. Every row counts once:
///       there are no weights, since a plot has one bar for each row, and copies of a row have several. M. Ankerst, M.
///       M. Breunig, H.-P. Kriegel, J. Sander, "OPTICS: ordering points to identify the clustering structure", SIGMOD
///       1999, doi:10.1145/304182.304187.
template <class Derived>
OpticsResult optics(const Eigen::DenseBase<Derived>& X, Index min_samples, const OpticsOptions& options = {});

/// The same for a distance of your own (see pairwise_distances), by brute force or a ball_tree. f(x, y) is asked for
/// the row that reaches the other as x.
template <class Derived, class Callable>
requires std::is_invocable_v<const Callable&, std::span<const typename Derived::Scalar>,
                             std::span<const typename Derived::Scalar>>
    OpticsResult optics(const Eigen::DenseBase<Derived>& X, Index min_samples, const Callable& f,
                        const OpticsOptions& options = {});

/// The same for objects whose distances are known: D(i, j) is that at which object i reaches j.
/// @throws InvalidArgument  also an entry that is not finite, is negative, or stands on the diagonal and is not 0.
template <class T>
OpticsResult optics(const DistanceMatrix<T>& D, Index min_samples, const OpticsOptions& options = {});

/// The same for objects whose distances are computed when they are needed.
template <class F>
OpticsResult optics(const Dissimilarity<F>& D, Index min_samples, const OpticsOptions& options = {});

CORYMB_END

#include <corymb/density/detail/optics/optics_impl.hpp>
