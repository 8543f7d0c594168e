#pragma once

#include <corymb/partition/detail/kmedoids/medoid_state.hpp>
#include <corymb/partition/detail/kmedoids/point_tiles.hpp>
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

/// Candidates among points under a metric, for eager_swaps, without their columns. An object matters to a candidate
/// only if it is nearer than its second nearest medoid. A tile whose rows are all farther, by the triangle inequality
/// over its center, is left out; and so is a candidate whose tiles together cannot make up for the removal of any
/// medoid. The swaps are those of ColumnCandidates.
template <class T>
class TiledCandidates {
 public:
  /// @param X      the points in spatial order
  /// @param order  the number of each of them, as the swaps have it
  /// @param state  of X
  TiledCandidates(std::string_view function, const Points<T>& X, const std::vector<Index>& order, Metric metric,
                  MedoidState<T>& state)
      : function_(function),
        X_(X),
        order_(order),
        metric_(metric),
        state_(state),
        tiles_(function, X, metric, state.threads()),
        first_row_(X.row(0), 1, X.cols(), X.stride()),
        pair_values_(function, first_row_, first_row_, metric, "X", "X", 1),
        place_of_(order.size()),
        farthest_second_(static_cast<std::size_t>(tiles_.count())),
        weight_(farthest_second_.size()),
        column_(order.size()),
        workers_(static_cast<std::size_t>(state.threads())) {
    for (std::size_t place = 0; place < order.size(); ++place)
      place_of_[static_cast<std::size_t>(order[place])] = static_cast<Index>(place);
    for (Index tile = 0; tile < tiles_.count(); ++tile)
      for (Index o = tiles_.begin(tile); o < tiles_.end(tile); ++o)
        weight_[static_cast<std::size_t>(tile)] += state.costs().is_weighted() ? state.costs().weight()[o] : 1.0;
    find_farthest();
  }

  Index prepare(Index first) const { return std::min(first + look_ahead_, state_.size()); }

  Swap first_improvement(Index first, Index last) {
    candidates_.clear();
    for (Index j = first; j < last; ++j)
      if (const Index place = place_of_[static_cast<std::size_t>(j)]; state_.is_candidate(place))
        candidates_.push_back(place);
    const RowMatrix<T> rows = gather_rows<T>(X_, candidates_);
    const std::vector<char> hopeful = reach_tiles(rows);
    add_gains(rows, hopeful);
    for (std::size_t i = 0; i < candidates_.size(); ++i) {
      if (!hopeful[i]) continue;
      Swap swap = best_swap(i);
      swap.candidate = order_[static_cast<std::size_t>(candidates_[i])];
      if (!swap.improves()) continue;
      look_ahead_ = std::max(least_ahead, look_ahead_ / 2);
      return swap;
    }
    look_ahead_ = std::min(most_ahead, 2 * look_ahead_);
    return {};
  }

  void make(const Swap& swap) {
    const Index place = place_of_[static_cast<std::size_t>(swap.candidate)];
    candidates_ = {place};
    const RowMatrix<T> row = gather_rows<T>(X_, candidates_);
    reach_tiles(row);
    // To objects in tiles left out, the new medoid is neither nearest nor second nearest.
    std::fill(column_.begin(), column_.end(), std::numeric_limits<T>::infinity());
    for_tiles([&](Index tile, Worker& worker) {
      if (!is_within(tile, 0)) return;
      const T* distance = distances(row.data(), 1, tile, worker);
      std::copy_n(distance, tiles_.end(tile) - tiles_.begin(tile), column_.begin() + tiles_.begin(tile));
    });
    state_.exchange(swap.slot, place, column_.data());
    find_farthest();
  }

 private:
  struct Worker {
    ValuesScratch scratch;
    Scratch<T> kernel;
    Scratch<T> rows;      // of the candidates within reach of a tile
    Scratch<T> distance;  // by candidate, then row of the tile
    PlacesBelow<T> near;
    std::vector<std::int32_t> within;  // candidates within reach of a tile
    std::vector<Cost> gains;           // by candidate: one per slot, and what is shared
    std::vector<double> most;          // by candidate: at most, what the objects gain
  };

