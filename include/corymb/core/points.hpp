#pragma once

#include <corymb/core/types.hpp>

#include <algorithm>
#include <span>
#include <type_traits>

CORYMB_BEGIN

/// The one internal view of a matrix of points, n × d with one point per row. Rows are contiguous; consecutive rows
/// are stride() elements apart. Borrows row-major memory (matrices, maps, blocks of rows or columns); anything else
/// (column-major storage, expressions, other inner strides) is packed once into memory of its own.
/// A borrowing view must not outlive the matrix.
template <class T>
class Points {
 public:
  static_assert(std::is_same_v<T, float> || std::is_same_v<T, double>,
                "corymb: the entries of a matrix of points must be float or double");

  Points(const T* data, Index rows, Index cols, Index stride)
      : data_(data), rows_(rows), cols_(cols), stride_(stride) {}

  template <class Derived>
  explicit Points(const Eigen::DenseBase<Derived>& X) : rows_(X.rows()), cols_(X.cols()) {
    static_assert(std::is_same_v<typename Derived::Scalar, T>,
                  "corymb: all matrices of a call must have the same scalar type; convert with .cast<T>()");
    if constexpr (has_direct_access<Derived>) {
      const Derived& matrix = X.derived();
      const Index row_stride = Derived::IsRowMajor ? matrix.outerStride() : matrix.innerStride();
      const Index col_stride = Derived::IsRowMajor ? matrix.innerStride() : matrix.outerStride();
      if (col_stride == 1 || cols_ <= 1) {
        data_ = matrix.data();
        stride_ = row_stride;
        return;
      }
      pack(matrix.data(), row_stride, col_stride);
    } else {
      packed_ = X;
    }
    data_ = packed_.data();
    stride_ = cols_;
  }

  Points(Points&&) noexcept = default;  // an Eigen matrix keeps its memory when it moves
  Points& operator=(Points&&) noexcept = default;

  Index rows() const { return rows_; }
  Index cols() const { return cols_; }
  Index stride() const { return stride_; }
  const T* row(Index i) const { return data_ + i * stride_; }
  std::span<const T> operator[](Index i) const { return {row(i), static_cast<std::size_t>(cols_)}; }
  T operator()(Index i, Index j) const { return row(i)[j]; }

  /// Whether this view of X would copy it: what a call must add to its estimate of memory.
  template <class Derived>
  static bool copies(const Eigen::DenseBase<Derived>& X) {
    if constexpr (has_direct_access<Derived>)
      return X.cols() > 1 && (Derived::IsRowMajor ? X.derived().innerStride() : X.derived().outerStride()) != 1;
    else
      return true;
  }

 private:
  template <class Derived>
  static constexpr bool has_direct_access = (Eigen::internal::traits<Derived>::Flags & Eigen::DirectAccessBit) != 0;

  // In square tiles, so that neither side walks through memory with one element used per cache line.
  void pack(const T* source, Index row_stride, Index col_stride) {
    packed_.resize(rows_, cols_);
    constexpr Index tile = 32;
    for (Index i0 = 0; i0 < rows_; i0 += tile)
      for (Index j0 = 0; j0 < cols_; j0 += tile)
        for (Index i = i0; i < std::min(i0 + tile, rows_); ++i)
          for (Index j = j0; j < std::min(j0 + tile, cols_); ++j)
            packed_.data()[i * cols_ + j] = source[i * row_stride + j * col_stride];
  }

  RowMatrix<T> packed_;
  const T* data_ = nullptr;
  Index rows_ = 0;
  Index cols_ = 0;
  Index stride_ = 0;
};

template <class Derived>
Points(const Eigen::DenseBase<Derived>&) -> Points<typename Derived::Scalar>;

namespace detail {

/// Bytes of an n × d matrix of T; a double, so that the product cannot overflow.
template <class T>
double matrix_bytes(Index n, Index d) {
  return static_cast<double>(n) * static_cast<double>(d) * sizeof(T);
}

/// Bytes that a view of X takes for itself: 0 unless X must be packed.
template <class Derived>
double packed_bytes(const Eigen::DenseBase<Derived>& X) {
  using T = typename Derived::Scalar;
  return Points<T>::copies(X) ? matrix_bytes<T>(X.rows(), X.cols()) : 0;
}

}  // namespace detail
CORYMB_END
