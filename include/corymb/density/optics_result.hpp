#pragma once

#include <corymb/core/types.hpp>

#include <cstdint>
#include <limits>
#include <vector>

CORYMB_BEGIN

/// What optics() finds: rows in an order in which those that are dense together stand together, and how dense they are.
/// reachability[ordering[0]], reachability[ordering[1]], … is the reachability plot: clusters are its valleys. cut()
/// and xi_clusters() find them.
struct OpticsResult {
  /// n row numbers, in the order in which the rows were taken.
  std::vector<std::int32_t> ordering;
  /// By row: the smallest distance at which the rows before it in the ordering reach it, which is never smaller than
  /// the core distance of the one that does. Infinite where none does: the row begins a component.
  Vector reachability;
  /// By row: the distance of its min_samples-th nearest row, itself included. Infinite where that is beyond max_eps.
  Vector core_distances;
  /// By row: the row that reaches it at its reachability, the first in the ordering if several do; −1 = none.
  std::vector<std::int32_t> predecessor;

  Index min_samples = 1;                                     ///< as it was asked for
  double max_eps = std::numeric_limits<double>::infinity();  ///< likewise
};

CORYMB_END
