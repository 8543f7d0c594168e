#pragma once

#include <corymb/core/types.hpp>
#include <corymb/graph/single_linkage.hpp>

#include <cstdint>
#include <vector>

CORYMB_BEGIN

/// A hierarchy of clusters of at least some size: as λ = 1 / distance grows from 0, clusters lose rows, split and end.
/// Cluster 0 is the root, which holds all rows. The others are numbered by ascending birth, those born together by
/// their lowest rows, so a parent comes before its children.
struct CondensedTree {
  Index rows = 0;              ///< n
  Index min_cluster_size = 2;  ///< as it was asked for

  std::vector<std::int32_t> parent;  ///< by cluster; −1 for the root
  std::vector<double> birth;         ///< by cluster: the λ at which its parent splits; 0 for the root
  std::vector<double> death;         ///< by cluster: the λ at which it splits or its last row leaves; may be infinite
  std::vector<double> size;          ///< by cluster: rows when it is born, or the sum of their weights
  /// By cluster, its excess of mass: the sum of λ − birth over its rows, where λ is that at which the row leaves the
  /// cluster, at its death at the latest. Infinite where rows have min_samples duplicates.
  std::vector<double> stability;
  /// By cluster, in [0, 1]: the share of the range from λ = 0 to its death that a row of it spends in it, on average:
  /// stability / (size · death).
  std::vector<double> persistence;

  std::vector<std::int32_t> row_cluster;  ///< by row: the last cluster that it is in; −1 = it is in none
  std::vector<double> row_lambda;         ///< by row: the λ at which it leaves that cluster

  Index clusters() const { return static_cast<Index>(parent.size()); }
};

struct CondenseOptions {
  /// One weight ≥ 0 per row; empty = all 1. A row counts as often as its weight says.
  Vector weights = {};
  /// By row, the distance at which its copies join each other, of use where weights are: a row that weighs at least
  /// min_cluster_size is a cluster by itself down to this distance. Empty = 0.
  Vector core_distances = {};
};

/// The condensed tree of a hierarchy: going down, a set of fewer than min_cluster_size rows is not a cluster, and its
/// rows leave the cluster that they were in. Where two or more large sets part, the cluster splits. Where one remains,
/// it is the same cluster.
///
/// Where the hierarchy has several components, they part at λ = 0.
/// @param tree              such as single_linkage gives of a spanning tree of mutual reachability distances
/// @param min_cluster_size  ≥ 2
/// @throws InvalidArgument  min_cluster_size < 2, a height that is negative or not a number, weights or core distances
///         that are negative or not one per row.
/// @note Time O(n log n), memory O(n). R. J. G. B. Campello, D. Moulavi, A. Zimek, J. Sander, "Hierarchical density
///       estimates for data clustering, visualization, and outlier detection", ACM Transactions on Knowledge Discovery
///       from Data 10 (2015).
inline CondensedTree condense(const SingleLinkage& tree, Index min_cluster_size, const CondenseOptions& options = {});

/// The tree without short-lived leaves: from the bottom up, a cluster without children whose death − birth is less than
/// min_lifetime is none, and its rows leave its parent where it was born. If one child of a cluster remains, both are
/// one cluster.
/// @param min_lifetime  ≥ 0, in units of λ: of 1 / distance
/// @throws InvalidArgument  min_lifetime is negative or not a number.
/// @note Time and memory O(n).
inline CondensedTree simplify(const CondensedTree& tree, double min_lifetime);

/// GLOSH: how much less dense the surroundings of each row are than the densest part of the cluster that it was in
/// last, in [0, 1). 1 − λ(row) / the largest λ of that cluster and those below it.
/// @return n; 0 for rows at the densest places, near 1 for outliers; 1 for rows that are in no cluster, and for those
///         that leave a cluster which never ends
/// @note Time and memory O(n). R. J. G. B. Campello et al. (2015), see condense; section 6.
inline Vector outlier_scores(const CondensedTree& tree);

CORYMB_END

#include <corymb/density/detail/hdbscan/condense_impl.hpp>