  static constexpr Index least_ahead = 16;
  static constexpr Index most_ahead = 256;
  static constexpr Index tiles_per_task = 32;

  std::size_t candidate_count() const { return candidates_.size(); }

  template <class Work>
  void for_tiles(const Work& work) {
    parallel_for(state_.threads(), (tiles_.count() + tiles_per_task - 1) / tiles_per_task, [&](Index task, int w) {
      const Index last = std::min((task + 1) * tiles_per_task, tiles_.count());
      for (Index tile = task * tiles_per_task; tile < last; ++tile) work(tile, workers_[static_cast<std::size_t>(w)]);
    });
  }

  void find_farthest() {
    const T* second = state_.distances_to(1);
    for (Index tile = 0; tile < tiles_.count(); ++tile)
      farthest_second_[static_cast<std::size_t>(tile)] =
          *std::max_element(second + tiles_.begin(tile), second + tiles_.end(tile));
  }

  // How far beyond a distance rows of a tile are at least, whatever rounding has done to the distances: those to the
  // center, to the rows, and the radius. Squares that underflow, and asin near 1, are off by more than a part of them.
  double least_distance(Index tile, T to_center) const {
    const double radius = static_cast<double>(tiles_.radius(tile)), distance = static_cast<double>(to_center);
    const double columns = static_cast<double>(X_.cols());
    const double relative = 8 * (columns + 8) * static_cast<double>(std::numeric_limits<T>::epsilon());
    const double absolute = 4 * std::sqrt(columns * static_cast<double>(std::numeric_limits<T>::min())) +
                            (metric_.kind() == Metric::Kind::haversine ? 1e-3 : 0.0);
    return (distance - radius - relative * (distance + radius)) * (1 - relative) - absolute;
  }

  bool is_within(Index tile, std::size_t candidate) const {
    return least_[static_cast<std::size_t>(tile) * candidate_count() + candidate] <=
           static_cast<double>(farthest_second_[static_cast<std::size_t>(tile)]);
  }

  // Finds how near each tile may be to each candidate. Returns the candidates for which a swap may improve.
  std::vector<char> reach_tiles(const RowMatrix<T>& rows) {
    const std::size_t count = candidate_count();
    least_.resize(static_cast<std::size_t>(tiles_.count()) * count);
    if (count == 0) return {};
    for (Worker& worker : workers_) worker.most.assign(count, 0.0);
    const Points<T> centers(tiles_.centers()), points(rows);
    const MetricValues<T> values(function_, centers, points, metric_, "X", "X", 1);
    const auto block = static_cast<Index>(tiles_per_task);
    parallel_for(state_.threads(), (tiles_.count() + block - 1) / block, [&](Index task, int w) {
      Worker& worker = workers_[static_cast<std::size_t>(w)];
      const Index first = task * block, last = std::min(first + block, tiles_.count());
      T* distance = worker.distance.reserve(block * static_cast<Index>(count));
      values(first, last, distance, worker.scratch);
      values.finish(distance, (last - first) * static_cast<Index>(count));
      for (Index tile = first; tile < last; ++tile)
        for (std::size_t i = 0; i < count; ++i) {
          const double least = least_distance(tile, *distance++);
          least_[static_cast<std::size_t>(tile) * count + i] = least;
          const auto t = static_cast<std::size_t>(tile);
          worker.most[i] += weight_[t] * std::max(0.0, static_cast<double>(farthest_second_[t]) - std::max(0.0, least));
        }
    });
    const double truncation = static_cast<double>(state_.size());
    constexpr double rounding = 1 + 1e-9;
    std::vector<char> hopeful(count);
    for (std::size_t i = 0; i < count; ++i) {
      double most = 0;
      for (const Worker& worker : workers_) most += worker.most[i];
      hopeful[i] =
          !(most * rounding * state_.costs().units() + truncation < static_cast<double>(state_.smallest_removal()));
    }
    return hopeful;
  }

