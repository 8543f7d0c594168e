#pragma once

#include <corymb/core/detail/memory.hpp>
#include <corymb/core/detail/validate.hpp>
#include <corymb/neighbors/detail/neighbor_search.hpp>
#include <corymb/validity/dbcv.hpp>
#include <corymb/validity/detail/density_stages.hpp>
#include <corymb/validity/detail/placed_rows.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

CORYMB_BEGIN
namespace detail {

inline constexpr std::string_view dbcv_name = "dbcv";

inline void check_dbcv(Index n, std::string_view name, const DbcvOptions& options) {
  if (n < 1) reject(dbcv_name, std::string(name) + " has 0 rows; at least 1 is needed");
  check_countable_rows(dbcv_name, name, n);
  require_threads(dbcv_name, options.execution.threads);
  if (options.dimensions && *options.dimensions < 1)
    reject(dbcv_name, "dimensions = " + to_text(*options.dimensions) + " must be at least 1");
}

/// Of what has no columns.
inline Index given_dimensions(const DbcvOptions& options) {
  if (!options.dimensions)
    reject(dbcv_name, "dimensions must be given: distances do not tell in how many their objects lie");
  return *options.dimensions;
}

/// (separation − sparseness) / the larger of both
inline double density_validity(double sparseness, double separation) {
  if (std::isinf(separation)) return 0;
  const double larger = std::max(sparseness, separation);
  return larger > 0 ? (separation - sparseness) / larger : 0;
}

/// Bytes beside the rows.
template <class T>
double dbcv_memory(const ClusterRows& clusters, int threads) {
  const Index widest = clusters.largest();
  const double places = static_cast<double>(clusters.row.size());
  return places * (3 * sizeof(Index) + 3 * sizeof(double)) +
         threads *
             (matrix_bytes<T>(rows_per_block(widest), widest) + static_cast<double>(clusters.count()) * sizeof(double));
}

/// @param n      all rows, also those of noise
/// @param rows   at the places of the clusters, see placed_rows.hpp
/// @param taken  bytes
template <class Rows>
DbcvResult dbcv_of_rows(const ClusterRows& clusters, Index n, const Rows& rows, Index dimensions, double taken,
                        const Execution& execution) {
  const int threads = resolve_threads(execution.threads);
  const ProgressReporter progress(execution.on_progress);
  const double left = std::max(allowed_memory(execution.memory_limit) - taken, 1.0);
  const Vector core = all_points_core_distances(dbcv_name, clusters, rows, dimensions, threads, progress);
  const std::vector<DensityTree> trees = density_trees(dbcv_name, clusters, rows, core, threads,
                                                       static_cast<std::uint64_t>(std::min(left, 1e18)), progress);

  std::vector<Index> begin{0}, internal;
  for (const DensityTree& tree : trees) {
    internal.insert(internal.end(), tree.internal.begin(), tree.internal.end());
    begin.push_back(static_cast<Index>(internal.size()));
  }
  Vector internal_core(begin.back());
  for (Index p = 0; p < internal_core.size(); ++p) internal_core[p] = core[internal[static_cast<std::size_t>(p)]];
  const std::vector<double> separation =
      density_separations(dbcv_name, begin, rows.selected(internal), internal_core, threads, progress);

  DbcvResult result;
  double sum = 0;
  for (std::size_t c = 0; c < trees.size(); ++c) {
    const double sparseness = trees[c].sparseness;
    const double validity = density_validity(sparseness, separation[c]);
    result.clusters.push_back({clusters.label[c], clusters.size[c], validity, sparseness, separation[c]});
    sum += static_cast<double>(clusters.size[c]) * validity;
  }
  result.score = sum / static_cast<double>(n);
  return result;
}

/// @param distance  distance(i, j), checked
template <class T, class Distance>
DbcvResult dbcv_of_distances(const ClusterRows& clusters, Index n, const Distance& distance, Index dimensions,
                             const Execution& execution) {
  const double taken = dbcv_memory<T>(clusters, resolve_threads(execution.threads));
  require_memory(dbcv_name, taken, execution.memory_limit, "ask for fewer threads, or take a sample of the rows");
  return dbcv_of_rows(clusters, n, PairRows<T, Distance>(clusters.row, distance), dimensions, taken, execution);
}

/// Of rows that are checked.
/// @param packed  bytes that a copy of them takes already
template <class T>
DbcvResult dbcv_by_metric(const Points<T>& X, const ClusterRows& clusters, Metric metric, double packed,
                          const DbcvOptions& options) {
  constexpr auto function = dbcv_name;
  const int threads = resolve_threads(options.execution.threads);
  // The rows of the clusters and the internal ones, which some metrics keep in a form of their own as well.
  const double copies = tree_value_of(metric) ? 2 : 4;
  const double taken = packed + dbcv_memory<T>(clusters, threads) +
                       copies * matrix_bytes<T>(static_cast<Index>(clusters.row.size()), X.cols());
  require_memory(function, taken, options.execution.memory_limit,
                 "use row-major data, which are used in place, or take a sample of the rows");
  // Rows that the metric does not take are named by their numbers in X.
  static_cast<void>(MetricValues<T>(function, X, X, metric, "X", "X", threads));
  const MetricRows<T> rows(function, gather_rows<T>(X, clusters.row), metric, threads);
  return dbcv_of_rows(clusters, X.rows(), rows, options.dimensions.value_or(X.cols()), taken, options.execution);
}

// See kmeans_impl.hpp.
#if defined(CORYMB_EXTERN_TEMPLATES)
#define CORYMB_DBCV_INSTANCES(Template, T) \
  Template DbcvResult dbcv_by_metric(const Points<T>&, const ClusterRows&, Metric, double, const DbcvOptions&)
CORYMB_DBCV_INSTANCES(extern template, float);
CORYMB_DBCV_INSTANCES(extern template, double);
#endif

}  // namespace detail

