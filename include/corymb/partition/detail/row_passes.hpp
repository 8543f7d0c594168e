#pragma once

#include <corymb/core/detail/row_slabs.hpp>
#include <corymb/core/points.hpp>
#include <corymb/core/row_source.hpp>
#include <corymb/partition/detail/seeding/candidates.hpp>

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

CORYMB_BEGIN
namespace detail {

/// The rows that an algorithm goes through in passes: rows in memory are one slab, those of a source many. What keeps
/// to slabs, and sums over chunks of all rows (ChunkPieces), gives the same bits for both.
template <class T>
class RowPasses {
 public:
  /// The rows must outlive this.
  explicit RowPasses(const Points<T>& X) : points_(&X), rows_(X.rows()), cols_(X.cols()) {}
  RowPasses(const RowSource<T>& source, Index slab_rows)
      : source_(&source),
        rows_(source.rows()),
        cols_(source.cols()),
        slab_rows_(std::max<Index>(slab_rows, 1)),
        slabs_(std::in_place, source, slab_rows_) {}

  Index rows() const { return rows_; }
  Index cols() const { return cols_; }
  /// Null: they are not in memory.
  const Points<T>* points() const { return points_; }

  /// A pass: f(const Points<T>& slab, Index first) in ascending order, where row i of the slab is row first + i.
  template <class F>
  void for_each(F&& f) {
    if (points_ != nullptr)
      f(*points_, Index{0});
    else
      slabs_->for_each(std::forward<F>(f));
  }

  /// The same for the rows from `first` to `last` − 1 alone. For few: nothing is read ahead.
  template <class F>
  void for_each(Index first, Index last, F&& f) const {
    if (points_ != nullptr) {
      f(Points<T>(points_->row(first), last - first, cols_, points_->stride()), first);
      return;
    }
    const Index most = range_rows();
    RowMatrix<T> slab(std::min(most, last - first), cols_);
    for (; first < last; first += most) {
      const Index count = std::min(most, last - first);
      source_->read(first, count, slab.data());
      f(Points<T>(slab.data(), count, cols_, cols_), first);
    }
  }

  RowMatrix<T> gather(const std::vector<Index>& rows) const {
    return points_ != nullptr ? gather_rows(*points_, rows) : gather_rows(*source_, rows);
  }

  /// Of the slabs, which passes keep.
  double bytes() const {
    return points_ != nullptr ? 0 : slabs_->bytes() + matrix_bytes<T>(std::min(range_rows(), rows_), cols_);
  }

 private:
  Index range_rows() const { return std::max<Index>(slab_rows_ / 8, 1); }

  const Points<T>* points_ = nullptr;
  const RowSource<T>* source_ = nullptr;
  Index rows_;
  Index cols_;
  Index slab_rows_ = 0;
  std::optional<RowSlabs<T>> slabs_;
};

}  // namespace detail
CORYMB_END
