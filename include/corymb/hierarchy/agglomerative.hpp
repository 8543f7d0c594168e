#pragma once

#include <corymb/core/execution.hpp>
#include <corymb/core/types.hpp>
#include <corymb/distance/distance_matrix.hpp>
#include <corymb/distance/metric.hpp>
#include <corymb/hierarchy/dendrogram.hpp>

#include <optional>
#include <span>
#include <type_traits>

CORYMB_BEGIN

/// How far two clusters A and B are from each other.
///
/// | linkage  | distance                                              | memory                |
/// |----------|-------------------------------------------------------|-----------------------|
/// | single   | of the two nearest rows                               | O(n)                  |
/// | complete | of the two farthest rows                              | a triangle, n² / 2    |
/// | average  | the mean over all pairs of rows (UPGMA)               | a triangle            |
/// | weighted | the mean of the distances to the two parts of the one | a triangle            |
/// |          | that was made last (WPGMA)                            |                       |
/// | ward     | √(2 |A||B| / (|A| + |B|)) · the distance of the       | O(n d); a triangle    |
/// |          | centroids: √2 times the root of what merging adds to  | where distances are   |
/// |          | the inertia. Of one row each: their distance          | given                 |
///
/// single finds shapes of any form and is led astray by a bridge of a few rows; complete and ward find compact
/// clusters, ward ones of like size; average is between.
enum class Linkage { single, complete, average, weighted, ward };

struct AgglomerativeOptions {
  /// Empty = euclidean, which is all that ward takes; must be empty with a callable or a matrix.
  std::optional<Metric> metric = {};
  /// One weight ≥ 0 per row; empty = all 1. A row of weight w is w rows at one place: that changes means, so average
  /// and ward. For the other linkages only whether a weight is 0 counts: such a row is absent, in no merge.
  Vector weights = {};
  /// Keeps the triangle of distances in float, also of double: half the memory, and heights good to 7 digits.
  bool float_triangle = false;
  Execution execution = {};
};

/// Agglomerative hierarchical clustering: each row is a cluster, and the two that are nearest to each other become one
/// until one is left.
/// @param X  n × d, one point per row; finite. Row-major memory is used in place, other layouts are copied once.
/// @return   the merges, by ascending height; heights are distances, never squared, those of
///           scipy.cluster.hierarchy.linkage. cut and cut_into make labels of them.
/// @throws InvalidArgument  ward with another metric, no columns, an entry that is not finite or so large that squared
///         distances overflow, rows that the metric does not take (see Metric), weights that are negative or not one
///         per row, a negative number of threads.
/// @throws MemoryLimitExceeded  before memory beyond execution.memory_limit is taken. A triangle has n (n − 1) / 2
///         numbers; of rows under a metric about two thirds of that, as many as the first round leaves.
/// @throws Cancelled  the progress callback asked to stop.
/// @note Ties: of pairs that are equally near the one with the lower row comes first, then the one whose other row is
///       lower; a cluster's row is its lowest one. For single linkage these are the two rows whose distance it is.
///       Distances that differ by no more than their rounding count as they are computed. Same bits for any number of
///       threads and any storage order.
///
///       Not one merge at a time: with these linkages two clusters that are each other's nearest stay so whatever else
///       merges, so in every round all such pairs are merged at once. Rounds are few where the data have no chains; the
///       time is O(n²) with a small constant then: of all distances (ward: d multiplications for each of them), and of
///       some passes over the triangle. single takes the time of minimum_spanning_tree. Ward, "Hierarchical grouping to
///       optimize an objective function", JASA 58 (1963); Bruynooghe, "Méthodes nouvelles en classification
///       automatique de données taxinomiques nombreuses", Statistique et analyse des données 2 (1977); Müllner,
///       "Modern hierarchical, agglomerative clustering algorithms", arXiv:1109.2378.
template <class Derived>
Dendrogram agglomerative(const Eigen::DenseBase<Derived>& X, Linkage linkage, const AgglomerativeOptions& options = {});

/// The same for a distance of your own (see pairwise_distances). Where f(x, y) and f(y, x) differ, the smaller one
/// counts. ward takes the distances for Euclidean ones, by the formula of Lance and Williams.
template <class Derived, class Callable>
requires std::is_invocable_v<const Callable&, std::span<const typename Derived::Scalar>,
                             std::span<const typename Derived::Scalar>>
    Dendrogram agglomerative(const Eigen::DenseBase<Derived>& X, Linkage linkage, const Callable& f,
                             const AgglomerativeOptions& options = {});

/// The same for objects whose distances are known. Where D(i, j) and D(j, i) differ, the smaller one counts.
/// @throws NumericalError  distances so large that their sums (average) or squares (ward) overflow.
template <class T>
Dendrogram agglomerative(const DistanceMatrix<T>& D, Linkage linkage, const AgglomerativeOptions& options = {});
template <class F>
Dendrogram agglomerative(const Dissimilarity<F>& D, Linkage linkage, const AgglomerativeOptions& options = {});

CORYMB_END

#include <corymb/hierarchy/detail/agglomerative_impl.hpp>
