#include <corymb/partition/sparse_kmeans.hpp>

#include <gtest/gtest.h>

// The code of docs/sparse_kmeans.md.

namespace sparse_kmeans_page {
namespace {

#pragma GCC diagnostic ignored "-Wunused-value"  // the page names the members of a result

TEST(SparseKMeansPage, Code) {
  Eigen::SparseMatrix<double, Eigen::RowMajor> X(5, 100000);  // int or std::int64_t as its StorageIndex
  for (int i = 0; i < 5; ++i) {
    X.insert(i, i) = 1;
    X.insert(i, 50000 + i % 2) = 3;
  }

  auto r = corymb::kmeans(X, 2, {.seed = 42});
  r.labels;     // n cluster numbers, each the nearest centroid
  r.centroids;  // 2 × d, dense

  corymb::Labels y = corymb::predict(r, X);            // of sparse rows,
  corymb::Labels z = corymb::predict(r, r.centroids);  // or of dense ones
  auto warm = corymb::kmeans(X, r.centroids);          // from given centroids

  EXPECT_EQ(y, r.labels);
  EXPECT_EQ(z, (corymb::Labels(2) << 0, 1).finished());
  EXPECT_EQ(warm.labels, r.labels);
  for (int i = 0; i < 5; ++i) EXPECT_EQ(r.labels[i], r.labels[i % 2]);
}

}  // namespace
}  // namespace sparse_kmeans_page
