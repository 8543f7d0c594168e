#pragma once

#include <corymb/core/detail/memory.hpp>
#include <corymb/core/detail/validate.hpp>
#include <corymb/density/detail/optics/brute_ordering.hpp>
#include <corymb/density/detail/optics/core_values.hpp>
#include <corymb/density/detail/optics/tree_ordering.hpp>
#include <corymb/density/optics.hpp>
#include <corymb/distance/detail/value_thresholds.hpp>
#include <corymb/neighbors/detail/neighbor_calls.hpp>
#include <corymb/neighbors/detail/tree_estimate.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string_view>
#include <vector>

CORYMB_BEGIN
namespace detail {

inline constexpr std::string_view optics_name = "optics";

/// What every form of the call has.
struct OpticsCall {
  Index min_samples;
  const OpticsOptions& options;

  int threads() const { return resolve_threads(options.execution.threads); }
  bool is_unlimited() const { return std::isinf(options.max_eps); }
  void check() const {
    if (min_samples < 1) reject(optics_name, "min_samples = " + to_text(min_samples) + " must be ≥ 1");
    if (!(options.max_eps >= 0)) reject(optics_name, "max_eps = " + to_text(options.max_eps) + " must be ≥ 0");
  }
  void require_memory(double bytes) const {
    detail::require_memory(optics_name, bytes, options.execution.memory_limit,
                           "use row-major data, which are used in place, fewer threads, or a sample");
  }

  /// What to look for neighbours by. Without a limit every row reaches all others: a tree has something to leave out
  /// only where few rows have the same distance from what was taken.
  NeighborOptions search(Index columns) const {
    constexpr Index few_columns = 8;
    NeighborOptions result{.metric = options.metric, .search = options.search, .execution = options.execution};
    if (result.search == NeighborSearch::automatic && is_unlimited() && columns > few_columns)
      result.search = NeighborSearch::brute_force;
    return result;
  }
};

/// The result, whose rows come in their order.
class OrderedRows {
 public:
  OrderedRows(Index n, const OpticsCall& call) {
    result_.ordering.reserve(static_cast<std::size_t>(n));
    result_.predecessor.resize(static_cast<std::size_t>(n));
    result_.reachability.resize(n);
    result_.core_distances.resize(n);
    result_.min_samples = call.min_samples;
    result_.max_eps = call.options.max_eps;
  }

  static double memory(Index n) { return static_cast<double>(n) * 2 * (sizeof(double) + sizeof(std::int32_t)); }

  template <class T, class Finish>
  void set_cores(const OrderingTask<T>& task, const Finish& finish) {
    for (Index i = 0; i < result_.core_distances.size(); ++i) {
      T distance = std::numeric_limits<T>::infinity();
      if (task.is_core(i)) {
        distance = task.core_value[static_cast<std::size_t>(i)];
        finish(&distance, 1);
      }
      result_.core_distances[i] = static_cast<double>(distance);
    }
  }

  void add(Index row, double reachability, std::int32_t predecessor) {
    result_.ordering.push_back(static_cast<std::int32_t>(row));
    result_.reachability[row] = reachability;
    result_.predecessor[static_cast<std::size_t>(row)] = predecessor;
  }

  OpticsResult take() { return std::move(result_); }

 private:
  OpticsResult result_;
};

/// @param values  see row_values.hpp
/// @param reach   see brute_ordering.hpp
/// @param rows_at_once  for one thread at a time
template <class T, class Values, class Trees, class Reach>
OpticsResult find_ordering(const NeighborSides<T>& sides, const Values& values, const Trees& trees, const Reach& reach,
                           Index rows_at_once, const OpticsCall& call) {
  const Index n = sides.X.rows();
  const int threads = call.threads();
  const double lowest =
      threads * LowestValues<T>::memory(Trees::exist ? leaf_places : 1, std::min(call.min_samples, n));
  const double state = matrix_bytes<T>(n, 1) + ReachState<T>::memory(n) + OrderedRows::memory(n);
  call.require_memory(search_memory(sides, trees, threads) + lowest + state);
  OrderedRows rows(n, call);
  if (n == 0) return rows.take();
  const ProgressReporter progress(call.options.execution.on_progress);
  const auto finish = [&](T* value, Index count) { values.finish(value, count); };
  const T limit = largest_value_within<T>(call.options.max_eps, [&](T value) {
    finish(&value, 1);
    return value;
  });
  const auto add = [&](Index row, T distance, std::int32_t predecessor) {
    rows.add(row, static_cast<double>(distance), predecessor);
  };
  if constexpr (Trees::exist) {
    trees.with_geometry(sides, threads, [&](const auto& geometry) {
      const std::vector<T> core = core_values<T>(n, call.min_samples, [&](Index k, T* out) {
        tree_wanted_values(optics_name, geometry, true, KthValues<T>(leaf_places, k, true), call.options.execution,
                           out);
      });
      const OrderingTask<T> task{core, limit};
      rows.set_cores(task, finish);
      TreeOrdering(optics_name, task, geometry, finish, progress).run(add);
    });
  } else {
    const std::vector<T> core = core_values<T>(n, call.min_samples, [&](Index k, T* out) {
      brute_wanted_values(optics_name, sides, values, KthValues<T>(1, k, true), call.options.execution, out);
    });
    const OrderingTask<T> task{core, limit};
    rows.set_cores(task, finish);
    BruteOrdering(optics_name, task, reach, rows_at_once, finish, threads, progress).run(add);
  }
  return rows.take();
}

/// What is called with sides, values and trees of a metric, see neighbor_calls.hpp.
struct MetricOptics {
  const OpticsCall& call;

