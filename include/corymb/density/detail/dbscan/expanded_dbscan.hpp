#pragma once

#include <corymb/core/detail/concurrent_union_find.hpp>
#include <corymb/density/detail/dbscan/density_state.hpp>
#include <corymb/density/detail/point_weights.hpp>
#include <corymb/neighbors/detail/near_pair_search.hpp>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

CORYMB_BEGIN
namespace detail {

/// Neighbours that wait with rows which are not core yet: those that are to be joined with the row, or to reach it.
/// They are few, since a row with enough neighbours is core; where there are more, the row is not complete, and must be
/// looked at again.
class WaitingNeighbors {
 public:
  WaitingNeighbors(Index n, Index most)
      : most_(most),
        neighbor_(new std::int32_t[static_cast<std::size_t>(n * most)]),
        count_(static_cast<std::size_t>(n)),
        is_complete_(count_.size(), 1) {}

  static double memory(Index n, Index most) {
    return static_cast<double>(n) * (static_cast<double>(most + 1) * sizeof(std::int32_t) + 1);
  }

  bool is_complete(Index row) const { return is_complete_[static_cast<std::size_t>(row)] != 0; }
  bool is_full(Index row) const { return count_[static_cast<std::size_t>(row)] == most_; }
  std::span<const std::int32_t> of(Index row) const {
    return {neighbor_.get() + row * most_, static_cast<std::size_t>(count_[static_cast<std::size_t>(row)])};
  }

  void add(Index row, Index neighbor) {
    if (is_full(row)) return lose(row);
    neighbor_[static_cast<std::size_t>(row * most_ + count_[static_cast<std::size_t>(row)]++)] =
        static_cast<std::int32_t>(neighbor);
  }

  /// A neighbour of the row is not kept.
  void lose(Index row) { is_complete_[static_cast<std::size_t>(row)] = 0; }

 private:
  Index most_;
  std::unique_ptr<std::int32_t[]> neighbor_;  // by row, most_ of them
  std::vector<std::int32_t> count_;           // by row
  std::vector<std::uint8_t> is_complete_;     // by row
};

/// DBSCAN in the Euclidean metric, in any number of columns. Every pair is seen once, by its expanded score; where that
/// leaves a doubt, the defined value decides. Two rows that are both known to be core are joined at once; a pair of
/// which one is not waits with that row, until it becomes core, or reaches it in the end. Rows for which too many pairs
/// wait, where weights are small or min_points is large, are looked at once more.
template <class T>
class ExpandedDbscan {
 public:
  /// @param shortened  the rows of X, or null
  ExpandedDbscan(const DbscanSettings& settings, const Points<T>& X, Index min_points, T limit,
                 const PairShortening<T>* shortened)
      : settings_(settings),
        weights_(settings.weights),
        X_(X),
        limit_(limit),
        core_(new std::atomic<bool>[static_cast<std::size_t>(X.rows())]),
        count_(static_cast<std::size_t>(X.rows())),
        waiting_(X.rows(), most_waiting(X.cols(), min_points)),
        sets_(X.rows()),
        shortened_(shortened),
        limits_(static_cast<std::size_t>(kernels::panel_rows(T())), limit),
        workers_(static_cast<std::size_t>(settings.threads), Worker{DefinedPairs<T>(X, X), {}}) {}

  static double memory(Index n, Index d, Index min_points, int threads) {
    const double state = sizeof(bool) + sizeof(PointWeights::Count) + sizeof(Density) + 3 * sizeof(std::int32_t);
    return static_cast<double>(n) * state + WaitingNeighbors::memory(n, most_waiting(d, min_points)) +
           NearPairSearch<T>::memory(d, threads);
  }

  DbscanResult run() {
    find_cores();
    join_incomplete();
    DbscanResult result = number_clusters(X_.rows(), sets_, [&](Index i) { return is_core(i); });
    reach_borders(result.labels);
    return result;
  }

