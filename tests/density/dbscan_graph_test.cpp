#include <corymb/core/errors.hpp>
#include <corymb/density/dbscan.hpp>
#include <corymb/distance/pairwise.hpp>
#include <corymb/neighbors/radius_neighbors.hpp>

#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <vector>

#include "support/matrices.hpp"
#include "support/message_of.hpp"
#include "support/verify_dbscan.hpp"

namespace dbscan_graph_test {
namespace {

using namespace corymb;
using namespace corymb_test;
using verify::dbscan_error;

/// Distances of which only those within a radius are stored, in a random order of entries; the others count as
/// infinite.
template <class T, class StorageIndex>
Eigen::SparseMatrix<T, Eigen::RowMajor, StorageIndex> near_entries(Random& random, const RowMatrix<T>& D,
                                                                   double radius) {
  std::vector<Eigen::Triplet<T, StorageIndex>> entries;
  for (Index i = 0; i < D.rows(); ++i)
    for (Index j = 0; j < D.cols(); ++j)
      if (static_cast<double>(D(i, j)) <= radius && (i != j || random.below(2) == 0))
        entries.emplace_back(static_cast<StorageIndex>(i), static_cast<StorageIndex>(j), D(i, j));
  Eigen::SparseMatrix<T, Eigen::RowMajor, StorageIndex> graph(D.rows(), D.cols());
  graph.setFromTriplets(entries.begin(), entries.end());
  return graph;
}

TEST(DbscanOfAGraph, IsThatOfTheDefinition) {
  for_each_scalar([](auto scalar) {
    using T = decltype(scalar);
    for (std::uint64_t seed = 0; seed < instances; ++seed) {
      Random random(seed, {71});
      const Index n = 1 + random.below(60), min_points = 1 + random.below(6);
      const RowMatrix<T> X = random_rows<T>(random, seed, n, 2);
      RowMatrix<T> D = pairwise_distances(X, X);
      if (seed % 3 == 0) D.template triangularView<Eigen::StrictlyUpper>() = D * T(1.5);  // not symmetric
      const double eps = static_cast<double>(D(random.below(n), random.below(n)));
      Vector weights;
      if (seed % 4 == 1)
        weights = Vector::NullaryExpr(n, [&](Index) { return static_cast<double>(1 + random.below(3)); });
      for (const BorderPoints border : {BorderPoints::lowest_cluster, BorderPoints::as_noise}) {
        const DbscanOptions options{.border = border, .weights = weights};
        const auto expected = dbscan(DistanceMatrix(D), eps, min_points, options);
        ASSERT_EQ(dbscan_error(D, eps, min_points, expected, border, weights), "") << seed;
        const auto full = dbscan(near_entries<T, std::int64_t>(random, D, 1e30), eps, min_points, options);
        const auto near = dbscan(near_entries<T, int>(random, D, eps), eps, min_points, options);
        for (const DbscanResult& result : {full, near}) {
          ASSERT_EQ(result.labels, expected.labels) << seed;
          ASSERT_EQ(result.is_core, expected.is_core) << seed;
          ASSERT_EQ(result.clusters, expected.clusters) << seed;
        }
      }
    }
  });
}

TEST(DbscanOfAGraph, OfRadiusNeighborsIsThatOfTheRows) {
  Random random(5);
  RowMatrix<double> X = normal_matrix<double>(random, 3000, 2);
  X.bottomRows(1500).array() += 6;
  const auto graph = radius_neighbors(X, 0.3);
  for (const double eps : {0.3, 0.2, 0.1})
    for (const int threads : {1, 2, 5})
      EXPECT_EQ(dbscan(graph, eps, 8, {.execution = {.threads = threads}}).labels, dbscan(X, eps, 8).labels);
}

TEST(DbscanOfAGraph, EntriesOfZeroAreEdgesAndTheDiagonalDoesNotCount) {
  Eigen::SparseMatrix<double, Eigen::RowMajor> G(4, 4);
  std::vector<Eigen::Triplet<double>> entries = {{0, 1, 0}, {1, 0, 0}, {2, 2, 7}};
  G.setFromTriplets(entries.begin(), entries.end());
  EXPECT_EQ(dbscan(G, 0, 2).labels, (Labels(4) << 0, 0, -1, -1).finished());
  EXPECT_EQ(dbscan(G, 9, 1).labels, (Labels(4) << 0, 0, 1, 2).finished());
  EXPECT_EQ(dbscan(Eigen::SparseMatrix<float, Eigen::RowMajor>(0, 0), 1, 1).labels.size(), 0);
}

TEST(DbscanOfAGraph, TellsWhatIsWrong) {
  Eigen::SparseMatrix<double, Eigen::RowMajor> G(3, 3);
  G.insert(1, 2) = -1;
  EXPECT_EQ(message_of([&] { dbscan(G, 1, 2); }), "corymb::dbscan: G(1, 2) = -1 must be ≥ 0");
  G.coeffRef(1, 2) = std::numeric_limits<double>::infinity();
  EXPECT_EQ(message_of([&] { dbscan(G, 1, 2); }), "corymb::dbscan: G(1, 2) = inf must be finite");
  G.coeffRef(1, 2) = 1;
  EXPECT_EQ(message_of([&] { dbscan(G, 1, 2, {.metric = Metric::manhattan}); }),
            "corymb::dbscan: metric must be empty: the distances are those of the graph");
  EXPECT_EQ(message_of([&] { dbscan(G, 1, 2, {.algorithm = DbscanAlgorithm::grid}); }),
            "corymb::dbscan: algorithm = grid needs the metric euclidean, manhattan, chebyshev or haversine");
  EXPECT_EQ(message_of([&] { dbscan(Eigen::SparseMatrix<double, Eigen::RowMajor>(2, 3), 1, 2); }),
            "corymb::dbscan: G is 2 x 3; it must be square");
}

}  // namespace
}  // namespace dbscan_graph_test
