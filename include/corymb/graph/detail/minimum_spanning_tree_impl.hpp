#pragma once

#include <corymb/core/detail/memory.hpp>
#include <corymb/core/detail/validate.hpp>
#include <corymb/core/union_find.hpp>
#include <corymb/graph/detail/check_graph.hpp>
#include <corymb/graph/detail/spanning_tree/boruvka.hpp>
#include <corymb/graph/detail/spanning_tree/prim.hpp>
#include <corymb/graph/minimum_spanning_tree.hpp>
#include <corymb/neighbors/detail/neighbor_calls.hpp>
#include <corymb/neighbors/detail/tree_neighbors.hpp>

#include <algorithm>
#include <cmath>
#include <optional>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

CORYMB_BEGIN
namespace detail {

inline constexpr std::string_view spanning_tree_name = "minimum_spanning_tree";

inline bool comes_before(const Edge& x, const Edge& y) {
  return std::tie(x.weight, x.a, x.b) < std::tie(y.weight, y.a, y.b);
}

inline void require_spanning_tree_memory(double bytes, const SpanningTreeOptions& options) {
  require_memory(spanning_tree_name, bytes, options.execution.memory_limit,
                 "use row-major data, which are used in place, or a sample");
}

/// What every form of the call must satisfy.
inline void check_spanning_tree(Index n, const SpanningTreeOptions& options) {
  constexpr std::string_view function = spanning_tree_name;
  require_threads(function, options.execution.threads);
  if (!(options.alpha > 0) || std::isinf(options.alpha))
    reject(function, "alpha = " + to_text(options.alpha) + " must be finite and > 0");
  const Vector& core = options.core_distances;
  if (core.size() == 0) return;
  if (core.size() != n)
    reject(function,
           "core_distances has " + to_text(core.size()) + " entries; one per row, n = " + to_text(n) + ", is needed");
  for (Index i = 0; i < n; ++i)
    if (!(core[i] >= 0) || std::isinf(core[i]))
      reject(function, "core_distances(" + to_text(i) + ") = " + to_text(core[i]) + " must be finite and ≥ 0");
}

/// What to look for neighbours by, so that the tree is found as it is asked for.
/// @param takes_tree  whether a kd-tree can be used
inline NeighborOptions spanning_tree_search(const SpanningTreeOptions& options, bool takes_tree) {
  if (options.algorithm == SpanningTreeAlgorithm::boruvka)
    require_tree(spanning_tree_name, "algorithm = boruvka", takes_tree);
  NeighborOptions search{.metric = options.metric, .execution = options.execution};
  if (options.algorithm == SpanningTreeAlgorithm::prim) search.search = NeighborSearch::brute_force;
  if (options.algorithm == SpanningTreeAlgorithm::boruvka) search.search = NeighborSearch::kd_tree;
  return search;
}

/// The edges of a tree with their weights, in order.
/// @param finish  finish(values, count) turns values into distances, in place
template <class T, class Finish>
std::vector<Edge> finished_edges(const std::vector<TreeEdge<T>>& tree, const SpanningTreeOptions& options,
                                 const Finish& finish) {
  std::vector<T> distance(tree.size());
  for (std::size_t e = 0; e < tree.size(); ++e) distance[e] = tree[e].value;
  finish(distance.data(), static_cast<Index>(distance.size()));
  std::vector<Edge> edges(tree.size());
  const bool has_cores = options.core_distances.size() > 0;
  for (std::size_t e = 0; e < tree.size(); ++e) {
    const auto [a, b] = std::minmax(tree[e].i, tree[e].j);
    double weight = static_cast<double>(distance[e]) / options.alpha;
    if (has_cores) weight = std::max({weight, options.core_distances[a], options.core_distances[b]});
    edges[e] = {a, b, weight};
  }
  std::sort(edges.begin(), edges.end(), comes_before);
  return edges;
}

template <class T, class Finish>
Reachability<T> reachability_of(const SpanningTreeOptions& options, const Finish& finish) {
  const auto distance = [&](T value) {
    finish(&value, 1);
    return static_cast<double>(value) / options.alpha;
  };
  return {options.core_distances, distance, resolve_threads(options.execution.threads)};
}

template <class T, class Links, class Finish>
std::vector<Edge> spanning_tree_by_prim(Index n, const Links& links, Index rows_per_task, const Finish& finish,
                                        const SpanningTreeOptions& options) {
  require_spanning_tree_memory(Prim<T, Links>::memory(n), options);
  const Reachability<T> reachability = reachability_of<T>(options, finish);
  const ProgressReporter progress(options.execution.on_progress);
  const int threads = resolve_threads(options.execution.threads);
  return finished_edges(
      Prim<T, Links>(spanning_tree_name, n, links, rows_per_task, reachability, threads, progress).run(), options,
      finish);
}

/// By the distances of a callable.
/// @param distance  distance(i, j), checked
template <class T, class Distance>
std::vector<Edge> spanning_tree_of_distances(Index n, const Distance& distance, const SpanningTreeOptions& options) {
  constexpr Index rows_per_task = 256;
  return spanning_tree_by_prim<T>(
      n, LesserLinks<T, Distance>(distance), rows_per_task, [](T*, Index) {}, options);
}

/// The k nearest others of the rows of a tree, by positions.
template <class T>
NeighborLists<T> neighbor_lists(const KdTree<T>& tree, PairValue kind, Index k, int threads,
                                const ProgressReporter& progress) {
  const auto size = static_cast<std::size_t>(tree.rows() * k);
  NeighborLists<T> lists{k, std::vector<std::int32_t>(size), std::vector<T>(size)};
  std::vector<std::int32_t> position(static_cast<std::size_t>(tree.rows()));
  for (Index p = 0; p < tree.rows(); ++p)
    position[static_cast<std::size_t>(tree.row(p))] = static_cast<std::int32_t>(p);
  tree_neighbors(spanning_tree_name, progress, tree, tree, true, kind, k, threads,
                 [&](Index p, const T* value, const std::int32_t* row) {
                   std::copy(value, value + k, lists.value.data() + p * k);
                   std::transform(row, row + k, lists.position.data() + p * k,
                                  [&](std::int32_t r) { return position[static_cast<std::size_t>(r)]; });
                 });
  return lists;
}

template <class T, class Finish>
std::vector<Edge> spanning_tree_by_boruvka(const Points<T>& X, PairValue kind, const Finish& finish,
                                           const SpanningTreeOptions& options) {
  // So many answer the first rounds, which are most of the work.
  constexpr Index most_neighbors = 4;
  const Index n = X.rows(), k = std::min(most_neighbors, n - 1);
  const double lists = static_cast<double>(n * k) * (sizeof(T) + sizeof(std::int32_t));
  require_spanning_tree_memory(KdTree<T>::memory(n, X.cols()) + lists + Boruvka<T>::memory(n), options);
  const int threads = resolve_threads(options.execution.threads);
  const ProgressReporter progress(options.execution.on_progress);
  const Reachability<T> reachability = reachability_of<T>(options, finish);
  const KdTree<T> tree(X, threads);
  const NeighborLists<T> near = neighbor_lists(tree, kind, k, threads, progress);
  return finished_edges(Boruvka<T>(spanning_tree_name, tree, kind, reachability, near, threads, progress).run(),
                        options, finish);
}

/// Of rows under a metric.
template <class T, class Values>
std::vector<Edge> spanning_tree_of_rows(const Points<T>& X, const Values& values, std::optional<PairValue> kind,
                                        const SpanningTreeOptions& options) {
  if (X.rows() < 2) return {};
  const auto finish = [&](T* value, Index count) { values.finish(value, count); };
  if (kind) return spanning_tree_by_boruvka(X, *kind, finish, options);
  constexpr Index numbers_per_task = 65536;
  return spanning_tree_by_prim<T>(X.rows(), MetricLinks<T, Values>(values),
                                  std::max<Index>(numbers_per_task / X.cols(), 256), finish, options);
}

}  // namespace detail

