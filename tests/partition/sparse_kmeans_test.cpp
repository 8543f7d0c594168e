#include <gtest/gtest.h>

#include <corymb/core/errors.hpp>
#include <corymb/partition/sparse_kmeans.hpp>

#include <cmath>
#include <cstdint>
#include <limits>
#include <set>
#include <string>
#include <vector>

#include "support/matrices.hpp"
#include "support/message_of.hpp"
#include "support/verify_kmeans.hpp"

namespace sparse_kmeans_test {
namespace {

using corymb::EmptyClusters;
using corymb::Index;
using corymb::KMeansAlgorithm;
using corymb::KMeansInit;
using corymb::KMeansOptions;
using corymb::KMeansResult;
using corymb::Labels;
using corymb::Random;
using corymb::RowMatrix;
using corymb::Status;
using corymb::Vector;
using corymb_test::expect_message;
using corymb_test::for_each_scalar;
using corymb_test::instances;
using corymb_test::message_of;
using corymb_test::permutation;
using corymb_test::same_matrix;

template <class T, class S = int>
using Sparse = Eigen::SparseMatrix<T, Eigen::RowMajor, S>;

/// The entries that are not 0, and some stored zeros; with room between the rows where `compressed` is false.
template <class S = int, class T>
Sparse<T, S> sparse_of(const RowMatrix<T>& dense, bool compressed = true, int zeros = 0) {
  Sparse<T, S> result(dense.rows(), dense.cols());
  result.reserve(Eigen::VectorXi::Constant(dense.rows(), static_cast<int>(dense.cols()) + 1));
  int count = 0;
  for (Index i = 0; i < dense.rows(); ++i)
    for (Index j = 0; j < dense.cols(); ++j)
      if (dense(i, j) != T(0) || (zeros > 0 && ++count % zeros == 0)) result.insert(i, j) = dense(i, j);
  if (compressed) result.makeCompressed();
  return result;
}

enum class Values { normal, few, counts };

/// A matrix most of whose entries are 0, with empty rows and columns, equal rows, and rows around a few others.
template <class T>
RowMatrix<T> mostly_zeros(Random& random, Index n, Index d, double density, Values values) {
  RowMatrix<T> X = RowMatrix<T>::Zero(n, d);
  for (Index i = 0; i < n; ++i) {
    if (i > 0 && random.uniform() < 0.05) {
      X.row(i) = X.row(random.below(i));
      continue;
    }
    if (random.uniform() < 0.05) continue;
    const Index topic = random.below(5);
    for (Index j = 0; j < d; ++j) {
      if (j % 7 == 3 || random.uniform() > (j % 5 == topic ? 2 * density : density / 2)) continue;
      switch (values) {
        case Values::normal: X(i, j) = static_cast<T>(random.normal() + 0.5); break;
        case Values::few: X(i, j) = static_cast<T>(random.below(3) - 1); break;
        case Values::counts: X(i, j) = static_cast<T>(random.below(4)); break;
      }
    }
  }
  return X;
}

template <class T>
void expect_same_fit(const KMeansResult<T>& sparse, const KMeansResult<T>& dense) {
  EXPECT_EQ(sparse.labels, dense.labels);
  EXPECT_TRUE(same_matrix(sparse.centroids, dense.centroids));
  EXPECT_TRUE(same_matrix(sparse.sizes, dense.sizes));
  EXPECT_EQ(sparse.iterations, dense.iterations);
  EXPECT_EQ(sparse.status, dense.status);
}

/// Σ w (‖x‖² + ‖c‖²): what errors of the inertia are relative to.
template <class T>
double total_norms(const RowMatrix<T>& X, const KMeansResult<T>& result, const Vector& weights) {
  double sum = 0;
  for (Index i = 0; i < X.rows(); ++i)
    sum += (weights.size() > 0 ? weights[i] : 1.0) *
           (X.row(i).template cast<double>().squaredNorm() +
            result.centroids.row(result.labels[i]).template cast<double>().squaredNorm());
  return sum;
}

TEST(SparseKMeans, EqualsDense) {
  for_each_scalar([](auto scalar) {
    using T = decltype(scalar);
    int empties = 0, settled = 0;
    for (std::uint64_t seed = 0; seed < instances; ++seed) {
      SCOPED_TRACE(seed);
      Random random(seed, {1});
      const Index n = 2 + random.below(seed % 10 == 0 ? 5000 : 300), d = 1 + random.below(seed % 3 == 0 ? 200 : 30);
      const Index k = 1 + random.below(std::min<Index>(n, seed % 4 == 0 ? 40 : 8));
      const auto values = static_cast<Values>(seed % 3);
      const RowMatrix<T> X = mostly_zeros<T>(random, n, d, 0.02 + 0.3 * random.uniform(), values);
      const std::vector<Index> order = permutation(random, n);
      KMeansOptions options;
      options.initial_rows.assign(order.begin(), order.begin() + k);
      options.tolerance = seed % 2 == 0 ? 0 : 1e-4;
      options.max_iterations = seed % 5 == 0 ? 3 : 60;
      options.empty_clusters = seed % 7 == 0 ? EmptyClusters::keep : EmptyClusters::relocate;
      options.history = seed % 6 == 0;
      if (seed % 3 != 0) {
        options.weights.resize(n);
        for (Index i = 0; i < n; ++i)
          options.weights[i] = seed % 3 == 1 ? static_cast<double>(random.below(4)) : random.uniform();
        for (const Index row : options.initial_rows) options.weights[row] = 1;
      }
      options.execution.threads = 1;
      const KMeansResult<T> dense = corymb::kmeans(X, k, options);
      for (const int threads : {1, 2}) {
        options.execution.threads = threads;
        const KMeansResult<T> sparse = corymb::kmeans(sparse_of(X, seed % 2 == 0, seed % 4 == 1 ? 5 : 0), k, options);
        expect_same_fit(sparse, dense);
        const double accuracy = 1e-14 * total_norms(X, dense, options.weights) +
                                8 * static_cast<double>(d) * std::numeric_limits<T>::epsilon() * dense.inertia;
        EXPECT_NEAR(sparse.inertia, dense.inertia, accuracy);
        ASSERT_EQ(sparse.history.size(), dense.history.size());
        for (std::size_t h = 0; h < dense.history.size(); ++h)
          EXPECT_NEAR(sparse.history[h], dense.history[h], accuracy + 1e-5 * dense.history[h]);
        EXPECT_EQ(corymb::predict(sparse, sparse_of(X), {.threads = threads}), sparse.labels);
      }
      empties += dense.sizes.minCoeff() == 0;
      settled += dense.status == Status::converged;
      if (::testing::Test::HasFailure()) return;
    }
    EXPECT_GT(settled, 0);
    EXPECT_GT(empties, 0);
  });
}

TEST(SparseKMeans, StorageIndices) {
  Random random(3);
  const RowMatrix<double> X = mostly_zeros<double>(random, 200, 30, 0.2, Values::normal);
  const KMeansOptions options{.initial_rows = {3, 50, 120, 180}, .tolerance = 0};
  const KMeansResult<double> dense = corymb::kmeans(X, 4, options);
  expect_same_fit(corymb::kmeans(sparse_of<int>(X), 4, options), dense);
  expect_same_fit(corymb::kmeans(sparse_of<std::int64_t>(X), 4, options), dense);
  expect_same_fit(corymb::kmeans(sparse_of<std::int64_t>(X, false), 4, options), dense);
  expect_same_fit(corymb::kmeans(sparse_of<short>(X), 4, options), dense);
  EXPECT_EQ(corymb::predict(dense, sparse_of<std::int64_t>(X)), dense.labels);
}

TEST(SparseKMeans, GivenCentroids) {
  for_each_scalar([](auto scalar) {
    using T = decltype(scalar);
    Random random(4);
    const RowMatrix<T> X = mostly_zeros<T>(random, 3000, 40, 0.1, Values::few);
    const RowMatrix<T> start = corymb_test::normal_matrix<T>(random, 12, 40);
    const KMeansResult<T> dense = corymb::kmeans(X, start, {.tolerance = 0});
    expect_same_fit(corymb::kmeans(sparse_of(X), start, {.tolerance = 0}), dense);
    const Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic> by_columns = start;
    expect_same_fit(corymb::kmeans(sparse_of(X), by_columns, {.tolerance = 0}), dense);
  });
}

// Rows are grouped by label where the partial sums would be too large: k (d + 1) > 2^18 and n > 2048.
TEST(SparseKMeans, ManySumsAreFormedAsForDenseRows) {
  Random random(5);
  const Index n = 2100, d = 5000, k = 60;
  RowMatrix<float> X = RowMatrix<float>::Zero(n, d);
  for (Index i = 0; i < n; ++i)
    for (int e = 0; e < 20; ++e) X(i, random.below(d)) = static_cast<float>(random.normal());
  KMeansOptions options{.max_iterations = 8, .tolerance = 0};
  for (Index c = 0; c < k; ++c) options.initial_rows.push_back(c);
  for (Index i = 0; i < n; ++i) options.weights.conservativeResize(i + 1), options.weights[i] = random.uniform() + 0.1;
  expect_same_fit(corymb::kmeans(sparse_of(X), k, options), corymb::kmeans(X, k, options));
}

// Every row is as far from one centroid as from another: only the defined values can decide.
TEST(SparseKMeans, Ties) {
  for_each_scalar([](auto scalar) {
    using T = decltype(scalar);
    RowMatrix<T> X = RowMatrix<T>::Zero(40, 6);
    for (Index i = 0; i < 40; ++i) X(i, i % 6) = T(0.1);
    RowMatrix<T> start(3, 6);
    start.row(0).setConstant(T(0.3));
    start.row(1) = start.row(0).reverse();
    start.row(2) = start.row(0);
    const KMeansOptions options{.max_iterations = 1, .empty_clusters = EmptyClusters::keep};
    expect_same_fit(corymb::kmeans(sparse_of(X), start, options), corymb::kmeans(X, start, options));
    const KMeansResult<T> model = corymb::kmeans(X, start, options);
    KMeansResult<T> tied = model;
    tied.centroids = start;
    EXPECT_EQ(corymb::predict(tied, sparse_of(X)), Labels::Zero(40));
  });
}

// Centroids that differ by a few roundings: the order of the real distances is often not that of the defined values.
TEST(SparseKMeans, NearTies) {
  for_each_scalar([](auto scalar) {
    using T = decltype(scalar);
    for (std::uint64_t seed = 0; seed < instances / 2; ++seed) {
      SCOPED_TRACE(seed);
      Random random(seed, {5});
      const Index d = 1 + random.below(120), k = 2 + random.below(10);
      const RowMatrix<T> X = mostly_zeros<T>(random, 60, d, 0.3, seed % 2 == 0 ? Values::normal : Values::few);
      KMeansResult<T> model;
      model.centroids = corymb_test::normal_matrix<T>(random, 1, d).replicate(k, 1);
      for (Index c = 0; c < k; ++c)
        for (Index j = 0; j < d; ++j) {
          for (Index step = random.below(3); step > 0; --step)
            model.centroids(c, j) = std::nextafter(model.centroids(c, j), T(random.below(2) == 0 ? -1 : 1));
          if (seed % 4 >= 2 && j % 16 != 5) model.centroids(c, j) = 0;  // few enough for a list
        }
      EXPECT_EQ(corymb::predict(model, sparse_of(X)), corymb::predict(model, X));
    }
  });
}

TEST(SparseKMeans, EverySeedingGivesAResultOfKMeans) {
  for_each_scalar([](auto scalar) {
    using T = decltype(scalar);
    for (std::uint64_t seed = 0; seed < 40; ++seed) {
      SCOPED_TRACE(seed);
      Random random(seed, {2});
      const Index n = 20 + random.below(200), d = 2 + random.below(20), k = 1 + random.below(10);
      const RowMatrix<T> X = mostly_zeros<T>(random, n, d, 0.2, static_cast<Values>(seed % 3));
      KMeansOptions options{.restarts = 1 + static_cast<int>(seed % 3), .tolerance = 0, .seed = seed};
      options.init =
          std::vector{KMeansInit::random, KMeansInit::kmeans_plus_plus, KMeansInit::greedy_kmeans_plus_plus}[seed % 3];
      if (seed % 2 == 0) {
        options.weights = Vector::Ones(n);
        for (Index i = 0; i < n - k; i += 3) options.weights[i] = 0;
      }
      options.execution.threads = 1;
      const KMeansResult<T> one = corymb::kmeans(sparse_of(X), k, options);
      KMeansResult<T> checked = one;
      checked.inertia = 0;
      for (Index i = 0; i < n; ++i)
        checked.inertia += (options.weights.size() > 0 ? options.weights[i] : 1.0) *
                           static_cast<double>(verify::squared_distance<T>(X.row(i), one.centroids.row(one.labels[i])));
      EXPECT_NEAR(one.inertia, checked.inertia, 1e-14 * total_norms(X, one, options.weights) + 1e-5 * one.inertia);
      EXPECT_EQ(verify::kmeans_error(X, checked, one.status == Status::converged, options.weights), "");
      options.execution.threads = 2;
      const KMeansResult<T> two = corymb::kmeans(sparse_of(X, false), k, options);
      expect_same_fit(two, one);
      EXPECT_EQ(two.inertia, one.inertia);
      EXPECT_EQ(two.restart, one.restart);
    }
  });
}

// Never a row that equals one chosen before while others differ, never one of weight 0.
TEST(SparseKMeans, SeedsAreDifferentRows) {
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    Random random(seed, {3});
    const Index different = 6, d = 12;
    const RowMatrix<double> base = corymb_test::normal_matrix<double>(random, different, d);
    RowMatrix<double> X = RowMatrix<double>::Zero(60, d);
    for (Index i = 0; i < 60; ++i)
      for (Index j = 0; j < d; ++j)
        if ((i % different + j) % 3 == 0) X(i, j) = base(i % different, j);
    KMeansOptions options{.max_iterations = 1, .seed = seed};
    options.init = seed % 2 == 0 ? KMeansInit::kmeans_plus_plus : KMeansInit::greedy_kmeans_plus_plus;
    const KMeansResult<double> result = corymb::kmeans(sparse_of(X), different, options);
    EXPECT_LT(result.inertia, 1e-20);
    EXPECT_EQ(std::set<int>(result.labels.begin(), result.labels.end()).size(), 6U);
    // More clusters than different rows: the rest are filled up.
    EXPECT_EQ(corymb::kmeans(sparse_of(X), 9, options).centroids.rows(), 9);
  }
}

// Several clusters lose their points at once; rows at equal distances are candidates in their order.
TEST(SparseKMeans, EmptyClustersMoveToTheSameRowsAsDense) {
  for_each_scalar([](auto scalar) {
    using T = decltype(scalar);
    for (std::uint64_t seed = 0; seed < instances; ++seed) {
      SCOPED_TRACE(seed);
      Random random(seed, {4});
      const Index n = 10 + random.below(100), d = 1 + random.below(10), k = 2 + random.below(6);
      const RowMatrix<T> X = mostly_zeros<T>(random, n, d, 0.4, static_cast<Values>(seed % 3));
      RowMatrix<T> start = RowMatrix<T>::Constant(k, d, T(50));
      start.row(0).setZero();
      KMeansOptions options{.max_iterations = 1 + static_cast<int>(seed % 20), .tolerance = 0};
      if (seed % 2 == 0) {
        options.weights.resize(n);
        for (Index i = 0; i < n; ++i) options.weights[i] = static_cast<double>(random.below(3)) + (i < k ? 0.5 : 0.0);
      }
      expect_same_fit(corymb::kmeans(sparse_of(X), start, options), corymb::kmeans(X, start, options));
    }
  });
}

TEST(SparseKMeans, SmallCases) {
  const RowMatrix<double> zeros = RowMatrix<double>::Zero(5, 3);
  const auto all_zero = corymb::kmeans(Sparse<double>(5, 3), 2);
  EXPECT_EQ(all_zero.labels, Labels::Zero(5));
  EXPECT_EQ(all_zero.inertia, 0);
  EXPECT_TRUE(same_matrix(all_zero.centroids, RowMatrix<double>(RowMatrix<double>::Zero(2, 3))));

  RowMatrix<double> one = RowMatrix<double>::Zero(1, 3);
  one(0, 1) = 2;
  const auto single = corymb::kmeans(sparse_of(one), 1);
  EXPECT_TRUE(same_matrix(single.centroids, one));
  EXPECT_EQ(single.inertia, 0);
  EXPECT_EQ(corymb::predict(single, Sparse<double>(0, 3)).size(), 0);
  EXPECT_EQ(corymb::predict(single, sparse_of(zeros)), Labels::Zero(5));
}

TEST(SparseKMeans, Cancelled) {
  Random random(6);
  const RowMatrix<double> X = mostly_zeros<double>(random, 300, 20, 0.3, Values::normal);
  const auto cancelled_in = [&](const std::string& stage, int after, int restarts) {
    KMeansOptions options{.restarts = restarts, .tolerance = 0};
    int calls = 0;
    options.execution.on_progress = [&, after](const corymb::Progress& progress) {
      return !(progress.stage == stage && ++calls == after);
    };
    const auto result = corymb::kmeans(sparse_of(X), 4, options);
    EXPECT_EQ(result.status, Status::cancelled);
    EXPECT_EQ(corymb::predict(result, sparse_of(X)), result.labels);
    return result;
  };
  EXPECT_EQ(cancelled_in("seeding", 2, 1).iterations, 0);
  EXPECT_EQ(cancelled_in("lloyd", 2, 1).iterations, 2);
  EXPECT_EQ(cancelled_in("seeding", 5, 3).restart, 0);
}

// The dense form would take 80 GB.
TEST(SparseKMeans, NothingOfTheSizeOfTheDenseMatrixArises) {
  const Index n = 20000, d = 500000, k = 4;
  Random random(7);
  Sparse<double> X(n, d);
  X.reserve(Eigen::VectorXi::Constant(n, 8));
  for (Index i = 0; i < n; ++i) {
    std::set<Index> columns;
    while (columns.size() < 8) columns.insert(i % k * (d / k) + random.below(100));
    for (const Index j : columns) X.insert(i, j) = 1;
  }
  const KMeansOptions options{.initial_rows = {0, 1, 2, 3}, .execution = {.threads = 1, .memory_limit = 400u << 20}};
  const auto result = corymb::kmeans(X, k, options);
  EXPECT_EQ(result.status, Status::converged);
  for (Index i = 0; i < n; ++i) EXPECT_EQ(result.labels[i], i % k);
  KMeansOptions less = options;
  less.execution.memory_limit = 1u << 20;
  EXPECT_THROW(corymb::kmeans(X, k, less), corymb::MemoryLimitExceeded);
}

TEST(SparseKMeans, BadEntries) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  RowMatrix<double> X = RowMatrix<double>::Identity(5, 4).eval();
  X(3, 2) = nan;
  X(4, 0) = nan;
  expect_message([&] { corymb::kmeans(sparse_of(X), 2); }, "corymb::kmeans: X(3, 2) = nan must be finite");
  X(3, 2) = -std::numeric_limits<double>::infinity();
  expect_message([&] { corymb::kmeans(sparse_of(X, false), 2); }, "corymb::kmeans: X(3, 2) = -inf must be finite");
  X(3, 2) = 1e300;
  expect_message([&] { corymb::kmeans(sparse_of(X), 2); }, message_of([&] { corymb::kmeans(X, 2); }));
  const RowMatrix<double> good = RowMatrix<double>::Identity(5, 4);
  const auto model = corymb::kmeans(sparse_of(good), 2);
  X(3, 2) = nan;
  expect_message([&] { corymb::predict(model, sparse_of(X)); }, "corymb::predict: X_new(3, 2) = nan must be finite");
  expect_message([&] { corymb::predict(model, Sparse<double>(5, 3)); },
                 "corymb::predict: X_new has 3 columns, the model has 4; they must agree");
  expect_message([&] { corymb::predict(corymb::KMeansResult<double>{}, Sparse<double>(5, 3)); },
                 "corymb::predict: the model has no centroids");