template <class Derived, LabelRange Range>
DbcvResult dbcv(const Eigen::DenseBase<Derived>& X, const Range& labels, const DbcvOptions& options) {
  using T = typename Derived::Scalar;
  constexpr auto function = detail::dbcv_name;
  const Index n = X.rows(), d = X.cols();
  detail::check_dbcv(n, "X", options);
  detail::require_columns(function, d);
  const int threads = resolve_threads(options.execution.threads);
  const detail::ClusterRows clusters = detail::cluster_rows_of(function, n, labels);
  const Metric metric = options.metric.value_or(Metric::euclidean);
  const Points<T> x = detail::points_of(function, X, options.execution);
  detail::check_points(function, x, threads);
  return detail::dbcv_by_metric(x, clusters, metric, detail::packed_bytes(X), options);
}

template <class Derived, LabelRange Range, class Callable>
requires std::is_invocable_v<const Callable&, std::span<const typename Derived::Scalar>,
                             std::span<const typename Derived::Scalar>>
    DbcvResult dbcv(const Eigen::DenseBase<Derived>& X, const Range& labels, const Callable& f,
                    const DbcvOptions& options) {
  using T = typename Derived::Scalar;
  constexpr auto function = detail::dbcv_name;
  const Index n = X.rows();
  detail::check_dbcv(n, "X", options);
  detail::require_no_metric(detail::dbcv_name, options.metric, "callable");
  detail::require_columns(function, X.cols());
  const int threads = resolve_threads(options.execution.threads);
  const detail::ClusterRows clusters = detail::cluster_rows_of(function, n, labels);
  const Points<T> x = detail::points_of(function, X, options.execution);
  detail::check_points_of<Callable>(function, x, threads);
  const auto distance = [&](Index i, Index j) {
    return detail::checked_distance(function, "rows", i, j, static_cast<T>(f(x[i], x[j])));
  };
  return detail::dbcv_of_distances<T>(clusters, n, distance, options.dimensions.value_or(X.cols()), options.execution);
}

template <class T, LabelRange Range>
DbcvResult dbcv(const DistanceMatrix<T>& D, const Range& labels, const DbcvOptions& options) {
  constexpr auto function = detail::dbcv_name;
  detail::check_dbcv(D.size(), "D", options);
  detail::require_no_metric(detail::dbcv_name, options.metric, "matrix");
  const Index dimensions = detail::given_dimensions(options);
  const int threads = resolve_threads(options.execution.threads);
  const detail::ClusterRows clusters = detail::cluster_rows_of(function, D.size(), labels);
  detail::check_distances(function, D, threads);
  return detail::dbcv_of_distances<T>(clusters, D.size(), D, dimensions, options.execution);
}

template <class F, LabelRange Range>
DbcvResult dbcv(const Dissimilarity<F>& D, const Range& labels, const DbcvOptions& options) {
  using T = DissimilarityScalar<F>;
  static_assert(std::is_same_v<T, float> || std::is_same_v<T, double>,
                "corymb: the callable of a dissimilarity must return float or double");
  constexpr auto function = detail::dbcv_name;
  detail::check_dbcv(D.size, "D", options);
  detail::require_no_metric(detail::dbcv_name, options.metric, "callable");
  const Index dimensions = detail::given_dimensions(options);
  const detail::ClusterRows clusters = detail::cluster_rows_of(function, D.size, labels);
  const auto distance = [&](Index i, Index j) {
    return detail::checked_distance(function, "objects", i, j, D.f(i, j));
  };
  return detail::dbcv_of_distances<T>(clusters, D.size, distance, dimensions, options.execution);
}

CORYMB_END
