#include <corymb/core/errors.hpp>
#include <corymb/datasets/generators.hpp>
#include <corymb/distance/pairwise.hpp>
#include <corymb/graph/connected_components.hpp>
#include <corymb/spectral/spectral_embedding.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "support/matrices.hpp"
#include "support/verify_spectral.hpp"

namespace spectral_embedding_test {
namespace {

using namespace corymb;
using namespace corymb_test;

constexpr Laplacian laplacians[] = {Laplacian::random_walk, Laplacian::symmetric, Laplacian::unnormalized};

std::vector<Eigensolver> solvers() {
  std::vector<Eigensolver> all = {Eigensolver::automatic, Eigensolver::chebyshev, Eigensolver::dense};
  if (detail::lanczos_is_available()) all.push_back(Eigensolver::lanczos);
  return all;
}

/// Affinities in (0, 1) with a share of zeros.
Eigen::MatrixXd random_affinities(Random& random, Index n, double zeros) {
  Eigen::MatrixXd W(n, n);
  for (Index i = 0; i < n; ++i)
    for (Index j = 0; j <= i; ++j) W(i, j) = W(j, i) = random.uniform() < zeros ? 0 : random.uniform();
  return W;
}

Eigen::SparseMatrix<double, Eigen::RowMajor> sparse(const Eigen::MatrixXd& W) {
  Eigen::SparseMatrix<double, Eigen::RowMajor> G = W.sparseView();
  return G;
}

/// The affinities that the options ask for, by their definitions.
template <class T>
Eigen::MatrixXd affinities_of(const RowMatrix<T>& X, const SpectralOptions& options) {
  const Index n = X.rows();
  const Metric metric =
      options.affinity == Affinity::cosine ? Metric::cosine : options.metric.value_or(Metric::euclidean);
  const Eigen::MatrixXd D = pairwise_distances(X, X, metric).template cast<double>();
  Eigen::MatrixXd W = Eigen::MatrixXd::Zero(n, n);
  RowMatrix<Index> near(n, options.neighbors);
  Vector scale(n);
  for (Index i = 0; i < n && options.neighbors < n; ++i) {
    std::vector<Index> order;
    for (Index j = 0; j < n; ++j)
      if (j != i) order.push_back(j);
    std::stable_sort(order.begin(), order.end(), [&](Index a, Index b) { return D(i, a) < D(i, b); });
    for (Index c = 0; c < options.neighbors; ++c) near(i, c) = order[static_cast<std::size_t>(c)];
    scale[i] = D(i, near(i, options.neighbors - 1));
  }
  const auto is_near = [&](Index i, Index j) { return (near.row(i).array() == j).any(); };
  for (Index i = 0; i < n; ++i)
    for (Index j = 0; j < n; ++j) {
      if (i == j) continue;
      const double squared = D(i, j) * D(i, j);
      const double tuned = std::exp(-squared / (scale[i] * scale[j]));
      switch (options.affinity) {
        case Affinity::rbf: W(i, j) = std::exp(-*options.gamma * squared); break;
        case Affinity::self_tuning: W(i, j) = tuned; break;
        case Affinity::cosine: W(i, j) = std::max(1 - D(i, j), 0.0); break;
        case Affinity::knn: W(i, j) = 0.5 * is_near(i, j) + 0.5 * is_near(j, i); break;
        case Affinity::mutual_knn: W(i, j) = is_near(i, j) && is_near(j, i); break;
      }
      const bool is_graph = options.affinity == Affinity::knn || options.affinity == Affinity::mutual_knn;
      if (is_graph && options.edges == EdgeAffinity::self_tuning) W(i, j) *= tuned;
    }
  return W;
}

TEST(VerifyEmbedding, FindsWrongAnswers) {
  Random random(3);
  const Eigen::MatrixXd W = random_affinities(random, 30, 0.5);
  const SpectralOptions options{.laplacian = Laplacian::symmetric, .solver = Eigensolver::dense};
  const SpectralEmbedding right = spectral_embedding(AffinityMatrix(W), 4, options);
  EXPECT_TRUE(verify_embedding(W, Laplacian::symmetric, right, 1e-8));
  EXPECT_FALSE(verify_embedding(W, Laplacian::unnormalized, right, 1e-8));
  SpectralEmbedding wrong = right;
  wrong.eigenvectors(3, 1) += 1e-6;
  EXPECT_FALSE(verify_embedding(W, Laplacian::symmetric, wrong, 1e-8));
  wrong = right;
  wrong.eigenvalues[3] += 1e-6;
  EXPECT_FALSE(verify_embedding(W, Laplacian::symmetric, wrong, 1e-8));
  wrong = right;
  wrong.eigenvectors.col(2) *= -1;
  EXPECT_FALSE(verify_embedding(W, Laplacian::symmetric, wrong, 1e-8));
  wrong = right;  // one is left out
  wrong.eigenvalues[3] = spectral_embedding(AffinityMatrix(W), 5, options).eigenvalues[4];
  wrong.eigenvectors.col(3) = spectral_embedding(AffinityMatrix(W), 5, options).eigenvectors.col(4);
  EXPECT_FALSE(verify_embedding(W, Laplacian::symmetric, wrong, 1e-8));
}

TEST(SpectralEmbedding, EverySolverAndLaplacianOnRandomAffinities) {
  for (std::uint64_t seed = 0; seed < instances / 10; ++seed) {
    SCOPED_TRACE(seed);
    Random random(seed);
    const Index n = 20 + random.below(120), dimensions = 1 + random.below(8);
    const Eigen::MatrixXd W = random_affinities(random, n, seed % 2 == 0 ? 0.3 : 0.9);
    for (const Laplacian laplacian : laplacians)
      for (const Eigensolver solver : solvers()) {
        SCOPED_TRACE(testing::Message() << "laplacian " << static_cast<int>(laplacian) << " solver "
                                        << static_cast<int>(solver) << " n " << n << " dimensions " << dimensions);
        // A block of vectors, or a Krylov space, needs room.
        if (solver == Eigensolver::chebyshev && n < 100) continue;
        const SpectralOptions options{.laplacian = laplacian, .solver = solver, .seed = seed};
        const auto dense = spectral_embedding(AffinityMatrix(W), dimensions, options);
        EXPECT_EQ(dense.status, Status::converged);
        EXPECT_TRUE(verify_embedding(W, laplacian, dense, 1.1e-8));
        EXPECT_TRUE(verify_embedding(W, laplacian, spectral_embedding(sparse(W), dimensions, options), 1.1e-8));
      }
  }
}

TEST(SpectralEmbedding, AffinitiesOfPointsAreThoseOfTheirDefinitions) {
  Random random(1);
  for_each_scalar([&](auto scalar) {
    using T = decltype(scalar);
    RowMatrix<T> X = normal_matrix<T>(random, 150, 3);
    X.topRows(50).array() += T(3);
    std::vector<SpectralOptions> all = {
        {.gamma = 0.7},
        {.metric = Metric::manhattan, .gamma = 0.3},
        {.affinity = Affinity::self_tuning, .neighbors = 7},
        {.affinity = Affinity::self_tuning, .metric = Metric::chebyshev, .neighbors = 5},
        {.affinity = Affinity::cosine},
        {.affinity = Affinity::knn, .neighbors = 8},
        {.affinity = Affinity::knn, .neighbors = 6, .edges = EdgeAffinity::self_tuning},
        {.affinity = Affinity::mutual_knn, .neighbors = 9},
        {.affinity = Affinity::mutual_knn, .metric = Metric::manhattan, .neighbors = 12}};
    for (std::size_t at = 0; at < all.size(); ++at)
      for (const Laplacian laplacian : laplacians)
        for (const AffinityStorage storage : {AffinityStorage::stored, AffinityStorage::computed}) {
          SCOPED_TRACE(testing::Message() << "case " << at << " laplacian " << static_cast<int>(laplacian));
          SpectralOptions options = all[at];
          options.laplacian = laplacian;
          options.storage = storage;
          options.solver = Eigensolver::chebyshev;
          const Eigen::MatrixXd W = affinities_of(X, options);
          const auto result = spectral_embedding(X, 5, options);
          EXPECT_TRUE(verify_embedding(W, laplacian, result, std::is_same_v<T, float> ? 2e-6 : 1.1e-8));
          EXPECT_LE((result.degrees - W.rowwise().sum()).cwiseAbs().maxCoeff(),
                    (std::is_same_v<T, float> ? 1e-5 : 1e-12) * W.rowwise().sum().maxCoeff());
        }
  });
}

TEST(SpectralEmbedding, OwnAffinity) {
  Random random(5);
  const RowMatrix<double> X = normal_matrix<double>(random, 140, 2);
  const auto f = [](std::span<const double> x, std::span<const double> y) {
    return 1 / (1 + std::hypot(x[0] - y[0], x[1] - y[1]));
  };
  Eigen::MatrixXd W(X.rows(), X.rows());
  for (Index i = 0; i < X.rows(); ++i)
    for (Index j = 0; j < X.rows(); ++j) W(i, j) = 1 / (1 + (X.row(i) - X.row(j)).norm());
  for (const AffinityStorage storage : {AffinityStorage::stored, AffinityStorage::computed})
    EXPECT_TRUE(verify_embedding(W, Laplacian::random_walk, spectral_embedding(X, 3, f, {.storage = storage}), 1.1e-8));
}

/// Blocks of random affinities, with nothing between them, their rows mixed.
Eigen::MatrixXd separate_blocks(Random& random, const std::vector<Index>& sizes, double zeros) {
  Index n = 0;
  for (const Index size : sizes) n += size;
  Eigen::MatrixXd W = Eigen::MatrixXd::Zero(n, n);
  Index first = 0;
  for (const Index size : sizes) {
    W.block(first, first, size, size) = random_affinities(random, size, size > 10 ? zeros : 0);
    first += size;
  }
  const std::vector<Index> order = permutation(random, n);
  Eigen::MatrixXd mixed(n, n);
  for (Index i = 0; i < n; ++i)
    for (Index j = 0; j < n; ++j)
      mixed(i, j) = W(order[static_cast<std::size_t>(i)], order[static_cast<std::size_t>(j)]);
  return mixed;
}

TEST(SpectralEmbedding, ComponentsHaveExactNullVectors) {
  Random random(7);
  for (const Laplacian laplacian : laplacians)
    for (const Eigensolver solver : solvers())
      for (const std::vector<Index>& sizes :
           {std::vector<Index>{90, 60}, {1, 120, 30}, {40, 40, 40, 40}, {1, 1, 1, 150}, {2, 148}}) {
        const Eigen::MatrixXd W = separate_blocks(random, sizes, 0.3);
        const auto result = spectral_embedding(sparse(W), 6, {.laplacian = laplacian, .solver = solver});
        ASSERT_EQ(result.components, static_cast<std::int32_t>(sizes.size()));
        EXPECT_TRUE((result.component.array() == connected_components(sparse(W)).labels.array()).all());
        EXPECT_TRUE((result.eigenvalues.head(result.components).array() == 0).all());
        EXPECT_GT(result.eigenvalues[result.components], 1e-3);
        EXPECT_TRUE(verify_embedding(W, laplacian, result, 1.1e-8));
        if (laplacian == Laplacian::symmetric) continue;
        for (Index c = 0; c < result.components; ++c)  // constant on the component, zero elsewhere
          for (Index i = 0; i < W.rows(); ++i) EXPECT_EQ(result.eigenvectors(i, c) == 0, result.component[i] != c);
        EXPECT_TRUE(
            verify_embedding(W, laplacian, spectral_embedding(AffinityMatrix(W), 6, {.laplacian = laplacian}), 1.1e-8));
      }
}

TEST(SpectralEmbedding, OfMoreComponentsThanDimensionsTheLargest) {
  Random random(8);
  const Eigen::MatrixXd W = separate_blocks(random, {5, 20, 3, 30, 9}, 0);
  const auto result = spectral_embedding(AffinityMatrix(W), 2);
  EXPECT_EQ(result.components, 5);
  EXPECT_EQ((result.component.array() == 0).count() + (result.component.array() == 1).count(), 50);
  EXPECT_EQ((result.component.array() == -1).count(), 17);
  EXPECT_EQ(result.eigenvalues.maxCoeff(), 0);
}

TEST(SpectralEmbedding, SmallComponentsArePutAside) {
  Random random(9);
  const Eigen::MatrixXd W = separate_blocks(random, {1, 60, 3, 2, 80}, 0.2);
  for (const Laplacian laplacian : laplacians)
    for (const Eigensolver solver : solvers()) {
      const auto result =
          spectral_embedding(sparse(W), 4, {.laplacian = laplacian, .solver = solver, .min_component_size = 4});
      EXPECT_EQ(result.components, 2);
      std::vector<Index> kept;
      for (Index i = 0; i < W.rows(); ++i) {
        if (result.component[i] >= 0)
          kept.push_back(i);
        else
          EXPECT_TRUE((result.eigenvectors.row(i).array() == 0).all());
      }
      ASSERT_EQ(kept.size(), 140U);
      Eigen::MatrixXd part(140, 140);
      SpectralEmbedding of_part = result;
      of_part.eigenvectors.resize(140, 4);
      of_part.degrees.resize(140);
      for (std::size_t i = 0; i < kept.size(); ++i) {
        of_part.eigenvectors.row(static_cast<Index>(i)) = result.eigenvectors.row(kept[i]);
        of_part.degrees[static_cast<Index>(i)] = result.degrees[kept[i]];
        for (std::size_t j = 0; j < kept.size(); ++j)
          part(static_cast<Index>(i), static_cast<Index>(j)) = W(kept[i], kept[j]);
      }
      EXPECT_TRUE(verify_embedding(part, laplacian, of_part, 1.1e-8));
    }
}

TEST(SpectralEmbedding, EqualEigenvalues) {
  // The complete graph has one eigenvalue n − 1 times; the ring has all but one or two twice.
  const Index n = 200;
  const Eigen::MatrixXd complete = Eigen::MatrixXd::Ones(n, n);
  Eigen::MatrixXd ring = Eigen::MatrixXd::Zero(n, n);
  for (Index i = 0; i < n; ++i) ring(i, (i + 1) % n) = ring((i + 1) % n, i) = 1;
  for (const Laplacian laplacian : laplacians)
    for (const Eigensolver solver : {Eigensolver::chebyshev, Eigensolver::dense}) {
      const SpectralOptions options{.laplacian = laplacian, .solver = solver};
      EXPECT_TRUE(
          verify_embedding(complete, laplacian, spectral_embedding(AffinityMatrix(complete), 5, options), 1.1e-8));
      EXPECT_TRUE(verify_embedding(ring, laplacian, spectral_embedding(sparse(ring), 6, options), 1.1e-8));
    }
}

TEST(SpectralEmbedding, SmallCases) {
  const RowMatrix<double> one = RowMatrix<double>::Constant(1, 2, 3);
  const auto alone = spectral_embedding(one, 1);
  EXPECT_EQ(alone.eigenvalues[0], 0);
  EXPECT_EQ(alone.eigenvectors(0, 0), 1);
  for (const Laplacian laplacian : laplacians) {
    Random random(1);
    const RowMatrix<double> X = normal_matrix<double>(random, 7, 2);
    const SpectralOptions options{.gamma = 0.5, .laplacian = laplacian};
    EXPECT_TRUE(verify_embedding(affinities_of(X, options), laplacian, spectral_embedding(X, 7, options), 1e-8));
    const RowMatrix<double> equal = RowMatrix<double>::Constant(9, 2, 1e6);
    EXPECT_TRUE(verify_embedding(Eigen::MatrixXd::Ones(9, 9), laplacian,
                                 spectral_embedding(equal, 3, {.laplacian = laplacian}), 1e-8));
    // No affinities at all: every row is a component.
    const Eigen::MatrixXd none = Eigen::MatrixXd::Zero(5, 5);
    EXPECT_TRUE(
        verify_embedding(none, laplacian, spectral_embedding(AffinityMatrix(none), 5, {.laplacian = laplacian}), 1e-8));
  }
}

TEST(SpectralEmbedding, SameBitsForAnyThreadsAndLayout) {
  Random random(2);
  const RowMatrix<double> X = normal_matrix<double>(random, 700, 4);
  const Eigen::MatrixXd columns = X;
  for (const Affinity affinity : {Affinity::rbf, Affinity::self_tuning, Affinity::knn})
    for (const AffinityStorage storage : {AffinityStorage::stored, AffinityStorage::computed}) {
      SpectralOptions options{.affinity = affinity, .storage = storage};
      options.execution.threads = 1;
      const auto one = spectral_embedding(X, 4, options);
      EXPECT_EQ(one.status, Status::converged);
      for (const int threads : {2, 5}) {
        options.execution.threads = threads;
        const auto more = spectral_embedding(columns, 4, options);
        EXPECT_TRUE(same_bits(more.eigenvectors.data(), one.eigenvectors.data(), one.eigenvectors.size()));
        EXPECT_TRUE(same_bits(more.eigenvalues.data(), one.eigenvalues.data(), 4));
      }
    }
}

TEST(SpectralEmbedding, OffsetsAndUnderflow) {
  Random random(4);
  RowMatrix<double> X = normal_matrix<double>(random, 200, 3);
  const auto near = spectral_embedding(X, 4, {.gamma = 0.5});
  const auto far = spectral_embedding((X.array() + 1048576).matrix(), 4, {.gamma = 0.5});  // a power of two
  EXPECT_LE((near.eigenvalues - far.eigenvalues).cwiseAbs().maxCoeff(), 1e-7);
  // Two groups so far from each other that their affinities are 0.
  X.topRows(80).array() += 1e4;
  const auto apart = spectral_embedding(X, 3, {.gamma = 0.5});
  EXPECT_EQ(apart.components, 2);
  EXPECT_EQ(apart.eigenvalues[1], 0);
}

TEST(SpectralEmbedding, ProgressAndCancellation) {
  Random random(6);
  const RowMatrix<double> X = normal_matrix<double>(random, 400, 3);
  std::vector<std::string> stages;
  SpectralOptions options;
  options.execution.on_progress = [&](const Progress& progress) {
    if (stages.empty() || stages.back() != progress.stage) stages.emplace_back(progress.stage);
    return true;
  };
  spectral_embedding(X, 3, options);
  EXPECT_EQ(stages, (std::vector<std::string>{"affinities", "eigenvectors"}));
  for (const std::string_view stop : {"affinities", "eigenvectors"}) {
    options.execution.on_progress = [&](const Progress& progress) { return progress.stage != stop; };
    EXPECT_THROW(spectral_embedding(X, 3, options), Cancelled);
  }
}

TEST(SpectralEmbedding, WhatHasNotConvergedSaysSo) {
  // A long path: its smallest eigenvalues are 10^-7 and next to each other.
  const Index n = 3000;
  Eigen::SparseMatrix<double, Eigen::RowMajor> path(n, n);
  std::vector<Eigen::Triplet<double>> entries;
  for (Index i = 0; i + 1 < n; ++i) {
    entries.emplace_back(i, i + 1, 1.0);
    entries.emplace_back(i + 1, i, 1.0);
  }
  path.setFromTriplets(entries.begin(), entries.end());
  const auto stopped = spectral_embedding(path, 4, {.eigen_tolerance = 1e-12, .max_eigen_iterations = 2});
  EXPECT_EQ(stopped.status, Status::iteration_limit);
  EXPECT_GT(stopped.residuals.maxCoeff(), 1e-12);
  const auto found = spectral_embedding(path, 4, {.laplacian = Laplacian::unnormalized, .eigen_tolerance = 1e-9});
  EXPECT_EQ(found.status, Status::converged);
  for (Index c = 1; c < 4; ++c) {
    const double half_angle = M_PI * static_cast<double>(c) / (2 * static_cast<double>(n));
    EXPECT_NEAR(found.eigenvalues[c], 4 * std::sin(half_angle) * std::sin(half_angle), 1e-12);
  }
}

TEST(SpectralEmbedding, Memory) {
  const RowMatrix<double> X = RowMatrix<double>::Random(2000, 2);
  SpectralOptions options{.storage = AffinityStorage::stored};
  options.execution.memory_limit = 16'000'000;
  EXPECT_THROW(spectral_embedding(X, 3, options), MemoryLimitExceeded);
  options.storage = AffinityStorage::automatic;
  EXPECT_EQ(spectral_embedding(X, 3, options).status, Status::converged);
  options.execution.memory_limit = 100'000;
  EXPECT_THROW(spectral_embedding(X, 3, options), MemoryLimitExceeded);
}

}  // namespace
}  // namespace spectral_embedding_test
