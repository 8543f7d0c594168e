#pragma once

#include <corymb/core/errors.hpp>
#include <corymb/core/types.hpp>

#include <charconv>
#include <cmath>
#include <string>
#include <string_view>
#include <type_traits>

// Messages of the one shape "corymb::function: parameter = value rule", and the checks that several functions share.

CORYMB_BEGIN
namespace detail {

template <class T>
std::string to_text(T value) {
  if constexpr (std::is_integral_v<T>) {
    return std::to_string(value);
  } else {
    char buffer[40];
    const auto end = std::to_chars(buffer, buffer + sizeof(buffer), value);
    return {buffer, end.ptr};
  }
}

[[noreturn]] inline void reject(std::string_view function, const std::string& what) {
  throw InvalidArgument("corymb::" + std::string(function) + ": " + what);
}

inline void require_columns(std::string_view function, Index cols, std::string_view name = "X") {
  if (cols < 1) reject(function, std::string(name) + " has 0 columns; at least 1 is needed");
}

inline void require_same_columns(std::string_view function, std::string_view name, Index cols,
                                 std::string_view other_name, Index other_cols) {
  if (cols != other_cols)
    reject(function, std::string(name) + " has " + to_text(cols) + " columns, " + std::string(other_name) + " has " +
                         to_text(other_cols) + "; they must agree");
}

inline constexpr int most_threads = 1024;  // an error, rather than a runtime that gives up starting them

inline void require_threads(std::string_view function, int threads) {
  if (threads < 0 || threads > most_threads)
    reject(function,
           "execution.threads = " + to_text(threads) + " must be in [0, " + to_text(most_threads) + "] (0 = all)");
}

/// Weights: none at all, or one per row, finite, ≥ 0, not all zero. Returns how many rows count.
inline Index check_weights(std::string_view function, const Vector& weights, Index n) {
  if (weights.size() == 0) return n;
  if (weights.size() != n)
    reject(function,
           "weights has " + to_text(weights.size()) + " entries; one per row, n = " + to_text(n) + ", is needed");
  Index positive = 0;
  double total = 0;
  for (Index i = 0; i < n; ++i) {
    if (!(weights[i] >= 0) || std::isinf(weights[i]))
      reject(function, "weights(" + to_text(i) + ") = " + to_text(weights[i]) + " must be finite and ≥ 0");
    positive += weights[i] > 0;
    total += weights[i];
  }
  if (positive == 0 && n > 0) reject(function, "weights are all 0; at least one must be > 0");
  if (std::isinf(total)) reject(function, "the sum of the weights overflows; scale them down");
  return positive;
}

}  // namespace detail
CORYMB_END
