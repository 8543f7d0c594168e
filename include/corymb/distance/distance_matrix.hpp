#pragma once

#include <corymb/core/types.hpp>

#include <type_traits>
#include <utility>

CORYMB_BEGIN

/// Distances between all pairs of n objects: a square matrix, or its upper triangle.
///
/// - A matrix, n × n: entry (i, j) is the distance of object i to object j, as seen from i. It need not be symmetric.
/// - A vector (one row or one column by its type) of n (n − 1) / 2 entries, the upper triangle row by row: the
///   distances (0, 1), (0, 2), …, (0, n − 1), (1, 2), …, as R's dist and SciPy's pdist have them. n ≥ 2.
///
/// Borrows the memory of an lvalue, a map or a block, which must live as long as this; takes over a matrix that is
/// moved in. Expressions, and views whose entries are apart in both directions, are evaluated once.
///
/// Functions that take one reject, with the entry's name, what is not finite, is negative, or stands on the diagonal
/// and is not 0.
template <class T>
class DistanceMatrix {
 public:
  static_assert(std::is_same_v<T, float> || std::is_same_v<T, double>, "corymb: distances must be float or double");

  /// @throws InvalidArgument  a matrix that is not square, a vector whose length is not n (n − 1) / 2 for an n ≥ 2.
  template <class Matrix>
  requires(!std::is_same_v<std::remove_cvref_t<Matrix>, DistanceMatrix>) explicit DistanceMatrix(Matrix&& D) {
    take(std::forward<Matrix>(D));
  }

  /// The number of objects.
  Index size() const { return size_; }
  /// Whether the upper triangle is all there is.
  bool is_condensed() const { return is_condensed_; }
  /// The distance of object i to object j.
  T operator()(Index i, Index j) const {
    if (!is_condensed_) return data()[i * row_stride_ + j * col_stride_];
    if (i == j) return T(0);
    return i < j ? data()[condensed_offset(i) + j] : data()[condensed_offset(j) + i];
  }

  /// Entry (0, 0) of a square matrix, or entry (0, 1) of a triangle.
  const T* data() const { return owned_.size() > 0 ? owned_.data() : borrowed_; }
  /// Of a square matrix: entry (i, j) stands i · row_stride() + j · col_stride() after the first; one of them is 1.
  Index row_stride() const { return row_stride_; }
  Index col_stride() const { return col_stride_; }
  /// Of a triangle: entry (i, j), i < j, stands condensed_offset(i) + j after the first.
  Index condensed_offset(Index i) const { return i * (2 * size_ - i - 3) / 2 - 1; }

 private:
  template <class Matrix>
  void take(Matrix&& D);

  RowMatrix<T> owned_;
  const T* borrowed_ = nullptr;
  Index size_ = 0;
  Index row_stride_ = 0;
  Index col_stride_ = 0;
  bool is_condensed_ = false;
};

template <class Matrix>
explicit DistanceMatrix(Matrix&&) -> DistanceMatrix<typename std::remove_cvref_t<Matrix>::Scalar>;

/// Objects that are not rows of a matrix, by the distance of any two of them. Made by dissimilarity().
template <class F>
struct Dissimilarity {
  Index size;
  F f;
};

/// n objects and a callable f(Index i, Index j) -> float or double, the distance of object i to object j, thread-safe.
/// Accepted wherever a DistanceMatrix is. f must be finite and ≥ 0 (an error names the pair otherwise) and need not be
/// symmetric; it is not called for i = j, whose distance is 0. Keeps a copy of f; std::ref avoids that.
template <class F>
requires std::is_invocable_v<const F&, Index, Index> Dissimilarity<F> dissimilarity(Index n, F f) {
  return {n, std::move(f)};
}

/// float or double, whichever the callable returns.
template <class F>
using DissimilarityScalar = std::remove_cvref_t<std::invoke_result_t<const F&, Index, Index>>;

CORYMB_END

#include <corymb/distance/detail/distance_matrix_impl.hpp>
