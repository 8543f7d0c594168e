#pragma once

#include <corymb/core/types.hpp>
#include <corymb/graph/edge.hpp>

#include <cstdint>
#include <span>
#include <vector>

CORYMB_BEGIN

/// A hierarchy of n rows by single linkage. Nodes 0 … n − 1 are the rows; the others are sets of rows, by ascending
/// height, of equal heights the one with the lower row first. Sets that join at one height join in one node: a node has
/// two children or more, and the hierarchy does not depend on the order of edges of equal weights.
struct SingleLinkage {
  Index rows = 0;                    ///< n
  std::vector<std::int32_t> parent;  ///< by node; −1 for the root of a component
  std::vector<double> height;        ///< by set, that of node n + i at i: the weight at which its children join
  std::vector<std::int32_t> size;    ///< by set: how many rows it has

  /// Rows and sets.
  Index nodes() const { return static_cast<Index>(parent.size()); }
};

/// The hierarchy of components that edges form when they are added by ascending weight.
/// @param n      the number of rows, < 2^30
/// @param edges  such as minimum_spanning_tree gives, or any others, by ascending weight; cycles do no harm
/// @throws InvalidArgument  edges that are not ascending, a weight that is not a number, a row that is not in [0, n).
/// @note Time O(e α(n) + n log n), memory O(n). J. C. Gower, G. J. S. Ross, "Minimum spanning trees and single linkage
///       cluster analysis", Applied Statistics 18 (1969).
inline SingleLinkage single_linkage(Index n, std::span<const Edge> edges);

/// The components of edges whose weights are at most `height`, numbered by their lowest row.
/// @throws InvalidArgument  height is not a number.
/// @note Time and memory O(n).
inline Labels cut(const SingleLinkage& tree, double height);

CORYMB_END

#include <corymb/graph/detail/single_linkage_impl.hpp>
