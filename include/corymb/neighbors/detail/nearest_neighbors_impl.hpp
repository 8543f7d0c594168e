#pragma once

#include <corymb/core/detail/memory.hpp>
#include <corymb/neighbors/detail/brute_rows.hpp>
#include <corymb/neighbors/detail/expanded_neighbors.hpp>
#include <corymb/neighbors/detail/nearest_rows.hpp>
#include <corymb/neighbors/detail/neighbor_calls.hpp>
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

/// Bytes of a result.
template <class T>
double result_memory(const NeighborSides<T>& sides, Index k) {
  return matrix_bytes<T>(sides.Q.rows(), k) + matrix_bytes<std::int32_t>(sides.Q.rows(), k);
}

template <class T>
void check_neighbor_count(const NeighborSides<T>& sides, Index k) {
  const Index n = sides.X.rows(), most = sides.others ? n - 1 : n;
  if (k < 1 || k > most)
    reject(nearest_neighbors_name, "k = " + to_text(k) +
                                       (sides.others ? " must be in [1, n - 1 = " : " must be in [1, n = ") +
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
  const Index n = sides.X.rows();
  std::vector<NearestRows<T>> nearest(static_cast<std::size_t>(threads), NearestRows<T>(1, k));
  for_rows_of_values<T>(nearest_neighbors_name, "neighbors", progress, threads, sides.Q.rows(), n, values,
                        [&](Index q, const T* value, int worker) {
                          NearestRows<T>& of_row = nearest[static_cast<std::size_t>(worker)];
                          of_row.clear();
                          for (Index i = 0; i < n; ++i)
                            if (value[i] <= of_row.limit()[0] && !(sides.others && i == q))
                              of_row.insert(0, value[i], static_cast<std::int32_t>(i));
                          std::copy(of_row.values(0), of_row.values(0) + k, result.distances.data() + q * k);
                          std::copy(of_row.rows(0), of_row.rows(0) + k, result.indices.data() + q * k);
                        });
  values.finish(result.distances.data(), result.distances.size());
  return result;
}

/// By the expanded score of pairs, where the metric is Euclidean.
template <class T, class Values>
NearestManyResult<T> score_neighbors(const NeighborSides<T>& sides, Index k, const Values& values,
                                     const Execution& execution) {
  const int threads = resolve_threads(execution.threads);
  const double taken = result_memory(sides, k) + expanded_memory<T>(sides.Q.rows(), sides.X.cols(), threads);
  NearestManyResult<T> result{RowMatrix<std::int32_t>(sides.Q.rows(), k), RowMatrix<T>(sides.Q.rows(), k)};
  const ProgressReporter progress(execution.on_progress);
  const auto shortened =
      shortening_for_nearest(sides.X, sides.Q, k, threads, allowed_memory(execution.memory_limit) - taken);
  expanded_neighbors(nearest_neighbors_name, progress, sides.X, sides.Q, sides.others, k, threads, shortened.get(),
                     result.distances.data(), result.indices.data());
  values.finish(result.distances.data(), result.distances.size());
  return result;
}

/// In trees.
template <class T, class Values, class Trees>
NearestManyResult<T> neighbors_in_trees(const NeighborSides<T>& sides, Index k, const Values& values,
                                        const Trees& trees, const Execution& execution) {
  const int threads = resolve_threads(execution.threads);
  const ProgressReporter progress(execution.on_progress);
  NearestManyResult<T> result{RowMatrix<std::int32_t>(sides.Q.rows(), k), RowMatrix<T>(sides.Q.rows(), k)};
  trees.with_geometry(sides, threads, [&](const auto& geometry) {
    tree_neighbors(nearest_neighbors_name, progress, geometry, sides.others, k, threads,
                   [&](Index position, const T* value, const std::int32_t* row) {
                     const Index at = geometry.queries().row(position) * k;
                     std::copy(value, value + k, result.distances.data() + at);
                     std::copy(row, row + k, result.indices.data() + at);
                   });
  });
  values.finish(result.distances.data(), result.distances.size());
  return result;
}

/// What is called with sides, values and trees, see neighbor_calls.hpp.
class NeighborFinder {
 public:
  NeighborFinder(Index k, const NeighborOptions& options) : k_(k), execution_(options.execution) {}

  template <class T>
  bool tree_pays(const NeighborSides<T>& sides) const {
    check_neighbor_count(sides, k_);
    return sides.Q.rows() >= few_queries && tree_pays_for_nearest(sides.X, k_, allowed_memory(execution_.memory_limit));
  }

  template <class T, class Values, class Trees>
  NearestManyResult<T> operator()(const NeighborSides<T>& sides, const Values& values, const Trees& trees) const {
    const int threads = resolve_threads(execution_.threads);
    if constexpr (Trees::exist) {
      check_neighbor_sides(sides, k_, trees.memory(sides), execution_);
      return neighbors_in_trees(sides, k_, values, trees, execution_);
    } else {
      if constexpr (requires { values.deciding_kernel(); }) {
        if (values.deciding_kernel() == PairValue::squared_euclidean && sides.Q.rows() >= few_queries) {
          check_neighbor_sides(sides, k_, expanded_memory<T>(sides.Q.rows(), sides.X.cols(), threads), execution_);
          return score_neighbors(sides, k_, values, execution_);
        }
      }
      check_neighbor_sides(sides, k_, search_memory(sides, trees, threads), execution_);
      return brute_neighbors(sides, k_, values, execution_);
    }
  }

 private:
  /// Rows that look for neighbours in the Euclidean metric, if they are fewer, have all values of theirs computed
  /// before a tree is made, or the other rows are packed for the expanded score.
  static constexpr Index few_queries = 256;

  Index k_;
  const Execution& execution_;
};

/// @param sides  checked
template <class T>
NearestManyResult<T> neighbors_by_metric(const NeighborSides<T>& sides, Index k, const NeighborOptions& options) {
  return with_metric(nearest_neighbors_name, sides, options, NeighborFinder(k, options));
}

// See kmeans_impl.hpp.
#if defined(CORYMB_EXTERN_TEMPLATES)
#define CORYMB_NEIGHBORS_INSTANCES(Template, T) \
  Template NearestManyResult<T> neighbors_by_metric(const NeighborSides<T>&, Index, const NeighborOptions&)
CORYMB_NEIGHBORS_INSTANCES(extern template, float);
CORYMB_NEIGHBORS_INSTANCES(extern template, double);
#endif

}  // namespace detail

