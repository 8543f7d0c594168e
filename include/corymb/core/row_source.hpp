#pragma once

#include <corymb/core/detail/validate.hpp>
#include <corymb/core/types.hpp>

#include <functional>
#include <type_traits>
#include <utility>

CORYMB_BEGIN

/// Rows that need not be in memory: n × d numbers, float or double, which a callable writes where they are wanted.
/// Algorithms that take a RowSource go through the rows several times, some 32 MiB at a time.
///
/// read(first, count, out) writes the rows first to first + count − 1 into out, row-major and without gaps: count × d
/// numbers. It is called with count ≥ 1 and first + count ≤ n, and it must give the same rows every time. It is never
/// called by two threads at once, but not always by the same thread: the next rows may be read while the calling thread
/// works on those before. What it throws leaves the algorithm.
///
/// Copies are cheap where those of the callable are.
template <class T>
class RowSource {
 public:
  static_assert(std::is_same_v<T, float> || std::is_same_v<T, double>,
                "corymb: the numbers of a RowSource must be float or double");
  using Read = std::function<void(Index first, Index count, T* out)>;

  /// @throws InvalidArgument  rows < 0, cols < 0, or an empty read.
  RowSource(Index rows, Index cols, Read read) : rows_(rows), cols_(cols), read_(std::move(read)) {
    if (rows < 0) detail::reject("RowSource", "rows = " + detail::to_text(rows) + " must be ≥ 0");
    if (cols < 0) detail::reject("RowSource", "cols = " + detail::to_text(cols) + " must be ≥ 0");
    if (!read_) detail::reject("RowSource", "read is empty; a function that reads rows is needed");
  }

  Index rows() const { return rows_; }
  Index cols() const { return cols_; }

  /// Writes `count` rows from `first` on into out, which has room for count × cols() numbers.
  /// @throws InvalidArgument  there are no such rows.
  void read(Index first, Index count, T* out) const {
    if (first < 0 || count < 0 || count > rows_ || first > rows_ - count)
      detail::reject("RowSource::read", "first = " + detail::to_text(first) + " and count = " + detail::to_text(count) +
                                            " must stay within the " + detail::to_text(rows_) + " rows");
    if (count > 0 && cols_ > 0) read_(first, count, out);
  }

 private:
  Index rows_;
  Index cols_;
  Read read_;
};

CORYMB_END
