// k-means of a RowSource: what it gives for the same rows in memory, to the last bit.
#include <corymb/datasets/generators.hpp>
#include <corymb/partition/kmeans.hpp>
#if !defined(CORYMB_TEST_HEADERS_MODE)  // the compiled library reads files
#include <corymb/io/npy.hpp>
#endif

#include <support/matrices.hpp>
#include <support/message_of.hpp>
#include <support/same_kmeans.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <bit>
#include <cmath>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <optional>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace streaming_test {

using corymb::EmptyClusters;
using corymb::kmeans;
using corymb::KMeansAlgorithm;
using corymb::KMeansInit;
using corymb::KMeansOptions;
using corymb::KMeansResult;
using corymb::Progress;
using corymb::RowSource;
using corymb::Status;
using corymb::Vector;
using namespace corymb_test;

namespace {

constexpr KMeansInit every_init[] = {KMeansInit::random, KMeansInit::kmeans_plus_plus,
                                     KMeansInit::greedy_kmeans_plus_plus, KMeansInit::kmeans_parallel,
                                     KMeansInit::afk_mc2};

/// Rows of a matrix, as if they were elsewhere; the matrix must outlive the source. Counts what is read.
template <class T>
struct CountedRows {
  explicit CountedRows(const RowMatrix<T>& X)
      : source(X.rows(), X.cols(), [&X, this](Index first, Index count, T* out) {
          std::copy_n(X.data() + first * X.cols(), count * X.cols(), out);
          rows_read += count;
        }) {}
  std::atomic<Index> rows_read{0};
  RowSource<T> source;
};

template <class T>
KMeansResult<T> streamed(const RowMatrix<T>& X, Index k, const std::type_identity_t<RowMatrix<T>>* start,
                         Index slab_rows, const KMeansOptions& options) {
  const CountedRows<T> rows(X);
  return corymb::detail::kmeans_streamed<T>(rows.source, k, start, slab_rows, options);
}

/// Compares with the fit in memory, for 1 and 2 threads.
template <class T>
void expect_as_in_memory(const RowMatrix<T>& X, Index k, const std::type_identity_t<RowMatrix<T>>* start,
                         const std::vector<Index>& slab_rows, KMeansOptions options) {
  options.execution.threads = 1;
  const KMeansResult<T> expected = start != nullptr ? kmeans(X, *start, options) : kmeans(X, k, options);
  for (const Index rows : slab_rows)
    for (const int threads : {1, 2}) {
      SCOPED_TRACE("slabs of " + std::to_string(rows) + " rows, " + std::to_string(threads) + " threads");
      options.execution.threads = threads;
      expect_same(streamed(X, k, start, rows, options), expected);
    }
}

/// Few different points (many ties and duplicates) or many.
template <class T>
RowMatrix<T> random_points(Random& random, Index n, Index d) {
  if (random.below(2) == 0) return grid_matrix<T>(random, n, d, 2 + random.below(4));
  RowMatrix<T> X = normal_matrix<T>(random, n, d);
  const RowMatrix<T> centers = normal_matrix<T>(random, 1 + random.below(8), d) * T(5);
  for (Index i = 0; i < n; ++i) X.row(i) += centers.row(random.below(centers.rows()));
  return X;
}

Vector random_weights(Random& random, Index n) {
  Vector weights(n);
  const bool whole = random.below(2) == 0;
  for (double& weight : weights) {
    const auto number = static_cast<double>(random.below(4));
    weight = whole ? number : number * random.uniform();
  }
  return weights;
}

template <class T>
RowMatrix<T> blobs(Index n, Index d, Index k, std::uint64_t seed = 5) {
  return corymb::make_blobs<T>(n, d, k, {.seed = seed}).points;
}

TEST(Streaming, EqualsInMemoryOnRandomInstances) {
  for (std::uint64_t seed = 0; seed < instances / 4; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Random random(seed);
    const Index n = 1 + random.below(seed % 8 == 0 ? 6000 : 150), d = 1 + random.below(24);
    KMeansOptions options{.init = every_init[random.below(5)],
                          .seeding_rounds = 1 + static_cast<int>(random.below(4)),
                          .chain_length = 1 + random.below(40),
                          .algorithm = random.below(2) == 0 ? KMeansAlgorithm::automatic : KMeansAlgorithm::lloyd,
                          .restarts = 1 + static_cast<int>(random.below(2)),
                          .max_iterations = 1 + static_cast<int>(random.below(25)),
                          .tolerance = random.below(2) == 0 ? 0 : 1e-4,
                          .empty_clusters = random.below(3) == 0 ? EmptyClusters::keep : EmptyClusters::relocate,
                          .history = random.below(2) == 0,
                          .seed = seed};
    if (random.below(2) == 0) options.weights = random_weights(random, n);
    const Index present = options.weights.size() > 0 ? (options.weights.array() > 0).count() : n;
    if (present == 0) continue;
    const Index k = 1 + random.below(std::min<Index>(present, 20));
    const std::vector<Index> slabs = {n / 9 + 1 + random.below(n), n / 20 + 1 + random.below(9)};
    if (seed % 2 == 0)
      expect_as_in_memory(random_points<float>(random, n, d), k, nullptr, slabs, options);
    else
      expect_as_in_memory(random_points<double>(random, n, d), k, nullptr, slabs, options);
    if (HasFailure()) return;
  }
}

TEST(Streaming, EveryInitSeesManySlabs) {
  for_each_scalar([](auto scalar) {
    using T = decltype(scalar);
    const RowMatrix<T> X = blobs<T>(9000, 5, 6);
    Random random(3);
    const Vector weights = random_weights(random, X.rows());
    for (const KMeansInit init : every_init)
      for (const bool weighted : {false, true}) {
        SCOPED_TRACE("init " + std::to_string(static_cast<int>(init)) + (weighted ? ", weighted" : ""));
        expect_as_in_memory(X, 6, nullptr, {8999, 2100},
                            {.init = init, .weights = weighted ? weights : Vector(), .seed = 8});
      }
  });
}

TEST(Streaming, AllRowsEqual) {
  const RowMatrix<double> X = RowMatrix<double>::Constant(50, 3, 1e6);
  for (const KMeansInit init : every_init) expect_as_in_memory(X, 7, nullptr, {1, 9, 50}, {.init = init});
}

TEST(Streaming, AFewRowsAndClusters) {
  Random random(1);
  for (const Index n : {1, 2, 3, 5})
    for (Index k = 1; k <= n; ++k)
      for (const KMeansInit init : every_init)
        expect_as_in_memory(normal_matrix<float>(random, n, 2), k, nullptr, {1, 2, n}, {.init = init});
}

TEST(Streaming, SumsOfManyClustersInManyDimensions) {
  for_each_scalar([](auto scalar) {
    using T = decltype(scalar);
    const Index n = 2500, d = 660, k = 400;
    ASSERT_TRUE(corymb::detail::SumsPlan(n, d, k).grouped());
    Random random(2);
    const RowMatrix<T> X = normal_matrix<T>(random, n, d);
    const Vector weights = random_weights(random, n);
    expect_as_in_memory(X, k, nullptr, {700}, {.init = KMeansInit::random, .max_iterations = 8, .tolerance = 0});
    expect_as_in_memory(X, k, nullptr, {1100},
                        {.init = KMeansInit::random, .max_iterations = 4, .weights = weights, .seed = 1});
  });
}

TEST(Streaming, SumsByMovedRowsAndTheirRefreshing) {
  Random random(7);
  const RowMatrix<double> X = normal_matrix<double>(random, 12000, 3);
  for (const bool weighted : {false, true}) {
    const KMeansOptions options{.init = KMeansInit::random,
                                .max_iterations = 60,
                                .tolerance = 0,
                                .weights = weighted ? random_weights(random, X.rows()) : Vector(),
                                .history = true};
    expect_as_in_memory(X, 10, nullptr, {2700}, options);
  }
}

TEST(Streaming, EmptyClustersAreFilled) {
  for_each_scalar([](auto scalar) {
    using T = decltype(scalar);
    const RowMatrix<T> X = blobs<T>(5000, 4, 6);
    RowMatrix<T> start = RowMatrix<T>::Constant(9, 4, T(1e4));
    start.topRows(3) = X.topRows(3);
    Random random(4);
    for (const EmptyClusters empty : {EmptyClusters::relocate, EmptyClusters::keep}) {
      expect_as_in_memory(X, 9, &start, {333, 2500}, {.empty_clusters = empty, .history = true});
      expect_as_in_memory(X, 9, &start, {480}, {.empty_clusters = empty, .weights = random_weights(random, X.rows())});
    }
  });
}

TEST(Streaming, GivenStarts) {
  const RowMatrix<float> X = blobs<float>(3000, 2, 4);
  const RowMatrix<float> start = X.middleRows(100, 4);
  expect_as_in_memory(X, 4, &start, {100, 2999}, {});
  expect_as_in_memory(X, 4, nullptr, {100, 2999}, {.initial_rows = {2999, 7, 1500, 8}});
  const CountedRows<float> rows(X);
  expect_same(kmeans(rows.source, start), kmeans(X, start));
  const Eigen::MatrixXf column_major = start;
  expect_same(kmeans(rows.source, column_major), kmeans(X, start));
}

TEST(Streaming, CancelledAtEveryStep) {
  const RowMatrix<double> X = blobs<double>(4500, 3, 6, 11);
  for (const KMeansInit init : every_init)
    for (int last = 1;; ++last) {
      KMeansOptions options{.init = init, .restarts = 2, .tolerance = 0, .history = true};
      std::vector<std::pair<std::string, double>> seen;
      const auto stop_after_last = [&](const Progress& progress) {
        seen.emplace_back(
            std::string(progress.stage) + " " + std::to_string(progress.step) + " of " + std::to_string(progress.steps),
            std::isnan(progress.objective) ? -1 : progress.objective);
        return static_cast<int>(seen.size()) < last;
      };
      options.execution.on_progress = stop_after_last;
      const KMeansResult<double> expected = kmeans(X, 6, options);
      const auto expected_seen = std::exchange(seen, {});
      SCOPED_TRACE("stopped after " + std::to_string(last));
      expect_same(streamed<double>(X, 6, nullptr, 1000, options), expected);
      EXPECT_EQ(seen, expected_seen);
      if (HasFailure()) return;
      if (expected.status != Status::cancelled) break;
      last += last > 12 ? 7 : 0;
    }
}

#if !defined(CORYMB_TEST_HEADERS_MODE)
TEST(Streaming, AFile) {
  const RowMatrix<float> X = blobs<float>(4000, 8, 5);
  const std::string path = (std::filesystem::path(testing::TempDir()) / "corymb_streaming_test.npy").string();
  corymb::write_npy(path, X);
  {
    const RowSource<float> rows = corymb::npy_rows<float>(path);
    expect_same(kmeans(rows, 5), kmeans(X, 5));
    expect_same(corymb::detail::kmeans_streamed<float>(rows, 5, nullptr, 300, {}), kmeans(X, 5));
  }
  std::filesystem::remove(path);
}
#endif

TEST(Streaming, TheLibrarysSlabs) {
  // 1.2 MB a row: slabs of 27 rows.
  Random random(9);
  const RowMatrix<double> X = normal_matrix<double>(random, 60, 150000);
  const CountedRows<double> rows(X);
  const KMeansOptions options{.init = KMeansInit::kmeans_parallel, .max_iterations = 3};
  expect_same(kmeans(rows.source, 3, options), kmeans(X, 3, options));
  EXPECT_GT(rows.rows_read, 4 * X.rows());
}

TEST(Streaming, HowOftenTheRowsAreRead) {
  const RowMatrix<double> X = blobs<double>(3000, 3, 5);
  const auto passes = [&](const KMeansOptions& options, const RowMatrix<double>* start, Status status, Index extra) {
    const CountedRows<double> rows(X);
    const auto result = corymb::detail::kmeans_streamed<double>(rows.source, 5, start, 100, options);
    EXPECT_EQ(result.status, status);
    const Index other = rows.rows_read - extra;  // and what is left in the two buffers is not read again
    return static_cast<double>(other) / static_cast<double>(X.rows()) - result.iterations;
  };
  // The last two slabs of a pass stand in the buffers of the first two when the next pass begins: all are read.
  const RowMatrix<double> start = X.topRows(5);
  EXPECT_EQ(passes({.max_iterations = 2, .tolerance = 0}, &start, Status::iteration_limit, 0), 3);
  EXPECT_EQ(passes({.max_iterations = 2, .tolerance = 1e-30}, &start, Status::iteration_limit, 0), 4);
  EXPECT_EQ(
      passes({.init = KMeansInit::random, .max_iterations = 2, .tolerance = 0}, nullptr, Status::iteration_limit, 5),
      3);
}

TEST(Streaming, EntriesThatAreNotFiniteAreNamedByTheirRow) {
  RowMatrix<double> X = blobs<double>(2000, 3, 2);
  X(1503, 2) = std::numeric_limits<double>::quiet_NaN();
  for (const double tolerance : {0.0, 1e-4})
    for (const Index slab : {100, 1000, 2000})
      expect_message([&] { streamed<double>(X, 2, nullptr, slab, {.tolerance = tolerance}); },
                     "corymb::kmeans: rows(1503, 2) = nan must be finite");
  X(700, 0) = 1e200;
  EXPECT_TRUE(message_of([&] {
                streamed<double>(X, 2, nullptr, 64, {});
              }).starts_with("corymb::kmeans: rows(700, 0) = 1e+200 is too large: squared distances overflow"));
}

TEST(Streaming, MistakesAreFoundBeforeAnythingIsRead) {
  const RowMatrix<float> X = blobs<float>(100, 3, 2);
  const CountedRows<float> rows(X);
  expect_message([&] { kmeans(rows.source, 0); }, "corymb::kmeans: k = 0 must be in [1, n = 100]");
  expect_message([&] { kmeans(rows.source, 101); }, "corymb::kmeans: k = 101 must be in [1, n = 100]");
  expect_message([&] { kmeans(rows.source, 2, {.weights = Vector::Ones(5)}); },
                 message_of([&] { kmeans(X, 2, {.weights = Vector::Ones(5)}); }));
  for (const KMeansAlgorithm algorithm :
       {KMeansAlgorithm::hamerly, KMeansAlgorithm::elkan, KMeansAlgorithm::yinyang, KMeansAlgorithm::progressive})
    expect_message(
        [&] { kmeans(rows.source, 2, {.algorithm = algorithm}); },
        "corymb::kmeans: algorithm must be automatic or lloyd for a RowSource; the others need all rows in memory, as "
        "a matrix");
  expect_message(
      [&] { kmeans(rows.source, 2, {.single_moves = true}); },
      "corymb::kmeans: single_moves must be false for a RowSource; it needs all rows in memory, as a matrix");
  const RowMatrix<float> start = RowMatrix<float>::Zero(2, 4);
  expect_message([&] { kmeans(rows.source, start); },
                 "corymb::kmeans: initial_centroids has 4 columns, rows has 3; they must agree");
  expect_message(
      [&] {
        kmeans(rows.source, X.topRows(2), {.initial_rows = {1, 2}});
      },
      "corymb::kmeans: initial_rows and initial_centroids are both given; one start is needed");
  expect_message([&] { kmeans(rows.source, X.topRows(2), {.restarts = 2}); },
                 message_of([&] { kmeans(X, X.topRows(2), {.restarts = 2}); }));
  EXPECT_THROW(kmeans(rows.source, 2, {.execution = {.memory_limit = 1000}}), corymb::MemoryLimitExceeded);
  const RowSource<double> no_rows(0, 3, [](Index, Index, double*) {});
  expect_message([&] { kmeans(no_rows, 1); }, "corymb::kmeans: k = 1 must be in [1, n = 0]");
  const RowSource<double> no_columns(3, 0, [](Index, Index, double*) {});
  expect_message([&] { kmeans(no_columns, 1); }, "corymb::kmeans: rows has 0 columns; at least 1 is needed");
  EXPECT_EQ(rows.rows_read, 0);
}

TEST(Streaming, MemoryDoesNotGrowWithTheColumns) {
  // 80 GB as a matrix.
  const RowSource<float> rows(10'000'000, 2000, [](Index, Index, float*) { throw std::runtime_error("read"); });
  EXPECT_THROW(kmeans(rows, 8, {.execution = {.memory_limit = 200'000'000}}), std::runtime_error);
  EXPECT_THROW(kmeans(rows, 8, {.execution = {.memory_limit = 100'000'000}}), corymb::MemoryLimitExceeded);
}

TEST(Streaming, WhatTheSourceThrowsPassesThrough) {
  const RowMatrix<double> X = blobs<double>(1000, 3, 4);
  for (const KMeansInit init : every_init)
    for (const int threads : {1, 2})
      for (int reads = 0;; reads += 1 + reads / 3) {
        std::atomic<int> left{reads};
        const RowSource<double> rows(X.rows(), X.cols(), [&](Index first, Index count, double* out) {
          if (left-- == 0) throw std::runtime_error("the disk is gone");
          std::copy_n(X.data() + first * X.cols(), count * X.cols(), out);
        });
        std::string message;
        try {
          corymb::detail::kmeans_streamed<double>(rows, 4, nullptr, 100,
                                                  {.init = init, .execution = {.threads = threads}});
        } catch (const std::runtime_error& error) {
          message = error.what();
        }
        if (left >= 0) break;  // the fit needs no more reads
        EXPECT_EQ(message, "the disk is gone") << "after " << reads;
      }
}

}  // namespace
}  // namespace streaming_test
