// Every mistake of a caller of k-means gets its message, and nothing is computed.
#include <gtest/gtest.h>

#include <corymb/core/errors.hpp>
#include <corymb/partition/kmeans.hpp>

#include <limits>

#include "support/message_of.hpp"

namespace kmeans_badarg_test {
namespace {

using corymb::Index;
using corymb::KMeansOptions;
using corymb::RowMatrix;
using corymb_test::message_of;

RowMatrix<double> points() {
  RowMatrix<double> X(4, 2);
  X << 0, 0, 0, 1, 5, 5, 5, 6;
  return X;
}

std::string with(const KMeansOptions& options, Index k = 2) {
  return message_of([&] { corymb::kmeans(points(), k, options); });
}

TEST(KMeansBadArguments, K) {
  EXPECT_EQ(with({}, 0), "corymb::kmeans: k = 0 must be in [1, n = 4]");
  EXPECT_EQ(with({}, 5), "corymb::kmeans: k = 5 must be in [1, n = 4]");
  EXPECT_EQ(with({}, -1), "corymb::kmeans: k = -1 must be in [1, n = 4]");
  EXPECT_EQ(message_of([] { corymb::kmeans(RowMatrix<double>(0, 2), 1); }),
            "corymb::kmeans: k = 1 must be in [1, n = 0]");
  EXPECT_EQ(message_of([] { corymb::kmeans(RowMatrix<double>(3, 0), 1); }),
            "corymb::kmeans: X has 0 columns; at least 1 is needed");
}

TEST(KMeansBadArguments, Entries) {
  auto X = points();
  X(2, 1) = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(message_of([&] { corymb::kmeans(X, 2); }), "corymb::kmeans: X(2, 1) = nan must be finite");
  X(1, 0) = -std::numeric_limits<double>::infinity();
  EXPECT_EQ(message_of([&] { corymb::kmeans(X, 2); }), "corymb::kmeans: X(1, 0) = -inf must be finite");
  X = points();
  X(3, 0) = 1e200;
  EXPECT_EQ(message_of([&] { corymb::kmeans(X, 2); }).substr(0, 75),
            "corymb::kmeans: X(3, 0) = 1e+200 is too large: squared distances overflow; ");
}

TEST(KMeansBadArguments, Options) {
  EXPECT_EQ(with({.restarts = 0}), "corymb::kmeans: restarts = 0 must be ≥ 1");
  EXPECT_EQ(with({.max_iterations = 0}), "corymb::kmeans: max_iterations = 0 must be ≥ 1");
  EXPECT_EQ(with({.tolerance = -1}), "corymb::kmeans: tolerance = -1 must be finite and ≥ 0");
  EXPECT_EQ(with({.tolerance = std::numeric_limits<double>::quiet_NaN()}),
            "corymb::kmeans: tolerance = nan must be finite and ≥ 0");
  EXPECT_EQ(with({.execution = {.threads = -1}}),
            "corymb::kmeans: execution.threads = -1 must be in [0, 1024] (0 = all)");
}

TEST(KMeansBadArguments, Weights) {
  const auto weights = [](std::initializer_list<double> values) {
    KMeansOptions options{};
    options.weights.resize(static_cast<Index>(values.size()));
    std::copy(values.begin(), values.end(), options.weights.data());
    return options;
  };
  EXPECT_EQ(with(weights({1, 2})), "corymb::kmeans: weights has 2 entries; one per row, n = 4, is needed");
  EXPECT_EQ(with(weights({1, -2, 1, 1})), "corymb::kmeans: weights(1) = -2 must be finite and ≥ 0");
  EXPECT_EQ(with(weights({1, 1, std::numeric_limits<double>::quiet_NaN(), 1})),
            "corymb::kmeans: weights(2) = nan must be finite and ≥ 0");
  EXPECT_EQ(with(weights({0, 0, 0, 0})), "corymb::kmeans: weights are all 0; at least one must be > 0");
  EXPECT_EQ(with(weights({0, 0, 0, 1})),
            "corymb::kmeans: k = 2 must be at most the number of rows of positive weight, 1");
}

TEST(KMeansBadArguments, Starts) {
  EXPECT_EQ(with({.initial_rows = {0}}), "corymb::kmeans: initial_rows has 1 entries; k = 2 are needed");
  EXPECT_EQ(with({.initial_rows = {0, 4}}), "corymb::kmeans: initial_rows has 4; row numbers must be in [0, n = 4)");
  EXPECT_EQ(with({.initial_rows = {1, 1}}), "corymb::kmeans: initial_rows has 1 twice; the rows must be different");
  EXPECT_EQ(with({.initial_rows = {0, 1}, .restarts = 2}),
            "corymb::kmeans: restarts = 2 must be 1 from a given start: every run would be the same");
  EXPECT_EQ(message_of([] { corymb::kmeans(points(), RowMatrix<double>::Zero(2, 3)); }),
            "corymb::kmeans: initial_centroids has 3 columns, X has 2; they must agree");
  RowMatrix<double> start = RowMatrix<double>::Zero(2, 2);
  start(1, 1) = std::numeric_limits<double>::infinity();
  EXPECT_EQ(message_of([&] { corymb::kmeans(points(), start); }),
            "corymb::kmeans: initial_centroids(1, 1) = inf must be finite");
}

TEST(KMeansBadArguments, Models) {
  const auto model = corymb::kmeans(points(), 2);
  EXPECT_EQ(message_of([&] { corymb::predict(model, RowMatrix<double>(1, 3)); }),
            "corymb::predict: X_new has 3 columns, the model has 2; they must agree");
  EXPECT_EQ(message_of([&] { corymb::nearest_centroids(model, points(), 3); }),
            "corymb::nearest_centroids: m = 3 must be in [1, k = 2]");
  EXPECT_EQ(message_of([&] { corymb::predict(corymb::KMeansResult<double>{}, points()); }),
            "corymb::predict: the model has no centroids");
  EXPECT_EQ(corymb::predict(model, RowMatrix<double>(0, 2)).size(), 0);
}

TEST(KMeansBadArguments, MemoryLimitIsCheckedBeforeTheWork) {
  KMeansOptions options{.execution = {.memory_limit = 100}};
  options.execution.on_progress = [](const corymb::Progress&) -> bool { throw std::logic_error("work began"); };
  EXPECT_THROW(corymb::kmeans(points(), 2, options), corymb::MemoryLimitExceeded);

  // Column-major data would be packed, and that counts.
  const Eigen::MatrixXd columns = Eigen::MatrixXd::Random(2000, 50);
  const RowMatrix<double> rows = columns;
  options = {.execution = {.memory_limit = 200'000}};
  EXPECT_NO_THROW(corymb::kmeans(rows, 2, options));
  EXPECT_THROW(corymb::kmeans(columns, 2, options), corymb::MemoryLimitExceeded);
}

}  // namespace
}  // namespace kmeans_badarg_test
