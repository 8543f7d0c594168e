#include <corymb/core/errors.hpp>
#include <corymb/datasets/generators.hpp>
#include <corymb/distance/pairwise.hpp>
#include <corymb/validity/dbcv.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include "support/dbcv_oracle.hpp"
#include "support/distance_oracle.hpp"
#include "support/matrices.hpp"
#include "support/message_of.hpp"

namespace dbcv_test {
namespace {

using namespace corymb;
using namespace corymb_test;

constexpr double infinity = std::numeric_limits<double>::infinity();
using LabelList = std::vector<std::int64_t>;

/// Labels −1 … k − 1; every third seed spreads them over a wide range.
LabelList random_labels(Random& random, std::uint64_t seed, Index n, Index k) {
  LabelList labels(static_cast<std::size_t>(n));
  for (auto& label : labels) {
    label = random.below(k + 1) - 1;
    if (seed % 3 == 0) label = label < 0 ? -7 - random.below(3) : label * 1'000'000'000'000 + 5;
  }
  return labels;
}

void expect_near(double actual, double expected, double tolerance) {
  if (std::isinf(expected))
    EXPECT_EQ(actual, expected);
  else
    EXPECT_NEAR(actual, expected, tolerance * std::max(1e-300, std::abs(expected)));
}

void expect_oracle(const DbcvResult& actual, const DbcvOracle& expected, double tolerance = 1e-12) {
  ASSERT_EQ(actual.clusters.size(), expected.clusters.size());
  std::size_t c = 0;
  for (const auto& [label, cluster] : expected.clusters) {
    const DbcvCluster& got = actual.clusters[c++];
    SCOPED_TRACE("cluster " + std::to_string(label) + " of " + std::to_string(got.size) + " rows");
    EXPECT_EQ(got.label, label);
    EXPECT_EQ(got.size, static_cast<Index>(cluster.rows.size()));
    expect_near(got.sparseness, cluster.sparseness, tolerance);
    expect_near(got.separation, cluster.separation, tolerance);
    EXPECT_NEAR(got.validity, cluster.validity, 3 * tolerance);
  }
  EXPECT_NEAR(actual.score, expected.score, 3 * tolerance);
}

void expect_same(const DbcvResult& actual, const DbcvResult& expected) {
  ASSERT_EQ(actual.clusters.size(), expected.clusters.size());
  EXPECT_TRUE(same_bits(&actual.score, &expected.score, 1));
  for (std::size_t c = 0; c < actual.clusters.size(); ++c) {
    const DbcvCluster &a = actual.clusters[c], &b = expected.clusters[c];
    EXPECT_EQ(a.label, b.label);
    EXPECT_EQ(a.size, b.size);
    EXPECT_TRUE(same_bits(&a.validity, &b.validity, 1));
    EXPECT_TRUE(same_bits(&a.sparseness, &b.sparseness, 1));
    EXPECT_TRUE(same_bits(&a.separation, &b.separation, 1));
  }
}

// Two clusters on a line: 0, 1, 2, 4 and 10, 11, 13.
struct Line {
  RowMatrix<double> X = (RowMatrix<double>(7, 1) << 0, 1, 2, 4, 10, 11, 13).finished();
  LabelList labels{0, 0, 0, 0, 1, 1, 1};
  // D = 1: three over the sum of 1/d. Of 0: 1, 1/2, 1/4; of 1: 1, 1, 1/3; of 2: 1, 1/2, 1/2; of 4: 1/2, 1/3, 1/4.
  // The tree joins 0 and 1 (12/7), 1 and 2 (3/2), 2 and 4 (36/13): 1 and 2 are internal, and so is their edge.
  double sparseness_0 = 1.5;
  // Two over 1, 1/3; over 1, 1/2; over 1/3, 1/2, so 3/2, 4/3, 12/5. The tree joins 10 and 11 (3/2), 11 and 13 (12/5).
  // 11 alone is internal, no edge is: all count.
  double sparseness_1 = 2.4;
  double separation = 9;  // 2 and 11
};

TEST(DbcvOracle, ValuesByHand) {
  const Line line;
  const DbcvOracle oracle(pairwise_distances(line.X, line.X), line.labels, 1);
  EXPECT_NEAR(oracle.core[0], 12.0 / 7, 1e-15);
  EXPECT_NEAR(oracle.core[1], 9.0 / 7, 1e-15);
  EXPECT_NEAR(oracle.core[2], 1.5, 1e-15);
  EXPECT_NEAR(oracle.core[3], 36.0 / 13, 1e-15);
  EXPECT_EQ(oracle.clusters.at(0).internal, (std::vector<Index>{1, 2}));
  EXPECT_EQ(oracle.clusters.at(1).internal, (std::vector<Index>{5}));
  EXPECT_NEAR(oracle.clusters.at(0).sparseness, line.sparseness_0, 1e-15);
  EXPECT_NEAR(oracle.clusters.at(1).sparseness, line.sparseness_1, 1e-15);
  EXPECT_EQ(oracle.clusters.at(0).separation, line.separation);
  EXPECT_EQ(oracle.clusters.at(1).separation, line.separation);
  EXPECT_NEAR(oracle.score, (4 * (1 - 1.5 / 9) + 3 * (1 - 2.4 / 9)) / 7, 1e-15);
}

TEST(Dbcv, ValuesByHand) {
  const Line line;
  const DbcvResult result = dbcv(line.X, line.labels);
  ASSERT_EQ(result.clusters.size(), 2u);
  EXPECT_NEAR(result.clusters[0].sparseness, line.sparseness_0, 1e-15);
  EXPECT_NEAR(result.clusters[1].sparseness, line.sparseness_1, 1e-15);
  EXPECT_EQ(result.clusters[0].separation, line.separation);
  EXPECT_NEAR(result.clusters[0].validity, 1 - 1.5 / 9, 1e-15);
  EXPECT_NEAR(result.clusters[1].validity, 1 - 2.4 / 9, 1e-15);
  EXPECT_NEAR(result.score, (4 * (1 - 1.5 / 9) + 3 * (1 - 2.4 / 9)) / 7, 1e-15);

  // Noise is one of all rows and has nothing to do otherwise, wherever it lies.
  RowMatrix<double> with_noise(9, 1);
  with_noise << line.X, 5, 2;
  LabelList labels = line.labels;
  labels.insert(labels.end(), {-1, -3});
  const DbcvResult noisy = dbcv(with_noise, labels);
  EXPECT_NEAR(noisy.score, result.score * 7 / 9, 1e-15);
  EXPECT_EQ(noisy.clusters[0].validity, result.clusters[0].validity);
}

// Clusters of two and three rows by the program of the paper's authors, which squares distances
// (github.com/FelSiq/DBCV tests its own against these values of theirs).
TEST(Dbcv, SmallClustersOfTheAuthorsProgram) {
  const auto squared = [](std::span<const double> x, std::span<const double> y) {
    return (x[0] - y[0]) * (x[0] - y[0]) + (x[1] - y[1]) * (x[1] - y[1]);
  };
  RowMatrix<double> X(4, 2), Y(5, 2);
  X << 1, 1, 2, 2, 4, 4, 5, 5;
  EXPECT_NEAR(dbcv(X, LabelList{1, 1, 2, 2}, squared).score, 0.75, 1e-14);
  Y << 1, 2, 3, 4, 5, 6, 7, 8, 9, 10;
  EXPECT_NEAR(dbcv(Y, LabelList{1, 1, 2, 2, 2}, squared).score, 0.694201697828989, 1e-14);
}

TEST(Dbcv, IsThatOfTheDefinition) {
  for_each_scalar([](auto scalar) {
    using T = decltype(scalar);
    for (std::uint64_t seed = 0; seed < instances; ++seed) {
      SCOPED_TRACE(seed);
      Random random(seed, {1});
      const Index n = 1 + random.below(seed % 16 == 0 ? 300 : 60), d = 1 + random.below(5);
      const RowMatrix<T> X = random_rows<T>(random, seed, n, d);
      const LabelList labels = random_labels(random, seed, n, 1 + random.below(seed % 4 == 0 ? 20 : 4));
      for (const Metric metric : {Metric::euclidean, seed % 2 == 0 ? Metric::manhattan : Metric::chebyshev}) {
        const RowMatrix<T> D = pairwise_distances(X, X, metric);
        RowMatrix<T> squares(n, n);
        for (Index i = 0; i < n; ++i)
          for (Index j = 0; j < n; ++j) squares(i, j) = squared_distance(&X(i, 0), &X(j, 0), d);
        const RowMatrix<T>* of_ties = metric == Metric::euclidean ? &squares : nullptr;
        expect_oracle(dbcv(X, labels, {.metric = metric, .execution = {.threads = 1}}),
                      DbcvOracle(D, labels, d, of_ties));
        const Index dimensions = 1 + random.below(9);
        expect_oracle(dbcv(X, labels, {.metric = metric, .dimensions = dimensions, .execution = {.threads = 2}}),
                      DbcvOracle(D, labels, dimensions, of_ties));
        if (testing::Test::HasFailure()) return;
      }
    }
  });
}

TEST(Dbcv, EveryMetric) {
  Random random(2);
  const RowMatrix<double> X = normal_matrix<double>(random, 90, 2).cwiseAbs();
  const LabelList labels = random_labels(random, 1, 90, 3);
  for (const Metric metric : {Metric::minkowski(3), Metric::minkowski(2.5), Metric::canberra, Metric::bray_curtis,
                              Metric::cosine, Metric::hamming, Metric::jaccard, Metric::haversine}) {
    SCOPED_TRACE(static_cast<int>(metric.kind()));
    expect_oracle(dbcv(X, labels, {.metric = metric}), DbcvOracle(pairwise_distances(X, X, metric), labels, 2));
  }
  const RowMatrix<float> Y = normal_matrix<float>(random, 90, 5);
  for (const Metric metric : {Metric::correlation, Metric::cosine})
    expect_oracle(dbcv(Y, labels, {.metric = metric}), DbcvOracle(pairwise_distances(Y, Y, metric), labels, 5));
}

TEST(Dbcv, EveryFormLayoutAndNumberOfThreads) {
  for_each_scalar([](auto scalar) {
    using T = decltype(scalar);
    Random random(3);
    const RowMatrix<T> X = normal_matrix<T>(random, 1500, 3);
    LabelList labels = random_labels(random, 1, 1500, 12);
    for (auto& label : labels) label = label < 4 ? std::min<std::int64_t>(label, 0) : label;  // a large one
    const DbcvResult expected = dbcv(X, labels, {.metric = Metric::manhattan, .execution = {.threads = 1}});
    EXPECT_GT(expected.clusters[0].size, 400);
    for (const int threads : {1, 2, 3})
      for_each_layout(X, [&](const auto& layout) {
        expect_same(dbcv(layout, labels, {.metric = Metric::manhattan, .execution = {.threads = threads}}), expected);
      });
    const auto manhattan = [](std::span<const T> x, std::span<const T> y) {
      return std::abs(x[0] - y[0]) + std::abs(x[1] - y[1]) + std::abs(x[2] - y[2]);
    };
    const RowMatrix<T> D = pairwise_distances(X, X, Metric::manhattan);
    const auto objects = dissimilarity(D.rows(), [&](Index i, Index j) { return D(i, j); });
    for (const int threads : {1, 3}) {
      const DbcvOptions options{.dimensions = 3, .execution = {.threads = threads}};
      expect_same(dbcv(X, labels, manhattan, {.execution = options.execution}), expected);
      expect_same(dbcv(DistanceMatrix(D), labels, options), expected);
      expect_same(dbcv(objects, labels, options), expected);
    }
  });
}

TEST(Dbcv, LabelsOfAnyKind) {
  const Line line;
  const DbcvResult expected = dbcv(line.X, line.labels);
  Labels eigen(7);
  eigen << 0, 0, 0, 0, 1, 1, 1;
  expect_same(dbcv(line.X, eigen), expected);
  expect_same(dbcv(line.X, Labels::Zero(7) + eigen), expected);
  expect_same(dbcv(line.X, std::vector<std::uint8_t>{0, 0, 0, 0, 1, 1, 1}), expected);
  const DbcvResult far = dbcv(line.X, LabelList{4, 4, 4, 4, INT64_MAX, INT64_MAX, INT64_MAX});
  EXPECT_EQ(far.clusters[0].label, 4);
  EXPECT_EQ(far.clusters[1].label, INT64_MAX);
  EXPECT_EQ(far.score, expected.score);
  EXPECT_EQ(dbcv(line.X, LabelList{9, 9, 9, 9, 5, 5, 5}).clusters[0].size, 3);  // ascending
}

TEST(Dbcv, WhereTheDistanceIsNotSymmetric) {
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    SCOPED_TRACE(seed);
    Random random(seed, {4});
    const Index n = 2 + random.below(40);
    RowMatrix<double> D = normal_matrix<double>(random, n, n).cwiseAbs();
    D.diagonal().setZero();
    const LabelList labels = random_labels(random, seed, n, 3);
    expect_oracle(dbcv(DistanceMatrix(D), labels, {.dimensions = 2}), DbcvOracle(D, labels, 2));
  }
}

TEST(Dbcv, SmallAndLoneClusters) {
  RowMatrix<double> X(8, 1);
  X << 0, 1, 5, 6, 8, 20, 21, 40;
  // Of two rows both are internal, and their edge counts.
  const DbcvResult result = dbcv(X, LabelList{0, 0, 1, 1, 1, 2, 2, 3});
  EXPECT_EQ(result.clusters[0].sparseness, 1);
  EXPECT_EQ(result.clusters[0].separation, 5);  // 1 and 6, the internal row of the second
  EXPECT_EQ(result.clusters[0].validity, 0.8);
  EXPECT_EQ(result.clusters[2].separation, 14);
  // A single row counts as noise.
  EXPECT_EQ(result.clusters[3].size, 1);
  EXPECT_EQ(result.clusters[3].validity, 0);
  EXPECT_EQ(result.clusters[3].sparseness, 0);
  EXPECT_EQ(result.clusters[3].separation, infinity);
  EXPECT_EQ(result.score, dbcv(X, LabelList{0, 0, 1, 1, 1, 2, 2, -1}).score);

  // Nothing to be separated from.
  for (const auto& lone : {LabelList{0, 0, 0, 0, 0, 0, 0, 0}, LabelList{-1, -1, -1, 5, 5, 5, 5, -1},
                           LabelList{0, 0, 0, 0, 0, 0, 0, 1}, LabelList{0, 1, 2, 3, 4, 5, 6, 7}}) {
    const DbcvResult of_lone = dbcv(X, lone);
    EXPECT_EQ(of_lone.score, 0);
    for (const DbcvCluster& cluster : of_lone.clusters) {
      EXPECT_EQ(cluster.validity, 0);
      EXPECT_EQ(cluster.separation, infinity);
    }
  }
  EXPECT_GT(dbcv(X, LabelList{0, 0, 0, 0, 0, 0, 0, 0}).clusters[0].sparseness, 0);
  const DbcvResult noise_only = dbcv(X, LabelList(8, -1));
  EXPECT_EQ(noise_only.score, 0);
  EXPECT_TRUE(noise_only.clusters.empty());
  EXPECT_EQ(dbcv(X.topRows(1), LabelList{3}).clusters.size(), 1u);
}

TEST(Dbcv, Duplicates) {
  RowMatrix<double> X(6, 2);
  X << 0, 0, 0, 0, 0, 0, 3, 4, 3, 4, 3, 4;
  DbcvResult result = dbcv(X, LabelList{0, 0, 0, 1, 1, 1});
  EXPECT_EQ(result.clusters[0].sparseness, 0);
  EXPECT_EQ(result.clusters[0].separation, 5);
  EXPECT_EQ(result.score, 1);
  // A row of the second cluster among those of the first: it hangs on one of the others, and is not internal.
  result = dbcv(X, LabelList{0, 0, 1, 1, 1, -1});
  EXPECT_EQ(result.clusters[0].separation, 5);
  EXPECT_EQ(result.clusters[1].sparseness, 5);
  EXPECT_EQ(result.score, 2.0 / 6);
  // The same rows in both clusters: 0 / 0.
  result = dbcv(RowMatrix<double>::Constant(6, 2, 7), LabelList{0, 0, 0, 1, 1, 1});
  EXPECT_EQ(result.clusters[0].separation, 0);
  EXPECT_EQ(result.clusters[0].sparseness, 0);
  EXPECT_EQ(result.score, 0);
}

TEST(Dbcv, ManyDimensions) {
  for_each_scalar([](auto scalar) {
    using T = decltype(scalar);
    for (const Index d : {64, 384, 1000}) {
      Random random(static_cast<std::uint64_t>(d));
      for (const double scale : {1e-6, 1.0, 1e6}) {
        if (d == 1000 && scale != 1) continue;  // beyond what the definition can be computed by as it stands
        RowMatrix<T> X = normal_matrix<T>(random, 120, d) * static_cast<T>(scale);
        X.topRows(60).array() += static_cast<T>(3 * scale);
        LabelList labels(120, 1);
        std::fill_n(labels.begin(), 60, 0);
        const DbcvResult result = dbcv(X, labels);
        expect_oracle(result, DbcvOracle(pairwise_distances(X, X), labels, d), 1e-11);
        EXPECT_TRUE(std::isfinite(result.score));
        EXPECT_GT(result.score, 0.3);
      }
    }
  });
  // Distances of all sizes: the nearest decides.
  RowMatrix<double> X(6, 1);
  X << 0, 1e-140, 1e140, -1e140, -1e130, -1e120;
  const LabelList labels{0, 0, 0, 1, 1, 1};
  for (const Index dimensions : {1, 50, 100'000}) {
    const DbcvResult result = dbcv(X, labels, {.dimensions = dimensions});
    EXPECT_TRUE(std::isfinite(result.score));
    EXPECT_LE(std::abs(result.score), 1);
  }
}

TEST(Dbcv, AnOffsetChangesNothing) {
  Random random(5);
  const RowMatrix<double> X = grid_matrix<double>(random, 400, 3, 200, 1.0 / 64);
  const LabelList labels = random_labels(random, 1, 400, 5);
  const RowMatrix<double> moved = X.array() + 1e6;
  expect_same(dbcv(moved, labels), dbcv(X, labels));
  const RowMatrix<double> Y = normal_matrix<double>(random, 400, 3), far = Y.array() + 1e6;
  const DbcvResult near = dbcv(Y, labels), of_far = dbcv(far, labels);
  EXPECT_NEAR(of_far.score, near.score, 1e-8);
}

TEST(Dbcv, TheOrderOfRowsChangesNothing) {
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    SCOPED_TRACE(seed);
    Random random(seed, {6});
    const Index n = 2 + random.below(200);
    const RowMatrix<double> X = normal_matrix<double>(random, n, 3);
    const LabelList labels = random_labels(random, seed, n, 4);
    const DbcvOptions options{.execution = {.threads = 1}};
    const DbcvResult expected = dbcv(X, labels, options);
    RowMatrix<double> shuffled(n, 3);
    LabelList shuffled_labels(labels.size());
    const std::vector<Index> order = permutation(random, n);
    for (std::size_t i = 0; i < order.size(); ++i) {
      shuffled.row(static_cast<Index>(i)) = X.row(order[i]);
      shuffled_labels[i] = labels[static_cast<std::size_t>(order[i])];
    }
    expect_same(dbcv(shuffled, shuffled_labels, options), expected);  // sums do not depend on their order either
  }
}

TEST(Dbcv, FollowsNoUnit) {
  Random random(7);
  const RowMatrix<double> X = normal_matrix<double>(random, 300, 4);
  const LabelList labels = random_labels(random, 1, 300, 4);
  const DbcvResult expected = dbcv(X, labels);
  for (const double scale : {0x1p-300, 0x1p-3, 0x1p300}) {
    const DbcvResult scaled = dbcv(RowMatrix<double>(X * scale), labels);
    EXPECT_NEAR(scaled.score, expected.score, 1e-14);
    EXPECT_NEAR(scaled.clusters[0].sparseness, expected.clusters[0].sparseness * scale, 1e-14 * scale);
  }
}

TEST(Dbcv, TellsGoodClustersFromBadOnes) {
  const auto blobs = make_blobs(600, 2, 4, {.seed = 1});
  RowMatrix<double> X = blobs.points;
  for (Index i = 0; i < X.rows(); ++i)  // far apart
    X.row(i).array() += 200.0 * (blobs.labels[i] % 2) + 0.0;
  for (Index i = 0; i < X.rows(); ++i) X(i, 1) += 200.0 * (blobs.labels[i] / 2);
  EXPECT_GT(dbcv(X, blobs.labels).score, 0.8);
  Random random(8);
  EXPECT_LT(dbcv(X, random_labels(random, 1, 600, 4)).score, 0);

  // Shapes that are no spheres: right labels are better than a cut through both moons.
  const auto moons = make_moons(500, {.noise = 0.02});
  Labels cut(moons.points.rows());
  for (Index i = 0; i < cut.size(); ++i) cut[i] = moons.points(i, 0) > 0.5;
  EXPECT_GT(dbcv(moons.points, moons.labels).score, 0.3);
  EXPECT_LT(dbcv(moons.points, cut).score, 0);
}

TEST(Dbcv, ReportsAndStops) {
  Random random(9);
  const RowMatrix<double> X = normal_matrix<double>(random, 5000, 2);
  Labels labels = Labels::Zero(5000);
  labels.tail(500).setOnes();
  const DbcvResult expected = dbcv(X, labels, {.execution = {.threads = 1}});
  expect_same(dbcv(X, labels, {.execution = {.threads = 3}}), expected);
  DbcvOptions options;
  std::vector<std::string> stages;
  options.execution.on_progress = [&](const Progress& progress) {
    if (stages.empty() || stages.back() != progress.stage) stages.emplace_back(progress.stage);
    EXPECT_GE(progress.step, 1);
    EXPECT_LE(progress.step, progress.steps);
    return true;
  };
  expect_same(dbcv(X, labels, options), expected);
  EXPECT_EQ(stages, (std::vector<std::string>{"core_distances", "trees", "large_trees", "separations"}));
  for (const std::string& stage : stages) {
    options.execution.on_progress = [&](const Progress& progress) { return progress.stage != stage; };
    EXPECT_THROW(dbcv(X, labels, options), Cancelled);
  }
  EXPECT_THROW(dbcv(X, labels, {.execution = {.threads = 1, .memory_limit = 100'000}}), MemoryLimitExceeded);
  expect_same(dbcv(X, labels, {.execution = {.threads = 1, .memory_limit = 4'000'000}}), expected);
}

TEST(Dbcv, TellsWhatIsWrong) {
  RowMatrix<double> X(4, 2);
  X << 0, 0, 1, 0, 0, 1, 1, 1;
  const LabelList labels{0, 0, 1, 1};
  const auto call = [&](const DbcvOptions& options) { return [&, options] { dbcv(X, labels, options); }; };
  expect_message(
      [&] {
        dbcv(X, LabelList{0, 1});
      },
      "corymb::dbcv: labels has 2 entries; one per row, n = 4, is needed");
  expect_message([&] { dbcv(X.topRows(0), LabelList{}); }, "corymb::dbcv: X has 0 rows; at least 1 is needed");
  expect_message([&] { dbcv(RowMatrix<double>(4, 0), labels); }, "corymb::dbcv: X has 0 columns; at least 1 is needed");
  expect_message(
      [&] {
        dbcv(X, std::vector<std::uint64_t>{0, 0, UINT64_MAX, 0});
      },
      "corymb::dbcv: labels[2] = 18446744073709551615 must fit into a signed 64-bit integer");
  expect_message(call({.dimensions = 0}), "corymb::dbcv: dimensions = 0 must be at least 1");
  expect_message(call({.execution = {.threads = -1}}),
                 "corymb::dbcv: execution.threads = -1 must be in [0, 1024] (0 = all)");
  // The rows that are named are those of X, not those of the clusters.
  expect_message(
      [&] {
        dbcv(X, LabelList{-1, 1, 0, 0}, {.metric = Metric::cosine});
      },
      "corymb::dbcv: X(0, …) is all 0, or so small that its length underflows; its cosine distance is undefined");
  X(3, 1) = std::numeric_limits<double>::quiet_NaN();
  expect_message([&] { dbcv(X, LabelList{1, 1, 0, -1}); }, "corymb::dbcv: X(3, 1) = nan must be finite");
  X(3, 1) = 1;
  const auto f = [](std::span<const double> x, std::span<const double> y) { return x[0] - y[0]; };
  expect_message([&] { dbcv(X, labels, f, {.metric = Metric::euclidean}); },
                 "corymb::dbcv: metric must be empty: the distances are those of the callable");
  expect_message([&] { dbcv(X, labels, f); },
                 "corymb::dbcv: the distance of rows 0 and 1 is -1; it must be finite and ≥ 0");
  RowMatrix<double> D = RowMatrix<double>::Ones(4, 4);
  D.diagonal().setZero();
  expect_message([&] { dbcv(DistanceMatrix(D), labels, {}); },
                 "corymb::dbcv: dimensions must be given: distances do not tell in how many their objects lie");
  expect_message([&] { dbcv(DistanceMatrix(D), labels, {.metric = Metric::euclidean, .dimensions = 2}); },
                 "corymb::dbcv: metric must be empty: the distances are those of the matrix");
  D(1, 2) = -1;
  expect_message([&] { dbcv(DistanceMatrix(D), labels, {.dimensions = 2}); },
                 "corymb::dbcv: D(1, 2) = -1 must be finite and ≥ 0");
  const auto objects = dissimilarity(4, [](Index i, Index j) { return i + j == 5 ? std::nan("") : 1.0; });
  expect_message([&] { dbcv(objects, labels, {}); },
                 "corymb::dbcv: dimensions must be given: distances do not tell in how many their objects lie");
  expect_message([&] { dbcv(objects, labels, {.dimensions = 1}); },
                 "corymb::dbcv: the distance of objects 2 and 3 is nan; it must be finite and ≥ 0");
}

}  // namespace
}  // namespace dbcv_test
