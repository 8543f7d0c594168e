#pragma once

#include <corymb/core/detail/radix_sort.hpp>
#include <corymb/core/parallel.hpp>
#include <corymb/core/points.hpp>
#include <corymb/distance/detail/kernels.hpp>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <numeric>
#include <optional>
#include <utility>
#include <vector>

CORYMB_BEGIN
namespace detail {

/// How a grid is laid over rows: cells so small that any two rows of one are within eps of each other, and numbered so
/// that cells next to each other in the last coordinate have numbers next to each other.
template <class T>
class GridLayout {
 public:
  /// Cells from one number to another that lie in one row of the grid, seen from a cell.
  struct Offset {
    std::int64_t key;    // what is added to the cell's number
    std::int64_t reach;  // how far the run goes to either side
    bool is_next;        // it holds cells that touch the cell: those not more than 1 to either side
  };

  /// Nothing where the cells are so many that they cannot be numbered in 62 bits, or eps is 0 or tiny.
  static std::optional<GridLayout> over(const Points<T>& X, PairValue kind, double eps, int threads) {
    GridLayout layout;
    const auto d = static_cast<std::size_t>(X.cols());
    const double columns = static_cast<double>(X.cols());
    // The part left out is more than the rounding of a cell's number, below 2^31, and of a distance in float.
    const double sides = kind == PairValue::squared_euclidean ? std::sqrt(columns)
                         : kind == PairValue::manhattan       ? columns
                                                              : 1.0;
    layout.side_ = eps / sides * (1 - slack);
    // Squares of smaller numbers lose bits, or all of them: rows farther apart may then be within eps.
    const auto least = static_cast<double>(std::numeric_limits<T>::min() / std::numeric_limits<T>::epsilon());
    if (!(layout.side_ >= 8 * std::sqrt(least))) return std::nullopt;
    layout.reach_ = static_cast<std::int64_t>(sides * (1 + 4 * slack)) + 1;
    layout.find_box(X, threads);
    layout.shift_.resize(d);
    int bits = 0;
    for (std::size_t j = d; j-- > 0;) {
      const double cells = (layout.highest_[j] - layout.lowest_[j]) / layout.side_;
      if (!(cells < 0x1p31)) return std::nullopt;
      layout.shift_[j] = bits;
      bits += static_cast<int>(
          std::bit_width(static_cast<std::uint64_t>(cells) + 1 + 2 * static_cast<std::uint64_t>(layout.reach_)));
      if (bits > 62) return std::nullopt;
    }
    layout.bits_ = bits;
    layout.list_offsets(kind, sides);
    return layout;
  }

  int bits() const { return bits_; }

  /// The number of the cell of a row.
  std::uint64_t key(const T* row) const {
    std::uint64_t key = 0;
    for (std::size_t j = 0; j < shift_.size(); ++j) {
      const double place = (static_cast<double>(row[j]) - lowest_[j]) / side_;
      key += (static_cast<std::uint64_t>(place) + static_cast<std::uint64_t>(reach_)) << shift_[j];
    }
    return key;
  }

  /// All cells that may hold rows within eps of rows of a cell, in ascending order.
  const std::vector<Offset>& offsets() const { return offsets_; }

 private:
  static constexpr double slack = 0x1p-18;

  void find_box(const Points<T>& X, int threads) {
    const auto d = static_cast<std::size_t>(X.cols());
    const Chunks chunks(X.rows());
    std::vector<std::vector<T>> boxes(static_cast<std::size_t>(chunks.count()));
    parallel_for(threads, chunks.count(), [&](Index chunk) {
      std::vector<T> box(2 * d);
      const T* first = X.row(chunks.begin(chunk));
      std::copy(first, first + d, box.begin());
      std::copy(first, first + d, box.begin() + static_cast<std::ptrdiff_t>(d));
      for (Index i = chunks.begin(chunk); i < chunks.end(chunk); ++i) {
        const T* row = X.row(i);
        for (std::size_t j = 0; j < d; ++j) {
          box[j] = std::min(box[j], row[j]);
          box[d + j] = std::max(box[d + j], row[j]);
        }
      }
      boxes[static_cast<std::size_t>(chunk)] = std::move(box);
    });
    lowest_.assign(d, std::numeric_limits<double>::infinity());
    highest_.assign(d, -std::numeric_limits<double>::infinity());
    for (const auto& box : boxes)
      for (std::size_t j = 0; j < d; ++j) {
        lowest_[j] = std::min(lowest_[j], static_cast<double>(box[j]));
        highest_[j] = std::max(highest_[j], static_cast<double>(box[d + j]));
      }
  }

