#pragma once

#include <corymb/core/detail/progress.hpp>
#include <corymb/partition/detail/kmedoids/alternate.hpp>
#include <corymb/partition/detail/kmedoids/best_swaps.hpp>
#include <corymb/partition/detail/kmedoids/eager_swaps.hpp>
#include <corymb/partition/detail/kmedoids/medoid_seeding.hpp>
#include <corymb/partition/detail/kmedoids/pruned_candidates.hpp>
#include <corymb/partition/detail/kmedoids/swap_gains.hpp>
#include <corymb/partition/kmedoids.hpp>

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

CORYMB_BEGIN
namespace detail {

/// Bytes of a fit beyond the distances that are kept: the state, lists for each worker, labels, and a panel of columns.
/// @tparam Record  of the state, see NearestMedoids
template <class T, class Record = MedoidCosts>
double kmedoids_memory(Index n, Index k, int threads, bool is_stored) {
  const double state = sizeof(std::int32_t) + 2 * sizeof(Record) + sizeof(typename NearestMedoids<T, Record>::List) +
                       3 * sizeof(T) + 2 * sizeof(Index);
  const double lists = threads * static_cast<double>(sizeof(T) + sizeof(compiled::PlaceOf<T>));
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

/// The result of medoids whose labels and distances to them are known.
/// @param weight  by object; null = all 1
template <class T>
KMedoidsResult<T> medoid_result(std::vector<Index> medoids, Labels labels, const T* distance, const double* weight) {
  KMedoidsResult<T> result;
  result.sizes = Vector::Zero(static_cast<Index>(medoids.size()));
  result.medoids = std::move(medoids);
  const auto weight_of = [&](Index o) { return weight != nullptr ? weight[o] : 1.0; };
  for (Index o = 0; o < labels.size(); ++o) result.sizes[labels[o]] += weight_of(o);
  result.loss = parallel_sum(1, Chunks(labels.size()), 0.0, [&](Index begin, Index end) {
    double loss = 0;
    for (Index o = begin; o < end; ++o) loss += weight_of(o) * static_cast<double>(distance[o]);
    return loss;
  });
  result.labels = std::move(labels);
  return result;
}

/// All restarts; the best run, the earlier one on ties.
/// @param options  with init, initial_medoids, restarts and seed
/// @param improve  improve(medoids, cancelled) -> Result: what a run makes of its first medoids; if the run has been
///                 cancelled already, they stay as they are
/// @param better   better(a, b): whether result a is
template <class Result, class T, class Options, class Improve, class Better>
Result best_medoid_run(const Options& options, const DistanceColumns<T>& distances, const CostScale& costs, Index k,
                       int threads, const ProgressReporter& progress, const Improve& improve, const Better& better) {
  Result best;
  for (int restart = 0; restart < options.restarts; ++restart) {
    std::vector<Index> medoids = options.initial_medoids;
    bool cancelled = false;
    if (medoids.empty()) {
      Random random(options.seed, {static_cast<std::uint64_t>(restart)});
      medoids = MedoidSeeding<T>(distances, costs, k, threads, random).run(options.init, [&](Index done) {
        cancelled = !progress("seeding", done, k, not_a_number);
        return !cancelled;
      });
    }
    if (cancelled && restart > 0) {
      best.status = Status::cancelled;
      break;
    }
    fill_with_lowest_rows(distances.size(), k, costs.weight(), medoids);
    Result result = improve(medoids, cancelled);
    result.restart = restart;
    cancelled = result.status == Status::cancelled;
    if (restart == 0 || better(result, best)) best = std::move(result);
    if (!cancelled) continue;
    best.status = Status::cancelled;
    break;
  }
  return best;
}

/// Medoids for objects whose distances and options have been checked.
template <class T>
class KMedoidsFit {
 public:
  /// @param largest  no distance is larger
  /// @param points   where the objects are such points, else null
  KMedoidsFit(std::string_view function, const DistanceColumns<T>& distances, double largest, Index k,
              const KMedoidsOptions& options, const MetricPoints<T>* points)
      : function_(function),
        points_(points),
        distances_(distances),
        k_(k),
        options_(options),
        threads_(resolve_threads(options.execution.threads)),
        costs_(function, largest, distances.size(), options.weights.size() > 0 ? options.weights.data() : nullptr),
        progress_(options.execution.on_progress) {}

  /// All restarts; the run of lowest loss, the earlier one on ties.
  KMedoidsResult<T> run() {
    return best_medoid_run<KMedoidsResult<T>>(
        options_, distances_, costs_, k_, threads_, progress_,
        [&](const std::vector<Index>& medoids, bool cancelled) { return improve(medoids, cancelled); },
        [](const KMedoidsResult<T>& a, const KMedoidsResult<T>& b) { return a.loss < b.loss; });
  }

 private:
  /// @param cancelled  whether the medoids stay as they are
  KMedoidsResult<T> improve(const std::vector<Index>& medoids, bool cancelled) {
    SwapOutcome outcome;
    outcome.status = Status::cancelled;
    MedoidState<T> state(distances_, costs_, medoids, threads_);
    if (!cancelled) outcome = search(state);
    KMedoidsResult<T> result = medoid_result(state.medoids(), state.labels(), state.distances_to(0), costs_.weight());
    result.status = outcome.status;
    result.swaps = outcome.swaps;
    result.iterations = outcome.iterations;
    return result;
  }

  auto report_of(const MedoidState<T>& state, std::int64_t steps) const {
    return [this, &state, steps](int step) {
      return progress_(stage_of(options_.algorithm), step, steps, static_cast<double>(state.loss()) / costs_.units());
    };
  }

  SwapOutcome search(MedoidState<T>& state) {
    const int most = options_.max_iterations;
    switch (options_.algorithm) {
      case KMedoidsAlgorithm::faster_pam: break;
      case KMedoidsAlgorithm::fast_pam1:
        return BestSwaps<T, MedoidState<T>, SwapGains<T>>(state).run(most, report_of(state, most));
      case KMedoidsAlgorithm::pam:
        return BestSwaps<T, MedoidState<T>, PairwiseGains<T>>(state).run(most, report_of(state, most));
      case KMedoidsAlgorithm::alternate: return alternate(state, most, report_of(state, most));
    }
    if (points_ != nullptr) {
      PrunedCandidates<T> candidates(function_, *points_, state);
      return eager_swaps(candidates, state.size(), most, report_of(state, 0));
    }
    ColumnCandidates<T, MedoidState<T>, SwapGains<T>> candidates(state);
    return eager_swaps(candidates, state.size(), most, report_of(state, 0));
  }

  std::string_view function_;
  const MetricPoints<T>* points_;
  const DistanceColumns<T>& distances_;
  Index k_;
  const KMedoidsOptions& options_;
  int threads_;
  CostScale costs_;
  ProgressReporter progress_;
};

template <class T>
KMedoidsResult<T> kmedoids_of(std::string_view function, const DistanceColumns<T>& distances, double largest, Index k,
                              const KMedoidsOptions& options, const MetricPoints<T>* points) {
  return KMedoidsFit<T>(function, distances, largest, k, options, points).run();
}

// See kmeans_impl.hpp.
#if defined(CORYMB_EXTERN_TEMPLATES)
#define CORYMB_KMEDOIDS_INSTANCES(Template, T)                                                       \
  Template KMedoidsResult<T> kmedoids_of(std::string_view, const DistanceColumns<T>&, double, Index, \
                                         const KMedoidsOptions&, const MetricPoints<T>*)
CORYMB_KMEDOIDS_INSTANCES(extern template, float);
CORYMB_KMEDOIDS_INSTANCES(extern template, double);
#endif

}  // namespace detail
CORYMB_END
