#include <corymb/datasets/generators.hpp>
#include <corymb/metrics/external.hpp>
#include <corymb/spectral/landmark_spectral_clustering.hpp>
#include <corymb/spectral/spectral_clustering.hpp>
#include <corymb/transport/doubly_stochastic.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <span>

// The code of docs/spectral.md.

namespace spectral_page {
namespace {

#pragma GCC diagnostic ignored "-Wunused-value"  // the pages name the members of a result

TEST(SpectralPage, Code) {
  const auto moons = corymb::make_moons(400, {.noise = 0.05});
  const auto X = moons.points;
  const auto X_new = corymb::make_moons(50, {.noise = 0.05, .seed = 3}).points;

  auto r = corymb::spectral_clustering(X, 2, {.affinity = corymb::Affinity::knn, .neighbors = 10});
  r.labels;       // n cluster numbers
  r.eigenvalues;  // k, ascending
  r.embedding;    // n × k: what k-means clustered
  r.components;   // connected components of the graph

  auto of_new = corymb::predict(r, X, X_new);
  auto chosen = corymb::select_spectral_clustering(X, {1, 9}, {.affinity = corymb::Affinity::self_tuning});
  chosen.k;  // the number before the largest gap of the eigenvalues

  EXPECT_EQ(corymb::adjusted_rand_index(moons.labels, r.labels), 1);
  EXPECT_EQ(of_new.size(), 50);
  EXPECT_GE(chosen.k, 1);
}

TEST(SpectralPage, OwnAffinities) {
  const auto X = corymb::make_blobs(100, 2, 2).points;
  Eigen::MatrixXd W = Eigen::MatrixXd::Zero(100, 100);
  W.topLeftCorner(40, 40).setOnes();
  W.bottomRightCorner(60, 60).setOnes();
  const Eigen::SparseMatrix<double, Eigen::RowMajor> G = W.sparseView();

  auto own = corymb::spectral_clustering(X, 2, [](std::span<const double> x, std::span<const double> y) {
    return 1 / (1 + std::hypot(x[0] - y[0], x[1] - y[1]));
  });
  auto of_matrix = corymb::spectral_clustering(corymb::AffinityMatrix(W), 2);  // n × n, borrowed
  auto of_graph = corymb::spectral_clustering(G, 2);                           // Eigen::SparseMatrix, row-major

  EXPECT_EQ(own.labels.maxCoeff(), 1);
  EXPECT_EQ(of_matrix.components, 2);
  EXPECT_TRUE(of_matrix.labels == of_graph.labels);
}

TEST(SpectralPage, Landmarks) {
  const auto moons = corymb::make_moons(2000, {.noise = 0.05});
  const auto X = moons.points, X_new = corymb::make_moons(50).points;

  auto many = corymb::landmark_spectral_clustering(X, 2, {.landmarks = 100});
  auto more = corymb::predict(many, X_new);  // labels of rows of the fit are those of the fit

  EXPECT_GE(corymb::adjusted_rand_index(moons.labels, many.labels), 0.99);
  EXPECT_EQ(more.size(), 50);
}

TEST(SpectralPage, DoublyStochastic) {
  const auto X = corymb::make_blobs(60, 4, 2).points;

  auto memberships = corymb::doubly_stochastic(corymb::coding_similarity(X), {.temperature = 0.1});
  auto balanced = corymb::spectral_clustering(
      corymb::AffinityMatrix((memberships.matrix + memberships.matrix.transpose()).eval()), 2);

  EXPECT_EQ(balanced.labels.maxCoeff(), 1);
}

}  // namespace
}  // namespace spectral_page
