#pragma once

#include <corymb/core/execution.hpp>
#include <corymb/core/types.hpp>
#include <corymb/distance/metric.hpp>

#include <optional>

CORYMB_BEGIN

/// How neighbours are found. Changes time and memory, never the result.
enum class NeighborSearch {
  automatic,    ///< kd_tree where it can be used and pays: in few columns, or where a sample of the rows says so
  kd_tree,      ///< a tree of boxes; for euclidean, manhattan and chebyshev
  brute_force,  ///< all pairs, none of them kept; any metric
};

/// Settings of all functions that look for neighbours.
struct NeighborOptions {
  std::optional<Metric> metric = {};  ///< empty = euclidean; must be empty with a callable or a matrix
  NeighborSearch search = NeighborSearch::automatic;
  Execution execution = {};
};

CORYMB_END
