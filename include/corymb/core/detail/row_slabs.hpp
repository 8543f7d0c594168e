#pragma once

#include <corymb/core/detail/validate.hpp>
#include <corymb/core/points.hpp>
#include <corymb/core/row_source.hpp>
#include <corymb/core/types.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <future>
#include <numeric>
#include <system_error>
#include <type_traits>
#include <utility>
#include <vector>

CORYMB_BEGIN
namespace detail {

/// Bytes of one buffer of RowSlabs: enough that a disk is read in long pieces and that starting to read, or a parallel
/// loop, costs nothing beside it.
inline constexpr Index slab_bytes = Index{1} << 25;

/// Rows of a slab: as many as slab_bytes hold, at least one; a multiple of 64 where that many fit. Depends on the
/// number of columns alone.
template <class T>
Index slab_rows(Index cols) {
  constexpr Index multiple = 64;
  const Index rows = slab_bytes / static_cast<Index>(sizeof(T)) / std::max<Index>(cols, 1);
  return rows >= multiple ? rows - rows % multiple : std::max<Index>(rows, 1);
}

/// The rows of a source in slabs of `slab_rows` (the last may be smaller), for any number of passes. While a slab is
/// worked on, the next one is read by another thread, so that a pass takes the longer of reading and computing instead
/// of their sum; where no thread can be started, both take turns. Slabs that are still in a buffer are not read again:
/// a source of one slab, or of two with read_ahead, is read once.
template <class T>
class RowSlabs {
 public:
  /// The source must outlive this.
  explicit RowSlabs(const RowSource<T>& source, Index slab_rows, bool read_ahead = true)
      : source_(source),
        slab_rows_(std::clamp<Index>(slab_rows, 1, std::max<Index>(source.rows(), 1))),
        count_(source.rows() / slab_rows_ + (source.rows() % slab_rows_ > 0)),
        buffers_in_use_(read_ahead && count_ > 1 ? 2 : 1) {}
  RowSlabs(const RowSlabs&) = delete;
  RowSlabs& operator=(const RowSlabs&) = delete;

  /// Of the buffers, which the first pass allocates.
  double bytes() const {
    return source_.rows() == 0 ? 0 : static_cast<double>(buffers_in_use_) * matrix_bytes<T>(slab_rows_, source_.cols());
  }

  /// A pass: f(const Points<T>& slab, Index first) on the calling thread, in ascending order, where row i of the slab
  /// is row first + i of the source. An f that returns bool ends the pass by false. Returns whether the pass was
  /// complete. An exception of f or of the source leaves the pass; f has then seen all slabs before the one that could
  /// not be read.
  template <class F>
  bool for_each(F&& f) {
    for (int b = 0; b < buffers_in_use_; ++b)
      buffers_[place(b)].rows.resize(count_ > 0 ? slab_rows_ : 0, source_.cols());
    std::future<void> ahead;  // its destructor waits for the reading thread, whichever way this is left
    for (Index s = 0; s < count_; ++s) {
      if (ahead.valid()) ahead.get();
      fill(s);
      if (buffers_in_use_ > 1 && s + 1 < count_) ahead = start_filling(s + 1);
      const Points<T> slab(buffer_of(s).rows.data(), size(s), source_.cols(), source_.cols());
      if constexpr (std::is_same_v<std::invoke_result_t<F&, const Points<T>&, Index>, bool>) {
        if (!f(slab, s * slab_rows_)) return false;
      } else {
        f(slab, s * slab_rows_);
      }
    }
    return true;
  }

 private:
  struct Buffer {
    RowMatrix<T> rows;
    Index slab = -1;  // the one it holds; -1 = none
  };

  static std::size_t place(Index buffer) { return static_cast<std::size_t>(buffer); }
  Buffer& buffer_of(Index s) { return buffers_[place(s % buffers_in_use_)]; }
  Index size(Index s) const { return std::min(slab_rows_, source_.rows() - s * slab_rows_); }

  void fill(Index s) {
    Buffer& buffer = buffer_of(s);
    if (buffer.slab == s) return;
    buffer.slab = -1;
    source_.read(s * slab_rows_, size(s), buffer.rows.data());
    buffer.slab = s;
  }

  std::future<void> start_filling(Index s) {
    if (buffer_of(s).slab == s) return {};
    try {
      return std::async(std::launch::async, [this, s] { fill(s); });
    } catch (const std::system_error&) {
      return {};  // no thread can be started: the slab is read in its turn
    }
  }

  const RowSource<T>& source_;
  Index slab_rows_;
  Index count_;
  int buffers_in_use_;
  std::array<Buffer, 2> buffers_;  // slab s stands in buffer s mod 2
};

/// A single pass of RowSlabs.
template <class T, class F>
bool for_each_slab(const RowSource<T>& source, Index slab_rows, F&& f, bool read_ahead = true) {
  return RowSlabs<T>(source, slab_rows, read_ahead).for_each(std::forward<F>(f));
}

/// The rows with the given numbers, in the given order; a number may occur several times. The source is read in
/// ascending order, each row once, consecutive rows at one time (at most a slab of them, which is the memory it takes
/// beyond the result).
/// @throws InvalidArgument  the source has no such row; nothing is read.
template <class T>
RowMatrix<T> gather_rows(const RowSource<T>& source, const std::vector<Index>& rows) {
  const auto row_at = [&](Index position) { return rows[static_cast<std::size_t>(position)]; };
  std::vector<Index> order(rows.size());
  std::iota(order.begin(), order.end(), Index{0});
  std::ranges::sort(order, {}, row_at);
  if (!order.empty())
    for (const Index row : {row_at(order.front()), row_at(order.back())})
      if (row < 0 || row >= source.rows())
        reject("gather_rows", "row " + to_text(row) + " must be in [0, n = " + to_text(source.rows()) + ")");

  const Index cols = source.cols(), most = slab_rows<T>(cols);
  RowMatrix<T> result(static_cast<Index>(rows.size()), cols), run;
  for (auto begin = order.begin(), end = begin; begin != order.end(); begin = end) {
    const Index first = row_at(*begin);
    Index last = first;
    while (end != order.end() && row_at(*end) <= last + 1 && row_at(*end) - first < most) last = row_at(*end++);
    const Index count = last - first + 1;
    if (run.rows() < count) run.resize(count, cols);
    source.read(first, count, run.data());
    for (auto position = begin; position != end; ++position) result.row(*position) = run.row(row_at(*position) - first);
  }
  return result;
}

}  // namespace detail
CORYMB_END
