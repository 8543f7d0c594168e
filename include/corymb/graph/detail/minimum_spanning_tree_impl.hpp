#pragma once

#include <corymb/core/detail/gather_rows.hpp>
#include <corymb/core/detail/memory.hpp>
#include <corymb/core/detail/validate.hpp>
#include <corymb/core/union_find.hpp>
#include <corymb/graph/detail/check_graph.hpp>
#include <corymb/graph/detail/spanning_tree/prim.hpp>
#include <corymb/graph/detail/spanning_tree/score_boruvka.hpp>
#include <corymb/graph/detail/spanning_tree/tree_boruvka.hpp>
#include <corymb/graph/minimum_spanning_tree.hpp>
#include <corymb/neighbors/detail/expanded_neighbors.hpp>
#include <corymb/neighbors/detail/neighbor_calls.hpp>
#include <corymb/neighbors/detail/tree_neighbors.hpp>

#include <algorithm>
#include <cmath>
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
  check_core_distances(function, options.core_distances, n);
}

/// What to look for neighbours by, so that the tree is found as it is asked for.
/// @param tree  that Borůvka's rounds look for edges in; brute_force: there is none
inline NeighborOptions spanning_tree_search(const SpanningTreeOptions& options, NeighborSearch tree) {
  NeighborOptions search{.metric = options.metric, .execution = options.execution};
  if (options.algorithm == SpanningTreeAlgorithm::prim) search.search = NeighborSearch::brute_force;
  if (options.algorithm == SpanningTreeAlgorithm::boruvka) {
    if (tree == NeighborSearch::brute_force)
      reject(spanning_tree_name, "algorithm = boruvka needs a metric that obeys the triangle inequality");
    search.search = tree;
  }
  return search;
}

/// The tree for rows of a type under a metric.
template <class T>
NeighborSearch spanning_tree_of_metric(Metric metric) {
  return takes_kd_tree<T>(metric)  ? NeighborSearch::kd_tree
         : takes_ball_tree(metric) ? NeighborSearch::ball_tree
                                   : NeighborSearch::brute_force;
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
std::vector<Edge> spanning_tree_by_prim(Index n, const Links& links, Index links_per_task, const Finish& finish,
                                        const SpanningTreeOptions& options) {
  require_spanning_tree_memory(Prim<T, Links>::memory(n), options);
  const Reachability<T> reachability = reachability_of<T>(options, finish);
  const ProgressReporter progress(options.execution.on_progress);
  const int threads = resolve_threads(options.execution.threads);
  return finished_edges(
      Prim<T, Links>(spanning_tree_name, n, links, links_per_task, reachability, threads, progress).run(), options,
      finish);
}

/// The k nearest others of the rows of a tree, by positions.
template <class Geometry>
auto neighbor_lists(const Geometry& geometry, Index k, int threads, const ProgressReporter& progress) {
  using T = typename Geometry::Scalar;
  const auto& tree = geometry.points();
  const auto size = static_cast<std::size_t>(tree.rows() * k);
  NeighborLists<T> lists{k, std::vector<std::int32_t>(size), std::vector<T>(size), true};
  std::vector<std::int32_t> position(static_cast<std::size_t>(tree.rows()));
  for (Index p = 0; p < tree.rows(); ++p)
    position[static_cast<std::size_t>(tree.row(p))] = static_cast<std::int32_t>(p);
  tree_neighbors(spanning_tree_name, progress, geometry, true, k, threads,
                 [&](Index p, const T* value, const std::int32_t* row) {
                   std::copy(value, value + k, lists.value.data() + p * k);
                   std::transform(row, row + k, lists.position.data() + p * k,
                                  [&](std::int32_t r) { return position[static_cast<std::size_t>(r)]; });
                 });
  return lists;
}

/// So many neighbours of each row answer the first rounds, which are most of the work.
inline constexpr Index listed_neighbors = 4;

template <class T, class Trees, class Finish>
std::vector<Edge> spanning_tree_by_boruvka(const NeighborSides<T>& sides, const Trees& trees, const Finish& finish,
                                           const SpanningTreeOptions& options) {
  const Index n = sides.X.rows(), k = std::min(listed_neighbors, n - 1);
  const double lists = static_cast<double>(n * k) * (sizeof(T) + sizeof(std::int32_t));
  require_spanning_tree_memory(trees.memory(sides) + lists + BoruvkaRounds<T>::memory(n), options);
  const int threads = resolve_threads(options.execution.threads);
  const ProgressReporter progress(options.execution.on_progress);
  const Reachability<T> reachability = reachability_of<T>(options, finish);
  return trees.with_geometry(sides, threads, [&](const auto& geometry) {
    const NeighborLists<T> near = neighbor_lists(geometry, k, threads, progress);
    return finished_edges(TreeBoruvka(spanning_tree_name, geometry, reachability, near, threads, progress).run(),
                          options, finish);
  });
}

/// By the expanded score of pairs, where the metric is Euclidean.
template <class T, class Finish>
std::vector<Edge> spanning_tree_by_score(const Points<T>& X, const Finish& finish, const SpanningTreeOptions& options) {
  const Index n = X.rows(), d = X.cols(), k = std::min(listed_neighbors, n - 1);
  const int threads = resolve_threads(options.execution.threads);
  const double lists = static_cast<double>(n * k) * (sizeof(T) + sizeof(std::int32_t));
  const double taken =
      matrix_bytes<T>(n, d) + lists +
      std::max({KdTree<T>::memory(n, d), expanded_memory<T>(n, d, threads), ScoreBoruvka<T>::memory(n, d, threads)});
  require_spanning_tree_memory(taken, options);
  const Reachability<T> reachability = reachability_of<T>(options, finish);
  // Rows that are near each other stand together.
  const std::vector<std::int32_t> order = KdTree<T>(X, threads).order();
  const RowMatrix<T> ordered = gather_rows<T>(X, std::vector<Index>(order.begin(), order.end()));
  const Points<T> rows(ordered);
  const auto shortened =
      shortening_for_nearest(rows, rows, k, threads, allowed_memory(options.execution.memory_limit) - taken);
  const ProgressReporter progress(options.execution.on_progress);
  const auto size = static_cast<std::size_t>(n * k);
  NeighborLists<T> near{k, std::vector<std::int32_t>(size), std::vector<T>(size), false};
  expanded_neighbors(spanning_tree_name, progress, rows, rows, true, k, threads, shortened.get(), near.value.data(),
                     near.position.data());
  return finished_edges(
      ScoreBoruvka<T>(spanning_tree_name, rows, order, reachability, near, shortened.get(), threads, progress).run(),
      options, finish);
}

/// @param links          see prim.hpp
/// @param links_per_task  for one thread at a time
template <class T, class Values, class Trees, class Links>
std::vector<Edge> find_spanning_tree(const NeighborSides<T>& sides, const Values& values, const Trees& trees,
                                     const Links& links, Index links_per_task, const SpanningTreeOptions& options) {
  const Index n = sides.X.rows();
  if (n < 2) return {};
  const auto finish = [&](T* value, Index count) { values.finish(value, count); };
  if constexpr (Trees::exist) {
    return spanning_tree_by_boruvka(sides, trees, finish, options);
  } else {
    if constexpr (requires { values.deciding_kernel(); }) {
      constexpr Index few_rows = 256;
      if (options.algorithm == SpanningTreeAlgorithm::automatic && n >= few_rows &&
          values.deciding_kernel() == PairValue::squared_euclidean)
        return spanning_tree_by_score(sides.X, finish, options);
    }
    return spanning_tree_by_prim<T>(n, links, links_per_task, finish, options);
  }
}

/// By the distances of a callable or a matrix.
/// @param distance  distance(i, j), checked
template <class T, class Values, class Trees, class Distance>
std::vector<Edge> spanning_tree_of_distances(const NeighborSides<T>& sides, const Values& values, const Trees& trees,
                                             const Distance& distance, const SpanningTreeOptions& options) {
  constexpr Index links_per_task = 256;
  return find_spanning_tree(sides, values, trees, LesserLinks<T, Distance>(distance), links_per_task, options);
}

}  // namespace detail

