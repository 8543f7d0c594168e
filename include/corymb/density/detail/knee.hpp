#pragma once

#include <corymb/core/types.hpp>

#include <algorithm>
#include <cmath>

CORYMB_BEGIN
namespace detail {

/// The entry of an ascending curve where it bends upwards, see suggest_eps(); n ≥ 1 distances.
inline Index knee_of(const Vector& curve) {
  const double* values = curve.data();
  const double* end = values + curve.size();
  const double* positive = std::upper_bound(values, end, 0.0);
  if (positive == end) return curve.size() - 1;  // duplicates only
  const double quartile = positive[(end - positive - 1) * 3 / 4];
  constexpr double factor = 10;
  const Index first = std::lower_bound(positive, end, quartile / factor) - values;
  const Index last = std::upper_bound(positive, end, quartile * factor) - values - 1;

  const double low = std::log(curve[first]), rise = std::log(curve[last]) - low;
  const auto length = static_cast<double>(last - first);
  Index knee = last;
  double deepest = 0;
  for (Index i = first; i < last; ++i) {
    // How far the point is below the chord, but for a factor that all points share.
    const double depth = static_cast<double>(i - first) * rise - length * (std::log(curve[i]) - low);
    if (depth > deepest) {
      deepest = depth;
      knee = i;
    }
  }
  return knee;
}

}  // namespace detail
CORYMB_END
