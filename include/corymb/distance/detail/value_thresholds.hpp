#pragma once

#include <corymb/core/config.hpp>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <limits>
#include <type_traits>

CORYMB_BEGIN
namespace detail {

/// Numbers ≥ 0 by their place in ascending order: the bits have the same order.
template <class T>
struct NumberPlace {
  using Bits = std::conditional_t<sizeof(T) == 4, std::uint32_t, std::uint64_t>;

  static Bits of(T number) {
    Bits bits = 0;
    std::memcpy(&bits, &number, sizeof bits);
    return bits;
  }
  static T number(Bits place) {
    T value;
    std::memcpy(&value, &place, sizeof value);
    return value;
  }
  static Bits last() { return of(std::numeric_limits<T>::max()); }
};

/// The largest value whose distance is within eps. Comparing values with it is comparing distances with eps, ties
/// included. Distances of values are ascending, and that of 0 is 0. eps ≥ 0.
/// @param distance  distance(value)
template <class T, class Distance>
T largest_value_within(double eps, const Distance& distance) {
  using Place = NumberPlace<T>;
  const auto is_within = [&](typename Place::Bits place) {
    return static_cast<double>(distance(Place::number(place))) <= eps;
  };
  if (is_within(Place::last())) return Place::number(Place::last());
  typename Place::Bits within = 0, beyond = Place::last();
  while (beyond - within > 1) {
    const typename Place::Bits middle = within + (beyond - within) / 2;
    (is_within(middle) ? within : beyond) = middle;
  }
  return Place::number(within);
}

/// The smallest value whose distance is at least `least` ≥ 0; the largest number if there is none.
/// @param guess  where to begin: the fewer numbers lie between it and the answer, the sooner that is found
template <class T, class Distance>
T smallest_value_reaching(double least, T guess, const Distance& distance) {
  using Place = NumberPlace<T>;
  using Bits = typename Place::Bits;
  const auto reaches = [&](Bits place) { return static_cast<double>(distance(Place::number(place))) >= least; };
  if (reaches(0)) return T(0);
  if (!reaches(Place::last())) return Place::number(Place::last());
  // Steps that double, away from the guess, until `below` does not reach it and `above` does.
  Bits below = 0, above = Place::last(), place = std::min(Place::of(guess), Place::last()), step = 1;
  if (reaches(place)) {
    above = place;
    while (step < above && reaches(above - step)) {
      above -= step;
      step *= 2;
    }
    if (step < above) below = above - step;
  } else {
    below = place;
    while (step < Place::last() - below && !reaches(below + step)) {
      below += step;
      step *= 2;
    }
    if (step < Place::last() - below) above = below + step;
  }
  while (above - below > 1) {
    const Bits middle = below + (above - below) / 2;
    (reaches(middle) ? above : below) = middle;
  }
  return Place::number(above);
}

}  // namespace detail
CORYMB_END
