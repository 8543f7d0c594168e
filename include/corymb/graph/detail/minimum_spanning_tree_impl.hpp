#pragma once

#include <corymb/core/detail/gather_rows.hpp>
#include <corymb/core/detail/memory.hpp>
#include <corymb/core/detail/validate.hpp>
#include <corymb/core/union_find.hpp>
#include <corymb/graph/detail/check_core_distances.hpp>
#include <corymb/graph/detail/check_graph.hpp>
#include <corymb/graph/detail/spanning_tree/prim.hpp>
#include <corymb/graph/detail/spanning_tree/score_boruvka.hpp>
#include <corymb/graph/detail/spanning_tree/tree_boruvka.hpp>
#include <corymb/graph/minimum_spanning_tree.hpp>
#include <corymb/neighbors/detail/expanded_neighbors.hpp>
#include <corymb/neighbors/detail/kth_distances.hpp>
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

/// What every form of the call has.
class SpanningTreeCall {
 public:
  explicit SpanningTreeCall(const SpanningTreeOptions& options)
      : function(spanning_tree_name),
        algorithm(options.algorithm),
        alpha(options.alpha),
        execution(options.execution),
        core_(&options.core_distances) {}

  /// @param core_neighbor  core distances are those to the so many-th nearest other row, and found on the way; 0 = none
  SpanningTreeCall(std::string_view on_behalf_of, SpanningTreeAlgorithm by, double scale, const Execution& how,
                   Index core_neighbor)
      : function(on_behalf_of),
        algorithm(by),
        alpha(scale),
        execution(how),
        core_neighbor_(core_neighbor),
        core_(&found_) {}
  /// @param core  kept by reference
  SpanningTreeCall(std::string_view on_behalf_of, SpanningTreeAlgorithm by, double scale, const Execution& how,
                   const Vector& core)
      : function(on_behalf_of), algorithm(by), alpha(scale), execution(how), core_(&core) {}
  SpanningTreeCall(const SpanningTreeCall&) = delete;

  std::string_view function;
  SpanningTreeAlgorithm algorithm;
  double alpha;
  const Execution& execution;

  int threads() const { return resolve_threads(execution.threads); }
  void require_memory(double bytes) const {
    detail::require_memory(function, bytes, execution.memory_limit,
                           "use row-major data, which are used in place, or a sample");
  }

  /// The neighbour whose distance is a row's core distance, where those are not known yet; else 0.
  Index core_neighbor() const { return core_neighbor_; }
  /// Core distances by row; empty = none.
  const Vector& core() const { return *core_; }
  /// @param distances  by row, to the neighbour asked for
  template <class T>
  void found_core(const std::vector<T>& distances) {
    found_ =
        Eigen::Map<const Eigen::Matrix<T, Eigen::Dynamic, 1>>(distances.data(), static_cast<Index>(distances.size()))
            .template cast<double>();
  }
  Vector take_core() { return std::move(found_); }

 private:
  Index core_neighbor_ = 0;
  Vector found_;
  const Vector* core_;
};

/// What every form of the public call must satisfy.
inline void check_spanning_tree(Index n, const SpanningTreeOptions& options) {
  require_threads(spanning_tree_name, options.execution.threads);
  if (!(options.alpha > 0) || std::isinf(options.alpha))
    reject(spanning_tree_name, "alpha = " + to_text(options.alpha) + " must be finite and > 0");
  check_core_distances(spanning_tree_name, options.core_distances, n);
}

/// What to look for neighbours by, so that the tree is found as it is asked for.
/// @param tree  that Borůvka's rounds look for edges in; brute_force: there is none
inline NeighborOptions spanning_tree_search(std::string_view function, SpanningTreeAlgorithm algorithm,
                                            std::optional<Metric> metric, const Execution& execution,
                                            NeighborSearch tree) {
  NeighborOptions search{.metric = metric, .execution = execution};
  if (algorithm == SpanningTreeAlgorithm::prim) search.search = NeighborSearch::brute_force;
  if (algorithm == SpanningTreeAlgorithm::boruvka) {
    if (tree == NeighborSearch::brute_force)
      reject(function, "algorithm = boruvka needs a metric that obeys the triangle inequality");
    search.search = tree;
  }
  return search;
}
inline NeighborOptions spanning_tree_search(const SpanningTreeOptions& options, NeighborSearch tree) {
  return spanning_tree_search(spanning_tree_name, options.algorithm, options.metric, options.execution, tree);
}

