#pragma once

#include <corymb/core/detail/gather_rows.hpp>
#include <corymb/core/detail/memory.hpp>
#include <corymb/core/detail/validate.hpp>
#include <corymb/density/dbscan.hpp>
#include <corymb/density/detail/dbscan/expanded_dbscan.hpp>
#include <corymb/density/detail/dbscan/grid_dbscan.hpp>
#include <corymb/density/detail/dbscan/neighborhood_dbscan.hpp>
#include <corymb/density/detail/dbscan/tree_dbscan.hpp>
#include <corymb/distance/detail/check_points.hpp>
#include <corymb/distance/detail/distance_matrix_impl.hpp>
#include <corymb/distance/detail/embedded_haversine.hpp>
#include <corymb/distance/detail/metric_values.hpp>
#include <corymb/distance/detail/missing_rows.hpp>
#include <corymb/distance/detail/value_thresholds.hpp>
#include <corymb/graph/detail/check_graph.hpp>
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
  DbscanSettings settings(const PointWeights& weights) const {
    return {dbscan_name, weights, options.border, threads(), ProgressReporter(options.execution.on_progress)};
  }
  void require_memory(double bytes) const {
    detail::require_memory(dbscan_name, bytes, options.execution.memory_limit,
                           "use row-major data, which are used in place, fewer threads, or a sample");
  }
};

