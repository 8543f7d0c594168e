#include <gtest/gtest.h>

#include <corymb/core/errors.hpp>
#include <corymb/datasets/bundled.hpp>
#include <corymb/datasets/generators.hpp>
#include <corymb/distance/cluster_sums.hpp>
#include <corymb/metrics/external.hpp>
#include <corymb/partition/minibatch_kmeans.hpp>

#include <cmath>
#include <functional>
#include <limits>
#include <stdexcept>
#include <vector>

#include "support/matrices.hpp"
#include "support/message_of.hpp"
#include "support/same_kmeans.hpp"
#include "support/verify_kmeans.hpp"

namespace minibatch_kmeans_test {
namespace {

using corymb::Index;
using corymb::KMeansInit;
using corymb::KMeansResult;
using corymb::MiniBatchKMeans;
using corymb::MiniBatchKMeansOptions;
using corymb::MiniBatchModelOptions;
using corymb::Random;
using corymb::RowMatrix;
using corymb::Status;
using corymb::Vector;
using corymb_test::expect_same;
using corymb_test::for_each_layout;
using corymb_test::for_each_scalar;
using corymb_test::grid_matrix;
using corymb_test::instances;
using corymb_test::message_of;
using corymb_test::normal_matrix;
using corymb_test::same_bits;
using corymb_test::same_matrix;

const MiniBatchModelOptions no_reassignment{.reassignment_ratio = 0};

Vector small_weights(Random& random, Index n, std::int64_t most = 4) {
  Vector weights(n);
  for (Index i = 0; i < n; ++i) weights[i] = static_cast<double>(random.below(most));
  return weights;
}

template <class T>
Index nearest_row(const RowMatrix<T>& centroids, const Eigen::Matrix<T, 1, -1>& x, T& least) {
  Index nearest = 0;
  least = std::numeric_limits<T>::infinity();
  for (Index c = 0; c < centroids.rows(); ++c) {
    const T value = verify::squared_distance<T>(x, centroids.row(c));
    if (value < least) {
      least = value;
      nearest = c;
    }
  }
  return nearest;
}

// The definition: a weighted mean of all points that a centroid was ever given, the older ones decayed.
template <class T>
struct PlainModel {
  RowMatrix<T> centroids;
  RowMatrix<double> sums = RowMatrix<double>::Zero(centroids.rows(), centroids.cols());
  Vector weights = Vector::Zero(centroids.rows());

