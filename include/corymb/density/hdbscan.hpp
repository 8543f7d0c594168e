#pragma once

#include <corymb/core/execution.hpp>
#include <corymb/core/types.hpp>
#include <corymb/density/cluster_selection.hpp>
#include <corymb/density/condensed_tree.hpp>
#include <corymb/distance/distance_matrix.hpp>
#include <corymb/distance/metric.hpp>
#include <corymb/graph/edge.hpp>
#include <corymb/graph/minimum_spanning_tree.hpp>
#include <corymb/graph/single_linkage.hpp>

#include <cstdint>
#include <optional>
#include <span>
#include <type_traits>
#include <vector>

CORYMB_BEGIN

struct HdbscanOptions {
  std::optional<Metric> metric = {};  ///< empty = euclidean; must be empty with a callable or a matrix
  /// ≥ 2: a set of fewer rows is not a cluster. The one number to think about: larger = fewer clusters.
  Index min_cluster_size = 5;
  /// ≥ 1, the row itself included: how many rows make a place dense. Larger = smoother densities, more noise.
  /// Empty = min_cluster_size.
  std::optional<Index> min_samples = {};
  double alpha = 1;  ///< > 0: distances are divided by it, core distances are not
  SelectionOptions selection = {};
  double min_lifetime = 0;  ///< see simplify
  /// Rows with NaN are noise, and nobody's neighbours; by default they are an error.
  bool missing_as_noise = false;
  /// One weight ≥ 0 per row; empty = all 1. A row counts as often as its weight says, for both sizes; one of weight 0
  /// is absent: it gets what predict would give it.
  Vector weights = {};
  /// How the spanning tree is found. Changes time and memory, never the result.
  SpanningTreeAlgorithm algorithm = SpanningTreeAlgorithm::automatic;
  Execution execution = {};
};

struct HdbscanResult {
  Labels labels;              ///< n; clusters are numbered by their lowest row, noise is −1
  Vector probabilities;       ///< n, in [0, 1]: how far towards the densest part of its cluster a row lies; 0 for noise
  Vector outlier_scores;      ///< n, in [0, 1]: see outlier_scores (GLOSH)
  std::int32_t clusters = 0;  ///< how many there are
  /// By label, in [0, 1]: see CondensedTree::persistence.
  Vector persistence;
  /// By label: the cluster of the condensed tree.
  std::vector<std::int32_t> selected;

  // The stages. Each can go on from here with other options: condense, simplify, select, cut.
  Vector core_distances;  ///< n: within it are min_samples rows; infinite for absent rows and where there are too few
  std::vector<Edge> spanning_tree;  ///< of mutual reachability distances
  SingleLinkage single_linkage;
  CondensedTree condensed_tree;

  Index min_samples = 1;              ///< as it was asked for, like what follows
  double alpha = 1;                   ///< likewise
  std::optional<Metric> metric = {};  ///< empty where the distances are those of a callable or a matrix
  SelectionOptions selection = {};    ///< likewise
};

/// HDBSCAN*: clusters of any shape and of different densities, and noise. Two rows are joined at the distance at which
/// both have min_samples rows within it and each other within alpha times it: their mutual reachability distance. What
/// is joined as this distance grows is a hierarchy, DBSCAN* for all distances at once; out of its clusters, those of at
/// least min_cluster_size rows, the ones are selected that last.
/// @param X  n × d, one point per row; finite. Row-major memory is used in place, other layouts are copied once.
/// @throws InvalidArgument  an option out of its range, no columns, an entry that is not finite or so large that
///         squared distances overflow, rows that the metric does not take (see Metric), weights that are negative or
///         not one per row, boruvka for a metric that no tree takes, a negative number of threads.
/// @throws NumericalError  there are fewer clusters than selection.clusters asks for.
/// @throws MemoryLimitExceeded  before memory beyond execution.memory_limit is taken.
/// @throws Cancelled  the progress callback asked to stop.
/// @note Exact, also on ties, and independent of the order of the rows: merges at equal distances are one. Same bits
///       for any number of threads, any storage order and any algorithm. Time and memory of minimum_spanning_tree, by
///       products of rows O(n min_samples) memory, else O(n): in two columns of double at most 250 bytes a row with the
///       result. R. J. G. B. Campello, D. Moulavi, A. Zimek, J. Sander, "Hierarchical density estimates for data
///       clustering, visualization, and outlier detection", ACM Transactions on Knowledge Discovery from Data 10
///       (2015). L. McInnes, J. Healy, "Accelerated hierarchical density based clustering", ICDM Workshops 2017.
template <class Derived>
HdbscanResult hdbscan(const Eigen::DenseBase<Derived>& X, const HdbscanOptions& options = {});

/// The same for a distance of your own (see pairwise_distances). Where f(x, y) and f(y, x) differ, a row's core
/// distance goes by f(row, y), and two rows are as far apart as the smaller one says.
template <class Derived, class Callable>
requires std::is_invocable_v<const Callable&, std::span<const typename Derived::Scalar>,
                             std::span<const typename Derived::Scalar>>
    HdbscanResult hdbscan(const Eigen::DenseBase<Derived>& X, const Callable& f, const HdbscanOptions& options = {});

/// The same for objects whose distances are known.
template <class T>
HdbscanResult hdbscan(const DistanceMatrix<T>& D, const HdbscanOptions& options = {});
template <class F>
HdbscanResult hdbscan(const Dissimilarity<F>& D, const HdbscanOptions& options = {});

/// The labels of DBSCAN* at a distance, out of the same hierarchy: with alpha = 1 those of dbscan with this eps,
/// min_points = min_samples and BorderPoints::as_noise.
/// @param eps  ≥ 0
/// @throws InvalidArgument  eps is negative or not a number.
/// @note Time and memory O(n).
inline Labels cut(const HdbscanResult& result, double eps);

/// By label, the rows that stay in the cluster longest: those at the densest places of its leaves, which stand for it
/// whatever its shape.
/// @note Time and memory O(n).
inline std::vector<std::vector<Index>> exemplars(const HdbscanResult& result);

/// By label, the row with the least sum of distances to those of its cluster, each counted by its probability.
/// @param X  the rows of the fit
/// @throws InvalidArgument  rows that are not those of the result, or whose distances were given otherwise.
/// @note Time O(Σ m² d) for clusters of m rows, memory O(m d): a copy of one cluster at a time.
template <class Derived>
std::vector<Index> medoids(const HdbscanResult& result, const Eigen::DenseBase<Derived>& X,
                           const Execution& execution = {});
template <class Derived, class Callable>
requires std::is_invocable_v<const Callable&, std::span<const typename Derived::Scalar>,
                             std::span<const typename Derived::Scalar>>
    std::vector<Index> medoids(const HdbscanResult& result, const Eigen::DenseBase<Derived>& X, const Callable& f,
                               const Execution& execution = {});
template <class T>
std::vector<Index> medoids(const HdbscanResult& result, const DistanceMatrix<T>& D, const Execution& execution = {});
template <class F>
std::vector<Index> medoids(const HdbscanResult& result, const Dissimilarity<F>& D, const Execution& execution = {});

CORYMB_END

#include <corymb/density/detail/hdbscan/centers_impl.hpp>
#include <corymb/density/detail/hdbscan/hdbscan_impl.hpp>
