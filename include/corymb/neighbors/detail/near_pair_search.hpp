#pragma once

#include <corymb/core/detail/progress.hpp>
#include <corymb/core/errors.hpp>
#include <corymb/core/parallel.hpp>
#include <corymb/core/points.hpp>
#include <corymb/distance/detail/kernels.hpp>
#include <corymb/neighbors/detail/pair_shortening.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <vector>

CORYMB_BEGIN
namespace detail {

using compiled::NearPair;

/// The mean of some rows, evenly spread: near enough to that of all to centre them by.
template <class T>
std::vector<T> sampled_mean(const RowsView<T>& X) {
  const Index rows = std::min<Index>(X.n, 1024);
  std::vector<double> mean(static_cast<std::size_t>(X.d), 0.0);
  for (Index s = 0; s < rows; ++s) {
    const T* row = X.data + X.n * s / rows * X.stride;
    for (std::size_t j = 0; j < mean.size(); ++j) mean[j] += static_cast<double>(row[j]) / static_cast<double>(rows);
  }
  return {mean.begin(), mean.end()};
}

/// The rows that look for others, a panel of them at a time.
template <class T>
struct NearQueries {
  const Points<T>& rows;
  const std::vector<Index>* listed = nullptr;  // which of the rows; null = all
  bool each_pair_once = false;  // they are the points, and only pairs of a row and a higher one are listed

  Index count() const { return listed != nullptr ? static_cast<Index>(listed->size()) : rows.rows(); }
  Index row(Index query) const { return listed != nullptr ? (*listed)[static_cast<std::size_t>(query)] : query; }
};

/// Pairs of queries and points that may be near each other in the Euclidean metric, by the expanded score: the products
/// of all rows, and none of them kept. The points are packed a block at a time, which stays in the cache while all
/// queries go past it; against a part of it a panel of queries makes a tile. Where rows are shortened, it is their few
/// coordinates that are multiplied. Memory: a block of 4 MiB, or one part, and the pairs of a tile for every thread.
template <class T>
class NearPairSearch {
 public:
  struct Tile {
    Index first_query;
    Index queries;
    Index first_point;
    Index points;
    const T* panel;
    const T* packed;
    double largest_norm;
    T norms;  // of shortened rows, a query's and a point's together: at most
  };

  /// @param shortened  the points and queries, or null
  NearPairSearch(const Points<T>& points, const NearQueries<T>& queries, int threads,
                 const PairShortening<T>* shortened = nullptr)
      : points_(points),
        queries_(queries),
        shortened_(shortened),
        d_(shortened != nullptr ? shortened->cols() : points.cols()),
        threads_(threads),
        panel_rows_(kernels::panel_rows(T())),
        centre_(sampled_mean(point_rows(0, points.rows()))),
        workers_(static_cast<std::size_t>(threads)) {
    part_size_ = kernels::packed_size(T(), part_points, d_);
    parts_ = divide_up(points.rows(), part_points);
    // With the rows themselves, which are read for defined values.
    const Index part_bytes = (part_size_ + part_points * points.cols()) * static_cast<Index>(sizeof(T));
    parts_per_block_ = std::clamp<Index>(block_bytes / part_bytes, 1, parts_);
    packed_.reserve(parts_per_block_ * part_size_);
    norms_.resize(static_cast<std::size_t>(parts_per_block_));
  }

  static double memory(Index d, int threads) {
    const double row = static_cast<double>(d + 1) * sizeof(T), panel = static_cast<double>(kernels::panel_rows(T()));
    const double tile = panel * static_cast<double>(part_points) * (sizeof(NearPair<T>) + sizeof(T));
    return std::max(static_cast<double>(block_bytes), static_cast<double>(part_points) * row) +
           threads * (tile + panel * row);
  }

