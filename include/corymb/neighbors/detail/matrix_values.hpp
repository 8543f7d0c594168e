#pragma once

#include <corymb/distance/detail/row_values.hpp>
#include <corymb/distance/distance_matrix.hpp>

CORYMB_BEGIN
namespace detail {

/// The values of a matrix that has been checked.
template <class T>
class MatrixValues {
 public:
  explicit MatrixValues(const DistanceMatrix<T>& D) : D_(D) {}
  void operator()(Index first, Index last, T* out, ValuesScratch&) const {
    for (Index i = first; i < last; ++i)
      for (Index j = 0; j < D_.size(); ++j) *out++ = D_(i, j);
  }
  void finish(T*, Index) const {}

 private:
  const DistanceMatrix<T>& D_;
};

}  // namespace detail
CORYMB_END
