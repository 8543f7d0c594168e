#pragma once

#include <corymb/distance/detail/formulas/formula.hpp>

#include <algorithm>
#include <cmath>
#include <limits>

CORYMB_BEGIN
namespace detail {

/// The sums of d powers that can be trusted: they have not overflowed, and what their terms may have lost to underflow
/// is below their rounding.
template <class T>
struct SafeSums {
  explicit SafeSums(Index d)
      : least(static_cast<T>(d) * (std::numeric_limits<T>::min() / std::numeric_limits<T>::epsilon())) {}
  bool holds(T sum) const { return sum >= least && sum <= std::numeric_limits<T>::max(); }

  T least;
};

/// sum^(1/p)
inline double root_of_powers(double sum, double p) {
  if (p == 3) return std::cbrt(sum);
  if (p == 4) return std::sqrt(std::sqrt(sum));
  return std::pow(sum, 1 / p);
}

/// The distance of two rows whose powers overflow or underflow: differences relative to the largest one, in double.
template <class T>
T scaled_minkowski(const T* x, const T* y, Index d, double p) {
  double largest = 0;
  for (Index j = 0; j < d; ++j) largest = std::max(largest, std::abs(static_cast<double>(x[j] - y[j])));
  if (largest == 0) return T(0);
  double sum = 0;
  for (Index j = 0; j < d; ++j) sum += std::pow(std::abs(static_cast<double>(x[j] - y[j])) / largest, p);
  return static_cast<T>(largest * root_of_powers(sum, p));
}

/// For any p: powers and their sum in double.
template <class T>
T minkowski_distance(const T* x, const T* y, Index d, double p, const SafeSums<double>& safe) {
  double sum = 0;
  for (Index j = 0; j < d; ++j) sum += std::pow(std::abs(static_cast<double>(x[j] - y[j])), p);
  return safe.holds(sum) ? static_cast<T>(root_of_powers(sum, p)) : scaled_minkowski(x, y, d, p);
}

/// Powers that the kernel takes by repeated multiplication.
inline bool is_small_power(double p) { return p >= 1 && p <= 64 && p == std::floor(p); }

/// Value is the kernel for the power p. The distance decides: sums of powers cannot always be compared.
template <class T, PairValue Value>
struct MinkowskiFormula : PlainFormula<T> {
  // The row itself, for pairs whose sum of powers cannot be trusted.
  using Number = const T*;
  static constexpr bool keeps_numbers = true;
  void numbers(const RowsView<T>& rows, Number* row) const {
    for (Index i = 0; i < rows.n; ++i) row[i] = rows.data + i * rows.stride;
  }

  static constexpr PairValue value = Value;
  int power;

  static constexpr bool adjusts = true;
  T decide(T sum, Number x, Number c) const {
    if (!safe.holds(sum)) return scaled_minkowski(x, c, columns, static_cast<double>(power));
    return static_cast<T>(root_of_powers(static_cast<double>(sum), static_cast<double>(power)));
  }

  MinkowskiFormula(int p, Index d) : power(p), columns(d), safe(d) {}
  Index columns;
  SafeSums<T> safe;
};

}  // namespace detail
CORYMB_END
