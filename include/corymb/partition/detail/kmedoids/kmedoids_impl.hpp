#pragma once

#include <corymb/core/detail/gather_rows.hpp>
#include <corymb/core/detail/memory.hpp>
#include <corymb/core/detail/progress.hpp>
#include <corymb/distance/detail/check_points.hpp>
#include <corymb/partition/detail/check_options.hpp>
#include <corymb/partition/detail/kmedoids/alternate.hpp>
#include <corymb/partition/detail/kmedoids/best_swaps.hpp>
#include <corymb/partition/detail/kmedoids/faster_pam.hpp>
#include <corymb/partition/detail/kmedoids/medoid_seeding.hpp>
#include <corymb/partition/kmedoids.hpp>

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

CORYMB_BEGIN
namespace detail {

inline void check_kmedoids_options(std::string_view function, Index n, Index k, const KMedoidsOptions& options) {
  require_threads(function, options.execution.threads);
  check_restarts(function, options.restarts, !options.initial_medoids.empty());
  check_max_iterations(function, options.max_iterations);
  check_k(function, "objects", n, k, options.weights);
  check_numbers(function, "initial_medoids", "object", options.initial_medoids, n, k);
  for (const Index medoid : options.initial_medoids)
    if (options.weights.size() > 0 && options.weights[medoid] == 0)
      reject(function, "initial_medoids has " + to_text(medoid) + ", whose weight is 0; a medoid needs a weight");
}

/// Bytes of a fit beyond the distances that are kept: the state, lists for each worker, labels, and a panel of columns.
template <class T>
double kmedoids_memory(Index n, Index k, int threads, bool is_stored) {
  const double state =
      sizeof(std::int32_t) + 2 * sizeof(typename MedoidState<T>::Nearby) + 2 * sizeof(T) + sizeof(Index);
  const double lists = threads * (sizeof(T) + sizeof(compiled::PlaceOf<T>));
  const double result = 2 * sizeof(std::int32_t);
  return static_cast<double>(n) * (state + lists + result) + 64.0 * static_cast<double>(k) * threads +
         (is_stored ? 0 : ColumnPanel<T>::memory(n, threads));
}

inline const char* stage_of(KMedoidsAlgorithm algorithm) {
  switch (algorithm) {
    case KMedoidsAlgorithm::faster_pam: break;
    case KMedoidsAlgorithm::fast_pam1: return "fast_pam1";
    case KMedoidsAlgorithm::pam: return "pam";
    case KMedoidsAlgorithm::alternate: return "alternate";
  }
  return "faster_pam";
}

/// Medoids for objects whose distances and options have been checked.
template <class T>
class KMedoidsFit {
 public:
  /// @param largest  no distance is larger
  KMedoidsFit(const DistanceColumns<T>& distances, double largest, Index k, const KMedoidsOptions& options)
      : distances_(distances),
        k_(k),
        options_(options),
        threads_(resolve_threads(options.execution.threads)),
        costs_("kmedoids", largest, distances.size(), options.weights.size() > 0 ? options.weights.data() : nullptr),
        progress_(options.execution.on_progress) {}

  /// All restarts; the run of lowest loss, the earlier one on ties.
  KMedoidsResult<T> run() {
    KMedoidsResult<T> best;
    for (int restart = 0; restart < options_.restarts; ++restart) {
      bool cancelled = false;
      std::vector<Index> medoids = start(restart, cancelled);
      if (cancelled && restart > 0) {
        best.status = Status::cancelled;
        break;
      }
      KMedoidsResult<T> result = k_ == 1 ? best_single(medoids.front(), cancelled) : improve(medoids, cancelled);
      result.restart = restart;
      cancelled = result.status == Status::cancelled;
      if (restart == 0 || result.loss < best.loss) best = std::move(result);
      if (!cancelled) continue;
      best.status = Status::cancelled;
      break;
    }
    return best;
  }

 private:
  std::vector<Index> start(int restart, bool& cancelled) {
    if (!options_.initial_medoids.empty()) return options_.initial_medoids;
    Random random(options_.seed, {static_cast<std::uint64_t>(restart)});
    std::vector<Index> medoids =
        MedoidSeeding<T>(distances_, costs_, k_, threads_, random).run(options_.init, [&](Index done) {
          cancelled = !progress_("seeding", done, k_, not_a_number);
          return !cancelled;
        });
    fill_with_lowest_rows(distances_.size(), k_, costs_.weight(), medoids);
    return medoids;
  }

