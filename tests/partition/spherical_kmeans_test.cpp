#include <gtest/gtest.h>

#include <corymb/core/errors.hpp>
#include <corymb/partition/spherical_kmeans.hpp>

#include <cmath>
#include <limits>
#include <set>
#include <string>
#include <vector>

#include "support/matrices.hpp"
#include "support/message_of.hpp"
#include "support/verify_kmeans.hpp"

namespace spherical_kmeans_test {
namespace {

using corymb::EmptyClusters;
using corymb::Index;
using corymb::KMeansAlgorithm;
using corymb::KMeansInit;
using corymb::KMeansOptions;
using corymb::Labels;
using corymb::Random;
using corymb::RowMatrix;
using corymb::spherical_kmeans;
using corymb::SphericalKMeansResult;
using corymb::Status;
using corymb::Vector;
using corymb_test::expect_message;
using corymb_test::for_each_layout;
using corymb_test::for_each_scalar;
using corymb_test::instances;
using corymb_test::normal_matrix;
using corymb_test::permutation;
using corymb_test::same_matrix;

double weight_of(const Vector& weights, Index i) { return weights.size() > 0 ? weights[i] : 1.0; }

/// Spherical k-means as it is defined, in plain double loops, until no label changes.
struct Oracle {
  Labels labels;
  RowMatrix<double> centroids;
  double objective = 0;
  int iterations = 0;
  double least_margin = std::numeric_limits<double>::infinity();  // of any decision
};

template <class T>
Oracle by_definition(const RowMatrix<T>& X, const std::vector<Index>& start, const Vector& weights) {
  Oracle result;
  const Index n = X.rows(), d = X.cols(), k = static_cast<Index>(start.size());
  RowMatrix<double> unit(n, d);
  for (Index i = 0; i < n; ++i) {
    double square = 0;
    for (Index j = 0; j < d; ++j) square += static_cast<double>(X(i, j)) * static_cast<double>(X(i, j));
    for (Index j = 0; j < d; ++j) unit(i, j) = static_cast<double>(X(i, j)) / std::sqrt(square);
  }
  result.labels = Labels::Constant(n, -1);
  result.centroids.resize(k, d);
  for (Index c = 0; c < k; ++c) result.centroids.row(c) = unit.row(start[static_cast<std::size_t>(c)]);
  for (bool changed = true; changed;) {
    changed = false;
    result.objective = 0;
    ++result.iterations;
    for (Index i = 0; i < n; ++i) {
      Index best = 0;
      double first = -2, second = -2;
      for (Index c = 0; c < k; ++c) {
        double cosine = 0;
        for (Index j = 0; j < d; ++j) cosine += unit(i, j) * result.centroids(c, j);
        if (cosine > first) {
          second = first;
          first = cosine;
          best = c;
        } else if (cosine > second) {
          second = cosine;
        }
      }
      result.least_margin = std::min(result.least_margin, first - second);
      result.objective += weight_of(weights, i) * (1 - first);
      if (result.labels[i] != best) changed = true;
      result.labels[i] = static_cast<std::int32_t>(best);
    }
    for (Index c = 0; c < k; ++c) {
      Vector sum = Vector::Zero(d);
      for (Index i = 0; i < n; ++i)
        if (result.labels[i] == c) sum += weight_of(weights, i) * unit.row(i).transpose();
      if (sum.norm() > 0) result.centroids.row(c) = sum.transpose() / sum.norm();
    }
  }
  return result;
}

/// Directions around k others, at lengths that differ by some powers of ten.
template <class T>
RowMatrix<T> directions(Random& random, Index n, Index d, Index k, double spread) {
  const RowMatrix<double> centres = normal_matrix<double>(random, k, d);
  RowMatrix<T> X(n, d);
  for (Index i = 0; i < n; ++i) {
    const double length = std::pow(10, random.uniform(-3, 3));
    for (Index j = 0; j < d; ++j) X(i, j) = static_cast<T>(length * (centres(i % k, j) + spread * random.normal()));
  }
  return X;
}

template <class T>
void expect_same(const SphericalKMeansResult<T>& actual, const SphericalKMeansResult<T>& expected) {
  EXPECT_EQ(actual.labels, expected.labels);
  EXPECT_TRUE(same_matrix(actual.centroids, expected.centroids));
  EXPECT_TRUE(same_matrix(actual.sizes, expected.sizes));
  EXPECT_EQ(actual.objective, expected.objective);
  EXPECT_EQ(actual.iterations, expected.iterations);
  EXPECT_EQ(actual.status, expected.status);
  EXPECT_EQ(actual.history, expected.history);
}

TEST(SphericalKMeans, EqualsTheDefinition) {
  for_each_scalar([](auto scalar) {
    using T = decltype(scalar);
    const double precision = static_cast<double>(std::numeric_limits<T>::epsilon());
    int compared = 0;
    for (std::uint64_t seed = 0; seed < instances; ++seed) {
      SCOPED_TRACE(seed);
      Random random(seed, {1});
      const Index n = 5 + random.below(200), d = 2 + random.below(20), k = 1 + random.below(5);
      const RowMatrix<T> X = directions<T>(random, n, d, k, 0.2 + random.uniform());
      const std::vector<Index> order = permutation(random, n);
      KMeansOptions options{.tolerance = 0, .empty_clusters = EmptyClusters::keep};
      options.initial_rows.assign(order.begin(), order.begin() + k);
      if (seed % 2 == 0) {
        options.weights.resize(n);
        for (Index i = 0; i < n; ++i) options.weights[i] = random.uniform() + 0.01;
      }
      const auto result = spherical_kmeans(X, k, options);
      EXPECT_EQ(result.status, Status::converged);
      EXPECT_EQ(corymb::predict(result, X), result.labels);
      const Oracle oracle = by_definition(X, options.initial_rows, options.weights);
      if (oracle.least_margin < 64 * precision) continue;
      ++compared;
      EXPECT_EQ(result.labels, oracle.labels);
      EXPECT_LE((result.centroids.template cast<double>() - oracle.centroids).cwiseAbs().maxCoeff(), 16 * precision);
      EXPECT_NEAR(result.objective, oracle.objective, 32 * precision * static_cast<double>(n));
      EXPECT_NEAR(result.sizes.sum(), options.weights.size() > 0 ? options.weights.sum() : static_cast<double>(n),
                  1e-10);
      EXPECT_LE(std::abs(result.iterations - oracle.iterations), 1);
    }
    EXPECT_GT(compared, static_cast<int>(instances / 2));
  });
}

TEST(SphericalKMeans, ObjectiveNeverRises) {
  for_each_scalar([](auto scalar) {
    using T = decltype(scalar);
    for (std::uint64_t seed = 0; seed < instances / 4; ++seed) {
      SCOPED_TRACE(seed);
      Random random(seed, {2});
      const RowMatrix<T> X = normal_matrix<T>(random, 300, 1 + random.below(12));
      KMeansOptions options{.init = KMeansInit::random, .tolerance = 0, .history = true, .seed = seed};
      const auto result = spherical_kmeans(X, 1 + random.below(12), options);
      EXPECT_EQ(verify::history_error(result.history, sizeof(T) == 4 ? 1e-5 : 1e-12), "");
      EXPECT_EQ(static_cast<int>(result.history.size()), result.iterations);
      EXPECT_NEAR(result.history.back(), result.objective, 1e-5 * result.objective + 1e-6);
      EXPECT_LE((result.centroids.template cast<double>().rowwise().norm().array() - 1).abs().maxCoeff(), 1e-6);
    }
  });
}

TEST(SphericalKMeans, LengthsDoNotMatter) {
  for_each_scalar([](auto scalar) {
    using T = decltype(scalar);
    for (std::uint64_t seed = 0; seed < instances / 4; ++seed) {
      SCOPED_TRACE(seed);
      Random random(seed, {3});
      const RowMatrix<T> X = directions<T>(random, 100, 6, 4, 0.3);
      RowMatrix<T> powers = X, factors = X;
      for (Index i = 0; i < X.rows(); ++i) {
        powers.row(i) *= static_cast<T>(std::ldexp(1.0, static_cast<int>(random.below(60)) - 30));
        factors.row(i) *= static_cast<T>(random.uniform() + 0.1);
      }
      const KMeansOptions options{.history = true, .seed = seed};
      const auto result = spherical_kmeans(X, 4, options);
      expect_same(spherical_kmeans(powers, 4, options), result);
      const KMeansOptions start{.initial_rows = {0, 1, 2, 3}};
      EXPECT_EQ(spherical_kmeans(factors, 4, start).labels, spherical_kmeans(X, 4, start).labels);
    }
  });
}

TEST(SphericalKMeans, HugeAndTinyRows) {
  for_each_scalar([](auto scalar) {
    using T = decltype(scalar);
    using limits = std::numeric_limits<T>;
    RowMatrix<T> X(6, 2);
    X << limits::max(), limits::max(), limits::max() / 2, limits::max() / 2, T(1), T(1),  //
        -limits::min(), limits::min(), -1, 1, -limits::denorm_min(), limits::denorm_min();
    const auto result = spherical_kmeans(X, 2, {.initial_rows = {0, 4}});
    EXPECT_EQ(result.labels, (Labels(6) << 0, 0, 0, 1, 1, 1).finished());
    EXPECT_NEAR(static_cast<double>(result.centroids(0, 0)), std::sqrt(0.5), 1e-7);
    EXPECT_NEAR(result.objective, 0, 1e-12);
    EXPECT_EQ(corymb::predict(result, X), result.labels);
  });
}

TEST(SphericalKMeans, WeightsAreCopies) {
  for (std::uint64_t seed = 0; seed < instances / 4; ++seed) {
    SCOPED_TRACE(seed);
    Random random(seed, {4});
    const Index n = 40, d = 5, k = 3;
    const RowMatrix<double> X = directions<double>(random, n, d, k, 0.4);
    Vector weights(n);
    std::vector<Index> rows;
    for (Index i = 0; i < n; ++i) {
      weights[i] = i < k ? 1 : static_cast<double>(random.below(4));
      for (int copy = 0; copy < static_cast<int>(weights[i]); ++copy) rows.push_back(i);
    }
    RowMatrix<double> copies(static_cast<Index>(rows.size()), d);
    for (Index i = 0; i < copies.rows(); ++i) copies.row(i) = X.row(rows[static_cast<std::size_t>(i)]);
    const auto weighted = spherical_kmeans(X, k, {.initial_rows = {0, 1, 2}, .tolerance = 0, .weights = weights});
    const auto copied = spherical_kmeans(copies, k, {.initial_rows = {0, 1, 2}, .tolerance = 0});
    for (Index i = 0; i < copies.rows(); ++i)
      EXPECT_EQ(copied.labels[i], weighted.labels[rows[static_cast<std::size_t>(i)]]);
    EXPECT_LE((weighted.centroids - copied.centroids).cwiseAbs().maxCoeff(), 1e-13);
    EXPECT_NEAR(weighted.objective, copied.objective, 1e-11);
    EXPECT_TRUE(same_matrix(weighted.sizes, copied.sizes));
  }
}

TEST(SphericalKMeans, SameBitsForAnyThreadsAndLayout) {
  for_each_scalar([](auto scalar) {
    using T = decltype(scalar);
    Random random(5);
    const RowMatrix<T> X = directions<T>(random, 5000, 9, 7, 0.5);
    for (const auto init : {KMeansInit::random, KMeansInit::kmeans_plus_plus, KMeansInit::greedy_kmeans_plus_plus,
                            KMeansInit::kmeans_parallel, KMeansInit::afk_mc2}) {
      KMeansOptions options{.init = init, .restarts = 2, .history = true, .execution = {.threads = 1}};
      const auto one = spherical_kmeans(X, 7, options);
      EXPECT_EQ(corymb::predict(one, X, {.threads = 1}), one.labels);
      options.execution.threads = 2;
      expect_same(spherical_kmeans(X, 7, options), one);
      EXPECT_EQ(corymb::predict(one, X, {.threads = 2}), one.labels);
    }
    const RowMatrix<T> few = X.topRows(50);
    const auto expected = spherical_kmeans(few, 3);
    for_each_layout(few, [&](const auto& layout) {
      expect_same(spherical_kmeans(layout, 3), expected);
      EXPECT_EQ(corymb::predict(expected, layout), expected.labels);
      EXPECT_TRUE(same_matrix(corymb::transform(expected, layout), corymb::transform(expected, few)));
    });
  });
}

TEST(SphericalKMeans, TransformGivesCosineDistances) {
  for_each_scalar([](auto scalar) {
    using T = decltype(scalar);
    Random random(6);
    const RowMatrix<T> X = directions<T>(random, 60, 4, 3, 0.4);
    const auto result = spherical_kmeans(X, 3);
    const RowMatrix<T> distances = corymb::transform(result, X);
    ASSERT_EQ(distances.rows(), 60);
    ASSERT_EQ(distances.cols(), 3);
    double objective = 0;
    for (Index i = 0; i < 60; ++i) {
      for (Index c = 0; c < 3; ++c) {
        const auto x = X.row(i).template cast<double>(), y = result.centroids.row(c).template cast<double>();
        EXPECT_NEAR(static_cast<double>(distances(i, c)), 1 - x.dot(y) / (x.norm() * y.norm()), 1e-6);
      }
      objective += static_cast<double>(distances(i, result.labels[i]));
    }
    EXPECT_NEAR(result.objective, objective, 1e-4);
  });
}

TEST(SphericalKMeans, GivenCentroids) {
  Random random(7);
  const RowMatrix<double> X = directions<double>(random, 80, 5, 4, 0.3);
  const auto expected = spherical_kmeans(X, 4, {.initial_rows = {0, 1, 2, 3}});
  const RowMatrix<double> start = X.topRows(4) * 8;
  expect_same(spherical_kmeans(X, start), expected);
  const auto warm = spherical_kmeans(X, expected.centroids);
  EXPECT_EQ(warm.labels, expected.labels);
}

// All rows of one direction: two clusters cannot differ, whatever the lengths.
TEST(SphericalKMeans, EqualDirections) {
  for_each_scalar([](auto scalar) {
    using T = decltype(scalar);
    RowMatrix<T> X(30, 3);
    for (Index i = 0; i < 30; ++i) X.row(i) << T(0.3), T(0.1), T(0.7);
    for (Index i = 0; i < 30; i += 2) X.row(i) *= T(4);
    const auto result = spherical_kmeans(X, 3, {.tolerance = 0});
    EXPECT_EQ(result.status, Status::converged);
    EXPECT_NEAR(result.objective, 0, 1e-13);
    EXPECT_EQ(corymb::predict(result, X), result.labels);

    const RowMatrix<T> one = X.topRows(1);
    const auto single = spherical_kmeans(one, 1);
    EXPECT_EQ(single.objective, 0);
    EXPECT_EQ(single.labels, Labels::Zero(1));

    Random random(8);
    const RowMatrix<T> different = normal_matrix<T>(random, 6, 3);
    const auto all = spherical_kmeans(different, 6);
    EXPECT_EQ(std::set<int>(all.labels.begin(), all.labels.end()).size(), 6U);
    EXPECT_EQ(all.objective, 0);
  });
}

TEST(SphericalKMeans, RowsThatCancelLeaveTheCentroidWhereItIs) {
  for_each_scalar([](auto scalar) {
    using T = decltype(scalar);
    RowMatrix<T> X(4, 2), start(1, 2);
    X << T(0.3), T(0.4), T(-0.3), T(-0.4), T(5), T(0), T(-1), T(0);
    start << T(0), T(2);
    const auto result = spherical_kmeans(X, start, {.tolerance = 0});
    EXPECT_EQ(result.status, Status::converged);
    EXPECT_EQ(result.centroids(0, 0), T(0));
    EXPECT_EQ(result.centroids(0, 1), T(1));
    EXPECT_NEAR(result.objective, 4, 1e-6);
  });
}

TEST(SphericalKMeans, EmptyClusters) {
  RowMatrix<double> X(5, 2), start(2, 2);
  X << 1, 0, 2, 0.1, 1, -0.1, 0.5, 0.05, 1, 1;
  start << 1, 0, -1, 0;
  const auto kept = spherical_kmeans(X, start, {.empty_clusters = EmptyClusters::keep});
  EXPECT_EQ(kept.labels, Labels::Zero(5));
  EXPECT_EQ(kept.sizes, (Vector(2) << 5, 0).finished());
  EXPECT_EQ(kept.centroids(1, 0), -1);
  const auto relocated = spherical_kmeans(X, start);
  EXPECT_EQ(relocated.labels, (Labels(5) << 0, 0, 0, 0, 1).finished());
}

TEST(SphericalKMeans, Cancelled) {
  Random random(9);
  const RowMatrix<double> X = normal_matrix<double>(random, 200, 4);
  KMeansOptions options{.tolerance = 0};
  options.execution.on_progress = [](const corymb::Progress& progress) {
    return !(progress.stage == "lloyd" && progress.step == 2);
  };
  const auto result = spherical_kmeans(X, 5, options);
  EXPECT_EQ(result.status, Status::cancelled);
  EXPECT_EQ(result.iterations, 2);
  EXPECT_EQ(corymb::predict(result, X), result.labels);
  options.execution.on_progress = [](const corymb::Progress& progress) { return progress.stage != "seeding"; };
  const auto early = spherical_kmeans(X, 5, options);
  EXPECT_EQ(early.status, Status::cancelled);
  EXPECT_EQ(early.iterations, 0);
  EXPECT_EQ(corymb::predict(early, X), early.labels);
}

TEST(SphericalKMeans, BadArguments) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const RowMatrix<double> good = RowMatrix<double>::Constant(5, 3, 0.5);
  RowMatrix<double> X = good;
  const auto expect = [&](const KMeansOptions& options, const std::string& message) {
    expect_message([&] { spherical_kmeans(good, 2, options); }, "corymb::spherical_kmeans: " + message);
  };
  X.row(3).setZero();
  expect_message([&] { spherical_kmeans(X, 2); },
                 "corymb::spherical_kmeans: X(3, …) is all 0; a row of zeros has no direction");
  X(4, 1) = nan;
  X(2, 1) = std::numeric_limits<double>::infinity();
  for (const int threads : {1, 2})
    expect_message([&] { spherical_kmeans(X, 2, {.execution = {.threads = threads}}); },
                   "corymb::spherical_kmeans: X(2, 1) = inf must be finite");
  expect_message([&] { spherical_kmeans(good, RowMatrix<double>(RowMatrix<double>::Zero(2, 3))); },
                 "corymb::spherical_kmeans: initial_centroids(0, …) is all 0; a row of zeros has no direction");
  expect_message([&] { spherical_kmeans(good, RowMatrix<double>(RowMatrix<double>::Ones(2, 4))); },
                 "corymb::spherical_kmeans: initial_centroids has 4 columns, X has 3; they must agree");
  expect_message(
      [&] {
        spherical_kmeans(good, good, {.initial_rows = {0, 1, 2, 3, 4}});
      },
      "corymb::spherical_kmeans: initial_rows and initial_centroids are both given; one start is needed");
  expect({.algorithm = KMeansAlgorithm::elkan},
         "algorithm must be KMeansAlgorithm::automatic or lloyd; the others are for kmeans on rows scaled by the "
         "caller");
  expect({.single_moves = true}, "single_moves = true is for kmeans: it weighs how means move; it must be false here");
  expect({.max_iterations = 0}, "max_iterations = 0 must be ≥ 1");
  expect({.tolerance = nan}, "tolerance = nan must be finite and ≥ 0");
  expect({.weights = Vector::Ones(3)}, "weights has 3 entries; one per row, n = 5, is needed");
  expect_message([&] { spherical_kmeans(good, 0); }, "corymb::spherical_kmeans: k = 0 must be in [1, n = 5]");
  expect_message([&] { spherical_kmeans(RowMatrix<double>(0, 3), 1); },
                 "corymb::spherical_kmeans: k = 1 must be in [1, n = 0]");
  expect_message([&] { spherical_kmeans(RowMatrix<double>(5, 0), 1); },
                 "corymb::spherical_kmeans: X has 0 columns; at least 1 is needed");
  EXPECT_THROW(spherical_kmeans(good, 2, {.execution = {.memory_limit = 100}}), corymb::MemoryLimitExceeded);

  const auto model = spherical_kmeans(good, 1);
  X = good;
  X.row(1).setZero();
  expect_message([&] { corymb::predict(model, X); },
                 "corymb::predict: X_new(1, …) is all 0; a row of zeros has no direction");
  expect_message([&] { corymb::transform(model, X); },
                 "corymb::transform: X_new(1, …) is all 0; a row of zeros has no direction");
  expect_message([&] { corymb::predict(model, X.leftCols(2)); },
                 "corymb::predict: X_new has 2 columns, the model has 3; they must agree");
  expect_message([&] { corymb::predict(SphericalKMeansResult<double>{}, X); },
                 "corymb::predict: the model has no centroids");
}

}  // namespace
}  // namespace spherical_kmeans_test
