#pragma once

#include <corymb/core/detail/memory.hpp>
#include <corymb/core/detail/progress.hpp>
#include <corymb/core/detail/validate.hpp>
#include <corymb/partition/detail/gathered_rows.hpp>
#include <corymb/partition/detail/kmeans_impl.hpp>
#include <corymb/partition/detail/random_order.hpp>
#include <corymb/partition/minibatch_kmeans.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <string>
#include <utility>

CORYMB_BEGIN
namespace detail {

inline void check_reassignment_ratio(std::string_view function, double ratio) {
  if (!(ratio >= 0 && ratio < 1)) reject(function, "reassignment_ratio = " + to_text(ratio) + " must be in [0, 1)");
}

inline void check_recency(std::string_view function, double recency) {
  if (!(recency >= 0) || std::isinf(recency))
    reject(function, "recency = " + to_text(recency) + " must be finite and ≥ 0");
}

/// What the past counts less when the next batch comes.
inline double recency_decay(std::int64_t batches, double recency) {
  return recency > 0 ? std::pow(static_cast<double>(batches + 1) / static_cast<double>(batches + 2), recency) : 1.0;
}

inline void check_init_size(std::string_view function, Index init_size, Index k) {
  if (init_size < 0 || (init_size > 0 && init_size < k))
    reject(function,
           "init_size = " + to_text(init_size) + " must be at least k = " + to_text(k) + ", or 0 for the default");
}

inline void check_minibatch_model(Index k, const MiniBatchModelOptions& options) {
  constexpr std::string_view function = "MiniBatchKMeans";
  constexpr Index most = std::numeric_limits<std::int32_t>::max();
  if (k < 1 || k > most) reject(function, "k = " + to_text(k) + " must be in [1, " + to_text(most) + "]");
  check_init_size(function, options.init_size, k);
  if (!(options.decay >= 0 && options.decay <= 1))
    reject(function, "decay = " + to_text(options.decay) + " must be in [0, 1]");
  check_recency(function, options.recency);
  check_reassignment_ratio(function, options.reassignment_ratio);
}

/// Bytes to learn a batch of n rows, the centroids included.
template <class T>
double batch_memory(Index n, Index d, Index k) {
  return static_cast<double>(n) * (sizeof(std::int32_t) + sizeof(T)) + SumsPlan::memory(n, d, k) +
         4 * static_cast<double>(k) * static_cast<double>(d + 2) * sizeof(double);
}

// The streams of random numbers beside that of the seeding: Random(seed, {restart, purpose, …}).
inline constexpr std::uint64_t reassignment_stream = 1, epoch_stream = 2, sample_stream = 3;

}  // namespace detail

template <class T>
MiniBatchKMeans<T>::MiniBatchKMeans(Index k, const MiniBatchModelOptions& options) : k_(k), options_(options) {
  detail::check_minibatch_model(k, options);
}

template <class T>
template <class Derived>
MiniBatchKMeans<T>::MiniBatchKMeans(const Eigen::DenseBase<Derived>& initial_centroids, const Vector& weights,
                                    const MiniBatchModelOptions& options)
    : k_(initial_centroids.rows()), options_(options), columns_(initial_centroids.cols()) {
  constexpr std::string_view function = "MiniBatchKMeans";
  detail::require_columns(function, columns_, "initial_centroids");
  detail::check_minibatch_model(k_, options);
  if (weights.size() > 0 && weights.size() != k_)
    detail::reject(function, "weights has " + detail::to_text(weights.size()) +
                                 " entries; one per centroid, k = " + detail::to_text(k_) + ", is needed");
  const bool none_yet = weights.size() == 0 || (weights.array() == 0.0).all();
  if (!none_yet) detail::check_weights(function, weights, k_);
  const Points<T> start(initial_centroids);
  detail::check_points(function, start, 1, "initial_centroids");
  core_.start(initial_centroids);
  if (none_yet) return;
  core_.total.weights = weights;
  core_.total.sums = weights.asDiagonal() * core_.centroids.template cast<double>();
  core_.weight_at_look = weights.sum();
}

