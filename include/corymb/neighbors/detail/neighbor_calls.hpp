#pragma once

#include <corymb/distance/detail/check_points.hpp>
#include <corymb/distance/detail/distance_matrix_impl.hpp>
#include <corymb/distance/detail/embedded_haversine.hpp>
#include <corymb/distance/detail/metric_values.hpp>
#include <corymb/distance/detail/row_values.hpp>
#include <corymb/neighbors/detail/matrix_values.hpp>
#include <corymb/neighbors/detail/neighbor_search.hpp>

#include <string>
#include <string_view>
#include <type_traits>

CORYMB_BEGIN
namespace detail {

// What all functions that look for neighbours have in common. Each checks its input and calls run(sides, values,
// trees): whose neighbours are looked for, the values (see row_values.hpp) of Q's rows against X's, and the trees to
// look in, see tree_spaces.hpp; without trees it is by brute force. Where the choice is ours and the metric is
// Euclidean, run.tree_pays(sides) makes it, if there is such a function.

template <class T, class Run>
auto with_metric(std::string_view function, const NeighborSides<T>& sides, const NeighborOptions& options,
                 const Run& run) {
  const Metric metric = options.metric.value_or(Metric::euclidean);
  const int threads = resolve_threads(options.execution.threads);
  const Index n = sides.X.rows();
  if constexpr (std::is_same_v<T, double>) {
    if (metric == Metric::haversine) {
      const RowMatrix<double> x = on_unit_sphere(function, sides.x_name, sides.X, threads);
      const RowMatrix<double> q =
          sides.others ? RowMatrix<double>() : on_unit_sphere(function, sides.q_name, sides.Q, threads);
      const Points<double> X(x), Q(sides.others ? x : q);
      const NeighborSides<double> on_sphere{X, Q, sides.others};
      const SphereValues<double> values(function, Q, X, threads);
      if (search_tree_of<T>(function, n, X.cols(), metric, options.search) == SearchTree::none)
        return run(on_sphere, values, NoTrees());
      return run(on_sphere, values, BoxTrees<double>{PairValue::squared_euclidean});
    }
  }
  SearchTree tree = search_tree_of<T>(function, n, sides.X.cols(), metric, options.search);
  if constexpr (requires { run.tree_pays(sides); }) {
    if (metric == Metric::euclidean && options.search == NeighborSearch::automatic)
      tree = run.tree_pays(sides) ? SearchTree::boxes : SearchTree::none;
  }
  const MetricValues<T> values(function, sides.Q, sides.X, metric, sides.q_name, sides.x_name, threads);
  if (tree == SearchTree::boxes) return run(sides, values, BoxTrees<T>{*tree_value_of(metric)});
  if (tree == SearchTree::balls) return run(sides, values, BallTrees<T, MetricSpace<T>>{{function, metric, threads}});
  return run(sides, values, NoTrees());
}

/// Calls use(sides) with rows that are checked.
template <class Derived, class Use>
auto with_checked_sides(std::string_view function, const Eigen::DenseBase<Derived>& X, const NeighborOptions& options,
                        const Use& use) {
  using T = typename Derived::Scalar;
  require_threads(function, options.execution.threads);
  require_columns(function, X.cols());
  const Points<T> x = points_of(function, X, options.execution);
  check_countable_rows(function, "X", x.rows());
  check_points(function, x, resolve_threads(options.execution.threads));
  return use(NeighborSides<T>{x, x, true});
}

template <class DerivedX, class DerivedQ, class Use>
auto with_checked_sides(std::string_view function, const Eigen::DenseBase<DerivedX>& X,
                        const Eigen::DenseBase<DerivedQ>& Q, const NeighborOptions& options, const Use& use) {
  using T = typename DerivedX::Scalar;
  const Points<T> x = points_of(function, X, options.execution), q = points_of(function, Q, options.execution);
  check_countable_rows(function, "X", x.rows());
  check_countable_rows(function, "Q", q.rows());
  check_two(function, x, "X", q, "Q", options.execution);
  return use(NeighborSides<T>{x, q, false});
}

template <class Derived, class Run>
auto with_metric_sides(std::string_view function, const Eigen::DenseBase<Derived>& X, const NeighborOptions& options,
                       const Run& run) {
  return with_checked_sides(function, X, options,
                            [&](const auto& sides) { return with_metric(function, sides, options, run); });
}

template <class DerivedX, class DerivedQ, class Run>
auto with_metric_sides(std::string_view function, const Eigen::DenseBase<DerivedX>& X,
                       const Eigen::DenseBase<DerivedQ>& Q, const NeighborOptions& options, const Run& run) {
  return with_checked_sides(function, X, Q, options,
                            [&](const auto& sides) { return with_metric(function, sides, options, run); });
}

inline void require_no_metric(std::string_view function, const NeighborOptions& options, std::string_view source) {
  require_no_metric(function, options.metric, source);
  if (options.search == NeighborSearch::kd_tree) require_kd_tree(function, "search = kd_tree", false);
}

template <class T, class Callable, class Run>
auto with_callable(std::string_view function, const NeighborSides<T>& sides, const Callable& f,
                   const NeighborOptions& options, const Run& run) {
  const CallableValues<T, Callable> values(function, sides.Q, sides.X, f);
  if (options.search == NeighborSearch::ball_tree)
    return run(sides, values, BallTrees<T, CallableSpace<T, Callable>>{{function, f}});
  return run(sides, values, NoTrees());
}

template <class Derived, class Callable, class Run>
auto with_callable_sides(std::string_view function, const Eigen::DenseBase<Derived>& X, const Callable& f,
                         const NeighborOptions& options, const Run& run) {
  using T = typename Derived::Scalar;
  require_threads(function, options.execution.threads);
  require_no_metric(function, options, "callable");
  require_columns(function, X.cols());
  const Points<T> x = points_of(function, X, options.execution);
  check_countable_rows(function, "X", x.rows());
  check_points_of<Callable>(function, x, resolve_threads(options.execution.threads));
  return with_callable(function, NeighborSides<T>{x, x, true}, f, options, run);
}

template <class DerivedX, class DerivedQ, class Callable, class Run>
auto with_callable_sides(std::string_view function, const Eigen::DenseBase<DerivedX>& X,
                         const Eigen::DenseBase<DerivedQ>& Q, const Callable& f, const NeighborOptions& options,
                         const Run& run) {
  using T = typename DerivedX::Scalar;
  require_no_metric(function, options, "callable");
  const Points<T> x = points_of(function, X, options.execution), q = points_of(function, Q, options.execution);
  check_countable_rows(function, "X", x.rows());
  check_countable_rows(function, "Q", q.rows());
  check_two<Callable>(function, x, "X", q, "Q", options.execution);
  return with_callable(function, NeighborSides<T>{x, q, false}, f, options, run);
}

template <class T, class Run>
auto with_matrix_sides(std::string_view function, const DistanceMatrix<T>& D, const NeighborOptions& options,
                       const Run& run) {
  require_threads(function, options.execution.threads);
  require_no_metric(function, options, "matrix");
  if (options.search == NeighborSearch::ball_tree) require_ball_tree(function, "search = ball_tree", false);
  check_countable_rows(function, "D", D.size());
  check_distances(function, D, resolve_threads(options.execution.threads));
  const Points<T> objects(nullptr, D.size(), 0, 0);  // rows without coordinates
  return run(NeighborSides<T>{objects, objects, true}, MatrixValues<T>(D), NoTrees());
}

template <class F, class Run>
auto with_object_sides(std::string_view function, const Dissimilarity<F>& D, const NeighborOptions& options,
                       const Run& run) {
  using T = DissimilarityScalar<F>;
  static_assert(std::is_same_v<T, float> || std::is_same_v<T, double>,
                "corymb: the callable of a dissimilarity must return float or double");
  require_threads(function, options.execution.threads);
  require_no_metric(function, options, "callable");
  check_countable_rows(function, "D", D.size);
  const Points<T> objects(nullptr, D.size, 0, 0);  // rows without coordinates
  const NeighborSides<T> sides{objects, objects, true};
  const ObjectValues<F> values(function, D);
  if (options.search == NeighborSearch::ball_tree)
    return run(sides, values, BallTrees<T, ObjectSpace<F>>{{function, D}});
  return run(sides, values, NoTrees());
}

}  // namespace detail
CORYMB_END