  /// @param cancelled  whether the medoids stay as they are
  KMedoidsResult<T> improve(const std::vector<Index>& medoids, bool cancelled) {
    MedoidState<T> state(distances_, costs_, medoids, threads_);
    SwapOutcome outcome;
    outcome.status = Status::cancelled;
    if (!cancelled) outcome = search(state);
    KMedoidsResult<T> result = make_result(state.medoids(), state.labels(), state.nearest_distances());
    result.status = outcome.status;
    result.swaps = outcome.swaps;
    result.iterations = outcome.iterations;
    return result;
  }

  SwapOutcome search(MedoidState<T>& state) {
    const int most = options_.max_iterations;
    const auto report = [&](std::int64_t steps) {
      return [this, &state, steps](int step) {
        return progress_(stage_of(options_.algorithm), step, steps, static_cast<double>(state.loss()) / costs_.units());
      };
    };
    switch (options_.algorithm) {
      case KMedoidsAlgorithm::faster_pam: break;
      case KMedoidsAlgorithm::fast_pam1: return BestSwaps<T, SwapGains<T>>(state).run(most, report(most));
      case KMedoidsAlgorithm::pam: return BestSwaps<T, PairwiseGains<T>>(state).run(most, report(most));
      case KMedoidsAlgorithm::alternate: return alternate(state, most, report(most));
    }
    return FasterPam<T>(state).run(most, report(0));
  }

  /// The medoid of all objects; `present` unless another one is better, then the lowest.
  KMedoidsResult<T> best_single(Index present, bool cancelled) {
    const Index n = distances_.size();
    Index medoid = present;
    if (!cancelled) {
      const double* weight = costs_.weight();
      std::vector<Cost> total(static_cast<std::size_t>(n), 0);
      ColumnPanel<T> panel(distances_, threads_);
      for (Index first = 0; first < n; first += panel.width()) {
        panel.open(first);
        parallel_for(threads_, std::min(panel.width(), n - first), [&](Index task) {
          const T* column = panel[first + task];
          Cost sum = 0;
          for (Index o = 0; o < n; ++o) sum += costs_(o, column[o]);
          total[static_cast<std::size_t>(first + task)] = sum;
        });
      }
      for (Index j = 0; j < n; ++j)
        if ((weight == nullptr || weight[j] > 0) &&
            total[static_cast<std::size_t>(j)] < total[static_cast<std::size_t>(medoid)])
          medoid = j;
    }
    std::vector<T> distance(static_cast<std::size_t>(n));
    ValuesScratch scratch;
    distances_.columns(medoid, medoid + 1, distance.data(), scratch);
    KMedoidsResult<T> result = make_result({medoid}, Labels::Zero(n), distance.data());
    result.swaps = medoid != present;
    result.iterations = !cancelled;
    result.status = cancelled ? Status::cancelled : Status::converged;
    return result;
  }

  KMedoidsResult<T> make_result(const std::vector<Index>& medoids, Labels labels, const T* distance) const {
    KMedoidsResult<T> result;
    result.medoids = medoids;
    result.sizes = Vector::Zero(k_);
    const double* weight = costs_.weight();
    for (Index o = 0; o < labels.size(); ++o) result.sizes[labels[o]] += weight != nullptr ? weight[o] : 1.0;
    result.labels = std::move(labels);
    result.loss = parallel_sum(1, Chunks(distances_.size()), 0.0, [&](Index begin, Index end) {
      double loss = 0;
      for (Index o = begin; o < end; ++o)
        loss += (weight != nullptr ? weight[o] : 1.0) * static_cast<double>(distance[o]);
      return loss;
    });
    return result;
  }

