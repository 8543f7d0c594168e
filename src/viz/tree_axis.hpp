#pragma once

#include <corymb/viz/detail/condensed_tree_task.hpp>

#include <vector>

#include "viz/axis.hpp"

// The upright axis of a condensed tree: which scale, and which part of it.
namespace corymb::compiled {

/// Where a λ stands. The place of a λ grows with it, which is downwards in the picture: λ, log10 λ or −1 / λ.
struct TreeScaling {
  bool distance = false;
  bool logarithmic = false;

  double place(double lambda) const;
};

struct TreeRange {
  TreeScaling scaling;
  Range places;

  /// What the axis shows: a range of λ or of distances, or of their common logarithms.
  Range shown() const;
};

/// @param sizes  by cluster, when it is born
TreeRange tree_range(const CondensedTreeTask& task, const std::vector<double>& sizes);

/// The pixel of a λ on the axis made for the range, at the edge where it is beyond.
double pixel_of(double lambda, const TreeRange& range, const Axis& axis);

}  // namespace corymb::compiled