template <class T>
template <class Derived>
double MiniBatchKMeans<T>::partial_fit(const Eigen::DenseBase<Derived>& batch, const Vector& weights,
                                       const Execution& execution) {
  constexpr std::string_view function = "partial_fit";
  const Index n = batch.rows();
  detail::require_threads(function, execution.threads);
  detail::require_columns(function, batch.cols(), "batch");
  if (columns_ > 0) detail::require_same_columns(function, "batch", batch.cols(), "the model", columns_);
  const bool all_absent = weights.size() == n && (weights.array() == 0.0).all();
  const Index present = all_absent ? 0 : detail::check_weights(function, weights, n);
  const auto collected = static_cast<Index>(collected_weights_.size());
  const bool enough = collected + present >= std::max(options_.init_size, k_);
  const Index learnt = ready() ? n : enough ? collected + n : 0;
  detail::require_memory(
      function,
      detail::packed_bytes(batch) + (ready() ? 0 : detail::matrix_bytes<T>(collected + n, batch.cols() + 2)) +
          (ready() || !enough ? 0 : detail::seeding_memory<T>(learnt, batch.cols(), k_, {.init = options_.init})) +
          (learnt == 0 ? 0 : detail::batch_memory<T>(learnt, batch.cols(), k_)),
      execution.memory_limit, "pass smaller batches, row-major, or use fewer clusters");
  const int threads = resolve_threads(execution.threads);
  const Points<T> points(batch);
  detail::check_points(function, points, detail::threads_for_batch(n, batch.cols(), 0, threads), "batch");
  columns_ = batch.cols();
  if (present == 0) return 0;
  const double* weight = weights.size() > 0 ? weights.data() : nullptr;
  if (ready() || (enough && collected == 0)) return learn(points, weight, threads);
  for (Index i = 0; i < n; ++i) {
    if (weight != nullptr && weight[i] == 0) continue;
    collected_.insert(collected_.end(), points.row(i), points.row(i) + columns_);
    collected_weights_.push_back(weight != nullptr ? weight[i] : 1.0);
  }
  if (!enough) return 0;
  const bool unweighted =
      std::all_of(collected_weights_.begin(), collected_weights_.end(), [](double w) { return w == 1; });
  const double inertia =
      learn(Points<T>(collected_.data(), static_cast<Index>(collected_weights_.size()), columns_, columns_),
            unweighted ? nullptr : collected_weights_.data(), threads);
  collected_ = {};
  collected_weights_ = {};
  return inertia;
}

template <class T>
double MiniBatchKMeans<T>::learn(const Points<T>& batch, const double* weight, int threads) {
  if (!ready()) {
    Random random(options_.seed, {0});
    core_.start(
        detail::gather_rows(batch, detail::seed_rows(batch, k_, options_.init, weight,
                                                     detail::threads_for_batch(batch.rows(), batch.cols(), 1, threads),
                                                     random, [](Index) { return true; })));
  }
  return core_
      .learn(batch, weight, threads, options_.decay * detail::recency_decay(core_.batches, options_.recency),
             options_.reassignment_ratio,
             Random(options_.seed, {0, detail::reassignment_stream, static_cast<std::uint64_t>(core_.batches)}))
      .inertia;
}

template <class T>
KMeansResult<T> MiniBatchKMeans<T>::result() const {
  if (!ready())
    detail::reject("MiniBatchKMeans::result", "the model has no centroids yet: it has collected " +
                                                  detail::to_text(collected_weights_.size()) + " of " +
                                                  detail::to_text(std::max(options_.init_size, k_)) + " rows");
  KMeansResult<T> result;
  result.centroids = core_.centroids;
  result.sizes = core_.total.weights;
  result.inertia = std::numeric_limits<double>::quiet_NaN();
  result.iterations = static_cast<int>(std::min<std::int64_t>(core_.batches, std::numeric_limits<int>::max()));
  return result;
}

namespace detail {

/// Sizes that options leave open, for m rows of positive weight.
struct MiniBatchSizes {
  Index batch;
  Index init;
  Chunks batches;  // of one epoch, as even as can be

