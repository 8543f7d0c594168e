#include <corymb/datasets/bundled.hpp>
#include <corymb/datasets/generators.hpp>
#include <corymb/partition/kmeans.hpp>

#include <partition/seeding_oracle.hpp>
#include <support/matrices.hpp>
#include <support/message_of.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <map>
#include <set>
#include <vector>

namespace seeding_test {

using corymb::KMeansInit;
using corymb::KMeansOptions;
using corymb::Vector;
using namespace corymb_test;

namespace {

constexpr KMeansInit every_init[] = {KMeansInit::random, KMeansInit::kmeans_plus_plus,
                                     KMeansInit::greedy_kmeans_plus_plus, KMeansInit::kmeans_parallel,
                                     KMeansInit::afk_mc2};

template <class Matrix>
std::vector<Index> seeds(const Matrix& X, Index k, const KMeansOptions& options, int threads = 1) {
  const corymb::Points<typename Matrix::Scalar> points(X);
  Random random(options.seed);
  return corymb::detail::seed_rows(points, k, options, options.weights.size() > 0 ? options.weights.data() : nullptr,
                                   threads, random, [](Index) { return true; });
}

// The number of different points among the rows.
template <class T>
std::size_t different_points(const RowMatrix<T>& X, const std::vector<Index>& rows) {
  std::set<std::vector<T>> points;
  for (const Index row : rows) points.insert(std::vector<T>(X.row(row).begin(), X.row(row).end()));
  return points.size();
}

template <class T>
void expect_right_rows(const RowMatrix<T>& X, Index k, const KMeansOptions& options) {
  const std::vector<Index> rows = seeds(X, k, options);
  ASSERT_EQ(rows.size(), static_cast<std::size_t>(k));
  EXPECT_EQ(std::set<Index>(rows.begin(), rows.end()).size(), static_cast<std::size_t>(k));
  std::vector<Index> present;
  for (Index i = 0; i < X.rows(); ++i)
    if (options.weights.size() == 0 || options.weights[i] > 0) present.push_back(i);
  for (const Index row : rows) EXPECT_TRUE(std::binary_search(present.begin(), present.end(), row)) << row;
  if (options.init != KMeansInit::random) {
    EXPECT_EQ(different_points(X, rows), std::min(rows.size(), different_points(X, present)));
  }
  EXPECT_EQ(seeds(X, k, options, 2), rows);
}

SeedingInstance tiny_instance(std::uint64_t seed, Index n) {
  Random random(seed);
  SeedingInstance instance{normal_matrix<double>(random, n, 2), Vector(n)};
  for (Index i = 0; i < n; ++i) instance.weight[i] = static_cast<double>(1 + random.below(3));
  return instance;
}

constexpr int draws = 20000;

std::map<std::set<Index>, int> frequencies(const SeedingInstance& instance, Index k, KMeansOptions options) {
  options.weights = instance.weight;
  std::map<std::set<Index>, int> seen;
  for (options.seed = 0; options.seed < draws; ++options.seed) {
    const std::vector<Index> rows = seeds(instance.X, k, options);
    ++seen[{rows.begin(), rows.end()}];
  }
  return seen;
}

// The same drawn from copies instead of weights, told by the numbers of the weighted rows.
std::map<std::set<Index>, int> frequencies_of_copies(const SeedingInstance& instance, Index k, KMeansOptions options) {
  std::vector<Index> source;
  for (Index i = 0; i < instance.n(); ++i) source.insert(source.end(), static_cast<std::size_t>(instance.weight[i]), i);
  const corymb::Points<double> points(instance.X);
  const RowMatrix<double> copies = corymb::detail::gather_rows(points, source);
  std::map<std::set<Index>, int> seen;
  for (options.seed = 0; options.seed < draws; ++options.seed) {
    std::set<Index> rows;
    for (const Index row : seeds(copies, k, options)) rows.insert(source[static_cast<std::size_t>(row)]);
    ++seen[rows];
  }
  return seen;
}

}  // namespace

TEST(Seeding, ChoosesDifferentRowsOfPositiveWeight) {
  for_each_scalar([](auto scalar) {
    using T = decltype(scalar);
    for (std::uint64_t seed = 0; seed < instances; ++seed) {
      Random random(seed, {1});
      const Index n = 1 + random.below(60), d = 1 + random.below(20);
      const auto X = random.below(2) == 0 ? normal_matrix<T>(random, n, d) : grid_matrix<T>(random, n, 1, 4);
      KMeansOptions options{.seeding_rounds = static_cast<int>(1 + random.below(4)),
                            .oversampling = random.uniform(0.05, 3),
                            .chain_length = 1 + random.below(30),
                            .seed = seed};
      Index present = n;
      if (random.below(2) == 0) {
        options.weights = Vector::Zero(n);
        for (Index i = 0; i < n; ++i) options.weights[i] = random.below(3) == 0 ? 0.0 : random.uniform(0.001, 9);
        options.weights[random.below(n)] = 1;
        present = (options.weights.array() > 0).count();
      }
      const Index k = 1 + random.below(present);
      for (const KMeansInit init : every_init) {
        options.init = init;
        SCOPED_TRACE(testing::Message() << "seed " << seed << ", init " << static_cast<int>(init) << ", k = " << k);
        expect_right_rows(X, k, options);
      }
    }
  });
}

TEST(Seeding, EdgeCases) {
  for (const KMeansInit init : every_init) {
    SCOPED_TRACE(static_cast<int>(init));
    const KMeansOptions options{.init = init, .seed = 3};
    Random random(8);
    const auto X = normal_matrix<double>(random, 30, 3);
    expect_right_rows(X, 30, options);                                                // k = n
    expect_right_rows(X, 1, options);                                                 // k = 1
    expect_right_rows(RowMatrix<double>(X.topRows(1)), 1, options);                   // n = 1
    expect_right_rows(RowMatrix<double>(RowMatrix<double>::Ones(9, 2)), 4, options);  // all equal
    expect_right_rows(RowMatrix<double>(X.array() + 1e6), 7, options);
    KMeansOptions one_left = options;
    one_left.weights = Vector::Zero(30);
    one_left.weights[17] = 1e-300;
    EXPECT_EQ(seeds(X, 1, one_left), std::vector<Index>{17});
  }
}

// Several chunks of rows and blocks of proposals; rows by float and double need not agree.
TEST(Seeding, SameRowsForAnyThreadsAndStorage) {
  for_each_scalar([](auto scalar) {
    using T = decltype(scalar);
    const auto X = corymb::make_blobs<T>(2600, 20, 12, {.spread = {2.0}}).points;
    Vector weights(2600);
    Random random(1);
    for (Index i = 0; i < weights.size(); ++i) weights[i] = random.uniform(0, 2);
    for (const KMeansInit init : every_init) {
      for (const bool weighted : {false, true}) {
        SCOPED_TRACE(testing::Message() << static_cast<int>(init) << " " << weighted);
        const KMeansOptions options{.init = init, .weights = weighted ? weights : Vector(), .seed = 5};
        const std::vector<Index> rows = seeds(X, 50, options);
        EXPECT_EQ(seeds(X, 50, options, 2), rows);
        EXPECT_EQ(seeds(Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic>(X), 50, options, 2), rows);
        RowMatrix<T> wide = RowMatrix<T>::Constant(2600, 23, std::numeric_limits<T>::quiet_NaN());
        wide.middleCols(2, 20) = X;
        EXPECT_EQ(seeds(wide.middleCols(2, 20), 50, options, 2), rows);
        KMeansOptions other = options;
        other.seed = 6;
        EXPECT_NE(seeds(X, 50, other), rows);
      }
    }
  });
}

TEST(Seeding, TheTestOfFrequenciesTellsDistributionsApart) {
  const Probability fair{{{0}, 0.5}, {{1}, 0.5}};
  EXPECT_EQ(frequency_error(fair, {{{0}, 10050}, {{1}, 9950}}, draws), "");
  EXPECT_NE(frequency_error(fair, {{{0}, 10400}, {{1}, 9600}}, draws), "");
  EXPECT_NE(frequency_error(fair, {{{0}, 10000}, {{2}, 10000}}, draws), "");
  EXPECT_NE(frequency_error({{{0}, 0.5}, {{1}, 0.4}}, {{{0}, 10000}, {{1}, 10000}}, draws), "");
}

TEST(Seeding, PlusPlusHasItsProbabilities) {
  const auto instance = tiny_instance(4, 6);
  EXPECT_EQ(frequency_error(plus_plus_probability(instance, 3, 1),
                            frequencies(instance, 3, {.init = KMeansInit::kmeans_plus_plus}), draws),
            "");
  EXPECT_EQ(frequency_error(plus_plus_probability(instance, 2, 2),
                            frequencies(instance, 2, {.init = KMeansInit::greedy_kmeans_plus_plus}), draws),
            "");
}

TEST(Seeding, KMeansParallelHasItsProbabilities) {
  struct Case {
    Index n, k;
    int rounds;
    double oversampling;
  };
  for (const Case& c : {Case{6, 2, 1, 0.7}, Case{5, 2, 2, 0.5}, Case{5, 3, 1, 2}, Case{4, 2, 3, 0.2}}) {
    SCOPED_TRACE(testing::Message() << c.n << " " << c.k << " " << c.rounds << " " << c.oversampling);
    const auto instance = tiny_instance(static_cast<std::uint64_t>(c.n), c.n);
    const KMeansOptions options{
        .init = KMeansInit::kmeans_parallel, .seeding_rounds = c.rounds, .oversampling = c.oversampling};
    const auto expected = kmeans_parallel_probability(instance, static_cast<int>(c.k), c.rounds, c.oversampling);
    const auto seen = frequencies(instance, c.k, options);
    EXPECT_EQ(frequency_error(expected, seen, draws), "");
    EXPECT_EQ(frequency_error(expected, frequencies_of_copies(instance, c.k, options), draws), "");
    const auto more_draws = kmeans_parallel_probability(instance, static_cast<int>(c.k), c.rounds + 1, 3);
    EXPECT_NE(frequency_error(more_draws, seen, draws), "");
  }
}

TEST(Seeding, MarkovChainsHaveTheirProbabilities) {
  const auto instance = tiny_instance(2, 6);
  for (const int length : {1, 2, 5}) {
    SCOPED_TRACE(length);
    const KMeansOptions options{.init = KMeansInit::afk_mc2, .chain_length = length};
    const auto expected = afk_mc2_probability(instance, 3, length);
    EXPECT_EQ(frequency_error(expected, frequencies(instance, 3, options), draws), "");
    EXPECT_EQ(frequency_error(expected, frequencies_of_copies(instance, 3, options), draws), "");
  }
}

TEST(Seeding, LongMarkovChainsDrawLikePlusPlus) {
  const auto instance = tiny_instance(7, 6);
  const auto plus_plus = plus_plus_probability(instance, 3, 1);
  EXPECT_EQ(
      frequency_error(plus_plus, frequencies(instance, 3, {.init = KMeansInit::afk_mc2, .chain_length = 100}), draws),
      "");
  EXPECT_NE(
      frequency_error(plus_plus, frequencies(instance, 3, {.init = KMeansInit::afk_mc2, .chain_length = 1}), draws),
      "");
}

TEST(Seeding, KMeansParallelGoesOnWhereTooFewRowsAreDrawn) {
  const auto X = corymb::make_uniform(3000, 3, {.seed = 4}).points;
  for (std::uint64_t seed = 0; seed < 5; ++seed)
    expect_right_rows(X, 40,
                      {.init = KMeansInit::kmeans_parallel, .seeding_rounds = 2, .oversampling = 0.1, .seed = seed});
  expect_right_rows(X, 40, {.init = KMeansInit::kmeans_parallel, .seeding_rounds = 1, .oversampling = 1e-9});
  expect_right_rows(X, 40, {.init = KMeansInit::kmeans_parallel, .seeding_rounds = 1, .oversampling = 1e9});
}

// One row in 50 000 is left when two are chosen, and a chain hardly ever proposes it.
TEST(Seeding, MarkovChainsEndWhereHardlyARowDiffers) {
  RowMatrix<double> X = RowMatrix<double>::Zero(50000, 1);
  X(100, 0) = 1e6;
  X(40000, 0) = 1;
  for (std::uint64_t seed = 0; seed < 10; ++seed)
    for (const Index length : {1, 200}) {
      const KMeansOptions options{.init = KMeansInit::afk_mc2, .chain_length = length, .seed = seed};
      expect_right_rows(X, 3, options);
      expect_right_rows(X, 5, options);
    }
}

TEST(Seeding, ReportsProgressAndStops) {
  const auto X = corymb::make_uniform(500, 2, {.seed = 1}).points;
  for (const KMeansInit init : every_init) {
    if (init == KMeansInit::random) continue;
    SCOPED_TRACE(static_cast<int>(init));
    std::vector<std::int64_t> steps;
    KMeansOptions options{.init = init};
    options.execution.on_progress = [&](const corymb::Progress& progress) {
      if (progress.stage == "seeding") {
        EXPECT_EQ(progress.steps, 12);
        steps.push_back(progress.step);
      }
      return true;
    };
    corymb::kmeans(X, 12, options);
    ASSERT_GE(steps.size(), 5u);
    EXPECT_TRUE(std::is_sorted(steps.begin(), steps.end()));
    EXPECT_GE(steps.front(), 1);
    EXPECT_LE(steps.back(), 12);
    for (const Index k : {1, 12}) {
      for (int limit = 0; limit < 12; ++limit) {
        int calls = 0;
        const corymb::Points<double> points(X);
        Random random(0);
        const auto rows =
            corymb::detail::seed_rows(points, k, init, nullptr, 1, random, [&](Index) { return calls++ < limit; });
        EXPECT_EQ(static_cast<Index>(rows.size()) < k, calls > limit);
        EXPECT_EQ(std::set<Index>(rows.begin(), rows.end()).size(), rows.size());
      }
    }
    options.execution.on_progress = [](const corymb::Progress& progress) { return progress.stage != "seeding"; };
    EXPECT_EQ(corymb::kmeans(X, 12, options).status, corymb::Status::cancelled);
  }
}

TEST(Seeding, BadOptions) {
  const RowMatrix<double> X = RowMatrix<double>::Random(5, 2);
  const auto call = [&](const KMeansOptions& options) { return [&] { corymb::kmeans(X, 2, options); }; };
  expect_message(call({.seeding_rounds = 0}), "corymb::kmeans: seeding_rounds = 0 must be ≥ 1");
  expect_message(call({.oversampling = 0}), "corymb::kmeans: oversampling = 0 must be finite and > 0");
  expect_message(call({.oversampling = -2}), "corymb::kmeans: oversampling = -2 must be finite and > 0");
  expect_message(call({.oversampling = std::numeric_limits<double>::infinity()}),
                 "corymb::kmeans: oversampling = inf must be finite and > 0");
  expect_message(call({.oversampling = std::numeric_limits<double>::quiet_NaN()}),
                 "corymb::kmeans: oversampling = nan must be finite and > 0");
  expect_message(call({.chain_length = 0}), "corymb::kmeans: chain_length = 0 must be ≥ 1");
}

// The mean inertia over 100 seeds, of the start and after Lloyd, against plain k-means++: at most 5 % more.
TEST(Seeding, StartsAreNoWorseThanThoseOfPlusPlus) {
  struct Case {
    const char* name;
    RowMatrix<double> X;
    Index k;
  };
  const Case cases[] = {{"iris", corymb::iris().points, 3},
                        {"iris", corymb::iris().points, 10},
                        {"digits", corymb::digits().points.topRows(600), 10},
                        {"blobs", corymb::make_blobs(1500, 4, 20, {.seed = 2}).points, 20}};
  for (const Case& c : cases) {
    const auto mean = [&](KMeansInit init, int iterations) {
      double sum = 0;
      for (std::uint64_t seed = 0; seed < 100; ++seed) {
        const KMeansOptions options{.init = init, .seed = seed};
        const corymb::Points<double> points(c.X);
        const RowMatrix<double> start = corymb::detail::gather_rows(points, seeds(c.X, c.k, options));
        sum += corymb::kmeans(c.X, start, {.max_iterations = iterations, .execution = {.threads = 1}}).inertia;
      }
      return sum / 100;
    };
    const double plain = mean(KMeansInit::kmeans_plus_plus, 300);
    for (const KMeansInit init : {KMeansInit::kmeans_parallel, KMeansInit::afk_mc2})
      EXPECT_LE(mean(init, 300), 1.05 * plain) << c.name << ", k = " << c.k << ", init " << static_cast<int>(init);
    // Chains draw what k-means++ draws, k-means|| better ones.
    const double plain_start = mean(KMeansInit::kmeans_plus_plus, 1);
    EXPECT_LE(mean(KMeansInit::kmeans_parallel, 1), plain_start) << c.name;
    EXPECT_LE(mean(KMeansInit::afk_mc2, 1), 1.05 * plain_start) << c.name;
  }
}

}  // namespace seeding_test
