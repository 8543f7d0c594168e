#pragma once

#include <corymb/core/detail/progress.hpp>
#include <corymb/partition/detail/kmedoids/best_swaps.hpp>
#include <corymb/partition/detail/kmedoids/eager_swaps.hpp>
#include <corymb/partition/detail/kmedoids/kmedoids_fit.hpp>
#include <corymb/partition/detail/kmedoids/medoid_input.hpp>
#include <corymb/partition/detail/kmedoids/silhouette_state.hpp>
#include <corymb/partition/medoid_silhouette.hpp>

#include <algorithm>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

CORYMB_BEGIN
namespace detail {

inline const char* stage_of(MedoidSilhouetteAlgorithm algorithm) {
  switch (algorithm) {
    case MedoidSilhouetteAlgorithm::faster_msc: break;
    case MedoidSilhouetteAlgorithm::fast_msc: return "fast_msc";
    case MedoidSilhouetteAlgorithm::pam_medsil: return "pam_medsil";
  }
  return "faster_msc";
}

/// Medoids of a high silhouette for objects whose distances and options have been checked.
template <class T>
class SilhouetteFit {
 public:
  /// @param largest  no distance is larger
  SilhouetteFit(std::string_view function, const DistanceColumns<T>& distances, double largest,
                const MedoidSilhouetteOptions& options)
      : distances_(distances),
        options_(options),
        threads_(resolve_threads(options.execution.threads)),
        distance_costs_(function, largest, distances.size(), weight()),
        costs_(function, 1, distances.size(), weight()),
        total_weight_(options.weights.size() > 0 ? options.weights.sum() : static_cast<double>(distances.size())),
        progress_(options.execution.on_progress) {}

  /// DynMSC, from range.last medoids down to range.first; with one number in the range FasterMSC or FastMSC.
  MedoidSilhouetteSelection<T> run(KRange range) {
    MedoidSilhouetteSelection<T> selection;
    selection.silhouettes.assign(static_cast<std::size_t>(range.last - range.first + 1), not_a_number);
    selection.best = best_medoid_run<MedoidSilhouetteResult<T>>(
        options_, distances_, distance_costs_, range.last, threads_, progress_,
        [&](const std::vector<Index>& medoids, bool cancelled) {
          return descend(medoids, cancelled, range, selection.silhouettes);
        },
        [](const auto& a, const auto& b) { return a.silhouette > b.silhouette; });
    return selection;
  }

 private:
  const double* weight() const { return options_.weights.size() > 0 ? options_.weights.data() : nullptr; }

  double silhouette(const SilhouetteState<T>& state) const {
    return 1 - static_cast<double>(state.loss()) / costs_.units() / total_weight_;
  }

  /// @param cancelled  whether the medoids stay as they are
  MedoidSilhouetteResult<T> descend(std::vector<Index> medoids, bool cancelled, KRange range,
                                    std::vector<double>& silhouettes) {
    SilhouetteState<T> state(distances_, costs_, std::move(medoids), threads_);
    SwapOutcome total;
    MedoidSilhouetteResult<T> best;
    for (Index k = range.last;; --k) {
      SwapOutcome outcome;
      outcome.status = Status::cancelled;
      if (!cancelled) outcome = search(state);
      total.swaps += outcome.swaps;
      total.iterations += outcome.iterations;
      const double reached = silhouette(state);
      double& of_k = silhouettes[static_cast<std::size_t>(k - range.first)];
      if (!(of_k >= reached)) of_k = reached;
      if (k == range.last || reached >= best.silhouette) {
        best = result_of(state);
        best.swaps = total.swaps;
        best.iterations = total.iterations;
        best.status = outcome.status;
      }
      if (outcome.status == Status::cancelled) best.status = Status::cancelled;
      if (k == range.first || outcome.status == Status::cancelled) return best;
      medoids = state.medoids();
      medoids.erase(medoids.begin() +
                    (std::min_element(state.removal().begin(), state.removal().end()) - state.removal().begin()));
      state.restart(std::move(medoids));
    }
  }

