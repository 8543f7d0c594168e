#pragma once

#include <corymb/core/config.hpp>

#include <cmath>

CORYMB_BEGIN
namespace detail {

/// ψ(x) = d/dx log Γ(x) for x > 0. The error is a few units of the last place of the larger of |ψ(x)| and 1: ψ(x) has
/// its zero at 1.46.
/// Above 10 by the asymptotic series, whose next term would be below 1e-16; below by ψ(x) = ψ(x + 1) − 1/x.
/// @see Abramowitz and Stegun (1964), 6.3.5 and 6.3.18
inline double digamma(double x) {
  double below = 0;
  for (; x < 10; x += 1) below += 1 / x;
  const double y = 1 / (x * x);
  const double series =
      y *
      (1.0 / 12 - y * (1.0 / 120 - y * (1.0 / 252 - y * (1.0 / 240 - y * (1.0 / 132 - y * (691.0 / 32760 - y / 12))))));
  return std::log(x) - 0.5 / x - series - below;
}

/// ψ'(x) for x > 0, the same way, to a few units of the last place.
/// @see Abramowitz and Stegun (1964), 6.4.6 and 6.4.12
inline double trigamma(double x) {
  double below = 0;
  for (; x < 12; x += 1) below += 1 / (x * x);
  const double y = 1 / (x * x);
  const double series =
      y * (1.0 / 6 - y * (1.0 / 30 -
                          y * (1.0 / 42 -
                               y * (1.0 / 30 - y * (5.0 / 66 - y * (691.0 / 2730 - y * (7.0 / 6 - y * 3617 / 510)))))));
  return (1 + 0.5 / x + series) / x + below;
}

}  // namespace detail
CORYMB_END