  double learn(const RowMatrix<T>& batch, const Vector& weight, double decay) {
    RowMatrix<double> added = RowMatrix<double>::Zero(sums.rows(), sums.cols());
    Vector added_weights = Vector::Zero(weights.size());
    double inertia = 0;
    for (Index i = 0; i < batch.rows(); ++i) {
      const double w = weight.size() > 0 ? weight[i] : 1.0;
      T least;
      const Index c = nearest_row<T>(centroids, batch.row(i), least);
      inertia += w * static_cast<double>(least);
      if (w == 0) continue;
      for (Index j = 0; j < batch.cols(); ++j) {
        const volatile double part = w * static_cast<double>(batch(i, j));
        added(c, j) = added(c, j) + part;
      }
      added_weights[c] += w;
    }
    for (Index c = 0; c < centroids.rows(); ++c) {
      for (Index j = 0; j < centroids.cols(); ++j) {
        const volatile double kept = sums(c, j) * decay;
        sums(c, j) = kept + added(c, j);
      }
      const volatile double kept = weights[c] * decay;
      weights[c] = kept + added_weights[c];
      if (added_weights[c] > 0)
        for (Index j = 0; j < centroids.cols(); ++j) centroids(c, j) = static_cast<T>(sums(c, j) / weights[c]);
    }
    return inertia;
  }
};

TEST(MiniBatchModel, EqualsThePlainDefinition) {
  for_each_scalar([]<class T>(T) {
    for (std::uint64_t seed = 0; seed < instances; ++seed) {
      SCOPED_TRACE(seed);
      Random random(seed, {11});
      const Index d = 1 + random.below(20), k = 1 + random.below(30);
      const bool on_grid = seed % 2 == 0, weighted = seed % 3 == 0;
      const auto matrix = [&](Index n) {
        return on_grid ? grid_matrix<T>(random, n, d, 3) : normal_matrix<T>(random, n, d);
      };
      const double decay = seed % 4 == 0 ? 1 : random.uniform(), recency = seed % 5 == 0 ? 4 * random.uniform() : 0;
      PlainModel<T> plain{matrix(k)};
      MiniBatchKMeans<T> model(plain.centroids, {}, {.decay = decay, .recency = recency, .reassignment_ratio = 0});
      for (int b = 0; b < 5; ++b) {
        const Index n = 1 + random.below(200);
        const RowMatrix<T> batch = matrix(n);
        Vector weights;
        if (weighted) {
          weights = small_weights(random, n);
          weights[0] = 0.3;
        }
        const double inertia = plain.learn(batch, weights, decay * std::pow((b + 1.0) / (b + 2.0), recency));
        EXPECT_EQ(model.partial_fit(batch, weights, {.threads = static_cast<int>(seed % 3)}), inertia);
        EXPECT_TRUE(same_matrix(model.centroids(), plain.centroids));
        EXPECT_TRUE(same_matrix(model.weights(), plain.weights));
      }
      EXPECT_EQ(model.batches(), 5);
    }
  });
}

TEST(MiniBatchModel, OneBatchIsOneIterationOfKMeans) {
  struct Case {
    Index n, d, k;
  };
  // One chunk of rows; many; so large sums that rows are grouped by cluster.
  for (const auto& [n, d, k] : {Case{500, 3, 7}, Case{40'000, 4, 5}, Case{2'500, 300, 900}}) {
    SCOPED_TRACE(n);
    for_each_scalar([&, n = n, d = d, k = k]<class T>(T) {
      Random random(static_cast<std::uint64_t>(n));
      const RowMatrix<T> X = normal_matrix<T>(random, n, d), start = X.topRows(k);
      const Vector weights = small_weights(random, n);
      const auto labels = corymb::nearest(X, start).labels;
      const auto sums = corymb::cluster_sums(X, labels, k, weights);
      RowMatrix<T> expected = start;
      for (Index c = 0; c < k; ++c)
        if (sums.weights[c] > 0) expected.row(c) = (sums.sums.row(c) / sums.weights[c]).template cast<T>();
      for (const int threads : {1, 2, 3}) {
        MiniBatchKMeans<T> model(start, {}, no_reassignment);
        model.partial_fit(X, weights, {.threads = threads});
        EXPECT_TRUE(same_matrix(model.centroids(), expected));
        EXPECT_TRUE(same_matrix(model.weights(), sums.weights));
      }
      const auto lloyd = corymb::kmeans(X, start,
                                        {.algorithm = corymb::KMeansAlgorithm::lloyd,
                                         .max_iterations = 1,
                                         .empty_clusters = corymb::EmptyClusters::keep,
                                         .weights = weights});
      EXPECT_TRUE(same_matrix(lloyd.centroids, expected));
    });
  }
}

TEST(MiniBatchModel, SameBitsForAnyThreadsAndLayout) {
  for_each_scalar([]<class T>(T) {
    Random random(3);
    const RowMatrix<T> X = grid_matrix<T>(random, 1000, 40, 50, 0.25);  // enough for two threads
    const Vector weights = small_weights(random, 1000);
    const auto learn = [&](const auto& batch, int threads) {
      MiniBatchKMeans<T> model(110, {.decay = 0.5, .reassignment_ratio = 0.5, .seed = 4});
      for (int b = 0; b < 3; ++b) model.partial_fit(batch, weights, {.threads = threads});
      return model;
    };
    const auto expected = learn(X, 1);
    const auto expect_same = [&](const auto& model) {
      EXPECT_TRUE(same_matrix(model.centroids(), expected.centroids()));
      EXPECT_TRUE(same_matrix(model.weights(), expected.weights()));
    };
    for_each_layout(X, [&](const auto& batch) { expect_same(learn(batch, 2)); });
    expect_same(learn(X, 3));
  });
}

TEST(MiniBatchModel, AWeightIsThatManyCopies) {
  for (std::uint64_t seed = 0; seed < instances; ++seed) {
    Random random(seed, {12});
    const Index n = 1 + random.below(60), d = 1 + random.below(4), k = 1 + random.below(6);
    const RowMatrix<double> X = grid_matrix<double>(random, n, d, 5), start = grid_matrix<double>(random, k, d, 5);
    const Vector weights = small_weights(random, n);
    std::vector<Index> source;
    for (Index i = 0; i < n; ++i)
      for (int copy = 0; copy < static_cast<int>(weights[i]); ++copy) source.push_back(i);
    MiniBatchKMeans<double> weighted(start, {}, no_reassignment), copied(start, {}, no_reassignment);
    for (int b = 0; b < 3; ++b) {
      const double inertia = copied.partial_fit(X(source, Eigen::all));
      EXPECT_NEAR(weighted.partial_fit(X, weights), inertia, 1e-13 * inertia);
    }
    // Sums of whole numbers are exact.
    EXPECT_TRUE(same_matrix(weighted.centroids(), copied.centroids())) << seed;
    EXPECT_TRUE(same_matrix(weighted.weights(), copied.weights())) << seed;
  }
}

TEST(MiniBatchModel, NothingIsLearntFromNothing) {
  Random random(1);
  const RowMatrix<double> start = normal_matrix<double>(random, 3, 2);
  MiniBatchKMeans<double> model(start);
  EXPECT_EQ(model.partial_fit(RowMatrix<double>(0, 2)), 0);
  EXPECT_EQ(model.partial_fit(RowMatrix<double>::Ones(4, 2), Vector::Zero(4)), 0);
  EXPECT_EQ(model.batches(), 0);
  EXPECT_TRUE(same_matrix(model.centroids(), start));
  MiniBatchKMeans<double> collecting(2);
  EXPECT_EQ(collecting.partial_fit(RowMatrix<double>(0, 2)), 0);
  EXPECT_EQ(collecting.partial_fit(RowMatrix<double>::Ones(4, 2), Vector::Zero(4)), 0);
  EXPECT_FALSE(collecting.ready());
}

TEST(MiniBatchModel, CollectsRowsUntilItCanChooseCentroids) {
  const RowMatrix<float> X = corymb::make_blobs<float>(300, 3, 5, {.seed = 1}).points;
  for (const Index init_size : {0, 40, 100}) {
    const MiniBatchModelOptions options{.init_size = init_size, .reassignment_ratio = 0, .seed = 2};
    MiniBatchKMeans<float> model(20, options), whole(20, options);
    const Index needed = std::max<Index>(init_size, 20);
    Index learnt = 0;
    while (!model.ready()) {
      EXPECT_EQ(model.centroids().rows(), 0);
      EXPECT_EQ(model.weights().size(), 0);
      Vector weights = Vector::Ones(8);
      weights[3] = 0;
      model.partial_fit(X.middleRows(learnt, 8), weights);
      learnt += 8;
    }
    EXPECT_EQ(learnt, 8 * ((needed + 6) / 7));
    std::vector<Index> present;
    for (Index i = 0; i < learnt; ++i)
      if (i % 8 != 3) present.push_back(i);
    whole.partial_fit(X(present, Eigen::all));
    EXPECT_TRUE(same_matrix(model.centroids(), whole.centroids()));
    EXPECT_EQ(model.batches(), 1);
    EXPECT_EQ(model.weights().sum(), static_cast<double>(present.size()));
  }
}

// Chosen among the rows of the first batch as kmeans chooses among all rows, with the same random numbers.
TEST(MiniBatchModel, StartsAsKMeansDoes) {
  const RowMatrix<double> X = corymb::make_uniform(400, 2, {.seed = 1}).points;
  for (const auto init : {KMeansInit::random, KMeansInit::kmeans_plus_plus, KMeansInit::greedy_kmeans_plus_plus}) {
    MiniBatchKMeans<double> model(12, {.init = init, .reassignment_ratio = 0, .seed = 7});
    model.partial_fit(X);
    const auto lloyd = corymb::kmeans(
        X, 12, {.init = init, .max_iterations = 1, .empty_clusters = corymb::EmptyClusters::keep, .seed = 7});
    EXPECT_TRUE(same_matrix(model.centroids(), lloyd.centroids));
  }
}

TEST(MiniBatchModel, GoesOnFromAResult) {
  const RowMatrix<double> X = corymb::make_blobs(1000, 2, 4, {.seed = 5}).points;
  const auto result = corymb::kmeans(X, 4);
  MiniBatchKMeans model(result.centroids, result.sizes);
  EXPECT_EQ(model.weights(), result.sizes);
  const Eigen::RowVectorXd before = result.centroids.row(2);
  RowMatrix<double> one = before.array() + 0.125;
  model.partial_fit(one, Vector::Constant(1, 3.0));
  const double size = result.sizes[2];
  EXPECT_LT((model.centroids().row(2) - (size * before + 3 * one) / (size + 3)).norm(), 1e-12);
  EXPECT_EQ(model.weights()[2], size + 3);
  EXPECT_EQ(model.centroids().row(0), result.centroids.row(0));
}

TEST(MiniBatchModel, ForgetsWhatItIsToldToForget) {
  Random random(5);
  const RowMatrix<double> start = normal_matrix<double>(random, 2, 1), late = normal_matrix<double>(random, 50, 1);
  MiniBatchKMeans<double> forgetful(start, {}, {.decay = 0, .reassignment_ratio = 0});
  forgetful.partial_fit(normal_matrix<double>(random, 50, 1));
  MiniBatchKMeans<double> fresh(forgetful.centroids(), {}, no_reassignment);
  forgetful.partial_fit(late);
  fresh.partial_fit(late);
  EXPECT_TRUE(same_matrix(forgetful.centroids(), fresh.centroids()));

  // Data that move by one with every batch: only a model that forgets keeps up.
  MiniBatchKMeans<double> lasting(1), following(1, {.decay = 0.5});
  for (int b = 0; b < 100; ++b) {
    const RowMatrix<double> batch = RowMatrix<double>::Constant(10, 1, b);
    lasting.partial_fit(batch);
    following.partial_fit(batch);
  }
  EXPECT_NEAR(lasting.centroids()(0, 0), 49.5, 1e-12);
  EXPECT_NEAR(following.centroids()(0, 0), 98, 1e-6);
}

TEST(MiniBatchModel, GivesUpCentroidsWithFewPoints) {
  // Three centroids, one of them out of reach. Of the rows, those at 0 and 100 are centroids themselves.
  RowMatrix<double> batch(30, 1), start(3, 1);
  for (Index i = 0; i < 30; ++i) batch(i, 0) = i < 15 ? 0 : 100;
  batch(3, 0) = 1;
  batch(4, 0) = 2;
  batch(5, 0) = 3;
  start << 0, 1e6, 100;
  MiniBatchKMeans<double> keeping(start, {}, no_reassignment);
  keeping.partial_fit(batch);
  EXPECT_EQ(keeping.centroids()(1, 0), 1e6);
  MiniBatchKMeans<double> early(start);
  early.partial_fit(batch.topRows(29));  // fewer than 10 k rows
  EXPECT_EQ(early.centroids()(1, 0), 1e6);

  // Squared distances 1 : 4 : 9, and the last row is absent.
  int drawn[4] = {};
  Vector weights = Vector::Ones(31);
  weights[30] = 0;
  RowMatrix<double> with_absent(31, 1);
  with_absent << batch, 50;
  for (std::uint64_t seed = 0; seed < 1400; ++seed) {
    MiniBatchKMeans<double> model(start, {}, {.seed = seed});
    model.partial_fit(with_absent, weights);
    const double to = model.centroids()(1, 0);
    ASSERT_TRUE(to == 1 || to == 2 || to == 3) << to;
    ++drawn[static_cast<int>(to)];
    EXPECT_EQ(model.weights()[1], 0);
    EXPECT_EQ(model.weights()[0], 15);
    if (seed > 0) continue;
    // It starts anew: its first points move it all the way.
    RowMatrix<double> near = RowMatrix<double>::Constant(2, 1, to + 0.25);
    model.partial_fit(near);
    EXPECT_EQ(model.centroids()(1, 0), to + 0.25);
  }
  EXPECT_NEAR(drawn[1], 100, 40);
  EXPECT_NEAR(drawn[2], 400, 70);
  EXPECT_NEAR(drawn[3], 900, 75);

  // Two to place: the second draw knows of the first, so both groups of strangers get one.
  RowMatrix<double> strangers(60, 1), four(4, 1);
  for (Index i = 0; i < 60; ++i) strangers(i, 0) = i < 20 ? 0 : i < 40 ? 500 : -500;
  four << 0, 1e6, 1e7, 1e8;
  MiniBatchKMeans<double> model(four, {}, {.seed = 3});
  model.partial_fit(strangers);
  Eigen::VectorXd found = model.centroids().col(0).head(3);
  std::sort(found.begin(), found.end());
  EXPECT_EQ(found, Eigen::Vector3d(-500, 0, 500));
  EXPECT_EQ(model.centroids()(3, 0), 1e8);  // every row lies on a centroid by now
}

TEST(MiniBatchModel, LooksForSuchCentroidsEverMoreRarely) {
  // One cluster takes all; the other centroid returns out of reach after each look.
  RowMatrix<double> start(2, 1), batch(20, 1);
  start << 0, 1e6;
  for (Index i = 0; i < 20; ++i) batch(i, 0) = i % 2 == 0 ? -1 : 1;
  MiniBatchKMeans<double> model(start, Vector::Constant(2, 5.0), {.reassignment_ratio = 0.5});
  std::vector<int> looks;
  for (int b = 1; b <= 16; ++b) {
    model.partial_fit(batch);
    const bool moved = model.centroids()(1, 0) < 1e5;
    if (moved) looks.push_back(b);
    if (moved) break;
  }
  EXPECT_EQ(looks, (std::vector<int>{1}));  // 20 rows = 10 k, and more than the weight 10 of the start
  MiniBatchKMeans<double> heavy(start, Vector::Constant(2, 50.0), {.reassignment_ratio = 0.5});
  for (int b = 1; b <= 4; ++b) {
    heavy.partial_fit(batch);
    EXPECT_EQ(heavy.centroids()(1, 0), 1e6) << b;  // 80 of 100
  }
  heavy.partial_fit(batch);  // 100: looked at, but 50 of (150 + 50) / 2 is not below one half
  EXPECT_EQ(heavy.centroids()(1, 0), 1e6);
  for (int b = 6; b <= 14; ++b) {
    heavy.partial_fit(batch);
    EXPECT_EQ(heavy.centroids()(1, 0), 1e6) << b;  // the next look is at 200 more
  }
  heavy.partial_fit(batch);
  EXPECT_LT(heavy.centroids()(1, 0), 2);
}

TEST(MiniBatchModel, PredictsLikeItsResult) {
  const RowMatrix<float> X = corymb::make_blobs<float>(500, 4, 6, {.seed = 2}).points;
  MiniBatchKMeans<float> model(6);
  model.partial_fit(X);
  const MiniBatchKMeans<float> copy = model;
  model.partial_fit(X);
  EXPECT_EQ(copy.batches(), 1);
  EXPECT_EQ(model.batches(), 2);
  const KMeansResult<float> result = model.result();
  EXPECT_EQ(result.iterations, 2);
  EXPECT_EQ(result.labels.size(), 0);
  EXPECT_TRUE(std::isnan(result.inertia));
  EXPECT_EQ(result.sizes, model.weights());
  EXPECT_EQ(corymb::predict(model, X), corymb::nearest(X, model.centroids()).labels);
  EXPECT_EQ(corymb::transform(model, X), corymb::transform(result, X));
  EXPECT_EQ(corymb::nearest_centroids(model, X, 2).indices, corymb::nearest_centroids(result, X, 2).indices);
}

TEST(MiniBatchModel, BadArguments) {
  const auto model_of = [](Index k, const MiniBatchModelOptions& options = {}) {
    return message_of([&] { MiniBatchKMeans<double>(k, options); });
  };
  EXPECT_EQ(model_of(0), "corymb::MiniBatchKMeans: k = 0 must be in [1, 2147483647]");
  EXPECT_EQ(model_of(8, {.init_size = 7}),
            "corymb::MiniBatchKMeans: init_size = 7 must be at least k = 8, or 0 for the default");
  EXPECT_EQ(model_of(8, {.decay = 1.5}), "corymb::MiniBatchKMeans: decay = 1.5 must be in [0, 1]");
  EXPECT_EQ(model_of(8, {.decay = std::numeric_limits<double>::quiet_NaN()}),
            "corymb::MiniBatchKMeans: decay = nan must be in [0, 1]");
  EXPECT_EQ(model_of(8, {.recency = -1}), "corymb::MiniBatchKMeans: recency = -1 must be finite and ≥ 0");
  EXPECT_EQ(model_of(8, {.reassignment_ratio = 1}),
            "corymb::MiniBatchKMeans: reassignment_ratio = 1 must be in [0, 1)");
  RowMatrix<double> start = RowMatrix<double>::Zero(2, 3);
  EXPECT_EQ(message_of([&] { MiniBatchKMeans<double>(start.topRows(0)); }),
            "corymb::MiniBatchKMeans: k = 0 must be in [1, 2147483647]");
  EXPECT_EQ(message_of([&] { MiniBatchKMeans<double>(start.leftCols(0)); }),
            "corymb::MiniBatchKMeans: initial_centroids has 0 columns; at least 1 is needed");
  EXPECT_EQ(message_of([&] { MiniBatchKMeans<double>(start, Vector::Ones(3)); }),
            "corymb::MiniBatchKMeans: weights has 3 entries; one per centroid, k = 2, is needed");
  EXPECT_EQ(message_of([&] { MiniBatchKMeans<double>(start, Vector::Constant(2, -1)); }),
            "corymb::MiniBatchKMeans: weights(0) = -1 must be finite and ≥ 0");
  start(1, 2) = std::numeric_limits<double>::infinity();
  EXPECT_EQ(message_of([&] { MiniBatchKMeans<double>{start}; }),
            "corymb::MiniBatchKMeans: initial_centroids(1, 2) = inf must be finite");

  MiniBatchKMeans<double> model(2);
  EXPECT_EQ(message_of([&] { corymb::predict(model, start); }),
            "corymb::MiniBatchKMeans::result: the model has no centroids yet: it has collected 0 of 2 rows");
  EXPECT_EQ(message_of([&] { model.partial_fit(RowMatrix<double>(3, 0)); }),
            "corymb::partial_fit: batch has 0 columns; at least 1 is needed");
  model.partial_fit(RowMatrix<double>::Ones(1, 3));
  EXPECT_EQ(message_of([&] { model.partial_fit(RowMatrix<double>::Ones(1, 2)); }),
            "corymb::partial_fit: batch has 2 columns, the model has 3; they must agree");
  EXPECT_EQ(message_of([&] { model.partial_fit(start); }), "corymb::partial_fit: batch(1, 2) = inf must be finite");
  EXPECT_EQ(message_of([&] { model.partial_fit(start.topRows(1), Vector::Ones(2)); }),
            "corymb::partial_fit: weights has 2 entries; one per row, n = 1, is needed");
  EXPECT_EQ(message_of([&] { model.partial_fit(start.topRows(1), {}, {.threads = -2}); }),
            "corymb::partial_fit: execution.threads = -2 must be in [0, 1024] (0 = all)");
  EXPECT_THROW(model.partial_fit(start.topRows(1), {}, {.memory_limit = 30}), corymb::MemoryLimitExceeded);
  EXPECT_FALSE(model.ready());
  model.partial_fit(RowMatrix<double>::Zero(1, 3));  // the second row: none of the mistakes left a trace
  EXPECT_TRUE(model.ready());
  EXPECT_EQ(model.weights().sum(), 2);
}

TEST(RandomOrder, IsAPermutation) {
  for (Index n = 1; n < 300; ++n) {
    const corymb::detail::RandomOrder order(n, Random(static_cast<std::uint64_t>(n)));
    std::vector<int> seen(static_cast<std::size_t>(n), 0);
    for (Index i = 0; i < n; ++i) ++seen.at(static_cast<std::size_t>(order(i)));
    EXPECT_EQ(seen, std::vector<int>(static_cast<std::size_t>(n), 1)) << n;
  }
  // No place prefers a row, and neighbours do not stay together.
  constexpr Index n = 100, tries = 20'000;
  std::vector<int> first(n, 0), second(n, 0);
  int neighbours = 0;
  for (std::uint64_t seed = 0; seed < tries; ++seed) {
    const corymb::detail::RandomOrder order(n, Random(seed));
    ++first[static_cast<std::size_t>(order(0))];
    ++second[static_cast<std::size_t>(order(n - 1))];
    neighbours += std::abs(order(1) - order(0)) == 1;
  }
  for (const auto& counts : {first, second}) {
    double chi_squared = 0;
    for (const int count : counts) chi_squared += std::pow(count - 200.0, 2) / 200;
    EXPECT_LT(chi_squared, 160);  // 99 degrees of freedom: 1 in 10 000 beyond
    EXPECT_GT(chi_squared, 55);
  }
  EXPECT_NEAR(neighbours, 400, 80);
}

TEST(MiniBatchKMeans, LearnsRandomBatchesOfEveryRowOnce) {
  const RowMatrix<double> X = corymb::make_uniform(1003, 3, {.seed = 6}).points;
  std::vector<Index> rows;
  for (Index i = 0; i < 5; ++i) rows.push_back(7 * i);
  Vector weights = Vector::Constant(1003, 2);
  for (Index i = 0; i < 1003; i += 3) weights[i] = 0;
  for (const bool weighted : {false, true}) {
    MiniBatchKMeansOptions options{.initial_rows = rows,
                                   .batch_size = 100,
                                   .max_epochs = 3,
                                   .max_no_improvement = 0,
                                   .reassignment_ratio = 0.2,
                                   .seed = 8};
    if (weighted) options.weights = weights;
    std::vector<Index> present;
    for (Index i = 0; i < 1003; ++i)
      if (!weighted || weights[i] > 0) present.push_back(i);
    const auto n = static_cast<Index>(present.size());
    MiniBatchKMeans<double> model(X(rows, Eigen::all), {}, {.recency = 8, .reassignment_ratio = 0.2, .seed = 8});
    const corymb::Chunks batches(n, 1, (n + 99) / 100);
    for (std::uint64_t epoch = 0; epoch < 3; ++epoch) {
      const corymb::detail::RandomOrder order(n, Random(8, {0, 2, epoch}));
      for (Index b = 0; b < batches.count(); ++b) {
        std::vector<Index> batch;
        for (Index i = batches.begin(b); i < batches.end(b); ++i)
          batch.push_back(present[static_cast<std::size_t>(order(i))]);
        EXPECT_LE(batch.size(), 100U);
        const auto size = static_cast<Index>(batch.size());
        model.partial_fit(X(batch, Eigen::all), weighted ? Vector::Constant(size, 2) : Vector());
      }
    }
    const auto result = corymb::minibatch_kmeans(X, 5, options);
    EXPECT_TRUE(same_matrix(result.centroids, model.centroids()));
    EXPECT_EQ(result.iterations, model.batches());
    EXPECT_EQ(result.status, Status::iteration_limit);
    EXPECT_EQ(verify::kmeans_error<double>(X, result, false, options.weights), "");
  }
}

TEST(MiniBatchKMeans, SameBitsForAnyThreadsAndLayout) {
  for_each_scalar([]<class T>(T) {
    Random random(9);
    const RowMatrix<T> X = grid_matrix<T>(random, 1600, 50, 100, 0.25);
    MiniBatchKMeansOptions options{.batch_size = 900, .restarts = 2, .max_epochs = 1, .tolerance = 1e-5, .seed = 3};
    options.weights = small_weights(random, 1600);
    options.execution.threads = 1;
    const auto one = corymb::minibatch_kmeans(X, 120, options);
    for_each_layout(X, [&](const auto& layout) {
      options.execution.threads = 2;
      expect_same(corymb::minibatch_kmeans(layout, 120, options), one);
    });
    options.execution.threads = 3;
    expect_same(corymb::minibatch_kmeans(X, 120, options), one);
  });
}

TEST(MiniBatchKMeans, FindsSeparatedBlobs) {
  const auto blobs = corymb::make_blobs(20'000, 4, 12, {.spread = {0.05}, .seed = 6});
  for (std::uint64_t seed = 0; seed < 10; ++seed) {
    const auto result = corymb::minibatch_kmeans(blobs.points, 12, {.seed = seed});
    EXPECT_EQ(corymb::adjusted_rand_index(blobs.labels, result.labels), 1.0) << seed;
    EXPECT_EQ(result.status, Status::converged);
    EXPECT_LT(result.iterations, 200);
  }
}

// Margins: 1 % where clusters overlap, 3 % where there are none; on the mean of five seeds.
TEST(MiniBatchKMeans, InertiaIsCloseToThatOfKMeans) {
  struct Case {
    RowMatrix<double> X;
    Index k;
    double margin;
  };
  const Case cases[] = {{corymb::make_blobs(20'000, 6, 10, {.spread = {4}, .seed = 3}).points, 10, 1.01},
                        {corymb::make_uniform(20'000, 2, {.seed = 3}).points, 40, 1.03},
                        {corymb::digits().points, 10, 1.01}};
  for (const auto& [X, k, margin] : cases) {
    double mini = 0, lloyd = 0;
    for (std::uint64_t seed = 0; seed < 5; ++seed) {
      const auto result = corymb::minibatch_kmeans(X, k, {.seed = seed, .execution = {.threads = 1}});
      EXPECT_EQ(verify::kmeans_error<double>(X, result, false), "");
      mini += result.inertia;
      lloyd += corymb::kmeans(X, k, {.seed = seed, .execution = {.threads = 1}}).inertia;
    }
    EXPECT_LT(mini, margin * lloyd) << k;
  }
}

TEST(MiniBatchKMeans, EdgeCases) {
  const RowMatrix<double> one = RowMatrix<double>::Constant(1, 3, 5.0);
  const auto single = corymb::minibatch_kmeans(one, 1);
  EXPECT_EQ(single.labels[0], 0);
  EXPECT_EQ(single.inertia, 0);
  EXPECT_EQ(single.centroids, one);

  const RowMatrix<double> X = corymb::make_uniform(50, 3, {.seed = 1}).points;
  const auto whole = corymb::minibatch_kmeans(X, 1);
  EXPECT_NEAR((whole.centroids.row(0) - X.colwise().mean()).cwiseAbs().maxCoeff(), 0, 1e-14);
  for (const auto init : {KMeansInit::random, KMeansInit::greedy_kmeans_plus_plus}) {
    const auto all = corymb::minibatch_kmeans(X, 50, {.init = init});
    EXPECT_LT(all.inertia, 1e-25);
    EXPECT_EQ(all.sizes, Vector::Ones(50));
  }

  // Equal rows: clusters beyond the different rows have size 0.
  RowMatrix<double> two(20, 2);
  for (Index i = 0; i < 20; ++i) two.row(i).setConstant(i < 5 ? 3.25 : -1);
  const auto equal = corymb::minibatch_kmeans(two.bottomRows(10), 4);
  EXPECT_EQ(equal.labels, corymb::Labels::Zero(10));
  EXPECT_EQ(equal.sizes, (Vector(4) << 10, 0, 0, 0).finished());
  EXPECT_EQ(equal.inertia, 0);
  const auto pair = corymb::minibatch_kmeans(two, 4);
  EXPECT_EQ(pair.inertia, 0);
  EXPECT_EQ((pair.sizes.array() > 0).count(), 2);
  EXPECT_EQ(pair.labels, corymb::predict(pair, two));

  RowMatrix<double> constant_column = X;
  constant_column.col(1).setConstant(-4);
  const auto with_constant = corymb::minibatch_kmeans(constant_column, 5);
  EXPECT_EQ(verify::kmeans_error<double>(constant_column, with_constant, false), "");

  // An offset of the data, and rows of weight 0, of which only one is near the others.
  RowMatrix<double> far = corymb::make_blobs(400, 2, 4, {.spread = {0.05}, .seed = 4}).points;
  const auto near = corymb::minibatch_kmeans(far, 4);
  far.array() += 1e6;
  EXPECT_EQ(corymb::adjusted_rand_index(near.labels, corymb::minibatch_kmeans(far, 4).labels), 1.0);
  Vector weights = Vector::Zero(400);
  for (const Index i : {3, 99, 200, 399}) weights[i] = 0.5;
  for (std::uint64_t seed = 0; seed < 5; ++seed) {
    const auto result = corymb::minibatch_kmeans(far, 4, {.weights = weights, .seed = seed});
    EXPECT_LT(result.inertia, 1e-15);
    EXPECT_EQ(result.sizes, Vector::Constant(4, 0.5));
  }
}

TEST(MiniBatchKMeans, StopsByItsRules) {
  using corymb::detail::MiniBatchStop;
  const auto steps = [](MiniBatchStop stop, const std::function<double(int)>& inertia,
                        const std::function<double(int)>& movement) {
    int step = 0;
    while (step < 1000 && !stop(inertia(step), movement(step))) ++step;
    return step;
  };
  const auto one = [](int) { return 1.0; };
  const auto falling = [](int step) { return 1.0 / (1 + step); };
  const auto rising = [](int step) { return 1.0 + step; };
  MiniBatchKMeansOptions options{.max_no_improvement = 4};
  EXPECT_EQ(steps({options, 0, 0.5}, one, one), 4);  // the first value is the lowest, then four without a lower
  EXPECT_EQ(steps({options, 0, 0.5}, rising, one), 4);
  EXPECT_EQ(steps({options, 0, 0.5}, falling, one), 1000);
  options.max_no_improvement = 0;
  EXPECT_EQ(steps({options, 0, 0.5}, rising, one), 1000);
  EXPECT_EQ(steps({options, 0.1, 1.0}, rising, falling), 9);  // not smoothed: 1 / 10
  EXPECT_GT(steps({options, 0.1, 0.2}, rising, falling), 9);  // smoothed it lags
  EXPECT_EQ(steps({options, 0, 1.0}, rising, [](int) { return 0.0; }), 1000);

  const RowMatrix<double> X = corymb::make_uniform(20'000, 2, {.seed = 3}).points;
  const auto loose = corymb::minibatch_kmeans(X, 20, {.max_no_improvement = 0, .tolerance = 1e-2});
  const auto tight = corymb::minibatch_kmeans(X, 20, {.max_no_improvement = 0, .tolerance = 1e-4});
  EXPECT_EQ(loose.status, Status::converged);
  EXPECT_EQ(tight.status, Status::converged);
  EXPECT_LT(loose.iterations, tight.iterations);
  const auto longer = corymb::minibatch_kmeans(X, 20, {.max_no_improvement = 50});
  EXPECT_GT(longer.iterations, corymb::minibatch_kmeans(X, 20).iterations);
  const auto limited = corymb::minibatch_kmeans(X, 20, {.batch_size = 3000, .max_epochs = 2, .max_no_improvement = 0});
  EXPECT_EQ(limited.status, Status::iteration_limit);
  EXPECT_EQ(limited.iterations, 2 * 7);
}

TEST(MiniBatchKMeans, RestartsKeepTheBest) {
  const RowMatrix<double> X = corymb::make_uniform(3000, 2, {.seed = 3}).points;
  const MiniBatchKMeansOptions options{.init = KMeansInit::random, .batch_size = 100, .restarts = 6, .seed = 2};
  const auto best = corymb::minibatch_kmeans(X, 15, options);
  double least = std::numeric_limits<double>::infinity();
  for (int restarts = 1; restarts <= 6; ++restarts) {
    MiniBatchKMeansOptions fewer = options;
    fewer.restarts = restarts;
    const auto result = corymb::minibatch_kmeans(X, 15, fewer);
    EXPECT_LE(result.inertia, least);
    if (result.inertia < least) {
      EXPECT_EQ(result.restart, restarts - 1);
    }
    least = result.inertia;
  }
  EXPECT_EQ(best.inertia, least);
  EXPECT_GT(best.restart, 0);  // the first run is not the best by chance
}

TEST(MiniBatchKMeans, CancellationReturnsTheLastCompleteBatch) {
  const RowMatrix<double> X = corymb::make_uniform(3000, 2, {.seed = 3}).points;
  for (const int stop : {1, 4}) {
    int calls = 0;
    MiniBatchKMeansOptions options{.batch_size = 500, .max_epochs = 3, .max_no_improvement = 0};
    options.execution.on_progress = [&](const corymb::Progress& progress) {
      if (progress.stage == "seeding") {
        EXPECT_EQ(progress.steps, 20);
        return true;
      }
      EXPECT_EQ(progress.stage, "batches");
      EXPECT_EQ(progress.step, ++calls);
      EXPECT_EQ(progress.steps, 18);
      EXPECT_GT(progress.objective, 0);
      return calls < stop;
    };
    const auto result = corymb::minibatch_kmeans(X, 20, options);
    EXPECT_EQ(result.status, Status::cancelled);
    EXPECT_EQ(result.iterations, stop);
    EXPECT_EQ(verify::kmeans_error<double>(X, result, false), "");
    EXPECT_EQ(calls, stop);
  }
  MiniBatchKMeansOptions options{.restarts = 3};
  options.execution.on_progress = [](const corymb::Progress& progress) { return progress.step < 4; };
  const auto seeding = corymb::minibatch_kmeans(X, 20, options);
  EXPECT_EQ(seeding.status, Status::cancelled);
  EXPECT_EQ(seeding.iterations, 0);
  EXPECT_EQ(seeding.centroids.rows(), 20);
  EXPECT_EQ(verify::kmeans_error<double>(X, seeding, false), "");
  options.execution.on_progress = [](const corymb::Progress&) -> bool { throw std::runtime_error("enough"); };
  EXPECT_THROW(corymb::minibatch_kmeans(X, 5, options), std::runtime_error);
}

TEST(MiniBatchKMeans, BadArguments) {
  RowMatrix<double> X(4, 2);
  X << 0, 0, 0, 1, 5, 5, 5, 6;
  const auto with = [&](const MiniBatchKMeansOptions& options, Index k = 2) {
    return message_of([&] { corymb::minibatch_kmeans(X, k, options); });
  };
  EXPECT_EQ(with({}, 0), "corymb::minibatch_kmeans: k = 0 must be in [1, n = 4]");
  EXPECT_EQ(with({}, 5), "corymb::minibatch_kmeans: k = 5 must be in [1, n = 4]");
  EXPECT_EQ(with({.init_size = 1}),
            "corymb::minibatch_kmeans: init_size = 1 must be at least k = 2, or 0 for the default");
  EXPECT_EQ(with({.batch_size = -1}), "corymb::minibatch_kmeans: batch_size = -1 must be ≥ 1, or 0 for the default");
  EXPECT_EQ(with({.restarts = 0}), "corymb::minibatch_kmeans: restarts = 0 must be ≥ 1");
  EXPECT_EQ(with({.max_epochs = 0}), "corymb::minibatch_kmeans: max_epochs = 0 must be ≥ 1");
  EXPECT_EQ(with({.max_no_improvement = -1}), "corymb::minibatch_kmeans: max_no_improvement = -1 must be ≥ 0");
  EXPECT_EQ(with({.tolerance = -1}), "corymb::minibatch_kmeans: tolerance = -1 must be finite and ≥ 0");
  EXPECT_EQ(with({.recency = std::numeric_limits<double>::infinity()}),
            "corymb::minibatch_kmeans: recency = inf must be finite and ≥ 0");
  EXPECT_EQ(with({.reassignment_ratio = -0.5}),
            "corymb::minibatch_kmeans: reassignment_ratio = -0.5 must be in [0, 1)");
  EXPECT_EQ(with({.execution = {.threads = -1}}),
            "corymb::minibatch_kmeans: execution.threads = -1 must be in [0, 1024] (0 = all)");
  EXPECT_EQ(with({.initial_rows = {0, 4}}),
            "corymb::minibatch_kmeans: initial_rows has 4; row numbers must be in [0, n = 4)");
  EXPECT_EQ(with({.weights = Vector::Unit(4, 1)}),
            "corymb::minibatch_kmeans: k = 2 must be at most the number of rows of positive weight, 1");
  EXPECT_EQ(message_of([] { corymb::minibatch_kmeans(RowMatrix<double>(3, 0), 1); }),
            "corymb::minibatch_kmeans: X has 0 columns; at least 1 is needed");
  EXPECT_EQ(message_of([&] { corymb::minibatch_kmeans(X, RowMatrix<double>::Zero(2, 3)); }),
            "corymb::minibatch_kmeans: initial_centroids has 3 columns, X has 2; they must agree");
  EXPECT_EQ(message_of([&] {
              corymb::minibatch_kmeans(X, X, {.initial_rows = {0, 1, 2, 3}});
            }),
            "corymb::minibatch_kmeans: initial_rows and initial_centroids are both given; one start is needed");
  X(2, 1) = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(with({}), "corymb::minibatch_kmeans: X(2, 1) = nan must be finite");
  EXPECT_THROW(corymb::minibatch_kmeans(X, 2, {.execution = {.memory_limit = 100}}), corymb::MemoryLimitExceeded);
}

}  // namespace
}  // namespace minibatch_kmeans_test