  const DistanceColumns<T>& distances_;
  Index k_;
  const KMedoidsOptions& options_;
  int threads_;
  CostScale costs_;
  ProgressReporter progress_;
};

template <class T>
KMedoidsResult<T> kmedoids_of(const DistanceColumns<T>& distances, double largest, Index k,
                              const KMedoidsOptions& options) {
  return KMedoidsFit<T>(distances, largest, k, options).run();
}

// See kmeans_impl.hpp.
#if defined(CORYMB_EXTERN_TEMPLATES)
#define CORYMB_KMEDOIDS_INSTANCES(Template, T) \
  Template KMedoidsResult<T> kmedoids_of(const DistanceColumns<T>&, double, Index, const KMedoidsOptions&)
CORYMB_KMEDOIDS_INSTANCES(extern template, float);
CORYMB_KMEDOIDS_INSTANCES(extern template, double);
#endif

/// Whether all n² distances are to be kept; checks the memory either way.
/// @param taken  bytes that the call takes already
template <class T>
bool keeps_distances(std::string_view function, Index n, Index k, double taken, const KMedoidsOptions& options) {
  const int threads = resolve_threads(options.execution.threads);
  const std::uint64_t limit = options.execution.memory_limit;
  const double allowed = static_cast<double>(limit > 0 ? limit : physical_memory());
  const double stored = matrix_bytes<T>(n, n);
  const bool keeps = options.distances == KMedoidsDistances::stored ||
                     (options.distances == KMedoidsDistances::automatic && stored <= allowed / 2 &&
                      taken + stored + kmedoids_memory<T>(n, k, threads, true) <= allowed);
  require_memory(function, taken + (keeps ? stored : 0) + kmedoids_memory<T>(n, k, threads, keeps), limit,
                 keeps ? "use KMedoidsDistances::computed" : "use row-major data, fewer threads, or a sample");
  return keeps;
}

inline void require_no_metric(std::string_view function, const KMedoidsOptions& options, std::string_view source) {
  if (options.metric) reject(function, "metric must be empty: the distances are those of the " + std::string(source));
}

/// Objects whose distances a callable gives.
template <class T, class F>
KMedoidsResult<T> kmedoids_of_function(std::string_view function, Index n, const F& f, Index k, double taken,
                                       const KMedoidsOptions& options) {
  const int threads = resolve_threads(options.execution.threads);
  const FunctionColumns<T, F> computed(function, n, f);
  if (!keeps_distances<T>(function, n, k, taken, options))
    return kmedoids_of<T>(computed, largest_distance(computed, threads), k, options);
  const StoredColumns<T> stored(computed, threads);
  return kmedoids_of<T>(stored, largest_distance(stored, threads), k, options);
}

/// The nearest row of C, by the distances themselves, which are what a fit compares; the lower one on ties.
template <class T, class Values>
Labels nearest_by_distance(const Points<T>& X, Index k, const Values& values, int threads) {
  Labels labels(X.rows());
  const Index block = rows_per_block(k);
  std::vector<ValuesScratch> scratch(static_cast<std::size_t>(threads));
  std::vector<Scratch<T>> distances(scratch.size());
  parallel_for(threads, (X.rows() + block - 1) / block, [&](Index task, int worker) {
    const auto w = static_cast<std::size_t>(worker);
    const Index first = task * block, last = std::min(first + block, X.rows());
    T* distance = distances[w].reserve(block * k);
    values(first, last, distance, scratch[w]);
    values.finish(distance, (last - first) * k);
    for (Index i = first; i < last; ++i, distance += k)
      labels[i] = static_cast<std::int32_t>(std::min_element(distance, distance + k) - distance);
  });
  return labels;
}

template <class T, class Derived>
Points<T> check_medoid_model(const KMedoidsResult<T>& model, const Eigen::DenseBase<Derived>& X_new,
                             const Execution& execution) {
  constexpr std::string_view function = "predict";
  require_threads(function, execution.threads);
  if (model.centers.rows() < 1) reject(function, "the model holds no rows: it was fitted to distances");
  Points<T> X = points_of(function, X_new, execution);
  require_same_columns(function, "X_new", X.cols(), "the model", model.centers.cols());
  check_points(function, X, resolve_threads(execution.threads), "X_new");
  return X;
}

}  // namespace detail

template <class T>
KMedoidsResult<T> kmedoids(const DistanceMatrix<T>& D, Index k, const KMedoidsOptions& options) {
  constexpr std::string_view function = "kmedoids";
  detail::check_kmedoids_options(function, D.size(), k, options);
  detail::require_no_metric(function, options, "matrix");
  if (options.distances != KMedoidsDistances::automatic)
    detail::reject(function, "distances must be automatic: a matrix is given");
  const int threads = resolve_threads(options.execution.threads);
  detail::require_memory(function, detail::kmedoids_memory<T>(D.size(), k, threads, false),
                         options.execution.memory_limit, "use fewer threads, or a sample");
  const detail::DistanceRange range = detail::check_distances(function, D, threads);
  return detail::kmedoids_of<T>(detail::MatrixColumns<T>(D, range.symmetric), range.largest, k, options);
}

