#include <corymb/core/errors.hpp>
#include <corymb/distance/pairwise.hpp>
#include <corymb/neighbors/nearest_neighbors.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <limits>
#include <numeric>
#include <string>
#include <vector>

#include "support/matrices.hpp"
#include "support/message_of.hpp"
#include "support/neighbor_searches.hpp"

namespace nearest_neighbors_test {
namespace {

using namespace corymb;
using namespace corymb_test;

template <class T>
void expect_same(const NearestManyResult<T>& actual, const NearestManyResult<T>& expected) {
  EXPECT_TRUE(same_matrix(actual.indices, expected.indices));
  EXPECT_TRUE(same_matrix(actual.distances, expected.distances));
}

/// What is wrong with the neighbours of rows whose distances to all are those of D; "" = nothing. Equal distances may
/// stand for different values, so the order of rows is only asked for where `values` decide.
/// @param values  as D, or before the root
template <class T>
std::string neighbors_error(const RowMatrix<T>& D, const RowMatrix<T>& values, const NearestManyResult<T>& result,
                            bool others) {
  const Index k = result.indices.cols();
  for (Index i = 0; i < D.rows(); ++i) {
    std::vector<Index> order(static_cast<std::size_t>(D.cols()));
    std::iota(order.begin(), order.end(), Index{0});
    if (others) order.erase(order.begin() + i);
    std::stable_sort(order.begin(), order.end(), [&](Index a, Index b) { return values(i, a) < values(i, b); });
    for (Index c = 0; c < k; ++c) {
      const Index expected = order[static_cast<std::size_t>(c)];
      const std::string place = "(" + std::to_string(i) + ", " + std::to_string(c) + ")";
      if (result.indices(i, c) != expected)
        return "index " + place + " is " + std::to_string(result.indices(i, c)) + ", not " + std::to_string(expected);
      if (result.distances(i, c) != D(i, expected)) return "distance " + place + " is wrong";
    }
  }
  return "";
}

/// The squared distances that decide under the Euclidean metric, as the library defines them.
template <class T>
RowMatrix<T> squares(const RowMatrix<T>& Q, const RowMatrix<T>& X) {
  RowMatrix<T> value(Q.rows(), X.rows());
  for (Index i = 0; i < Q.rows(); ++i)
    for (Index j = 0; j < X.rows(); ++j) {
      T sum = 0;
      for (Index l = 0; l < X.cols(); ++l) {
        const volatile T difference = Q(i, l) - X(j, l), square = difference * difference;
        sum += square;
      }
      value(i, j) = sum;
    }
  return value;
}

TEST(NearestNeighbors, TheVerifierTellsWrongAnswers) {
  RowMatrix<double> X(4, 1);
  X << 0, 1, 2, 4;
  const RowMatrix<double> D = pairwise_distances(X, X);
  auto result = nearest_neighbors(X, 2);
  EXPECT_EQ(neighbors_error(D, D, result, true), "");
  std::swap(result.indices(1, 0), result.indices(1, 1));  // 0 and 2 are equally far
  EXPECT_NE(neighbors_error(D, D, result, true), "");
  result = nearest_neighbors(X, 2);
  result.indices(3, 1) = 0;
  EXPECT_NE(neighbors_error(D, D, result, true), "");
  result = nearest_neighbors(X, 2);
  result.distances(3, 1) += 1;
  EXPECT_NE(neighbors_error(D, D, result, true), "");
  EXPECT_NE(neighbors_error(D, D, nearest_neighbors(X, X, 2), true), "");
}

TEST(NearestNeighbors, AreThoseOfTheDefinition) {
  for_each_scalar([](auto scalar) {
    using T = decltype(scalar);
    for (std::uint64_t seed = 0; seed < instances; ++seed) {
      Random random(seed, {3});
      const Index n = 2 + random.below(seed % 8 == 0 ? 300 : 80), m = 1 + random.below(60), d = 1 + random.below(6);
      const RowMatrix<T> X = random_rows<T>(random, seed, n, d), Q = random_rows<T>(random, seed, m, d);
      const Index k = 1 + random.below(std::min<Index>(n - 1, 12));
      for (const Metric metric : {Metric::euclidean, Metric::manhattan, Metric::chebyshev}) {
        const RowMatrix<T> D = pairwise_distances(X, X, metric), E = pairwise_distances(Q, X, metric);
        const bool has_roots = metric == Metric::euclidean;
        for (const NeighborSearch search : all_searches) {
          SCOPED_TRACE(std::to_string(seed) + ", search " + std::to_string(static_cast<int>(search)));
          const NeighborOptions options{.metric = metric, .search = search, .execution = {.threads = 1}};
          ASSERT_EQ(neighbors_error(D, has_roots ? squares(X, X) : D, nearest_neighbors(X, k, options), true), "");
          ASSERT_EQ(neighbors_error(E, has_roots ? squares(Q, X) : E, nearest_neighbors(X, Q, k, options), false), "");
        }
      }
    }
  });
}

TEST(NearestNeighbors, EveryMetricByBruteForce) {
  Random random(2);
  const RowMatrix<double> X = normal_matrix<double>(random, 60, 2).cwiseAbs();
  for (const Metric metric : {Metric::minkowski(3), Metric::minkowski(2.5), Metric::canberra, Metric::bray_curtis,
                              Metric::cosine, Metric::correlation, Metric::hamming, Metric::jaccard}) {
    SCOPED_TRACE(static_cast<int>(metric.kind()));
    const RowMatrix<double> D = pairwise_distances(X, X, metric);
    EXPECT_EQ(neighbors_error(D, D, nearest_neighbors(X, 5, {.metric = metric}), true), "");
    EXPECT_EQ(neighbors_error(D, D, nearest_neighbors(X, X, 5, {.metric = metric}), false), "");
  }
}

TEST(NearestNeighbors, OnABallTree) {
  for_each_scalar([](auto scalar) {
    using T = decltype(scalar);
    for (std::uint64_t seed = 0; seed < instances; ++seed) {
      Random random(seed, {4});
      const Index n = 2 + random.below(seed % 8 == 0 ? 400 : 80), m = 1 + random.below(60), d = 1 + random.below(5);
      const RowMatrix<T> X = random_rows<T>(random, seed, n, d), Q = random_rows<T>(random, seed, m, d);
      const Index k = 1 + random.below(std::min<Index>(n - 1, 12));
      for (const Metric metric : {Metric::manhattan, Metric::chebyshev, Metric::minkowski(3), Metric::canberra,
                                  Metric::hamming, Metric::jaccard}) {
        SCOPED_TRACE(std::to_string(seed) + ", metric " + std::to_string(static_cast<int>(metric.kind())));
        const NeighborOptions brute{.metric = metric, .search = NeighborSearch::brute_force},
            ball{.metric = metric, .search = NeighborSearch::ball_tree};
        expect_same(nearest_neighbors(X, k, ball), nearest_neighbors(X, k, brute));
        expect_same(nearest_neighbors(X, Q, k, ball), nearest_neighbors(X, Q, k, brute));
      }
    }
  });
}

TEST(NearestNeighbors, ABallTreeAsksForFewDistances) {
  const Index n = 4000;
  Random random(5);
  std::vector<double> place(static_cast<std::size_t>(n));
  for (double& of : place) of = random.normal();
  std::atomic<Index> asked = 0;
  const auto objects = dissimilarity(n, [&](Index i, Index j) {
    ++asked;
    return std::abs(place[static_cast<std::size_t>(i)] - place[static_cast<std::size_t>(j)]);
  });
  const auto expected = nearest_neighbors(objects, 3);
  EXPECT_GE(asked, n * (n - 1));
  asked = 0;
  expect_same(nearest_neighbors(objects, 3, {.search = NeighborSearch::ball_tree}), expected);
  EXPECT_LT(asked, n * 150);
}

TEST(NearestNeighbors, OnTheEarth) {
  Random random(3);
  RowMatrix<double> X(500, 2);
  for (Index i = 0; i < X.rows(); ++i) X.row(i) << 89 - 178 * random.uniform(), 720 * random.uniform() - 180;
  X.row(7) = X.row(400);
  const RowMatrix<double> Q = X.topRows(90).array() + 0.5, D = pairwise_distances(X, X, Metric::haversine),
                          E = pairwise_distances(Q, X, Metric::haversine);
  for (const NeighborSearch search : all_searches) {
    const NeighborOptions options{.metric = Metric::haversine, .search = search};
    EXPECT_EQ(neighbors_error(D, D, nearest_neighbors(X, 6, options), true), "");
    EXPECT_EQ(neighbors_error(E, E, nearest_neighbors(X, Q, 6, options), false), "");
  }
  const RowMatrix<float> Y = X.cast<float>();
  const RowMatrix<float> F = pairwise_distances(Y, Y, Metric::haversine);
  EXPECT_EQ(neighbors_error(F, F, nearest_neighbors(Y, 6, {.metric = Metric::haversine}), true), "");
}

TEST(NearestNeighbors, AreTheSameInEveryForm) {
  for_each_scalar([](auto scalar) {
    using T = decltype(scalar);
    Random random(4);
    const RowMatrix<T> X = grid_matrix<T>(random, 700, 3, 5), Q = grid_matrix<T>(random, 130, 3, 6);
    const auto expected = nearest_neighbors(X, 6, {.search = NeighborSearch::brute_force, .execution = {.threads = 1}});
    const auto of_others =
        nearest_neighbors(X, Q, 6, {.search = NeighborSearch::brute_force, .execution = {.threads = 1}});
    for (const NeighborSearch search : all_searches)
      for (const int threads : {1, 2, 5}) {
        const NeighborOptions options{.search = search, .execution = {.threads = threads}};
        for_each_layout(X, [&](const auto& layout) {
          expect_same(nearest_neighbors(layout, 6, options), expected);
          expect_same(nearest_neighbors(layout, Q, 6, options), of_others);
        });
      }
    const auto manhattan = [](std::span<const T> x, std::span<const T> y) {
      return std::abs(x[0] - y[0]) + std::abs(x[1] - y[1]) + std::abs(x[2] - y[2]);
    };
    const NeighborOptions by_manhattan{.metric = Metric::manhattan};
    expect_same(nearest_neighbors(X, 6, manhattan), nearest_neighbors(X, 6, by_manhattan));
    expect_same(nearest_neighbors(X, Q, 6, manhattan), nearest_neighbors(X, Q, 6, by_manhattan));
    const RowMatrix<T> D = pairwise_distances(X, X, Metric::manhattan);
    expect_same(nearest_neighbors(DistanceMatrix(D), 6), nearest_neighbors(X, 6, by_manhattan));
    expect_same(nearest_neighbors(dissimilarity(D.rows(), [&](Index i, Index j) { return D(i, j); }), 6),
                nearest_neighbors(X, 6, by_manhattan));
  });
}

TEST(NearestNeighbors, OfAMatrixThatIsNotSymmetric) {
  RowMatrix<double> D(3, 3);
  D << 0, 1, 2,  //
      5, 0, 4,   //
      1, 1, 0;
  const auto result = nearest_neighbors(DistanceMatrix(D), 2);
  EXPECT_EQ(result.indices, (RowMatrix<std::int32_t>(3, 2) << 1, 2, 2, 0, 0, 1).finished());
  EXPECT_EQ(result.distances, (RowMatrix<double>(3, 2) << 1, 2, 4, 5, 1, 1).finished());
}

TEST(NearestNeighbors, ManyDuplicatesTakeNoLonger) {
  // All pairs of equal rows would be 10^10.
  const Index n = 100'000;
  const auto result = nearest_neighbors(RowMatrix<float>::Constant(n, 2, 3.5f), 4);
  for (Index i = 0; i < n; ++i)
    for (Index c = 0; c < 4; ++c) {
      ASSERT_EQ(result.indices(i, c), c < i ? c : c + 1);
      ASSERT_EQ(result.distances(i, c), 0);
    }
}

TEST(NearestNeighbors, ADenseLineAndFarPoints) {
  RowMatrix<double> X(5000, 3);
  for (Index i = 0; i < X.rows(); ++i) X.row(i) << static_cast<double>(i) * 1e-3, 0, 0;
  X.row(17) << 1e8, 1e8, 1e8;
  X.row(18) << -1e8, 1e8, 0;
  expect_same(nearest_neighbors(X, 7, {.search = NeighborSearch::kd_tree}),
              nearest_neighbors(X, 7, {.search = NeighborSearch::brute_force}));
}

TEST(NearestNeighbors, FewRows) {
  RowMatrix<double> X(2, 1);
  X << 3, 3;
  for (const NeighborSearch search : all_searches) {
    const auto result = nearest_neighbors(X, 1, {.search = search});
    EXPECT_EQ(result.indices, (RowMatrix<std::int32_t>(2, 1) << 1, 0).finished());
    const auto one = nearest_neighbors(X.topRows(1), X, 1, {.search = search});
    EXPECT_EQ(one.indices, (RowMatrix<std::int32_t>(2, 1) << 0, 0).finished());
    const auto none = nearest_neighbors(X, X.topRows(0), 2, {.search = search});
    EXPECT_EQ(none.indices.rows(), 0);
  }
}

TEST(NearestNeighbors, StopsWhenAskedAndKeepsToItsMemory) {
  Random random(6);
  const RowMatrix<double> X = normal_matrix<double>(random, 4000, 2);
  for (const NeighborSearch search : all_searches) {
    NeighborOptions options{.search = search};
    int calls = 0;
    options.execution.on_progress = [&](const Progress& progress) {
      EXPECT_EQ(progress.stage, "neighbors");
      EXPECT_EQ(progress.step, ++calls);
      return true;
    };
    expect_same(nearest_neighbors(X, 3, options), nearest_neighbors(X, 3));
    EXPECT_GT(calls, 1);
    options.execution.on_progress = [&](const Progress&) { return false; };
    EXPECT_THROW(nearest_neighbors(X, 3, options), Cancelled);
    EXPECT_THROW(nearest_neighbors(X, 3, {.search = search, .execution = {.memory_limit = 100'000}}),
                 MemoryLimitExceeded);
  }
}

TEST(NearestNeighbors, TellsWhatIsWrong) {
  RowMatrix<double> X = RowMatrix<double>::Zero(4, 2);
  const auto call = [&](Index k, const NeighborOptions& options = {}) {
    return [=] { nearest_neighbors(X, k, options); };
  };
  expect_message(call(0), "corymb::nearest_neighbors: k = 0 must be in [1, n - 1 = 3]");
  expect_message(call(4), "corymb::nearest_neighbors: k = 4 must be in [1, n - 1 = 3]");
  expect_message([&] { nearest_neighbors(X, X, 5); }, "corymb::nearest_neighbors: k = 5 must be in [1, n = 4]");
  expect_message(call(1, {.metric = Metric::canberra, .search = NeighborSearch::kd_tree}),
                 "corymb::nearest_neighbors: search = kd_tree needs the metric euclidean, manhattan or chebyshev, or "
                 "haversine on data in double");
  expect_message(call(1, {.execution = {.threads = -1}}),
                 "corymb::nearest_neighbors: execution.threads = -1 must be in [0, 1024] (0 = all)");
  const auto f = [](std::span<const double>, std::span<const double>) { return 1.0; };
  expect_message([&] { nearest_neighbors(X, 1, f, {.metric = Metric::euclidean}); },
                 "corymb::nearest_neighbors: metric must be empty: the distances are those of the callable");
  expect_message([&] { nearest_neighbors(X, 1, f, {.search = NeighborSearch::kd_tree}); },
                 "corymb::nearest_neighbors: search = kd_tree needs the metric euclidean, manhattan or chebyshev, or "
                 "haversine on data in double");
  expect_message([&] { nearest_neighbors(X, RowMatrix<double>(2, 3), 1); },
                 "corymb::nearest_neighbors: X has 2 columns, Q has 3; they must agree");
  expect_message([&] { nearest_neighbors(RowMatrix<double>(3, 0), 1); },
                 "corymb::nearest_neighbors: X has 0 columns; at least 1 is needed");
  RowMatrix<double> D = RowMatrix<double>::Ones(3, 3);
  expect_message([&] { nearest_neighbors(DistanceMatrix(D), 1); },
                 "corymb::nearest_neighbors: D(0, 0) = 1 must be 0: it is the distance of an object to itself");
  X(2, 1) = std::numeric_limits<double>::quiet_NaN();
  expect_message(call(1), "corymb::nearest_neighbors: X(2, 1) = nan must be finite");
  expect_message([&] { nearest_neighbors(RowMatrix<double>::Zero(3, 2), X, 1); },
                 "corymb::nearest_neighbors: Q(2, 1) = nan must be finite");
}

}  // namespace
}  // namespace nearest_neighbors_test
