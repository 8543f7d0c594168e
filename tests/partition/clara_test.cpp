#include <corymb/distance/pairwise.hpp>
#include <corymb/partition/clara.hpp>
#include <corymb/partition/clarans.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "support/kmedoids_instances.hpp"
#include "support/kmedoids_oracle.hpp"
#include "support/matrices.hpp"
#include "support/message_of.hpp"
#include "support/verify_kmedoids.hpp"

namespace clara_test {
namespace {

using namespace corymb;
using namespace corymb_test;

/// Whole distances on the line: exact sums, many ties.
RowMatrix<double> whole_points(std::uint64_t seed, Index n) {
  Random random(seed, {5});
  return grid_matrix<double>(random, n, 1, 3 * n);
}

Vector whole_weights(std::uint64_t seed, Index n) {
  Random random(seed, {6});
  Vector weights(n);
  for (Index i = 0; i < n; ++i) weights[i] = static_cast<double>(random.below(4));
  weights.head(12).setOnes();
  return weights;
}

TEST(DrawSample, HoldsDifferentObjectsAndThoseIncluded) {
  for (std::uint64_t seed = 0; seed < instances; ++seed) {
    Random random(seed);
    const Index n = 1 + random.below(40), m = 1 + random.below(n), k = random.below(m + 1);
    std::vector<Index> included = permutation(random, n);
    included.resize(static_cast<std::size_t>(k));
    const auto sample = detail::draw_sample(n, m, nullptr, included, random);
    ASSERT_EQ(static_cast<Index>(sample.objects.size()), m);
    ASSERT_EQ(sample.weights.size(), 0);
    ASSERT_TRUE(std::is_sorted(sample.objects.begin(), sample.objects.end()));
    ASSERT_EQ(std::set<Index>(sample.objects.begin(), sample.objects.end()).size(), sample.objects.size());
    ASSERT_GE(sample.objects.front(), 0);
    ASSERT_LT(sample.objects.back(), n);
    for (const Index object : included)
      ASSERT_TRUE(std::binary_search(sample.objects.begin(), sample.objects.end(), object));
  }
}

TEST(DrawSample, EveryOtherObjectIsEquallyLikely) {
  std::vector<int> drawn(20, 0);
  Random random(1);
  const int rounds = 20000;
  for (int i = 0; i < rounds; ++i)
    for (const Index object : detail::draw_sample(20, 7, nullptr, {3, 19}, random).objects)
      ++drawn[static_cast<std::size_t>(object)];
  for (std::size_t object = 0; object < drawn.size(); ++object) {
    const bool included = object == 3 || object == 19;
    const double expected = included ? rounds : rounds * 5.0 / 18;
    EXPECT_NEAR(drawn[object], expected, included ? 0.0 : 5 * std::sqrt(expected)) << object;
  }
}

TEST(DrawSample, HeavyObjectsCountAsOftenAsTheyAreDrawn) {
  const double weight[5] = {1, 0, 3, 6, 0};
  Vector times = Vector::Zero(5);
  Random random(2);
  const int rounds = 5000;
  for (int i = 0; i < rounds; ++i) {
    const auto sample = detail::draw_sample(5, 8, weight, {0}, random);
    ASSERT_EQ(sample.weights.sum(), 8);
    ASSERT_EQ(sample.objects.front(), 0);
    for (std::size_t s = 0; s < sample.objects.size(); ++s)
      times[sample.objects[s]] += sample.weights[static_cast<Index>(s)];
  }
  const double drawn = 7.0 * rounds;
  EXPECT_EQ(times[1] + times[4], 0);
  EXPECT_NEAR(times[0] - rounds, drawn * 0.1, 5 * std::sqrt(drawn * 0.1));
  EXPECT_NEAR(times[2], drawn * 0.3, 5 * std::sqrt(drawn * 0.3));
  EXPECT_NEAR(times[3], drawn * 0.6, 5 * std::sqrt(drawn * 0.6));
}

TEST(Clara, ResultsAreThoseOfTheDefinition) {
  for (std::uint64_t seed = 0; seed < instances; ++seed) {
    SCOPED_TRACE(seed);
    const Index n = 30 + static_cast<Index>(seed % 300), k = 1 + static_cast<Index>(seed % 7);
    const RowMatrix<double> X = whole_points(seed, n), D = pairwise_distances(X, X);
    ClaraOptions options{.sample_size = 25, .seed = seed, .execution = {.threads = 1}};
    if (seed % 2 == 0) options.weights = whole_weights(seed, n);
    if (seed % 3 == 0) options.algorithm = KMedoidsAlgorithm::pam;
    double best = std::numeric_limits<double>::infinity();
    options.execution.on_progress = [&](const Progress& progress) {
      EXPECT_EQ(progress.stage, "clara");
      EXPECT_LE(progress.objective, best);
      best = progress.objective;
      return true;
    };
    const auto result = clara(X, k, options);
    ASSERT_EQ(verify::kmedoids_error(D, result, false, options.weights), "");
    ASSERT_EQ(result.loss, best);
    ASSERT_TRUE(predict(result, X) == result.labels);
  }
}

TEST(Clara, ASampleOfEverythingIsKMedoids) {
  const RowMatrix<double> X = whole_points(1, 90);
  for (const KMedoidsAlgorithm algorithm : {KMedoidsAlgorithm::faster_pam, KMedoidsAlgorithm::pam}) {
    const auto sampled = clara(X, 5, {.algorithm = algorithm, .sample_size = 1000});
    const auto whole = kmedoids(X, 5, {.init = KMedoidsInit::build, .algorithm = algorithm});
    EXPECT_EQ(sampled.medoids, whole.medoids);
    EXPECT_EQ(sampled.loss, whole.loss);
    EXPECT_EQ(sampled.swaps, whole.swaps);
  }
}

TEST(Clara, IsTheSameInEveryFormAndOnAnyNumberOfThreads) {
  for_each_scalar([](auto scalar) {
    using T = decltype(scalar);
    Random random(3);
    const RowMatrix<T> X = normal_matrix<T>(random, 3000, 3);
    ClaraOptions options{.seed = 4, .execution = {.threads = 1}};
    const auto expected = clara(X, 7, options);
    for_each_layout(X, [&](const auto& layout) { expect_same(clara(layout, 7, options), expected); });
    for (const int threads : {2, 5}) {
      options.execution.threads = threads;
      expect_same(clara(X, 7, options), expected);
    }
    const RowMatrix<T> D = pairwise_distances(X, X);
    expect_same(clara(DistanceMatrix(D), 7, options), expected);
    expect_same(clara(dissimilarity(3000, [&](Index i, Index j) { return D(i, j); }), 7, options), expected);
  });
}

TEST(Clara, MoreSamplesAreNeverWorse) {
  Random random(5);
  const RowMatrix<float> X = normal_matrix<float>(random, 2000, 2);
  double loss = std::numeric_limits<double>::infinity();
  for (int samples = 1; samples < 8; ++samples) {
    const auto result = clara(X, 6, {.samples = samples});
    EXPECT_LE(result.loss, loss);
    loss = result.loss;
  }
}

TEST(Clara, StopsWhenAsked) {
  Random random(6);
  const RowMatrix<float> X = normal_matrix<float>(random, 500, 2);
  ClaraOptions options;
  options.execution.on_progress = [](const Progress& progress) { return progress.step < 2; };
  auto result = clara(X, 3, options);
  EXPECT_EQ(result.status, Status::cancelled);
  result.status = Status::converged;
  options.execution.on_progress = nullptr;
  options.samples = 2;
  expect_same(result, clara(X, 3, options));
}

TEST(Clara, FewHeavyObjects) {
  Random random(7);
  const RowMatrix<double> X = normal_matrix<double>(random, 100, 2);
  Vector weights = Vector::Constant(100, 1e-12);
  weights[50] = 1e12;
  const auto result = clara(X, 8, {.weights = weights});
  EXPECT_EQ(verify::kmedoids_error(pairwise_distances(X, X), result, false, weights), "");
}

TEST(Clara, TellsWhatIsWrong) {
  const RowMatrix<double> X = whole_points(1, 20);
  expect_message([&] { clara(X, 0); }, "corymb::clara: k = 0 must be in [1, n = 20]");
  expect_message([&] { clara(X, 3, {.samples = 0}); }, "corymb::clara: samples = 0 must be ≥ 1");
  expect_message([&] { clara(X, 3, {.sample_size = 2}); },
                 "corymb::clara: sample_size = 2 must be at least k = 3 (0 = chosen from k)");
  expect_message([&] { clara(DistanceMatrix(pairwise_distances(X, X)), 3, {.metric = Metric::manhattan}); },
                 "corymb::clara: metric must be empty: the distances are those of the matrix");
  EXPECT_THROW(clara(X, 3, {.sample_size = 20, .execution = {.memory_limit = 1000}}), MemoryLimitExceeded);
}

/// CLARANS by its definition, from the same draws.
template <class Distances>
oracle::Medoids clarans_oracle(const Distances& D, Index k, const ClaransOptions& options, Random random) {
  const Index n = D.rows();
  const double* weight = options.weights.size() > 0 ? options.weights.data() : nullptr;
  oracle::Medoids medoids = detail::random_rows(n, k, weight, random);
  std::int64_t in_vain = 0;
  while (in_vain < options.max_tries) {
    const Index j = random.below(n);
    const auto slot = static_cast<std::size_t>(random.below(k));
    if (!oracle::is_candidate(medoids, j, options.weights)) continue;
    oracle::Exchange exchange = oracle::best_exchange(D, medoids, j, options.weights);
    if (options.algorithm == ClaransAlgorithm::clarans) {
      oracle::Medoids exchanged = medoids;
      exchanged[slot] = j;
      exchange = {verify::kmedoids_loss(D, exchanged, options.weights), j, slot};
    }
    if (exchange.loss < verify::kmedoids_loss(D, medoids, options.weights)) {
      medoids[exchange.slot] = j;
      in_vain = 0;
    } else {
      ++in_vain;
    }
  }
  return medoids;
}

TEST(Clarans, MakesTheExchangesOfTheDefinition) {
  for (std::uint64_t seed = 0; seed < instances / 2; ++seed) {
    SCOPED_TRACE(seed);
    const Index n = 20 + static_cast<Index>(seed % 30), k = 1 + static_cast<Index>(seed % 6);
    const RowMatrix<double> X = whole_points(seed, n), D = pairwise_distances(X, X);
    for (const ClaransAlgorithm algorithm : {ClaransAlgorithm::fast_clarans, ClaransAlgorithm::clarans}) {
      ClaransOptions options{.algorithm = algorithm, .restarts = 1, .max_tries = 60, .seed = seed};
      if (seed % 2 == 0) options.weights = whole_weights(seed, n);
      const auto expected = clarans_oracle(D, k, options, Random(seed, {0}));
      for (const int threads : {1, 2, 5}) {
        options.execution.threads = threads;
        const auto result = clarans(X, k, options);
        ASSERT_EQ(result.medoids, expected) << threads;
        ASSERT_EQ(verify::kmedoids_error(D, result, false, options.weights), "");
      }
    }
  }
}

TEST(Clarans, IsTheSameOnAnyNumberOfThreads) {
  Random random(9);
  const RowMatrix<float> X = normal_matrix<float>(random, 2500, 3);
  ClaransOptions options{.restarts = 1, .max_tries = 40, .execution = {.threads = 1}};
  const auto expected = clarans(X, 8, options);
  EXPECT_GT(expected.swaps, 0);
  for (const int threads : {2, 5}) {
    options.execution.threads = threads;
    expect_same(clarans(X, 8, options), expected);
  }
}

TEST(Clarans, ManyTriesEndWhereNoSwapImproves) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const RowMatrix<double> X = whole_points(seed, 60), D = pairwise_distances(X, X);
    const auto result = clarans(X, 4, {.restarts = 1, .max_tries = 3000, .seed = seed});
    EXPECT_EQ(verify::kmedoids_error(D, result, true), "");
  }
}

