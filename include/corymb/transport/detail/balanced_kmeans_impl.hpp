#pragma once

#include <corymb/core/detail/memory.hpp>
#include <corymb/core/detail/progress.hpp>
#include <corymb/core/detail/validate.hpp>
#include <corymb/distance/detail/cluster_sums_impl.hpp>
#include <corymb/distance/pairwise.hpp>
#include <corymb/partition/detail/check_options.hpp>
#include <corymb/partition/detail/clusters.hpp>
#include <corymb/partition/detail/kmeans_impl.hpp>
#include <corymb/partition/detail/seeding.hpp>
#include <corymb/transport/balanced_kmeans.hpp>
#include <corymb/transport/capacity_assignment.hpp>
#include <corymb/transport/cost_matrix.hpp>
#include <corymb/transport/detail/capacity_assignment.hpp>
#include <corymb/transport/detail/size_bounds.hpp>

#include <algorithm>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

CORYMB_BEGIN
namespace detail {

template <class T>
class BalancedKMeansFit {
 public:
  BalancedKMeansFit(const Points<T>& X, Index k, SizeBounds bounds, const BalancedKMeansOptions& options)
      : X_(X),
        k_(k),
        bounds_(std::move(bounds)),
        options_(options),
        threads_(resolve_threads(options.execution.threads)),
        progress_(options.execution.on_progress) {}

  /// The best of all restarts. `given`: centroids to start from, or null.
  BalancedKMeansResult<T> run(const RowMatrix<T>* given) {
    if (options_.tolerance > 0) allowed_movement_ = options_.tolerance * mean_column_variance(X_, nullptr, threads_);
    std::optional<BalancedKMeansResult<T>> best;
    for (int restart = 0; restart < options_.restarts; ++restart) {
      RowMatrix<T> centroids;
      bool complete = start(given, restart, centroids);
      if (complete) {
        BalancedKMeansResult<T> result = iterate(std::move(centroids));
        result.restart = restart;
        complete = result.status != Status::cancelled;
        if (result.iterations > 0 && (!best || result.inertia < best->inertia)) best = std::move(result);
      }
      if (complete) continue;
      if (!best) throw Cancelled("corymb::balanced_kmeans: cancelled before the first assignment was complete");
      best->status = Status::cancelled;
      break;
    }
    return *std::move(best);
  }

 private:
  /// The first centroids. False if seeding was cancelled.
  bool start(const RowMatrix<T>* given, int restart, RowMatrix<T>& centroids) {
    if (given != nullptr) {
      centroids = *given;
      return true;
    }
    std::vector<Index> rows = options_.initial_rows;
    if (rows.empty()) {
      Random random(options_.seed, {static_cast<std::uint64_t>(restart)});
      const std::function<bool(Index)> step = [&](Index done) { return progress_("seeding", done, k_, not_a_number); };
      rows = seed_rows(X_, k_, options_.init, nullptr, threads_, random, step);
      if (static_cast<Index>(rows.size()) < k_) return false;
    }
    centroids = gather_rows(X_, rows);
    return true;
  }

  /// One run. A cancelled one is what the last complete assignment left; without any, its iterations are 0.
  BalancedKMeansResult<T> iterate(RowMatrix<T> centroids) {
    BalancedKMeansResult<T> result;
    result.status = Status::iteration_limit;
    for (;;) {
      CapacityOutcome assigned;
      if (!assign(centroids, result.iterations > 0 ? result.prices.data() : nullptr, assigned)) {
        result.status = Status::cancelled;
        break;
      }
      // Other labels of the same inertia are no reason to go on: equal points might make some every time.
      const bool settled =
          result.iterations > 0 && (assigned.labels == result.labels || !(assigned.cost < result.inertia));
      take(assigned, centroids, result);
      if (result.status == Status::converged || result.iterations == options_.max_iterations) break;
      ++result.iterations;
      result.history.push_back(result.inertia);
      if (!progress_("balancing", result.iterations, options_.max_iterations, result.inertia)) {
        result.status = Status::cancelled;
        break;
      }
      const double movement = move(result.labels, centroids);
      if (!settled && !(movement <= allowed_movement_)) continue;
      result.status = Status::converged;
      if (movement == 0) break;  // else the labels follow once more
    }
    return result;
  }

  bool assign(const RowMatrix<T>& centroids, const double* prices, CapacityOutcome& outcome) {
    const auto step = [&](Index done, Index total) { return progress_("augment", done, total, not_a_number); };
    return assign_within_bounds<T>("balanced_kmeans",
                                   squared_distance_costs("balanced_kmeans", X_, centroids, threads_), bounds_, prices,
                                   threads_, step, outcome);
  }

  void take(CapacityOutcome& assigned, const RowMatrix<T>& centroids, BalancedKMeansResult<T>& result) {
    result.labels = std::move(assigned.labels);
    result.sizes = Eigen::Map<const Eigen::Matrix<Index, Eigen::Dynamic, 1>>(assigned.counts.data(), k_);
    result.prices = std::move(assigned.prices);
    result.inertia = assigned.cost;
    result.centroids = centroids;
  }

