// Every algorithm finds the labels of Lloyd's, in every iteration.
#include <gtest/gtest.h>

#include <corymb/core/random.hpp>
#include <corymb/datasets/bundled.hpp>
#include <corymb/datasets/generators.hpp>
#include <corymb/partition/kmeans.hpp>

#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>

#include "partition/single_moves_oracle.hpp"
#include "support/same_kmeans.hpp"
#include "support/slow_tests.hpp"

namespace algorithms_test {
namespace {

using corymb::EmptyClusters;
using corymb::Index;
using corymb::KMeansAlgorithm;
using corymb::KMeansInit;
using corymb::KMeansOptions;
using corymb::KMeansResult;
using corymb::RowMatrix;
using corymb::Vector;
using corymb_test::expect_same;

const int instances = corymb_test::slow_tests() ? 1000 : 60;

struct Named {
  KMeansAlgorithm algorithm;
  const char* name;
};
constexpr std::array<Named, 6> accelerated = {{{KMeansAlgorithm::automatic, "automatic"},
                                               {KMeansAlgorithm::hamerly, "hamerly"},
                                               {KMeansAlgorithm::elkan, "elkan"},
                                               {KMeansAlgorithm::yinyang, "yinyang"},
                                               {KMeansAlgorithm::progressive, "progressive"},
                                               {KMeansAlgorithm::quantized, "quantized"}}};

/// The definition of an assignment: the nearest by Σ (x_j − c_j)², added in ascending j, the lower centroid on ties.
template <class T>
corymb::Labels nearest_by_definition(const RowMatrix<T>& X, const RowMatrix<T>& C) {
  corymb::Labels labels(X.rows());
  for (Index i = 0; i < X.rows(); ++i) {
    T least = std::numeric_limits<T>::infinity();
    for (Index c = 0; c < C.rows(); ++c) {
      volatile T sum = 0;  // keeps the compiler from fusing
      for (Index j = 0; j < X.cols(); ++j) {
        volatile const T difference = X(i, j) - C(c, j);
        volatile const T square = difference * difference;
        sum = sum + square;
      }
      if (sum < least) {
        least = sum;
        labels[i] = static_cast<std::int32_t>(c);
      }
    }
  }
  return labels;
}

/// After 1, 2, … iterations, to the end: what an algorithm knows from the iterations before never leads it astray.
template <class T>
void expect_lloyd_in_every_iteration(const RowMatrix<T>& X, Index k, KMeansOptions options, int most,
                                     const std::string& what) {
  for (int iterations = 1; iterations <= most; ++iterations) {
    options.max_iterations = iterations;
    options.execution.threads = 1;
    options.algorithm = KMeansAlgorithm::lloyd;
    const auto lloyd = corymb::kmeans(X, k, options);
    for (const Named& other : accelerated) {
      options.algorithm = other.algorithm;
      options.execution.threads = 1 + iterations % 2;
      expect_same(corymb::kmeans(X, k, options), lloyd,
                  what + ", " + other.name + ", " + std::to_string(iterations) + " iterations");
    }
    if (lloyd.status == corymb::Status::converged) break;
  }
}

template <class T>
RowMatrix<T> grid(corymb::Random& random, Index n, Index d, std::int64_t values, double offset) {
  RowMatrix<T> X(n, d);
  for (Index i = 0; i < n; ++i)
    for (Index j = 0; j < d; ++j) X(i, j) = static_cast<T>(offset + static_cast<double>(random.below(values)));
  return X;
}

// Few values: duplicates, and distances that tie.
template <class T>
void ties(std::uint64_t seed) {
  corymb::Random random(seed, {5});
  const Index n = 2 + random.below(150), d = 1 + random.below(seed % 3 == 0 ? 40 : 4), k = 1 + random.below(n);
  const double offset = seed % 4 == 0 ? 1000.0 : 0.0;
  const RowMatrix<T> X = grid<T>(random, n, d, 2 + random.below(4), offset);
  KMeansOptions options{.init = KMeansInit::random, .tolerance = 0, .seed = seed};
  options.empty_clusters = seed % 2 == 0 ? EmptyClusters::relocate : EmptyClusters::keep;
  if (seed % 5 == 0) {
    options.weights = Vector::Ones(n);
    for (Index i = 0; i < n; ++i) options.weights[i] = 0.25 + static_cast<double>(random.below(4));
  }
  expect_lloyd_in_every_iteration(X, k, options, 12, "instance " + std::to_string(seed));
}

TEST(KMeansAlgorithms, AreLloydOnTiesAndDuplicates) {
  for (int seed = 0; seed < instances; ++seed) {
    ties<double>(static_cast<std::uint64_t>(seed));
    ties<float>(static_cast<std::uint64_t>(seed));
    if (HasFatalFailure()) return;
  }
}

template <class T>
void blobs(Index n, Index d, Index k, double spread, double offset, bool weighted) {
  RowMatrix<T> X = corymb::make_blobs<T>(n, d, std::max<Index>(k / 2, 1), {.spread = {spread}, .seed = 7}).points;
  X.array() += static_cast<T>(offset);
  KMeansOptions options{.init = KMeansInit::random, .tolerance = 0, .seed = 3};
  corymb::Random random(9);
  if (weighted) {
    options.weights.resize(n);
    for (Index i = 0; i < n; ++i) options.weights[i] = random.uniform();
  }
  const std::string what = std::to_string(n) + " × " + std::to_string(d) + ", k = " + std::to_string(k) + ", spread " +
                           std::to_string(spread) + ", offset " + std::to_string(offset);
  expect_lloyd_in_every_iteration(X, k, options, 4, what);
  options.max_iterations = 100;
  options.algorithm = KMeansAlgorithm::lloyd;
  const auto lloyd = corymb::kmeans(X, k, options);
  for (const Named& other : accelerated) {
    options.algorithm = other.algorithm;
    expect_same(corymb::kmeans(X, k, options), lloyd, what + ", " + other.name + ", to the end");
  }
}

// Sizes for which `automatic` leaves Lloyd's, several groups of centroids, several blocks of coordinates.
TEST(KMeansAlgorithms, AreLloydOnBlobs) {
  blobs<float>(6000, 8, 70, 1.0, 0, false);
  blobs<double>(5000, 3, 20, 4.0, 0, true);
  blobs<float>(5000, 2, 30, 1.0, 1e4, false);
  blobs<float>(4500, 70, 300, 2.0, 0, true);
  blobs<double>(4200, 130, 40, 2.0, 1e6, false);
  blobs<float>(4200, 150, 60, 1.0, -300, false);
}

TEST(KMeansAlgorithms, AreLloydOnBundledData) {
  for (const auto* name : {"iris", "wine", "digits", "old_faithful"}) {
    const std::string data = name;
    const auto X = data == "iris"     ? corymb::iris().points
                   : data == "wine"   ? corymb::wine().points
                   : data == "digits" ? corymb::digits().points
                                      : corymb::old_faithful().points;
    for (const Index k : {2, 7, 40}) {
      const KMeansOptions options{.init = KMeansInit::random, .tolerance = 0, .seed = 1};
      expect_lloyd_in_every_iteration<double>(X, k, options, 8, data);
      expect_lloyd_in_every_iteration<float>(X.cast<float>(), k, options, 8, data + ", float");
    }
  }
}

// One iteration from given centroids: the labels by the definition itself, for centroids among the data and far away.
template <class T>
void one_assignment(std::uint64_t seed) {
  corymb::Random random(seed, {6});
  const Index n = 1 + random.below(300), d = 1 + random.below(60), k = 1 + random.below(80);
  const RowMatrix<T> X = grid<T>(random, n, d, 3, 0);
  RowMatrix<T> C(std::min(k, n), d);
  for (Index c = 0; c < C.rows(); ++c)
    for (Index j = 0; j < d; ++j) C(c, j) = static_cast<T>(random.below(3)) + (seed % 3 == 0 ? T(100) : T(0));
  KMeansOptions options{.max_iterations = 1, .tolerance = 0};
  options.empty_clusters = EmptyClusters::keep;
  // The labels that come back are those of the moved centroids.
  for (const Named& named : accelerated) {
    options.algorithm = named.algorithm;
    const auto result = corymb::kmeans(X, C, options);
    ASSERT_EQ(result.labels, nearest_by_definition(X, result.centroids)) << named.name << ", instance " << seed;
  }
}

TEST(KMeansAlgorithms, LabelsAreTheNearestByDefinition) {
  for (int seed = 0; seed < instances; ++seed) {
    one_assignment<double>(static_cast<std::uint64_t>(seed));
    one_assignment<float>(static_cast<std::uint64_t>(seed));
    if (HasFatalFailure()) return;
  }
}

TEST(KMeansAlgorithms, NoVarianceNoDistance) {
  for (const Index d : {1, 9, 70, 200}) {
    const RowMatrix<float> X = RowMatrix<float>::Constant(4100, d, 2.5f);
    expect_lloyd_in_every_iteration<float>(X, 40, {.init = KMeansInit::random, .tolerance = 0}, 4,
                                           std::to_string(d) + " constant columns");
  }
}

// Near the largest values that are allowed, squares of bounds overflow: then nothing may be left out.
TEST(KMeansAlgorithms, HugeAndTinyValues) {
  for (const float scale : {1e17f, 1e-19f, 1e-30f}) {
    RowMatrix<float> X = corymb::make_blobs<float>(4500, 70, 40, {.seed = 2}).points;
    X *= scale / X.cwiseAbs().maxCoeff();
    expect_lloyd_in_every_iteration<float>(X, 40, {.init = KMeansInit::random, .tolerance = 0}, 5,
                                           "scale " + std::to_string(std::log10(scale)));
  }
}

// Bytes hold what most rows need: single rows far away, centroids far from all rows, columns of very different widths.
template <class T>
void outliers(std::uint64_t seed) {
  corymb::Random random(seed, {8});
  const Index n = 4100, d = 20 + random.below(80), k = 20 + random.below(60);
  RowMatrix<T> X = corymb::make_blobs<T>(n, d, 15, {.spread = {1.0}, .seed = seed}).points;
  for (int m = 0; m < 5; ++m) X.row(random.below(n)) *= static_cast<T>(std::pow(10.0, 1 + 2 * m));
  if (seed % 2 == 0)
    for (Index j = 0; j < d; ++j) X.col(j) *= static_cast<T>(std::pow(10.0, random.uniform() * 4));
  KMeansOptions options{.init = KMeansInit::random, .tolerance = 0, .seed = seed};
  expect_lloyd_in_every_iteration(X, k, options, 5, "outliers " + std::to_string(seed));
  RowMatrix<T> start = X.topRows(k);
  start.row(3) *= T(1e4);
  options = {.tolerance = 0, .empty_clusters = EmptyClusters::keep};
  for (const int iterations : {1, 2, 5}) {
    options.max_iterations = iterations;
    options.algorithm = KMeansAlgorithm::lloyd;
    const auto lloyd = corymb::kmeans(X, start, options);
    for (const Named& other : accelerated) {
      options.algorithm = other.algorithm;
      expect_same(corymb::kmeans(X, start, options), lloyd, std::string("a far centroid, ") + other.name);
    }
  }
}

TEST(KMeansAlgorithms, AreLloydWithOutliers) {
  for (std::uint64_t seed = 1; seed <= 4; ++seed) {
    outliers<float>(seed);
    outliers<double>(seed);
    if (HasFatalFailure()) return;
  }
}

// Rows that change are summed by themselves: the means stay the means, and a cluster that lost all is empty.
TEST(KMeansAlgorithms, CentroidsAreTheMeansAfterManyUpdates) {
  const RowMatrix<double> X = corymb::make_blobs<double>(20'000, 4, 30, {.spread = {3.0}, .seed = 5}).points;
  KMeansOptions options{.init = KMeansInit::random, .max_iterations = 1000, .tolerance = 0, .seed = 11};
  options.weights.resize(X.rows());
  for (Index i = 0; i < X.rows(); ++i) options.weights[i] = 0.1 * static_cast<double>(1 + i % 7);
  const auto result = corymb::kmeans(X, 40, options);
  ASSERT_EQ(result.status, corymb::Status::converged);
  ASSERT_GT(result.iterations, 20);
  RowMatrix<double> sums = RowMatrix<double>::Zero(40, 4);
  Vector weights = Vector::Zero(40);
  for (Index i = 0; i < X.rows(); ++i) {
    sums.row(result.labels[i]) += options.weights[i] * X.row(i);
    weights[result.labels[i]] += options.weights[i];
  }
  for (Index c = 0; c < 40; ++c) {
    ASSERT_GT(weights[c], 0);
    EXPECT_LT((sums.row(c) / weights[c] - result.centroids.row(c)).cwiseAbs().maxCoeff(), 1e-12) << c;
  }
}

TEST(KMeansAlgorithms, SingleMovesLeaveNoneThatHelps) {
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    const RowMatrix<double> X = corymb::make_uniform<double>(900, 3, {.seed = seed}).points;
    KMeansOptions options{.init = KMeansInit::random, .tolerance = 0, .seed = seed};
    if (seed % 2 == 0) {
      options.weights.resize(X.rows());
      for (Index i = 0; i < X.rows(); ++i) options.weights[i] = static_cast<double>(1 + i % 3);
    }
    const auto plain = corymb::kmeans(X, 30, options);
    options.single_moves = true;
    const auto polished = corymb::kmeans(X, 30, options);
    EXPECT_LT(polished.inertia, plain.inertia) << seed;
    EXPECT_GT(polished.iterations, plain.iterations);
    EXPECT_EQ(polished.status, corymb::Status::converged);
    EXPECT_EQ(verify::single_move_error(X, polished.labels, 30, options.weights), "") << seed;
    EXPECT_NE(verify::single_move_error(X, plain.labels, 30, options.weights), "") << seed;
    EXPECT_EQ(polished.labels, corymb::predict(polished, X));
    for (const Named& other : accelerated) {
      options.algorithm = other.algorithm;
      options.execution.threads = 2;
      expect_same(corymb::kmeans(X, 30, options), polished, other.name);
    }
  }
}

TEST(KMeansAlgorithms, SingleMovesCanBeCancelled) {
  const RowMatrix<double> X = corymb::make_uniform<double>(900, 3, {.seed = 1}).points;
  KMeansOptions options{.init = KMeansInit::random, .tolerance = 0, .single_moves = true};
  options.execution.on_progress = [](const corymb::Progress& progress) { return progress.stage != "single moves"; };
  const auto result = corymb::kmeans(X, 30, options);
  EXPECT_EQ(result.status, corymb::Status::cancelled);
  EXPECT_EQ(result.labels, corymb::predict(result, X));
}

TEST(KMeansAlgorithms, MemoryIsSaidBeforehand) {
  const RowMatrix<double> X = corymb::make_uniform<double>(20'000, 3, {.seed = 1}).points;
  KMeansOptions options{.init = KMeansInit::random, .algorithm = KMeansAlgorithm::elkan, .max_iterations = 3};
  options.execution.memory_limit = 10'000'000;
  EXPECT_THROW(corymb::kmeans(X, 1000, options), corymb::MemoryLimitExceeded);  // bounds take 20 MB
  options.algorithm = KMeansAlgorithm::lloyd;
  EXPECT_NO_THROW(corymb::kmeans(X, 1000, options));
  options.algorithm = KMeansAlgorithm::automatic;  // does without what there is no room for
  EXPECT_NO_THROW(corymb::kmeans(X, 1000, options));
}

}  // namespace
}  // namespace algorithms_test
