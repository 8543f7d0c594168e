#include <corymb/datasets/generators.hpp>
#include <corymb/partition/kmeans.hpp>

#include <gtest/gtest.h>

// The code of docs/kmeans.md (code_blocks.sh compares the two), and that it does what the page says.

namespace kmeans_page {
namespace {

#pragma GCC diagnostic ignored "-Wunused-value"  // the page names the members of a result

TEST(KMeansPage, Code) {
  const auto X = corymb::make_blobs(200, 3, 8).points, X_new = corymb::make_blobs(50, 3, 8).points, X_more = X;

  auto r = corymb::kmeans(X, 8, {.restarts = 4, .seed = 42, .execution = {.threads = 8}});
  r.labels;     // n cluster numbers, each the nearest centroid
  r.centroids;  // 8 × d
  r.inertia;    // squared units of X
  r.status;     // converged, iteration_limit or cancelled

  corymb::Labels y = corymb::predict(r, X_new);
  auto distances = corymb::transform(r, X_new);         // m × 8
  auto three = corymb::nearest_centroids(r, X_new, 3);  // indices and distances, m × 3
  auto warm = corymb::kmeans(X_more, r.centroids);      // from given centroids

  EXPECT_EQ(r.centroids.rows(), 8);
  EXPECT_EQ(y.size(), 50);
  EXPECT_EQ(distances.cols(), 8);
  EXPECT_EQ(three.indices.cols(), 3);
  EXPECT_EQ(three.indices.col(0), y);
  EXPECT_LE(warm.inertia, r.inertia);
}

}  // namespace
}  // namespace kmeans_page
