#pragma once

#include <corymb/core/detail/validate.hpp>
#include <corymb/viz/dendrogram.hpp>
#include <corymb/viz/detail/check_size.hpp>
#include <corymb/viz/detail/dendrogram_task.hpp>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

CORYMB_BEGIN
namespace detail {

inline constexpr std::string_view dendrogram_plot_name = "dendrogram_plot";

inline void check_dendrogram(const Dendrogram& tree) {
  constexpr std::string_view function = dendrogram_plot_name;
  const auto n = static_cast<std::size_t>(tree.rows);
  std::vector<bool> is_used(n + tree.merges.size(), false);
  for (std::size_t m = 0; m < tree.merges.size(); ++m) {
    const Merge& merge = tree.merges[m];
    const std::string name = "tree.merges[" + to_text(m) + "]";
    for (const std::int32_t node : {merge.a, merge.b}) {
      if (node < 0 || static_cast<std::size_t>(node) >= n + m)
        reject(function, name + " joins node " + to_text(node) + ", which there is not yet");
      if (is_used[static_cast<std::size_t>(node)])
        reject(function, name + " joins node " + to_text(node) + ", which is joined already");
      is_used[static_cast<std::size_t>(node)] = true;
    }
    if (!(merge.height >= (m > 0 ? tree.merges[m - 1].height : 0)) || std::isinf(merge.height))
      reject(function,
             name + ".height = " + to_text(merge.height) + " must be finite, ≥ 0 and not below the one before");
  }
}

/// Halfway between the merges that a cut keeps and those that it undoes.
inline double height_between(const Dendrogram& tree, Index clusters) {
  const std::size_t merges = tree.merges.size(), kept = merges + 1 - static_cast<std::size_t>(clusters);
  const double below = kept > 0 ? tree.merges[kept - 1].height : 0;
  const double above = kept < merges ? tree.merges[kept].height : merges > 0 ? 1.04 * below : 1;
  return below + (above - below) / 2;
}

inline void check_dendrogram_options(const Dendrogram& tree, const DendrogramPlotOptions& options) {
  constexpr std::string_view function = dendrogram_plot_name;
  check_picture_size(function, options.width, options.height);
  if (options.clusters && options.cut_height) reject(function, "clusters and cut_height exclude each other");
  const Index present = tree.rows - static_cast<Index>(tree.absent.size());
  if (options.clusters && (*options.clusters < 1 || *options.clusters > present))
    reject(function, "clusters = " + to_text(*options.clusters) + " must be in [1, n = " + to_text(present) + "]");
  if (options.cut_height && !(*options.cut_height >= 0))
    reject(function, "cut_height = " + to_text(*options.cut_height) + " must be ≥ 0");
  if (options.most_leaves < 2) reject(function, "most_leaves = " + to_text(options.most_leaves) + " must be ≥ 2");
  if (!options.row_names.empty() && options.row_names.size() != static_cast<std::size_t>(tree.rows))
    reject(function, "row_names has " + to_text(options.row_names.size()) + " entries; one per row, " +
                         to_text(tree.rows) + ", is needed");
}

}  // namespace detail

inline Picture dendrogram_plot(const Dendrogram& tree, const DendrogramPlotOptions& options) {
  detail::check_dendrogram_options(tree, options);
  detail::check_dendrogram(tree);
  compiled::DendrogramTask task;
  task.rows = tree.rows;
  for (const Merge& merge : tree.merges) {
    task.a.push_back(merge.a);
    task.b.push_back(merge.b);
    task.size.push_back(merge.size);
    task.merge_height.push_back(merge.height);
  }
  Labels labels;
  if (options.clusters) {
    labels = cut_into(tree, *options.clusters);
    task.cut = detail::height_between(tree, *options.clusters);
  } else if (options.cut_height) {
    labels = cut(tree, *options.cut_height);
    task.cut = *options.cut_height;
  }
  if (labels.size() > 0) {
    task.labels = labels.data();
    task.clusters = labels.maxCoeff() + 1;
  }
  task.most_leaves = options.most_leaves;
  task.row_names = options.row_names;
  task.cluster_names = options.cluster_names;
  task.title = options.title;
  task.legend = options.legend;
  task.width = options.width;
  task.height = options.height;
  return compiled::dendrogram_plot(task);
}

CORYMB_END
