#pragma once

#include <corymb/core/detail/memory.hpp>
#include <corymb/distance/detail/check_points.hpp>
#include <corymb/distance/detail/distance_matrix_impl.hpp>
#include <corymb/distance/detail/metric_values.hpp>
#include <corymb/distance/detail/row_values.hpp>
#include <corymb/neighbors/detail/expanded_neighbors.hpp>
#include <corymb/neighbors/detail/matrix_values.hpp>
#include <corymb/neighbors/detail/neighbor_search.hpp>
#include <corymb/neighbors/detail/tree_estimate.hpp>
#include <corymb/neighbors/detail/tree_neighbors.hpp>
#include <corymb/neighbors/nearest_neighbors.hpp>

#include <algorithm>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <utility>

CORYMB_BEGIN
namespace detail {

inline constexpr std::string_view nearest_neighbors_name = "nearest_neighbors";

/// Where neighbours are looked for, and the rows that look for them: other rows, or the same ones.
template <class T>
struct NeighborSides {
  const Points<T>& X;
  const Points<T>& Q;
  bool others;  // Q is X, and a row is not its own neighbour
};

/// Bytes that brute force takes for values.
template <class T>
double brute_memory(Index n, int threads) {
  return matrix_bytes<T>(rows_per_block(n), n) * threads;
}

/// Bytes of a result.
template <class T>
double result_memory(const NeighborSides<T>& sides, Index k) {
  return matrix_bytes<T>(sides.Q.rows(), k) + matrix_bytes<std::int32_t>(sides.Q.rows(), k);
}

template <class T>
void check_neighbor_count(const NeighborSides<T>& sides, Index k) {
  constexpr std::string_view function = nearest_neighbors_name;
  const Index n = sides.X.rows();
  check_countable_rows(function, "X", n);
  const Index most = sides.others ? n - 1 : n;
  if (k < 1 || k > most)
    reject(function, "k = " + to_text(k) + (sides.others ? " must be in [1, n - 1 = " : " must be in [1, n = ") +
                         to_text(most) + "]");
}

/// @param search  bytes that the search takes
template <class T>
void check_neighbor_sides(const NeighborSides<T>& sides, Index k, double search, const Execution& execution) {
  check_neighbor_count(sides, k);
  require_memory(nearest_neighbors_name, result_memory(sides, k) + search, execution.memory_limit,
                 "ask for fewer neighbours, or for the rows of Q in parts");
}

/// All values of each row, of which the k lowest are kept.
template <class T, class Values>
NearestManyResult<T> brute_neighbors(const NeighborSides<T>& sides, Index k, const Values& values,
                                     const Execution& execution) {
  NearestManyResult<T> result{RowMatrix<std::int32_t>(sides.Q.rows(), k), RowMatrix<T>(sides.Q.rows(), k)};
  const int threads = resolve_threads(execution.threads);
  const ProgressReporter progress(execution.on_progress);
  const Index n = sides.X.rows(), block = rows_per_block(n);
  std::vector<ValuesScratch> scratch(static_cast<std::size_t>(threads));
  std::vector<Scratch<T>> buffer(scratch.size());
  std::vector<NearestRows<T>> nearest(scratch.size(), NearestRows<T>(1, k));
  const Index tasks = (sides.Q.rows() + block - 1) / block;
  reported_tasks(nearest_neighbors_name, "neighbors", progress, threads, tasks, [&](Index task, int worker) {
    const auto w = static_cast<std::size_t>(worker);
    const Index first = task * block, last = std::min(first + block, sides.Q.rows());
    T* value = buffer[w].reserve(block * n);
    values(first, last, value, scratch[w]);
    for (Index q = first; q < last; ++q, value += n) {
      nearest[w].clear();
      for (Index i = 0; i < n; ++i)
        if (value[i] <= nearest[w].limit()[0] && !(sides.others && i == q))
          nearest[w].insert(0, value[i], static_cast<std::int32_t>(i));
      std::copy(nearest[w].values(0), nearest[w].values(0) + k, result.distances.data() + q * k);
      std::copy(nearest[w].rows(0), nearest[w].rows(0) + k, result.indices.data() + q * k);
    }
  });
  values.finish(result.distances.data(), result.distances.size());
  return result;
}

/// Rows that look for neighbours in the Euclidean metric, if they are fewer, have all values of theirs computed before
/// a tree is made, or the other rows are packed for the expanded score.
inline constexpr Index few_queries = 256;

template <class T>
bool goes_by_tree(const NeighborSides<T>& sides, Index k, Metric metric, const NeighborOptions& options) {
  const bool in_few_columns = uses_tree(nearest_neighbors_name, sides.X.rows(), sides.X.cols(), options);
  if (metric != Metric::euclidean || options.search != NeighborSearch::automatic) return in_few_columns;
  return sides.Q.rows() >= few_queries &&
         tree_pays_for_nearest(sides.X, k, allowed_memory(options.execution.memory_limit));
}

template <class T>
NearestManyResult<T> neighbors_by_metric(const NeighborSides<T>& sides, Index k, const NeighborOptions& options) {
  constexpr std::string_view function = nearest_neighbors_name;
  const Metric metric = options.metric.value_or(Metric::euclidean);
  check_neighbor_count(sides, k);
  const bool by_tree = goes_by_tree(sides, k, metric, options);
  const bool by_score = !by_tree && metric == Metric::euclidean && sides.Q.rows() >= few_queries;
  const int threads = resolve_threads(options.execution.threads);
  const double trees = KdTree<T>::memory(sides.X.rows(), sides.X.cols()) +
                       (sides.others ? 0 : KdTree<T>::memory(sides.Q.rows(), sides.Q.cols()));
  const double brute =
      by_score ? expanded_memory<T>(sides.Q.rows(), sides.X.cols(), threads) : brute_memory<T>(sides.X.rows(), threads);
  check_neighbor_sides(sides, k, by_tree ? trees : brute, options.execution);
  const MetricValues<T> values(function, sides.Q, sides.X, metric, sides.others ? "X" : "Q", "X", threads);
  if (!by_tree && !by_score) return brute_neighbors(sides, k, values, options.execution);
  NearestManyResult<T> result{RowMatrix<std::int32_t>(sides.Q.rows(), k), RowMatrix<T>(sides.Q.rows(), k)};
  const ProgressReporter progress(options.execution.on_progress);
  if (by_score) {
    const auto shortened = shortening_for_nearest(
        sides.X, sides.Q, k, threads, allowed_memory(options.execution.memory_limit) - result_memory(sides, k) - brute);
    expanded_neighbors(function, progress, sides.X, sides.Q, sides.others, k, threads, shortened.get(),
                       result.distances.data(), result.indices.data());
  } else {
    const KdTree<T> points(sides.X, threads);
    std::optional<KdTree<T>> other;
    if (!sides.others) other.emplace(sides.Q, threads);
    tree_neighbors(function, progress, points, other ? *other : points, sides.others, *tree_value_of(metric), k,
                   threads, result.distances.data(), result.indices.data());
  }
  values.finish(result.distances.data(), result.distances.size());
  return result;
}

inline void require_no_tree(std::string_view function, const NeighborOptions& options, std::string_view source) {
  if (options.metric) reject(function, "metric must be empty: the distances are those of the " + std::string(source));
  if (options.search == NeighborSearch::kd_tree)
    reject(function, "search = kd_tree needs the metric euclidean, manhattan or chebyshev");
}

template <class Callable, class T>
NearestManyResult<T> neighbors_by_callable(const NeighborSides<T>& sides, Index k, const Callable& f,
                                           const NeighborOptions& options) {
  require_no_tree(nearest_neighbors_name, options, "callable");
  check_neighbor_sides(sides, k, brute_memory<T>(sides.X.rows(), resolve_threads(options.execution.threads)),
                       options.execution);
  return brute_neighbors(sides, k, CallableValues<T, Callable>(nearest_neighbors_name, sides.Q, sides.X, f),
                         options.execution);
}

}  // namespace detail

