#include <corymb/core/errors.hpp>
#include <corymb/distance/pairwise.hpp>
#include <corymb/neighbors/radius_neighbors.hpp>

#include <gtest/gtest.h>

#include <limits>
#include <string>

#include "support/matrices.hpp"
#include "support/message_of.hpp"
#include "support/neighbor_searches.hpp"

namespace radius_neighbors_test {
namespace {

using namespace corymb;
using namespace corymb_test;

/// What is wrong with a graph of neighbours for the distances D; "" = nothing.
template <class T>
std::string graph_error(const RowMatrix<T>& D, double radius, const RadiusNeighbors<T>& graph,
                        const NeighborCounts& counts, bool others) {
  if (graph.rows() != D.rows() || graph.cols() != D.cols() || !graph.isCompressed()) return "shape";
  if (counts.size() != D.rows()) return "number of counts";
  for (Index i = 0; i < D.rows(); ++i) {
    typename RadiusNeighbors<T>::InnerIterator entry(graph, i);
    Index count = 0;
    for (Index j = 0; j < D.cols(); ++j) {
      if (static_cast<double>(D(i, j)) > radius || (others && i == j)) continue;
      ++count;
      const std::string place = "(" + std::to_string(i) + ", " + std::to_string(j) + ")";
      if (!entry || entry.col() != j) return place + " is missing";
      if (entry.value() != D(i, j)) return place + " is wrong";
      ++entry;
    }
    if (entry) return "row " + std::to_string(i) + " has more than its neighbours";
    if (counts[i] != count) return "count " + std::to_string(i);
  }
  return "";
}

TEST(RadiusNeighbors, TheVerifierTellsWrongAnswers) {
  RowMatrix<double> X(4, 1);
  X << 0, 1, 2, 4;
  const RowMatrix<double> D = pairwise_distances(X, X);
  const NeighborCounts counts = count_neighbors(X, 2);
  auto graph = radius_neighbors(X, 2);
  EXPECT_EQ(graph_error(D, 2, graph, counts, true), "");
  EXPECT_NE(graph_error(D, 1, graph, counts, true), "");
  EXPECT_NE(graph_error(D, 2, graph, counts, false), "");
  EXPECT_NE(graph_error(D, 2, graph, NeighborCounts(counts.array() + 1), true), "");
  graph.coeffRef(0, 1) = 2;
  EXPECT_NE(graph_error(D, 2, graph, counts, true), "");
}

TEST(RadiusNeighbors, AreThoseOfTheDefinition) {
  for_each_scalar([](auto scalar) {
    using T = decltype(scalar);
    for (std::uint64_t seed = 0; seed < instances; ++seed) {
      Random random(seed, {61});
      const Index n = 1 + random.below(seed % 8 == 0 ? 300 : 70), m = 1 + random.below(60), d = 1 + random.below(5);
      const RowMatrix<T> X = random_rows<T>(random, seed, n, d), Q = random_rows<T>(random, seed, m, d);
      for (const Metric metric : {Metric::euclidean, Metric::manhattan, Metric::chebyshev}) {
        const RowMatrix<T> D = pairwise_distances(X, X, metric), E = pairwise_distances(Q, X, metric);
        const double radius = static_cast<double>(D(random.below(n), random.below(n)));  // a tie with some pair
        for (const NeighborSearch search : all_searches) {
          SCOPED_TRACE(std::to_string(seed) + ", search " + std::to_string(static_cast<int>(search)));
          const NeighborOptions options{.metric = metric, .search = search, .execution = {.threads = 1}};
          ASSERT_EQ(
              graph_error(D, radius, radius_neighbors(X, radius, options), count_neighbors(X, radius, options), true),
              "");
          ASSERT_EQ(graph_error(E, radius, radius_neighbors(X, Q, radius, options),
                                count_neighbors(X, Q, radius, options), false),
                    "");
        }
      }
    }
  });
}

TEST(RadiusNeighbors, AreTheSameInEveryForm) {
  for_each_scalar([](auto scalar) {
    using T = decltype(scalar);
    Random random(6);
    const RowMatrix<T> X = grid_matrix<T>(random, 700, 3, 6);
    const RowMatrix<T> D = pairwise_distances(X, X, Metric::manhattan);
    for (const NeighborSearch search : all_searches)
      for (const int threads : {1, 2, 5}) {
        const NeighborOptions options{.metric = Metric::manhattan, .search = search, .execution = {.threads = threads}};
        for_each_layout(X, [&](const auto& layout) {
          EXPECT_EQ(graph_error(D, 3, radius_neighbors(layout, 3, options), count_neighbors(layout, 3, options), true),
                    "");
        });
      }
    const auto manhattan = [](std::span<const T> x, std::span<const T> y) {
      return std::abs(x[0] - y[0]) + std::abs(x[1] - y[1]) + std::abs(x[2] - y[2]);
    };
    const auto objects = dissimilarity(D.rows(), [&](Index i, Index j) { return D(i, j); });
    EXPECT_EQ(graph_error(D, 3, radius_neighbors(X, 3, manhattan), count_neighbors(X, 3, manhattan), true), "");
    EXPECT_EQ(graph_error(D, 3, radius_neighbors(DistanceMatrix(D), 3), count_neighbors(DistanceMatrix(D), 3), true),
              "");
    EXPECT_EQ(graph_error(D, 3, radius_neighbors(objects, 3), count_neighbors(objects, 3), true), "");
  });
}

TEST(RadiusNeighbors, OnTheEarth) {
  Random random(8);
  RowMatrix<double> X(400, 2);
  for (Index i = 0; i < X.rows(); ++i) X.row(i) << 89 - 178 * random.uniform(), 360 * random.uniform() - 180;
  const RowMatrix<double> D = pairwise_distances(X, X, Metric::haversine);
  for (const NeighborSearch search : all_searches)
    for (const double radius : {0.0, 900.0, 9000.0, 20100.0}) {
      const NeighborOptions options{.metric = Metric::haversine, .search = search};
      EXPECT_EQ(graph_error(D, radius, radius_neighbors(X, radius, options), count_neighbors(X, radius, options), true),
                "");
    }
  const RowMatrix<float> Y = X.cast<float>();
  const RowMatrix<float> E = pairwise_distances(Y, Y, Metric::haversine);
  EXPECT_EQ(graph_error(E, 900, radius_neighbors(Y, 900, {.metric = Metric::haversine}),
                        count_neighbors(Y, 900, {.metric = Metric::haversine}), true),
            "");
}

TEST(RadiusNeighbors, OnABallTree) {
  for (std::uint64_t seed = 0; seed < instances; ++seed) {
    Random random(seed, {62});
    const Index n = 1 + random.below(300);
    const RowMatrix<double> X = random_rows<double>(random, seed, n, 2), Q = random_rows<double>(random, seed, 50, 2);
    for (const Metric metric : {Metric::minkowski(2.5), Metric::canberra, Metric::jaccard}) {
      const RowMatrix<double> D = pairwise_distances(X, X, metric), E = pairwise_distances(Q, X, metric);
      const double radius = D(random.below(n), random.below(n));
      const NeighborOptions options{.metric = metric, .search = NeighborSearch::ball_tree};
      ASSERT_EQ(graph_error(D, radius, radius_neighbors(X, radius, options), count_neighbors(X, radius, options), true),
                "");
      ASSERT_EQ(graph_error(E, radius, radius_neighbors(X, Q, radius, options), count_neighbors(X, Q, radius, options),
                            false),
                "");
    }
  }
}

TEST(RadiusNeighbors, NoRows) {
  const RowMatrix<double> none(0, 2), one = RowMatrix<double>::Zero(1, 2);
  for (const NeighborSearch search : all_searches) {
    EXPECT_EQ(radius_neighbors(none, 1, {.search = search}).rows(), 0);
    EXPECT_EQ(radius_neighbors(one, 1, {.search = search}).nonZeros(), 0);
    EXPECT_EQ(count_neighbors(none, one, 1, {.search = search})[0], 0);
    EXPECT_EQ(count_neighbors(one, none, 1, {.search = search}).size(), 0);
    EXPECT_EQ(radius_neighbors(one, one, 0, {.search = search}).nonZeros(), 1);
  }
  const NeighborOptions ball{.metric = Metric::manhattan, .search = NeighborSearch::ball_tree};
  EXPECT_EQ(radius_neighbors(none, 1, ball).rows(), 0);
  EXPECT_EQ(count_neighbors(none, one, 1, ball)[0], 0);
  EXPECT_EQ(count_neighbors(one, none, 1, ball).size(), 0);
}

TEST(RadiusNeighbors, RejectsWhatItCannotTake) {
  RowMatrix<double> X = RowMatrix<double>::Random(20, 2);
  EXPECT_EQ(message_of([&] { radius_neighbors(X, -1); }),
            "corymb::radius_neighbors: radius = -1 must be finite and ≥ 0");
  EXPECT_EQ(message_of([&] { count_neighbors(X, std::numeric_limits<double>::infinity()); }),
            "corymb::count_neighbors: radius = inf must be finite and ≥ 0");
  EXPECT_EQ(
      message_of([&] { count_neighbors(X, 1, {.metric = Metric::cosine, .search = NeighborSearch::kd_tree}); }),
      "corymb::count_neighbors: search = kd_tree needs the metric euclidean, manhattan or chebyshev, or haversine "
      "on data in double");
  EXPECT_EQ(message_of([&] { radius_neighbors(X, X.leftCols(1), 1); }),
            "corymb::radius_neighbors: X has 2 columns, Q has 1; they must agree");
  EXPECT_THROW(radius_neighbors(X, 9, {.execution = {.memory_limit = 2000}}), MemoryLimitExceeded);
  EXPECT_THROW(radius_neighbors(X, 9, {.execution = {.on_progress = [](const Progress&) { return false; }}}),
               Cancelled);
  X(3, 1) = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(message_of([&] { radius_neighbors(X, 1); }), "corymb::radius_neighbors: X(3, 1) = nan must be finite");
}

}  // namespace
}  // namespace radius_neighbors_test
