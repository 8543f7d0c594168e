#include <corymb/core/errors.hpp>
#include <corymb/graph/connected_components.hpp>
#include <corymb/graph/neighbor_graph.hpp>
#include <corymb/neighbors/nearest_neighbors.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "support/matrices.hpp"
#include "support/message_of.hpp"

namespace graphs_test {
namespace {

using namespace corymb;
using namespace corymb_test;

template <class T>
using Graph = Eigen::SparseMatrix<T, Eigen::RowMajor, Index>;

/// The graph as a dense matrix; −1 where there is no edge.
template <class T>
RowMatrix<T> dense(const Graph<T>& graph) {
  RowMatrix<T> result = RowMatrix<T>::Constant(graph.rows(), graph.cols(), T(-1));
  for (Index i = 0; i < graph.rows(); ++i) {
    Index before = -1;
    for (typename Graph<T>::InnerIterator entry(graph, i); entry; ++entry) {
      EXPECT_LT(before, entry.col());
      before = entry.col();
      result(i, entry.col()) = entry.value();
    }
  }
  return result;
}

TEST(NeighborGraph, IsThatOfTheDefinition) {
  for_each_scalar([](auto scalar) {
    using T = decltype(scalar);
    for (std::uint64_t seed = 0; seed < instances; ++seed) {
      Random random(seed, {51});
      const Index n = 2 + random.below(50), k = 1 + random.below(std::min<Index>(n - 1, 8));
      const RowMatrix<T> X = random_rows<T>(random, seed, n, 2);
      const auto near = nearest_neighbors(X, k);
      RowMatrix<T> directed = RowMatrix<T>::Constant(n, n, T(-1));
      for (Index i = 0; i < n; ++i)
        for (Index c = 0; c < k; ++c) directed(i, near.indices(i, c)) = near.distances(i, c);
      RowMatrix<T> symmetric = directed.cwiseMax(directed.transpose());
      RowMatrix<T> mutual = directed.cwiseMin(directed.transpose());
      EXPECT_TRUE(same_matrix(dense<T>(neighbor_graph(near, NeighborEdges::directed)), directed));
      EXPECT_TRUE(same_matrix(dense<T>(neighbor_graph(near)), symmetric));
      EXPECT_TRUE(same_matrix(dense<T>(neighbor_graph(near, NeighborEdges::mutual)), mutual));
    }
  });
}

TEST(NeighborGraph, OfDistancesThatDifferInDirectionTheSmallerOne) {
  NearestManyResult<double> near{RowMatrix<std::int32_t>(3, 1), RowMatrix<double>(3, 1)};
  near.indices << 1, 0, 0;
  near.distances << 5, 3, 4;
  RowMatrix<double> expected(3, 3);
  expected << -1, 3, 4,  //
      3, -1, -1,         //
      4, -1, -1;
  EXPECT_EQ(dense<double>(neighbor_graph(near)), expected);
  near.indices(2, 0) = 3;
  EXPECT_EQ(message_of([&] { neighbor_graph(near); }),
            "corymb::neighbor_graph: near.indices(2, 0) = 3 must be in [0, n = 3)");
}

TEST(ConnectedComponents, AreJoinedInEitherDirection) {
  Graph<double> G(6, 6);
  std::vector<Eigen::Triplet<double>> entries = {{3, 1, 0}, {5, 3, 2}, {0, 4, -1}, {2, 2, 1}};
  G.setFromTriplets(entries.begin(), entries.end());
  const auto result = connected_components(G);
  EXPECT_EQ(result.labels, (Labels(6) << 0, 1, 2, 1, 0, 1).finished());
  EXPECT_EQ(result.components, 3);
  EXPECT_EQ(connected_components(Graph<double>(0, 0)).components, 0);
  EXPECT_EQ(message_of([&] { connected_components(Graph<double>(1, 2)); }),
            "corymb::connected_components: G is 1 x 2; it must be square");
}

}  // namespace
}  // namespace graphs_test