  SwapOutcome search(SilhouetteState<T>& state) {
    const int most = options_.max_iterations;
    const auto report = [&](std::int64_t steps) {
      return [this, &state, steps](int step) {
        return progress_(stage_of(options_.algorithm), step, steps, silhouette(state));
      };
    };
    using State = SilhouetteState<T>;
    switch (options_.algorithm) {
      case MedoidSilhouetteAlgorithm::faster_msc: break;
      case MedoidSilhouetteAlgorithm::fast_msc:
        return BestSwaps<T, State, SilhouetteGains<T>>(state).run(most, report(most));
      case MedoidSilhouetteAlgorithm::pam_medsil:
        return BestSwaps<T, State, PairwiseSilhouetteGains<T>>(state).run(most, report(most));
    }
    ColumnCandidates<T, State, SilhouetteGains<T>> candidates(state);
    return eager_swaps(candidates, state.size(), most, report(0));
  }

  MedoidSilhouetteResult<T> result_of(const SilhouetteState<T>& state) const {
    MedoidSilhouetteResult<T> result;
    static_cast<KMedoidsResult<T>&>(result) =
        medoid_result(state.medoids(), state.labels(), state.distances_to(0), weight());
    result.silhouette = silhouette(state);
    return result;
  }

  const DistanceColumns<T>& distances_;
  const MedoidSilhouetteOptions& options_;
  int threads_;
  CostScale distance_costs_;  // for the first medoids
  CostScale costs_;
  double total_weight_;
  ProgressReporter progress_;
};

template <class T>
MedoidSilhouetteSelection<T> medoid_silhouettes_of(std::string_view function, const DistanceColumns<T>& distances,
                                                   double largest, KRange range,
                                                   const MedoidSilhouetteOptions& options) {
  return SilhouetteFit<T>(function, distances, largest, options).run(range);
}

// See kmeans_impl.hpp.
#if defined(CORYMB_EXTERN_TEMPLATES)
#define CORYMB_MEDOID_SILHOUETTE_INSTANCES(Template, T)                                                            \
  Template MedoidSilhouetteSelection<T> medoid_silhouettes_of(std::string_view, const DistanceColumns<T>&, double, \
                                                              KRange, const MedoidSilhouetteOptions&)
CORYMB_MEDOID_SILHOUETTE_INSTANCES(extern template, float);
CORYMB_MEDOID_SILHOUETTE_INSTANCES(extern template, double);
#endif

/// A call of select_medoid_silhouette, see medoid_input.hpp.
template <class T>
struct SelectSilhouetteCall {
  KRange range;
  const MedoidSilhouetteOptions& options;
  std::string_view name = "select_medoid_silhouette";
  const std::optional<Metric>& metric = options.metric;
  const Execution& execution = options.execution;

  void check(Index n) const {
    if (range.first < 2 || range.first > range.last || range.last > n)
      reject(name, "range = [" + to_text(range.first) + ", " + to_text(range.last) +
                       "] must lie in [2, n = " + to_text(n) + "], the first number first");
    check_medoid_options(name, n, range.last, options);
  }
  void check_matrix(Index n) const { check_given_matrix(name, memory(n, false), options); }
  bool keeps_distances(Index n, double taken) const {
    return detail::keeps_distances<T>(name, n, taken, options, [&](bool is_stored) { return memory(n, is_stored); });
  }

  MedoidSilhouetteSelection<T> run(const DistanceColumns<T>& distances, std::optional<double> largest) const {
    if (!largest) largest = largest_distance(distances, resolve_threads(execution.threads));
    return medoid_silhouettes_of<T>(name, distances, *largest, range, options);
  }
  static KMedoidsResult<T>& model(MedoidSilhouetteSelection<T>& selection) { return selection.best; }

