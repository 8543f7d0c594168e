#pragma once

#include <corymb/core/detail/validate.hpp>
#include <corymb/viz/condensed_tree_plot.hpp>
#include <corymb/viz/detail/check_size.hpp>
#include <corymb/viz/detail/condensed_tree_task.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

CORYMB_BEGIN
namespace detail {

inline constexpr std::string_view condensed_tree_plot_name = "condensed_tree_plot";

inline std::string entry_of(std::string_view vector, std::size_t i) {
  return std::string(vector).append("[").append(to_text(i)).append("]");
}

template <class T>
void check_tree_vector(std::string_view name, const std::vector<T>& values, std::size_t size, std::string_view per) {
  if (values.size() != size)
    reject(condensed_tree_plot_name, std::string(name) + " has " + to_text(values.size()) + " entries; one per " +
                                         std::string(per) + ", " + to_text(size) + ", is needed");
}

inline void check_tree_cluster(const CondensedTree& tree, std::size_t c) {
  const std::int32_t above = tree.parent[c];
  if (c == 0 ? above != -1 : above < 0 || static_cast<std::size_t>(above) >= c)
    reject(condensed_tree_plot_name, entry_of("tree.parent", c) + " = " + to_text(above) +
                                         (c == 0 ? " must be -1, of the root" : " must be a cluster before it"));
  const double from = c == 0 ? 0 : tree.death[static_cast<std::size_t>(above)];
  if (!(tree.birth[c] >= from))
    reject(condensed_tree_plot_name, entry_of("tree.birth", c) + " = " + to_text(tree.birth[c]) + " must be ≥ " +
                                         (c == 0 ? "0" : "the death of its parent = " + to_text(from)));
  if (!(tree.death[c] >= tree.birth[c]))
    reject(condensed_tree_plot_name, entry_of("tree.death", c) + " = " + to_text(tree.death[c]) +
                                         " must be ≥ its birth = " + to_text(tree.birth[c]));
}

inline void check_condensed_tree(const CondensedTree& tree) {
  const std::size_t clusters = tree.parent.size(), rows = static_cast<std::size_t>(tree.rows);
  check_tree_vector("tree.birth", tree.birth, clusters, "cluster");
  check_tree_vector("tree.death", tree.death, clusters, "cluster");
  check_tree_vector("tree.row_cluster", tree.row_cluster, rows, "row");
  check_tree_vector("tree.row_lambda", tree.row_lambda, rows, "row");
  for (std::size_t c = 0; c < clusters; ++c) check_tree_cluster(tree, c);
  for (std::size_t i = 0; i < rows; ++i) {
    const std::int32_t cluster = tree.row_cluster[i];
    if (cluster < -1 || (cluster >= 0 && static_cast<std::size_t>(cluster) >= clusters))
      reject(condensed_tree_plot_name, entry_of("tree.row_cluster", i) + " = " + to_text(cluster) +
                                           " must be in [-1, clusters = " + to_text(clusters) + ")");
    if (!(tree.row_lambda[i] >= 0))
      reject(condensed_tree_plot_name,
             entry_of("tree.row_lambda", i) + " = " + to_text(tree.row_lambda[i]) + " must be ≥ 0");
  }
}

/// Selected clusters, none of which is another one or below it.
inline void check_selected(const CondensedTree& tree, const std::vector<std::int32_t>& selected) {
  const std::size_t clusters = tree.parent.size();
  constexpr std::int32_t none = -1;
  std::vector<std::int32_t> label(clusters, none);  // by cluster: which label holds its rows
  for (std::size_t i = 0; i < selected.size(); ++i) {
    const std::int32_t cluster = selected[i];
    if (cluster < 0 || static_cast<std::size_t>(cluster) >= clusters)
      reject(condensed_tree_plot_name, entry_of("selected", i) + " = " + to_text(cluster) +
                                           " must be in [0, clusters = " + to_text(clusters) + ")");
    std::int32_t& of = label[static_cast<std::size_t>(cluster)];
    if (of != none)
      reject(condensed_tree_plot_name, entry_of("selected", i) + " = " + to_text(cluster) + " is also " +
                                           entry_of("selected", static_cast<std::size_t>(of)));
    of = static_cast<std::int32_t>(i);
  }
  for (std::size_t c = 1; c < clusters; ++c) {
    const std::int32_t above = label[static_cast<std::size_t>(tree.parent[c])];
    if (above == none) continue;
    if (label[c] != none)
      reject(condensed_tree_plot_name, entry_of("selected", static_cast<std::size_t>(label[c])) + " = " + to_text(c) +
                                           " is a part of " + entry_of("selected", static_cast<std::size_t>(above)) +
                                           " = " + to_text(selected[static_cast<std::size_t>(above)]) +
                                           "; no two may share rows");
    label[c] = above;
  }
}

}  // namespace detail

inline Picture condensed_tree_plot(const CondensedTree& tree, const std::vector<std::int32_t>& selected,
                                   const CondensedTreePlotOptions& options) {
  detail::check_picture_size(detail::condensed_tree_plot_name, options.width, options.height);
  detail::check_condensed_tree(tree);
  detail::check_selected(tree, selected);
  detail::check_weights(detail::condensed_tree_plot_name, options.weights, tree.rows);
  compiled::CondensedTreeTask task;
  task.clusters = tree.clusters();
  task.parent = tree.parent.data();
  task.birth = tree.birth.data();
  task.death = tree.death.data();
  task.rows = tree.rows;
  task.row_cluster = tree.row_cluster.data();
  task.row_lambda = tree.row_lambda.data();
  if (options.weights.size() > 0) task.weights = options.weights.data();
  task.labels = static_cast<Index>(selected.size());
  task.selected = selected.data();
  task.cluster_names = options.cluster_names;
  task.title = options.title;
  task.distance = options.axis == TreeAxis::distance;
  task.scale = options.scale == TreeScale::automatic ? compiled::TreeAxisScale::automatic
               : options.scale == TreeScale::linear  ? compiled::TreeAxisScale::linear
                                                     : compiled::TreeAxisScale::logarithmic;
  task.legend = options.legend;
  task.width = options.width;
  task.height = options.height;
  return compiled::condensed_tree_plot(task);
}

CORYMB_END
