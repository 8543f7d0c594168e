#pragma once

#include <corymb/core/detail/validate.hpp>
#include <corymb/graph/neighbor_graph.hpp>

#include <algorithm>
#include <cstdint>
#include <numeric>
#include <vector>

CORYMB_BEGIN
namespace detail {

/// Lists of edges by row, as a compressed matrix has them; rows ascending.
template <class T>
class EdgeLists {
 public:
  using Graph = Eigen::SparseMatrix<T, Eigen::RowMajor, Index>;

  /// @param each  each(use) calls use(i, j, distance) for all edges, the same ones each time
  template <class Each>
  static Graph made_of(Index n, const Each& each) {
    Graph graph(n, n);
    Index* begin = graph.outerIndexPtr();
    std::fill(begin, begin + n + 1, Index{0});
    each([&](Index i, Index, T) { ++begin[i + 1]; });
    std::partial_sum(begin, begin + n + 1, begin);
    graph.resizeNonZeros(begin[n]);
    std::vector<Index> next(begin, begin + n);
    each([&](Index i, Index j, T distance) {
      const Index to = next[static_cast<std::size_t>(i)]++;
      graph.innerIndexPtr()[to] = j;
      graph.valuePtr()[to] = distance;
    });
    return graph;
  }

  /// Rows become columns; with them, the entries of each row become ascending.
  static Graph transposed(const Graph& graph) {
    return made_of(graph.rows(), [&](const auto& use) {
      for (Index i = 0; i < graph.rows(); ++i)
        for (typename Graph::InnerIterator entry(graph, i); entry; ++entry) use(entry.col(), i, entry.value());
    });
  }

  /// Calls use(i, j, distance) for the edges of two graphs with ascending rows, once for those of both.
  /// @param all  also those of one graph only
  template <class Use>
  static void merge(const Graph& a, const Graph& b, bool all, const Use& use) {
    for (Index i = 0; i < a.rows(); ++i) {
      typename Graph::InnerIterator x(a, i), y(b, i);
      while (x || y) {
        const bool has_x = x && (!y || x.col() <= y.col()), has_y = y && (!x || y.col() <= x.col());
        if (has_x && has_y)
          use(i, x.col(), std::min(x.value(), y.value()));
        else if (all)
          has_x ? use(i, x.col(), x.value()) : use(i, y.col(), y.value());
        if (has_x) ++x;
        if (has_y) ++y;
      }
    }
  }
};

}  // namespace detail

template <class T>
Eigen::SparseMatrix<T, Eigen::RowMajor, Index> neighbor_graph(const NearestManyResult<T>& near, NeighborEdges edges) {
  const Index n = near.indices.rows(), k = near.indices.cols();
  for (Index i = 0; i < n; ++i)
    for (Index c = 0; c < k; ++c)
      if (near.indices(i, c) < 0 || near.indices(i, c) >= n)
        detail::reject("neighbor_graph", "near.indices(" + detail::to_text(i) + ", " + detail::to_text(c) +
                                             ") = " + detail::to_text(near.indices(i, c)) +
                                             " must be in [0, n = " + detail::to_text(n) + ")");
  using Lists = detail::EdgeLists<T>;
  const auto reversed = Lists::made_of(n, [&](const auto& use) {
    for (Index i = 0; i < n; ++i)
      for (Index c = 0; c < k; ++c) use(near.indices(i, c), i, near.distances(i, c));
  });
  const auto directed = Lists::transposed(reversed);
  if (edges == NeighborEdges::directed) return directed;
  return Lists::made_of(
      n, [&](const auto& use) { Lists::merge(directed, reversed, edges == NeighborEdges::symmetric, use); });
}

CORYMB_END
