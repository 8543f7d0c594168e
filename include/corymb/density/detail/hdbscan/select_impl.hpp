#pragma once

#include <corymb/core/detail/validate.hpp>
#include <corymb/density/cluster_selection.hpp>
#include <corymb/density/detail/hdbscan/best_clusters.hpp>

#include <algorithm>
#include <cmath>
#include <string_view>
#include <utility>

CORYMB_BEGIN
namespace detail {

inline constexpr std::string_view select_name = "select";

/// @param function  on whose behalf
inline void check_selection(std::string_view function, const SelectionOptions& options) {
  if (!(options.epsilon >= 0) || std::isinf(options.epsilon))
    reject(function, "epsilon = " + to_text(options.epsilon) + " must be finite and ≥ 0");
  if (!(options.epsilon_max > 0)) reject(function, "epsilon_max = " + to_text(options.epsilon_max) + " must be > 0");
  if (options.epsilon_max < options.epsilon)
    reject(function,
           "epsilon_max = " + to_text(options.epsilon_max) + " must be at least epsilon = " + to_text(options.epsilon));
  if (!(options.max_cluster_size >= 1))
    reject(function, "max_cluster_size = " + to_text(options.max_cluster_size) + " must be ≥ 1");
  if (!options.clusters) return;
  if (*options.clusters < 1) reject(function, "clusters = " + to_text(*options.clusters) + " must be ≥ 1");
  if (options.method == SelectionMethod::leaf)
    reject(function, "clusters cannot be asked for with method = leaf, which takes all leaves");
  if (options.epsilon > 0) reject(function, "clusters cannot be asked for with epsilon, which changes their number");
}

/// Which clusters of a tree make the flat clustering.
class ClusterSelector {
 public:
  ClusterSelector(const CondensedTree& tree, const SelectionOptions& options)
      : tree_(tree), options_(options), eligible_(tree.parent.size()) {
    for (std::size_t c = 0; c < eligible_.size(); ++c) eligible_[c] = is_eligible(c);
  }

  /// By cluster: whether it is selected.
  /// @param function  on whose behalf
  std::vector<bool> run(std::string_view function) const {
    if (options_.clusters) return best_clusters(function, tree_, eligible_, *options_.clusters);
    std::vector<bool> selected = options_.method == SelectionMethod::leaf ? leaves() : of_most_mass();
    return options_.epsilon > 0 ? joined(selected) : selected;
  }

 private:
  static std::size_t at(Index number) { return static_cast<std::size_t>(number); }
  double birth_distance(std::size_t c) const { return 1 / tree_.birth[c]; }

  // What holds for a cluster holds for all those below it.
  bool is_eligible(std::size_t c) const {
    const bool is_root = tree_.parent[c] < 0;
    if (is_root && (!options_.allow_single_cluster || tree_.size[c] < static_cast<double>(tree_.min_cluster_size)))
      return false;
    return tree_.size[c] <= options_.max_cluster_size && birth_distance(c) <= options_.epsilon_max;
  }

  std::vector<bool> leaves() const {
    std::vector<bool> selected = eligible_;
    for (const std::int32_t above : tree_.parent)
      if (above >= 0) selected[at(above)] = false;
    return selected;
  }

  // A cluster, unless those below it have more mass together.
  std::vector<bool> of_most_mass() const {
    const std::size_t clusters = eligible_.size();
    std::vector<std::vector<double>> below(clusters);  // by cluster: the masses of its children
    std::vector<bool> selected(clusters, false);
    for (std::size_t c = clusters; c-- > 0;) {
      std::sort(below[c].begin(), below[c].end());  // so that their sum does not depend on the order of the rows
      double mass = 0;
      for (const double part : below[c]) mass += part;
      below[c] = {};
      if (eligible_[c] && !is_more(mass, tree_.stability[c])) {
        selected[c] = true;
        mass = tree_.stability[c];
      }
      if (tree_.parent[c] >= 0) below[at(tree_.parent[c])].push_back(mass);
    }
    return topmost(std::move(selected));
  }

