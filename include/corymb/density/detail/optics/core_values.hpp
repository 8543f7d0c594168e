#pragma once

#include <corymb/core/execution.hpp>
#include <corymb/neighbors/detail/kth_distances.hpp>

#include <cstddef>
#include <limits>
#include <string_view>
#include <vector>

CORYMB_BEGIN
namespace detail {

/// By row: the value (see row_values.hpp) of its min_samples-th nearest row, itself included; infinite if there are not
/// so many.
/// @param find  find(k, out) finds those of the k-th nearest other rows, 1 ≤ k ≤ n − 1
template <class T, class Find>
std::vector<T> core_values(Index n, Index min_samples, const Find& find) {
  if (min_samples > n) return std::vector<T>(static_cast<std::size_t>(n), std::numeric_limits<T>::infinity());
  std::vector<T> result(static_cast<std::size_t>(n));
  if (min_samples > 1) find(min_samples - 1, result.data());
  return result;
}

}  // namespace detail
CORYMB_END
