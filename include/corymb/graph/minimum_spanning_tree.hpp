#pragma once

#include <corymb/core/execution.hpp>
#include <corymb/core/types.hpp>
#include <corymb/distance/distance_matrix.hpp>
#include <corymb/distance/metric.hpp>
#include <corymb/graph/edge.hpp>

#include <Eigen/SparseCore>

#include <optional>
#include <span>
#include <type_traits>
#include <vector>

CORYMB_BEGIN

/// How a minimum spanning tree of rows is found. Changes time and memory, never the result.
enum class SpanningTreeAlgorithm {
  automatic,  ///< boruvka where it can be used and pays: in few columns; in the Euclidean metric and more columns the
              ///< same rounds by products of all rows; else prim, and always with a callable
  boruvka,    ///< every component looks for its lightest edge in a kd-tree or a ball tree, see NeighborSearch; with a
              ///< callable it is a promise that the distance is a metric
  prim,       ///< one row after the other joins the tree; any metric
};

struct SpanningTreeOptions {
  std::optional<Metric> metric = {};  ///< empty = euclidean; must be empty with a callable or a matrix
  SpanningTreeAlgorithm algorithm = SpanningTreeAlgorithm::automatic;
  /// One distance ≥ 0 per row: the edge of rows i and j then weighs max(core_distances(i), core_distances(j),
  /// distance / alpha), their mutual reachability distance. Empty = none: distance / alpha.
  Vector core_distances = {};
  double alpha = 1;  ///< > 0
  Execution execution = {};
};

/// The minimum spanning tree of all rows of X under their distances, or mutual reachability distances.
/// @param X  n × d, one point per row; finite. Row-major memory is used in place, other layouts are copied once.
/// @return   n − 1 edges by ascending weight, of equal weights the one with the lower a, then b, first. Where several
///           trees are minimal it is the one that results if edges of equal weights are ordered by their rows'
///           distance, then by a, then by b; for the Euclidean metric all of this by squares, for haversine in double
///           by chords.
/// @throws InvalidArgument  no columns, an entry that is not finite or so large that squared distances overflow, rows
///         that the metric does not take (see Metric), core distances that are negative or not one per row, boruvka for
///         a metric that no tree takes, a negative number of threads.
/// @throws MemoryLimitExceeded  before memory beyond execution.memory_limit is taken.
/// @throws Cancelled  the progress callback asked to stop.
/// @note Exact, also on ties: the distances are those of pairwise_distances. Same bits for any number of threads, any
///       storage order and any algorithm. boruvka: time about O(n log n) in few columns, memory O(n d); prim: time
///       O(n² d), memory O(n). W. B. March, P. Ram, A. G. Gray, "Fast Euclidean minimum spanning tree: algorithm,
///       analysis, and applications", KDD 2010. R. C. Prim, "Shortest connection networks and some generalizations",
///       Bell System Technical Journal 36 (1957).
template <class Derived>
std::vector<Edge> minimum_spanning_tree(const Eigen::DenseBase<Derived>& X, const SpanningTreeOptions& options = {});

/// The same for a distance of your own (see pairwise_distances), by prim or on a ball tree. By prim, where f(x, y) and
/// f(y, x) differ, the smaller one counts.
template <class Derived, class Callable>
requires std::is_invocable_v<const Callable&, std::span<const typename Derived::Scalar>,
                             std::span<const typename Derived::Scalar>>
    std::vector<Edge> minimum_spanning_tree(const Eigen::DenseBase<Derived>& X, const Callable& f,
                                            const SpanningTreeOptions& options = {});

/// The same for objects whose distances are known. By prim, where D(i, j) and D(j, i) differ, the smaller one counts.
template <class T>
std::vector<Edge> minimum_spanning_tree(const DistanceMatrix<T>& D, const SpanningTreeOptions& options = {});
template <class F>
std::vector<Edge> minimum_spanning_tree(const Dissimilarity<F>& D, const SpanningTreeOptions& options = {});

/// The minimum spanning forest of a graph: its stored entries are the weights of its edges, also those that are 0. An
/// edge may stand at (i, j), at (j, i) or at both; of two the lighter one counts. Entries of the diagonal do not count.
/// @param G  n × n, compressed or not; finite
/// @return   as above; n less the number of components of G
/// @throws InvalidArgument  a matrix that is not square, an entry that is not finite.
/// @note Time O(e log e) for e entries, memory O(n + e). J. B. Kruskal, "On the shortest spanning subtree of a graph
/// and
///       the traveling salesman problem", Proceedings of the American Mathematical Society 7 (1956).
template <class T, class StorageIndex>
std::vector<Edge> minimum_spanning_tree(const Eigen::SparseMatrix<T, Eigen::RowMajor, StorageIndex>& G);

CORYMB_END

#include <corymb/graph/detail/minimum_spanning_tree_impl.hpp>
