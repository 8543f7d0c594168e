#pragma once

#include <corymb/core/detail/validate.hpp>
#include <corymb/distance/detail/kernels.hpp>
#include <corymb/neighbors/options.hpp>

#include <cstdint>
#include <limits>
#include <optional>
#include <string_view>

CORYMB_BEGIN
namespace detail {

/// What a kd-tree compares under a metric; nothing where it cannot be used.
inline std::optional<PairValue> tree_value_of(Metric metric) {
  switch (metric.kind()) {
    case Metric::Kind::euclidean: return PairValue::squared_euclidean;
    case Metric::Kind::manhattan: return PairValue::manhattan;
    case Metric::Kind::chebyshev: return PairValue::chebyshev;
    default: return std::nullopt;
  }
}

/// Columns up to which a tree is used where brute force computes all values.
inline constexpr Index most_tree_columns = 16;

/// Whether a kd-tree over n rows is to be used.
/// @throws InvalidArgument  it is asked for and cannot be
inline bool uses_tree(std::string_view function, Index n, Index d, const NeighborOptions& options) {
  const bool can = tree_value_of(options.metric.value_or(Metric::euclidean)).has_value();
  switch (options.search) {
    case NeighborSearch::kd_tree:
      if (!can) reject(function, "search = kd_tree needs the metric euclidean, manhattan or chebyshev");
      return true;
    case NeighborSearch::brute_force: return false;
    case NeighborSearch::automatic: break;
  }
  return can && d <= most_tree_columns && n >= 256;
}

/// Row numbers of neighbours are 32-bit.
inline void check_countable_rows(std::string_view function, std::string_view name, Index n) {
  constexpr Index most = std::numeric_limits<std::int32_t>::max();
  if (n > most) reject(function, std::string(name) + " has " + to_text(n) + " rows; at most " + to_text(most));
}

}  // namespace detail
CORYMB_END
