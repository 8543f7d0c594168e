#pragma once

#include <corymb/core/detail/gather_rows.hpp>
#include <corymb/core/detail/memory.hpp>
#include <corymb/density/dbscan.hpp>
#include <corymb/density/detail/dbscan/dbscan_impl.hpp>
#include <corymb/density/detail/dbscan/density_state.hpp>
#include <corymb/density/detail/point_weights.hpp>
#include <corymb/neighbors/detail/neighbor_calls.hpp>
#include <corymb/neighbors/detail/radius_search.hpp>

#include <string_view>
#include <vector>

CORYMB_BEGIN
namespace detail {

inline constexpr std::string_view dbscan_predict_name = "predict";

/// What every form of the call has.
struct DbscanPrediction {
  const DbscanResult& result;
  const DbscanPredictOptions& options;

  void check(Index n) const {
    constexpr std::string_view function = dbscan_predict_name;
    if (result.labels.size() != n)
      reject(function, "X_train has " + to_text(n) + " rows; the result is of " + to_text(result.labels.size()));
    check_weights(function, options.weights, n);
  }

  /// Labels of the queries of some sides.
  /// @param rows  of X_train: what the rows of X are
  template <class T, class Values, class Trees>
  Labels run(const NeighborSides<T>& sides, const Values& values, const Trees& trees,
             const std::vector<Index>& rows) const {
    constexpr std::string_view function = dbscan_predict_name;
    const Execution& execution = options.execution;
    require_memory(function, search_memory(sides, trees, resolve_threads(execution.threads)), execution.memory_limit,
                   "ask for the rows of X_new in parts");
    return with_radius_search(function, sides, values, trees, result.eps, execution,
                              [&](const auto& search) { return labels_by(search, sides, rows); });
  }

 private:
  template <class Search, class T>
  Labels labels_by(const Search& search, const NeighborSides<T>& sides, const std::vector<Index>& rows) const {
    const PointWeights weights(weights_of(options.weights, rows), result.min_points);
    Labels labels = Labels::Constant(sides.Q.rows(), noise);
    std::vector<PointWeights::Count> count(static_cast<std::size_t>(sides.Q.rows()), 0);
    search.for_pairs("labels", [&](Index q, Index i, T) {
      count[static_cast<std::size_t>(q)] += weights(i);
      const Index row = rows[static_cast<std::size_t>(i)];
      if (result.is_core[static_cast<std::size_t>(row)]) reach_by(result.labels[row], labels[q]);
    });
    if (result.border == BorderPoints::as_noise)
      for (Index q = 0; q < labels.size(); ++q)
        if (count[static_cast<std::size_t>(q)] < weights.needed()) labels[q] = noise;
    return labels;
  }
};

/// Calls run(rows, which of them they are of X); those with NaN are left out if that is asked for.
template <class Callable, class T, class Run>
Labels with_complete_rows(std::string_view name, const Points<T>& X, const DbscanPredictOptions& options,
                          const Run& run) {
  const std::vector<Index> complete = other_rows(
      X.rows(), missing_rows<Callable>(dbscan_predict_name, X, options.missing_as_noise, options.execution, name));
  if (static_cast<Index>(complete.size()) == X.rows()) return run(X, complete);
  require_memory(dbscan_predict_name, matrix_bytes<T>(static_cast<Index>(complete.size()), X.cols()),
                 options.execution.memory_limit, "leave out rows with missing values");
  const RowMatrix<T> rows = gather_rows<T>(X, complete);
  return run(Points<T>(rows), complete);
}

/// Calls find(sides, rows of X_train): the labels of the sides' queries.
template <class Callable, class DerivedX, class DerivedQ, class Find>
Labels predict_dbscan(const DbscanPrediction& call, const Eigen::DenseBase<DerivedX>& X_train,
                      const Eigen::DenseBase<DerivedQ>& X_new, const Find& find) {
  using T = typename DerivedX::Scalar;
  constexpr std::string_view function = dbscan_predict_name;
  require_threads(function, call.options.execution.threads);
  require_columns(function, X_train.cols(), "X_train");
  require_same_columns(function, "X_train", X_train.cols(), "X_new", X_new.cols());
  call.check(X_train.rows());
  const Points<T> x = points_of(function, X_train, call.options.execution);
  const Points<T> q = points_of(function, X_new, call.options.execution);
  check_countable_rows(function, "X_new", q.rows());
  return with_complete_rows<Callable>("X_train", x, call.options, [&](const Points<T>& X, const auto& of_train) {
    return with_complete_rows<Callable>("X_new", q, call.options, [&](const Points<T>& Q, const auto& of_new) {
      const Labels found = find(NeighborSides<T>{X, Q, false, "X_train", "X_new"}, of_train);
      Labels labels = Labels::Constant(X_new.rows(), noise);
      for (std::size_t i = 0; i < of_new.size(); ++i) labels[of_new[i]] = found[static_cast<Index>(i)];
      return labels;
    });
  });
}

}  // namespace detail

template <class DerivedX, class DerivedQ>
Labels predict(const DbscanResult& result, const Eigen::DenseBase<DerivedX>& X_train,
               const Eigen::DenseBase<DerivedQ>& X_new, const DbscanPredictOptions& options) {
  if (!result.metric) detail::reject("predict", "the result has no metric: its distances were given");
  const detail::DbscanPrediction call{result, options};
  const NeighborOptions search{.metric = result.metric, .search = options.search, .execution = options.execution};
  return detail::predict_dbscan<void>(call, X_train, X_new, [&](const auto& sides, const std::vector<Index>& rows) {
    return detail::with_metric(detail::dbscan_predict_name, sides, search,
                               [&](const auto&... of_metric) { return call.run(of_metric..., rows); });
  });
}

template <class DerivedX, class DerivedQ, class Callable>
requires std::is_invocable_v<const Callable&, std::span<const typename DerivedX::Scalar>,
                             std::span<const typename DerivedX::Scalar>>
    Labels predict(const DbscanResult& result, const Eigen::DenseBase<DerivedX>& X_train,
                   const Eigen::DenseBase<DerivedQ>& X_new, const Callable& f, const DbscanPredictOptions& options) {
  using T = typename DerivedX::Scalar;
  const detail::DbscanPrediction call{result, options};
  const NeighborOptions search{.search = options.search, .execution = options.execution};
  detail::require_no_metric(detail::dbscan_predict_name, search, "callable");
  return detail::predict_dbscan<Callable>(
      call, X_train, X_new, [&](const detail::NeighborSides<T>& sides, const std::vector<Index>& rows) {
        return detail::with_callable(detail::dbscan_predict_name, sides, f, search,
                                     [&](const auto&... of_callable) { return call.run(of_callable..., rows); });
      });
}

CORYMB_END