  Sparse<double> twice(2, 4);
  twice.reserve(Eigen::VectorXi::Constant(2, 2));
  twice.insert(0, 1) = 1;
  twice.insert(1, 1) = 1;
  twice.insert(1, 3) = 1;
  twice.makeCompressed();
  twice.innerIndexPtr()[2] = 1;
  expect_message([&] { corymb::kmeans(twice, 2); },
                 "corymb::kmeans: X has column 1 after column 1 in row 1; columns must ascend, without duplicates");
  twice.innerIndexPtr()[2] = 4;
  expect_message([&] { corymb::kmeans(twice, 2); },
                 "corymb::kmeans: X has column 4 in row 1; columns must be in [0, d = 4)");
}

TEST(SparseKMeans, BadOptions) {
  const RowMatrix<double> dense = RowMatrix<double>::Identity(5, 4);
  const Sparse<double> X = sparse_of(dense);
  const auto expect = [&](const KMeansOptions& options, const std::string& message) {
    expect_message([&] { corymb::kmeans(X, 2, options); }, "corymb::kmeans: " + message);
  };
  for (const KMeansInit init : {KMeansInit::kmeans_parallel, KMeansInit::afk_mc2})
    expect({.init = init},
           "init must be KMeansInit::random, kmeans_plus_plus or greedy_kmeans_plus_plus for sparse rows; the others "
           "are for dense rows");
  expect({.algorithm = KMeansAlgorithm::elkan},
         "algorithm must be KMeansAlgorithm::automatic or lloyd for sparse rows; the others are for dense rows");
  expect({.single_moves = true}, "single_moves = true is for dense rows; it must be false for sparse ones");
  expect({.restarts = 0}, "restarts = 0 must be ≥ 1");
  expect({.weights = Vector::Ones(3)}, "weights has 3 entries; one per row, n = 5, is needed");
  expect({.initial_rows = {1, 1}}, "initial_rows has 1 twice; the rows must be different");
  expect_message([&] { corymb::kmeans(X, 6); }, "corymb::kmeans: k = 6 must be in [1, n = 5]");
  expect_message([&] { corymb::kmeans(Sparse<double>(5, 0), 2); },
                 "corymb::kmeans: X has 0 columns; at least 1 is needed");
  expect_message([&] { corymb::kmeans(Sparse<double>(0, 5), 1); }, "corymb::kmeans: k = 1 must be in [1, n = 0]");
  expect_message([&] { corymb::kmeans(X, RowMatrix<double>(RowMatrix<double>::Zero(2, 3))); },
                 "corymb::kmeans: initial_centroids has 3 columns, X has 4; they must agree");
  expect_message(
      [&] {
        corymb::kmeans(X, dense.topRows(2), {.initial_rows = {0, 1}});
      },
      "corymb::kmeans: initial_rows and initial_centroids are both given; one start is needed");
}

}  // namespace
}  // namespace sparse_kmeans_test
