#pragma once

#include <corymb/core/types.hpp>
#include <corymb/distance/distance_matrix.hpp>
#include <corymb/neighbors/options.hpp>

#include <span>
#include <type_traits>

CORYMB_BEGIN

/// The k-distance curve of some rows, and where it bends.
struct EpsSuggestion {
  double eps = 0;  ///< curve[knee], for dbscan
  Vector curve;    ///< n, ascending; dbscan finds at least i + 1 core rows at eps = curve[i]
  Index knee = 0;  ///< an entry of the curve
};

/// An eps for dbscan, from the distances at which rows become core: most rows lie in clusters, where these distances
/// are alike; noise has larger ones. Sorted they are a curve that runs level and then bends upwards, and the knee is
/// where it does: rows up to it are core.
///
/// A row's distance is that to its (min_points − 1)-th nearest other row, since dbscan counts the row itself. The knee
/// is the point farthest below the chord from the first point of the curve to the last, both axes scaled to [0, 1], of
/// equally far ones the first (Satopää et al., without their smoothing). A few far rows would stretch that axis until
/// the knee lies among them, so distances count by their logarithms, and only those within a factor of ten of the upper
/// quartile of the positive ones: neither far rows nor duplicates move the knee. On 58 labelled sets of two to four
/// columns, with 5 and 10 points, dbscan with this eps reached a mean adjusted Rand index of 0.57, with the knee of the
/// whole curve 0.56; after three far rows were added to each set, 0.57 and 0.35.
///
/// It is a start, not an answer: the best eps on the curves of those sets reached 0.8. Where clusters differ in density
/// the curve has several bends, and no one eps fits them all; look at it (see line_plot). A curve that is nowhere below
/// its chord has no knee: then every row within the factor of ten is core. Where all distances are 0, so is eps, which
/// joins duplicates. Every row counts once: there are no weights.
/// @param X           n × d, one point per row; finite, n ≥ 1. Row-major memory is used in place, other layouts are
///                    copied once.
/// @param min_points  in [1, n], the row itself included, as for dbscan; with 1 all distances are 0
/// @throws InvalidArgument  no rows, min_points out of its range, no columns, an entry that is not finite or so large
///         that squared distances overflow, rows that the metric does not take (see Metric), kd_tree for another metric
///         than its own, a negative number of threads.
/// @throws MemoryLimitExceeded  before memory beyond execution.memory_limit is taken.
/// @throws Cancelled  the progress callback asked to stop.
/// @note Same bits for any number of threads, any storage order and any search. Time that of nearest_neighbors() with
///       k = min_points − 1; memory O(n), for kd_tree O(n d), and O(min_points) for each thread: neighbours are not
///       kept. V. Satopää, J. Albrecht, D. Irwin, B. Raghavan, "Finding a 'kneedle' in a haystack: detecting knee
///       points in system behavior", ICDCS Workshops 2011. J. Sander, M. Ester, H.-P. Kriegel, X. Xu, "Density-based
///       clustering in spatial databases", Data Mining and Knowledge Discovery 2 (1998), for the curve.
template <class Derived>
EpsSuggestion suggest_eps(const Eigen::DenseBase<Derived>& X, Index min_points, const NeighborOptions& options = {});

/// The same for a distance of your own (see pairwise_distances), by brute force. f(x, y) is asked for the row that
/// becomes core as x.
template <class Derived, class Callable>
requires std::is_invocable_v<const Callable&, std::span<const typename Derived::Scalar>,
                             std::span<const typename Derived::Scalar>>
    EpsSuggestion suggest_eps(const Eigen::DenseBase<Derived>& X, Index min_points, const Callable& f,
                              const NeighborOptions& options = {});

/// The same for objects whose distances are known: D(i, j) is that of object i, which becomes core, to j.
/// @throws InvalidArgument  also an entry that is not finite, is negative, or stands on the diagonal and is not 0.
template <class T>
EpsSuggestion suggest_eps(const DistanceMatrix<T>& D, Index min_points, const NeighborOptions& options = {});

/// The same for objects whose distances are computed when they are needed.
template <class F>
EpsSuggestion suggest_eps(const Dissimilarity<F>& D, Index min_points, const NeighborOptions& options = {});

CORYMB_END

#include <corymb/density/detail/suggest_eps_impl.hpp>