template <class Derived>
NearestManyResult<typename Derived::Scalar> nearest_neighbors(const Eigen::DenseBase<Derived>& X, Index k,
                                                              const NeighborOptions& options) {
  using T = typename Derived::Scalar;
  constexpr auto function = detail::nearest_neighbors_name;
  detail::require_threads(function, options.execution.threads);
  detail::require_columns(function, X.cols());
  const Points<T> x = detail::points_of(function, X, options.execution);
  detail::check_points(function, x, resolve_threads(options.execution.threads));
  return detail::neighbors_by_metric<T>({x, x, true}, k, options);
}

template <class DerivedX, class DerivedQ>
NearestManyResult<typename DerivedX::Scalar> nearest_neighbors(const Eigen::DenseBase<DerivedX>& X,
                                                               const Eigen::DenseBase<DerivedQ>& Q, Index k,
                                                               const NeighborOptions& options) {
  using T = typename DerivedX::Scalar;
  constexpr auto function = detail::nearest_neighbors_name;
  const Points<T> x = detail::points_of(function, X, options.execution);
  const Points<T> q = detail::points_of(function, Q, options.execution);
  detail::check_two(function, x, "X", q, "Q", options.execution);
  return detail::neighbors_by_metric<T>({x, q, false}, k, options);
}

