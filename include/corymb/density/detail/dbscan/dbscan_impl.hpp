#pragma once

#include <corymb/core/detail/gather_rows.hpp>
#include <corymb/core/detail/memory.hpp>
#include <corymb/core/detail/validate.hpp>
#include <corymb/density/dbscan.hpp>
#include <corymb/density/detail/dbscan/brute_dbscan.hpp>
#include <corymb/density/detail/dbscan/expanded_dbscan.hpp>
#include <corymb/density/detail/dbscan/grid_dbscan.hpp>
#include <corymb/density/detail/dbscan/largest_value.hpp>
#include <corymb/density/detail/dbscan/tree_dbscan.hpp>
#include <corymb/distance/detail/check_points.hpp>
#include <corymb/distance/detail/distance_matrix_impl.hpp>
#include <corymb/distance/detail/metric_values.hpp>
#include <corymb/neighbors/detail/matrix_values.hpp>
#include <corymb/neighbors/detail/neighbor_search.hpp>
#include <corymb/neighbors/detail/tree_estimate.hpp>

#include <cmath>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

CORYMB_BEGIN
namespace detail {

inline constexpr std::string_view dbscan_name = "dbscan";

/// What every form of the call has.
struct DbscanCall {
  double eps;
  Index min_points;
  const DbscanOptions& options;

  int threads() const { return resolve_threads(options.execution.threads); }
  void require_memory(double bytes) const {
    detail::require_memory(dbscan_name, bytes, options.execution.memory_limit,
                           "use row-major data, which are used in place, fewer threads, or a sample");
  }
};

/// @param has_coordinates  whether the metric compares rows coordinate by coordinate
inline void require_coordinates(DbscanAlgorithm algorithm, bool has_coordinates) {
  if (has_coordinates || (algorithm != DbscanAlgorithm::grid && algorithm != DbscanAlgorithm::kd_tree)) return;
  const char* name = algorithm == DbscanAlgorithm::grid ? "grid" : "kd_tree";
  reject(dbscan_name, std::string("algorithm = ") + name + " needs the metric euclidean, manhattan or chebyshev");
}

/// What every form of the call must satisfy.
inline void check_dbscan(Index n, const DbscanCall& call) {
  require_threads(dbscan_name, call.options.execution.threads);
  check_countable_rows(dbscan_name, "X", n);
  if (!(call.eps >= 0) || std::isinf(call.eps))
    reject(dbscan_name, "eps = " + to_text(call.eps) + " must be finite and ≥ 0");
  if (call.min_points < 1) reject(dbscan_name, "min_points = " + to_text(call.min_points) + " must be ≥ 1");
  check_weights(dbscan_name, call.options.weights, n);
}

inline void require_brute_force(const DbscanOptions& options, std::string_view source) {
  if (options.metric)
    reject(dbscan_name, "metric must be empty: the distances are those of the " + std::string(source));
  require_coordinates(options.algorithm, false);
}

template <class T, class Values>
T limit_of(const Values& values, double eps) {
  return largest_value_within<T>(eps, [&](T value) {
    values.finish(&value, 1);
    return value;
  });
}

template <class T, class Values>
DbscanResult brute_dbscan(Index n, const Values& values, const DbscanCall& call) {
  call.require_memory(BruteDbscan<T, Values>::memory(n, call.threads()));
  const PointWeights weights(call.options.weights, call.min_points);
  return BruteDbscan<T, Values>(dbscan_name, n, values, limit_of<T>(values, call.eps), weights, call.options.border,
                                call.options.execution)
      .run();
}

/// Brute force where the metric is Euclidean.
template <class T, class Values>
DbscanResult expanded_dbscan(const Points<T>& X, const Values& values, const DbscanCall& call) {
  const double memory = ExpandedDbscan<T>::memory(X.rows(), X.cols(), call.min_points, call.threads());
  call.require_memory(memory);
  const PointWeights weights(call.options.weights, call.min_points);
  const T limit = limit_of<T>(values, call.eps);
  const auto shortened =
      PairShortening<T>::for_rows(X, X, call.threads(), allowed_memory(call.options.execution.memory_limit) - memory,
                                  [&](const T*, Index) { return limit; });
  return ExpandedDbscan<T>(dbscan_name, X, call.min_points, limit, weights, call.options.border, call.options.execution,
                           shortened.get())
      .run();
}

/// The grid where it is to be used, else nothing.
template <class T>
std::optional<GridLayout<T>> grid_for(const Points<T>& X, PairValue kind, const DbscanCall& call) {
  constexpr Index most_columns = 4;
  const DbscanAlgorithm algorithm = call.options.algorithm;
  const bool is_asked_for = algorithm == DbscanAlgorithm::grid;
  if (!is_asked_for && algorithm != DbscanAlgorithm::automatic) return std::nullopt;
  if (X.cols() > most_columns) {
    if (!is_asked_for) return std::nullopt;
    reject(dbscan_name,
           "algorithm = grid needs at most " + to_text(most_columns) + " columns; X has " + to_text(X.cols()));
  }
  auto layout = GridLayout<T>::over(X, kind, call.eps, call.threads());
  if (is_asked_for && !layout)
    reject(dbscan_name, "algorithm = grid cannot be used: eps = " + to_text(call.eps) +
                            " is 0, or too small for the extent of the data");
  return layout;
}

/// Whether a tree is faster than brute force.
template <class T>
bool tree_pays(const Points<T>& X, Metric metric, T limit, const DbscanOptions& options) {
  if (metric != Metric::euclidean) return X.cols() <= most_tree_columns;
  return tree_pays_within(X, limit, allowed_memory(options.execution.memory_limit));
}

template <class T>
DbscanResult dbscan_by_metric(const Points<T>& X, const DbscanCall& call) {
  const DbscanOptions& options = call.options;
  const Metric metric = options.metric.value_or(Metric::euclidean);
  const std::optional<PairValue> kind = tree_value_of(metric);
  require_coordinates(options.algorithm, kind.has_value());
  if (X.rows() == 0) return {};
  const MetricValues<T> values(dbscan_name, X, X, metric, "X", "X", call.threads());
  const auto by_brute_force = [&] {
    return metric == Metric::euclidean ? expanded_dbscan(X, values, call) : brute_dbscan<T>(X.rows(), values, call);
  };
  if (!kind || options.algorithm == DbscanAlgorithm::brute_force) return by_brute_force();
  const T limit = limit_of<T>(values, call.eps);
  const PointWeights weights(options.weights, call.min_points);
  if (std::optional<GridLayout<T>> layout = grid_for(X, *kind, call)) {
    call.require_memory(GridDbscan<T>::memory(X.rows(), X.cols()));
    return GridDbscan<T>(dbscan_name, X, *std::move(layout), *kind, limit, weights, options.border, options.execution)
        .run();
  }
  if (options.algorithm == DbscanAlgorithm::automatic && !tree_pays(X, metric, limit, options)) return by_brute_force();
  call.require_memory(TreeDbscan<T>::memory(X.rows(), X.cols()));
  return TreeDbscan<T>(dbscan_name, X, *kind, limit, weights, options.border, options.execution).run();
}

/// Runs `run(rows, call)` on the rows without NaN; the others are noise.
template <class T, class Run>
DbscanResult dbscan_of_complete_rows(const Points<T>& X, const DbscanCall& call, const Run& run) {
  std::vector<Index> complete;
  for (Index i = 0; i < X.rows(); ++i)
    if (std::none_of(X[i].begin(), X[i].end(), [](T entry) { return std::isnan(entry); })) complete.push_back(i);
  if (static_cast<Index>(complete.size()) == X.rows()) return run(X, call);
  call.require_memory(matrix_bytes<T>(static_cast<Index>(complete.size()), X.cols()));
  const RowMatrix<T> rows = gather_rows<T>(X, complete);
  DbscanOptions options = call.options;
  if (options.weights.size() > 0) {
    options.weights.resize(static_cast<Index>(complete.size()));
    for (std::size_t i = 0; i < complete.size(); ++i)
      options.weights[static_cast<Index>(i)] = call.options.weights[complete[i]];
  }
  const DbscanResult found = run(Points<T>(rows), DbscanCall{call.eps, call.min_points, options});
  DbscanResult result;
  result.clusters = found.clusters;
  result.labels = Labels::Constant(X.rows(), noise);
  result.is_core.resize(static_cast<std::size_t>(X.rows()));
  for (std::size_t i = 0; i < complete.size(); ++i) {
    result.labels[complete[i]] = found.labels[static_cast<Index>(i)];
    result.is_core[static_cast<std::size_t>(complete[i])] = found.is_core[i];
  }
  return result;
}

/// Checks the rows, and leaves out those with missing values if that is asked for.
template <class Callable, class T, class Run>
DbscanResult dbscan_of_points(const Points<T>& X, const DbscanCall& call, const Run& run) {
  check_dbscan(X.rows(), call);
  if (!call.options.missing_as_noise) {
    check_points_of<Callable>(dbscan_name, X, call.threads());
    return run(X, call);
  }
  check_points_with_missing(dbscan_name, X, call.threads());
  return dbscan_of_complete_rows(X, call, run);
}

}  // namespace detail

