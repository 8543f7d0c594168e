#pragma once

#include <corymb/core/detail/memory.hpp>
#include <corymb/neighbors/detail/nearest_rows.hpp>
#include <corymb/neighbors/detail/neighbor_calls.hpp>
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

template <class T>
void check_neighbor_sides(const NeighborSides<T>& sides, Index k, bool by_tree, const Execution& execution) {
  constexpr std::string_view function = nearest_neighbors_name;
  const Index n = sides.X.rows(), most = sides.others ? n - 1 : n;
  if (k < 1 || k > most)
    reject(function, "k = " + to_text(k) + (sides.others ? " must be in [1, n - 1 = " : " must be in [1, n = ") +
                         to_text(most) + "]");
  const double result = matrix_bytes<T>(sides.Q.rows(), k) + matrix_bytes<std::int32_t>(sides.Q.rows(), k);
  require_memory(function, result + search_memory(sides, by_tree, resolve_threads(execution.threads)),
                 execution.memory_limit, "ask for fewer neighbours, or for the rows of Q in parts");
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

/// The k nearest rows, whatever the distances are of.
template <class T, class Values>
NearestManyResult<T> find_neighbors(const NeighborSides<T>& sides, Index k, const Values& values,
                                    std::optional<PairValue> kind, const Execution& execution) {
  check_neighbor_sides(sides, k, kind.has_value(), execution);
  if (!kind) return brute_neighbors(sides, k, values, execution);
  const int threads = resolve_threads(execution.threads);
  NearestManyResult<T> result{RowMatrix<std::int32_t>(sides.Q.rows(), k), RowMatrix<T>(sides.Q.rows(), k)};
  const ProgressReporter progress(execution.on_progress);
  const KdTree<T> points(sides.X, threads);
  std::optional<KdTree<T>> other;
  if (!sides.others) other.emplace(sides.Q, threads);
  const KdTree<T>& queries = other ? *other : points;
  tree_neighbors(nearest_neighbors_name, progress, points, queries, sides.others, *kind, k, threads,
                 [&](Index position, const T* value, const std::int32_t* row) {
                   const Index at = queries.row(position) * k;
                   std::copy(value, value + k, result.distances.data() + at);
                   std::copy(row, row + k, result.indices.data() + at);
                 });
  values.finish(result.distances.data(), result.distances.size());
  return result;
}

/// What is called with sides, values and kind, see neighbor_calls.hpp.
inline auto neighbor_finder(Index k, const NeighborOptions& options) {
  return [k, &options](const auto& sides, const auto& values, std::optional<PairValue> kind) {
    return find_neighbors(sides, k, values, kind, options.execution);
  };
}

}  // namespace detail

template <class Derived>
NearestManyResult<typename Derived::Scalar> nearest_neighbors(const Eigen::DenseBase<Derived>& X, Index k,
                                                              const NeighborOptions& options) {
  return detail::with_metric_sides(detail::nearest_neighbors_name, X, options, detail::neighbor_finder(k, options));
}

template <class DerivedX, class DerivedQ>
NearestManyResult<typename DerivedX::Scalar> nearest_neighbors(const Eigen::DenseBase<DerivedX>& X,
                                                               const Eigen::DenseBase<DerivedQ>& Q, Index k,
                                                               const NeighborOptions& options) {
  return detail::with_metric_sides(detail::nearest_neighbors_name, X, Q, options, detail::neighbor_finder(k, options));
}

template <class Derived, class Callable>
requires std::is_invocable_v<const Callable&, std::span<const typename Derived::Scalar>,
                             std::span<const typename Derived::Scalar>>
    NearestManyResult<typename Derived::Scalar> nearest_neighbors(const Eigen::DenseBase<Derived>& X, Index k,
                                                                  const Callable& f, const NeighborOptions& options) {
  return detail::with_callable_sides(detail::nearest_neighbors_name, X, f, options,
                                     detail::neighbor_finder(k, options));
}

template <class DerivedX, class DerivedQ, class Callable>
requires std::is_invocable_v<const Callable&, std::span<const typename DerivedX::Scalar>,
                             std::span<const typename DerivedX::Scalar>>
    NearestManyResult<typename DerivedX::Scalar> nearest_neighbors(const Eigen::DenseBase<DerivedX>& X,
                                                                   const Eigen::DenseBase<DerivedQ>& Q, Index k,
                                                                   const Callable& f, const NeighborOptions& options) {
  return detail::with_callable_sides(detail::nearest_neighbors_name, X, Q, f, options,
                                     detail::neighbor_finder(k, options));
}

template <class T>
NearestManyResult<T> nearest_neighbors(const DistanceMatrix<T>& D, Index k, const NeighborOptions& options) {
  return detail::with_matrix_sides(detail::nearest_neighbors_name, D, options, detail::neighbor_finder(k, options));
}

template <class F>
NearestManyResult<DissimilarityScalar<F>> nearest_neighbors(const Dissimilarity<F>& D, Index k,
                                                            const NeighborOptions& options) {
  return detail::with_object_sides(detail::nearest_neighbors_name, D, options, detail::neighbor_finder(k, options));
}

CORYMB_END
