#pragma once

#include <corymb/core/detail/memory.hpp>
#include <corymb/core/detail/progress.hpp>
#include <corymb/core/detail/validate.hpp>
#include <corymb/distance/pairwise.hpp>
#include <corymb/partition/detail/lloyd.hpp>
#include <corymb/partition/detail/seeding.hpp>
#include <corymb/partition/kmeans.hpp>

#include <algorithm>
#include <limits>
#include <optional>
#include <string>
#include <utility>

CORYMB_BEGIN
namespace detail {

inline void check_kmeans_options(std::string_view function, Index n, Index k, bool start_is_given,
                                 const KMeansOptions& options) {
  require_threads(function, options.execution.threads);
  if (options.restarts < 1) reject(function, "restarts = " + to_text(options.restarts) + " must be ≥ 1");
  if (options.restarts > 1 && start_is_given)
    reject(function,
           "restarts = " + to_text(options.restarts) + " must be 1 from a given start: every run would be the same");
  if (options.max_iterations < 1)
    reject(function, "max_iterations = " + to_text(options.max_iterations) + " must be ≥ 1");
  if (!(options.tolerance >= 0) || std::isinf(options.tolerance))
    reject(function, "tolerance = " + to_text(options.tolerance) + " must be finite and ≥ 0");
  if (k < 1 || k > n) reject(function, "k = " + to_text(k) + " must be in [1, n = " + to_text(n) + "]");
  const Index positive = check_weights(function, options.weights, n);
  if (k > positive)
    reject(function,
           "k = " + to_text(k) + " must be at most the number of rows of positive weight, " + to_text(positive));
  if (options.initial_rows.empty()) return;
  if (static_cast<Index>(options.initial_rows.size()) != k)
    reject(function,
           "initial_rows has " + to_text(options.initial_rows.size()) + " entries; k = " + to_text(k) + " are needed");
  std::vector<Index> sorted = options.initial_rows;
  std::sort(sorted.begin(), sorted.end());
  for (std::size_t i = 0; i < sorted.size(); ++i) {
    if (sorted[i] < 0 || sorted[i] >= n)
      reject(function,
             "initial_rows has " + to_text(sorted[i]) + "; row numbers must be in [0, n = " + to_text(n) + ")");
    if (i > 0 && sorted[i] == sorted[i - 1])
      reject(function, "initial_rows has " + to_text(sorted[i]) + " twice; the rows must be different");
  }
}

/// Mean over the columns of their (weighted) variance: what the tolerance is relative to. In two passes, so that an
/// offset of the data does not cancel the variance away.
template <class T>
double mean_column_variance(const Points<T>& X, const double* weight, int threads) {
  const SumsPlan plan(X.rows(), X.cols(), 1);
  ClusterSums total{RowMatrix<double>::Zero(1, X.cols()), Vector::Zero(1)};
  sum_clusters(X, nullptr, weight, threads, plan, total);
  const Vector mean = total.sums.row(0).transpose() / total.weights[0];
  const double squares = parallel_sum(threads, Chunks(X.rows()), 0.0, [&](Index begin, Index end) {
    double sum = 0;
    for (Index i = begin; i < end; ++i) {
      double row = 0;
      for (Index j = 0; j < X.cols(); ++j) {
        const double difference = static_cast<double>(X(i, j)) - mean[j];
        row += difference * difference;
      }
      sum += (weight != nullptr ? weight[i] : 1.0) * row;
    }
    return sum;
  });
  return squares / total.weights[0] / static_cast<double>(X.cols());
}

template <class T>
RowMatrix<T> rows_of(const Points<T>& X, const std::vector<Index>& rows) {
  RowMatrix<T> result(static_cast<Index>(rows.size()), X.cols());
  for (Index c = 0; c < result.rows(); ++c)
    std::copy_n(X.row(rows[static_cast<std::size_t>(c)]), X.cols(), result.data() + c * X.cols());
  return result;
}

/// What a run leaves: its labels must be those of its centroids.
template <class T>
void take_result(Lloyd<T>& lloyd, KMeansResult<T>& result) {
  result.inertia = lloyd.inertia();
  result.sizes = lloyd.sizes();
  result.labels = std::move(lloyd.labels());
  result.centroids = std::move(lloyd.centroids());
}

/// One run from given centroids.
template <class T>
KMeansResult<T> run_lloyd(const Points<T>& X, RowMatrix<T> centroids, const double* weight, double allowed_movement,
                          int threads, const KMeansOptions& options, const ProgressReporter& progress) {
  Lloyd<T> lloyd(X, std::move(centroids), weight, threads);
  KMeansResult<T> result;
  result.status = Status::iteration_limit;
  bool labels_are_nearest = false;
  while (result.iterations < options.max_iterations) {
    const bool changed = lloyd.assign_and_sum();
    ++result.iterations;
    double inertia = std::numeric_limits<double>::quiet_NaN();
    if (options.history) result.history.push_back(inertia = lloyd.inertia());
    if (!progress("lloyd", result.iterations, options.max_iterations, inertia)) {
      result.status = Status::cancelled;
      labels_are_nearest = true;  // of the centroids that have not moved yet
      break;
    }
    if (options.empty_clusters == EmptyClusters::relocate) lloyd.relocate_empty();
    const double movement = lloyd.move();
    if (!changed && movement == 0) labels_are_nearest = true;
    if (!changed || movement <= allowed_movement) {
      result.status = Status::converged;
      break;
    }
  }
  if (!labels_are_nearest) lloyd.assign();
  take_result(lloyd, result);
  return result;
}

/// The result of a call that was cancelled before its first iteration: the rows chosen so far, filled up with the
/// lowest others, and their assignment.
template <class T>
KMeansResult<T> cancelled_while_seeding(const Points<T>& X, std::vector<Index> rows, Index k, const double* weight,
                                        int threads) {
  fill_with_lowest_rows(X.rows(), k, weight, rows);
  Lloyd<T> lloyd(X, rows_of(X, rows), weight, threads);
  lloyd.assign();
  KMeansResult<T> result;
  result.status = Status::cancelled;
  take_result(lloyd, result);
  return result;
}

/// All restarts. `given`: centroids to start from, or null.
template <class T>
KMeansResult<T> kmeans_points(const Points<T>& X, Index k, const RowMatrix<T>* given, const KMeansOptions& options) {
  const int threads = resolve_threads(options.execution.threads);
  const double* weight = options.weights.size() > 0 ? options.weights.data() : nullptr;
  const ProgressReporter progress(options.execution.on_progress);
  const double allowed_movement =
      options.tolerance > 0 ? options.tolerance * mean_column_variance(X, weight, threads) : 0.0;

  std::optional<KMeansResult<T>> best;
  for (int restart = 0; restart < options.restarts; ++restart) {
    RowMatrix<T> centroids;
    if (given != nullptr) {
      centroids = *given;
    } else if (!options.initial_rows.empty()) {
      centroids = rows_of(X, options.initial_rows);
    } else {
      Random random(options.seed, {static_cast<std::uint64_t>(restart)});
      const std::vector<Index> rows = seed_rows(X, k, options.init, weight, threads, random, [&](Index chosen) {
        return progress("seeding", chosen, k, std::numeric_limits<double>::quiet_NaN());
      });
      if (static_cast<Index>(rows.size()) < k) {
        if (best) {
          best->status = Status::cancelled;
          return *std::move(best);
        }
        return cancelled_while_seeding(X, rows, k, weight, threads);
      }
      centroids = rows_of(X, rows);
    }
    KMeansResult<T> result = run_lloyd(X, std::move(centroids), weight, allowed_movement, threads, options, progress);
    result.restart = restart;
    const bool cancelled = result.status == Status::cancelled;
    if (!best || result.inertia < best->inertia) best = std::move(result);
    if (cancelled) {
      best->status = Status::cancelled;
      break;
    }
  }
  return *std::move(best);
}

/// Checks everything, what is cheap first, and returns the view of X.
template <class Derived>
Points<typename Derived::Scalar> check_kmeans(const Eigen::DenseBase<Derived>& X, Index k, bool start_is_given,
                                              const KMeansOptions& options) {
  using T = typename Derived::Scalar;
  constexpr std::string_view function = "kmeans";
  require_columns(function, X.cols());
  check_kmeans_options(function, X.rows(), k, start_is_given, options);
  const double n = static_cast<double>(X.rows()), d = static_cast<double>(X.cols());
  const double labels = n * sizeof(std::int32_t);
  const double seeding = n * (options.init == KMeansInit::random ? sizeof(std::pair<double, Index>) : sizeof(T));
  const double centroids = 4 * static_cast<double>(k) * (d + 2) * sizeof(double);
  require_memory(function,
                 packed_bytes(X) + labels + std::max(seeding, SumsPlan::memory(X.rows(), X.cols(), k)) + centroids,
                 options.execution.memory_limit, "use fewer clusters, float instead of double, or row-major data");
  Points<T> points(X);
  check_points(function, points, resolve_threads(options.execution.threads));
  return points;
}

template <class T, class Derived>
Points<T> check_model(std::string_view function, const KMeansResult<T>& model, const Eigen::DenseBase<Derived>& X_new,
                      const Execution& execution) {
  if (model.centroids.rows() < 1) reject(function, "the model has no centroids");
  Points<T> X = points_of(function, X_new, execution);
  require_same_columns(function, "X_new", X.cols(), "the model", model.centroids.cols());
  return X;
}

}  // namespace detail