/// The tree for rows of a type under a metric.
template <class T>
NeighborSearch spanning_tree_search_of(Metric metric) {
  return takes_kd_tree<T>(metric)  ? NeighborSearch::kd_tree
         : takes_ball_tree(metric) ? NeighborSearch::ball_tree
                                   : NeighborSearch::brute_force;
}

/// The edges of a tree with their weights, in order.
/// @param finish  finish(values, count) turns values into distances, in place
template <class T, class Finish>
std::vector<Edge> finished_edges(const std::vector<TreeEdge<T>>& tree, const SpanningTreeCall& call,
                                 const Finish& finish) {
  std::vector<T> distance(tree.size());
  for (std::size_t e = 0; e < tree.size(); ++e) distance[e] = tree[e].value;
  finish(distance.data(), static_cast<Index>(distance.size()));
  std::vector<Edge> edges(tree.size());
  const Vector& core = call.core();
  for (std::size_t e = 0; e < tree.size(); ++e) {
    const auto [a, b] = std::minmax(tree[e].i, tree[e].j);
    double weight = static_cast<double>(distance[e]) / call.alpha;
    if (core.size() > 0) weight = std::max({weight, core[a], core[b]});
    edges[e] = {a, b, weight};
  }
  std::sort(edges.begin(), edges.end(), comes_before);
  return edges;
}

/// @param order  see Reachability
template <class T, class Finish>
Reachability<T> reachability_of(const SpanningTreeCall& call, const std::vector<std::int32_t>* order,
                                const Finish& finish) {
  const auto distance = [&](T value) {
    finish(&value, 1);
    return static_cast<double>(value) / call.alpha;
  };
  return {call.core(), order, distance, call.threads()};
}

template <class T, class Values, class Links>
std::vector<Edge> spanning_tree_by_prim(const NeighborSides<T>& sides, const Values& values, const Links& links,
                                        Index links_per_task, SpanningTreeCall& call) {
  const Index n = sides.X.rows();
  call.require_memory(Prim<T, Links>::memory(n));
  if (call.core_neighbor() > 0)
    call.found_core(kth_distances(call.function, sides, call.core_neighbor(), values, NoTrees(), call.execution));
  const auto finish = [&](T* value, Index count) { values.finish(value, count); };
  const Reachability<T> reachability = reachability_of<T>(call, nullptr, finish);
  const ProgressReporter progress(call.execution.on_progress);
  return finished_edges(
      Prim<T, Links>(call.function, n, links, links_per_task, reachability, call.threads(), progress).run(), call,
      finish);
}

/// So many neighbours of each row answer the first rounds, which are most of the work.
inline constexpr Index listed_neighbors = 4;

/// @param core  by row: the value of the neighbour that was asked for; empty = none was
template <class T, class Values>
void take_core_values(std::vector<T> core, const Values& values, SpanningTreeCall& call) {
  if (core.empty()) return;
  values.finish(core.data(), static_cast<Index>(core.size()));
  call.found_core(core);
}

/// The k nearest others of the rows of a tree, by positions.
/// @param core  core(row, value): takes the value of the neighbour that the core distance is the distance of
template <class Geometry, class Core>
auto neighbor_lists(const SpanningTreeCall& call, const Geometry& geometry, Index k, const ProgressReporter& progress,
                    const Core& core) {
  using T = typename Geometry::Scalar;
  const auto& tree = geometry.points();
  const auto size = static_cast<std::size_t>(tree.rows() * k);
  NeighborLists<T> lists{k, std::vector<std::int32_t>(size), std::vector<T>(size), true};
  std::vector<std::int32_t> position(static_cast<std::size_t>(tree.rows()));
  for (Index p = 0; p < tree.rows(); ++p)
    position[static_cast<std::size_t>(tree.row(p))] = static_cast<std::int32_t>(p);
  const Index wanted = std::max(k, call.core_neighbor());
  tree_neighbors(call.function, progress, geometry, true, wanted, call.threads(),
                 [&](Index p, const T* value, const std::int32_t* row) {
                   std::copy(value, value + k, lists.value.data() + p * k);
                   std::transform(row, row + k, lists.position.data() + p * k,
                                  [&](std::int32_t r) { return position[static_cast<std::size_t>(r)]; });
                   if (call.core_neighbor() > 0) core(tree.row(p), value[call.core_neighbor() - 1]);
                 });
  return lists;
}

