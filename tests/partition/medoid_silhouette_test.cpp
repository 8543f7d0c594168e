#include <corymb/distance/pairwise.hpp>
#include <corymb/partition/medoid_silhouette.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "support/kmedoids_oracle.hpp"
#include "support/matrices.hpp"
#include "support/message_of.hpp"
#include "support/verify_kmedoids.hpp"

namespace medoid_silhouette_test {
namespace {

using namespace corymb;
using namespace corymb_test;
using oracle::Medoids;

const MedoidSilhouetteAlgorithm all_algorithms[] = {
    MedoidSilhouetteAlgorithm::faster_msc, MedoidSilhouetteAlgorithm::fast_msc, MedoidSilhouetteAlgorithm::pam_medsil};

/// Σ over objects of what the silhouette lacks to 1, by the definition, in the whole units that the library sums.
std::int64_t lack(const RowMatrix<double>& D, const Medoids& medoids, const Vector& weights) {
  const detail::CostScale costs("test", 1, D.rows(), weights.size() > 0 ? weights.data() : nullptr);
  std::int64_t sum = 0;
  for (Index i = 0; i < D.rows(); ++i) {
    std::vector<double> to;
    for (const Index m : medoids) to.push_back(D(i, m));
    std::sort(to.begin(), to.end());
    sum += costs(i, to[1] > 0 ? to[0] / to[1] : 1.0);
  }
  return sum;
}

double silhouette(const RowMatrix<double>& D, const Medoids& medoids, const Vector& weights) {
  double sum = 0, total = 0;
  for (Index i = 0; i < D.rows(); ++i) {
    std::vector<double> to;
    for (const Index m : medoids) to.push_back(D(i, m));
    std::sort(to.begin(), to.end());
    const double weight = weights.size() > 0 ? weights[i] : 1.0;
    sum += weight * (to[1] > 0 ? 1 - to[0] / to[1] : 0.0);
    total += weight;
  }
  return sum / total;
}

struct Exchange {
  std::int64_t lack = std::numeric_limits<std::int64_t>::max();
  Index candidate = -1;
  std::size_t slot = 0;
};

Exchange best_exchange(const RowMatrix<double>& D, const Medoids& medoids, Index j, const Vector& weights) {
  Exchange best;
  if (!oracle::is_candidate(medoids, j, weights)) return best;
  for (std::size_t slot = 0; slot < medoids.size(); ++slot) {
    Medoids exchanged = medoids;
    exchanged[slot] = j;
    const std::int64_t sum = lack(D, exchanged, weights);
    if (sum < best.lack) best = {sum, j, slot};
  }
  return best;
}

Medoids steepest(const RowMatrix<double>& D, Medoids medoids, int most, const Vector& weights) {
  for (int i = 0; i < most; ++i) {
    Exchange best;
    for (Index j = 0; j < D.rows(); ++j) {
      const Exchange exchange = best_exchange(D, medoids, j, weights);
      if (exchange.lack < best.lack) best = exchange;
    }
    if (!(best.lack < lack(D, medoids, weights))) break;
    medoids[best.slot] = best.candidate;
  }
  return medoids;
}

Medoids eager(const RowMatrix<double>& D, Medoids medoids, const Vector& weights) {
  Index without = 0;
  for (Index j = 0; without < D.rows(); j = (j + 1) % D.rows()) {
    ++without;
    const Exchange exchange = best_exchange(D, medoids, j, weights);
    if (!(exchange.lack < lack(D, medoids, weights))) continue;
    medoids[exchange.slot] = j;
    without = 0;
  }
  return medoids;
}

struct Instance {
  RowMatrix<double> D;
  Medoids start;
  Vector weights;
};

/// Whole distances with ties and zeros, of more than one object at the same place, and not always symmetric.
Instance random_instance(std::uint64_t seed) {
  Random random(seed, {78});
  const Index n = 4 + random.below(22), most = 1 + random.below(12);
  Instance instance;
  instance.D.resize(n, n);
  for (Index i = 0; i < n; ++i)
    for (Index j = 0; j < n; ++j)
      instance.D(i, j) = i == j                   ? 0.0
                         : j < i && seed % 3 != 0 ? instance.D(j, i)
                                                  : static_cast<double>(random.below(most + 1));
  if (seed % 2 == 0) {
    instance.weights.resize(n);
    for (Index i = 0; i < n; ++i) instance.weights[i] = static_cast<double>(random.below(3));
    instance.weights.head(4).setOnes();
  }
  const std::vector<Index> order = permutation(random, n);
  const auto is_present = [&](Index i) { return instance.weights.size() == 0 || instance.weights[i] > 0; };
  const Index present = std::count_if(order.begin(), order.end(), is_present);
  const Index k = 2 + random.below(std::min<Index>(present, 6) - 1);
  for (const Index i : order)
    if (is_present(i) && static_cast<Index>(instance.start.size()) < k) instance.start.push_back(i);
  return instance;
}

TEST(MedoidSilhouette, EveryAlgorithmMakesTheSwapsOfItsDefinition) {
  for (std::uint64_t seed = 0; seed < instances / 2; ++seed) {
    SCOPED_TRACE(seed);
    const Instance instance = random_instance(seed);
    const DistanceMatrix<double> D(instance.D);
    const auto k = static_cast<Index>(instance.start.size());
    for (const int most : {1, 2, 3, 1000}) {
      const Medoids expected = steepest(instance.D, instance.start, most, instance.weights);
      for (const auto algorithm : {MedoidSilhouetteAlgorithm::fast_msc, MedoidSilhouetteAlgorithm::pam_medsil})
        ASSERT_EQ(medoid_silhouette_clustering(D, k,
                                               {.initial_medoids = instance.start,
                                                .algorithm = algorithm,
                                                .max_iterations = most,
                                                .weights = instance.weights})
                      .medoids,
                  expected);
    }
    const Medoids expected = eager(instance.D, instance.start, instance.weights);
    for (const int threads : {1, 2}) {
      const auto result = medoid_silhouette_clustering(
          D, k, {.initial_medoids = instance.start, .weights = instance.weights, .execution = {.threads = threads}});
      ASSERT_EQ(result.medoids, expected);
      ASSERT_EQ(verify::kmedoids_error(instance.D, result, false, instance.weights), "");
      ASSERT_NEAR(result.silhouette, silhouette(instance.D, expected, instance.weights), 1e-12);
      ASSERT_EQ(result.status, Status::converged);
    }
  }
}

TEST(MedoidSilhouette, IsTheSameInEveryFormAndOnAnyNumberOfThreads) {
  for_each_scalar([](auto scalar) {
    using T = decltype(scalar);
    Random random(1);
    const RowMatrix<T> X = normal_matrix<T>(random, 1300, 3), D = pairwise_distances(X, X);
    for (const auto algorithm : {MedoidSilhouetteAlgorithm::faster_msc, MedoidSilhouetteAlgorithm::fast_msc}) {
      MedoidSilhouetteOptions options{.algorithm = algorithm, .max_iterations = 6, .execution = {.threads = 1}};
      const auto expected = medoid_silhouette_clustering(X, 6, options);
      EXPECT_GT(expected.swaps, 0);
      const auto check = [&](const MedoidSilhouetteResult<T>& result) {
        EXPECT_EQ(result.medoids, expected.medoids);
        EXPECT_TRUE(result.labels == expected.labels);
        EXPECT_EQ(result.silhouette, expected.silhouette);
        EXPECT_EQ(result.loss, expected.loss);
        EXPECT_EQ(result.swaps, expected.swaps);
      };
      for (const int threads : {2, 5}) {
        options.execution.threads = threads;
        check(medoid_silhouette_clustering(X, 6, options));
      }
      check(medoid_silhouette_clustering(DistanceMatrix(D), 6, options));
      check(medoid_silhouette_clustering(DistanceMatrix(D + D * T(0)), 6, options));
      options.distances = KMedoidsDistances::computed;
      check(medoid_silhouette_clustering(X, 6, options));
      check(
          medoid_silhouette_clustering(dissimilarity(X.rows(), [&](Index i, Index j) { return D(i, j); }), 6, options));
      EXPECT_TRUE(predict(expected, X) == expected.labels);
    }
  });
}

TEST(MedoidSilhouette, AWeightMeansCopies) {
  int compared = 0;
  for (std::uint64_t seed = 0; seed < instances; seed += 2) {
    const Instance instance = random_instance(seed);
    std::vector<Index> copies;
    for (Index i = 0; i < instance.D.rows(); ++i)
      copies.insert(copies.end(), static_cast<std::size_t>(instance.weights[i]), i);
    const auto m = static_cast<Index>(copies.size());
    RowMatrix<double> D(m, m);
    for (Index i = 0; i < m; ++i)
      for (Index j = 0; j < m; ++j)
        D(i, j) = instance.D(copies[static_cast<std::size_t>(i)], copies[static_cast<std::size_t>(j)]);
    Medoids start;
    for (const Index medoid : instance.start)
      start.push_back(std::find(copies.begin(), copies.end(), medoid) - copies.begin());
    const auto k = static_cast<Index>(start.size());
    const MedoidSilhouetteOptions options{.algorithm = MedoidSilhouetteAlgorithm::fast_msc, .max_iterations = 1};
    auto of_weights = options, of_copies = options;
    of_weights.initial_medoids = instance.start;
    of_weights.weights = instance.weights;
    of_copies.initial_medoids = start;
    const auto weighted = medoid_silhouette_clustering(DistanceMatrix<double>(instance.D), k, of_weights);
    const auto copied = medoid_silhouette_clustering(DistanceMatrix<double>(D), k, of_copies);
    std::vector<Index> mapped;
    for (const Index medoid : copied.medoids) mapped.push_back(copies[static_cast<std::size_t>(medoid)]);
    // Two copies of one object may be medoids, where there are copies.
    if (std::set<Index>(mapped.begin(), mapped.end()).size() < mapped.size()) continue;
    ++compared;
    ASSERT_EQ(mapped, weighted.medoids) << seed;
    ASSERT_NEAR(weighted.silhouette, copied.silhouette, 1e-12);
  }
  EXPECT_GT(compared, 80);
}

TEST(MedoidSilhouette, TheSelectionGoesDownOneByOne) {
  for (std::uint64_t seed = 0; seed < instances / 4; ++seed) {
    SCOPED_TRACE(seed);
    const Instance instance = random_instance(seed);
    const DistanceMatrix<double> D(instance.D);
    const KRange range{2, static_cast<Index>(instance.start.size())};
    Medoids medoids = instance.start, best;
    double highest = -1;
    const auto selection =
        select_medoid_silhouette(D, range, {.initial_medoids = instance.start, .weights = instance.weights});
    for (Index k = range.last;; --k) {
      medoids = eager(instance.D, medoids, instance.weights);
      const double reached = silhouette(instance.D, medoids, instance.weights);
      ASSERT_NEAR(selection.silhouettes[static_cast<std::size_t>(k - range.first)], reached, 1e-12);
      if (reached > highest + 1e-12) {
        highest = reached;
        best = medoids;
      }
      if (k == range.first) break;
      std::size_t gone = 0;
      std::int64_t least = std::numeric_limits<std::int64_t>::max();
      for (std::size_t slot = 0; slot < medoids.size(); ++slot) {
        Medoids others = medoids;
        others.erase(others.begin() + static_cast<std::ptrdiff_t>(slot));
        const std::int64_t sum = lack(instance.D, others, instance.weights);
        if (sum >= least) continue;
        least = sum;
        gone = slot;
      }
      medoids.erase(medoids.begin() + static_cast<std::ptrdiff_t>(gone));
    }
    ASSERT_NEAR(selection.best.silhouette, highest, 1e-12);
    ASSERT_EQ(verify::kmedoids_error(instance.D, selection.best, false, instance.weights), "");
  }
}

TEST(MedoidSilhouette, FindsTheNumberOfSeparatedClusters) {
  for (const Index k : {3, 5, 8}) {
    Random random(3);
    RowMatrix<double> X = normal_matrix<double>(random, 400, 2);
    for (Index i = 0; i < X.rows(); ++i) X(i, 0) += static_cast<double>(20 * (i % k));
    const auto selection = select_medoid_silhouette(X, {2, 12}, {.init = KMedoidsInit::build});
    EXPECT_EQ(static_cast<Index>(selection.best.medoids.size()), k);
    EXPECT_EQ(selection.silhouettes.size(), 11u);
    EXPECT_EQ(selection.best.silhouette, *std::max_element(selection.silhouettes.begin(), selection.silhouettes.end()));
    EXPECT_TRUE(predict(selection.best, X) == selection.best.labels);
  }
}

TEST(MedoidSilhouette, EdgeCases) {
  Random random(4);
  const RowMatrix<double> X = normal_matrix<double>(random, 10, 2), equal = RowMatrix<double>::Constant(10, 2, 1.5);
  for (const auto algorithm : all_algorithms) {
    for (const Index k : {2, 3, 9, 10}) {
      const auto same = medoid_silhouette_clustering(equal, k, {.algorithm = algorithm});
      EXPECT_EQ(same.silhouette, 0);
      EXPECT_EQ(same.status, Status::converged);
      const auto result = medoid_silhouette_clustering(X, k, {.algorithm = algorithm});
      EXPECT_EQ(verify::kmedoids_error(pairwise_distances(X, X), result, false), "");
      EXPECT_EQ(result.silhouette == 1, k == 10);
    }
    MedoidSilhouetteOptions options{.algorithm = algorithm};
    options.execution.on_progress = [](const Progress& progress) { return progress.stage == "seeding"; };
    EXPECT_EQ(medoid_silhouette_clustering(X, 3, options).status, Status::cancelled);
    EXPECT_EQ(select_medoid_silhouette(X, {2, 5}, options).best.status, Status::cancelled);
  }
  expect_message([&] { medoid_silhouette_clustering(X, 1); },
                 "corymb::medoid_silhouette_clustering: k = 1 must be in [2, n = 10]");
  for (const KRange range : {KRange{1, 3}, KRange{2, 11}, KRange{4, 3}})
    EXPECT_EQ(message_of([&] { select_medoid_silhouette(X, range); }),
              "corymb::select_medoid_silhouette: range = [" + std::to_string(range.first) + ", " +
                  std::to_string(range.last) + "] must lie in [2, n = 10], the first number first");
  expect_message(
      [&] {
        select_medoid_silhouette(X, {2, 4}, {.initial_medoids = {1, 2}});
      },
      "corymb::select_medoid_silhouette: initial_medoids has 2 entries; k = 4 are needed");
}

}  // namespace
}  // namespace medoid_silhouette_test