template <class Derived>
std::vector<Edge> minimum_spanning_tree(const Eigen::DenseBase<Derived>& X, const SpanningTreeOptions& options) {
  detail::check_spanning_tree(X.rows(), options);
  const bool takes_tree = detail::takes_tree<typename Derived::Scalar>(options.metric.value_or(Metric::euclidean));
  return detail::with_metric_sides(detail::spanning_tree_name, X, detail::spanning_tree_search(options, takes_tree),
                                   [&](const auto& sides, const auto& values, std::optional<detail::PairValue> kind) {
                                     return detail::spanning_tree_of_rows(sides.X, values, kind, options);
                                   });
}

template <class Derived, class Callable>
requires std::is_invocable_v<const Callable&, std::span<const typename Derived::Scalar>,
                             std::span<const typename Derived::Scalar>>
    std::vector<Edge> minimum_spanning_tree(const Eigen::DenseBase<Derived>& X, const Callable& f,
                                            const SpanningTreeOptions& options) {
  using T = typename Derived::Scalar;
  constexpr auto function = detail::spanning_tree_name;
  detail::check_spanning_tree(X.rows(), options);
  return detail::with_callable_sides(function, X, f, detail::spanning_tree_search(options, false),
                                     [&](const auto& sides, const auto&, std::optional<detail::PairValue>) {
                                       const Points<T>& x = sides.X;
                                       return detail::spanning_tree_of_distances<T>(
                                           x.rows(),
                                           [&](Index i, Index j) {
                                             return detail::checked_distance(function, "rows", i, j,
                                                                             static_cast<T>(f(x[i], x[j])));
                                           },
                                           options);
                                     });
}

