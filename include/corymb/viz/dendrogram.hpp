#pragma once

#include <corymb/core/types.hpp>
#include <corymb/hierarchy/dendrogram.hpp>
#include <corymb/viz/picture.hpp>

#include <optional>
#include <string>
#include <vector>

CORYMB_BEGIN

/// Options of dendrogram_plot(). At most one of clusters and cut_height colours the tree.
struct DendrogramPlotOptions {
  std::string title = {};
  /// The clusters of cut_into(tree, clusters) have the colours that scatter() gives to their labels.
  std::optional<Index> clusters = {};
  /// Likewise those of cut(tree, cut_height).
  std::optional<double> cut_height = {};
  /// The last merges are shown, of so many clusters at most; at least 2. Fewer = the outline of a large hierarchy.
  Index most_leaves = 50;
  /// One per row, for the leaves that are single rows; empty = row numbers.
  std::vector<std::string> row_names = {};
  /// The name of label c, for the legend; labels beyond the list, or with an empty name, are shown as numbers.
  std::vector<std::string> cluster_names = {};
  bool legend = true;
  double width = 640;   ///< pixels, at least 160
  double height = 480;  ///< pixels, at least 120
};

/// A hierarchy from the leaves upwards: two clusters are joined by a bar at the height of their merge. A dashed line is
/// where the tree is cut. A leaf of several rows is a wedge as high as their last merge, and below it stands, in
/// parentheses, how many there are.
/// @throws InvalidArgument  a tree that is none: nodes that do not exist yet or are used twice, heights that descend or
///         are not finite; clusters and cut_height together, or out of their range; fewer than 2 leaves; names that are
///         not one per row; a size of the picture out of its range.
/// @note Time and memory O(n).
Picture dendrogram_plot(const Dendrogram& tree, const DendrogramPlotOptions& options = {});

CORYMB_END

#include <corymb/viz/detail/dendrogram.hpp>
