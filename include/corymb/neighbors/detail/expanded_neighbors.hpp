#pragma once

#include <corymb/neighbors/detail/near_pair_search.hpp>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>
#include <limits>
#include <memory>
#include <mutex>
#include <span>
#include <string_view>
#include <vector>

CORYMB_BEGIN
namespace detail {

/// The k nearest rows of all queries, nearest first, of equally near ones the lower row, in memory of the caller's;
/// several threads find them. Until there are k, everything is near.
template <class T>
class SharedNearestRows {
 public:
  /// @param values, rows  n × k
  SharedNearestRows(Index n, Index k, T* values, std::int32_t* rows)
      : k_(k), values_(values), rows_(rows), last_(new Last[static_cast<std::size_t>(n)]) {
    std::fill(values, values + n * k, std::numeric_limits<T>::max());
    std::fill(rows, rows + n * k, std::numeric_limits<std::int32_t>::max());
  }

  static double memory(Index n) { return static_cast<double>(n) * sizeof(Last); }

  /// The largest value that counts. It only falls.
  T limit(Index query) const { return last(query).value.load(std::memory_order_relaxed); }

  /// Whether a row of at least this value may still be one of the k.
  bool has_room(Index query, T least, std::int32_t row) const {
    // A lower value than the last one that is seen here would come with its row, or that of a later one.
    const T limit = last(query).value.load(std::memory_order_acquire);
    return least < limit || (least == limit && row < last(query).row.load(std::memory_order_relaxed));
  }

  void insert(Index query, T value, std::int32_t row) {
    if (!has_room(query, value, row)) return;
    const std::lock_guard lock(locks_[static_cast<std::size_t>(query) % locks_.size()]);
    T* values = values_ + query * k_;
    std::int32_t* rows = rows_ + query * k_;
    const auto is_before = [&](Index place) {
      return value < values[place] || (value == values[place] && row < rows[place]);
    };
    if (!is_before(k_ - 1)) return;
    Index place = k_ - 1;
    for (; place > 0 && is_before(place - 1); --place) {
      values[place] = values[place - 1];
      rows[place] = rows[place - 1];
    }
    values[place] = value;
    rows[place] = row;
    last(query).row.store(rows[k_ - 1], std::memory_order_relaxed);
    last(query).value.store(values[k_ - 1], std::memory_order_release);
  }

 private:
  struct Last {
    std::atomic<T> value{std::numeric_limits<T>::max()};
    std::atomic<std::int32_t> row{std::numeric_limits<std::int32_t>::max()};
  };

  Last& last(Index query) const { return last_[static_cast<std::size_t>(query)]; }

  Index k_;
  T* values_;
  std::int32_t* rows_;
  std::unique_ptr<Last[]> last_;  // by query: the last of its k, once there are as many
  std::array<std::mutex, 256> locks_;
};

/// Bytes that expanded_neighbors takes beside its result.
template <class T>
double expanded_memory(Index queries, Index d, int threads) {
  return SharedNearestRows<T>::memory(queries) + NearPairSearch<T>::memory(d, threads);
}

/// The rows of X and Q shortened, where that is faster.
/// @param memory_left  bytes that may be taken
template <class T>
std::unique_ptr<const PairShortening<T>> shortening_for_nearest(const Points<T>& X, const Points<T>& Q, Index k,
                                                                int threads, double memory_left) {
  return PairShortening<T>::for_rows(X, Q, threads, memory_left, [&](T* value, Index count) {
    // As many as are expected within the distance of the k-th neighbour, and perhaps the row itself.
    const Index place = std::min(k * count / X.rows() + 1, count - 1);
    std::nth_element(value, value + place, value + count);
    return value[place];
  });
}

/// The k nearest rows of X in the Euclidean metric for each row of Q, by values; row i's stand from i · k on. The
/// expanded score leaves out what is beyond the k-th nearest row so far, of both rows of a pair where Q is X and every
/// pair is seen once; the defined value decides.
/// @param others  whether Q is X, and a row is not its own neighbour
/// @param k       at most the number of rows it can choose from
/// @param shortened  the rows of X and Q, or null
template <class T>
void expanded_neighbors(std::string_view function, const ProgressReporter& progress, const Points<T>& X,
                        const Points<T>& Q, bool others, Index k, int threads, const PairShortening<T>* shortened,
                        T* values, std::int32_t* rows) {
  struct Worker {
    DefinedPairs<T> pairs;
    std::vector<T> limit, point_limit;
  };
  SharedNearestRows<T> nearest(Q.rows(), k, values, rows);
  std::vector<Worker> workers(static_cast<std::size_t>(threads), Worker{DefinedPairs<T>(Q, X), {}, {}});
  NearPairSearch<T> search(X, {.rows = Q, .listed = nullptr, .each_pair_once = others}, threads, shortened);
  const auto copy_limits = [&](Index first, Index count, std::vector<T>& limit) {
    limit.resize(static_cast<std::size_t>(count));
    for (Index i = 0; i < count; ++i) limit[static_cast<std::size_t>(i)] = nearest.limit(first + i);
    return std::span<const T>(limit);
  };
  const auto insert = [&](std::int32_t query, std::int32_t point, T value) {
    nearest.insert(query, value, point);
    if (others) nearest.insert(point, value, query);
  };
  search.for_tiles(function, "neighbors", progress, [&](const typename NearPairSearch<T>::Tile& tile, int w) {
    Worker& worker = workers[static_cast<std::size_t>(w)];
    const auto limit = copy_limits(tile.first_query, tile.queries, worker.limit);
    std::span<const T> point_limit;
    if (others) point_limit = copy_limits(tile.first_point, tile.points, worker.point_limit);
    for (const NearPair<T>& pair : search.pairs(tile, limit, point_limit, w))
      if (nearest.has_room(pair.row, pair.least, pair.point) ||
          (others && nearest.has_room(pair.point, pair.least, pair.row)))
        worker.pairs.add(pair.row, pair.point, insert);
    worker.pairs.flush(insert);
  });
}

}  // namespace detail
CORYMB_END
