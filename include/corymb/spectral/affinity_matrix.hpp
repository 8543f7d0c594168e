#pragma once

#include <corymb/core/points.hpp>
#include <corymb/core/types.hpp>

#include <type_traits>
#include <utility>

CORYMB_BEGIN

/// How like each other n objects are, for all pairs: a square matrix, symmetric up to rounding, finite and ≥ 0. What
/// stands on the diagonal does not count. Borrows the memory of an lvalue, a map or a block, row-major or column-major,
/// which must live as long as this; takes over a matrix that is moved in. Other views and expressions are evaluated
/// once.
template <class T>
class AffinityMatrix {
 public:
  static_assert(std::is_same_v<T, float> || std::is_same_v<T, double>, "corymb: affinities must be float or double");

  /// @throws InvalidArgument  a matrix that is not square.
  template <class Matrix>
  requires(!std::is_same_v<std::remove_cvref_t<Matrix>, AffinityMatrix>) explicit AffinityMatrix(Matrix&& W) {
    take(std::forward<Matrix>(W));
  }

  /// The number of objects.
  Index size() const { return size_; }
  T operator()(Index i, Index j) const { return row(i)[j]; }
  /// The affinities of object i, contiguous; of column-major memory column i, which is as good.
  const T* row(Index i) const { return (owned_.size() > 0 ? owned_.data() : borrowed_) + i * stride_; }
  /// From one row to the next.
  Index stride() const { return stride_; }

 private:
  template <class Matrix>
  void take(Matrix&& W);

  RowMatrix<T> owned_;
  const T* borrowed_ = nullptr;
  Index size_ = 0;
  Index stride_ = 0;
};

template <class Matrix>
explicit AffinityMatrix(Matrix&&) -> AffinityMatrix<typename std::remove_cvref_t<Matrix>::Scalar>;

CORYMB_END

#include <corymb/spectral/detail/affinity_matrix_impl.hpp>
