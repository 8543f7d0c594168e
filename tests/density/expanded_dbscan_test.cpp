#include <corymb/density/dbscan.hpp>
#include <corymb/neighbors/nearest_neighbors.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <utility>

#include "support/many_columns.hpp"
#include "support/matrices.hpp"

// DBSCAN by the expanded score is that by all defined values.

namespace expanded_dbscan_test {
namespace {

using namespace corymb;
using namespace corymb_test;

template <class T>
DbscanResult by_values(const RowMatrix<T>& X, double eps, Index min_points, const DbscanOptions& options) {
  const Points<T> x(X);
  const detail::MetricValues<T> values("test", x, x, Metric::euclidean, "X", "X", 1);
  return detail::brute_dbscan<T>(X.rows(), values, {eps, min_points, options});
}

template <class T>
DbscanResult by_few_coordinates(const RowMatrix<T>& X, double eps, Index min_points, const DbscanOptions& options,
                                Index level) {
  const Points<T> x(X);
  const detail::MetricValues<T> values("test", x, x, Metric::euclidean, "X", "X", 1);
  const detail::PairShortening<T> shortened(detail::PrincipalProjection<T>(x, level, 1), x, x, 1);
  const detail::PointWeights weights(options.weights, min_points);
  const detail::DbscanSettings settings = detail::DbscanCall{eps, min_points, options}.settings(weights);
  return detail::ExpandedDbscan<T>(settings, x, min_points, detail::limit_of<T>(values, eps), &shortened).run();
}

::testing::AssertionResult same_clusters(const DbscanResult& actual, const DbscanResult& expected) {
  if (actual.clusters != expected.clusters)
    return ::testing::AssertionFailure() << actual.clusters << " clusters instead of " << expected.clusters;
  if (actual.is_core != expected.is_core) return ::testing::AssertionFailure() << "core rows differ";
  if (actual.labels != expected.labels) return ::testing::AssertionFailure() << "labels differ";
  return ::testing::AssertionSuccess();
}

TEST(ExpandedDbscan, IsThatOfTheDefinedValues) {
  for_each_scalar([](auto scalar) {
    using T = decltype(scalar);
    Index clustered = 0, with_borders = 0;
    for (std::uint64_t seed = 0; seed < instances / 4; ++seed) {
      Random random(seed, {31});
      const Index n = 1 + random.below(seed % 9 == 0 ? 1200 : 300), d = 1 + random.below(seed % 5 == 0 ? 300 : 40);
      const RowMatrix<T> X = rows_of_kind<T>(seed, random, n, d);
      // Exactly the distance of a row to its i-th neighbour: some rows are core, and some pairs touch eps.
      const Index min_points = 1 + random.below(seed % 4 == 0 ? 70 : 9);
      const auto near = nearest_neighbors(X, X.topRows(1), std::min(min_points, n));
      const double eps = static_cast<double>(near.distances(0, near.distances.cols() - 1));
      Vector weights(n);  // of small numbers, and zeros
      for (double& weight : weights) weight = static_cast<double>(random.below(5)) / (seed % 2 == 0 ? 4 : 64);
      SCOPED_TRACE(::testing::Message() << "seed " << seed << ", n = " << n << ", d = " << d
                                        << ", min_points = " << min_points);
      for (const BorderPoints border : {BorderPoints::lowest_cluster, BorderPoints::as_noise})
        for (const bool is_weighted : {false, true}) {
          DbscanOptions options{.algorithm = DbscanAlgorithm::brute_force, .border = border};
          if (is_weighted) options.weights = weights;
          const auto expected = by_values(X, eps, min_points, options);
          clustered += expected.clusters > 0;
          with_borders += std::count(expected.is_core.begin(), expected.is_core.end(), true) <
                          (expected.labels.array() >= 0).count();
          options.execution.threads = 1 + static_cast<int>(seed % 3);
          ASSERT_TRUE(same_clusters(dbscan(X, eps, min_points, options), expected));
          if (d == 1) continue;
          const Index level = std::min<Index>(d - 1, 12);
          ASSERT_TRUE(same_clusters(by_few_coordinates(X, eps, min_points, options, level), expected));
        }
    }
    EXPECT_GT(clustered, 30);
    EXPECT_GT(with_borders, 15);
  });
}

TEST(ExpandedDbscan, SeveralBlocksOfPoints) {
  for_each_scalar([](auto scalar) {
    using T = decltype(scalar);
    Random random(32);
    RowMatrix<T> X = normal_matrix<T>(random, 1100, 900);
    for (Index i = 0; i < X.rows(); ++i) X.row(i).array() += static_cast<T>(i % 3) * T(0.3);
    for (const auto& [eps, min_points] : {std::pair<double, Index>{41.0, 3}, {43.0, 30}}) {
      const auto expected = by_values(X, eps, min_points, {});
      for (const int threads : {1, 2})
        EXPECT_TRUE(same_clusters(
            dbscan(X, eps, min_points, {.algorithm = DbscanAlgorithm::brute_force, .execution = {.threads = threads}}),
            expected));
    }
  });
}

// The neighbours that wait for a row to become core are more than there is room for.
TEST(ExpandedDbscan, RowsAreLookedAtAgain) {
  Random random(33);
  RowMatrix<double> X = normal_matrix<double>(random, 900, 5) * 0.2;
  for (Index i = 0; i < X.rows(); ++i) X(i, 0) += static_cast<double>(i % 4);
  for (const BorderPoints border : {BorderPoints::lowest_cluster, BorderPoints::as_noise})
    for (const Index min_points : {80, 120, 160, 200}) {
      DbscanOptions options{.algorithm = DbscanAlgorithm::brute_force, .border = border};
      EXPECT_TRUE(same_clusters(dbscan(X, 0.6, min_points, options), by_values(X, 0.6, min_points, options)));
      options.weights = Vector::Constant(X.rows(), 0.125);
      options.weights.head(300).setZero();
      EXPECT_TRUE(same_clusters(dbscan(X, 0.6, min_points / 16, options), by_values(X, 0.6, min_points / 16, options)));
    }
}

TEST(ExpandedDbscan, OneCluster) {
  Random random(34);
  const RowMatrix<float> X = normal_matrix<float>(random, 3000, 30);
  const auto all = dbscan(X, 100, 3000, {.algorithm = DbscanAlgorithm::brute_force});
  EXPECT_EQ(all.clusters, 1);
  EXPECT_EQ(all.labels, Labels::Zero(3000));
  EXPECT_EQ(dbscan(X, 100, 3001, {.algorithm = DbscanAlgorithm::brute_force}).clusters, 0);
}

}  // namespace
}  // namespace expanded_dbscan_test
