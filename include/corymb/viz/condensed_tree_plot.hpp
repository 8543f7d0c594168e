#pragma once

#include <corymb/core/types.hpp>
#include <corymb/density/condensed_tree.hpp>
#include <corymb/viz/picture.hpp>

#include <cstdint>
#include <string>
#include <vector>

CORYMB_BEGIN

/// What the upright axis of condensed_tree_plot() shows, from the top downwards.
enum class TreeAxis {
  lambda,    ///< λ = 1 / distance, growing: on a linear scale the area of a cluster is its stability
  distance,  ///< the distance, falling, in the units of the data
};

enum class TreeScale {
  automatic,  ///< linear, unless clusters are clearly higher on the logarithmic one
  linear,
  logarithmic,
};

/// Options of condensed_tree_plot().
struct CondensedTreePlotOptions {
  std::string title = {};
  /// The name of label c, for the legend and beside its cluster; labels beyond the list, or with an empty name, are
  /// shown as numbers.
  std::vector<std::string> cluster_names = {};
  /// One weight ≥ 0 per row, as they were when the tree was made; empty = all 1.
  Vector weights = {};
  TreeAxis axis = TreeAxis::lambda;
  TreeScale scale = TreeScale::automatic;
  bool legend = true;
  double width = 640;   ///< pixels, at least 160
  double height = 480;  ///< pixels, at least 120
};

/// A condensed tree from the root downwards: at every λ a cluster is as wide as it then has rows, or their weight.
///
/// Where a cluster splits, its children stand side by side below it, the larger one to the left. Selected clusters have
/// the colours that scatter() gives to their labels, those below them paler ones; all others are grey. A label is
/// written in its cluster, or below or beside it, where there is room.
///
/// The axis shows the range of λ in which something happens. It begins above the first split and where 1 % of the rows
/// have left at the latest, a linear one of λ at 0 if that is near. It ends below the last split and where 99 % of the
/// rows have left at the earliest. A cluster that reaches the lower edge goes on below it: with a few rows that are
/// much denser than the others, or, if rows have min_samples duplicates, to λ = ∞.
///
/// Edges are rounded to 0.1 pixel across and 0.5 up; rows that then leave together share a step, and clusters that are
/// not selected and too small to be seen are left out. So a tree of a million rows is a small file. Selected clusters
/// are at least a pixel wide and high.
/// @param selected  by label, the cluster of the tree: SelectedClusters::cluster; no two share rows; empty = none
/// @throws InvalidArgument  a tree that is none: vectors that differ in size, a parent that does not come before its
///         child, a death before the birth, a birth before the death of the parent, a row_lambda that is negative, any
///         of them not a number, a row of a cluster that there is not; selected clusters that the tree does not have or
///         that share rows; weights that are negative, not finite or not one per row; a size of the picture out of its
///         range.
/// @note Time O(n log n + c log c) for c clusters, memory O(n + c).
Picture condensed_tree_plot(const CondensedTree& tree, const std::vector<std::int32_t>& selected = {},
                            const CondensedTreePlotOptions& options = {});

CORYMB_END

#include <corymb/viz/detail/condensed_tree_plot.hpp>