template <class Derived>
std::vector<Edge> minimum_spanning_tree(const Eigen::DenseBase<Derived>& X, const SpanningTreeOptions& options) {
  using T = typename Derived::Scalar;
  detail::check_spanning_tree(X.rows(), options);
  const auto tree = detail::spanning_tree_of_metric<T>(options.metric.value_or(Metric::euclidean));
  return detail::with_metric_sides(
      detail::spanning_tree_name, X, detail::spanning_tree_search(options, tree),
      [&](const auto& sides, const auto& values, const auto& trees) {
        constexpr Index numbers_per_task = 65536;
        const Index links_per_task = std::max<Index>(numbers_per_task / sides.X.cols(), 256);
        return detail::find_spanning_tree(sides, values, trees, detail::MetricLinks(values), links_per_task, options);
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
  return detail::with_callable_sides(
      function, X, f, detail::spanning_tree_search(options, NeighborSearch::ball_tree),
      [&](const auto& sides, const auto& values, const auto& trees) {
        const Points<T>& x = sides.X;
        const auto distance = [&](Index i, Index j) {
          return detail::checked_distance(function, "rows", i, j, static_cast<T>(f(x[i], x[j])));
        };
        return detail::spanning_tree_of_distances(sides, values, trees, distance, options);
      });
}

template <class T>
std::vector<Edge> minimum_spanning_tree(const DistanceMatrix<T>& D, const SpanningTreeOptions& options) {
  detail::check_spanning_tree(D.size(), options);
  return detail::with_matrix_sides(detail::spanning_tree_name, D,
                                   detail::spanning_tree_search(options, NeighborSearch::brute_force),
                                   [&](const auto& sides, const auto& values, const auto& trees) {
                                     return detail::spanning_tree_of_distances(sides, values, trees, D, options);
                                   });
}

template <class F>
std::vector<Edge> minimum_spanning_tree(const Dissimilarity<F>& D, const SpanningTreeOptions& options) {
  constexpr auto function = detail::spanning_tree_name;
  detail::check_spanning_tree(D.size, options);
  return detail::with_object_sides(function, D, detail::spanning_tree_search(options, NeighborSearch::ball_tree),
                                   [&](const auto& sides, const auto& values, const auto& trees) {
                                     const auto distance = [&](Index i, Index j) {
                                       return detail::checked_distance(function, "objects", i, j, D.f(i, j));
                                     };
                                     return detail::spanning_tree_of_distances(sides, values, trees, distance, options);
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
