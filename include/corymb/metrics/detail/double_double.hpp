#pragma once

#include <corymb/core/config.hpp>

#include <cmath>

CORYMB_BEGIN
namespace detail {

/// The unevaluated sum of two doubles, |low| ≤ ulp(high) / 2: about 106 bits. Sums of squared counts up to 1e10 and
/// their differences are exact in it, where 64-bit integers overflow and a double rounds.
struct DoubleDouble {
  double high = 0;
  double low = 0;

  // NOLINTNEXTLINE(google-explicit-constructor): a double is one
  constexpr DoubleDouble(double value = 0) : high(value) {}
  constexpr DoubleDouble(double h, double l) : high(h), low(l) {}

  /// a + b without rounding (Knuth).
  static DoubleDouble sum(double a, double b) {
    const double s = a + b, b_part = s - a;
    return {s, (a - (s - b_part)) + (b - b_part)};
  }
  /// a · b without rounding.
  static DoubleDouble product(double a, double b) {
    const double p = a * b;
    return {p, std::fma(a, b, -p)};
  }

  friend DoubleDouble operator+(const DoubleDouble& a, const DoubleDouble& b) {
    const DoubleDouble high_sum = sum(a.high, b.high), low_sum = sum(a.low, b.low);
    const DoubleDouble carried = sum(high_sum.high, high_sum.low + low_sum.high);
    return sum(carried.high, carried.low + low_sum.low);
  }
  friend DoubleDouble operator-(const DoubleDouble& a) { return {-a.high, -a.low}; }
  friend DoubleDouble operator-(const DoubleDouble& a, const DoubleDouble& b) { return a + -b; }
  friend DoubleDouble operator*(const DoubleDouble& a, const DoubleDouble& b) {
    const DoubleDouble p = product(a.high, b.high);
    return sum(p.high, p.low + (a.high * b.low + a.low * b.high));
  }
  DoubleDouble& operator+=(const DoubleDouble& b) { return *this = *this + b; }
};

}  // namespace detail
CORYMB_END
