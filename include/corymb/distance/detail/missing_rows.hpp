#pragma once

#include <corymb/core/execution.hpp>
#include <corymb/distance/detail/check_points.hpp>

#include <algorithm>
#include <cmath>
#include <string_view>
#include <vector>

CORYMB_BEGIN
namespace detail {

/// Checks rows, and lists those with missing values, ascending, if these are allowed.
/// @tparam Callable  the distance of the caller's own, if there is one
template <class Callable = void, class T>
std::vector<Index> missing_rows(std::string_view function, const Points<T>& X, bool allowed, const Execution& execution,
                                std::string_view name = "X") {
  const int threads = resolve_threads(execution.threads);
  std::vector<Index> rows;
  if (!allowed) {
    check_points_of<Callable>(function, X, threads, name);
    return rows;
  }
  check_points_with_missing(function, X, threads, name);
  for (Index i = 0; i < X.rows(); ++i)
    if (std::any_of(X[i].begin(), X[i].end(), [](T entry) { return std::isnan(entry); })) rows.push_back(i);
  return rows;
}

/// The rows up to n that are not listed.
inline std::vector<Index> other_rows(Index n, const std::vector<Index>& listed) {
  std::vector<Index> rows;
  rows.reserve(static_cast<std::size_t>(n) - listed.size());
  auto next = listed.begin();
  for (Index i = 0; i < n; ++i)
    if (next != listed.end() && *next == i)
      ++next;
    else
      rows.push_back(i);
  return rows;
}

}  // namespace detail
CORYMB_END
