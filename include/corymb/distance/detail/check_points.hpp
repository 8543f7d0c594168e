#pragma once

#include <corymb/core/detail/memory.hpp>
#include <corymb/core/detail/validate.hpp>
#include <corymb/core/execution.hpp>
#include <corymb/core/parallel.hpp>
#include <corymb/core/points.hpp>
#include <corymb/distance/detail/kernels.hpp>

#include <cmath>
#include <limits>
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

/// The largest magnitude whose squared distances in d dimensions cannot overflow, with room for the expanded form.
template <class T>
T largest_safe_magnitude(Index d) {
  return static_cast<T>(std::sqrt(static_cast<double>(std::numeric_limits<T>::max()) / 64 / static_cast<double>(d)));
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
        if (!bad(X(i, j))) continue;
        const std::string entry =
            std::string(name) + "(" + to_text(first_row + i) + ", " + to_text(j) + ") = " + to_text(X(i, j));
        if (!std::isfinite(X(i, j))) reject(function, entry + " must be finite");
        reject(function, entry + " is too large: squared distances overflow; entries must be within ±" + to_text(safe) +
                             (sizeof(T) == 4 ? " (use double, or scale the data)" : " (scale the data)"));
      }
    }
  }
}

}  // namespace detail
CORYMB_END