template <class Derived>
NearestManyResult<typename Derived::Scalar> nearest_neighbors(const Eigen::DenseBase<Derived>& X, Index k,
                                                              const NeighborOptions& options) {
  return detail::with_checked_sides(detail::nearest_neighbors_name, X, options,
                                    [&](const auto& sides) { return detail::neighbors_by_metric(sides, k, options); });
}

template <class DerivedX, class DerivedQ>
NearestManyResult<typename DerivedX::Scalar> nearest_neighbors(const Eigen::DenseBase<DerivedX>& X,
                                                               const Eigen::DenseBase<DerivedQ>& Q, Index k,
                                                               const NeighborOptions& options) {
  return detail::with_checked_sides(detail::nearest_neighbors_name, X, Q, options,
                                    [&](const auto& sides) { return detail::neighbors_by_metric(sides, k, options); });
}

template <class Derived, class Callable>
requires std::is_invocable_v<const Callable&, std::span<const typename Derived::Scalar>,
                             std::span<const typename Derived::Scalar>>
    NearestManyResult<typename Derived::Scalar> nearest_neighbors(const Eigen::DenseBase<Derived>& X, Index k,
                                                                  const Callable& f, const NeighborOptions& options) {
  return detail::with_callable_sides(detail::nearest_neighbors_name, X, f, options, detail::NeighborFinder(k, options));
}

template <class DerivedX, class DerivedQ, class Callable>
requires std::is_invocable_v<const Callable&, std::span<const typename DerivedX::Scalar>,
                             std::span<const typename DerivedX::Scalar>>
    NearestManyResult<typename DerivedX::Scalar> nearest_neighbors(const Eigen::DenseBase<DerivedX>& X,
                                                                   const Eigen::DenseBase<DerivedQ>& Q, Index k,
                                                                   const Callable& f, const NeighborOptions& options) {
  return detail::with_callable_sides(detail::nearest_neighbors_name, X, Q, f, options,
                                     detail::NeighborFinder(k, options));
}

template <class T>
NearestManyResult<T> nearest_neighbors(const DistanceMatrix<T>& D, Index k, const NeighborOptions& options) {
  return detail::with_matrix_sides(detail::nearest_neighbors_name, D, options, detail::NeighborFinder(k, options));
}

template <class F>
NearestManyResult<DissimilarityScalar<F>> nearest_neighbors(const Dissimilarity<F>& D, Index k,
                                                            const NeighborOptions& options) {
  return detail::with_object_sides(detail::nearest_neighbors_name, D, options, detail::NeighborFinder(k, options));
}

CORYMB_END