  // Without those below others that are selected.
  std::vector<bool> topmost(std::vector<bool> selected) const {
    std::vector<bool> is_covered(selected.size(), false);
    for (std::size_t c = 0; c < selected.size(); ++c) {
      const Index above = tree_.parent[c];
      is_covered[c] = above >= 0 && (selected[at(above)] || is_covered[at(above)]);
      if (is_covered[c]) selected[c] = false;
    }
    return selected;
  }

  std::vector<bool> joined(const std::vector<bool>& selected) const {
    std::vector<bool> result(selected.size(), false);
    for (std::size_t c = 0; c < selected.size(); ++c) {
      if (!selected[c]) continue;
      std::size_t of = c;
      while (birth_distance(of) < options_.epsilon && tree_.parent[of] >= 0 && eligible_[at(tree_.parent[of])])
        of = at(tree_.parent[of]);
      result[of] = true;
    }
    return result;
  }

  const CondensedTree& tree_;
  const SelectionOptions& options_;
  std::vector<bool> eligible_;
};

/// What becomes of places in a tree when some of its clusters are selected.
class Selection {
 public:
  /// @param cluster  by label: the selected cluster
  Selection(const CondensedTree& tree, const std::vector<std::int32_t>& cluster, double epsilon)
      : tree_(tree), cluster_(cluster), epsilon_(epsilon), label_(tree.parent.size(), noise) {
    for (std::size_t label = 0; label < cluster.size(); ++label)
      label_[static_cast<std::size_t>(cluster[label])] = static_cast<std::int32_t>(label);
    for (std::size_t c = 1; c < label_.size(); ++c)
      if (label_[c] == noise) label_[c] = label_[static_cast<std::size_t>(tree.parent[c])];
  }

  /// The label of a row that leaves a cluster at λ.
  std::int32_t label(std::int32_t cluster, double lambda) const {
    if (cluster < 0) return noise;
    const std::int32_t of = label_[static_cast<std::size_t>(cluster)];
    if (of == noise || cluster_[static_cast<std::size_t>(of)] > 0) return of;
    // The root has rows that never joined others.
    return lambda > 0 && (epsilon_ == 0 || 1 / lambda <= epsilon_) ? of : noise;
  }

  /// How far up to the densest part of a cluster a row at λ stays in it.
  double probability(std::int32_t label, double lambda) const {
    if (label == noise) return 0;
    const double death = tree_.death[static_cast<std::size_t>(cluster_[static_cast<std::size_t>(label)])];
    return lambda >= death ? 1 : lambda / death;
  }

 private:
  const CondensedTree& tree_;
  const std::vector<std::int32_t>& cluster_;
  double epsilon_;
  std::vector<std::int32_t> label_;  // by cluster of the tree
};

/// The labels of all rows; clusters that no row is left in have none.
inline SelectedClusters label_rows(const CondensedTree& tree, const std::vector<bool>& selected, double epsilon) {
  std::vector<std::int32_t> chosen;
  for (std::size_t c = 0; c < selected.size(); ++c)
    if (selected[c]) chosen.push_back(static_cast<std::int32_t>(c));
  const Selection selection(tree, chosen, epsilon);
  SelectedClusters result{Labels(tree.rows), Vector(tree.rows), {}};
  std::vector<std::int32_t> number(chosen.size(), noise);
  for (Index row = 0; row < tree.rows; ++row) {
    const double lambda = tree.row_lambda[static_cast<std::size_t>(row)];
    const std::int32_t of = selection.label(tree.row_cluster[static_cast<std::size_t>(row)], lambda);
    result.probabilities[row] = selection.probability(of, lambda);
    result.labels[row] = noise;
    if (of == noise) continue;
    std::int32_t& label = number[static_cast<std::size_t>(of)];
    if (label == noise) {
      label = static_cast<std::int32_t>(result.cluster.size());
      result.cluster.push_back(chosen[static_cast<std::size_t>(of)]);
    }
    result.labels[row] = label;
  }
  return result;
}

}  // namespace detail

inline SelectedClusters select(const CondensedTree& tree, const SelectionOptions& options) {
  detail::check_selection(detail::select_name, options);
  return detail::label_rows(tree, detail::ClusterSelector(tree, options).run(detail::select_name), options.epsilon);
}

CORYMB_END
