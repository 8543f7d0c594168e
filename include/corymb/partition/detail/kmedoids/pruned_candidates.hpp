#pragma once

#include <corymb/core/detail/gather_rows.hpp>
#include <corymb/partition/detail/kmedoids/cluster_lists.hpp>
#include <corymb/partition/detail/kmedoids/swap_gains.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <string_view>
#include <vector>

CORYMB_BEGIN
namespace detail {

/// Whether the triangle inequality holds.
inline bool is_metric(Metric metric) {
  switch (metric.kind()) {
    case Metric::Kind::bray_curtis:
    case Metric::Kind::cosine:
    case Metric::Kind::correlation: return false;
    default: return true;
  }
}

/// Points whose distances are computed when they are needed, under a metric that obeys the triangle inequality.
template <class T>
struct MetricPoints {
  const Points<T>& X;
  Metric metric;
};

/// Candidates among such points, for eager_swaps. Of the distances of a candidate, only those to objects are computed
/// that it may be nearer to than their second nearest medoid, as far as the distances to the medoids tell (see
/// ClusterLists); and none at all if these objects together cannot make up for the removal of any medoid. The swaps are
/// those of ColumnCandidates.
template <class T>
class PrunedCandidates {
 public:
  PrunedCandidates(std::string_view function, const MetricPoints<T>& points, MedoidState<T>& state)
      : function_(function),
        X_(points.X),
        metric_(points.metric),
        state_(state),
        lists_(state),
        first_row_(X_.row(0), 1, X_.cols(), X_.stride()),
        pair_values_(function, first_row_, first_row_, metric_, "X", "X", 1),
        column_(static_cast<std::size_t>(state.size())),
        workers_(static_cast<std::size_t>(state.threads())) {
    list_tiles();
  }

  Index prepare(Index first) const { return std::min(first + look_ahead_, state_.size()); }

  Swap first_improvement(Index first, Index last) {
    candidates_.clear();
    for (Index j = first; j < last; ++j)
      if (state_.is_candidate(j)) candidates_.push_back(j);
    reach_clusters();
    add_gains();
    for (std::size_t i = 0; i < candidates_.size(); ++i) {
      if (!is_hopeful_[i]) continue;
      const Swap swap = best_swap(i);
      if (!swap.improves()) continue;
      look_ahead_ = std::max(least_ahead, look_ahead_ / 2);
      return swap;
    }
    look_ahead_ = std::min(most_ahead, 2 * look_ahead_);
    return {};
  }

  void make(const Swap& swap) {
    state_.distances().columns(swap.candidate, swap.candidate + 1, column_.data(), workers_.front().scratch);
    state_.exchange(swap.slot, swap.candidate, column_.data());
    lists_.update();
    list_tiles();
  }

 private:
  struct TileNumber {
    std::int32_t slot;
    Index tile;
  };
  struct Worker {
    ValuesScratch scratch;
    Scratch<T> kernel;
    Scratch<T> rows;      // of the candidates that a tile matters to
    Scratch<T> distance;  // by candidate, then object of the tile
    PlacesBelow<T> near;
    std::vector<std::int32_t> concerned;  // candidates that a tile matters to
    std::vector<Cost> gains;              // by candidate: one per slot, and what is shared
  };

  static constexpr Index least_ahead = 16;
  static constexpr Index most_ahead = 256;

  void list_tiles() {
    tiles_.clear();
    for (std::int32_t slot = 0; slot < static_cast<std::int32_t>(state_.k()); ++slot)
      for (Index tile = 0; tile < lists_.tiles(slot); ++tile) tiles_.push_back({slot, tile});
  }

  template <class Work>
  void for_tiles(const Work& work) {
    constexpr Index tiles_per_task = 32;
    const auto count = static_cast<Index>(tiles_.size());
    const bool worth_threads = state_.size() * static_cast<Index>(candidates_.size()) >= Index{1} << 18;
    parallel_for(worth_threads ? state_.threads() : 1, (count + tiles_per_task - 1) / tiles_per_task,
                 [&](Index task, int w) {
                   const Index last = std::min((task + 1) * tiles_per_task, count);
                   for (Index i = task * tiles_per_task; i < last; ++i)
                     work(tiles_[static_cast<std::size_t>(i)], workers_[static_cast<std::size_t>(w)]);
                 });
  }

  std::int32_t& within(std::int32_t slot, std::size_t candidate) {
    return within_[static_cast<std::size_t>(slot) * candidates_.size() + candidate];
  }

  // A distance that is certainly no larger than one to compare reaches with, whatever rounding has done to both:
  // squares that underflow, and asin near 1, are off by more than a part of them.
  double certain(T distance) const {
    const double columns = static_cast<double>(X_.cols());
    const double relative = 16 * (columns + 8) * static_cast<double>(std::numeric_limits<T>::epsilon());
    const double absolute = 4 * std::sqrt(columns * static_cast<double>(std::numeric_limits<T>::min())) +
                            (metric_.kind() == Metric::Kind::haversine ? 1e-3 : 0.0);
    return std::max(0.0, static_cast<double>(distance) * (1 - relative) - absolute);
  }

