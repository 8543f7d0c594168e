#pragma once

#include <corymb/core/detail/memory.hpp>
#include <corymb/core/detail/progress.hpp>
#include <corymb/core/detail/validate.hpp>
#include <corymb/distance/pairwise.hpp>
#include <corymb/partition/detail/finder_choice.hpp>
#include <corymb/partition/detail/hartigan_wong.hpp>
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

inline constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();
inline constexpr int most_polishes = 20;       // times that single moves and Lloyd's iterations take turns
inline constexpr int single_move_passes = 20;  // over the rows, before Lloyd's turn

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
  if (options.seeding_rounds < 1)
    reject(function, "seeding_rounds = " + to_text(options.seeding_rounds) + " must be ≥ 1");
  if (!(options.oversampling > 0) || std::isinf(options.oversampling))
    reject(function, "oversampling = " + to_text(options.oversampling) + " must be finite and > 0");
  if (options.chain_length < 1) reject(function, "chain_length = " + to_text(options.chain_length) + " must be ≥ 1");
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

/// What a run leaves: its labels must be those of its centroids.
template <class Run, class T>
void take_result(Run& run, KMeansResult<T>& result) {
  result.inertia = run.inertia();
  result.sizes = run.sizes();
  result.labels = std::move(run.labels());
  result.centroids = std::move(run.centroids());
}

/// The iterations of one run, from where its centroids stand.
/// @param run      its stages, see Lloyd.
/// @param between  called with the number of labels that changed, between iterations.
/// @param polish   called when the run has converged: whether it found something to change after all.
template <class T, class Run, class Between, class Polish>
KMeansResult<T> iterate(Run& run, double allowed_movement, const KMeansOptions& options,
                        const ProgressReporter& progress, const Between& between, const Polish& polish) {
  KMeansResult<T> result;
  result.status = Status::iteration_limit;
  bool labels_are_nearest = false;
  while (result.iterations < options.max_iterations) {
    Index changed = run.assign_and_sum();
    if (changed == 0) changed = run.refresh();
    ++result.iterations;
    double inertia = not_a_number;
    if (options.history) result.history.push_back(inertia = run.inertia());
    if (!progress("lloyd", result.iterations, options.max_iterations, inertia)) {
      result.status = Status::cancelled;
      labels_are_nearest = true;  // of the centroids that have not moved yet
      break;
    }
    if (options.empty_clusters == EmptyClusters::relocate) run.relocate_empty();
    const double movement = run.move();
    labels_are_nearest = changed == 0 && movement == 0;
    if (labels_are_nearest || movement <= allowed_movement) {
      if (!labels_are_nearest) run.assign();
      labels_are_nearest = true;
      if (polish()) {
        labels_are_nearest = false;
        continue;
      }
      result.status = Status::converged;
      break;
    }
    between(changed);
  }
  if (!labels_are_nearest) run.assign();
  take_result(run, result);
  return result;
}

/// One run from given centroids.
template <class T>
KMeansResult<T> run_lloyd(const Points<T>& X, RowMatrix<T> centroids, const double* weight, double allowed_movement,
                          int threads, const KMeansOptions& options, FinderChoice<T>& choice,
                          const ProgressReporter& progress) {
  Lloyd<T> lloyd(X, std::move(centroids), weight, threads);
  choice.begin_run(lloyd);
  int polished = 0;
  bool cancelled = false;
  const auto polish = [&] {
    if (!options.single_moves || polished++ == most_polishes) return false;
    const auto go_on = [&] {
      return !(cancelled = cancelled || !progress("single moves", polished, most_polishes, not_a_number));
    };
    if (move_single_points(X, lloyd.k(), weight, threads, single_move_passes, go_on, lloyd.labels()) == 0) return false;
    lloyd.follow_labels();
    if (cancelled) lloyd.assign();
    return !cancelled;
  };
  KMeansResult<T> result = iterate<T>(
      lloyd, allowed_movement, options, progress, [&](Index changed) { choice.reconsider(lloyd, changed); }, polish);
  if (cancelled) result.status = Status::cancelled;
  return result;
}

/// The result of a call that was cancelled before its first iteration: the rows chosen so far, filled up with the
/// lowest others, and their assignment.
template <class T>
KMeansResult<T> cancelled_while_seeding(const Points<T>& X, std::vector<Index> rows, Index k, const double* weight,
                                        int threads) {
  fill_with_lowest_rows(X.rows(), k, weight, rows);
  Lloyd<T> lloyd(X, gather_rows(X, rows), weight, threads);
  lloyd.assign();
  KMeansResult<T> result;
  result.status = Status::cancelled;
  take_result(lloyd, result);
  return result;
}

/// Bytes that a fit needs beyond the data, without what `automatic` may take in addition.
template <class T>
double kmeans_memory(Index n, Index d, Index k, const KMeansOptions& options) {
  const double labels = 2.0 * static_cast<double>(n) * sizeof(std::int32_t);
  const double centroids = 4 * static_cast<double>(k) * static_cast<double>(d + 2) * sizeof(double);
  const double finder =
      options.algorithm == KMeansAlgorithm::automatic ? 0.0 : FinderChoice<T>::memory(n, d, k, options.algorithm);
  const double moves = options.single_moves ? single_moves_memory(n, d, k) : 0.0;
  return labels + centroids + std::max(seeding_memory<T>(n, d, k, options), SumsPlan::memory(n, d, k) + finder + moves);
}

/// All restarts. `given`: centroids to start from, or null.
template <class T>
KMeansResult<T> kmeans_points(const Points<T>& X, Index k, const RowMatrix<T>* given, const KMeansOptions& options) {
  const int threads = resolve_threads(options.execution.threads);
  const double* weight = options.weights.size() > 0 ? options.weights.data() : nullptr;
  const ProgressReporter progress(options.execution.on_progress);
  const double allowed_movement =
      options.tolerance > 0 ? options.tolerance * mean_column_variance(X, weight, threads) : 0.0;

  const double taken = kmeans_memory<T>(X.rows(), X.cols(), k, options) + matrix_bytes<T>(X.rows(), X.cols());
  FinderChoice<T> choice(X, k, options, threads, taken);
  std::optional<KMeansResult<T>> best;
  for (int restart = 0; restart < options.restarts; ++restart) {
    RowMatrix<T> centroids;
    if (given != nullptr) {
      centroids = *given;
    } else if (!options.initial_rows.empty()) {
      centroids = gather_rows(X, options.initial_rows);
    } else {
      Random random(options.seed, {static_cast<std::uint64_t>(restart)});
      const std::vector<Index> rows = seed_rows(X, k, options, weight, threads, random,
                                                [&](Index done) { return progress("seeding", done, k, not_a_number); });
      if (static_cast<Index>(rows.size()) < k) {
        if (best) {
          best->status = Status::cancelled;
          return *std::move(best);
        }
        return cancelled_while_seeding(X, rows, k, weight, threads);
      }
      centroids = gather_rows(X, rows);
    }
    KMeansResult<T> result =
        run_lloyd(X, std::move(centroids), weight, allowed_movement, threads, options, choice, progress);
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
  require_memory(function, packed_bytes(X) + kmeans_memory<T>(X.rows(), X.cols(), k, options),
                 options.execution.memory_limit,
                 "use KMeansAlgorithm::lloyd, fewer clusters, float instead of double, or row-major data");
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