  /// Calls use(tile, worker) for all tiles, one worker's calls one after the other. Those of a query are made by one
  /// worker at a time, in ascending order of the points.
  template <class Use>
  void for_tiles(std::string_view function, std::string_view stage, const ProgressReporter& progress, const Use& use) {
    const Index blocks = queries_.count() > 0 ? divide_up(parts_, parts_per_block_) : 0;
    const Index rounds = progress.is_heard() ? std::max<Index>(64 / std::max<Index>(blocks, 1), 1) : 1;
    const Index steps = std::max<Index>(blocks * rounds, 1);
    const auto report = [&](Index step) {
      if (!progress(stage, step, steps, not_a_number))
        throw Cancelled("corymb::" + std::string(function) + ": cancelled by the progress callback");
    };
    for (Index block = 0; block < blocks; ++block) {
      const Index first_part = block * parts_per_block_, last_part = std::min(first_part + parts_per_block_, parts_);
      parallel_for(threads_, last_part - first_part, [&](Index part) { pack(first_part + part, part); });
      // Where each pair is listed once, the points are higher rows than the queries.
      const Index queries =
          queries_.each_pair_once ? std::min(last_part * part_points, queries_.count()) : queries_.count();
      const Index panels = divide_up(queries, panel_rows_);
      for (Index round = 0; round < rounds; ++round) {
        const Index first_panel = panels * round / rounds, last_panel = panels * (round + 1) / rounds;
        parallel_for(threads_, last_panel - first_panel, [&](Index task, int worker) {
          use_panel(first_panel + task, first_part, last_part, worker, use);
        });
        report(block * rounds + round + 1);
      }
    }
    if (blocks == 0) report(1);
  }

  /// Which pairs of a tile may be within their limits (see NearPairsTask), by numbers of rows.
  /// @param limit        by query of the tile
  /// @param point_limit  by point of the tile; may be empty
  std::span<const NearPair<T>> pairs(const Tile& tile, std::span<const T> limit, std::span<const T> point_limit,
                                     int worker) {
    Worker& memory = workers_[static_cast<std::size_t>(worker)];
    if (shortened_ != nullptr) {
      limit = reached(limit, tile.norms, memory.limit);
      point_limit = reached(point_limit, tile.norms, memory.point_limit);
    }
    NearPair<T>* pair = memory.pairs.reserve(panel_rows_ * part_points);
    const Index listed = kernels::near_pairs(
        compiled::NearPairsTask<T>{d_, tile.panel, tile.queries, tile.packed, tile.points, tile.largest_norm,
                                   limit.data(), point_limit.empty() ? nullptr : point_limit.data(), pair,
                                   memory.scratch.reserve(kernels::near_scratch_size(T(), d_))});
    std::size_t count = 0;
    for (Index p = 0; p < listed; ++p) {
      NearPair<T> found = pair[p];
      found.row = static_cast<std::int32_t>(queries_.row(tile.first_query + found.row));
      found.point += static_cast<std::int32_t>(tile.first_point);
      if (shortened_ != nullptr) {
        found.least = shortened_->least(found.least, tile.norms);
        found.most = std::numeric_limits<T>::infinity();
      }
      pair[count] = found;
      count += !queries_.each_pair_once || found.point > found.row ? 1U : 0U;
    }
    return {pair, count};
  }

 private:
  static constexpr Index part_points = 252;
  static constexpr Index block_bytes = Index{1} << 22;

  struct Worker {
    Scratch<T> panel;
    Scratch<T> scratch;
    Scratch<NearPair<T>> pairs;
    std::vector<T> limit, point_limit;  // of shortened rows
  };
  /// The largest norms of a part: of what is packed, squared; of shortened rows.
  struct Norms {
    double packed;
    T shortened;
  };

  static Index divide_up(Index a, Index b) { return (a + b - 1) / b; }

  RowsView<T> point_rows(Index first, Index last) const {
    return shortened_ != nullptr ? shortened_->points(first, last) : rows_view(points_, first, last);
  }
  RowsView<T> query_rows(Index first, Index last) const {
    return shortened_ != nullptr ? shortened_->queries(first, last) : rows_view(queries_.rows, first, last);
  }