  // Finds how far down the lists of the clusters each candidate matters, and whether it may improve anything.
  void reach_clusters() {
    rows_ = gather_rows<T>(X_, candidates_);
    const std::size_t count = candidates_.size();
    within_.resize(static_cast<std::size_t>(state_.k()) * count);
    is_hopeful_.assign(count, false);
    if (count == 0) return;
    const RowMatrix<T> medoids = gather_rows<T>(X_, state_.medoids());
    const Points<T> points(rows_), centers(medoids);
    const MetricValues<T> values(function_, points, centers, metric_, "X", "X", 1);
    const auto least_removal = static_cast<double>(state_.smallest_removal());
    constexpr Index block = 16;
    const bool worth_threads = points.rows() * state_.k() >= Index{1} << 14;
    parallel_for(worth_threads ? state_.threads() : 1, (points.rows() + block - 1) / block, [&](Index task, int w) {
      Worker& worker = workers_[static_cast<std::size_t>(w)];
      const Index first = task * block, last = std::min(first + block, points.rows());
      T* distance = worker.distance.reserve(block * state_.k());
      values(first, last, distance, worker.scratch);
      values.finish(distance, (last - first) * state_.k());
      for (Index i = first; i < last; ++i) {
        double most = 0;
        for (std::int32_t slot = 0; slot < static_cast<std::int32_t>(state_.k()); ++slot) {
          const double from_medoid = certain(*distance++);
          const Index tiles = lists_.tiles_within(slot, from_medoid);
          within(slot, static_cast<std::size_t>(i)) = static_cast<std::int32_t>(tiles);
          most += lists_.most_gain(slot, from_medoid, tiles);
        }
        constexpr double rounding = 1 + 1e-6;
        const double truncation = static_cast<double>(state_.size());
        is_hopeful_[static_cast<std::size_t>(i)] =
            !(most * rounding * state_.costs().units() + truncation < least_removal);
      }
    });
  }

  // The distances of `count` rows, one after the other, to the objects of a tile.
  const T* distances(const T* rows, Index count, const typename ClusterLists<T>::Tile& tile, Worker& worker) const {
    const Index d = X_.cols();
    T* distance = worker.distance.reserve(count * tile.count);
    if (const std::optional<PairValue> kernel = pair_values_.deciding_kernel()) {
      RowsView<T> objects = rows_view(X_);
      objects.n = tile.count;  // listed ones
      kernels::distances(compiled::DistancesTask<T>{*kernel, RowsView<T>{rows, count, d, d}, objects, tile.objects,
                                                    distance, tile.count,
                                                    worker.kernel.reserve(kernels::defined_scratch_size(T(), d))});
      pair_values_.finish(distance, count * tile.count);
    } else {
      const RowMatrix<T> gathered =
          gather_rows<T>(X_, std::span<const Index>(tile.objects, static_cast<std::size_t>(tile.count)));
      const Points<T> some(rows, count, d, d), objects(gathered);
      const MetricValues<T> values(function_, some, objects, metric_, "X", "X", 1);
      values(0, count, distance, worker.scratch);
      values.finish(distance, count * tile.count);
    }
    return distance;
  }

  void add_gains() {
    const std::size_t stride = static_cast<std::size_t>(state_.k()) + 1;
    for (Worker& worker : workers_) worker.gains.assign(candidates_.size() * stride, 0);
    const Index d = X_.cols();
    for_tiles([&](const TileNumber& number, Worker& worker) {
      worker.concerned.clear();
      for (std::size_t i = 0; i < candidates_.size(); ++i)
        if (number.tile < within(number.slot, i) && is_hopeful_[i])
          worker.concerned.push_back(static_cast<std::int32_t>(i));
      if (worker.concerned.empty()) return;
      const auto count = static_cast<Index>(worker.concerned.size());
      T* row = worker.rows.reserve(count * d);
      for (const std::int32_t i : worker.concerned) row = std::copy_n(rows_.data() + i * d, d, row);
      const auto tile = lists_.tile(number.slot, number.tile);
      const T* distance = distances(worker.rows.data(), count, tile, worker);
      for (const std::int32_t i : worker.concerned) {
        Cost* gains = worker.gains.data() + static_cast<std::size_t>(i) * stride;
        const PlacesBelow<T>& near = worker.near.find(distance, tile.second, tile.count);
        for (Index h = 0; h < near.count(); ++h) {
          const Index o = tile.objects[near.place(h)];
          const ObjectGain gain(state_.record(o), state_.costs()(o, near.value(h)));
          gains[stride - 1] += gain.shared;
          gains[number.slot] += gain.of_nearest;
        }
        distance += tile.count;
      }
    });
  }

  Swap best_swap(std::size_t candidate) const {
    const std::size_t stride = static_cast<std::size_t>(state_.k()) + 1;
    const auto total = [&](std::size_t entry) {
      Cost sum = 0;
      for (const Worker& worker : workers_) sum += worker.gains[candidate * stride + entry];
      return sum;
    };
    const Cost shared = total(stride - 1);
    return best_of_slots(stride - 1, candidates_[candidate],
                         [&](std::size_t s) { return state_.removal()[s] + shared + total(s); });
  }

  std::string_view function_;
  const Points<T>& X_;
  Metric metric_;
  MedoidState<T>& state_;
  ClusterLists<T> lists_;
  std::vector<TileNumber> tiles_;  // of all clusters
  Points<T> first_row_;
  MetricValues<T> pair_values_;       // for its kernel, and to turn values into distances
  std::vector<T> column_;             // of a new medoid
  std::vector<Index> candidates_;     // those looked at
  RowMatrix<T> rows_;                 // of them
  std::vector<std::int32_t> within_;  // by slot, then candidate: tiles of the cluster that the candidate matters to
  std::vector<char> is_hopeful_;      // by candidate: whether it may improve anything
  std::vector<Worker> workers_;
  Index look_ahead_ = least_ahead;
};

}  // namespace detail
CORYMB_END