  MiniBatchSizes(Index m, Index k, const MiniBatchKMeansOptions& options)
      : batch(std::min(options.batch_size > 0 ? options.batch_size : std::max<Index>(1024, 4 * k), m)),
        init(std::min(options.init_size > 0 ? options.init_size : std::max(3 * batch, 3 * k), m)),
        batches(m, 1, (m - 1) / batch + 1) {}
};

/// Labels, sizes and inertia of all rows under the centroids of the result.
template <class T>
void assign_to_result(const Points<T>& X, const double* weight, int threads, KMeansResult<T>& result) {
  result.labels.resize(X.rows());
  const RowsView<T> centroids = rows_view(result.centroids);
  const PackedCentroids<T> packed(centroids);
  result.inertia = parallel_sum(threads, Chunks(X.rows()), 0.0, [&](Index begin, Index end) {
    NearestWorkspace<T> workspace;
    T squared[256];
    double sum = 0;
    for (Index first = begin; first < end; first += 256) {
      const Index last = std::min<Index>(first + 256, end);
      const RowsView<T> rows = rows_view(X, first, last);
      assign_nearest(rows, packed, result.labels.data() + first, workspace);
      kernels::squared_to_assigned(rows, centroids, result.labels.data() + first, squared);
      for (Index i = first; i < last; ++i)
        sum += (weight != nullptr ? weight[i] : 1.0) * static_cast<double>(squared[i - first]);
    }
    return sum;
  });
  result.sizes = Vector::Zero(result.centroids.rows());
  for (Index i = 0; i < X.rows(); ++i) result.sizes[result.labels[i]] += weight != nullptr ? weight[i] : 1.0;
}

/// The rules by which a run stops before its last epoch.
class MiniBatchStop {
 public:
  MiniBatchStop(const MiniBatchKMeansOptions& options, double allowed_movement, double share)
      : most_without_improvement_(options.max_no_improvement), allowed_movement_(allowed_movement), share_(share) {}

  /// Takes in a batch: inertia per weight, and movement. Returns whether to stop.
  bool operator()(double inertia, double movement) {
    const bool first = std::isnan(inertia_);
    inertia_ = first ? inertia : (1 - share_) * inertia_ + share_ * inertia;
    movement_ = first ? movement : (1 - share_) * movement_ + share_ * movement;
    if (first || inertia_ < lowest_) {
      lowest_ = inertia_;
      without_improvement_ = 0;
    } else {
      ++without_improvement_;
    }
    return (allowed_movement_ > 0 && movement_ <= allowed_movement_) ||
           (most_without_improvement_ > 0 && without_improvement_ >= most_without_improvement_);
  }

  /// Smoothed inertia per weight.
  double inertia() const { return inertia_; }

 private:
  int most_without_improvement_;
  double allowed_movement_;
  double share_;  // of the latest batch in the smoothed values
  double inertia_ = std::numeric_limits<double>::quiet_NaN();
  double movement_ = 0;
  double lowest_ = 0;
  int without_improvement_ = 0;
};

/// All restarts. `given`: centroids to start from, or null.
template <class T>
class MiniBatchFit {
 public:
  MiniBatchFit(const Points<T>& X, Index k, const RowMatrix<T>* given, const MiniBatchKMeansOptions& options)
      : X_(X),
        k_(k),
        given_(given),
        options_(options),
        weight_(options.weights.size() > 0 ? options.weights.data() : nullptr),
        threads_(resolve_threads(options.execution.threads)),
        progress_(options.execution.on_progress) {
    if (weight_ != nullptr && std::find(weight_, weight_ + X.rows(), 0.0) != weight_ + X.rows())
      for (Index i = 0; i < X.rows(); ++i)
        if (weight_[i] > 0) present_.push_back(i);
    count_ = present_.empty() ? X.rows() : static_cast<Index>(present_.size());
    total_weight_ = weight_ != nullptr ? options.weights.sum() : static_cast<double>(X.rows());
  }

  KMeansResult<T> run() {
    std::optional<KMeansResult<T>> best;
    for (int restart = 0; restart < options_.restarts; ++restart) {
      KMeansResult<T> result = run_once(static_cast<std::uint64_t>(restart));
      result.restart = restart;
      const bool cancelled = result.status == Status::cancelled;
      if (!best || result.inertia < best->inertia) best = std::move(result);
      if (!cancelled) continue;
      best->status = Status::cancelled;
      break;
    }
    return *std::move(best);
  }