TEST(Clarans, IsTheSameInEveryForm) {
  Random random(8);
  RowMatrix<double> X = normal_matrix<double>(random, 700, 2);
  X.row(400) *= 1e9;  // where the distances are not known beforehand, the unit of the costs must follow
  const RowMatrix<double> D = pairwise_distances(X, X);
  for (const ClaransAlgorithm algorithm : {ClaransAlgorithm::fast_clarans, ClaransAlgorithm::clarans}) {
    const ClaransOptions options{.algorithm = algorithm, .max_tries = 400, .seed = 9};
    const auto expected = clarans(X, 5, options);
    expect_same(clarans(DistanceMatrix(D), 5, options), expected);
    expect_same(clarans(dissimilarity(700, [&](Index i, Index j) { return D(i, j); }), 5, options), expected);
    expect_same(clarans(
                    X, 5,
                    [](std::span<const double> x, std::span<const double> y) {
                      const volatile double a = (x[0] - y[0]) * (x[0] - y[0]), b = (x[1] - y[1]) * (x[1] - y[1]);
                      return std::sqrt(a + b);
                    },
                    options),
                expected);
  }
}

TEST(Clarans, EdgeCases) {
  const RowMatrix<double> X = whole_points(1, 9), equal = RowMatrix<double>::Constant(9, 2, 3);
  for (const ClaransAlgorithm algorithm : {ClaransAlgorithm::fast_clarans, ClaransAlgorithm::clarans})
    for (const Index k : {1, 2, 8, 9}) {
      const auto result = clarans(equal, k, {.algorithm = algorithm});
      EXPECT_EQ(verify::kmedoids_error(pairwise_distances(equal, equal), result, true), "");
      EXPECT_EQ(verify::kmedoids_error(pairwise_distances(X, X), clarans(X, k, {.algorithm = algorithm}), false), "");
    }
  EXPECT_EQ(clarans(X.topRows(1), 1).medoids, std::vector<Index>{0});
  expect_message([&] { clarans(X, 3, {.restarts = 0}); }, "corymb::clarans: restarts = 0 must be ≥ 1");
  expect_message([&] { clarans(X, 3, {.max_tries = -1}); },
                 "corymb::clarans: max_tries = -1 must be ≥ 0 (0 = chosen from n and k)");
  ClaransOptions options;
  options.execution.on_progress = [](const Progress& progress) {
    EXPECT_EQ(progress.stage, "clarans");
    return false;
  };
  EXPECT_EQ(clarans(X, 3, options).status, Status::cancelled);
}

}  // namespace
}  // namespace clara_test
