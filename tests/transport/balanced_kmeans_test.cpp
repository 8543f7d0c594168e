#include <corymb/core/errors.hpp>
#include <corymb/core/random.hpp>
#include <corymb/datasets/generators.hpp>
#include <corymb/transport/balanced_kmeans.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <string>
#include <vector>

#include "support/matrices.hpp"
#include "support/message_of.hpp"
#include "support/verify_capacity_assignment.hpp"
#include "support/verify_kmeans.hpp"

namespace balanced_kmeans_test {
namespace {

using corymb::balanced_kmeans;
using corymb::BalancedKMeansOptions;
using corymb::BalancedKMeansResult;
using corymb::Index;
using corymb::Labels;
using corymb::Random;
using corymb::RowMatrix;
using corymb::Status;
using corymb::Vector;
using corymb_test::instances;
using corymb_test::message_of;

verify::Bounds bounds_of(Index n, Index k, const BalancedKMeansOptions& options) {
  const bool equal = options.min_size.empty() && options.max_size.empty();
  const auto columns = static_cast<std::size_t>(k);
  const auto all = [&](const std::vector<Index>& given, Index otherwise) {
    return given.empty()       ? std::vector<Index>(columns, otherwise)
           : given.size() == 1 ? std::vector<Index>(columns, given[0])
                               : given;
  };
  return {all(options.min_size, equal ? n / k : 0), all(options.max_size, equal ? (n + k - 1) / k : n)};
}

/// Empty if labels, sizes and prices are an optimal assignment to the centroids, and the inertia is theirs; with
/// `means`, centroids are the means of their rows.
template <class T>
std::string error_of(const RowMatrix<T>& X, const BalancedKMeansResult<T>& result, const verify::Bounds& bounds,
                     bool means) {
  const Index n = X.rows(), k = result.centroids.rows();
  if (result.centroids.cols() != X.cols()) return "shapes";
  RowMatrix<double> cost(n, k);
  for (Index i = 0; i < n; ++i)
    for (Index j = 0; j < k; ++j)
      cost(i, j) = static_cast<double>(verify::squared_distance<T>(X.row(i), result.centroids.row(j)));
  struct {
    const Labels& labels;
    const Eigen::Matrix<Index, Eigen::Dynamic, 1>& sizes;
    const Vector& prices;
    double cost;
  } assignment{result.labels, result.sizes, result.prices, result.inertia};
  if (std::string error = verify::capacity_error(cost, bounds, assignment); !error.empty()) return error;
  for (Index j = 0; means && j < k; ++j) {
    Vector sum = Vector::Zero(X.cols());
    for (Index i = 0; i < n; ++i)
      if (result.labels[i] == j) sum += X.row(i).transpose().template cast<double>();
    if (result.sizes[j] == 0) continue;
    const Vector mean = sum / static_cast<double>(result.sizes[j]);
    const double off = (mean - result.centroids.row(j).transpose().template cast<double>()).cwiseAbs().maxCoeff();
    if (!(off <=
          4 * static_cast<double>(std::numeric_limits<T>::epsilon()) * static_cast<double>(X.cwiseAbs().maxCoeff())))
      return "centroid " + std::to_string(j) + " is no mean";
  }
  return "";
}

template <class T>
void expect_same(const BalancedKMeansResult<T>& actual, const BalancedKMeansResult<T>& expected) {
  EXPECT_EQ(actual.labels, expected.labels);
  EXPECT_TRUE(corymb_test::same_matrix(actual.centroids, expected.centroids));
  EXPECT_TRUE(corymb_test::same_matrix(actual.prices, expected.prices));
  EXPECT_TRUE(corymb_test::same_bits(&actual.inertia, &expected.inertia, 1));
  EXPECT_EQ(actual.history, expected.history);
  EXPECT_EQ(actual.iterations, expected.iterations);
}

TEST(BalancedKMeans, LocalMinimumWithinTheBounds) {
  corymb_test::for_each_scalar([](auto scalar) {
    using T = decltype(scalar);
    for (std::uint64_t seed = 0; seed < instances; ++seed) {
      SCOPED_TRACE(seed);
      Random random(seed);
      const Index n = 1 + random.below(60), d = 1 + random.below(4), k = 1 + random.below(std::min<Index>(n, 8));
      const RowMatrix<T> X = corymb_test::random_rows<T>(random, seed, n, d);
      BalancedKMeansOptions options;
      options.tolerance = 0;
      options.seed = seed;
      if (seed % 3 == 1) options.min_size = {random.below(n / k + 1)};
      if (seed % 3 == 2) options.max_size = {(n + k - 1) / k + random.below(3)};
      const auto result = balanced_kmeans(X, k, options);
      ASSERT_EQ(result.status, Status::converged);
      ASSERT_EQ(error_of(X, result, bounds_of(n, k, options), false), "");
      // But for rounding, which is all there is where the rows of each cluster are equal.
      const double magnitude = static_cast<double>(X.cwiseAbs().maxCoeff());
      const double rounding = static_cast<double>(std::numeric_limits<T>::epsilon()) * magnitude;
      if (result.history[0] > static_cast<double>(n * d) * rounding * rounding) {
        ASSERT_EQ(verify::history_error(result.history, 1e-6), "");
        ASSERT_LE(result.inertia, result.history.back() * (1 + 1e-6));
      }
      ASSERT_EQ(static_cast<int>(result.history.size()), result.iterations);
    }
  });
}

TEST(BalancedKMeans, CentroidsAreMeansOnceLabelsSettle) {
  Random random(1);
  for (int repeat = 0; repeat < 20; ++repeat) {
    const RowMatrix<double> X = corymb_test::normal_matrix<double>(random, 300, 3);
    const auto result = balanced_kmeans(X, 7, {.tolerance = 0, .seed = static_cast<std::uint64_t>(repeat)});
    EXPECT_EQ(error_of(X, result, bounds_of(300, 7, {}), true), "");
    EXPECT_EQ(verify::history_error(result.history, 0), "");
    EXPECT_EQ(result.sizes.maxCoeff(), 43);
    EXPECT_EQ(result.sizes.minCoeff(), 42);
  }
}

TEST(BalancedKMeans, BoundsThatDoNotBindAreKMeans) {
  const auto X = corymb::make_blobs(500, 3, 4, {.seed = 3}).points;
  const auto start = X.topRows(4);
  const auto expected = corymb::kmeans(X, start, {.tolerance = 0});
  const auto result = balanced_kmeans(X, start, {.min_size = {0}, .tolerance = 0});
  EXPECT_EQ(result.labels, expected.labels);
  EXPECT_EQ(result.prices, Vector::Zero(4));
  EXPECT_NEAR(result.inertia, expected.inertia, 1e-12 * expected.inertia);
  EXPECT_EQ(corymb::predict(result, X), result.labels);
}

TEST(BalancedKMeans, FindsEqualClusters) {
  // Two far groups of 30 and 10: halves take ten from the larger one.
  Random random(2);
  RowMatrix<double> X = corymb_test::normal_matrix<double>(random, 40, 2);
  X.bottomRows(10).array() += 100;
  const auto result = balanced_kmeans(X, 2, {.restarts = 3});
  EXPECT_EQ(result.sizes, (Eigen::Matrix<Index, 2, 1>(20, 20)));
  for (Index i = 30; i < 40; ++i) EXPECT_EQ(result.labels[i], result.labels[39]);
  const auto each =
      balanced_kmeans(X, X(std::vector<Index>{0, 39}, Eigen::all), {.min_size = {0, 10}, .max_size = {30, 40}});
  EXPECT_EQ(each.sizes, (Eigen::Matrix<Index, 2, 1>(30, 10)));
}

TEST(BalancedKMeans, SameBitsForAnyThreadsAndLayout) {
  corymb_test::for_each_scalar([](auto scalar) {
    using T = decltype(scalar);
    Random random(3);
    const RowMatrix<T> X = corymb_test::normal_matrix<T>(random, 3000, 3);
    BalancedKMeansOptions options{.max_iterations = 8, .seed = 5};
    options.execution.threads = 1;
    const auto expected = balanced_kmeans(X, 9, options);
    EXPECT_EQ(error_of(X, expected, bounds_of(3000, 9, options), false), "");
    for (const int threads : {2, 5}) {
      options.execution.threads = threads;
      expect_same(balanced_kmeans(X, 9, options), expected);
    }
    corymb_test::for_each_layout(X,
                                 [&](const auto& other) { expect_same(balanced_kmeans(other, 9, options), expected); });
  });
}

TEST(BalancedKMeans, OffsetChangesNoLabel) {
  Random random(4);
  for (std::uint64_t seed = 0; seed < 10; ++seed) {
    const RowMatrix<double> X = corymb_test::grid_matrix<double>(random, 200, 2, 1000, 0x1p-10);
    const auto expected = balanced_kmeans(X, 5, {.seed = seed});
    const auto offset = balanced_kmeans(RowMatrix<double>(X.array() + 1e6), 5, {.seed = seed});
    EXPECT_EQ(offset.labels, expected.labels);
    EXPECT_NEAR(offset.inertia, expected.inertia, 1e-6 * expected.inertia);
  }
}

TEST(BalancedKMeans, RestartsTakeTheBest) {
  Random random(5);
  const RowMatrix<double> X = corymb_test::normal_matrix<double>(random, 200, 2);
  int later = 0;
  for (std::uint64_t seed = 0; seed < 5; ++seed) {
    const auto best = balanced_kmeans(X, 6, {.init = corymb::KMeansInit::random, .restarts = 6, .seed = seed});
    const auto first = balanced_kmeans(X, 6, {.init = corymb::KMeansInit::random, .seed = seed});
    later += best.restart > 0;
    EXPECT_EQ(best.inertia<first.inertia, best.restart> 0);
    EXPECT_LE(best.inertia, first.inertia);
  }
  EXPECT_GT(later, 0);
}

TEST(BalancedKMeans, GivenStarts) {
  Random random(6);
  const RowMatrix<double> X = corymb_test::normal_matrix<double>(random, 100, 2);
  const auto by_rows = balanced_kmeans(X, 3, {.initial_rows = {4, 50, 7}});
  expect_same(balanced_kmeans(X, X(std::vector<Index>{4, 50, 7}, Eigen::all)), by_rows);
  const auto limited = balanced_kmeans(X, 3, {.initial_rows = {4, 50, 7}, .max_iterations = 1});
  EXPECT_EQ(limited.status, Status::iteration_limit);
  EXPECT_EQ(limited.iterations, 1);
  EXPECT_EQ(error_of(X, limited, bounds_of(100, 3, {}), false), "");
  EXPECT_LE(limited.inertia, limited.history[0]);
}

TEST(BalancedKMeans, EdgeCases) {
  Random random(7);
  const RowMatrix<double> X = corymb_test::normal_matrix<double>(random, 12, 2);
  const auto all = balanced_kmeans(X, 12);
  EXPECT_EQ(all.inertia, 0);
  EXPECT_EQ(all.sizes, (Eigen::Matrix<Index, Eigen::Dynamic, 1>::Ones(12)));
  const auto one = balanced_kmeans(X, 1);
  EXPECT_EQ(one.sizes[0], 12);
  EXPECT_TRUE(one.centroids.row(0).isApprox(X.colwise().mean(), 1e-14));
  const auto single = balanced_kmeans(X.topRows(1), 1);
  EXPECT_EQ(single.centroids, X.topRows(1));
  EXPECT_EQ(single.status, Status::converged);
  const RowMatrix<double> equal = RowMatrix<double>::Constant(10, 3, 0.1);
  const auto same = balanced_kmeans(equal, 4);
  EXPECT_NEAR(same.inertia, 0, 1e-30);
  EXPECT_EQ(same.sizes.maxCoeff(), 3);
  EXPECT_EQ(same.sizes.minCoeff(), 2);
  RowMatrix<double> duplicates(40, 2);
  duplicates << X.topRows(10), X.topRows(10), X.topRows(10), X.topRows(10);
  EXPECT_EQ(error_of(duplicates, balanced_kmeans(duplicates, 7), bounds_of(40, 7, {}), false), "");
  // A cluster that may be empty keeps its centroid.
  RowMatrix<double> start(2, 2);
  start << 0, 0, 1000, 1000;
  const auto empty = balanced_kmeans(X, start, {.min_size = {0}});
  EXPECT_EQ(empty.sizes, (Eigen::Matrix<Index, 2, 1>(12, 0)));
  EXPECT_EQ(empty.centroids.row(1), start.row(1));
  EXPECT_EQ(balanced_kmeans(X, start, {.min_size = {1}}).sizes.minCoeff() >= 1, true);
}

TEST(BalancedKMeans, PredictAndTransform) {
  Random random(8);
  const RowMatrix<double> X = corymb_test::normal_matrix<double>(random, 1000, 3);
  const auto model = balanced_kmeans(X, 8);
  const Labels labels = corymb::predict(model, X);
  const RowMatrix<double> distances = corymb::transform(model, X);
  Index other = 0;
  for (Index i = 0; i < X.rows(); ++i) {
    const auto value = [&](Index j) { return distances(i, j) * distances(i, j) - model.prices[j]; };
    for (Index j = 0; j < 8; ++j) ASSERT_LE(value(labels[i]), value(j) + 1e-12);
    ASSERT_NEAR(value(labels[i]), value(model.labels[i]), 1e-12);
    other += labels[i] != model.labels[i];
  }
  EXPECT_LE(other, 8);
  EXPECT_EQ(corymb::predict(model, RowMatrix<double>(0, 3)).size(), 0);
}

TEST(BalancedKMeans, Cancellation) {
  Random random(9);
  const RowMatrix<double> X = corymb_test::normal_matrix<double>(random, 500, 3);
  BalancedKMeansOptions options{.tolerance = 0};
  options.execution.on_progress = [](const corymb::Progress& progress) {
    return progress.stage != "balancing" || progress.step < 3;
  };
  const auto result = balanced_kmeans(X, 6, options);
  EXPECT_EQ(result.status, Status::cancelled);
  EXPECT_EQ(result.iterations, 3);
  EXPECT_EQ(result.inertia, result.history.back());
  EXPECT_EQ(error_of(X, result, bounds_of(500, 6, options), false), "");
  // In the middle of the second assignment: the first one stands.
  bool first_is_over = false;
  options.execution.on_progress = [&](const corymb::Progress& progress) {
    if (progress.stage == "balancing") first_is_over = true;
    return !(first_is_over && progress.stage == "augment");
  };
  const auto early = balanced_kmeans(X, 6, options);
  EXPECT_EQ(early.status, Status::cancelled);
  EXPECT_EQ(early.iterations, 1);
  EXPECT_EQ(error_of(X, early, bounds_of(500, 6, options), false), "");
  for (const std::string stage : {"seeding", "augment"}) {
    options.execution.on_progress = [&](const corymb::Progress& progress) { return progress.stage != stage; };
    EXPECT_THROW(balanced_kmeans(X, 6, options), corymb::Cancelled) << stage;
  }
  options.restarts = 3;
  int seedings = 0;
  options.execution.on_progress = [&](const corymb::Progress& progress) {
    seedings += progress.stage == "seeding" && progress.step == 1;
    return seedings < 2;
  };
  const auto first = balanced_kmeans(X, 6, options);
  EXPECT_EQ(first.status, Status::cancelled);
  EXPECT_EQ(first.restart, 0);
  options.execution.on_progress = [](const corymb::Progress&) -> bool { throw std::logic_error("stop"); };
  EXPECT_THROW(balanced_kmeans(X, 6, options), std::logic_error);
}

TEST(BalancedKMeansBadArguments, All) {
  RowMatrix<double> X = RowMatrix<double>::Zero(10, 2);
  const std::string start = "corymb::balanced_kmeans: ";
  const auto with = [&](const BalancedKMeansOptions& options) {
    return message_of([&] { balanced_kmeans(X, 3, options); });
  };
  EXPECT_EQ(message_of([&] { balanced_kmeans(X, 11); }), start + "k = 11 must be in [1, n = 10]");
  EXPECT_EQ(message_of([&] { balanced_kmeans(X, 0); }), start + "k = 0 must be in [1, n = 10]");
  EXPECT_EQ(message_of([] { balanced_kmeans(RowMatrix<double>(3, 0), 1); }),
            start + "X has 0 columns; at least 1 is needed");
  EXPECT_EQ(with({.min_size = {4}}), start + "min_size = 4 for 3 clusters needs more than n = 10 rows");
  EXPECT_EQ(with({.max_size = {3}}), start + "max_size = 3 for 3 clusters leaves room for 9 of n = 10 rows");
  EXPECT_EQ(with({.min_size = {1, 2}}),
            start + "min_size has 2 entries; one for all clusters, or one per cluster, k = 3, is needed");
  EXPECT_EQ(with({.min_size = {3}, .max_size = {2}}), start + "min_size = 3 must be ≤ max_size = 2");
  EXPECT_EQ(with({.initial_rows = {0, 1}}), start + "initial_rows has 2 entries; k = 3 are needed");
  EXPECT_EQ(with({.restarts = 0}), start + "restarts = 0 must be ≥ 1");
  EXPECT_EQ(with({.initial_rows = {0, 1, 2}, .restarts = 2}),
            start + "restarts = 2 must be 1 from a given start: every run would be the same");
  EXPECT_EQ(with({.max_iterations = 0}), start + "max_iterations = 0 must be ≥ 1");
  EXPECT_EQ(with({.tolerance = -1}), start + "tolerance = -1 must be finite and ≥ 0");
  EXPECT_EQ(with({.execution = {.threads = -1}}), start + "execution.threads = -1 must be in [0, 1024] (0 = all)");
  EXPECT_THROW(balanced_kmeans(X, 3, {.execution = {.memory_limit = 100}}), corymb::MemoryLimitExceeded);
  EXPECT_EQ(message_of([&] { balanced_kmeans(X, RowMatrix<double>::Zero(2, 3)); }),
            start + "initial_centroids has 3 columns, X has 2; they must agree");
  EXPECT_EQ(message_of([&] {
              balanced_kmeans(X, X.topRows(2), {.initial_rows = {0, 1}});
            }),
            start + "initial_rows and initial_centroids are both given; one start is needed");
  const auto model = balanced_kmeans(X, 3);
  EXPECT_EQ(message_of([&] { corymb::predict(model, RowMatrix<double>(1, 3)); }),
            "corymb::predict: X_new has 3 columns, the model has 2; they must agree");
  EXPECT_EQ(message_of([&] { corymb::transform(BalancedKMeansResult<double>{}, X); }),
            "corymb::transform: the model has no centroids");
  X(4, 1) = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(with({}), start + "X(4, 1) = nan must be finite");
}

}  // namespace
}  // namespace balanced_kmeans_test
