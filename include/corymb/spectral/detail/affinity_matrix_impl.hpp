#pragma once

#include <corymb/core/detail/validate.hpp>
#include <corymb/spectral/affinity_matrix.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <string_view>

CORYMB_BEGIN

template <class T>
template <class Matrix>
void AffinityMatrix<T>::take(Matrix&& W) {
  using Plain = std::remove_cvref_t<Matrix>;
  if (W.rows() != W.cols())
    detail::reject("AffinityMatrix",
                   "W is " + detail::to_text(W.rows()) + " x " + detail::to_text(W.cols()) + "; it must be square");
  size_ = W.rows();
  constexpr bool is_temporary_matrix = !std::is_lvalue_reference_v<Matrix> && std::is_same_v<Plain, RowMatrix<T>>;
  constexpr bool owns_memory = std::is_base_of_v<Eigen::PlainObjectBase<Plain>, Plain>;
  if constexpr (is_temporary_matrix) {
    owned_ = std::move(W);
  } else if constexpr ((Eigen::internal::traits<Plain>::Flags & Eigen::DirectAccessBit) != 0 &&
                       (std::is_lvalue_reference_v<Matrix> || !owns_memory)) {
    if (W.innerStride() == 1) {
      borrowed_ = W.data();
      stride_ = W.outerStride();
      return;
    }
    owned_ = W;
  } else {
    owned_ = W;
  }
  stride_ = size_;
}

namespace detail {

/// Whether two numbers that should be one differ by no more than rounding.
template <class T>
bool agree(T a, T b) {
  return std::abs(a - b) <= 256 * std::numeric_limits<T>::epsilon() * std::max(a, b);
}

template <class T>
[[noreturn]] void reject_asymmetry(std::string_view function, Index i, Index j, T a, T b) {
  reject(function, "W(" + to_text(i) + ", " + to_text(j) + ") = " + to_text(a) + ", W(" + to_text(j) + ", " +
                       to_text(i) + ") = " + to_text(b) + "; W must be symmetric");
}

/// Throws for the first entry of a block of rows that is not finite, is negative, or differs from the one across. In
/// square tiles, because one of the two is read down a column.
template <class T>
void check_affinity_rows(std::string_view function, const AffinityMatrix<T>& W, Index first, Index last) {
  constexpr Index tile = 32;
  for (Index j0 = 0; j0 < W.size(); j0 += tile)
    for (Index i = first; i < last; ++i) {
      const T* row = W.row(i);
      for (Index j = j0; j < std::min(j0 + tile, W.size()); ++j) {
        if (!(row[j] >= T(0)) || std::isinf(row[j]))
          reject(function,
                 "W(" + to_text(i) + ", " + to_text(j) + ") = " + to_text(row[j]) + " must be finite and ≥ 0");
        if (j < i && !agree(row[j], W(j, i))) reject_asymmetry(function, j, i, W(j, i), row[j]);
      }
    }
}

}  // namespace detail
CORYMB_END
