#pragma once

#include <corymb/distance/detail/check_points.hpp>
#include <corymb/distance/detail/distance_matrix_impl.hpp>
#include <corymb/distance/detail/embedded_haversine.hpp>
#include <corymb/distance/detail/metric_values.hpp>
#include <corymb/distance/detail/row_values.hpp>
#include <corymb/neighbors/detail/matrix_values.hpp>
#include <corymb/neighbors/detail/neighbor_search.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

CORYMB_BEGIN
namespace detail {

// What all functions that look for neighbours have in common. Each checks its input and calls run(sides, values, kind):
// whose neighbours are looked for, the values (see row_values.hpp) of Q's rows against X's, and what a kd-tree
// compares; no kind means brute force.

template <class T, class Run>
auto with_metric(std::string_view function, const NeighborSides<T>& sides, const NeighborOptions& options,
                 const Run& run) {
  const Metric metric = options.metric.value_or(Metric::euclidean);
  const int threads = resolve_threads(options.execution.threads);
  const auto chosen = [&](Index d, std::optional<PairValue> kind) {
    return uses_tree(function, sides.X.rows(), d, kind.has_value(), options.search) ? kind : std::nullopt;
  };
  if constexpr (std::is_same_v<T, double>) {
    if (metric == Metric::haversine) {
      const RowMatrix<double> x = on_unit_sphere(function, sides.x_name, sides.X, threads);
      const RowMatrix<double> q =
          sides.others ? RowMatrix<double>() : on_unit_sphere(function, sides.q_name, sides.Q, threads);
      const Points<double> X(x), Q(sides.others ? x : q);
      return run(NeighborSides<double>{X, Q, sides.others}, SphereValues<double>(function, Q, X, threads),
                 chosen(x.cols(), PairValue::squared_euclidean));
    }
  }
  const std::optional<PairValue> kind = chosen(sides.X.cols(), tree_value_of(metric));
  return run(sides, MetricValues<T>(function, sides.Q, sides.X, metric, sides.q_name, sides.x_name, threads), kind);
}

template <class Derived, class Run>
auto with_metric_sides(std::string_view function, const Eigen::DenseBase<Derived>& X, const NeighborOptions& options,
                       const Run& run) {
  using T = typename Derived::Scalar;
  require_threads(function, options.execution.threads);
  require_columns(function, X.cols());
  const Points<T> x = points_of(function, X, options.execution);
  check_countable_rows(function, "X", x.rows());
  check_points(function, x, resolve_threads(options.execution.threads));
  return with_metric(function, NeighborSides<T>{x, x, true}, options, run);
}

template <class DerivedX, class DerivedQ, class Run>
auto with_metric_sides(std::string_view function, const Eigen::DenseBase<DerivedX>& X,
                       const Eigen::DenseBase<DerivedQ>& Q, const NeighborOptions& options, const Run& run) {
  using T = typename DerivedX::Scalar;
  const Points<T> x = points_of(function, X, options.execution), q = points_of(function, Q, options.execution);
  check_countable_rows(function, "X", x.rows());
  check_countable_rows(function, "Q", q.rows());
  check_two(function, x, "X", q, "Q", options.execution);
  return with_metric(function, NeighborSides<T>{x, q, false}, options, run);
}

inline void require_no_metric_or_tree(std::string_view function, const NeighborOptions& options,
                                      std::string_view source) {
  if (options.metric) reject(function, "metric must be empty: the distances are those of the " + std::string(source));
  uses_tree(function, 0, 0, false, options.search);
}

template <class Derived, class Callable, class Run>
auto with_callable_sides(std::string_view function, const Eigen::DenseBase<Derived>& X, const Callable& f,
                         const NeighborOptions& options, const Run& run) {
  using T = typename Derived::Scalar;
  require_threads(function, options.execution.threads);
  require_no_metric_or_tree(function, options, "callable");
  require_columns(function, X.cols());
  const Points<T> x = points_of(function, X, options.execution);
  check_countable_rows(function, "X", x.rows());
  check_points_of<Callable>(function, x, resolve_threads(options.execution.threads));
  return run(NeighborSides<T>{x, x, true}, CallableValues<T, Callable>(function, x, x, f), std::nullopt);
}

template <class DerivedX, class DerivedQ, class Callable, class Run>
auto with_callable_sides(std::string_view function, const Eigen::DenseBase<DerivedX>& X,
                         const Eigen::DenseBase<DerivedQ>& Q, const Callable& f, const NeighborOptions& options,
                         const Run& run) {
  using T = typename DerivedX::Scalar;
  require_no_metric_or_tree(function, options, "callable");
  const Points<T> x = points_of(function, X, options.execution), q = points_of(function, Q, options.execution);
  check_countable_rows(function, "X", x.rows());
  check_countable_rows(function, "Q", q.rows());
  check_two<Callable>(function, x, "X", q, "Q", options.execution);
  return run(NeighborSides<T>{x, q, false}, CallableValues<T, Callable>(function, q, x, f), std::nullopt);
}

template <class T, class Run>
auto with_matrix_sides(std::string_view function, const DistanceMatrix<T>& D, const NeighborOptions& options,
                       const Run& run) {
  require_threads(function, options.execution.threads);
  require_no_metric_or_tree(function, options, "matrix");
  check_countable_rows(function, "D", D.size());
  check_distances(function, D, resolve_threads(options.execution.threads));
  const Points<T> objects(nullptr, D.size(), 0, 0);  // rows without coordinates
  return run(NeighborSides<T>{objects, objects, true}, MatrixValues<T>(D), std::nullopt);
}

template <class F, class Run>
auto with_object_sides(std::string_view function, const Dissimilarity<F>& D, const NeighborOptions& options,
                       const Run& run) {
  using T = DissimilarityScalar<F>;
  static_assert(std::is_same_v<T, float> || std::is_same_v<T, double>,
                "corymb: the callable of a dissimilarity must return float or double");
  require_threads(function, options.execution.threads);
  require_no_metric_or_tree(function, options, "callable");
  check_countable_rows(function, "D", D.size);
  const Points<T> objects(nullptr, D.size, 0, 0);  // rows without coordinates
  return run(NeighborSides<T>{objects, objects, true}, ObjectValues<F>(function, D), std::nullopt);
}

}  // namespace detail
CORYMB_END