 private:
  // The i-th row of a random order of the rows that are present.
  Index row(const RandomOrder& order, Index i) const {
    return present_.empty() ? order(i) : present_[static_cast<std::size_t>(order(i))];
  }

  KMeansResult<T> run_once(std::uint64_t restart) {
    KMeansResult<T> result;
    result.status = Status::iteration_limit;
    const MiniBatchSizes sizes(count_, k_, options_);
    MiniBatchCore<T> core;
    double allowed_movement = 0;
    const bool whole_start = start(restart, sizes, core, allowed_movement);
    if (!whole_start) result.status = Status::cancelled;

    // The smoothed values reach back over about max_no_improvement batches.
    MiniBatchStop stop(options_, allowed_movement, 2.0 / (1 + std::max(options_.max_no_improvement, 10)));
    GatheredRows<T> batch;
    const std::int64_t steps = sizes.batches.count() * options_.max_epochs;
    for (int epoch = 0; epoch < options_.max_epochs && result.status == Status::iteration_limit; ++epoch) {
      const RandomOrder order(count_,
                              Random(options_.seed, {restart, epoch_stream, static_cast<std::uint64_t>(epoch)}));
      for (Index b = 0; b < sizes.batches.count() && result.status == Status::iteration_limit; ++b) {
        const Index begin = sizes.batches.begin(b), size = sizes.batches.end(b) - begin;
        gather_rows(
            X_, weight_, size, threads_, [&](Index i) { return row(order, begin + i); }, batch);
        const auto step =
            core.learn(Points<T>(batch.rows), batch.weight(), threads_, recency_decay(core.batches, options_.recency),
                       options_.reassignment_ratio,
                       Random(options_.seed, {restart, reassignment_stream, static_cast<std::uint64_t>(core.batches)}));
        if (stop(step.inertia / step.weight, step.movement)) result.status = Status::converged;
        if (!progress_("batches", core.batches, steps, stop.inertia() * total_weight_))
          result.status = Status::cancelled;
      }
    }
    result.centroids = std::move(core.centroids);
    result.iterations = static_cast<int>(std::min<std::int64_t>(core.batches, std::numeric_limits<int>::max()));
    assign_to_result(X_, weight_, threads_, result);
    return result;
  }

  // False if the seeding was cancelled; the centroids are complete even then.
  bool start(std::uint64_t restart, const MiniBatchSizes& sizes, MiniBatchCore<T>& core, double& allowed_movement) {
    const bool seeds = given_ == nullptr && options_.initial_rows.empty();
    bool whole = true;
    if (given_ != nullptr) core.start(*given_);
    if (!options_.initial_rows.empty()) core.start(gather_rows(X_, options_.initial_rows));
    if (!seeds && options_.tolerance == 0) return true;
    GatheredRows<T> sample;
    const RandomOrder order(count_, Random(options_.seed, {restart, sample_stream}));
    gather_rows(
        X_, weight_, sizes.init, threads_, [&](Index i) { return row(order, i); }, sample);
    const Points<T> points(sample.rows);
    if (options_.tolerance > 0)
      allowed_movement = options_.tolerance * mean_column_variance(points, sample.weight(), threads_);
    if (!seeds) return true;
    Random random(options_.seed, {restart});
    const int threads = threads_for_batch(points.rows(), points.cols(), 1, threads_);
    std::vector<Index> rows = seed_rows(points, k_, options_.init, sample.weight(), threads, random, [&](Index chosen) {
      return progress_("seeding", chosen, k_, std::numeric_limits<double>::quiet_NaN());
    });
    if (static_cast<Index>(rows.size()) < k_) {
      whole = false;
      fill_with_lowest_rows(points.rows(), k_, sample.weight(), rows);
    }
    core.start(gather_rows(points, rows));
    return whole;
  }