  // Cells o apart in one coordinate have rows that are more than o − 1 sides apart in it.
  void list_offsets(PairValue kind, double sides) {
    const std::size_t before = shift_.size() - 1;  // coordinates before the last
    std::vector<std::int64_t> at(before, -reach_);
    const double within = (kind == PairValue::squared_euclidean ? sides * sides : sides) * (1 + 8 * slack);
    const auto apart = [&](std::int64_t offset) {
      const auto gap = static_cast<double>(std::max<std::int64_t>(std::abs(offset) - 1, 0));
      return kind == PairValue::squared_euclidean ? gap * gap : gap;
    };
    const auto joined = [&](double a, double b) { return kind == PairValue::chebyshev ? std::max(a, b) : a + b; };
    for (;;) {
      double used = 0;
      std::int64_t key = 0;
      for (std::size_t j = 0; j < before; ++j) {
        used = joined(used, apart(at[j]));
        key += at[j] * (std::int64_t{1} << shift_[j]);
      }
      std::int64_t reach = reach_;
      while (reach >= 0 && joined(used, apart(reach)) > within) --reach;
      const bool is_next = std::all_of(at.begin(), at.end(), [](std::int64_t offset) { return std::abs(offset) <= 1; });
      if (reach >= 0) offsets_.push_back({key, reach, is_next});
      std::size_t j = before;
      while (j > 0 && at[j - 1] == reach_) at[--j] = -reach_;
      if (j == 0) break;
      ++at[j - 1];
    }
  }

  double side_ = 0;
  std::int64_t reach_ = 0;
  int bits_ = 0;
  std::vector<double> lowest_, highest_;
  std::vector<int> shift_;  // by coordinate: of its part of a cell's number
  std::vector<Offset> offsets_;
};

/// Rows sorted by the cells of a grid, in each cell by their numbers. A row has a position. Memory about 24 bytes a row
/// while it is made, then d numbers and 4 bytes, and 12 bytes a cell.
template <class T>
class CellGrid {
 public:
  CellGrid(const Points<T>& X, GridLayout<T> layout, int threads)
      : layout_(std::move(layout)), d_(X.cols()), row_(static_cast<std::size_t>(X.rows())) {
    const Index n = X.rows();
    std::vector<std::uint64_t> keys(row_.size());
    const Chunks chunks(n);
    parallel_for(threads, chunks.count(), [&](Index chunk) {
      for (Index i = chunks.begin(chunk); i < chunks.end(chunk); ++i)
        keys[static_cast<std::size_t>(i)] = layout_.key(X.row(i));
    });
    std::iota(row_.begin(), row_.end(), 0);
    RadixSort::run(keys, row_, layout_.bits(), threads);
    for (std::size_t p = 0; p < keys.size(); ++p) {
      if (p > 0 && keys[p] == keys[p - 1]) continue;
      key_.push_back(keys[p]);
      begin_.push_back(static_cast<std::int32_t>(p));
    }
    begin_.push_back(static_cast<std::int32_t>(n));
    keys = {};
    stride_ = n + compiled::run_slack;
    points_.reserve(stride_ * d_);
    parallel_for(threads, chunks.count(), [&](Index chunk) {
      for (Index p = chunks.begin(chunk); p < chunks.end(chunk); ++p) place(X.row(row(p)), p);
    });
    for (Index j = 0; j < d_; ++j)
      std::fill_n(points_.data() + j * stride_ + n, compiled::run_slack, std::numeric_limits<T>::infinity());
  }

