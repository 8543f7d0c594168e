// The swaps and results of k-medoids against its definition.
#include <corymb/datasets/bundled.hpp>
#include <corymb/distance/pairwise.hpp>
#include <corymb/partition/kmedoids.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "support/kmedoids_instances.hpp"
#include "support/kmedoids_oracle.hpp"
#include "support/matrices.hpp"
#include "support/verify_kmedoids.hpp"

namespace kmedoids_test {
namespace {

using namespace corymb;
using namespace corymb_test;

TEST(KMedoids, PamAndFastPam1MakeTheSwapsOfTheDefinition) {
  for_each_scalar([](auto scalar) {
    using T = decltype(scalar);
    for (std::uint64_t seed = 0; seed < instances / 4; ++seed) {
      SCOPED_TRACE(seed);
      const auto instance = random_instance<T>(seed);
      const DistanceMatrix<T> D(instance.D);
      for (int most = 1; most <= 60; ++most) {
        const auto expected = oracle::pam(instance.D, instance.start, most, instance.weights);
        KMedoidsResult<T> results[2];
        for (const int fast : {0, 1}) {
          auto options = options_of(instance, fast ? KMedoidsAlgorithm::fast_pam1 : KMedoidsAlgorithm::pam);
          options.max_iterations = most;
          results[fast] = kmedoids(D, instance.k, options);
          ASSERT_EQ(results[fast].medoids, expected.medoids) << (fast ? "fast_pam1" : "pam") << " after " << most;
          ASSERT_EQ(results[fast].swaps, expected.swaps);
        }
        expect_same(results[1], results[0]);
        if (results[0].status == Status::converged) break;
      }
    }
  });
}

TEST(KMedoids, FasterPamMakesTheSwapsOfTheDefinitionOnAnyNumberOfThreads) {
  for_each_scalar([](auto scalar) {
    using T = decltype(scalar);
    for (std::uint64_t seed = 0; seed < instances; ++seed) {
      SCOPED_TRACE(seed);
      const auto instance = random_instance<T>(seed);
      const auto expected = oracle::faster_pam(instance.D, instance.start, instance.weights);
      for (const int threads : {1, 2, 5}) {
        const auto result = kmedoids(DistanceMatrix<T>(instance.D), instance.k,
                                     options_of(instance, KMedoidsAlgorithm::faster_pam, threads));
        ASSERT_EQ(result.medoids, expected.medoids) << threads << " threads";
        ASSERT_EQ(result.swaps, expected.swaps);
        ASSERT_EQ(result.status, Status::converged);
      }
    }
  });
}

TEST(KMedoids, EveryResultIsOneOfTheDefinition) {
  for (std::uint64_t seed = 0; seed < instances; ++seed) {
    const auto instance = random_instance<double>(seed);
    const DistanceMatrix<double> D(instance.D);
    for (const KMedoidsAlgorithm algorithm : all_algorithms) {
      SCOPED_TRACE(std::to_string(seed) + ", algorithm " + std::to_string(static_cast<int>(algorithm)));
      auto options = options_of(instance, algorithm);
      ASSERT_EQ(verify::kmedoids_error(instance.D, kmedoids(D, instance.k, options),
                                       algorithm != KMedoidsAlgorithm::alternate, instance.weights),
                "");
      options.initial_medoids.clear();
      options.seed = seed;
      for (const KMedoidsInit init : all_inits) {
        options.init = init;
        ASSERT_EQ(verify::kmedoids_error(instance.D, kmedoids(D, instance.k, options),
                                         algorithm != KMedoidsAlgorithm::alternate, instance.weights),
                  "")
            << "init " << static_cast<int>(init);
      }
    }
  }
}

TEST(KMedoids, BuildChoosesWhatTheDefinitionChooses) {
  for (std::uint64_t seed = 0; seed < instances; ++seed) {
    const auto instance = random_instance<float>(seed);
    // Each cluster's best medoid stays where the start is: alternate stopped by the callback returns the start.
    KMedoidsOptions options{.init = KMedoidsInit::build, .weights = instance.weights};
    options.execution.on_progress = [&](const Progress& progress) {
      return progress.stage != "seeding" || progress.step < instance.k;
    };
    const auto result = kmedoids(DistanceMatrix<float>(instance.D), instance.k, options);
    ASSERT_EQ(result.status, Status::cancelled);
    ASSERT_EQ(result.medoids, oracle::build(instance.D, instance.k, instance.weights)) << seed;
  }
}

TEST(KMedoids, AlternateLeavesEveryMedoidTheBestOfItsCluster) {
  for (std::uint64_t seed = 0; seed < instances; ++seed) {
    SCOPED_TRACE(seed);
    const auto instance = random_instance<double>(seed);
    const auto result =
        kmedoids(DistanceMatrix<double>(instance.D), instance.k, options_of(instance, KMedoidsAlgorithm::alternate));
    ASSERT_EQ(result.status, Status::converged);
    const auto weight = [&](Index i) { return instance.weights.size() > 0 ? instance.weights[i] : 1.0; };
    const auto total = [&](Index j) {
      double sum = 0;
      for (Index i = 0; i < instance.D.rows(); ++i)
        if (result.labels[i] == result.labels[j]) sum += weight(i) * instance.D(i, j);
      return sum;
    };
    for (Index j = 0; j < instance.D.rows(); ++j) {
      const Index medoid = result.medoids[static_cast<std::size_t>(result.labels[j])];
      if (result.labels[medoid] != result.labels[j] || weight(j) == 0 ||
          std::count(result.medoids.begin(), result.medoids.end(), j) > 0)
        continue;
      ASSERT_LE(total(medoid), total(j)) << "object " << j;
    }
  }
}

TEST(KMedoids, AWeightMeansCopies) {
  for (std::uint64_t seed = 0; seed < instances; seed += 2) {
    SCOPED_TRACE(seed);
    auto instance = random_instance<double>(seed);
    std::vector<Index> copies, first(static_cast<std::size_t>(instance.D.rows()), -1);
    for (Index i = 0; i < instance.D.rows(); ++i)
      for (int c = 0; c < static_cast<int>(instance.weights[i]); ++c) {
        if (c == 0) first[static_cast<std::size_t>(i)] = static_cast<Index>(copies.size());
        copies.push_back(i);
      }
    const auto m = static_cast<Index>(copies.size());
    for (const KMedoidsAlgorithm algorithm : all_algorithms) {
      // alternate might choose a copy of another cluster's medoid that is at distance 0, where it cannot choose itself.
      if (algorithm == KMedoidsAlgorithm::alternate)
        instance.D += RowMatrix<double>::Ones(instance.D.rows(), instance.D.rows()) -
                      RowMatrix<double>::Identity(instance.D.rows(), instance.D.rows());
      RowMatrix<double> D(m, m);
      for (Index i = 0; i < m; ++i)
        for (Index j = 0; j < m; ++j)
          D(i, j) = instance.D(copies[static_cast<std::size_t>(i)], copies[static_cast<std::size_t>(j)]);
      const auto weighted = kmedoids(DistanceMatrix<double>(instance.D), instance.k, options_of(instance, algorithm));
      auto options = options_of(instance, algorithm);
      options.weights.resize(0);
      for (Index& medoid : options.initial_medoids) medoid = first[static_cast<std::size_t>(medoid)];
      const auto copied = kmedoids(DistanceMatrix<double>(D), instance.k, options);
      for (std::size_t s = 0; s < weighted.medoids.size(); ++s)
        ASSERT_EQ(copies[static_cast<std::size_t>(copied.medoids[s])], weighted.medoids[s]);
      ASSERT_DOUBLE_EQ(copied.loss, weighted.loss);
      ASSERT_EQ(copied.swaps, weighted.swaps);
    }
  }
}

TEST(KMedoids, OneMedoidIsTheBestOfAll) {
  for (std::uint64_t seed = 0; seed < instances; ++seed) {
    auto instance = random_instance<double>(seed);
    Index best = -1;
    double least = std::numeric_limits<double>::infinity();
    for (Index j = 0; j < instance.D.rows(); ++j) {
      const double loss = verify::kmedoids_loss(instance.D, {j}, instance.weights);
      if (!oracle::is_candidate({}, j, instance.weights) || !(loss < least)) continue;
      least = loss;
      best = j;
    }
    for (const KMedoidsAlgorithm algorithm : all_algorithms) {
      const auto result = kmedoids(DistanceMatrix<double>(instance.D), 1,
                                   {.initial_medoids = {best}, .algorithm = algorithm, .weights = instance.weights});
      ASSERT_EQ(result.medoids, std::vector<Index>{best});
      ASSERT_EQ(result.swaps, 0);
      ASSERT_EQ(
          kmedoids(DistanceMatrix<double>(instance.D), 1, {.algorithm = algorithm, .weights = instance.weights}).loss,
          least);
    }
  }
}

TEST(KMedoids, EdgeCases) {
  Random random(2);
  const RowMatrix<double> X = normal_matrix<double>(random, 12, 2);
  const RowMatrix<double> equal = RowMatrix<double>::Constant(12, 2, 7.5);
  for (const KMedoidsAlgorithm algorithm : all_algorithms)
    for (const KMedoidsInit init : all_inits) {
      SCOPED_TRACE(std::to_string(static_cast<int>(algorithm)) + " " + std::to_string(static_cast<int>(init)));
      const KMedoidsOptions options{.init = init, .algorithm = algorithm};
      const auto all = kmedoids(X, 12, options);
      EXPECT_EQ(all.loss, 0);
      EXPECT_EQ(verify::kmedoids_error(pairwise_distances(X, X), all, true), "");
      for (const Index k : {1, 2, 11, 12}) {
        const auto result = kmedoids(equal, k, options);
        EXPECT_EQ(result.loss, 0);
        EXPECT_EQ(result.status, Status::converged);
        EXPECT_EQ(verify::kmedoids_error(pairwise_distances(equal, equal), result, true), "");
      }
      const auto one = kmedoids(X.topRows(1), 1, options);
      EXPECT_EQ(one.medoids, std::vector<Index>{0});
      const RowMatrix<double> far = X.array() + 1e6;
      EXPECT_EQ(verify::kmedoids_error(pairwise_distances(far, far), kmedoids(far, 3, options),
                                       algorithm != KMedoidsAlgorithm::alternate),
                "");
    }
}

TEST(KMedoids, DistancesOfAnySize) {
  Random random(3);
  for (const double scale : {1e-280, 1e-30, 1e30, 1e150, 1e305}) {
    SCOPED_TRACE(scale);
    const RowMatrix<double> D = tied_distances<double>(random, 40, 9, true) * scale;
    for (const KMedoidsAlgorithm algorithm : all_algorithms)
      EXPECT_EQ(verify::kmedoids_error(D, kmedoids(DistanceMatrix(D), 6, {.algorithm = algorithm}),
                                       algorithm != KMedoidsAlgorithm::alternate),
                "");
  }
}

// tests/golden/kmedoids.R
TEST(KMedoids, FindsTheMedoidsOfR) {
  struct Golden {
    bool faster;
    std::vector<Index> start;
    std::vector<Index> medoids;
    double loss;
  };
  const std::vector<Golden> all = {
      {true, {2, 146}, {7, 126}, 129.33038857693228},
      {false, {2, 146}, {7, 126}, 129.33038857693231},
      {true, {2, 74, 146}, {7, 99, 147}, 98.868573064146815},
      {false, {2, 74, 146}, {7, 78, 112}, 98.131154882271034},
      {true, {2, 38, 74, 110, 146}, {3, 27, 63, 69, 112}, 80.140416658684558},
      {false, {2, 38, 74, 110, 146}, {7, 99, 105, 112, 126}, 79.246149683045104},
      {false, {2, 23, 43, 64, 84, 105, 125, 146}, {3, 27, 54, 80, 96, 101, 105, 112}, 64.636821742862139},
      {true,
       {2, 14, 26, 38, 50, 62, 74, 86, 98, 110, 122, 134, 146},
       {7, 47, 48, 69, 72, 86, 91, 93, 96, 101, 105, 116, 140},
       53.086033845673917},
      {false,
       {2, 14, 26, 38, 50, 62, 74, 86, 98, 110, 122, 134, 146},
       {7, 47, 48, 63, 69, 86, 93, 96, 101, 103, 105, 115, 120},
       53.132300720917328}};
  for (const Golden& golden : all) {
    const auto k = static_cast<Index>(golden.start.size());
    for (const KMedoidsAlgorithm algorithm : golden.faster
                                                 ? std::vector{KMedoidsAlgorithm::faster_pam}
                                                 : std::vector{KMedoidsAlgorithm::pam, KMedoidsAlgorithm::fast_pam1}) {
      auto result = kmedoids(iris().points, k, {.initial_medoids = golden.start, .algorithm = algorithm});
      std::sort(result.medoids.begin(), result.medoids.end());
      EXPECT_EQ(result.medoids, golden.medoids);
      EXPECT_NEAR(result.loss, golden.loss, 1e-12 * golden.loss);
    }
  }
}

TEST(KMedoids, RestartsReturnTheRunOfLowestLoss) {
  const auto X = iris().points;
  double least = std::numeric_limits<double>::infinity();
  for (int restarts = 1; restarts <= 12; ++restarts) {
    const auto result = kmedoids(X, 8, {.algorithm = KMedoidsAlgorithm::alternate, .restarts = restarts, .seed = 4});
    EXPECT_LE(result.loss, least);
    EXPECT_EQ(result.loss < least, result.restart == restarts - 1);
    least = result.loss;
  }
}

TEST(KMedoids, SeedsDifferAndRepeat) {
  Random random(4);
  const RowMatrix<double> X = normal_matrix<double>(random, 200, 2);
  for (const KMedoidsInit init : {KMedoidsInit::random, KMedoidsInit::lab, KMedoidsInit::kmedoids_plus_plus}) {
    std::vector<std::vector<Index>> starts;
    for (const std::uint64_t seed : {1u, 2u, 1u}) {
      KMedoidsOptions options{.init = init, .seed = seed};
      options.execution.on_progress = [](const Progress&) { return false; };
      options.algorithm = KMedoidsAlgorithm::alternate;
      options.max_iterations = 1;
      starts.push_back(kmedoids(X, 10, options).medoids);
    }
    EXPECT_EQ(starts[0], starts[2]);
    EXPECT_NE(starts[0], starts[1]);
  }
}

}  // namespace
}  // namespace kmedoids_test
