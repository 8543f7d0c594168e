#pragma once

#include <corymb/core/points.hpp>

CORYMB_BEGIN
namespace detail {

/// Points as an Eigen matrix, for functions that take one. Borrows what they are a view of.
template <class T>
Eigen::Map<const RowMatrix<T>, 0, Eigen::OuterStride<>> matrix_view(const Points<T>& X) {
  return {X.row(0), X.rows(), X.cols(), Eigen::OuterStride<>(X.stride())};
}

}  // namespace detail
CORYMB_END
