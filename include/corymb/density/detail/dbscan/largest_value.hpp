#pragma once

#include <corymb/core/config.hpp>

#include <cstdint>
#include <cstring>
#include <limits>
#include <type_traits>

CORYMB_BEGIN
namespace detail {

/// The largest finite value whose distance is at most eps: comparing values with it is comparing distances with eps,
/// ties included. Distances of values are ascending, and that of 0 is 0. eps ≥ 0.
/// @param distance  distance(value)
template <class T, class Distance>
T largest_value_within(double eps, const Distance& distance) {
  using Bits = std::conditional_t<sizeof(T) == 4, std::uint32_t, std::uint64_t>;
  const auto number = [](Bits bits) {  // of numbers ≥ 0, bits have the same order
    T value;
    std::memcpy(&value, &bits, sizeof value);
    return value;
  };
  const auto is_within = [&](T value) { return static_cast<double>(distance(value)) <= eps; };
  constexpr T largest = std::numeric_limits<T>::max();
  if (is_within(largest)) return largest;
  Bits within = 0, beyond = 0;
  std::memcpy(&beyond, &largest, sizeof beyond);
  while (beyond - within > 1) {
    const Bits middle = within + (beyond - within) / 2;
    (is_within(number(middle)) ? within : beyond) = middle;
  }
  return number(within);
}

}  // namespace detail
CORYMB_END