  /// Moves centroids to the means of their rows. Returns Σ ‖movement‖².
  double move(const Labels& labels, RowMatrix<T>& centroids) const {
    ClusterSums sums{RowMatrix<double>::Zero(k_, X_.cols()), Vector::Zero(k_)};
    sum_clusters(X_, labels.data(), nullptr, threads_, SumsPlan(X_.rows(), X_.cols(), k_), sums);
    return move_to_means(sums, centroids);
  }

  const Points<T>& X_;
  Index k_;
  SizeBounds bounds_;
  const BalancedKMeansOptions& options_;
  int threads_;
  ProgressReporter progress_;
  double allowed_movement_ = 0;
};

/// Checks everything, what is cheap first, and returns the view of X and the bounds.
template <class Derived>
Points<typename Derived::Scalar> check_balanced_kmeans(const Eigen::DenseBase<Derived>& X, Index k, bool start_is_given,
                                                       const BalancedKMeansOptions& options, SizeBounds& bounds) {
  using T = typename Derived::Scalar;
  constexpr std::string_view function = "balanced_kmeans";
  require_columns(function, X.cols());
  KMeansOptions shared;
  shared.init = options.init;
  shared.initial_rows = options.initial_rows;
  shared.restarts = options.restarts;
  shared.max_iterations = options.max_iterations;
  shared.tolerance = options.tolerance;
  shared.execution.threads = options.execution.threads;
  const Index n = X.rows(), d = X.cols();
  check_kmeans_options(function, n, k, start_is_given || !options.initial_rows.empty(), shared);
  bounds = size_bounds(function, n, k, options.min_size, options.max_size);
  const double results = 2.0 * static_cast<double>(n) * sizeof(std::int32_t) + 4 * matrix_bytes<double>(k, d + 4);
  const double working = CapacityAssigner<T>::memory(n, k) + 64.0 * static_cast<double>(k + d) * sizeof(T);
  require_memory(
      function,
      packed_bytes(X) + results + std::max({working, SumsPlan::memory(n, d, k), seeding_memory<T>(n, d, k, shared)}),
      options.execution.memory_limit, "use fewer clusters, float instead of double, or row-major data");
  Points<T> points(X);
  check_points(function, points, resolve_threads(options.execution.threads));
  return points;
}

template <class T, class Derived>
Points<T> check_balanced_model(std::string_view function, const BalancedKMeansResult<T>& model,
                               const Eigen::DenseBase<Derived>& X_new, const Execution& execution) {
  if (model.centroids.rows() < 1) reject(function, "the model has no centroids");
  Points<T> X = points_of(function, X_new, execution);
  require_same_columns(function, "X_new", X.cols(), "the model", model.centroids.cols());
  return X;
}

}  // namespace detail

template <class Derived>
BalancedKMeansResult<typename Derived::Scalar> balanced_kmeans(const Eigen::DenseBase<Derived>& X, Index k,
                                                               const BalancedKMeansOptions& options) {
  using T = typename Derived::Scalar;
  detail::SizeBounds bounds;
  const Points<T> points = detail::check_balanced_kmeans(X, k, false, options, bounds);
  return detail::BalancedKMeansFit<T>(points, k, std::move(bounds), options).run(nullptr);
}

template <class Derived, class DerivedC>
BalancedKMeansResult<typename Derived::Scalar> balanced_kmeans(const Eigen::DenseBase<Derived>& X,
                                                               const Eigen::DenseBase<DerivedC>& initial_centroids,
                                                               const BalancedKMeansOptions& options) {
  using T = typename Derived::Scalar;
  constexpr std::string_view function = "balanced_kmeans";
  const Index k = initial_centroids.rows();
  detail::SizeBounds bounds;
  const Points<T> points = detail::check_balanced_kmeans(X, k, true, options, bounds);
  if (!options.initial_rows.empty())
    detail::reject(function, "initial_rows and initial_centroids are both given; one start is needed");
  const Points<T> start(initial_centroids);
  detail::require_same_columns(function, "initial_centroids", start.cols(), "X", points.cols());
  detail::check_points(function, start, 1, "initial_centroids");
  const RowMatrix<T> centroids = initial_centroids;
  return detail::BalancedKMeansFit<T>(points, k, std::move(bounds), options).run(&centroids);
}

template <class T, class Derived>
Labels predict(const BalancedKMeansResult<T>& model, const Eigen::DenseBase<Derived>& X_new,
               const Execution& execution) {
  const Points<T> X = detail::check_balanced_model("predict", model, X_new, execution);
  detail::require_threads("predict", execution.threads);
  const int threads = resolve_threads(execution.threads);
  detail::check_points("predict", X, threads, "X_new");
  Labels labels(X.rows());
  if (X.rows() == 0) return labels;
  detail::assign_by_prices(detail::squared_distance_costs("predict", X, model.centroids, threads), model.prices,
                           threads, labels);
  return labels;
}

template <class T, class Derived>
RowMatrix<T> transform(const BalancedKMeansResult<T>& model, const Eigen::DenseBase<Derived>& X_new,
                       const Execution& execution) {
  const Points<T> X = detail::check_balanced_model("transform", model, X_new, execution);
  return detail::pairwise_by_metric("transform", X, Points<T>(model.centroids), Metric::euclidean, execution);
}

CORYMB_END
