#include <corymb/core/errors.hpp>
#include <corymb/datasets/bundled.hpp>
#include <corymb/density/hdbscan.hpp>
#include <corymb/distance/gower.hpp>
#include <corymb/distance/pairwise.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include "support/matrices.hpp"
#include "support/message_of.hpp"

namespace hdbscan_calls_test {
namespace {

using namespace corymb;
using namespace corymb_test;

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double nan = std::numeric_limits<double>::quiet_NaN();

void expect_same(const HdbscanResult& actual, const HdbscanResult& expected) {
  EXPECT_TRUE(actual.labels == expected.labels);
  EXPECT_TRUE(same_matrix(actual.probabilities, expected.probabilities));
  EXPECT_TRUE(same_matrix(actual.outlier_scores, expected.outlier_scores));
  EXPECT_TRUE(same_matrix(actual.persistence, expected.persistence));
  EXPECT_TRUE(same_matrix(actual.core_distances, expected.core_distances));
  EXPECT_EQ(actual.spanning_tree, expected.spanning_tree);
  EXPECT_EQ(actual.condensed_tree.row_lambda, expected.condensed_tree.row_lambda);
  EXPECT_EQ(actual.selected, expected.selected);
}

template <class T>
RowMatrix<T> groups(Index n, Index d) {
  Random random(3, {41});
  RowMatrix<T> X = normal_matrix<T>(random, n, d);
  X.topRows(n / 3).array() += T(7);
  X.middleRows(n / 3, n / 3) *= T(0.3);
  return X;
}

TEST(HdbscanCalls, AreTheSameInEveryFormAndOnAnyNumberOfThreads) {
  for_each_scalar([](auto scalar) {
    using T = decltype(scalar);
    for (const Index d : {2, 20}) {
      const RowMatrix<T> X = groups<T>(500, d);
      const HdbscanOptions options{.min_cluster_size = 12, .execution = {.threads = 1}};
      const HdbscanResult expected = hdbscan(X, options);
      EXPECT_GT(expected.clusters, 1);
      for_each_layout(X, [&](const auto& any) { expect_same(hdbscan(any, options), expected); });
      for (const int threads : {2, 3, 8}) {
        HdbscanOptions of_threads = options;
        of_threads.execution.threads = threads;
        expect_same(hdbscan(X, of_threads), expected);
      }
      for (const auto algorithm : {SpanningTreeAlgorithm::prim, SpanningTreeAlgorithm::boruvka}) {
        HdbscanOptions by = options;
        by.algorithm = algorithm;
        expect_same(hdbscan(X, by), expected);
      }
      const RowMatrix<T> D = pairwise_distances(X, X);
      expect_same(hdbscan(DistanceMatrix(D), options), expected);
      expect_same(hdbscan(dissimilarity(500, [&](Index i, Index j) { return D(i, j); }), options), expected);
    }
  });
}

TEST(HdbscanCalls, TakeCallablesAndOtherMetrics) {
  const RowMatrix<double> X = groups<double>(300, 2);
  const HdbscanResult expected = hdbscan(X, {.metric = Metric::manhattan, .min_cluster_size = 10});
  const auto manhattan = [](std::span<const double> x, std::span<const double> y) {
    return std::abs(x[0] - y[0]) + std::abs(x[1] - y[1]);
  };
  expect_same(hdbscan(X, manhattan, {.min_cluster_size = 10}), expected);
  expect_same(hdbscan(X, manhattan, {.min_cluster_size = 10, .algorithm = SpanningTreeAlgorithm::boruvka}), expected);
  EXPECT_FALSE(hdbscan(X, manhattan).metric.has_value());
  EXPECT_EQ(expected.metric, Metric::manhattan);
}

TEST(HdbscanCalls, WeightsOfAllFormsAreTheSame) {
  const RowMatrix<double> X = groups<double>(200, 2);
  Vector weights(200);
  for (Index i = 0; i < 200; ++i) weights[i] = static_cast<double>(i % 5) * 0.75;
  const HdbscanOptions options{.min_cluster_size = 10, .min_samples = 4, .weights = weights};
  const HdbscanResult expected = hdbscan(X, options);
  EXPECT_GT(expected.clusters, 1);
  const RowMatrix<double> D = pairwise_distances(X, X);
  expect_same(hdbscan(DistanceMatrix(D), options), expected);
  expect_same(hdbscan(dissimilarity(200, [&](Index i, Index j) { return D(i, j); }), options), expected);
  HdbscanOptions by_prim = options;
  by_prim.algorithm = SpanningTreeAlgorithm::prim;
  expect_same(hdbscan(X, by_prim), expected);
}

TEST(HdbscanCalls, EdgeCasesHaveAMeaning) {
  const HdbscanResult empty = hdbscan(RowMatrix<double>(0, 2));
  EXPECT_EQ(empty.labels.size(), 0);
  EXPECT_EQ(empty.clusters, 0);
  EXPECT_EQ(empty.condensed_tree.clusters(), 0);

  const auto all_noise = [](const HdbscanResult& result) {
    return result.clusters == 0 && (result.labels.array() == noise).all() && (result.probabilities.array() == 0).all();
  };
  const RowMatrix<double> X = groups<double>(9, 2);
  EXPECT_TRUE(all_noise(hdbscan(X.topRows(1))));
  EXPECT_TRUE(all_noise(hdbscan(X.topRows(1), {.selection = {.allow_single_cluster = true}})));
  EXPECT_TRUE(all_noise(hdbscan(X, {.min_cluster_size = 10, .min_samples = 2})));
  const HdbscanResult too_few = hdbscan(X, {.min_cluster_size = 2, .min_samples = 10});
  EXPECT_TRUE(all_noise(too_few));
  EXPECT_EQ(too_few.core_distances[0], infinity);
  EXPECT_TRUE(too_few.spanning_tree.empty());
  EXPECT_TRUE(
      all_noise(hdbscan(X, {.min_cluster_size = 2, .min_samples = 10, .selection = {.allow_single_cluster = true}})));

  // All rows equal: one cluster, if all may be one.
  const RowMatrix<double> equal = RowMatrix<double>::Constant(30, 3, 2.5);
  EXPECT_TRUE(all_noise(hdbscan(equal)));
  const HdbscanResult one = hdbscan(equal, {.selection = {.allow_single_cluster = true}});
  EXPECT_EQ(one.clusters, 1);
  EXPECT_TRUE((one.labels.array() == 0).all());
  EXPECT_TRUE((one.probabilities.array() == 1).all());
  EXPECT_TRUE((one.outlier_scores.array() == 0).all());
  EXPECT_EQ(one.persistence[0], 1);

  // Two heaps of duplicates, infinitely dense.
  RowMatrix<double> heaps(20, 1);
  heaps << RowMatrix<double>::Constant(10, 1, 0.0), RowMatrix<double>::Constant(10, 1, 1.0);
  const HdbscanResult two = hdbscan(heaps);
  EXPECT_EQ(two.clusters, 2);
  EXPECT_TRUE((two.probabilities.array() == 1).all());
  EXPECT_EQ(two.condensed_tree.stability[1], infinity);
}

TEST(HdbscanCalls, AnOffsetChangesNothing) {
  Random random(8, {42});
  const RowMatrix<double> X = grid_matrix<double>(random, 300, 2, 64, 0.25);
  const RowMatrix<double> far = X.array() + 1e6;
  expect_same(hdbscan(far, {.min_cluster_size = 6}), hdbscan(X, {.min_cluster_size = 6}));
}

TEST(HdbscanCalls, AHeapOfDuplicatesTakesNoQuadraticTime) {
  Random random(9, {43});
  RowMatrix<double> X = RowMatrix<double>::Zero(100000, 2);
  X.bottomRows(1000) = normal_matrix<double>(random, 1000, 2).array() + 9;
  const HdbscanResult result = hdbscan(X, {.min_cluster_size = 50, .min_samples = 10});
  EXPECT_EQ((result.labels.head(99000).array() == 0).count(), 99000);
}

TEST(HdbscanCalls, TellWhatIsWrong) {
  const RowMatrix<double> X = groups<double>(20, 2);
  expect_message([&] { hdbscan(X, {.min_cluster_size = 1}); }, "corymb::hdbscan: min_cluster_size = 1 must be ≥ 2");
  expect_message([&] { hdbscan(X, {.min_samples = 0}); }, "corymb::hdbscan: min_samples = 0 must be ≥ 1");
  expect_message([&] { hdbscan(X, {.alpha = 0}); }, "corymb::hdbscan: alpha = 0 must be finite and > 0");
  expect_message([&] { hdbscan(X, {.selection = {.epsilon = -1}}); },
                 "corymb::hdbscan: epsilon = -1 must be finite and ≥ 0");
  expect_message([&] { hdbscan(X, {.selection = {.epsilon = 2, .epsilon_max = 1}}); },
                 "corymb::hdbscan: epsilon_max = 1 must be at least epsilon = 2");
  expect_message([&] { hdbscan(X, {.selection = {.epsilon_max = 0}}); },
                 "corymb::hdbscan: epsilon_max = 0 must be > 0");
  expect_message([&] { hdbscan(X, {.selection = {.max_cluster_size = 0}}); },
                 "corymb::hdbscan: max_cluster_size = 0 must be ≥ 1");
  expect_message([&] { hdbscan(X, {.selection = {.clusters = 0}}); }, "corymb::hdbscan: clusters = 0 must be ≥ 1");
  expect_message([&] { hdbscan(X, {.selection = {.epsilon = 1, .clusters = 2}}); },
                 "corymb::hdbscan: clusters cannot be asked for with epsilon, which changes their number");
  expect_message([&] { hdbscan(X, {.selection = {.method = SelectionMethod::leaf, .clusters = 2}}); },
                 "corymb::hdbscan: clusters cannot be asked for with method = leaf, which takes all leaves");
  expect_message([&] { hdbscan(X, {.min_lifetime = -1}); }, "corymb::hdbscan: min_lifetime = -1 must be ≥ 0");
  expect_message([&] { hdbscan(X, {.weights = Vector::Ones(3)}); },
                 "corymb::hdbscan: weights has 3 entries; one per row, n = 20, is needed");
  expect_message([&] { hdbscan(X, {.weights = Vector::Zero(20)}); },
                 "corymb::hdbscan: weights are all 0; at least one must be > 0");
  expect_message([&] { hdbscan(X, {.execution = {.threads = -1}}); },
                 "corymb::hdbscan: execution.threads = -1 must be in [0, 1024] (0 = all)");
  expect_message([&] { hdbscan(RowMatrix<double>(3, 0)); }, "corymb::hdbscan: X has 0 columns; at least 1 is needed");
  expect_message([&] { hdbscan(X, {.metric = Metric::cosine, .algorithm = SpanningTreeAlgorithm::boruvka}); },
                 "corymb::hdbscan: algorithm = boruvka needs a metric that obeys the triangle inequality");
  RowMatrix<double> bad = X;
  bad(4, 1) = nan;
  expect_message([&] { hdbscan(bad); }, "corymb::hdbscan: X(4, 1) = nan must be finite");
  RowMatrix<double> D = pairwise_distances(X, X);
  expect_message([&] { hdbscan(DistanceMatrix(D), {.metric = Metric::euclidean}); },
                 "corymb::hdbscan: metric must be empty: the distances are those of the matrix");
  D(2, 3) = -1;
  EXPECT_THROW(hdbscan(DistanceMatrix(D)), InvalidArgument);
  expect_message([&] { cut(hdbscan(X), -1); }, "corymb::cut: eps = -1 must be ≥ 0");
  expect_message([&] { condense(single_linkage(3, {}), 1); }, "corymb::condense: min_cluster_size = 1 must be ≥ 2");
  expect_message([&] { simplify({}, nan); }, "corymb::simplify: min_lifetime = nan must be ≥ 0");
  expect_message([&] { medoids(hdbscan(X), X.topRows(3)); }, "corymb::medoids: X has 3 rows; the result is of 20");
}

TEST(HdbscanCalls, AskForTooManyClusters) {
  const RowMatrix<double> X = groups<double>(60, 2);
  try {
    hdbscan(X, {.min_cluster_size = 20, .selection = {.clusters = 40}});
    FAIL();
  } catch (const NumericalError& error) {
    EXPECT_NE(std::string(error.what()).find("corymb::hdbscan: clusters = 40, but the tree has at most"),
              std::string::npos)
        << error.what();
  }
}

TEST(HdbscanCalls, StopWhenTheyAreAskedTo) {
  const RowMatrix<double> X = groups<double>(2000, 2);
  int calls = 0;
  EXPECT_THROW(hdbscan(X, {.execution = {.on_progress = [&](const Progress&) { return ++calls < 3; }}}), Cancelled);
  EXPECT_EQ(calls, 3);
  EXPECT_THROW(hdbscan(X, {.execution = {.memory_limit = 1000}}), MemoryLimitExceeded);
}

}  // namespace
}  // namespace hdbscan_calls_test
