#pragma once

#include <corymb/core/detail/validate.hpp>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

// What the options of several algorithms have in common.

CORYMB_BEGIN
namespace detail {

inline void check_restarts(std::string_view function, int restarts, bool start_is_given) {
  if (restarts < 1) reject(function, "restarts = " + to_text(restarts) + " must be ≥ 1");
  if (restarts > 1 && start_is_given)
    reject(function, "restarts = " + to_text(restarts) + " must be 1 from a given start: every run would be the same");
}

inline void check_max_iterations(std::string_view function, int max_iterations) {
  if (max_iterations < 1) reject(function, "max_iterations = " + to_text(max_iterations) + " must be ≥ 1");
}

/// k in [1, n], and no more than rows of positive weight. Checks the weights.
/// @param rows  what the messages call them
inline void check_k(std::string_view function, std::string_view rows, Index n, Index k, const Vector& weights) {
  if (k < 1 || k > n) reject(function, "k = " + to_text(k) + " must be in [1, n = " + to_text(n) + "]");
  const Index positive = check_weights(function, weights, n);
  if (k > positive)
    reject(function, "k = " + to_text(k) + " must be at most the number of " + std::string(rows) +
                         " of positive weight, " + to_text(positive));
}

/// k different numbers in [0, n), or none.
/// @param name  of the option
/// @param rows  what the messages call what it numbers, e.g. "row"
inline void check_numbers(std::string_view function, std::string_view name, std::string_view rows,
                          const std::vector<Index>& numbers, Index n, Index k) {
  if (numbers.empty()) return;
  const std::string has = std::string(name) + " has ";
  if (static_cast<Index>(numbers.size()) != k)
    reject(function, has + to_text(numbers.size()) + " entries; k = " + to_text(k) + " are needed");
  std::vector<Index> sorted = numbers;
  std::sort(sorted.begin(), sorted.end());
  for (std::size_t i = 0; i < sorted.size(); ++i) {
    if (sorted[i] < 0 || sorted[i] >= n)
      reject(function,
             has + to_text(sorted[i]) + "; " + std::string(rows) + " numbers must be in [0, n = " + to_text(n) + ")");
    if (i > 0 && sorted[i] == sorted[i - 1])
      reject(function, has + to_text(sorted[i]) + " twice; the " + std::string(rows) + "s must be different");
  }
}

}  // namespace detail
CORYMB_END