template <class Derived>
DbscanResult dbscan(const Eigen::DenseBase<Derived>& X, double eps, Index min_points, const DbscanOptions& options) {
  using T = typename Derived::Scalar;
  detail::require_columns(detail::dbscan_name, X.cols());
  const Points<T> points = detail::points_of(detail::dbscan_name, X, options.execution);
  return detail::dbscan_of_points<void>(
      points, {eps, min_points, options},
      [](const Points<T>& rows, const detail::DbscanCall& call) { return detail::dbscan_by_metric(rows, call); });
}

template <class Derived, class Callable>
requires std::is_invocable_v<const Callable&, std::span<const typename Derived::Scalar>,
                             std::span<const typename Derived::Scalar>>
    DbscanResult dbscan(const Eigen::DenseBase<Derived>& X, double eps, Index min_points, const Callable& f,
                        const DbscanOptions& options) {
  using T = typename Derived::Scalar;
  detail::require_columns(detail::dbscan_name, X.cols());
  detail::require_brute_force(options, "callable");
  const Points<T> points = detail::points_of(detail::dbscan_name, X, options.execution);
  return detail::dbscan_of_points<Callable>(
      points, {eps, min_points, options}, [&](const Points<T>& rows, const detail::DbscanCall& call) {
        return detail::brute_dbscan<T>(rows.rows(),
                                       detail::CallableValues<T, Callable>(detail::dbscan_name, rows, rows, f), call);
      });
}

template <class T>
DbscanResult dbscan(const DistanceMatrix<T>& D, double eps, Index min_points, const DbscanOptions& options) {
  const detail::DbscanCall call{eps, min_points, options};
  detail::check_dbscan(D.size(), call);
  detail::require_brute_force(options, "matrix");
  detail::check_distances(detail::dbscan_name, D, call.threads());
  return detail::brute_dbscan<T>(D.size(), detail::MatrixValues<T>(D), call);
}

CORYMB_END
