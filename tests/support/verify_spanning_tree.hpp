#pragma once

#include <corymb/core/union_find.hpp>
#include <corymb/graph/edge.hpp>

#include <algorithm>
#include <limits>
#include <span>
#include <sstream>
#include <string>
#include <vector>

// What a minimum spanning tree must satisfy, checked from the definition in plain loops.
namespace verify {

/// Empty if edges are a minimum spanning tree of the complete graph with the weights W (n × n, symmetric), in order,
/// else the first rule that is broken. By the cut property: no edge outside the tree is lighter than the heaviest one
/// on the path that it closes.
template <class Weights>
std::string spanning_tree_error(const Weights& W, std::span<const corymb::Edge> edges) {
  using corymb::Index;
  std::ostringstream why;
  const Index n = W.rows();
  if (static_cast<Index>(edges.size()) != std::max<Index>(n - 1, 0)) return "number of edges";
  corymb::UnionFind sets(n);
  // heaviest(i, j): on the path of tree edges between i and j, so far as they are joined.
  const double none = -std::numeric_limits<double>::infinity();
  std::vector<std::vector<double>> heaviest(static_cast<std::size_t>(n),
                                            std::vector<double>(static_cast<std::size_t>(n), none));
  const auto path = [&](Index i, Index j) -> double& {
    return heaviest[static_cast<std::size_t>(i)][static_cast<std::size_t>(j)];
  };
  for (std::size_t e = 0; e < edges.size(); ++e) {
    const auto& [a, b, weight] = edges[e];
    why << "edge " << e << " of " << a << " and " << b << ": ";
    if (a < 0 || b >= n || a >= b) return why.str() + "rows";
    if (weight != W(a, b)) return why.str() + "weight";
    if (e > 0 &&
        (weight < edges[e - 1].weight ||
         (weight == edges[e - 1].weight && (a < edges[e - 1].a || (a == edges[e - 1].a && b <= edges[e - 1].b)))))
      return why.str() + "order";
    std::vector<Index> left, right;
    for (Index i = 0; i < n; ++i) {
      if (sets.find(i) == sets.find(a)) left.push_back(i);
      if (sets.find(i) == sets.find(b)) right.push_back(i);
    }
    if (!sets.unite(a, b)) return why.str() + "closes a cycle";
    for (const Index i : left)
      for (const Index j : right) path(i, j) = path(j, i) = std::max({path(i, a), path(b, j), weight});
    why.str("");
  }
  for (Index i = 0; i < n; ++i)
    for (Index j = i + 1; j < n; ++j)
      if (W(i, j) < path(i, j)) {
        why << "rows " << i << " and " << j << " are joined by a heavier edge than theirs";
        return why.str();
      }
  return "";
}

}  // namespace verify
