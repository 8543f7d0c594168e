#pragma once

#include <corymb/core/parallel.hpp>
#include <corymb/distance/detail/principal_projection.hpp>

#include <cmath>
#include <vector>

CORYMB_BEGIN
namespace detail {

/// Rows as their first coordinates along principal axes (the level) and, as one more coordinate, the norm of all
/// others: the squared distance of two such rows, ‖y₁ − y₂‖² + (r₁ − r₂)², is at most the squared distance of the rows.
template <class T>
class ShortenedRows {
 public:
  ShortenedRows(const PrincipalProjection<T>& projection, const Points<T>& X, int threads)
      : axes_(projection.axes()),
        level_(projection.axes()),
        values_(X.rows(), projection.axes() + 1),
        rest_(static_cast<std::size_t>(X.rows())) {
    projection(X, threads, values_.data(), values_.cols(), rest_.data());
    for (Index i = 0; i < X.rows(); ++i) values_(i, axes_) = rest_[static_cast<std::size_t>(i)];
  }

  static double memory(Index n, Index axes) {
    return static_cast<double>(n) * static_cast<double>(axes + 2) * sizeof(T);
  }

  Index level() const { return level_; }

  /// Column `level` is the norm of the coordinates from there on; what stood there waits in the last column.
  void set_level(Index level, int threads) {
    if (level == level_) return;
    const Chunks chunks(values_.rows(), 4096);
    parallel_for(threads, chunks.count(), [&](Index chunk) {
      for (Index i = chunks.begin(chunk); i < chunks.end(chunk); ++i) {
        T* row = values_.data() + i * values_.cols();
        const T rest = rest_[static_cast<std::size_t>(i)];
        row[level_] = row[axes_];
        double squares = static_cast<double>(rest) * static_cast<double>(rest);
        for (Index a = level; a < axes_; ++a) squares += static_cast<double>(row[a]) * static_cast<double>(row[a]);
        row[axes_] = level < axes_ ? row[level] : rest;
        row[level] = static_cast<T>(std::sqrt(squares));
      }
    });
    level_ = level;
  }

  RowsView<T> view(Index first, Index last) const {
    return {values_.data() + first * values_.cols(), last - first, level_ + 1, values_.cols()};
  }
  RowsView<T> view() const { return view(0, values_.rows()); }

 private:
  Index axes_;
  Index level_;
  RowMatrix<T> values_;
  std::vector<T> rest_;  // by row: the norm beyond all axes
};

}  // namespace detail
CORYMB_END
