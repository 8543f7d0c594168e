#include <corymb/datasets/generators.hpp>
#include <corymb/partition/spherical_kmeans.hpp>

#include <gtest/gtest.h>

// The code of docs/spherical_kmeans.md.

namespace spherical_kmeans_page {
namespace {

#pragma GCC diagnostic ignored "-Wunused-value"  // the page names the members of a result

TEST(SphericalKMeansPage, Code) {
  const auto X = corymb::make_blobs(200, 3, 8).points, X_new = corymb::make_blobs(50, 3, 8).points, X_more = X;

  auto r = corymb::spherical_kmeans(X, 8, {.restarts = 4, .seed = 42});
  r.labels;     // n cluster numbers, each the centroid of least cosine distance
  r.centroids;  // 8 × d, of length 1
  r.objective;  // Σ (1 − cos)
  r.status;     // converged, iteration_limit or cancelled

  corymb::Labels y = corymb::predict(r, X_new);
  auto distances = corymb::transform(r, X_new);               // 1 − cos, m × 8
  auto warm = corymb::spherical_kmeans(X_more, r.centroids);  // from given centroids

  EXPECT_EQ(r.centroids.rows(), 8);
  EXPECT_EQ(y.size(), 50);
  EXPECT_EQ(distances.cols(), 8);
  EXPECT_LE(warm.objective, r.objective * 1.000001);
}

}  // namespace
}  // namespace spherical_kmeans_page