 private:
  double memory(Index n, bool is_stored) const {
    return kmedoids_memory<T, SilhouetteCosts>(n, range.last, resolve_threads(execution.threads), is_stored);
  }
};

/// A call of medoid_silhouette_clustering.
template <class T>
struct MedoidSilhouetteCall : SelectSilhouetteCall<T> {
  MedoidSilhouetteCall(Index k, const MedoidSilhouetteOptions& given)
      : SelectSilhouetteCall<T>{KRange{k, k}, given, "medoid_silhouette_clustering"} {}

  void check(Index n) const {
    const Index k = this->range.first;
    if (k < 2 || k > n) reject(this->name, "k = " + to_text(k) + " must be in [2, n = " + to_text(n) + "]");
    SelectSilhouetteCall<T>::check(n);
  }
  MedoidSilhouetteResult<T> run(const DistanceColumns<T>& distances, std::optional<double> largest) const {
    return SelectSilhouetteCall<T>::run(distances, largest).best;
  }
  static KMedoidsResult<T>& model(MedoidSilhouetteResult<T>& result) { return result; }
};

}  // namespace detail

template <class T>
MedoidSilhouetteResult<T> medoid_silhouette_clustering(const DistanceMatrix<T>& D, Index k,
                                                       const MedoidSilhouetteOptions& options) {
  return detail::medoids_of_matrix(D, detail::MedoidSilhouetteCall<T>(k, options));
}

template <class F>
MedoidSilhouetteResult<DissimilarityScalar<F>> medoid_silhouette_clustering(const Dissimilarity<F>& objects, Index k,
                                                                            const MedoidSilhouetteOptions& options) {
  return detail::medoids_of_objects(objects, detail::MedoidSilhouetteCall<DissimilarityScalar<F>>(k, options));
}

template <class Derived>
MedoidSilhouetteResult<typename Derived::Scalar> medoid_silhouette_clustering(const Eigen::DenseBase<Derived>& X,
                                                                              Index k,
                                                                              const MedoidSilhouetteOptions& options) {
  return detail::medoids_of_points(X, detail::MedoidSilhouetteCall<typename Derived::Scalar>(k, options));
}

template <class Derived, class Callable>
requires std::is_invocable_v<const Callable&, std::span<const typename Derived::Scalar>,
                             std::span<const typename Derived::Scalar>>
    MedoidSilhouetteResult<typename Derived::Scalar> medoid_silhouette_clustering(
        const Eigen::DenseBase<Derived>& X, Index k, const Callable& f, const MedoidSilhouetteOptions& options) {
  return detail::medoids_of_points(X, f, detail::MedoidSilhouetteCall<typename Derived::Scalar>(k, options));
}

template <class T>
MedoidSilhouetteSelection<T> select_medoid_silhouette(const DistanceMatrix<T>& D, KRange range,
                                                      const MedoidSilhouetteOptions& options) {
  return detail::medoids_of_matrix(D, detail::SelectSilhouetteCall<T>{range, options});
}

template <class F>
MedoidSilhouetteSelection<DissimilarityScalar<F>> select_medoid_silhouette(const Dissimilarity<F>& objects,
                                                                           KRange range,
                                                                           const MedoidSilhouetteOptions& options) {
  return detail::medoids_of_objects(objects, detail::SelectSilhouetteCall<DissimilarityScalar<F>>{range, options});
}

template <class Derived>
MedoidSilhouetteSelection<typename Derived::Scalar> select_medoid_silhouette(const Eigen::DenseBase<Derived>& X,
                                                                             KRange range,
                                                                             const MedoidSilhouetteOptions& options) {
  return detail::medoids_of_points(X, detail::SelectSilhouetteCall<typename Derived::Scalar>{range, options});
}

template <class Derived, class Callable>
requires std::is_invocable_v<const Callable&, std::span<const typename Derived::Scalar>,
                             std::span<const typename Derived::Scalar>>
    MedoidSilhouetteSelection<typename Derived::Scalar> select_medoid_silhouette(
        const Eigen::DenseBase<Derived>& X, KRange range, const Callable& f, const MedoidSilhouetteOptions& options) {
  return detail::medoids_of_points(X, f, detail::SelectSilhouetteCall<typename Derived::Scalar>{range, options});
}

CORYMB_END
