#pragma once

#include <corymb/core/execution.hpp>
#include <corymb/core/types.hpp>

#include <cstdint>
#include <vector>

CORYMB_BEGIN

/// Two clusters that become one. Nodes 0 … n − 1 are the rows, node n + i is what merge i makes.
struct Merge {
  std::int32_t a;     ///< node, < b
  std::int32_t b;     ///< node
  std::int32_t size;  ///< rows of the cluster that is made
  double height;      ///< the distance of a and b by the linkage
  friend bool operator==(const Merge&, const Merge&) = default;
};

/// A hierarchy of n rows: the merges that turn clusters of one row each into one of all, by ascending height.
struct Dendrogram {
  Index rows = 0;                    ///< n
  std::vector<Merge> merges;         ///< of all rows that are present: one fewer
  std::vector<std::int32_t> absent;  ///< rows without weight, ascending: they are in no merge
};

/// The merges as SciPy has them: one row each, the nodes a and b, the height and the size. What
/// scipy.cluster.hierarchy takes, where no row is absent.
/// @return  (n − 1) × 4
inline RowMatrix<double> merge_matrix(const Dendrogram& tree);

/// The clusters of all merges up to a height.
/// @return  n labels; clusters are numbered by their lowest row, absent rows are noise
/// @throws InvalidArgument  height is not a number.
/// @note Time and memory O(n).
inline Labels cut(const Dendrogram& tree, double height);

/// The clusters of all merges but the last k − 1.
/// @param k  1 ≤ k ≤ n, absent rows not counted
/// @return   n labels in [0, k), as those of cut
/// @throws InvalidArgument  k out of range.
/// @note Time and memory O(n).
inline Labels cut_into(const Dendrogram& tree, Index k);

/// For each pair of rows the height at which they come together, as the upper triangle row by row: (0, 1), (0, 2), …,
/// as DistanceMatrix takes it. Compared with the distances themselves it tells how true the hierarchy is to them.
/// @return  n (n − 1) / 2; infinite for absent rows
/// @throws MemoryLimitExceeded  the result would exceed execution.memory_limit.
/// @note Time O(n²), memory O(n) beyond the result.
inline Vector cophenetic_distances(const Dendrogram& tree, const Execution& execution = {});

CORYMB_END

#include <corymb/hierarchy/detail/dendrogram_impl.hpp>
