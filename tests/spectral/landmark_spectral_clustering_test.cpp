#include <corymb/core/errors.hpp>
#include <corymb/datasets/generators.hpp>
#include <corymb/distance/pairwise.hpp>
#include <corymb/metrics/external.hpp>
#include <corymb/spectral/landmark_spectral_clustering.hpp>
#include <corymb/spectral/spectral_clustering.hpp>

#include <gtest/gtest.h>

#include <Eigen/Eigenvalues>

#include <cmath>
#include <numeric>
#include <vector>

#include "support/matrices.hpp"

namespace landmark_spectral_clustering_test {
namespace {

using namespace corymb;
using namespace corymb_test;

constexpr LandmarkMethod methods[] = {LandmarkMethod::anchor_graph, LandmarkMethod::nystrom};

std::vector<Index> every(Index step, Index n) {
  std::vector<Index> rows;
  for (Index i = 0; i < n; i += step) rows.push_back(i);
  return rows;
}

/// That the columns of an embedding are eigenvectors of D^-1 W, for degrees D, and orthonormal by D.
void expect_eigenvectors(const Eigen::MatrixXd& W, const RowMatrix<double>& embedding, const Vector& eigenvalues,
                         double tolerance) {
  const Vector degrees = W.rowwise().sum();
  const Eigen::MatrixXd V = embedding;
  const Eigen::MatrixXd walk = degrees.cwiseInverse().asDiagonal() * (W * V);
  for (Index c = 0; c < V.cols(); ++c)
    EXPECT_LE((walk.col(c) - (1 - eigenvalues[c]) * V.col(c)).norm(), tolerance * V.col(c).norm()) << c;
  const Eigen::MatrixXd gram = V.transpose() * degrees.asDiagonal() * V;
  EXPECT_LE((gram - Eigen::MatrixXd::Identity(V.cols(), V.cols())).cwiseAbs().maxCoeff(), tolerance);
  // The largest ones of the symmetric form.
  const Vector root = degrees.cwiseSqrt().cwiseInverse();
  const Eigen::MatrixXd symmetric = root.asDiagonal() * W * root.asDiagonal();
  const Vector all = Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd>(symmetric).eigenvalues().reverse();
  for (Index c = 0; c < V.cols(); ++c) EXPECT_NEAR(1 - eigenvalues[c], all[c], tolerance);
}

TEST(LandmarkSpectralClustering, AnchorGraphIsItsDefinition) {
  const auto blobs = make_blobs(160, 3, 4, {.spread = {3.0}, .seed = 1});
  for (const Index nearest : {2, 5, 12}) {
    const auto model = landmark_spectral_clustering(
        blobs.points, 4, {.landmark_rows = every(8, 160), .nearest = nearest, .gamma = 0.05});
    Eigen::MatrixXd Z = Eigen::MatrixXd::Zero(160, 20);
    const RowMatrix<double> D = pairwise_distances(blobs.points, model.landmarks);
    for (Index i = 0; i < 160; ++i) {
      std::vector<Index> order(20);
      std::iota(order.begin(), order.end(), Index{0});
      std::stable_sort(order.begin(), order.end(), [&](Index a, Index b) { return D(i, a) < D(i, b); });
      for (Index c = 0; c < nearest; ++c) {
        const Index j = order[static_cast<std::size_t>(c)];
        Z(i, j) = std::exp(-0.05 * D(i, j) * D(i, j));
      }
      Z.row(i) /= Z.row(i).sum();
    }
    const Vector columns = Z.colwise().sum();
    expect_eigenvectors(Z * columns.cwiseInverse().asDiagonal() * Z.transpose(), model.embedding, model.eigenvalues,
                        1e-7);
  }
}

TEST(LandmarkSpectralClustering, NystromIsItsDefinition) {
  const auto blobs = make_blobs(150, 2, 3, {.spread = {4.0}, .seed = 2});
  const auto model = landmark_spectral_clustering(
      blobs.points, 3, {.method = LandmarkMethod::nystrom, .landmark_rows = every(5, 150), .gamma = 0.02});
  const auto affinities = [](const RowMatrix<double>& D) {
    return Eigen::MatrixXd((-0.02 * D.array().square()).exp());
  };
  const Eigen::MatrixXd C = affinities(pairwise_distances(blobs.points, model.landmarks));
  const Eigen::MatrixXd A = affinities(pairwise_distances(model.landmarks, model.landmarks));
  const Eigen::MatrixXd inverse =
      Eigen::CompleteOrthogonalDecomposition<Eigen::MatrixXd>(A).setThreshold(1e-10).pseudoInverse();
  expect_eigenvectors(C * inverse * C.transpose(), model.embedding, model.eigenvalues, 1e-5);
  // With all rows as landmarks there is nothing approximate, but for what a row is to itself.
  const auto whole = landmark_spectral_clustering(
      blobs.points, 3, {.method = LandmarkMethod::nystrom, .landmark_rows = every(1, 150), .gamma = 0.02});
  expect_eigenvectors(affinities(pairwise_distances(blobs.points, blobs.points)), whole.embedding, whole.eigenvalues,
                      1e-5);
}

TEST(LandmarkSpectralClustering, ShapesThatAreNotBlobs) {
  const auto moons = make_moons(3000, {.noise = 0.05}), circles = make_circles(3000, {.noise = 0.04});
  for (const auto* shape : {&moons, &circles})
    for (const LandmarkChoice choice : {LandmarkChoice::kmeans, LandmarkChoice::random}) {
      const auto anchors =
          landmark_spectral_clustering(shape->points, 2, {.landmarks = 300, .choice = choice, .nearest = 4});
      EXPECT_GE(adjusted_rand_index(shape->labels, anchors.labels), 0.99) << static_cast<int>(choice);
      const auto nystrom = landmark_spectral_clustering(
          shape->points, 2, {.method = LandmarkMethod::nystrom, .landmarks = 300, .choice = choice, .gamma = 40});
      EXPECT_GE(adjusted_rand_index(shape->labels, nystrom.labels), 0.98) << static_cast<int>(choice);
    }
}

TEST(LandmarkSpectralClustering, PredictsWhatItFitted) {
  for_each_scalar([](auto scalar) {
    using T = decltype(scalar);
    const auto moons = make_moons<T>(1500, {.noise = 0.05, .seed = 1}),
               more = make_moons<T>(700, {.noise = 0.05, .seed = 2});
    for (const LandmarkMethod method : methods) {
      const auto model =
          landmark_spectral_clustering(moons.points, 2, {.method = method, .landmarks = 200, .gamma = 40});
      EXPECT_TRUE((predict(model, moons.points).array() == model.labels.array()).all());
      EXPECT_GE(adjusted_rand_index(more.labels, predict(model, more.points)), 0.98);
      const RowMatrix<double> embedding = transform(model, moons.points);
      EXPECT_TRUE(same_bits(embedding.data(), model.embedding.data(), embedding.size()));
      RowMatrix<T> far(2, 2);  // no affinity to anything: like the nearest landmark
      far << T(-1e4), T(0), T(1e4), T(0);
      EXPECT_TRUE(transform(model, far).allFinite());
      EXPECT_NE(predict(model, far)[0], predict(model, far)[1]);
    }
  });
}

TEST(LandmarkSpectralClustering, Components) {
  Random random(3);
  RowMatrix<double> X = normal_matrix<double>(random, 120, 2);
  X.middleRows(40, 40).array() += 1000;
  X.bottomRows(40).array() -= 1000;
  for (const Index k : {2, 3, 5}) {
    const auto model = landmark_spectral_clustering(X, k, {.landmark_rows = every(4, 120)});
    EXPECT_EQ(model.components, 3);
    EXPECT_TRUE(model.embedding.allFinite());
    for (Index i = 0; k == 3 && i < 120; ++i) EXPECT_EQ(model.labels[i], model.labels[i / 40 * 40]);
    EXPECT_TRUE((predict(model, X).array() == model.labels.array()).all());
  }
}

TEST(LandmarkSpectralClustering, SmallCases) {
  Random random(4);
  for (const LandmarkMethod method : methods) {
    LandmarkSpectralOptions options{.method = method, .nearest = 1};
    EXPECT_EQ(landmark_spectral_clustering(RowMatrix<double>::Zero(1, 2), 1, options).labels[0], 0);
    const RowMatrix<double> X = normal_matrix<double>(random, 8, 2);
    options.nearest = 2;
    EXPECT_TRUE(landmark_spectral_clustering(X, 8, options).embedding.allFinite());
    const auto equal = landmark_spectral_clustering(RowMatrix<double>::Constant(50, 2, 1e6), 2, options);
    EXPECT_TRUE(equal.embedding.allFinite());
    const auto near = landmark_spectral_clustering(X, 2, options);
    const auto far = landmark_spectral_clustering((X.array() + 1048576).matrix(), 2, options);
    EXPECT_EQ(adjusted_rand_index(near.labels, far.labels), 1);
  }
}

TEST(LandmarkSpectralClustering, SameBitsForAnyThreadsAndLayout) {
  const auto blobs = make_blobs(5000, 3, 5, {.seed = 6});
  const Eigen::MatrixXd columns = blobs.points;
  for (const LandmarkMethod method : methods) {
    LandmarkSpectralOptions options{.method = method, .landmarks = 60};
    options.execution.threads = 1;
    const auto one = landmark_spectral_clustering(blobs.points, 5, options);
    for (const int threads : {2, 5}) {
      options.execution.threads = threads;
      const auto more = landmark_spectral_clustering(columns, 5, options);
      EXPECT_TRUE(same_bits(more.embedding.data(), one.embedding.data(), one.embedding.size()));
      EXPECT_TRUE((more.labels.array() == one.labels.array()).all());
    }
  }
}

TEST(LandmarkSpectralClustering, ProgressAndCancellation) {
  const auto moons = make_moons(500);
  for (const LandmarkMethod method : methods)
    for (const std::string_view stop : {"landmarks", "eigenvectors", "lloyd"}) {
      LandmarkSpectralOptions options{.method = method, .landmarks = 50};
      options.execution.on_progress = [&](const Progress& progress) { return progress.stage != stop; };
      EXPECT_THROW(landmark_spectral_clustering(moons.points, 2, options), Cancelled);
    }
}

}  // namespace
}  // namespace landmark_spectral_clustering_test
