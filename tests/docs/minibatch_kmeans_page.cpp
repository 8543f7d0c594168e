#include <corymb/datasets/generators.hpp>
#include <corymb/partition/minibatch_kmeans.hpp>

#include <gtest/gtest.h>

#include <algorithm>

// The code of docs/minibatch_kmeans.md.

namespace minibatch_kmeans_page {
namespace {

#pragma GCC diagnostic ignored "-Wunused-value"  // the page names the members of a result

using corymb::Index;

TEST(MiniBatchKMeansPage, Code) {
  const auto X = corymb::make_blobs(5200, 3, 8).points, X_new = corymb::make_blobs(50, 3, 8).points;

  auto r = corymb::minibatch_kmeans(X, 8, {.batch_size = 2048, .seed = 42});
  r.labels;      // n cluster numbers, each the nearest centroid
  r.centroids;   // 8 × d
  r.inertia;     // of all rows, under these labels
  r.iterations;  // batches

  auto polished = corymb::kmeans(X, r.centroids);  // k-means from there

  EXPECT_EQ(r.labels.size(), 5200);
  EXPECT_EQ(r.centroids.rows(), 8);
  EXPECT_GT(r.iterations, 1);
  EXPECT_LE(polished.inertia, r.inertia);

  corymb::MiniBatchKMeans<double> model(8, {.seed = 42});
  for (Index first = 0; first < X.rows(); first += 500)
    model.partial_fit(X.middleRows(first, std::min<Index>(500, X.rows() - first)));
  model.centroids();  // 8 × d
  model.weights();    // how many points each stands for

  corymb::Labels y = corymb::predict(model, X_new);
  corymb::MiniBatchKMeans on_from(r.centroids, r.sizes);  // goes on from a result
  on_from.partial_fit(X_new);

  EXPECT_EQ(model.batches(), 11);
  EXPECT_EQ(model.centroids().rows(), 8);
  EXPECT_EQ(y.size(), 50);
  EXPECT_EQ(on_from.weights().sum(), 5250);
}

}  // namespace
}  // namespace minibatch_kmeans_page