  // The distances of `count` rows, one after the other, to those of a tile.
  const T* distances(const T* rows, Index count, Index tile, Worker& worker) const {
    const Points<T> of_tile = tiles_.view(tile);
    const Index d = X_.cols(), width = of_tile.rows();
    T* distance = worker.distance.reserve(count * width);
    if (const std::optional<PairValue> kernel = pair_values_.deciding_kernel()) {
      kernels::distances(compiled::DistancesTask<T>{*kernel, RowsView<T>{rows, count, d, d}, rows_view(of_tile),
                                                    nullptr, distance, width,
                                                    worker.kernel.reserve(kernels::defined_scratch_size(T(), d))});
      pair_values_.finish(distance, count * width);
    } else {
      const Points<T> points(rows, count, d, d);
      const MetricValues<T> values(function_, points, of_tile, metric_, "X", "X", 1);
      values(0, count, distance, worker.scratch);
      values.finish(distance, count * width);
    }
    return distance;
  }

  void add_gains(const RowMatrix<T>& rows, const std::vector<char>& hopeful) {
    const std::size_t stride = static_cast<std::size_t>(state_.k()) + 1;
    for (Worker& worker : workers_) worker.gains.assign(candidate_count() * stride, 0);
    const Index d = X_.cols();
    for_tiles([&](Index tile, Worker& worker) {
      worker.within.clear();
      for (std::size_t i = 0; i < candidate_count(); ++i)
        if (hopeful[i] && is_within(tile, i)) worker.within.push_back(static_cast<std::int32_t>(i));
      if (worker.within.empty()) return;
      const auto count = static_cast<Index>(worker.within.size());
      T* some = worker.rows.reserve(count * d);
      for (const std::int32_t i : worker.within) some = std::copy_n(rows.data() + i * d, d, some);
      const Index begin = tiles_.begin(tile), width = tiles_.end(tile) - begin;
      const T* distance = distances(worker.rows.data(), count, tile, worker);
      for (const std::int32_t i : worker.within) {
        Cost* gains = worker.gains.data() + static_cast<std::size_t>(i) * stride;
        const PlacesBelow<T>& near = worker.near.find(distance, state_.distances_to(1) + begin, width);
        for (Index h = 0; h < near.count(); ++h) {
          const Index o = begin + near.place(h);
          const MedoidCosts& now = state_.record(o);
          const ObjectGain gain(now, state_.costs()(o, near.value(h)));
          gains[stride - 1] += gain.shared;
          gains[now.slot[0]] += gain.of_nearest;
        }
        distance += width;
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
    Swap best;
    for (std::size_t s = 0; s + 1 < stride; ++s) {
      const Cost change = state_.removal()[s] + shared + total(s);
      if (change >= best.change) continue;
      best.change = change;
      best.slot = static_cast<std::int32_t>(s);
    }
    return best;
  }

  std::string_view function_;
  const Points<T>& X_;
  const std::vector<Index>& order_;
  Metric metric_;
  MedoidState<T>& state_;
  PointTiles<T> tiles_;
  Points<T> first_row_;
  MetricValues<T> pair_values_;     // for its kernel, and to turn values into distances
  std::vector<Index> place_of_;     // by number
  std::vector<T> farthest_second_;  // by tile: the largest distance of a row to its second nearest medoid
  std::vector<double> weight_;      // by tile
  std::vector<T> column_;           // of a new medoid
  std::vector<Index> candidates_;   // places of those looked at
  std::vector<double> least_;       // by tile, then candidate: no row of the tile is nearer
  std::vector<Worker> workers_;
  Index look_ahead_ = least_ahead;
};

}  // namespace detail
CORYMB_END
