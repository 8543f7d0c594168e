#pragma once

#include <corymb/core/detail/validate.hpp>
#include <corymb/core/parallel.hpp>
#include <corymb/core/types.hpp>
#include <corymb/distance/detail/check_points.hpp>

#include <Eigen/SparseCore>

#include <cmath>
#include <string>
#include <string_view>
#include <vector>

CORYMB_BEGIN
namespace detail {

/// A borrowed view of a sparse matrix of points, compressed or not.
template <class T, class StorageIndex>
class SparseRows {
 public:
  explicit SparseRows(const Eigen::SparseMatrix<T, Eigen::RowMajor, StorageIndex>& X)
      : rows_(X.rows()),
        cols_(X.cols()),
        start_(X.outerIndexPtr()),
        stored_(X.innerNonZeroPtr()),
        column_(X.innerIndexPtr()),
        value_(X.valuePtr()) {}

  Index rows() const { return rows_; }
  Index cols() const { return cols_; }

  /// The stored entries of row i are those numbered from begin(i) to end(i) − 1.
  Index begin(Index i) const { return static_cast<Index>(start_[i]); }
  Index end(Index i) const { return static_cast<Index>(stored_ != nullptr ? start_[i] + stored_[i] : start_[i + 1]); }
  Index column(Index entry) const { return static_cast<Index>(column_[entry]); }
  T value(Index entry) const { return value_[entry]; }

  /// f(column, value) for the stored entries of row i, in ascending order of the columns.
  template <class F>
  void for_each(Index i, const F& f) const {
    for (Index e = begin(i), last = end(i); e < last; ++e) f(column(e), value(e));
  }

  /// ‖x_i‖² in double.
  double squared_norm(Index i) const {
    double sum = 0;
    for_each(i, [&](Index, T value) { sum += static_cast<double>(value) * static_cast<double>(value); });
    return sum;
  }

 private:
  Index rows_;
  Index cols_;
  const StorageIndex* start_;
  const StorageIndex* stored_;  // by row; null: the matrix is compressed
  const StorageIndex* column_;
  const T* value_;
};

/// Some rows, dense.
template <class T, class S>
RowMatrix<T> gather_rows(const SparseRows<T, S>& X, const std::vector<Index>& rows) {
  RowMatrix<T> result = RowMatrix<T>::Zero(static_cast<Index>(rows.size()), X.cols());
  for (Index c = 0; c < result.rows(); ++c)
    X.for_each(rows[static_cast<std::size_t>(c)], [&](Index j, T value) { result(c, j) = value; });
  return result;
}

/// Throws for the first stored entry, in row order, that is NaN, infinite or so large that squared distances overflow,
/// or whose column is out of range or not above the one before.
template <class T, class S>
void check_sparse_rows(std::string_view function, const SparseRows<T, S>& X, int threads, std::string_view name = "X") {
  const T safe = X.cols() > 0 ? largest_safe_magnitude<T>(X.cols()) : T(0);
  const Chunks chunks(X.rows());
  parallel_for(threads, chunks.count(), [&](Index chunk) {
    for (Index i = chunks.begin(chunk); i < chunks.end(chunk); ++i) {
      Index before = -1;
      X.for_each(i, [&](Index j, T value) {
        if (j < 0 || j >= X.cols())
          reject(function, std::string(name) + " has column " + to_text(j) + " in row " + to_text(i) +
                               "; columns must be in [0, d = " + to_text(X.cols()) + ")");
        if (j <= before)
          reject(function, std::string(name) + " has column " + to_text(j) + " after column " + to_text(before) +
                               " in row " + to_text(i) + "; columns must ascend, without duplicates");
        before = j;
        if (std::abs(value) <= safe) return;
        const std::string entry = std::string(name) + "(" + to_text(i) + ", " + to_text(j) + ") = " + to_text(value);
        if (!std::isfinite(value)) reject(function, entry + " must be finite");
        reject(function, entry + " is too large: squared distances overflow; entries must be within ±" + to_text(safe) +
                             (sizeof(T) == 4 ? " (use double, or scale the data)" : " (scale the data)"));
      });
    }
  });
}

}  // namespace detail
CORYMB_END
