#include <corymb/datasets/generators.hpp>
#include <corymb/partition/bisecting_kmeans.hpp>

#include <gtest/gtest.h>

// The code of docs/bisecting_kmeans.md.

namespace bisecting_kmeans_page {
namespace {

#pragma GCC diagnostic ignored "-Wunused-value"  // the page names the members of a result

TEST(BisectingKMeansPage, Code) {
  const auto X = corymb::make_blobs(200, 3, 8).points, X_new = corymb::make_blobs(50, 3, 8).points;

  auto r = corymb::bisecting_kmeans(X, 8, {.next = corymb::BisectNext::largest_size, .restarts = 4, .seed = 42});
  r.labels;          // n cluster numbers
  r.centroids;       // 8 × d
  r.nodes;           // the hierarchy: 15 nodes, node 0 is the root
  r.node_centroids;  // 15 × d

  corymb::Labels y = corymb::predict(r, X_new);  // down the hierarchy
  auto distances = corymb::transform(r, X_new);  // m × 8
  auto five = corymb::cut(r, 5);                 // the result for five clusters

  EXPECT_EQ(r.labels.size(), 200);
  EXPECT_EQ(r.centroids.rows(), 8);
  EXPECT_EQ(r.nodes.size(), 15U);
  EXPECT_EQ(r.node_centroids.rows(), 15);
  EXPECT_EQ(y.size(), 50);
  EXPECT_EQ(distances.cols(), 8);
  EXPECT_EQ(five.sizes.size(), 5);
}

}  // namespace
}  // namespace bisecting_kmeans_page