  Index rows() const { return static_cast<Index>(row_.size()); }
  Index cols() const { return d_; }
  Index cells() const { return static_cast<Index>(key_.size()); }
  const GridLayout<T>& layout() const { return layout_; }

  std::uint64_t key(Index cell) const { return key_[static_cast<std::size_t>(cell)]; }
  /// The positions of a cell's rows.
  std::int32_t begin(Index cell) const { return begin_[static_cast<std::size_t>(cell)]; }
  std::int32_t end(Index cell) const { return begin(cell + 1); }
  Index size(Index cell) const { return end(cell) - begin(cell); }

  std::int32_t row(Index position) const { return row_[static_cast<std::size_t>(position)]; }
  /// Coordinate j of the row at position p stands at j · stride() + p.
  const T* points() const { return points_.data(); }
  Index stride() const { return stride_; }
  /// Writes the d coordinates of the row at a position.
  void copy_row(Index position, T* to) const {
    for (Index j = 0; j < d_; ++j) to[j] = points_.data()[j * stride_ + position];
  }

  /// Gives the rows of a cell other positions: the row at order[i] goes to the i-th.
  void reorder(Index cell, const std::vector<std::int32_t>& order) {
    std::vector<T> moved(order.size());
    for (Index j = 0; j < d_; ++j) {
      T* coordinate = points_.data() + j * stride_;
      for (std::size_t i = 0; i < order.size(); ++i) moved[i] = coordinate[order[i]];
      std::copy(moved.begin(), moved.end(), coordinate + begin(cell));
    }
    std::vector<std::int32_t> rows(order.size());
    for (std::size_t i = 0; i < order.size(); ++i) rows[i] = row(order[i]);
    std::copy(rows.begin(), rows.end(), row_.begin() + begin(cell));
  }

 private:
  void place(const T* row, Index position) {
    for (Index j = 0; j < d_; ++j) points_.data()[j * stride_ + position] = row[j];
  }

  GridLayout<T> layout_;
  Index d_;
  std::vector<std::int32_t> row_;    // by position
  std::vector<std::uint64_t> key_;   // by cell
  std::vector<std::int32_t> begin_;  // by cell, and one more
  Index stride_ = 0;
  Scratch<T> points_;
};

/// The cells around cells that are asked for in ascending order.
template <class T>
class CellRuns {
 public:
  struct Run {
    Index first;  // cell
    Index last;   // the one behind
  };

  CellRuns(const CellGrid<T>& grid, Index first_cell) : grid_(grid) {
    for (const auto& offset : grid.layout().offsets())
      runs_.push_back({lower(first_cell, offset, -offset.reach), lower(first_cell, offset, offset.reach + 1)});
  }

  /// The runs around a cell, one per offset, some of them empty.
  const std::vector<Run>& around(Index cell) {
    const auto& offsets = grid_.layout().offsets();
    for (std::size_t o = 0; o < offsets.size(); ++o) {
      advance(runs_[o].first, target(cell, offsets[o], -offsets[o].reach));
      advance(runs_[o].last, target(cell, offsets[o], offsets[o].reach + 1));
    }
    return runs_;
  }

 private:
  using Offset = typename GridLayout<T>::Offset;

  std::int64_t target(Index cell, const Offset& offset, std::int64_t by) const {
    return static_cast<std::int64_t>(grid_.key(cell)) + offset.key + by;
  }
  std::int64_t key(Index cell) const { return static_cast<std::int64_t>(grid_.key(cell)); }

  Index lower(Index cell, const Offset& offset, std::int64_t by) const {
    const std::int64_t from = target(cell, offset, by);
    Index first = 0, count = grid_.cells();
    while (count > 0) {
      const Index half = count / 2;
      if (key(first + half) < from) {
        first += half + 1;
        count -= half + 1;
      } else {
        count = half;
      }
    }
    return first;
  }

  void advance(Index& at, std::int64_t from) const {
    while (at < grid_.cells() && key(at) < from) ++at;
  }

  const CellGrid<T>& grid_;
  std::vector<Run> runs_;
};

}  // namespace detail
CORYMB_END