 private:
  using Tile = typename NearPairSearch<T>::Tile;
  struct RowPair {
    std::int32_t a, b;
  };
  struct Worker {
    DefinedPairs<T> pairs;
    std::vector<RowPair> met;  // a tile's pairs of which one was not core
  };

  /// Pairs that may wait with a row: as many as it takes, unless that is more memory than the row itself.
  static Index most_waiting(Index d, Index min_points) {
    return std::clamp<Index>(min_points - 1, 1, std::max<Index>(d, 16));
  }

  bool is_core(Index i) const { return core_[static_cast<std::size_t>(i)].load(std::memory_order_relaxed); }

  // ---- cores ----

  void find_cores() {
    for (Index i = 0; i < X_.rows(); ++i) {
      core_[static_cast<std::size_t>(i)].store(false, std::memory_order_relaxed);
      count(i, i);  // a row is its own neighbour
    }
    NearPairSearch<T> search(X_, {.rows = X_, .listed = nullptr, .each_pair_once = true}, settings_.threads,
                             shortened_);
    search.for_tiles(settings_.function, "cores", settings_.progress, [&](const Tile& tile, int w) {
      if (is_joined(tile)) return;
      auto& met = workers_[static_cast<std::size_t>(w)].met;
      met.clear();
      for_neighbors(search, tile, w, [&](std::int32_t a, std::int32_t b) {
        if (is_core(a) && is_core(b))
          sets_.unite(a, b);
        else
          met.push_back({a, b});
      });
      if (met.empty()) return;
      const std::lock_guard lock(mutex_);
      for (const RowPair& pair : met) meet(pair.a, pair.b);
    });
  }

  /// Calls use(query, point) for all pairs of a tile that are within the limit.
  template <class Use>
  void for_neighbors(NearPairSearch<T>& search, const Tile& tile, int w, const Use& use) {
    DefinedPairs<T>& pairs = workers_[static_cast<std::size_t>(w)].pairs;
    const auto decide = [&](std::int32_t a, std::int32_t b, T value) {
      if (value <= limit_) use(a, b);
    };
    const std::span<const T> limits(limits_.data(), static_cast<std::size_t>(tile.queries));
    for (const NearPair<T>& pair : search.pairs(tile, limits, {}, w)) {
      if (pair.most <= limit_)
        use(pair.row, pair.point);
      else if (pair.least <= limit_)
        pairs.add(pair.row, pair.point, decide);
    }
    pairs.flush(decide);
  }

  /// Whether all rows of a tile of X against itself are core and in one set: its pairs say nothing new.
  bool is_joined(const Tile& tile) {
    if (!is_core(tile.first_query)) return false;
    const Index set = sets_.find(tile.first_query);
    const auto are_in = [&](Index first, Index count) {
      for (Index i = first; i < first + count; ++i)
        if (!is_core(i) || sets_.find(i) != set) return false;
      return true;
    };
    return are_in(tile.first_point, tile.points) && are_in(tile.first_query, tile.queries);
  }

  // Under the lock, as what follows.
  void meet(Index a, Index b) {
    if (!is_core(a)) count(a, b);
    if (!is_core(b)) count(b, a);
    if (is_core(a) && is_core(b)) return sets_.unite(a, b);
    if (is_core(a)) return waiting_.add(b, a);
    if (is_core(b)) return waiting_.add(a, b);
    if (weights_(a) == 0 && weights_(b) == 0) return;  // neither can become core
    if (waiting_.is_full(a)) std::swap(a, b);
    if (waiting_.is_full(a)) waiting_.lose(b);  // neither keeps the pair
    waiting_.add(a, b);
  }

  void count(Index row, Index neighbor) {
    PointWeights::Count& count = count_[static_cast<std::size_t>(row)];
    count += weights_(neighbor);
    if (count < weights_.needed() || weights_(row) == 0) return;
    core_[static_cast<std::size_t>(row)].store(true, std::memory_order_relaxed);
    for (const std::int32_t other : waiting_.of(row)) {
      if (is_core(other))
        sets_.unite(row, other);
      else
        waiting_.add(other, row);
    }
  }