template <class T>
std::vector<Edge> minimum_spanning_tree(const DistanceMatrix<T>& D, const SpanningTreeOptions& options) {
  detail::check_spanning_tree(D.size(), options);
  return detail::with_matrix_sides(detail::spanning_tree_name, D, detail::spanning_tree_search(options, false),
                                   [&](const auto&, const auto&, std::optional<detail::PairValue>) {
                                     return detail::spanning_tree_of_distances<T>(D.size(), D, options);
                                   });
}

template <class F>
std::vector<Edge> minimum_spanning_tree(const Dissimilarity<F>& D, const SpanningTreeOptions& options) {
  using T = DissimilarityScalar<F>;
  constexpr auto function = detail::spanning_tree_name;
  detail::check_spanning_tree(D.size, options);
  return detail::with_object_sides(
      function, D, detail::spanning_tree_search(options, false),
      [&](const auto&, const auto&, std::optional<detail::PairValue>) {
        return detail::spanning_tree_of_distances<T>(
            D.size, [&](Index i, Index j) { return detail::checked_distance(function, "objects", i, j, D.f(i, j)); },
            options);
      });
}

template <class T, class StorageIndex>
std::vector<Edge> minimum_spanning_tree(const Eigen::SparseMatrix<T, Eigen::RowMajor, StorageIndex>& G) {
  constexpr auto function = detail::spanning_tree_name;
  detail::check_graph(function, G);
  std::vector<Edge> edges;
  edges.reserve(static_cast<std::size_t>(G.nonZeros()));
  for (Index i = 0; i < G.rows(); ++i)
    for (typename Eigen::SparseMatrix<T, Eigen::RowMajor, StorageIndex>::InnerIterator entry(G, i); entry; ++entry) {
      const auto from = static_cast<std::int32_t>(i), to = static_cast<std::int32_t>(entry.col());
      if (from != to) edges.push_back({std::min(from, to), std::max(from, to), static_cast<double>(entry.value())});
    }
  std::sort(edges.begin(), edges.end(), detail::comes_before);
  UnionFind components(G.rows());
  std::erase_if(edges, [&](const Edge& edge) { return !components.unite(edge.a, edge.b); });
  return edges;
}

CORYMB_END