template <class Derived>
KMeansResult<typename Derived::Scalar> kmeans(const Eigen::DenseBase<Derived>& X, Index k,
                                              const KMeansOptions& options) {
  using T = typename Derived::Scalar;
  const Points<T> points = detail::check_kmeans(X, k, !options.initial_rows.empty(), options);
  return detail::kmeans_points<T>(points, k, nullptr, options);
}

template <class Derived, class DerivedC>
KMeansResult<typename Derived::Scalar> kmeans(const Eigen::DenseBase<Derived>& X,
                                              const Eigen::DenseBase<DerivedC>& initial_centroids,
                                              const KMeansOptions& options) {
  using T = typename Derived::Scalar;
  const Points<T> points = detail::check_kmeans(X, initial_centroids.rows(), true, options);
  const Points<T> start(initial_centroids);
  if (!options.initial_rows.empty())
    detail::reject("kmeans", "initial_rows and initial_centroids are both given; one start is needed");
  detail::require_same_columns("kmeans", "initial_centroids", start.cols(), "X", points.cols());
  detail::check_points("kmeans", start, 1, "initial_centroids");
  const RowMatrix<T> centroids = initial_centroids;
  return detail::kmeans_points<T>(points, centroids.rows(), &centroids, options);
}

template <class T, class Derived>
Labels predict(const KMeansResult<T>& model, const Eigen::DenseBase<Derived>& X_new, const Execution& execution) {
  const Points<T> X = detail::check_model("predict", model, X_new, execution);
  detail::require_threads("predict", execution.threads);
  const int threads = resolve_threads(execution.threads);
  detail::check_points("predict", X, threads, "X_new");
  Labels labels(X.rows());
  detail::assign_all<T>(X, detail::rows_view(model.centroids), threads, labels.data(), nullptr);
  return labels;
}

template <class T, class Derived>
RowMatrix<T> transform(const KMeansResult<T>& model, const Eigen::DenseBase<Derived>& X_new,
                       const Execution& execution) {
  const Points<T> X = detail::check_model("transform", model, X_new, execution);
  return detail::pairwise_by_metric("transform", X, Points<T>(model.centroids), Metric::euclidean, execution);
}

template <class T, class Derived>
NearestManyResult<T> nearest_centroids(const KMeansResult<T>& model, const Eigen::DenseBase<Derived>& X_new,
                                       Index count, const Execution& execution) {
  const Points<T> X = detail::check_model("nearest_centroids", model, X_new, execution);
  const Points<T> centroids(model.centroids);
  return detail::nearest_many_by_metric("nearest_centroids", X, centroids, count, Metric::euclidean, execution);
}

CORYMB_END
