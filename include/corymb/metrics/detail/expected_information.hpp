#pragma once

#include <corymb/metrics/detail/compiled.hpp>
#include <corymb/metrics/detail/double_double.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <map>
#include <utility>
#include <vector>

CORYMB_BEGIN
namespace detail {

/// t log t − t + 1 ≥ 0 for t = 1 + d, d ≥ −1.
inline double divergence_from_one(double d) {
  if (d == -1) return 1;
  if (std::abs(d) > 0.05) return (1 + d) * std::log1p(d) - d;
  // Σ (−d)^m / (m (m − 1)), where the difference above would cancel.
  double sum = 0, power = d * d;
  for (int m = 2; m < 24; ++m, power *= -d) {
    const double term = power / (m * (m - 1));
    sum += term;
    if (std::abs(term) < 1e-17 * sum) break;
  }
  return sum;
}

/// Mean of k log(k / mean(k)) for a cell k whose row and column hold a and b of the n points, drawn at random: k is
/// hypergeometric. Since the mean of k − mean(k) is 0, it is the mean of mean(k) · divergence_from_one(k / mean(k) −
/// 1), a sum of positive terms. The probabilities follow from their ratios, outwards from the mode, and are normalised
/// at the end, so that no logarithm of a factorial is needed.
inline double expected_cell_information(double a, double b, double n) {
  const double mean = a * b / n;
  const double least = std::max(0.0, a + b - n), most = std::min(a, b);
  const double mode = std::clamp(std::floor((a + 1) * (b + 1) / (n + 2)), least, most);
  constexpr double negligible = 1e-30;  // of the probability of the mode; the terms fall faster than geometrically
  double probabilities = 0, sum = 0;
  const auto add = [&](double k, double probability) {
    probabilities += probability;
    sum += probability * divergence_from_one((k - mean) / mean);
  };
  add(mode, 1);
  double probability = 1;
  for (double k = mode; k < most && probability > negligible; ++k) {
    probability *= (a - k) * (b - k) / ((k + 1) * (n - a - b + k + 1));
    add(k + 1, probability);
  }
  probability = 1;
  for (double k = mode; k > least && probability > negligible; --k) {
    probability *= k * (n - a - b + k) / ((a - k + 1) * (b - k + 1));
    add(k - 1, probability);
  }
  return mean * sum / probabilities;
}

/// The different sums and how many rows or columns have each.
inline std::vector<std::pair<double, double>> count_sums(const double* sums, std::ptrdiff_t count) {
  std::map<double, double> different;
  for (std::ptrdiff_t i = 0; i < count; ++i) ++different[sums[i]];
  return {different.begin(), different.end()};
}

inline double expected_mutual_information(const compiled::ContingencyView& table) {
  if (table.cells == 0) return 0;
  const auto rows = count_sums(table.row_sums, table.rows), columns = count_sums(table.column_sums, table.columns);
  DoubleDouble sum;
  for (const auto& [a, rows_alike] : rows)
    for (const auto& [b, columns_alike] : columns)
      sum += rows_alike * columns_alike * expected_cell_information(a, b, table.total);
  return sum.high / table.total;
}

}  // namespace detail
CORYMB_END
