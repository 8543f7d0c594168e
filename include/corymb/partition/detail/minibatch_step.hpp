#pragma once

#include <corymb/core/parallel.hpp>
#include <corymb/core/points.hpp>
#include <corymb/core/random.hpp>
#include <corymb/distance/detail/cluster_sums_impl.hpp>
#include <corymb/distance/detail/nearest_rows.hpp>

#include <algorithm>
#include <cstdint>
#include <numeric>
#include <utility>
#include <vector>

CORYMB_BEGIN
namespace detail {

/// The number of threads that a batch is worth: each must have more to do than the parallel regions of a batch take to
/// begin and end, some 10^6 products.
inline int threads_for_batch(Index n, Index d, Index k, int threads) {
  const double products = static_cast<double>(n) * static_cast<double>(d) * static_cast<double>(k + 4);
  return static_cast<int>(std::clamp(products / (1 << 21), 1.0, static_cast<double>(threads)));
}

/// A batch assigned to the nearest centroids.
template <class T>
struct AssignedBatch {
  Labels labels;
  std::vector<T> squared;  // defined squared distance of each row to its centroid
  ClusterSums sums;
};

/// Nearest centroids, distances to them and sums per cluster. A batch that gives every thread chunks of its own is
/// read once; in a smaller one the rows are shared out more finely, and are in the cache when they are summed. The
/// bits are the same.
template <class T>
AssignedBatch<T> assign_batch(const Points<T>& batch, const double* weight, const RowMatrix<T>& centroids,
                              int threads) {
  const Index n = batch.rows(), d = batch.cols(), k = centroids.rows();
  AssignedBatch<T> result{Labels(n), std::vector<T>(static_cast<std::size_t>(n)),
                          ClusterSums{RowMatrix<double>::Zero(k, d), Vector::Zero(k)}};
  const RowsView<T> view = rows_view(centroids);
  const PackedCentroids<T> packed(view);
  std::vector<NearestWorkspace<T>> workspace(static_cast<std::size_t>(threads));
  const auto assign = [&](Index first, Index last, int worker) {
    const RowsView<T> rows = rows_view(batch, first, last);
    assign_nearest(rows, packed, result.labels.data() + first, workspace[static_cast<std::size_t>(worker)]);
    kernels::squared_to_assigned(rows, view, result.labels.data() + first,
                                 result.squared.data() + static_cast<std::size_t>(first));
  };
  const SumsPlan plan(n, d, k);
  const Chunks& chunks = plan.chunks();
  if (plan.grouped() || chunks.count() < 2 * threads) {
    const Chunks tasks(n, 128, std::max<Index>(4 * threads, n / rows_per_task));
    parallel_for(threads, tasks.count(),
                 [&](Index task, int worker) { assign(tasks.begin(task), tasks.end(task), worker); });
    sum_clusters(batch, result.labels.data(), weight, threads_for_batch(n, d, 4, threads), plan, result.sums);
    return result;
  }
  PartialSums partial(plan);
  parallel_for(threads, chunks.count(), [&](Index chunk, int worker) {
    partial.clear(chunk);
    for (Index first = chunks.begin(chunk); first < chunks.end(chunk); first += rows_per_task) {
      const Index last = std::min(first + rows_per_task, chunks.end(chunk));
      assign(first, last, worker);
      kernels::add_to_sums(compiled::SumsTask<T>{
          rows_view(batch, first, last), nullptr, last - first, result.labels.data() + first,
          weight != nullptr ? weight + first : nullptr, partial.sums(chunk), partial.weights(chunk)});
    }
  });
  partial.combine(chunks.count(), threads, result.sums);
  return result;
}

/// What remains of the batches, and how the next one is learnt.
template <class T>
struct MiniBatchCore {
  RowMatrix<T> centroids;
  ClusterSums total;  // of all points that each centroid stands for
  std::int64_t batches = 0;
  // Since a look at which centroids have too few points, and what all stood for then.
  double rows_since_look = 0;
  double weight_since_look = 0;
  double weight_at_look = 0;

  struct Step {
    double inertia = 0;   // before the centroids moved
    double weight = 0;    // of the batch
    double movement = 0;  // Σ ‖movement of a centroid‖²
  };

  void start(RowMatrix<T> first) {
    centroids = std::move(first);
    total = {RowMatrix<double>::Zero(centroids.rows(), centroids.cols()), Vector::Zero(centroids.rows())};
  }