/// Whether an algorithm can be used.
/// @param has_coordinates  whether the metric compares rows coordinate by coordinate
/// @param is_metric        whether values obey the triangle inequality, or the caller says so
inline void require_algorithm(DbscanAlgorithm algorithm, bool has_coordinates, bool is_metric) {
  if (algorithm == DbscanAlgorithm::ball_tree) require_ball_tree(dbscan_name, "algorithm = ball_tree", is_metric);
  if (has_coordinates || (algorithm != DbscanAlgorithm::grid && algorithm != DbscanAlgorithm::kd_tree)) return;
  const char* name = algorithm == DbscanAlgorithm::grid ? "grid" : "kd_tree";
  reject(dbscan_name,
         std::string("algorithm = ") + name + " needs the metric euclidean, manhattan, chebyshev or haversine");
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

/// @param is_metric  whether the distances may be those of a metric
inline void require_given_distances(const DbscanOptions& options, std::string_view source, bool is_metric) {
  require_no_metric(dbscan_name, options.metric, source);
  require_algorithm(options.algorithm, false, is_metric);
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
  using Neighborhoods = ValueNeighborhoods<T, Values>;
  using Dbscan = NeighborhoodDbscan<Neighborhoods>;
  call.require_memory(Dbscan::memory(n) + Neighborhoods::memory(n, call.threads()));
  const PointWeights weights(call.options.weights, call.min_points);
  const DbscanSettings settings = call.settings(weights);
  return Dbscan(settings, {n, values, limit_of<T>(values, call.eps)}).run();
}

/// Brute force where values are squared Euclidean distances.
template <class T, class Values>
DbscanResult expanded_dbscan(const Points<T>& X, const Values& values, const DbscanCall& call) {
  const double memory = ExpandedDbscan<T>::memory(X.rows(), X.cols(), call.min_points, call.threads());
  call.require_memory(memory);
  const PointWeights weights(call.options.weights, call.min_points);
  const DbscanSettings settings = call.settings(weights);
  const T limit = limit_of<T>(values, call.eps);
  const auto shortened =
      PairShortening<T>::for_rows(X, X, call.threads(), allowed_memory(call.options.execution.memory_limit) - memory,
                                  [&](const T*, Index) { return limit; });
  return ExpandedDbscan<T>(settings, X, call.min_points, limit, shortened.get()).run();
}

/// The grid where it is to be used, else nothing.
/// @param limit  the largest value within eps
template <class T>
std::optional<GridLayout<T>> grid_for(const Points<T>& X, PairValue kind, T limit, const DbscanCall& call) {
  constexpr Index most_columns = 4;
  const DbscanAlgorithm algorithm = call.options.algorithm;
  const bool is_asked_for = algorithm == DbscanAlgorithm::grid;
  if (!is_asked_for && algorithm != DbscanAlgorithm::automatic) return std::nullopt;
  // In cells a row is compared with others until it is core; a tree counts whole nodes.
  constexpr Index most_points = 4096;
  if (!is_asked_for && call.min_points > most_points) return std::nullopt;
  if (X.cols() > most_columns) {
    if (!is_asked_for) return std::nullopt;
    reject(dbscan_name,
           "algorithm = grid needs at most " + to_text(most_columns) + " columns; X has " + to_text(X.cols()));
  }
  const auto apart = static_cast<double>(limit);
  auto layout =
      GridLayout<T>::over(X, kind, kind == PairValue::squared_euclidean ? std::sqrt(apart) : apart, call.threads());
  if (is_asked_for && !layout)
    reject(dbscan_name, "algorithm = grid cannot be used: eps = " + to_text(call.eps) +
                            " is 0, or too small for the extent of the data");
  return layout;
}

/// On a tree.
/// @param trees  see tree_spaces.hpp
template <class T, class Values, class Trees>
DbscanResult tree_dbscan(const Points<T>& X, const Values& values, const Trees& trees, const DbscanCall& call) {
  const NeighborSides<T> sides{X, X, true};
  call.require_memory(trees.memory(sides) + tree_dbscan_memory(X.rows()));
  const PointWeights weights(call.options.weights, call.min_points);
  const DbscanSettings settings = call.settings(weights);
  const T limit = limit_of<T>(values, call.eps);
  return trees.with_geometry(sides, call.threads(),
                             [&](const auto& geometry) { return TreeDbscan(settings, geometry, limit).run(); });
}

/// @param kind  how coordinates are compared; nothing where they are not
template <class T, class Values>
DbscanResult dbscan_of_coordinates(const Points<T>& X, const Values& values, std::optional<PairValue> kind,
                                   const DbscanCall& call) {
  const DbscanOptions& options = call.options;
  const auto by_brute_force = [&] {
    return kind == PairValue::squared_euclidean ? expanded_dbscan(X, values, call)
                                                : brute_dbscan<T>(X.rows(), values, call);
  };
  if (!kind || options.algorithm == DbscanAlgorithm::brute_force) return by_brute_force();
  const T limit = limit_of<T>(values, call.eps);
  const PointWeights weights(options.weights, call.min_points);
  const DbscanSettings settings = call.settings(weights);
  if (std::optional<GridLayout<T>> layout = grid_for(X, *kind, limit, call)) {
    call.require_memory(GridDbscan<T>::memory(X.rows(), X.cols()));
    return GridDbscan<T>(settings, X, *std::move(layout), *kind, limit).run();
  }
  if (options.algorithm == DbscanAlgorithm::automatic) {
    const double memory_left = allowed_memory(options.execution.memory_limit);
    const bool pays = kind == PairValue::squared_euclidean ? tree_pays_within(X, limit, memory_left)
                                                           : kd_tree_pays(X.rows(), X.cols());
    if (!pays) return by_brute_force();
  }
  return tree_dbscan(X, values, BoxTrees<T>{*kind}, call);
}

/// By the distances of a callable.
/// @param space  see tree_spaces.hpp
template <class T, class Values, class Space>
DbscanResult dbscan_of_space(const Points<T>& X, const Values& values, const Space& space, const DbscanCall& call) {
  if (call.options.algorithm == DbscanAlgorithm::ball_tree && X.rows() > 0)
    return tree_dbscan(X, values, BallTrees<T, Space>{space}, call);
  return brute_dbscan<T>(X.rows(), values, call);
}

template <class T>
DbscanResult dbscan_by_metric(const Points<T>& X, const DbscanCall& call) {
  const Metric metric = call.options.metric.value_or(Metric::euclidean);
  const std::optional<PairValue> kind = tree_value_of(metric);
  const bool is_metric = takes_ball_tree(metric);
  require_algorithm(call.options.algorithm, kind || metric == Metric::haversine, is_metric);
  if (X.rows() == 0) return {};
  if (metric != Metric::haversine) {
    const MetricValues<T> values(dbscan_name, X, X, metric, "X", "X", call.threads());
    if (call.options.algorithm == DbscanAlgorithm::ball_tree ||
        (call.options.algorithm == DbscanAlgorithm::automatic && !kind && is_metric &&
         ball_tree_pays(X.rows(), X.cols())))
      return tree_dbscan(X, values, BallTrees<T, MetricSpace<T>>{{dbscan_name, metric, call.threads()}}, call);
    return dbscan_of_coordinates(X, values, kind, call);
  }
  const RowMatrix<double> on_sphere = on_unit_sphere(dbscan_name, "X", X, call.threads());
  const Points<double> rows(on_sphere);
  return dbscan_of_coordinates(rows, SphereValues<T>(dbscan_name, rows, rows, call.threads()),
                               PairValue::squared_euclidean, call);
}

/// With what predict needs to know.
inline DbscanResult described(DbscanResult result, const DbscanCall& call, std::optional<Metric> metric) {
  result.eps = call.eps;
  result.min_points = call.min_points;
  result.metric = metric;
  result.border = call.options.border;
  return result;
}

/// The weights of some rows; empty = all 1.
inline Vector weights_of(const Vector& weights, const std::vector<Index>& rows) {
  if (weights.size() == 0) return {};
  Vector result(static_cast<Index>(rows.size()));
  for (std::size_t i = 0; i < rows.size(); ++i) result[static_cast<Index>(i)] = weights[rows[i]];
  return result;
}

/// Runs `run(rows, call)` on the rows without NaN; the others are noise.
template <class T, class Run>
DbscanResult dbscan_of_complete_rows(const Points<T>& X, const std::vector<Index>& missing, const DbscanCall& call,
                                     const Run& run) {
  const std::vector<Index> complete = other_rows(X.rows(), missing);
  call.require_memory(matrix_bytes<T>(static_cast<Index>(complete.size()), X.cols()));
  const RowMatrix<T> rows = gather_rows<T>(X, complete);
  DbscanOptions options = call.options;
  options.weights = weights_of(call.options.weights, complete);
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

// See kmeans_impl.hpp.
#if defined(CORYMB_EXTERN_TEMPLATES)
#define CORYMB_DBSCAN_INSTANCES(Template, T) Template DbscanResult dbscan_by_metric(const Points<T>&, const DbscanCall&)
CORYMB_DBSCAN_INSTANCES(extern template, float);
CORYMB_DBSCAN_INSTANCES(extern template, double);
#endif

/// Checks the rows, and leaves out those with missing values if that is asked for.
template <class Callable, class T, class Run>
DbscanResult dbscan_of_points(const Points<T>& X, const DbscanCall& call, const Run& run) {
  check_dbscan(X.rows(), call);
  const std::vector<Index> missing =
      missing_rows<Callable>(dbscan_name, X, call.options.missing_as_noise, call.options.execution);
  return missing.empty() ? run(X, call) : dbscan_of_complete_rows(X, missing, call, run);
}

}  // namespace detail

template <class Derived>
DbscanResult dbscan(const Eigen::DenseBase<Derived>& X, double eps, Index min_points, const DbscanOptions& options) {
  using T = typename Derived::Scalar;
  detail::require_columns(detail::dbscan_name, X.cols());
  const Points<T> points = detail::points_of(detail::dbscan_name, X, options.execution);
  const detail::DbscanCall call{eps, min_points, options};
  const auto run = [](const Points<T>& rows, const detail::DbscanCall& of_rows) {
    return detail::dbscan_by_metric(rows, of_rows);
  };
  return detail::described(detail::dbscan_of_points<void>(points, call, run), call,
                           options.metric.value_or(Metric::euclidean));
}

template <class Derived, class Callable>
requires std::is_invocable_v<const Callable&, std::span<const typename Derived::Scalar>,
                             std::span<const typename Derived::Scalar>>
    DbscanResult dbscan(const Eigen::DenseBase<Derived>& X, double eps, Index min_points, const Callable& f,
                        const DbscanOptions& options) {
  using T = typename Derived::Scalar;
  detail::require_columns(detail::dbscan_name, X.cols());
  detail::require_given_distances(options, "callable", true);
  const Points<T> points = detail::points_of(detail::dbscan_name, X, options.execution);
  const detail::DbscanCall call{eps, min_points, options};
  const auto run = [&](const Points<T>& rows, const detail::DbscanCall& of_rows) {
    return detail::dbscan_of_space(rows, detail::CallableValues<T, Callable>(detail::dbscan_name, rows, rows, f),
                                   detail::CallableSpace<T, Callable>{detail::dbscan_name, f}, of_rows);
  };
  return detail::described(detail::dbscan_of_points<Callable>(points, call, run), call, std::nullopt);
}

template <class T>
DbscanResult dbscan(const DistanceMatrix<T>& D, double eps, Index min_points, const DbscanOptions& options) {
  const detail::DbscanCall call{eps, min_points, options};
  detail::check_dbscan(D.size(), call);
  detail::require_given_distances(options, "matrix", false);
  detail::check_distances(detail::dbscan_name, D, call.threads());
  return detail::described(detail::brute_dbscan<T>(D.size(), detail::MatrixValues<T>(D), call), call, std::nullopt);
}

template <class F>
DbscanResult dbscan(const Dissimilarity<F>& D, double eps, Index min_points, const DbscanOptions& options) {
  const detail::DbscanCall call{eps, min_points, options};
  detail::check_dbscan(D.size, call);
  detail::require_given_distances(options, "callable", true);
  const Points<DissimilarityScalar<F>> objects(nullptr, D.size, 0, 0);  // rows without coordinates
  return detail::described(detail::dbscan_of_space(objects, detail::ObjectValues<F>(detail::dbscan_name, D),
                                                   detail::ObjectSpace<F>{detail::dbscan_name, D}, call),
                           call, std::nullopt);
}

template <class T, class StorageIndex>
DbscanResult dbscan(const Eigen::SparseMatrix<T, Eigen::RowMajor, StorageIndex>& G, double eps, Index min_points,
                    const DbscanOptions& options) {
  using Dbscan = detail::NeighborhoodDbscan<detail::GraphNeighborhoods<T, StorageIndex>>;
  const detail::DbscanCall call{eps, min_points, options};
  detail::check_dbscan(G.rows(), call);
  detail::require_given_distances(options, "graph", false);
  detail::check_graph(detail::dbscan_name, G);
  detail::check_not_negative(detail::dbscan_name, G);
  call.require_memory(Dbscan::memory(G.rows()));
  const detail::PointWeights weights(options.weights, min_points);
  const detail::DbscanSettings settings = call.settings(weights);
  return detail::described(Dbscan(settings, {G, eps}).run(), call, std::nullopt);
}

CORYMB_END