template <class F>
KMedoidsResult<std::remove_cvref_t<std::invoke_result_t<const F&, Index, Index>>> kmedoids(
    const Dissimilarity<F>& objects, Index k, const KMedoidsOptions& options) {
  using T = std::remove_cvref_t<std::invoke_result_t<const F&, Index, Index>>;
  static_assert(std::is_same_v<T, float> || std::is_same_v<T, double>,
                "corymb: the callable of a dissimilarity must return float or double");
  constexpr std::string_view function = "kmedoids";
  detail::check_kmedoids_options(function, objects.size, k, options);
  detail::require_no_metric(function, options, "callable");
  return detail::kmedoids_of_function<T>(function, objects.size, objects.f, k, 0, options);
}

template <class Derived>
KMedoidsResult<typename Derived::Scalar> kmedoids(const Eigen::DenseBase<Derived>& X, Index k,
                                                  const KMedoidsOptions& options) {
  using T = typename Derived::Scalar;
  constexpr std::string_view function = "kmedoids";
  detail::require_columns(function, X.cols());
  detail::check_kmedoids_options(function, X.rows(), k, options);
  const int threads = resolve_threads(options.execution.threads);
  const bool keeps = detail::keeps_distances<T>(function, X.rows(), k, detail::packed_bytes(X), options);
  const Points<T> points(X);
  detail::check_points(function, points, threads);
  const Metric metric = options.metric.value_or(Metric::euclidean);
  const detail::PointColumns<T> computed(function, points, metric, threads);
  const double largest = computed.largest(threads);
  KMedoidsResult<T> result =
      keeps ? detail::kmedoids_of<T>(detail::StoredColumns<T>(computed, threads), largest, k, options)
            : detail::kmedoids_of<T>(computed, largest, k, options);
  result.centers = detail::gather_rows<T>(points, result.medoids);
  result.metric = metric;
  return result;
}

template <class Derived, class Callable>
requires std::is_invocable_v<const Callable&, std::span<const typename Derived::Scalar>,
                             std::span<const typename Derived::Scalar>>
    KMedoidsResult<typename Derived::Scalar> kmedoids(const Eigen::DenseBase<Derived>& X, Index k, const Callable& f,
                                                      const KMedoidsOptions& options) {
  using T = typename Derived::Scalar;
  constexpr std::string_view function = "kmedoids";
  detail::require_columns(function, X.cols());
  detail::check_kmedoids_options(function, X.rows(), k, options);
  detail::require_no_metric(function, options, "callable");
  detail::require_memory(function, detail::packed_bytes(X), options.execution.memory_limit, "pass row-major data");
  const Points<T> points(X);
  detail::check_points(function, points, resolve_threads(options.execution.threads));
  const auto of_objects = [&](Index i, Index j) { return static_cast<T>(f(points[i], points[j])); };
  KMedoidsResult<T> result =
      detail::kmedoids_of_function<T>(function, points.rows(), of_objects, k, detail::packed_bytes(X), options);
  result.centers = detail::gather_rows<T>(points, result.medoids);
  return result;
}

template <class T, class Derived>
Labels predict(const KMedoidsResult<T>& model, const Eigen::DenseBase<Derived>& X_new, const Execution& execution) {
  const Points<T> X = detail::check_medoid_model(model, X_new, execution);
  if (!model.metric) detail::reject("predict", "the model was fitted with a callable; pass it, too");
  const int threads = resolve_threads(execution.threads);
  const Points<T> centers(model.centers);
  const detail::MetricValues<T> values("predict", X, centers, *model.metric, "X_new", "centers", threads);
  return detail::nearest_by_distance(X, centers.rows(), values, threads);
}

template <class T, class Derived, class Callable>
requires std::is_invocable_v<const Callable&, std::span<const T>, std::span<const T>> Labels
predict(const KMedoidsResult<T>& model, const Eigen::DenseBase<Derived>& X_new, const Callable& f,
        const Execution& execution) {
  const Points<T> X = detail::check_medoid_model(model, X_new, execution);
  const Points<T> centers(model.centers);
  const detail::CallableValues<T, Callable> values("predict", X, centers, f);
  return detail::nearest_by_distance(X, centers.rows(), values, resolve_threads(execution.threads));
}

CORYMB_END
