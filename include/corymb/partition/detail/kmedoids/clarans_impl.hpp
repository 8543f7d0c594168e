#pragma once

#include <corymb/core/detail/memory.hpp>
#include <corymb/core/random.hpp>
#include <corymb/partition/clarans.hpp>
#include <corymb/partition/detail/check_options.hpp>
#include <corymb/partition/detail/kmedoids/kmedoids_fit.hpp>
#include <corymb/partition/detail/kmedoids/medoid_input.hpp>
#include <corymb/partition/detail/seeding/draws.hpp>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

CORYMB_BEGIN
namespace detail {

/// A local search of CLARANS. Objects are drawn a few at a time, for which workers compute the distances and the best
/// exchanges; the first one in order that improves is made, so the result is that of one worker.
template <class T>
class ClaransSearch {
 public:
  static constexpr Index draws = 16;

  /// @param largest  no distance is larger; empty where that is not known: then the unit of the costs follows the
  ///                 largest distance met
  ClaransSearch(std::string_view function, const DistanceColumns<T>& distances, std::optional<double> largest,
                const double* weight, std::vector<Index> medoids, int threads)
      : function_(function),
        distances_(distances),
        weight_(weight),
        threads_(threads),
        workers_(static_cast<std::size_t>(threads)),
        draws_(static_cast<std::size_t>(draws)),
        covered_(largest.value_or(std::numeric_limits<double>::infinity())) {
    if (!largest) {
      covered_ = 0;
      for (const Index medoid : medoids) {
        fetch(draws_.front(), medoid, workers_.front());
        covered_ = std::max(covered_, room * largest_of(draws_.front()));
      }
    }
    follows_ = !largest;
    begin(std::move(medoids));
  }

  const MedoidState<T>& state() const { return *state_; }

  /// Tries exchanges until `most` in a row have improved nothing.
  /// @param all_slots  whether a try is an object against all medoids, or against one of them
  /// @param report     report(loss) after every few tries; false to stop
  template <class Report>
  SwapOutcome run(bool all_slots, std::int64_t most, Random& random, const Report& report) {
    SwapOutcome outcome;
    std::int64_t in_vain = 0;
    while (in_vain < most) {
      draw(random);
      for (Index next = 0; next < draws && in_vain < most;) {
        const Index found = first_improvement(next, all_slots);
        for (; next < found && in_vain < most; ++next) in_vain += state_->is_candidate(at(next).object);
        if (in_vain == most || found == draws) break;
        state_->exchange(at(found).swap.slot, at(found).object, at(found).column.data());
        ++outcome.swaps;
        ++outcome.iterations;
        in_vain = 0;
        ++next;
      }
      if (report(static_cast<double>(state_->loss()) / costs_->units())) continue;
      outcome.status = Status::cancelled;
      break;
    }
    return outcome;
  }

 private:
  struct Draw {
    Index object = 0;
    std::int32_t slot = 0;  // the medoid drawn with it
    Scratch<T> column;      // distances to the object
    Swap swap;              // the exchange tried
  };
  struct Worker {
    SwapGains<T> gains;
    ValuesScratch scratch;
  };
  static constexpr double room = 4;  // how much larger distances may become before the unit changes

  int useful_threads() const { return draws * distances_.size() >= Index{1} << 15 ? threads_ : 1; }

  Draw& at(Index i) { return draws_[static_cast<std::size_t>(i)]; }

  void begin(std::vector<Index> medoids) {
    auto costs = std::make_unique<CostScale>(function_, covered_, distances_.size(), weight_);
    state_ = std::make_unique<MedoidState<T>>(distances_, *costs, std::move(medoids), threads_);
    costs_ = std::move(costs);
  }

  void fetch(Draw& draw, Index object, Worker& worker) {
    draw.object = object;
    distances_.columns(object, object + 1, draw.column.reserve(distances_.size()), worker.scratch);
  }

  double largest_of(const Draw& draw) const {
    return static_cast<double>(*std::max_element(draw.column.data(), draw.column.data() + distances_.size()));
  }

  void draw(Random& random) {
    for (Draw& one : draws_) {
      one.object = random.below(distances_.size());
      one.slot = static_cast<std::int32_t>(random.below(state_->k()));
    }
    std::vector<double> largest(draws_.size(), 0.0);
    parallel_for(useful_threads(), draws, [&](Index i, int worker) {
      fetch(at(i), at(i).object, workers_[static_cast<std::size_t>(worker)]);
      if (follows_) largest[static_cast<std::size_t>(i)] = largest_of(at(i));
    });
    const double most = *std::max_element(largest.begin(), largest.end());
    if (most <= covered_) return;
    covered_ = room * most;
    begin(state_->medoids());
  }

  // The first draw from `first` on whose exchange improves, or `draws`.
  Index first_improvement(Index first, bool all_slots) {
    std::atomic<Index> found{draws};
    parallel_for(useful_threads(), draws - first, [&](Index task, int worker) {
      Draw& draw = at(first + task);
      if (first + task > found.load(std::memory_order_relaxed) || !state_->is_candidate(draw.object)) return;
      if (all_slots)
        draw.swap = workers_[static_cast<std::size_t>(worker)].gains.best(*state_, draw.object, draw.column.data());
      else
        draw.swap = PairwiseGains<T>::of_slot(*state_, draw.slot, draw.object, draw.column.data());
      if (!draw.swap.improves()) return;
      for (Index now = found.load(); first + task < now && !found.compare_exchange_weak(now, first + task);) {
      }
    });
    return found;
  }

