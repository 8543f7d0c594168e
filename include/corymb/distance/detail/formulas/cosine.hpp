#pragma once

#include <corymb/distance/detail/formulas/formula.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

// Metrics of the angle between rows, or between rows minus their means.

CORYMB_BEGIN
namespace detail {

/// The length √(x·x) of a row as a number near 1 and a power of two, so that products of lengths neither overflow nor
/// underflow.
struct ScaledLength {
  double square;  // x·x / 4^exponent, in [1, 4)
  double scale;   // 2^−exponent
};

/// x·x by the same defined value as x·y, so that a row has cosine distance 0 to itself. A length that underflows is 0.
template <class T>
void scaled_lengths(const RowsView<T>& rows, const T* zeros, ScaledLength* lengths) {
  constexpr Index block = 256;
  const std::int32_t label[block] = {};
  T squares[block];
  for (Index first = 0; first < rows.n; first += block) {
    const Index count = std::min(block, rows.n - first);
    kernels::squared_to_assigned(RowsView<T>{rows.data + first * rows.stride, count, rows.d, rows.stride},
                                 RowsView<T>{zeros, 1, rows.d, rows.d}, label, squares);
    for (Index i = 0; i < count; ++i) {
      const auto square = static_cast<double>(squares[i]);
      if (square < static_cast<double>(std::numeric_limits<T>::min())) {
        lengths[first + i] = {0, 1};
        continue;
      }
      const int exponent = std::ilogb(square) / 2 - (std::ilogb(square) < 0 && std::ilogb(square) % 2 != 0);
      lengths[first + i] = {std::ldexp(square, -2 * exponent), std::ldexp(1.0, -exponent)};
    }
  }
}

template <class T>
struct CosineFormula : PlainFormula<T> {
  using Number = ScaledLength;
  static constexpr bool keeps_numbers = true;
  void numbers(const RowsView<T>& rows, Number* lengths) const { scaled_lengths(rows, zeros.data(), lengths); }
  static void check_number(std::string_view function, std::string_view name, Index i, const Number& length) {
    if (length.square == 0)
      reject(function, std::string(name) + "(" + to_text(i) +
                           ", …) is all 0, or so small that its length underflows; its cosine distance is undefined");
  }

  static constexpr PairValue value = PairValue::dot_product;

  // The root of the product, not the product of the roots: exactly 0 for equal rows. Scaling by powers of two is exact.
  static constexpr bool adjusts = true;
  T decide(T dot, const Number& x, const Number& c) const {
    const double cosine = static_cast<double>(dot) * x.scale * c.scale / std::sqrt(x.square * c.square);
    return static_cast<T>(1 - std::min(1.0, std::max(-1.0, cosine)));
  }

  explicit CosineFormula(Index columns) : zeros(static_cast<std::size_t>(columns), T(0)) {}
  std::vector<T> zeros;
};

/// The cosine distance of rows minus their means, scaled by a power of two so that the largest difference to the first
/// entry is in [1, 2): any row that is not constant has a direction.
template <class T>
struct CorrelationFormula : CosineFormula<T> {
  static void check(std::string_view function, std::string_view name, const Points<T>& X, int threads) {
    check_rows(X, threads, [&](Index i) {
      const auto row = X[i];
      if (std::all_of(row.begin(), row.end(), [&](T entry) { return entry == row[0]; }))
        reject(function, std::string(name) + "(" + to_text(i) +
                             ", …) has equal entries only; its correlation distance is undefined");
    });
  }

  static constexpr bool embeds = true;
  Index width(Index d) const { return d; }
  // Differences to the first entry are exact for a row of nearly equal entries, whatever their size.
  void embed(const T* row, Index d, T* to) const {
    const auto first = static_cast<double>(row[0]);
    double largest = 0, sum = 0;
    for (Index j = 0; j < d; ++j) largest = std::max(largest, std::abs(static_cast<double>(row[j]) - first));
    const double scale = std::ldexp(1.0, -std::max(std::ilogb(largest), -1022));
    for (Index j = 0; j < d; ++j) sum += (static_cast<double>(row[j]) - first) * scale;
    const double mean = sum / static_cast<double>(d);
    for (Index j = 0; j < d; ++j) to[j] = static_cast<T>((static_cast<double>(row[j]) - first) * scale - mean);
  }

  using CosineFormula<T>::CosineFormula;
};

}  // namespace detail
CORYMB_END