  template <class T>
  bool tree_pays(const NeighborSides<T>& sides) const {
    const Points<T>& X = sides.X;
    if (call.is_unlimited()) return kd_tree_pays(X.rows(), X.cols());
    const auto eps = static_cast<T>(call.options.max_eps);
    const T limit = std::min(eps * eps, std::numeric_limits<T>::max());
    return tree_pays_within(X, limit, allowed_memory(call.options.execution.memory_limit));
  }

  template <class T, class Values, class Trees>
  OpticsResult operator()(const NeighborSides<T>& sides, const Values& values, const Trees& trees) const {
    // Threads meet after every row: they must have much to do until then.
    constexpr Index numbers_per_task = Index{1} << 20;
    const Index rows_at_once = std::max<Index>(numbers_per_task / sides.X.cols(), 256);
    return find_ordering(sides, values, trees, MetricReach(values), rows_at_once, call);
  }
};

/// By the distances of a callable or a matrix.
/// @param distance  distance(i, j), checked
template <class T, class Values, class Trees, class Distance>
OpticsResult ordering_of_distances(const NeighborSides<T>& sides, const Values& values, const Trees& trees,
                                   const Distance& distance, const OpticsCall& call) {
  constexpr Index rows_at_once = 2048;  // see MetricOptics
  return find_ordering(sides, values, trees, GivenReach<Distance>(distance), rows_at_once, call);
}

}  // namespace detail

template <class Derived>
OpticsResult optics(const Eigen::DenseBase<Derived>& X, Index min_samples, const OpticsOptions& options) {
  const detail::OpticsCall call{min_samples, options};
  call.check();
  return detail::with_metric_sides(detail::optics_name, X, call.search(X.cols()), detail::MetricOptics{call});
}

template <class Derived, class Callable>
requires std::is_invocable_v<const Callable&, std::span<const typename Derived::Scalar>,
                             std::span<const typename Derived::Scalar>>
    OpticsResult optics(const Eigen::DenseBase<Derived>& X, Index min_samples, const Callable& f,
                        const OpticsOptions& options) {
  using T = typename Derived::Scalar;
  const detail::OpticsCall call{min_samples, options};
  call.check();
  return detail::with_callable_sides(
      detail::optics_name, X, f, call.search(X.cols()), [&](const auto& sides, const auto& values, const auto& trees) {
        const Points<T>& x = sides.X;
        const auto distance = [&](Index i, Index j) {
          return detail::checked_distance(detail::optics_name, "rows", i, j, static_cast<T>(f(x[i], x[j])));
        };
        return detail::ordering_of_distances(sides, values, trees, distance, call);
      });
}

template <class T>
OpticsResult optics(const DistanceMatrix<T>& D, Index min_samples, const OpticsOptions& options) {
  const detail::OpticsCall call{min_samples, options};
  call.check();
  return detail::with_matrix_sides(detail::optics_name, D, call.search(0),
                                   [&](const auto& sides, const auto& values, const auto& trees) {
                                     return detail::ordering_of_distances(sides, values, trees, D, call);
                                   });
}

template <class F>
OpticsResult optics(const Dissimilarity<F>& D, Index min_samples, const OpticsOptions& options) {
  const detail::OpticsCall call{min_samples, options};
  call.check();
  return detail::with_object_sides(detail::optics_name, D, call.search(0),
                                   [&](const auto& sides, const auto& values, const auto& trees) {
                                     const auto distance = [&](Index i, Index j) {
                                       return detail::checked_distance(detail::optics_name, "objects", i, j, D.f(i, j));
                                     };
                                     return detail::ordering_of_distances(sides, values, trees, distance, call);
                                   });
}

CORYMB_END