  std::string_view function_;
  const DistanceColumns<T>& distances_;
  const double* weight_;
  int threads_;
  std::vector<Worker> workers_;
  std::vector<Draw> draws_;
  double covered_;        // the unit of the costs holds distances up to this
  bool follows_ = false;  // whether it is to follow what is met
  std::unique_ptr<CostScale> costs_;
  std::unique_ptr<MedoidState<T>> state_;
};

/// A call of clarans, see medoid_input.hpp.
template <class T>
struct ClaransCall {
  Index k;
  const ClaransOptions& options;
  std::string_view name = "clarans";
  const std::optional<Metric>& metric = options.metric;
  const Execution& execution = options.execution;

  void check(Index n) const {
    require_threads(name, execution.threads);
    check_restarts(name, options.restarts, false);
    if (options.max_tries < 0)
      reject(name, "max_tries = " + to_text(options.max_tries) + " must be ≥ 0 (0 = chosen from n and k)");
    check_k(name, "objects", n, k, options.weights);
  }

  void check_matrix(Index n) const { keeps_distances(n, 0); }

  bool keeps_distances(Index n, double taken) const {
    const double columns = matrix_bytes<T>(ClaransSearch<T>::draws, n);
    require_memory(name, taken + columns + kmedoids_memory<T>(n, k, resolve_threads(execution.threads), true),
                   execution.memory_limit, "use clara");
    return false;
  }

  KMedoidsResult<T> run(const DistanceColumns<T>& distances, std::optional<double> largest) const {
    const Index n = distances.size();
    const double* weight = options.weights.size() > 0 ? options.weights.data() : nullptr;
    const int threads = resolve_threads(execution.threads);
    const bool is_fast = options.algorithm == ClaransAlgorithm::fast_clarans;
    const ProgressReporter progress(execution.on_progress);
    KMedoidsResult<T> best;
    std::int64_t reports = 0;
    for (int restart = 0; restart < options.restarts; ++restart) {
      Random random(options.seed, {static_cast<std::uint64_t>(restart)});
      ClaransSearch<T> search(name, distances, largest, weight, random_rows(n, k, weight, random), threads);
      // Where all objects are medoids there is nothing to draw.
      const std::int64_t tries = present(n) > k ? max_tries(n, is_fast) : 0;
      const SwapOutcome outcome =
          search.run(is_fast, tries, random, [&](double loss) { return progress("clarans", ++reports, 0, loss); });
      const MedoidState<T>& state = search.state();
      KMedoidsResult<T> result = medoid_result(state.medoids(), state.labels(), state.distances_to(0), weight);
      result.swaps = outcome.swaps;
      result.iterations = outcome.iterations;
      result.status = outcome.status;
      result.restart = restart;
      const bool cancelled = result.status == Status::cancelled;
      if (restart == 0 || result.loss < best.loss) best = std::move(result);
      if (!cancelled) continue;
      best.status = Status::cancelled;
      break;
    }
    return best;
  }

  static KMedoidsResult<T>& model(KMedoidsResult<T>& result) { return result; }

 private:
  Index present(Index n) const {
    return options.weights.size() > 0 ? (options.weights.array() > 0).template cast<Index>().sum() : n;
  }

  std::int64_t max_tries(Index n, bool is_fast) const {
    if (options.max_tries > 0) return options.max_tries;
    const double others = static_cast<double>(n - k), slots = static_cast<double>(k);
    const double tries = is_fast ? std::max(0.025 * others, 250 / slots) : std::max(0.0125 * slots * others, 250.0);
    return static_cast<std::int64_t>(std::ceil(tries));
  }
};

}  // namespace detail

template <class Derived>
KMedoidsResult<typename Derived::Scalar> clarans(const Eigen::DenseBase<Derived>& X, Index k,
                                                 const ClaransOptions& options) {
  return detail::medoids_of_points(X, detail::ClaransCall<typename Derived::Scalar>{k, options});
}

template <class Derived, class Callable>
requires std::is_invocable_v<const Callable&, std::span<const typename Derived::Scalar>,
                             std::span<const typename Derived::Scalar>>
    KMedoidsResult<typename Derived::Scalar> clarans(const Eigen::DenseBase<Derived>& X, Index k, const Callable& f,
                                                     const ClaransOptions& options) {
  return detail::medoids_of_points(X, f, detail::ClaransCall<typename Derived::Scalar>{k, options});
}

template <class F>
KMedoidsResult<DissimilarityScalar<F>> clarans(const Dissimilarity<F>& objects, Index k,
                                               const ClaransOptions& options) {
  return detail::medoids_of_objects(objects, detail::ClaransCall<DissimilarityScalar<F>>{k, options});
}

template <class T>
KMedoidsResult<T> clarans(const DistanceMatrix<T>& D, Index k, const ClaransOptions& options) {
  return detail::medoids_of_matrix(D, detail::ClaransCall<T>{k, options});
}

CORYMB_END