  std::span<const T> reached(std::span<const T> limit, T norms, std::vector<T>& memory) const {
    memory.assign(limit.begin(), limit.end());
    shortened_->reach(memory.data(), static_cast<Index>(memory.size()), norms);
    return memory;
  }

  void pack(Index part, Index place) {
    const Index first = part * part_points, last = std::min(first + part_points, points_.rows());
    const RowsView<T> rows = point_rows(first, last);
    norms_[static_cast<std::size_t>(place)] = {
        kernels::pack_near_points(rows, centre_.data(), packed_.data() + place * part_size_),
        shortened_ != nullptr ? shortened_->largest_norm(rows) : T(0)};
  }

  template <class Use>
  void use_panel(Index panel, Index first_part, Index last_part, int worker, const Use& use) {
    const Index first = panel * panel_rows_, count = std::min(panel_rows_, queries_.count() - first);
    T* packed_panel = workers_[static_cast<std::size_t>(worker)].panel.reserve(kernels::near_panel_size(T(), d_));
    const bool is_listed = queries_.listed != nullptr;
    const RowsView<T> rows = is_listed ? query_rows(0, queries_.rows.rows()) : query_rows(first, first + count);
    kernels::pack_near_rows(compiled::NearRowsTask<T>{rows, is_listed ? queries_.listed->data() + first : nullptr,
                                                      count, centre_.data(), packed_panel});
    T norm = 0;
    for (Index q = first; q < first + count && shortened_ != nullptr; ++q)
      norm = std::max(norm, shortened_->largest_norm(query_rows(queries_.row(q), queries_.row(q) + 1)));
    for (Index part = first_part; part < last_part; ++part) {
      const Index point = part * part_points, points = std::min(part_points, points_.rows() - point);
      if (queries_.each_pair_once && point + points <= first + 1) continue;
      const auto place = static_cast<std::size_t>(part - first_part);
      use(Tile{first, count, point, points, packed_panel, packed_.data() + static_cast<Index>(place) * part_size_,
               norms_[place].packed, norms_[place].shortened + norm},
          worker);
    }
  }

  const Points<T>& points_;
  NearQueries<T> queries_;
  const PairShortening<T>* shortened_;
  Index d_;  // columns of what is multiplied
  int threads_;
  Index panel_rows_;
  std::vector<T> centre_;
  Index part_size_ = 0;
  Index parts_ = 0;
  Index parts_per_block_ = 0;
  Scratch<T> packed_;         // a block
  std::vector<Norms> norms_;  // by part of the block
  std::vector<Worker> workers_;
};

/// Pairs whose defined squared distances are computed some at a time.
template <class T>
class DefinedPairs {
 public:
  /// @param queries, points  what the numbers of rows stand for
  DefinedPairs(const Points<T>& queries, const Points<T>& points) : queries_(queries), points_(points) {}

  /// Adds a pair. Calls use(query, point, value) for all that were added, now and then.
  template <class Use>
  void add(std::int32_t query, std::int32_t point, const Use& use) {
    query_[count_] = query;
    point_[count_++] = point;
    if (count_ == most) flush(use);
  }

  template <class Use>
  void flush(const Use& use) {
    T value[most];
    kernels::defined_pairs(compiled::PairsTask<T>{rows_view(queries_), rows_view(points_), query_, point_,
                                                  static_cast<Index>(count_), value});
    for (std::size_t p = 0; p < count_; ++p) use(query_[p], point_[p], value[p]);
    count_ = 0;
  }

 private:
  static constexpr std::size_t most = 16;
  const Points<T>& queries_;
  const Points<T>& points_;
  std::size_t count_ = 0;
  std::int32_t query_[most];
  std::int32_t point_[most];
};

}  // namespace detail
CORYMB_END
