#pragma once

#include <corymb/core/detail/memory.hpp>
#include <corymb/core/detail/validate.hpp>
#include <corymb/core/execution.hpp>
#include <corymb/core/parallel.hpp>
#include <corymb/core/points.hpp>
#include <corymb/distance/detail/kernels.hpp>
#include <corymb/distance/metric.hpp>

#include <cmath>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

CORYMB_BEGIN
namespace detail {

/// The view of X, within the memory limit.
template <class Derived>
Points<typename Derived::Scalar> points_of(std::string_view function, const Eigen::DenseBase<Derived>& X,
                                           const Execution& execution) {
  require_memory(function, packed_bytes(X), execution.memory_limit, "pass row-major data, which are used in place");
  return Points<typename Derived::Scalar>(X);
}

/// Of what has no coordinates, so of distances that are given.
inline void require_no_metric(std::string_view function, const std::optional<Metric>& metric, std::string_view source) {
  if (metric) reject(function, "metric must be empty: the distances are those of the " + std::string(source));
}

/// The largest magnitude whose squared distances in d dimensions cannot overflow, with room for the expanded form.
template <class T>
T largest_safe_magnitude(Index d) {
  return static_cast<T>(std::sqrt(static_cast<double>(std::numeric_limits<T>::max()) / 64 / static_cast<double>(d)));
}

/// Throws for an entry that is not finite, or so large that squared distances overflow.
/// @param row  of the entry, as the message counts it
template <class T>
[[noreturn]] void reject_entry(std::string_view function, std::string_view name, Index row, Index column, T value,
                               T safe) {
  const std::string entry = std::string(name) + "(" + to_text(row) + ", " + to_text(column) + ") = " + to_text(value);
  if (!std::isfinite(value)) reject(function, entry + " must be finite");
  reject(function, entry + " is too large: squared distances overflow; entries must be within ±" + to_text(safe) +
                       (sizeof(T) == 4 ? " (use double, or scale the data)" : " (scale the data)"));
}

/// Throws for the first entry of X, in row order, that is NaN, infinite, or so large that squared distances overflow.
/// One pass at the speed of memory; the entry is looked for only if there is one.
/// @param first_row  what the message calls row 0 of X.
template <class T>
void check_points(std::string_view function, const Points<T>& X, int threads, std::string_view name = "X",
                  Index first_row = 0) {
  const T safe = X.cols() > 0 ? largest_safe_magnitude<T>(X.cols()) : T(0);
  const auto bad = [&](T value) { return !(std::abs(value) <= safe); };
  const Chunks chunks(X.rows());
  std::vector<Index> suspect(static_cast<std::size_t>(chunks.count()), -1);
  parallel_for(threads, chunks.count(), [&](Index chunk) {
    const Index begin = chunks.begin(chunk), end = chunks.end(chunk);
    if (X.stride() == X.cols()) {
      if (bad(kernels::largest_magnitude(X.row(begin), (end - begin) * X.cols())))
        suspect[static_cast<std::size_t>(chunk)] = begin;
      return;
    }
    for (Index i = begin; i < end; ++i) {
      if (!bad(kernels::largest_magnitude(X.row(i), X.cols()))) continue;
      suspect[static_cast<std::size_t>(chunk)] = i;
      return;
    }
  });
  for (const Index from : suspect) {
    if (from < 0) continue;
    for (Index i = from; i < X.rows(); ++i) {
      for (Index j = 0; j < X.cols(); ++j) {
        if (bad(X(i, j))) reject_entry(function, name, first_row + i, j, X(i, j), safe);
      }
    }
  }
}

/// The same where NaN is a missing value.
template <class T>
void check_points_with_missing(std::string_view function, const Points<T>& X, int threads,
                               std::string_view name = "X") {
  if (X.cols() == 0) return;
  const T safe = largest_safe_magnitude<T>(X.cols());
  const Chunks chunks(X.rows());
  parallel_for(threads, chunks.count(), [&](Index chunk) {
    for (Index i = chunks.begin(chunk); i < chunks.end(chunk); ++i)
      for (Index j = 0; j < X.cols(); ++j)
        if (std::abs(X(i, j)) > safe) reject_entry(function, name, i, j, X(i, j), safe);
  });
}

/// Whether rows with missing values may be given to a callable.
template <class Callable>
inline constexpr bool accepts_missing = requires {
  requires Callable::accepts_missing_values;
};

/// What the rows given to a callable must satisfy.
template <class Callable, class T>
void check_points_of(std::string_view function, const Points<T>& X, int threads, std::string_view name = "X") {
  if constexpr (accepts_missing<Callable>)
    check_points_with_missing(function, X, threads, name);
  else
    check_points(function, X, threads, name);
}

}  // namespace detail
CORYMB_END