  const Points<T>& X_;
  Index k_;
  const RowMatrix<T>* given_;
  const MiniBatchKMeansOptions& options_;
  const double* weight_;
  int threads_;
  ProgressReporter progress_;
  std::vector<Index> present_;  // rows of positive weight, where some have none
  Index count_ = 0;             // of rows of positive weight
  double total_weight_ = 0;
};

/// Checks everything, what is cheap first, and returns the view of X.
template <class Derived>
Points<typename Derived::Scalar> check_minibatch_kmeans(const Eigen::DenseBase<Derived>& X, Index k,
                                                        const MiniBatchKMeansOptions& options) {
  using T = typename Derived::Scalar;
  constexpr std::string_view function = "minibatch_kmeans";
  require_columns(function, X.cols());
  KMeansOptions shared;
  shared.initial_rows = options.initial_rows;
  shared.tolerance = options.tolerance;
  shared.weights = options.weights;
  shared.execution.threads = options.execution.threads;
  check_kmeans_options(function, X.rows(), k, !options.initial_rows.empty(), shared);
  check_restarts(function, options.restarts, false);
  if (options.batch_size < 0)
    reject(function, "batch_size = " + to_text(options.batch_size) + " must be ≥ 1, or 0 for the default");
  check_init_size(function, options.init_size, k);
  if (options.max_epochs < 1) reject(function, "max_epochs = " + to_text(options.max_epochs) + " must be ≥ 1");
  if (options.max_no_improvement < 0)
    reject(function, "max_no_improvement = " + to_text(options.max_no_improvement) + " must be ≥ 0");
  check_recency(function, options.recency);
  check_reassignment_ratio(function, options.reassignment_ratio);
  const Index n = X.rows(), d = X.cols();
  const MiniBatchSizes sizes(n, k, options);
  const bool some_absent = options.weights.size() > 0 && (options.weights.array() == 0.0).any();
  require_memory(
      function,
      packed_bytes(X) + static_cast<double>(n) * (sizeof(std::int32_t) + (some_absent ? sizeof(Index) : 0)) +
          std::max(matrix_bytes<T>(sizes.init, d + 2) + seeding_memory<T>(sizes.init, d, k, {.init = options.init}),
                   matrix_bytes<T>(sizes.batch, d + 2)) +
          batch_memory<T>(sizes.batch, d, k),
      options.execution.memory_limit, "use smaller batches, fewer clusters, or row-major data");
  Points<T> points(X);
  check_points(function, points, resolve_threads(options.execution.threads));
  return points;
}

}  // namespace detail

template <class Derived>
KMeansResult<typename Derived::Scalar> minibatch_kmeans(const Eigen::DenseBase<Derived>& X, Index k,
                                                        const MiniBatchKMeansOptions& options) {
  using T = typename Derived::Scalar;
  const Points<T> points = detail::check_minibatch_kmeans(X, k, options);
  return detail::MiniBatchFit<T>(points, k, nullptr, options).run();
}

template <class Derived, class DerivedC>
KMeansResult<typename Derived::Scalar> minibatch_kmeans(const Eigen::DenseBase<Derived>& X,
                                                        const Eigen::DenseBase<DerivedC>& initial_centroids,
                                                        const MiniBatchKMeansOptions& options) {
  using T = typename Derived::Scalar;
  constexpr std::string_view function = "minibatch_kmeans";
  const Index k = initial_centroids.rows();
  const Points<T> points = detail::check_minibatch_kmeans(X, k, options);
  const Points<T> start(initial_centroids);
  if (!options.initial_rows.empty())
    detail::reject(function, "initial_rows and initial_centroids are both given; one start is needed");
  detail::require_same_columns(function, "initial_centroids", start.cols(), "X", points.cols());
  detail::check_points(function, start, 1, "initial_centroids");
  const RowMatrix<T> centroids = initial_centroids;
  return detail::MiniBatchFit<T>(points, k, &centroids, options).run();
}

template <class T, class Derived>
Labels predict(const MiniBatchKMeans<T>& model, const Eigen::DenseBase<Derived>& X_new, const Execution& execution) {
  return predict(model.result(), X_new, execution);
}

template <class T, class Derived>
RowMatrix<T> transform(const MiniBatchKMeans<T>& model, const Eigen::DenseBase<Derived>& X_new,
                       const Execution& execution) {
  return transform(model.result(), X_new, execution);
}

template <class T, class Derived>
NearestManyResult<T> nearest_centroids(const MiniBatchKMeans<T>& model, const Eigen::DenseBase<Derived>& X_new,
                                       Index count, const Execution& execution) {
  return nearest_centroids(model.result(), X_new, count, execution);
}

CORYMB_END
