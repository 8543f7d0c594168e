#pragma once

#include <corymb/core/detail/validate.hpp>

#include <cmath>
#include <string_view>

CORYMB_BEGIN
namespace detail {

/// Distances at which rows become core: none at all, or one per row, finite and ≥ 0.
inline void check_core_distances(std::string_view function, const Vector& core, Index n) {
  if (core.size() == 0) return;
  if (core.size() != n)
    reject(function,
           "core_distances has " + to_text(core.size()) + " entries; one per row, n = " + to_text(n) + ", is needed");
  for (Index i = 0; i < n; ++i)
    if (!(core[i] >= 0) || std::isinf(core[i]))
      reject(function, "core_distances(" + to_text(i) + ") = " + to_text(core[i]) + " must be finite and ≥ 0");
}

}  // namespace detail
CORYMB_END