template <class Derived, class Callable>
requires std::is_invocable_v<const Callable&, std::span<const typename Derived::Scalar>,
                             std::span<const typename Derived::Scalar>>
    NearestManyResult<typename Derived::Scalar> nearest_neighbors(const Eigen::DenseBase<Derived>& X, Index k,
                                                                  const Callable& f, const NeighborOptions& options) {
  using T = typename Derived::Scalar;
  constexpr auto function = detail::nearest_neighbors_name;
  detail::require_threads(function, options.execution.threads);
  detail::require_columns(function, X.cols());
  const Points<T> x = detail::points_of(function, X, options.execution);
  detail::check_points_of<Callable>(function, x, resolve_threads(options.execution.threads));
  return detail::neighbors_by_callable<Callable, T>({x, x, true}, k, f, options);
}

template <class DerivedX, class DerivedQ, class Callable>
requires std::is_invocable_v<const Callable&, std::span<const typename DerivedX::Scalar>,
                             std::span<const typename DerivedX::Scalar>>
    NearestManyResult<typename DerivedX::Scalar> nearest_neighbors(const Eigen::DenseBase<DerivedX>& X,
                                                                   const Eigen::DenseBase<DerivedQ>& Q, Index k,
                                                                   const Callable& f, const NeighborOptions& options) {
  using T = typename DerivedX::Scalar;
  constexpr auto function = detail::nearest_neighbors_name;
  const Points<T> x = detail::points_of(function, X, options.execution);
  const Points<T> q = detail::points_of(function, Q, options.execution);
  detail::check_two<Callable>(function, x, "X", q, "Q", options.execution);
  return detail::neighbors_by_callable<Callable, T>({x, q, false}, k, f, options);
}

template <class T>
NearestManyResult<T> nearest_neighbors(const DistanceMatrix<T>& D, Index k, const NeighborOptions& options) {
  constexpr auto function = detail::nearest_neighbors_name;
  detail::require_threads(function, options.execution.threads);
  detail::require_no_tree(function, options, "matrix");
  // The matrix stands for rows without coordinates.
  const Points<T> objects(nullptr, D.size(), 0, 0);
  const detail::NeighborSides<T> sides{objects, objects, true};
  detail::check_neighbor_sides(sides, k, detail::brute_memory<T>(D.size(), resolve_threads(options.execution.threads)),
                               options.execution);
  detail::check_distances(function, D, resolve_threads(options.execution.threads));
  return detail::brute_neighbors(sides, k, detail::MatrixValues<T>(D), options.execution);
}

CORYMB_END
