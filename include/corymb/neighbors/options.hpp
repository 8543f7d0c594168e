#pragma once

#include <corymb/core/execution.hpp>
#include <corymb/core/types.hpp>
#include <corymb/distance/metric.hpp>

#include <optional>

CORYMB_BEGIN

/// How neighbours are found. Changes time and memory, never the result.
enum class NeighborSearch {
  automatic,  ///< a tree where one can be used and pays: in few columns, or where a sample of the rows says so; never
              ///< with a callable
  kd_tree,    ///< a tree of boxes; for euclidean, manhattan, chebyshev, and haversine on data in double
  /// A tree of balls, by the triangle inequality; for manhattan, chebyshev, minkowski, canberra, hamming and jaccard.
  /// With a callable, or objects of dissimilarity(), it is a promise that the distance is a metric: symmetric, 0
  /// between equals, and never longer than by way of a third, but for rounding (a 10^-9th part; a 10^-4th in float).
  ball_tree,
  brute_force,  ///< all pairs, none of them kept; any metric
};

/// Settings of all functions that look for neighbours.
struct NeighborOptions {
  std::optional<Metric> metric = {};  ///< empty = euclidean; must be empty with a callable or a matrix
  NeighborSearch search = NeighborSearch::automatic;
  Execution execution = {};
};

CORYMB_END
