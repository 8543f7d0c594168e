#pragma once

#include <corymb/core/detail/progress.hpp>
#include <corymb/core/random.hpp>
#include <corymb/partition/detail/kmeans_impl.hpp>
#include <corymb/partition/detail/seeding/draws.hpp>

#include <algorithm>
#include <cstdint>
#include <functional>
#include <optional>
#include <utility>
#include <vector>

CORYMB_BEGIN
namespace detail {

/// What a fit of some kind of rows is made of.
///   gather(rows)         -> the k × d centroids that these rows make
///   seed(random, step)   -> row numbers of the first centroids, fewer than k if step(done) returned false
///   begin(centroids)     -> a run with the stages that iterate() needs
template <class Gather, class Seed, class Begin>
struct FitParts {
  Gather gather;
  Seed seed;
  Begin begin;
};

/// All restarts; the run of lowest inertia, the earlier one on ties. `given`: centroids to start from, or null.
template <class T, class Gather, class Seed, class Begin>
KMeansResult<T> best_of_restarts(Index n, Index k, const RowMatrix<T>* given, double allowed_movement,
                                 const KMeansOptions& options, const FitParts<Gather, Seed, Begin>& fit) {
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
      result = iterate<T>(
          run, allowed_movement, options, progress, [](Index) {}, [] { return false; });
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

/// Gives empty clusters the rows farthest from their centroids, a different one each (the lower row on ties). A row at
/// distance 0 would make an equal centroid and stays, as does the only row of a cluster.
/// @param far      rows of positive weight that may be among the (empty + k) farthest.
/// @param squared  squared(row): of the row to its centroid.
/// @param move     move(row, from, to) moves the row from the sums of one cluster to those of another, empty one.
/// @return         whether a row was moved.
template <class Squared, class Move>
bool relocate_empty_clusters(const std::vector<Index>& empty, std::vector<Index> far, const Squared& squared,
                             const double* weight, const Labels& labels, Vector& cluster_weights, const Move& move) {
  const auto weight_of = [&](Index row) { return weight != nullptr ? weight[row] : 1.0; };
  std::erase_if(far, [&](Index row) { return !(squared(row) > 0); });
  // A donor that would empty its own cluster is passed over: at most one for each cluster.
  const auto wanted = std::min(far.size(), empty.size() + static_cast<std::size_t>(cluster_weights.size()));
  std::partial_sort(far.begin(), far.begin() + static_cast<std::ptrdiff_t>(wanted), far.end(),
                    [&](Index a, Index b) { return squared(a) != squared(b) ? squared(a) > squared(b) : a < b; });
  std::size_t next = 0;
  bool moved = false;
  for (const Index c : empty) {
    while (next < wanted && !(cluster_weights[labels[far[next]]] > weight_of(far[next]))) ++next;
    if (next == wanted) break;
    const Index row = far[next++];
    move(row, labels[row], c);
    cluster_weights[labels[row]] -= weight_of(row);
    cluster_weights[c] = weight_of(row);
    moved = true;
  }
  return moved;
}

}  // namespace detail
CORYMB_END