  // ---- clusters ----

  /// Core rows of which pairs were lost are searched for again.
  void join_incomplete() {
    const std::vector<Index> rows = rows_where([&](Index i) { return is_core(i) && !waiting_.is_complete(i); });
    search_again("clusters", rows, [&](NearPairSearch<T>& search, const Tile& tile, int w) {
      if (is_joined_to(rows, tile)) return;
      for_neighbors(search, tile, w, [&](std::int32_t a, std::int32_t b) {
        if (is_core(b)) sets_.unite(a, b);
      });
    });
  }

  /// Whether the queries and all core rows among the points of a tile are in one set.
  bool is_joined_to(const std::vector<Index>& rows, const Tile& tile) {
    const Index set = sets_.find(rows[static_cast<std::size_t>(tile.first_query)]);
    for (Index i = tile.first_point; i < tile.first_point + tile.points; ++i)
      if (is_core(i) && sets_.find(i) != set) return false;
    for (Index q = tile.first_query; q < tile.first_query + tile.queries; ++q)
      if (sets_.find(rows[static_cast<std::size_t>(q)]) != set) return false;
    return true;
  }

  // ---- borders ----

  void reach_borders(Labels& labels) {
    const auto may_be = [&](Index i) { return may_be_reached(density(i), settings_.border); };
    std::vector<std::int32_t> lowest(static_cast<std::size_t>(X_.rows()), noise);
    for (Index i = 0; i < X_.rows(); ++i) {
      if (!may_be(i)) continue;
      for (const std::int32_t other : waiting_.of(i))
        if (is_core(other)) reach_by(labels[other], lowest[static_cast<std::size_t>(i)]);
    }
    const std::vector<Index> rows = rows_where([&](Index i) { return may_be(i) && !waiting_.is_complete(i); });
    search_again("borders", rows, [&](NearPairSearch<T>& search, const Tile& tile, int w) {
      for_neighbors(search, tile, w, [&](std::int32_t a, std::int32_t b) {
        if (is_core(b)) reach_by(labels[b], lowest[static_cast<std::size_t>(a)]);
      });
    });
    for (Index i = 0; i < X_.rows(); ++i)
      if (may_be(i)) labels[i] = lowest[static_cast<std::size_t>(i)];
  }

  Density density(Index i) const {
    if (is_core(i)) return Density::core;
    return density_of(count_[static_cast<std::size_t>(i)] >= weights_.needed(), weights_(i) > 0);
  }

  template <class Holds>
  std::vector<Index> rows_where(const Holds& holds) const {
    std::vector<Index> rows;
    for (Index i = 0; i < X_.rows(); ++i)
      if (holds(i)) rows.push_back(i);
    return rows;
  }

  /// Calls use(search, tile, worker) for some rows against all.
  template <class Use>
  void search_again(std::string_view stage, const std::vector<Index>& rows, const Use& use) {
    NearPairSearch<T> search(X_, {.rows = X_, .listed = &rows, .each_pair_once = false}, settings_.threads, shortened_);
    search.for_tiles(settings_.function, stage, settings_.progress,
                     [&](const Tile& tile, int w) { use(search, tile, w); });
  }

  const DbscanSettings& settings_;
  const PointWeights& weights_;
  const Points<T>& X_;
  T limit_;
  std::unique_ptr<std::atomic<bool>[]> core_;  // by row: known to be core
  std::vector<PointWeights::Count> count_;     // by row: of the neighbours found so far, until it is core
  WaitingNeighbors waiting_;
  ConcurrentUnionFind sets_;
  std::mutex mutex_;  // of count_, waiting_, and of what changes core_
  const PairShortening<T>* shortened_;
  std::vector<T> limits_;
  std::vector<Worker> workers_;
};

}  // namespace detail
CORYMB_END