template <class T, class Values, class Trees>
std::vector<Edge> spanning_tree_by_boruvka(const NeighborSides<T>& sides, const Values& values, const Trees& trees,
                                           SpanningTreeCall& call) {
  const Index n = sides.X.rows(), k = std::min(listed_neighbors, n - 1);
  const double lists = static_cast<double>(n * k) * (sizeof(T) + sizeof(std::int32_t));
  call.require_memory(trees.memory(sides) + lists + BoruvkaRounds<T>::memory(n));
  const ProgressReporter progress(call.execution.on_progress);
  const auto finish = [&](T* value, Index count) { values.finish(value, count); };
  return trees.with_geometry(sides, call.threads(), [&](const auto& geometry) {
    std::vector<T> core(call.core_neighbor() > 0 ? static_cast<std::size_t>(n) : 0);
    const NeighborLists<T> near = neighbor_lists(
        call, geometry, k, progress, [&](Index row, T value) { core[static_cast<std::size_t>(row)] = value; });
    take_core_values(std::move(core), values, call);
    const Reachability<T> reachability = reachability_of<T>(call, &geometry.points().order(), finish);
    return finished_edges(TreeBoruvka(call.function, geometry, reachability, near, call.threads(), progress).run(),
                          call, finish);
  });
}

/// By the expanded score of pairs, where the metric is Euclidean.
template <class T, class Values>
std::vector<Edge> spanning_tree_by_score(const Points<T>& X, const Values& values, SpanningTreeCall& call) {
  const Index n = X.rows(), d = X.cols(), listed = std::min(listed_neighbors, n - 1);
  const Index k = std::max(listed, call.core_neighbor());
  const int threads = call.threads();
  const double lists = static_cast<double>(n * k) * (sizeof(T) + sizeof(std::int32_t));
  const double taken =
      matrix_bytes<T>(n, d) + lists +
      std::max({KdTree<T>::memory(n, d), expanded_memory<T>(n, d, threads), ScoreBoruvka<T>::memory(n, d, threads)});
  call.require_memory(taken);
  // Rows that are near each other stand together.
  const std::vector<std::int32_t> order = KdTree<T>(X, threads).order();
  const RowMatrix<T> ordered = gather_rows<T>(X, std::vector<Index>(order.begin(), order.end()));
  const Points<T> rows(ordered);
  const auto shortened =
      shortening_for_nearest(rows, rows, k, threads, allowed_memory(call.execution.memory_limit) - taken);
  const ProgressReporter progress(call.execution.on_progress);
  const auto size = static_cast<std::size_t>(n * k);
  NeighborLists<T> near{k, std::vector<std::int32_t>(size), std::vector<T>(size), false};
  expanded_neighbors(call.function, progress, rows, rows, true, k, threads, shortened.get(), near.value.data(),
                     near.position.data());
  if (call.core_neighbor() > 0) {
    std::vector<T> core(static_cast<std::size_t>(n));
    for (Index p = 0; p < n; ++p)
      core[static_cast<std::size_t>(order[static_cast<std::size_t>(p)])] =
          near.value[static_cast<std::size_t>(p * k + call.core_neighbor() - 1)];
    take_core_values(std::move(core), values, call);
  }
  const auto finish = [&](T* value, Index count) { values.finish(value, count); };
  const Reachability<T> reachability = reachability_of<T>(call, &order, finish);
  return finished_edges(
      ScoreBoruvka<T>(call.function, rows, order, reachability, near, shortened.get(), threads, progress).run(), call,
      finish);
}

/// @param links           see prim.hpp
/// @param links_per_task  for one thread at a time
template <class T, class Values, class Trees, class Links>
std::vector<Edge> find_spanning_tree(const NeighborSides<T>& sides, const Values& values, const Trees& trees,
                                     const Links& links, Index links_per_task, SpanningTreeCall& call) {
  const Index n = sides.X.rows();
  if (n < 2) return {};
  if constexpr (Trees::exist) {
    return spanning_tree_by_boruvka(sides, values, trees, call);
  } else {
    if constexpr (requires { values.deciding_kernel(); }) {
      constexpr Index few_rows = 256;
      if (call.algorithm == SpanningTreeAlgorithm::automatic && n >= few_rows &&
          values.deciding_kernel() == PairValue::squared_euclidean)
        return spanning_tree_by_score(sides.X, values, call);
    }
    return spanning_tree_by_prim(sides, values, links, links_per_task, call);
  }
}