  /// @param reassignments  stream of random numbers for this batch.
  Step learn(const Points<T>& batch, const double* weight, int threads, double decay, double reassignment_ratio,
             Random reassignments) {
    threads = threads_for_batch(batch.rows(), batch.cols(), centroids.rows(), threads);
    AssignedBatch<T> assigned = assign_batch(batch, weight, centroids, threads);
    Step step;
    step.inertia = parallel_sum(threads_for_batch(batch.rows(), 8, 0, threads), Chunks(batch.rows()), 0.0,
                                [&](Index begin, Index end) {
                                  double sum = 0;
                                  for (Index i = begin; i < end; ++i)
                                    sum += (weight != nullptr ? weight[i] : 1.0) *
                                           static_cast<double>(assigned.squared[static_cast<std::size_t>(i)]);
                                  return sum;
                                });
    step.weight = assigned.sums.weights.sum();
    if (decay < 1) {
      total.sums *= decay;
      total.weights *= decay;
    }
    total.sums += assigned.sums.sums;
    total.weights += assigned.sums.weights;
    for (Index c = 0; c < centroids.rows(); ++c)
      if (assigned.sums.weights[c] > 0)
        for (Index j = 0; j < centroids.cols(); ++j)
          step.movement += move(c, j, static_cast<T>(total.sums(c, j) / total.weights[c]));
    ++batches;
    rows_since_look += static_cast<double>(
        weight != nullptr ? batch.rows() - std::count(weight, weight + batch.rows(), 0.0) : batch.rows());
    weight_since_look += step.weight;
    if (rows_since_look >= 10 * static_cast<double>(centroids.rows()) && weight_since_look >= weight_at_look) {
      if (reassignment_ratio > 0)
        step.movement += reassign(batch, weight, threads, reassignment_ratio, reassignments, assigned.squared);
      rows_since_look = weight_since_look = 0;
      weight_at_look = total.weights.sum();
    }
    return step;
  }

 private:
  double move(Index c, Index j, T to) {
    const double distance = static_cast<double>(to) - static_cast<double>(centroids(c, j));
    centroids(c, j) = to;
    return distance * distance;
  }

  /// Gives up the centroids whose weight is below the share of the mean, lowest number first, each for a row that is
  /// drawn as k-means++ would; the points that such a centroid stood for are forgotten. Returns Σ ‖movement‖².
  double reassign(const Points<T>& batch, const double* weight, int threads, double ratio, Random& random,
                  std::vector<T>& closest) {
    const double least = ratio * total.weights.mean();
    double movement = 0;
    for (Index c = 0; c < centroids.rows(); ++c) {
      if (!(total.weights[c] < least)) continue;
      const auto mass = [&](Index i) {
        return (weight != nullptr ? weight[i] : 1.0) * static_cast<double>(closest[static_cast<std::size_t>(i)]);
      };
      double all = 0;
      for (Index i = 0; i < batch.rows(); ++i) all += mass(i);
      if (!(all > 0)) break;  // every row lies on a centroid
      double left = random.uniform() * all;
      Index row = -1;
      for (Index i = 0; i < batch.rows(); ++i) {
        if (!(mass(i) > 0)) continue;
        row = i;
        if ((left -= mass(i)) < 0) break;
      }
      for (Index j = 0; j < centroids.cols(); ++j) movement += move(c, j, batch(row, j));
      total.sums.row(c).setZero();
      total.weights[c] = 0;
      // A row near the new centroid is a poor place for another one.
      const Chunks tasks(batch.rows(), rows_per_task, batch.rows());
      parallel_for(threads, tasks.count(), [&](Index task) {
        const Index first = tasks.begin(task), last = tasks.end(task);
        std::vector<std::int32_t> zero(static_cast<std::size_t>(last - first), 0);
        std::vector<T> squared(zero.size());
        kernels::squared_to_assigned(rows_view(batch, first, last), rows_view(batch, row, row + 1), zero.data(),
                                     squared.data());
        for (Index i = first; i < last; ++i)
          closest[static_cast<std::size_t>(i)] =
              std::min(closest[static_cast<std::size_t>(i)], squared[static_cast<std::size_t>(i - first)]);
      });
    }
    return movement;
  }
};

}  // namespace detail
CORYMB_END
