#pragma once

#include <corymb/core/types.hpp>
#include <corymb/density/condensed_tree.hpp>

#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

CORYMB_BEGIN

/// Which clusters of a condensed tree make a flat clustering.
enum class SelectionMethod {
  excess_of_mass,  ///< those whose stabilities have the largest sum; where a cluster equals its children, the cluster
  leaf,            ///< those without children: finer, and more alike in size
};

struct SelectionOptions {
  SelectionMethod method = SelectionMethod::excess_of_mass;
  /// ≥ 0, a distance: clusters that part below it stay together. Each selected cluster that was born at a distance
  /// below epsilon is replaced by the lowest one above it that was not (or by the topmost that may be selected).
  double epsilon = 0;
  /// > 0, a distance: clusters born above it are not selected. 0 < epsilon_max < epsilon is an error.
  double epsilon_max = std::numeric_limits<double>::infinity();
  /// ≥ 1, in rows or weight: larger clusters are not selected, their parts may be.
  double max_cluster_size = std::numeric_limits<double>::infinity();
  /// Whether the root, which holds all rows, may be selected.
  bool allow_single_cluster = false;
  /// So many clusters, no two of which share rows, with the largest sum of stabilities; for excess_of_mass and
  /// epsilon = 0. Empty = as many as it takes.
  std::optional<Index> clusters = {};
};

/// A flat clustering out of a condensed tree.
struct SelectedClusters {
  Labels labels;                      ///< n; clusters are numbered by their lowest row, noise is −1
  Vector probabilities;               ///< n, in [0, 1]: λ(row) / death of its cluster, at most 1; 0 for noise
  std::vector<std::int32_t> cluster;  ///< by label: which one of the tree it is
};

/// Selects clusters, no two of which share rows. A row belongs to the selected cluster that it was in. Where that is
/// the root, rows that leave it at a distance above epsilon are noise, if epsilon > 0.
/// @throws InvalidArgument  an option out of its range.
/// @throws NumericalError   the tree does not have as many clusters as options.clusters asks for.
/// @note Stabilities that differ by less than a 10^-12th part are equal. Time and memory O(n + c) for c clusters of the
///       tree, O(n + c k) where k are asked for. R. J. G. B. Campello, D. Moulavi, J. Sander, "Density-based clustering
///       based on hierarchical density estimates", PAKDD 2013. C. Malzer, M. Baum, "A hybrid approach to hierarchical
///       density-based cluster selection", MFI 2020, for epsilon.
inline SelectedClusters select(const CondensedTree& tree, const SelectionOptions& options = {});

CORYMB_END

#include <corymb/density/detail/hdbscan/select_impl.hpp>
