#pragma once

#include <corymb/core/detail/validate.hpp>
#include <corymb/core/types.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

// What the options of functions with bounded clusters have in common.

CORYMB_BEGIN
namespace detail {

/// How many rows each column takes, at least and at most. 0 ≤ min ≤ max, Σ min ≤ n ≤ Σ max.
struct SizeBounds {
  std::vector<Index> min;
  std::vector<Index> max;
};

inline std::vector<Index> one_per_column(std::string_view function, std::string_view name,
                                         const std::vector<Index>& given, Index k, Index otherwise) {
  const auto columns = static_cast<std::size_t>(k);
  if (given.empty()) return std::vector<Index>(columns, otherwise);
  if (given.size() != 1 && given.size() != columns)
    reject(function, std::string(name) + " has " + to_text(given.size()) +
                         " entries; one for all clusters, or one per cluster, k = " + to_text(k) + ", is needed");
  for (std::size_t j = 0; j < given.size(); ++j)
    if (given[j] < 0) {
      const std::string entry = given.size() == 1 ? "" : "[" + to_text(j) + "]";
      reject(function, std::string(name) + entry + " = " + to_text(given[j]) + " must be ≥ 0");
    }
  return given.size() == 1 ? std::vector<Index>(columns, given[0]) : given;
}

/// What min_size and max_size mean for n rows, checked. More than n rows are never meant.
inline SizeBounds size_bounds(std::string_view function, Index n, Index k, const std::vector<Index>& min_size,
                              const std::vector<Index>& max_size) {
  const bool equal = min_size.empty() && max_size.empty();
  SizeBounds bounds{one_per_column(function, "min_size", min_size, k, equal ? n / k : 0),
                    one_per_column(function, "max_size", max_size, k, equal ? (n + k - 1) / k : n)};
  Index least = 0, most = 0;  // of all columns together, not much beyond n so that they cannot overflow
  for (std::size_t j = 0; j < bounds.min.size(); ++j) {
    const Index min = bounds.min[j];
    Index& max = bounds.max[j];
    if (min > max) {
      const std::string entry = min_size.size() == 1 && max_size.size() == 1 ? "" : "[" + to_text(j) + "]";
      reject(function,
             "min_size" + entry + " = " + to_text(min) + " must be ≤ max_size" + entry + " = " + to_text(max));
    }
    max = std::min(max, n);
    least = std::min(least + std::min(min, n + 1), n + 1);
    most = std::min(most + max, n);
  }
  const auto sum_of = [&](std::string_view name, const std::vector<Index>& given) {
    return std::string(name) +
           (given.size() == 1 ? " = " + to_text(given[0]) + " for " + to_text(k) + " clusters" : "");
  };
  if (least > n) reject(function, sum_of("min_size", min_size) + " needs more than n = " + to_text(n) + " rows");
  if (most < n)
    reject(function,
           sum_of("max_size", max_size) + " leaves room for " + to_text(most) + " of n = " + to_text(n) + " rows");
  return bounds;
}

/// Labels are 32 bits wide.
inline void require_labels(std::string_view function, Index k) {
  constexpr Index most = std::numeric_limits<std::int32_t>::max();
  if (k > most) reject(function, "cost has " + to_text(k) + " columns; at most " + to_text(most) + " have a label");
}

/// Prices: none at all, or k, finite.
inline void check_prices(std::string_view function, const Vector& prices, Index k) {
  if (prices.size() == 0) return;
  if (prices.size() != k)
    reject(function, "initial_prices has " + to_text(prices.size()) + " entries; k = " + to_text(k) + " are needed");
  for (Index j = 0; j < k; ++j)
    if (!std::isfinite(prices[j]))
      reject(function, "initial_prices(" + to_text(j) + ") = " + to_text(prices[j]) + " must be finite");
}

}  // namespace detail
CORYMB_END
