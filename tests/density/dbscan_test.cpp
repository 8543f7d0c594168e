#include <corymb/core/errors.hpp>
#include <corymb/datasets/bundled.hpp>
#include <corymb/density/dbscan.hpp>
#include <corymb/distance/nearest.hpp>
#include <corymb/distance/pairwise.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <string>
#include <vector>

#include "support/matrices.hpp"
#include "support/message_of.hpp"
#include "support/verify_dbscan.hpp"

namespace dbscan_test {
namespace {

using namespace corymb;
using namespace corymb_test;
using verify::dbscan_error;

const DbscanAlgorithm all_algorithms[] = {DbscanAlgorithm::automatic, DbscanAlgorithm::grid, DbscanAlgorithm::kd_tree,
                                          DbscanAlgorithm::brute_force};

void expect_same(const DbscanResult& actual, const DbscanResult& expected) {
  EXPECT_TRUE(actual.labels == expected.labels);
  EXPECT_EQ(actual.is_core, expected.is_core);
  EXPECT_EQ(actual.clusters, expected.clusters);
}

// The rows of a table drawn from left to right, ten units apart, and what the verifier says of labels for them.
struct Drawing {
  RowMatrix<double> D;
  double eps;
  Index min_points;

  std::string error(const std::vector<int>& labels, const std::vector<bool>& cores, int clusters,
                    BorderPoints border = BorderPoints::lowest_cluster) const {
    DbscanResult result;
    result.labels = Eigen::Map<const Labels>(labels.data(), static_cast<Index>(labels.size()));
    result.is_core = cores;
    result.clusters = clusters;
    return dbscan_error(D, eps, min_points, result, border);
  }
};

Drawing on_a_line(const std::vector<double>& places, double eps, Index min_points) {
  RowMatrix<double> X(static_cast<Index>(places.size()), 1);
  for (Index i = 0; i < X.rows(); ++i) X(i, 0) = places[static_cast<std::size_t>(i)];
  return {pairwise_distances(X, X), eps, min_points};
}

TEST(VerifyDbscan, AcceptsRightAndRejectsWrongLabels) {
  // Two clusters of three, a border row between them that both reach, and one row far away.
  const Drawing drawing = on_a_line({0, 1, 2, 3.5, 5, 6, 7, 20}, 1.5, 3);
  const std::vector<bool> cores{false, true, true, true, true, true, false, false};
  EXPECT_EQ(drawing.error({0, 0, 0, 0, 0, 0, 0, -1}, cores, 1), "");  // the row between them is core: a bridge
  EXPECT_NE(drawing.error({0, 0, 0, 0, 1, 1, 1, -1}, cores, 2), "");
  EXPECT_NE(drawing.error({0, 0, 0, 0, 0, 0, -1, -1}, cores, 1), "");
  EXPECT_NE(drawing.error({0, 0, 0, 0, 0, 0, 0, 0}, cores, 1), "");
  EXPECT_NE(drawing.error({0, 0, 0, 0, 0, 0, 0, -1}, {true, true, true, true, true, true, false, false}, 1), "");
  EXPECT_EQ(drawing.error({-1, 0, 0, 0, 0, 0, -1, -1}, cores, 1, BorderPoints::as_noise), "");
  EXPECT_NE(drawing.error({0, 0, 0, 0, 0, 0, 0, -1}, cores, 1, BorderPoints::as_noise), "");

  const Drawing apart = on_a_line({0, 0, 1, 2.5, 4, 5, 5}, 1.5, 4);
  const std::vector<bool> of_apart{false, false, true, false, true, false, false};
  EXPECT_EQ(apart.error({0, 0, 0, 0, 1, 1, 1}, of_apart, 2), "");  // the row in the middle goes to the lower cluster
  EXPECT_NE(apart.error({0, 0, 0, 1, 1, 1, 1}, of_apart, 2), "");
  EXPECT_NE(apart.error({1, 1, 1, 1, 0, 0, 0}, of_apart, 2), "");
  EXPECT_NE(apart.error({0, 0, 0, 0, 0, 0, 0}, of_apart, 1), "");
}

template <class T>
RowMatrix<T> clustered_rows(Random& random, std::uint64_t seed, Index n, Index d) {
  RowMatrix<T> X = seed % 2 == 0 ? grid_matrix<T>(random, n, d, 2 + random.below(5)) : normal_matrix<T>(random, n, d);
  if (seed % 3 == 0) X.topRows(n / 2).array() += T(6);
  if (seed % 5 == 0) X.bottomRows(n / 3) = X.topRows(n / 3);
  if (seed % 7 == 0) X.array() += T(1e6);
  return X;
}

TEST(Dbscan, IsThatOfTheDefinition) {
  for_each_scalar([](auto scalar) {
    using T = decltype(scalar);
    for (std::uint64_t seed = 0; seed < instances; ++seed) {
      Random random(seed, {8});
      const Index n = 1 + random.below(seed % 8 == 0 ? 200 : 60), d = 1 + random.below(4);
      const RowMatrix<T> X = clustered_rows<T>(random, seed, n, d);
      Vector weights;
      if (seed % 4 == 1) {
        weights.resize(n);
        for (Index i = 0; i < n; ++i) weights[i] = static_cast<double>(random.below(4)) / 2;
        weights[0] = 1;
      }
      for (const Metric metric : {Metric::euclidean, Metric::manhattan, Metric::chebyshev}) {
        const RowMatrix<T> D = pairwise_distances(X, X, metric);
        // Often exactly a distance that occurs.
        const double eps =
            random.below(2) == 0 ? static_cast<double>(D(random.below(n), random.below(n))) : 2 * random.uniform();
        const Index min_points = 1 + random.below(8);
        for (const BorderPoints border : {BorderPoints::lowest_cluster, BorderPoints::as_noise})
          for (const DbscanAlgorithm algorithm : all_algorithms) {
            if (eps < 0.01 && algorithm == DbscanAlgorithm::grid) continue;  // too many cells
            SCOPED_TRACE(std::to_string(seed) + ", algorithm " + std::to_string(static_cast<int>(algorithm)));
            const auto result = dbscan(X, eps, min_points,
                                       {.metric = metric,
                                        .algorithm = algorithm,
                                        .border = border,
                                        .weights = weights,
                                        .execution = {.threads = 1}});
            ASSERT_EQ(dbscan_error(D, eps, min_points, result, border, weights), "");
          }
      }
    }
  });
}

TEST(Dbscan, IsTheSameInEveryFormAndOnAnyNumberOfThreads) {
  for_each_scalar([](auto scalar) {
    using T = decltype(scalar);
    Random random(3);
    for (const Index d : {1, 2, 3, 4, 7}) {
      RowMatrix<T> X = normal_matrix<T>(random, 1000, d);
      for (Index i = 0; i < X.rows(); ++i) X.row(i).array() += static_cast<T>(5 * (i % 6));
      X.bottomRows(100) = X.topRows(100);
      const double eps = 0.15 * static_cast<double>(d * d);
      const auto expected = dbscan(X, eps, 6, {.algorithm = DbscanAlgorithm::brute_force, .execution = {.threads = 1}});
      EXPECT_GT(expected.clusters, 3);
      EXPECT_TRUE(d > 4 || expected.labels.minCoeff() == noise);
      for (const DbscanAlgorithm algorithm : all_algorithms)
        for (const int threads : {1, 2, 5}) {
          if (algorithm == DbscanAlgorithm::grid && d > 4) continue;
          for_each_layout(X, [&](const auto& layout) {
            expect_same(dbscan(layout, eps, 6, {.algorithm = algorithm, .execution = {.threads = threads}}), expected);
          });
        }
    }
    const RowMatrix<T> X = grid_matrix<T>(random, 400, 2, 15);
    const auto expected = dbscan(X, 2, 5, {.metric = Metric::manhattan});
    expect_same(dbscan(X, 2, 5,
                       [](std::span<const T> x, std::span<const T> y) {
                         return std::abs(x[0] - y[0]) + std::abs(x[1] - y[1]);
                       }),
                expected);
    const RowMatrix<T> D = pairwise_distances(X, X, Metric::manhattan);
    expect_same(dbscan(DistanceMatrix(D), 2, 5), expected);
    ColumnVector<T> condensed(D.rows() * (D.rows() - 1) / 2);
    Index e = 0;
    for (Index i = 0; i < D.rows(); ++i)
      for (Index j = i + 1; j < D.rows(); ++j) condensed[e++] = D(i, j);
    expect_same(dbscan(DistanceMatrix(condensed), 2, 5), expected);
  });
}

TEST(Dbscan, EveryMetric) {
  Random random(4);
  const RowMatrix<double> X = normal_matrix<double>(random, 150, 2).cwiseAbs();
  for (const Metric metric :
       {Metric::minkowski(3), Metric::minkowski(2.5), Metric::canberra, Metric::bray_curtis, Metric::cosine,
        Metric::correlation, Metric::hamming, Metric::jaccard, Metric::haversine}) {
    SCOPED_TRACE(static_cast<int>(metric.kind()));
    const RowMatrix<double> D = pairwise_distances(X, X, metric);
    for (const double eps : {D(0, 1), D(3, 4) / 2, 0.1}) {
      EXPECT_EQ(dbscan_error(D, eps, 4, dbscan(X, eps, 4, {.metric = metric})), "");
    }
  }
}

TEST(Dbscan, OnABallTree) {
  for_each_scalar([](auto scalar) {
    using T = decltype(scalar);
    for (std::uint64_t seed = 0; seed < instances; ++seed) {
      Random random(seed, {9});
      const Index n = 1 + random.below(seed % 8 == 0 ? 300 : 60), d = 1 + random.below(4);
      const RowMatrix<T> X = clustered_rows<T>(random, seed, n, d);
      for (const Metric metric : {Metric::manhattan, Metric::minkowski(3), Metric::canberra, Metric::hamming}) {
        const RowMatrix<T> D = pairwise_distances(X, X, metric);
        const double eps = static_cast<double>(D(random.below(n), random.below(n)));
        const DbscanOptions options{.metric = metric, .algorithm = DbscanAlgorithm::ball_tree};
        ASSERT_EQ(dbscan_error(D, eps, 4, dbscan(X, eps, 4, options)), "") << seed;
        const auto f = [&](std::span<const T> x, std::span<const T> y) {
          return D((x.data() - X.data()) / d, (y.data() - X.data()) / d);
        };
        ASSERT_EQ(dbscan_error(D, eps, 4, dbscan(X, eps, 4, f, {.algorithm = DbscanAlgorithm::ball_tree})), "") << seed;
        const auto objects = dissimilarity(n, [&](Index i, Index j) { return D(i, j); });
        ASSERT_EQ(dbscan_error(D, eps, 4, dbscan(objects, eps, 4, {.algorithm = DbscanAlgorithm::ball_tree})), "")
            << seed;
      }
    }
  });
}

TEST(Dbscan, OnTheEarth) {
  for_each_scalar([](auto scalar) {
    using T = decltype(scalar);
    Random random(12);
    RowMatrix<T> X(600, 2);
    for (Index i = 0; i < X.rows(); ++i)
      X.row(i) << static_cast<T>(90 - 180 * random.uniform()), static_cast<T>(360 * random.uniform() - 180);
    X.topRows(200) *= T(0.1);  // denser around latitude 0
    const RowMatrix<T> D = pairwise_distances(X, X, Metric::haversine);
    for (const double eps : {0.0, static_cast<double>(D(3, 77)) / 8, 400.0, 3000.0, 20100.0})
      for (const DbscanAlgorithm algorithm : all_algorithms) {
        if (eps < 0.01 && algorithm == DbscanAlgorithm::grid) continue;  // too many cells
        const auto result = dbscan(X, eps, 4, {.metric = Metric::haversine, .algorithm = algorithm});
        EXPECT_EQ(dbscan_error(D, eps, 4, result), "") << eps << ", algorithm " << static_cast<int>(algorithm);
      }
    EXPECT_EQ(
        dbscan_error(D, 900, 4, dbscan(dissimilarity(X.rows(), [&](Index i, Index j) { return D(i, j); }), 900, 4)),
        "");
  });
}

TEST(Dbscan, AWeightMeansCopies) {
  for (std::uint64_t seed = 0; seed < instances; ++seed) {
    Random random(seed, {9});
    const Index n = 1 + random.below(40);
    const RowMatrix<double> X = clustered_rows<double>(random, seed, n, 2);
    Vector weights(n);
    std::vector<Index> copies;
    for (Index i = 0; i < n; ++i) {
      weights[i] = static_cast<double>(i == 0 ? 1 : random.below(4));
      for (int c = 0; c < static_cast<int>(weights[i]); ++c) copies.push_back(i);
    }
    RowMatrix<double> copied(static_cast<Index>(copies.size()), 2);
    for (Index c = 0; c < copied.rows(); ++c) copied.row(c) = X.row(copies[static_cast<std::size_t>(c)]);
    for (const DbscanAlgorithm algorithm : all_algorithms)
      for (const BorderPoints border : {BorderPoints::lowest_cluster, BorderPoints::as_noise}) {
        const auto weighted = dbscan(X, 1, 5, {.algorithm = algorithm, .border = border, .weights = weights});
        const auto all = dbscan(copied, 1, 5, {.algorithm = algorithm, .border = border});
        EXPECT_EQ(weighted.clusters, all.clusters);
        for (std::size_t c = 0; c < copies.size(); ++c)
          ASSERT_EQ(all.labels[static_cast<Index>(c)], weighted.labels[copies[c]]) << seed;
      }
  }
}

TEST(Dbscan, WeightsAreAddedExactly) {
  const RowMatrix<double> X = RowMatrix<double>::Zero(10, 1);
  const Vector tenths = Vector::Constant(10, 0.1);  // 0.1 is a little more than a tenth
  for (const DbscanAlgorithm algorithm : all_algorithms) {
    EXPECT_EQ(dbscan(X, 1, 1, {.algorithm = algorithm, .weights = tenths}).clusters, 1);
    EXPECT_EQ(dbscan(X, 1, 2, {.algorithm = algorithm, .weights = tenths}).clusters, 0);
    EXPECT_EQ(dbscan(X, 1, 5, {.algorithm = algorithm, .weights = Vector::Constant(10, 1e300)}).clusters, 1);
  }
}

TEST(Dbscan, ManyDuplicatesTakeNoLonger) {
  // 10^5 of one point, twice, farther apart than eps but in cells that eps reaches.
  RowMatrix<float> X = RowMatrix<float>::Zero(200'000, 2);
  X.bottomRows(100'000).setConstant(1.5f);
  const auto result = dbscan(X, 2, 10);
  EXPECT_EQ(result.clusters, 2);
  EXPECT_EQ(result.labels[99'999], 0);
  EXPECT_EQ(result.labels[100'000], 1);
  EXPECT_EQ(dbscan(X, 2.2, 10).clusters, 1);
  for (const DbscanAlgorithm algorithm : {DbscanAlgorithm::grid, DbscanAlgorithm::kd_tree}) {
    expect_same(dbscan(X, 2, 10, {.algorithm = algorithm}), result);
    expect_same(dbscan(X, 2, 100'000, {.algorithm = algorithm}), result);
  }
}

TEST(Dbscan, LargeCellsThatDoNotTouch) {
  // Two halves of a ring, each in cells of many rows, a little more than eps apart.
  Random random(5);
  RowMatrix<double> X(40'000, 2);
  for (Index i = 0; i < X.rows(); ++i) {
    const double angle = 1.5 * random.uniform() - 0.75, radius = 1 + 0.1 * random.uniform();
    X.row(i) << (i % 2 == 0 ? -1 : 1) * (2.2 - radius * std::cos(angle)), radius * std::sin(angle);
  }
  double gap = std::numeric_limits<double>::infinity();
  RowMatrix<double> left(20'000, 2), right(20'000, 2);
  for (Index i = 0; i < 20'000; ++i) {
    left.row(i) = X.row(2 * i);
    right.row(i) = X.row(2 * i + 1);
  }
  gap = nearest(left, right).distances.minCoeff();
  EXPECT_EQ(dbscan(X, gap, 5).clusters, 1);
  EXPECT_EQ(dbscan(X, std::nextafter(gap, 0.0), 5).clusters, 2);
}

TEST(Dbscan, EdgeCases) {
  for (const DbscanAlgorithm algorithm : all_algorithms) {
    const DbscanOptions options{.algorithm = algorithm};
    const auto none = dbscan(RowMatrix<double>(0, 2), 1, 3, options);
    EXPECT_EQ(none.labels.size(), 0);
    EXPECT_EQ(none.clusters, 0);
    const RowMatrix<double> one = RowMatrix<double>::Constant(1, 2, 4);
    EXPECT_EQ(dbscan(one, 1, 1, options).labels[0], 0);
    EXPECT_EQ(dbscan(one, 1, 2, options).labels[0], noise);
    RowMatrix<double> X(5000, 2);
    for (Index i = 0; i < X.rows(); ++i) X.row(i) << static_cast<double>(i) * 1e-3, 0;
    EXPECT_EQ(dbscan(X, 1e9, 5000, options).clusters, 1);  // beyond the diameter
    EXPECT_EQ(dbscan(X, 1e9, 5001, options).clusters, 0);
    EXPECT_EQ(dbscan(X, 0.9e-3, 1, options).clusters, 5000);
    EXPECT_EQ(dbscan(X, 1.1e-3, 3, options).clusters, 1);
    X.row(17) << 1e12, -1e12;
    EXPECT_EQ(dbscan(X, 1.1e-2, 3, {.execution = {.threads = 2}}).labels[17], noise);
  }
  // Duplicates only.
  RowMatrix<double> twins(6, 2);
  twins << 1, 1, 2, 2, 1, 1, 3, 3, 2, 2, 1, 1;
  const auto result = dbscan(twins, 0, 2);
  EXPECT_TRUE(result.labels == (Labels(6) << 0, 1, 0, -1, 1, 0).finished());
  // Distances that are lost in rounding are 0.
  const RowMatrix<float> tiny = RowMatrix<float>::Random(50, 2) * 1e-25f;
  EXPECT_EQ(dbscan(tiny, 1e-30, 50).clusters, 1);
}

TEST(Dbscan, MissingRowsAreNoise) {
  Random random(7);
  RowMatrix<double> X = normal_matrix<double>(random, 300, 2);
  RowMatrix<double> complete = X.bottomRows(298);
  const double nan = std::numeric_limits<double>::quiet_NaN();
  X(0, 1) = nan;
  X(1, 0) = nan;
  expect_message([&] { dbscan(X, 0.3, 5); }, "corymb::dbscan: X(0, 1) = nan must be finite");
  const auto result = dbscan(X, 0.3, 5, {.missing_as_noise = true}), expected = dbscan(complete, 0.3, 5);
  EXPECT_EQ(result.clusters, expected.clusters);
  EXPECT_TRUE(result.labels.tail(298) == expected.labels);
  EXPECT_EQ(result.labels[0], noise);
  EXPECT_EQ(result.labels[1], noise);
  X(5, 1) = std::numeric_limits<double>::infinity();
  expect_message([&] { dbscan(X, 0.3, 5, {.missing_as_noise = true}); },
                 "corymb::dbscan: X(5, 1) = inf must be finite");
  X.setConstant(nan);
  EXPECT_EQ(dbscan(X, 0.3, 5, {.missing_as_noise = true}).clusters, 0);
}

TEST(Dbscan, StopsWhenAskedAndKeepsToItsMemory) {
  Random random(6);
  const RowMatrix<double> X = normal_matrix<double>(random, 4000, 2);
  const auto expected = dbscan(X, 0.1, 5);
  for (const DbscanAlgorithm algorithm : all_algorithms) {
    DbscanOptions options{.algorithm = algorithm};
    std::vector<std::string> stages;
    options.execution.on_progress = [&](const Progress& progress) {
      if (stages.empty() || stages.back() != progress.stage) stages.emplace_back(progress.stage);
      return true;
    };
    expect_same(dbscan(X, 0.1, 5, options), expected);
    EXPECT_EQ(stages, (std::vector<std::string>{"cores", "clusters", "borders"}));
    for (const char* last : {"cores", "clusters", "borders"}) {
      options.execution.on_progress = [&](const Progress& progress) { return progress.stage != last; };
      EXPECT_THROW(dbscan(X, 0.1, 5, options), Cancelled);
    }
    EXPECT_THROW(dbscan(X, 0.1, 5, {.algorithm = algorithm, .execution = {.memory_limit = 100'000}}),
                 MemoryLimitExceeded);
  }
}

TEST(Dbscan, TellsWhatIsWrong) {
  const RowMatrix<double> X = RowMatrix<double>::Zero(4, 2);
  const auto call = [&](double eps, Index min_points, const DbscanOptions& options = {}) {
    return [=] { dbscan(X, eps, min_points, options); };
  };
  expect_message(call(-1, 3), "corymb::dbscan: eps = -1 must be finite and ≥ 0");
  expect_message(call(std::numeric_limits<double>::quiet_NaN(), 3), "corymb::dbscan: eps = nan must be finite and ≥ 0");
  expect_message(call(std::numeric_limits<double>::infinity(), 3), "corymb::dbscan: eps = inf must be finite and ≥ 0");
  expect_message(call(1, 0), "corymb::dbscan: min_points = 0 must be ≥ 1");
  expect_message(call(1, 3, {.metric = Metric::cosine, .algorithm = DbscanAlgorithm::grid}),
                 "corymb::dbscan: algorithm = grid needs the metric euclidean, manhattan, chebyshev or haversine");
  expect_message(
      call(0, 3, {.algorithm = DbscanAlgorithm::grid}),
      "corymb::dbscan: algorithm = grid cannot be used: eps = 0 is 0, or too small for the extent of the data");
  expect_message([&] { dbscan(RowMatrix<double>::Zero(4, 5), 1, 3, {.algorithm = DbscanAlgorithm::grid}); },
                 "corymb::dbscan: algorithm = grid needs at most 4 columns; X has 5");
  expect_message(call(1, 3, {.weights = Vector::Constant(4, -1)}),
                 "corymb::dbscan: weights(0) = -1 must be finite and ≥ 0");
  expect_message([&] { dbscan(RowMatrix<double>(4, 0), 1, 3); },
                 "corymb::dbscan: X has 0 columns; at least 1 is needed");
  const RowMatrix<double> D = RowMatrix<double>::Ones(3, 3);
  expect_message([&] { dbscan(DistanceMatrix(D), 1, 3); },
                 "corymb::dbscan: D(0, 0) = 1 must be 0: it is the distance of an object to itself");
  const RowMatrix<double> Z = RowMatrix<double>::Zero(3, 3);
  expect_message([&] { dbscan(DistanceMatrix(Z), 1, 3, {.metric = Metric::euclidean}); },
                 "corymb::dbscan: metric must be empty: the distances are those of the matrix");
}

}  // namespace
}  // namespace dbscan_test
