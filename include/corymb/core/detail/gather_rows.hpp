#pragma once

#include <corymb/core/points.hpp>

#include <algorithm>
#include <span>

CORYMB_BEGIN
namespace detail {

/// Rows of X one after the other.
template <class T>
RowMatrix<T> gather_rows(const Points<T>& X, std::span<const Index> rows) {
  RowMatrix<T> result(static_cast<Index>(rows.size()), X.cols());
  T* to = result.data();
  for (const Index row : rows) to = std::copy_n(X.row(row), X.cols(), to);
  return result;
}

}  // namespace detail
CORYMB_END