/// By the distances of a callable or a matrix.
/// @param distance  distance(i, j), checked
template <class T, class Values, class Trees, class Distance>
std::vector<Edge> spanning_tree_of_distances(const NeighborSides<T>& sides, const Values& values, const Trees& trees,
                                             const Distance& distance, SpanningTreeCall& call) {
  constexpr Index links_per_task = 256;
  return find_spanning_tree(sides, values, trees, LesserLinks<T, Distance>(distance), links_per_task, call);
}

/// By the values of a metric.
template <class T, class Values, class Trees>
std::vector<Edge> spanning_tree_of_metric(const NeighborSides<T>& sides, const Values& values, const Trees& trees,
                                          SpanningTreeCall& call) {
  constexpr Index numbers_per_task = 65536;
  const Index links_per_task = std::max<Index>(numbers_per_task / sides.X.cols(), 256);
  return find_spanning_tree(sides, values, trees, MetricLinks(values), links_per_task, call);
}

/// Of rows that are checked.
template <class T>
std::vector<Edge> spanning_tree_by_metric(const Points<T>& X, const NeighborOptions& search, SpanningTreeCall& call) {
  return with_metric(call.function, NeighborSides<T>{X, X, true}, search,
                     [&](const auto& sides, const auto& values, const auto& trees) {
                       return spanning_tree_of_metric(sides, values, trees, call);
                     });
}

// See kmeans_impl.hpp.
#if defined(CORYMB_EXTERN_TEMPLATES)
#define CORYMB_SPANNING_TREE_INSTANCES(Template, T) \
  Template std::vector<Edge> spanning_tree_by_metric(const Points<T>&, const NeighborOptions&, SpanningTreeCall&)
CORYMB_SPANNING_TREE_INSTANCES(extern template, float);
CORYMB_SPANNING_TREE_INSTANCES(extern template, double);
#endif

}  // namespace detail

template <class Derived>
std::vector<Edge> minimum_spanning_tree(const Eigen::DenseBase<Derived>& X, const SpanningTreeOptions& options) {
  using T = typename Derived::Scalar;
  detail::check_spanning_tree(X.rows(), options);
  const auto tree = detail::spanning_tree_search_of<T>(options.metric.value_or(Metric::euclidean));
  const NeighborOptions search = detail::spanning_tree_search(options, tree);
  detail::SpanningTreeCall call(options);
  return detail::with_checked_sides(detail::spanning_tree_name, X, search, [&](const auto& sides) {
    return detail::spanning_tree_by_metric(sides.X, search, call);
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
  detail::SpanningTreeCall call(options);
  return detail::with_callable_sides(function, X, f, detail::spanning_tree_search(options, NeighborSearch::ball_tree),
                                     [&](const auto& sides, const auto& values, const auto& trees) {
                                       const Points<T>& x = sides.X;
                                       const auto distance = [&](Index i, Index j) {
                                         return detail::checked_distance(function, "rows", i, j,
                                                                         static_cast<T>(f(x[i], x[j])));
                                       };
                                       return detail::spanning_tree_of_distances(sides, values, trees, distance, call);
                                     });
}

template <class T>
std::vector<Edge> minimum_spanning_tree(const DistanceMatrix<T>& D, const SpanningTreeOptions& options) {
  detail::check_spanning_tree(D.size(), options);
  detail::SpanningTreeCall call(options);
  return detail::with_matrix_sides(detail::spanning_tree_name, D,
                                   detail::spanning_tree_search(options, NeighborSearch::brute_force),
                                   [&](const auto& sides, const auto& values, const auto& trees) {
                                     return detail::spanning_tree_of_distances(sides, values, trees, D, call);
                                   });
}

template <class F>
std::vector<Edge> minimum_spanning_tree(const Dissimilarity<F>& D, const SpanningTreeOptions& options) {
  constexpr auto function = detail::spanning_tree_name;
  detail::check_spanning_tree(D.size, options);
  detail::SpanningTreeCall call(options);
  return detail::with_object_sides(function, D, detail::spanning_tree_search(options, NeighborSearch::ball_tree),
                                   [&](const auto& sides, const auto& values, const auto& trees) {
                                     const auto distance = [&](Index i, Index j) {
                                       return detail::checked_distance(function, "objects", i, j, D.f(i, j));
                                     };
                                     return detail::spanning_tree_of_distances(sides, values, trees, distance, call);
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
