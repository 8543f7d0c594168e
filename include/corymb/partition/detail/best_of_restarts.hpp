#pragma once

#include <corymb/core/detail/progress.hpp>
#include <corymb/core/random.hpp>
#include <corymb/partition/detail/seeding/draws.hpp>
#include <corymb/partition/kmeans.hpp>

#include <algorithm>
#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

CORYMB_BEGIN
namespace detail {

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

/// The same for a run that has nothing to do between iterations nor when it has converged.
template <class T, class Run>
KMeansResult<T> iterate(Run& run, double allowed_movement, const KMeansOptions& options,
                        const ProgressReporter& progress) {
  return iterate<T>(
      run, allowed_movement, options, progress, [](Index) {}, [] { return false; });
}

/// What a fit of some kind of rows is made of.
///   gather(rows)         -> the k × d centroids that these rows make
///   seed(random, step)   -> row numbers of the first centroids, fewer than k if step(done) returned false
///   begin(centroids)     -> a run with the stages that iterate() needs
///   carry_out(run, progress) -> its KMeansResult, by iterate()
template <class Gather, class Seed, class Begin, class CarryOut>
struct FitParts {
  Gather gather;
  Seed seed;
  Begin begin;
  CarryOut carry_out;
};
template <class Gather, class Seed, class Begin, class CarryOut>
FitParts(Gather, Seed, Begin, CarryOut) -> FitParts<Gather, Seed, Begin, CarryOut>;

/// All restarts; the run of lowest inertia, the earlier one on ties. `given`: centroids to start from, or null.
template <class T, class Gather, class Seed, class Begin, class CarryOut>
KMeansResult<T> best_of_restarts(Index n, Index k, const RowMatrix<T>* given, const KMeansOptions& options,
                                 const FitParts<Gather, Seed, Begin, CarryOut>& fit) {
  const ProgressReporter progress(options.execution.on_progress);
  std::optional<KMeansResult<T>> best;
  for (int restart = 0; restart < options.restarts; ++restart) {
    RowMatrix<T> centroids;
    bool cancelled_while_seeding = false;
    if (given != nullptr) {
      centroids = *given;
    } else if (!options.initial_rows.empty()) {
      centroids = fit.gather(options.initial_rows);
    } else {
      Random random(options.seed, {static_cast<std::uint64_t>(restart)});
      std::vector<Index> rows = fit.seed(
          random, std::function<bool(Index)>([&](Index done) { return progress("seeding", done, k, not_a_number); }));
      cancelled_while_seeding = static_cast<Index>(rows.size()) < k;
      if (cancelled_while_seeding) {
        if (best) {
          best->status = Status::cancelled;
          break;
        }
        const double* weight = options.weights.size() > 0 ? options.weights.data() : nullptr;
        fill_with_lowest_rows(n, k, weight, rows);
      }
      centroids = fit.gather(rows);
    }
    auto run = fit.begin(std::move(centroids));
    KMeansResult<T> result;
    if (cancelled_while_seeding) {
      run.assign();
      result.status = Status::cancelled;
      take_result(run, result);
    } else {
      result = fit.carry_out(run, progress);
    }
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

}  // namespace detail
CORYMB_END
