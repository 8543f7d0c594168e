#pragma once

#include <corymb/core/execution.hpp>
#include <corymb/core/types.hpp>
#include <corymb/distance/metric.hpp>

#include <optional>

CORYMB_BEGIN

/// How neighbours are found. Changes time and memory, never the result.
enum class NeighborSearch {
  automatic,    ///< kd_tree where it can be used and pays: in few dimensions
  kd_tree,      ///< a tree of boxes; for euclidean, manhattan, chebyshev, and haversine on data in double
  brute_force,  ///< all distances, none of them kept
};

/// Settings of all functions that look for neighbours.
struct NeighborOptions {
  std::optional<Metric> metric = {};  ///< empty = euclidean; must be empty with a callable or a matrix
  NeighborSearch search = NeighborSearch::automatic;
  Execution execution = {};
};

CORYMB_END
