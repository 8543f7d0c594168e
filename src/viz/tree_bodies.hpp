#pragma once

#include <corymb/viz/detail/condensed_tree_task.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "viz/frame.hpp"

// Clusters of a condensed tree as bodies that hang below each other.
namespace corymb::compiled {

/// A body as boxes from the top downwards, each one below and within the one before. Edges are multiples of 0.1 pixel
/// across and of 0.5 up. Empty where nothing can be seen.
using Body = std::vector<Box>;

class TreeLayout {
 public:
  explicit TreeLayout(const CondensedTreeTask& task);

  /// By cluster: what its rows weigh when it is born.
  const std::vector<double>& sizes() const { return size_; }
  /// Clusters from the root, each one before those below it and all of those before its next sibling.
  const std::vector<std::int32_t>& order() const { return order_; }

  /// @param y        the pixel of a λ
  /// @param visible  whether it is at least a pixel wide and high
  Body body(std::ptrdiff_t c, const Axis& x, const std::function<double(double)>& y, bool visible) const;

 private:
  void sort_rows();
  void place_clusters();

  const CondensedTreeTask& task_;
  std::vector<std::int32_t> row_;   // the rows that are last in cluster c are those from first_[c], by ascending λ
  std::vector<std::size_t> first_;  // by cluster, and the end
  std::vector<double> own_;         // by cluster: what its rows weigh
  std::vector<double> size_;        // by cluster: and those of the clusters below it
  std::vector<double> left_;        // by cluster: where the part of the axis that is its own begins
  std::vector<std::int32_t> order_;
};

}  // namespace corymb::compiled
