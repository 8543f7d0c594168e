#include <corymb/core/errors.hpp>
#include <corymb/core/union_find.hpp>
#include <corymb/distance/pairwise.hpp>
#include <corymb/graph/minimum_spanning_tree.hpp>
#include <corymb/neighbors/nearest_neighbors.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <string>
#include <tuple>
#include <vector>

#include "support/matrices.hpp"
#include "support/message_of.hpp"
#include "support/verify_spanning_tree.hpp"

namespace minimum_spanning_tree_test {
namespace {

using namespace corymb;
using namespace corymb_test;
using verify::spanning_tree_error;

const SpanningTreeAlgorithm all_algorithms[] = {SpanningTreeAlgorithm::automatic, SpanningTreeAlgorithm::boruvka,
                                                SpanningTreeAlgorithm::prim};

/// The weights of all edges by the definition.
template <class T>
RowMatrix<double> weights(const RowMatrix<T>& D, const Vector& core = {}, double alpha = 1) {
  RowMatrix<double> W(D.rows(), D.cols());
  for (Index i = 0; i < W.rows(); ++i)
    for (Index j = 0; j < W.cols(); ++j) {
      W(i, j) = static_cast<double>(std::min(D(i, j), D(j, i))) / alpha;
      if (core.size() > 0) W(i, j) = std::max({W(i, j), core[i], core[j]});
    }
  return W;
}

/// The tree that Kruskal's algorithm finds when edges are ordered by weight, distance and rows.
template <class T>
std::vector<Edge> tree_of_ordered_edges(const RowMatrix<double>& W, const RowMatrix<T>& D) {
  std::vector<Edge> edges;
  for (std::int32_t i = 0; i < W.rows(); ++i)
    for (std::int32_t j = i + 1; j < W.cols(); ++j) edges.push_back({i, j, W(i, j)});
  std::sort(edges.begin(), edges.end(), [&](const Edge& x, const Edge& y) {
    return std::tuple(x.weight, D(x.a, x.b), x.a, x.b) < std::tuple(y.weight, D(y.a, y.b), y.a, y.b);
  });
  UnionFind sets(W.rows());
  std::erase_if(edges, [&](const Edge& edge) { return !sets.unite(edge.a, edge.b); });
  std::sort(edges.begin(), edges.end(),
            [](const Edge& x, const Edge& y) { return std::tie(x.weight, x.a, x.b) < std::tie(y.weight, y.a, y.b); });
  return edges;
}

template <class T>
Vector core_distances(const RowMatrix<T>& X, Index k, Metric metric) {
  if (k == 0) return Vector::Zero(X.rows());
  return nearest_neighbors(X, k, {.metric = metric}).distances.col(k - 1).template cast<double>();
}

TEST(MinimumSpanningTree, TheVerifierTellsWrongAnswers) {
  RowMatrix<double> X(5, 1);
  X << 0, 1, 3, 3, 7;
  const RowMatrix<double> W = pairwise_distances(X, X);
  const std::vector<Edge> right = {{2, 3, 0}, {0, 1, 1}, {1, 2, 2}, {2, 4, 4}};
  EXPECT_EQ(spanning_tree_error(W, right), "");
  const std::vector<Edge> wrong[] = {
      {{2, 3, 0}, {0, 1, 1}, {1, 2, 2}},
      {{2, 3, 0}, {0, 1, 1}, {1, 2, 2}, {2, 4, 3}},
      {{2, 3, 0}, {1, 2, 2}, {0, 1, 1}, {2, 4, 4}},
      {{2, 3, 0}, {0, 1, 1}, {1, 2, 2}, {1, 3, 2}},
      {{2, 3, 0}, {0, 1, 1}, {0, 2, 3}, {2, 4, 4}},
      {{2, 3, 0}, {0, 1, 1}, {1, 2, 2}, {4, 2, 4}},
      {{0, 1, 1}, {1, 2, 2}, {1, 3, 2}, {2, 4, 4}},
  };
  for (const auto& edges : wrong) EXPECT_NE(spanning_tree_error(W, edges), "");
}

TEST(MinimumSpanningTree, IsThatOfTheDefinition) {
  for_each_scalar([](auto scalar) {
    using T = decltype(scalar);
    for (std::uint64_t seed = 0; seed < instances; ++seed) {
      Random random(seed, {31});
      const Index n = 2 + random.below(seed % 8 == 0 ? 120 : 50), d = 1 + random.below(5);
      const RowMatrix<T> X = random_rows<T>(random, seed, n, d);
      for (const Metric metric : {Metric::euclidean, Metric::manhattan, Metric::chebyshev}) {
        const RowMatrix<T> D = pairwise_distances(X, X, metric);
        const RowMatrix<double> W = weights(D);
        std::vector<Edge> first;
        for (const SpanningTreeAlgorithm algorithm : all_algorithms) {
          SCOPED_TRACE(std::to_string(seed) + ", algorithm " + std::to_string(static_cast<int>(algorithm)));
          const auto edges = minimum_spanning_tree(X, {.metric = metric, .algorithm = algorithm});
          ASSERT_EQ(spanning_tree_error(W, edges), "");
          if (first.empty()) first = edges;
          ASSERT_EQ(edges, first);
        }
      }
    }
  });
}

TEST(MinimumSpanningTree, OfMutualReachabilityIsThatOfTheDefinition) {
  for_each_scalar([](auto scalar) {
    using T = decltype(scalar);
    for (std::uint64_t seed = 0; seed < instances; ++seed) {
      Random random(seed, {32});
      const Index n = 2 + random.below(seed % 8 == 0 ? 120 : 50), d = 1 + random.below(5);
      const RowMatrix<T> X = random_rows<T>(random, seed, n, d);
      const double alpha = seed % 3 == 0 ? 0.7 : seed % 3 == 1 ? 1 : 1.3;
      const Metric metric = seed % 4 == 0 ? Metric::manhattan : Metric::euclidean;
      Vector core = core_distances(X, random.below(std::min<Index>(n - 1, 12) + 1), metric);
      if (seed % 5 == 1)
        for (double& of : core) of = static_cast<double>(random.below(4)) / 2;
      const RowMatrix<T> D = pairwise_distances(X, X, metric);
      const RowMatrix<double> W = weights(D, core, alpha);
      std::vector<Edge> first;
      for (const SpanningTreeAlgorithm algorithm : all_algorithms) {
        SCOPED_TRACE(std::to_string(seed) + ", algorithm " + std::to_string(static_cast<int>(algorithm)));
        const auto edges = minimum_spanning_tree(
            X, {.metric = metric, .algorithm = algorithm, .core_distances = core, .alpha = alpha});
        ASSERT_EQ(spanning_tree_error(W, edges), "");
        if (first.empty()) first = edges;
        ASSERT_EQ(edges, first);
      }
    }
  });
}

TEST(MinimumSpanningTree, OfEqualWeightsNearerAndLowerRowsComeFirst) {
  // Distances of whole numbers, whose squares are whole too: nothing is rounded.
  for (std::uint64_t seed = 0; seed < instances; ++seed) {
    Random random(seed, {33});
    const Index n = 2 + random.below(seed % 8 == 0 ? 200 : 50);
    const RowMatrix<double> X = grid_matrix<double>(random, n, 1 + random.below(3), 1 + random.below(4));
    const RowMatrix<double> D = pairwise_distances(X, X);
    for (const Index k : {Index{0}, Index{1}, Index{4}}) {
      const Vector core = k == 0 ? Vector() : core_distances(X, std::min(k, n - 1), Metric::euclidean);
      const auto expected = tree_of_ordered_edges(weights(D, core), D);
      for (const SpanningTreeAlgorithm algorithm : all_algorithms)
        ASSERT_EQ(minimum_spanning_tree(X, {.algorithm = algorithm, .core_distances = core}), expected) << seed;
    }
  }
}

TEST(MinimumSpanningTree, IsTheSameInEveryForm) {
  for_each_scalar([](auto scalar) {
    using T = decltype(scalar);
    Random random(5);
    const RowMatrix<T> X = random_rows<T>(random, 1, 800, 3);
    const Vector core = core_distances(X, 5, Metric::euclidean);
    const auto plain = minimum_spanning_tree(X, {.execution = {.threads = 1}});
    const auto reaching = minimum_spanning_tree(X, {.core_distances = core, .execution = {.threads = 1}});
    for (const SpanningTreeAlgorithm algorithm : all_algorithms)
      for (const int threads : {1, 2, 5})
        for_each_layout(X, [&](const auto& layout) {
          const Execution execution{.threads = threads};
          EXPECT_EQ(minimum_spanning_tree(layout, {.algorithm = algorithm, .execution = execution}), plain);
          EXPECT_EQ(
              minimum_spanning_tree(layout, {.algorithm = algorithm, .core_distances = core, .execution = execution}),
              reaching);
        });
    const RowMatrix<T> few = X.topRows(500);
    const RowMatrix<T> D = pairwise_distances(few, few, Metric::manhattan);
    const auto manhattan = [](std::span<const T> x, std::span<const T> y) {
      T sum = 0;
      for (std::size_t j = 0; j < x.size(); ++j) sum += std::abs(x[j] - y[j]);
      return sum;
    };
    const auto expected = minimum_spanning_tree(few, {.metric = Metric::manhattan});
    EXPECT_EQ(minimum_spanning_tree(few, manhattan), expected);
    EXPECT_EQ(minimum_spanning_tree(DistanceMatrix(D)), expected);
    EXPECT_EQ(minimum_spanning_tree(dissimilarity(500, [&](Index i, Index j) { return D(i, j); })), expected);
    Eigen::SparseMatrix<T, Eigen::RowMajor> G = D.sparseView();
    EXPECT_EQ(minimum_spanning_tree(G), expected);
  });
}

TEST(MinimumSpanningTree, EveryMetricByPrim) {
  Random random(2);
  const RowMatrix<double> X = normal_matrix<double>(random, 120, 2).cwiseAbs();
  for (const Metric metric :
       {Metric::minkowski(3), Metric::minkowski(2.5), Metric::canberra, Metric::bray_curtis, Metric::cosine,
        Metric::correlation, Metric::hamming, Metric::jaccard, Metric::haversine}) {
    SCOPED_TRACE(static_cast<int>(metric.kind()));
    const RowMatrix<double> W = weights(RowMatrix<double>(pairwise_distances(X, X, metric)));
    EXPECT_EQ(spanning_tree_error(W, minimum_spanning_tree(X, {.metric = metric})), "");
  }
}

TEST(MinimumSpanningTree, InManyColumns) {
  for_each_scalar([](auto scalar) {
    using T = decltype(scalar);
    for (std::uint64_t seed = 0; seed < instances / 10; ++seed) {
      Random random(seed, {35});
      const Index n = 256 + random.below(700), d = 17 + random.below(60);
      RowMatrix<T> X = random_rows<T>(random, seed, n, d);
      if (seed % 4 == 1)
        for (Index i = 0; i < n; ++i) X.row(i).array() += static_cast<T>(3 * (i % 5));  // clusters
      if (seed % 4 == 2) X.rightCols(d - 2).setZero();
      const Vector core = core_distances(X, random.below(12), Metric::euclidean);
      for (const Vector& of_rows : {Vector(), core}) {
        const SpanningTreeOptions prim{.algorithm = SpanningTreeAlgorithm::prim, .core_distances = of_rows};
        const auto expected = minimum_spanning_tree(X, prim);
        for (const int threads : {1, 3})
          ASSERT_EQ(minimum_spanning_tree(X, {.core_distances = of_rows, .execution = {.threads = threads}}), expected)
              << seed;
      }
    }
  });
}

TEST(MinimumSpanningTree, OnABallTree) {
  for_each_scalar([](auto scalar) {
    using T = decltype(scalar);
    for (std::uint64_t seed = 0; seed < instances / 2; ++seed) {
      Random random(seed, {34});
      const Index n = 2 + random.below(seed % 8 == 0 ? 300 : 60), d = 1 + random.below(4);
      const RowMatrix<T> X = random_rows<T>(random, seed, n, d);
      const Metric metric = seed % 3 == 0 ? Metric::minkowski(3) : seed % 3 == 1 ? Metric::canberra : Metric::hamming;
      const Vector core = core_distances(X, random.below(std::min<Index>(n - 1, 6) + 1), metric);
      const SpanningTreeOptions prim{
          .metric = metric, .algorithm = SpanningTreeAlgorithm::prim, .core_distances = core};
      SpanningTreeOptions boruvka = prim;
      boruvka.algorithm = SpanningTreeAlgorithm::boruvka;
      ASSERT_EQ(minimum_spanning_tree(X, boruvka), minimum_spanning_tree(X, prim)) << seed;
      const auto manhattan = [](std::span<const T> x, std::span<const T> y) {
        T sum = 0;
        for (std::size_t j = 0; j < x.size(); ++j) sum += std::abs(x[j] - y[j]);
        return sum;
      };
      const auto expected = minimum_spanning_tree(X, {.metric = Metric::manhattan});
      ASSERT_EQ(minimum_spanning_tree(X, manhattan, {.algorithm = SpanningTreeAlgorithm::boruvka}), expected) << seed;
      const auto objects = dissimilarity(n, [&](Index i, Index j) {
        return manhattan({X.row(i).data(), static_cast<std::size_t>(d)},
                         {X.row(j).data(), static_cast<std::size_t>(d)});
      });
      ASSERT_EQ(minimum_spanning_tree(objects, {.algorithm = SpanningTreeAlgorithm::boruvka}), expected) << seed;
    }
  });
}

TEST(MinimumSpanningTree, OfAMatrixThatIsNotSymmetric) {
  RowMatrix<double> D(3, 3);
  D << 0, 1, 2,  //
      5, 0, 4,   //
      1, 3, 0;
  const std::vector<Edge> expected = {{0, 1, 1}, {0, 2, 1}};
  EXPECT_EQ(minimum_spanning_tree(DistanceMatrix(D)), expected);
  const auto f = [&](std::span<const double> x, std::span<const double> y) {
    return D(static_cast<Index>(x[0]), static_cast<Index>(y[0]));
  };
  EXPECT_EQ(minimum_spanning_tree(RowMatrix<double>(Vector::LinSpaced(3, 0, 2)), f), expected);
}

TEST(MinimumSpanningTree, ManyDuplicatesTakeNoLonger) {
  // All pairs of equal rows would be 10^10.
  const Index n = 100'000;
  RowMatrix<float> X = RowMatrix<float>::Constant(n, 2, 3.5f);
  const auto equal = minimum_spanning_tree(X);
  for (std::size_t e = 0; e < equal.size(); ++e) ASSERT_EQ(equal[e], (Edge{0, static_cast<std::int32_t>(e + 1), 0}));
  X.bottomRows(n / 2).setZero();
  const auto halves = minimum_spanning_tree(X);
  EXPECT_EQ(halves.back(), (Edge{0, n / 2, std::sqrt(2 * 3.5f * 3.5f)}));
  const auto reaching = minimum_spanning_tree(X, {.core_distances = Vector::Constant(n, 7)});
  EXPECT_EQ(reaching.size(), halves.size());
  EXPECT_EQ(reaching.front().weight, 7);
  EXPECT_EQ(reaching.back().weight, 7);
}

TEST(MinimumSpanningTree, ADenseLineAndFarPoints) {
  RowMatrix<double> X(6000, 3);
  for (Index i = 0; i < X.rows(); ++i) X.row(i) << static_cast<double>(i) * 0x1p-10, 0, 0;
  X.row(17) << 1e8, 1e8, 1e8;
  X.row(18) << -1e8, 1e8, 0;
  const auto edges = minimum_spanning_tree(X, {.algorithm = SpanningTreeAlgorithm::boruvka});
  EXPECT_EQ(edges, minimum_spanning_tree(X, {.algorithm = SpanningTreeAlgorithm::prim}));
}

TEST(MinimumSpanningTree, FewRows) {
  RowMatrix<double> X(2, 1);
  X << 3, 1;
  for (const SpanningTreeAlgorithm algorithm : all_algorithms) {
    EXPECT_EQ(minimum_spanning_tree(X.topRows(0), {.algorithm = algorithm}).size(), 0u);
    EXPECT_EQ(minimum_spanning_tree(X.topRows(1), {.algorithm = algorithm}).size(), 0u);
    EXPECT_EQ(minimum_spanning_tree(X, {.algorithm = algorithm}), (std::vector<Edge>{{0, 1, 2}}));
  }
}

TEST(MinimumSpanningTree, OfASparseGraph) {
  Eigen::SparseMatrix<double, Eigen::RowMajor> G(6, 6);
  std::vector<Eigen::Triplet<double>> entries = {{0, 1, 3}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {4, 3, -1}, {5, 5, 9}};
  G.setFromTriplets(entries.begin(), entries.end());
  EXPECT_EQ(minimum_spanning_tree(G), (std::vector<Edge>{{3, 4, -1}, {1, 2, 0}, {0, 2, 1}}));
  G.coeffRef(4, 4) = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(message_of([&] { minimum_spanning_tree(G); }),
            "corymb::minimum_spanning_tree: G(4, 4) = nan must be finite");
  EXPECT_EQ(message_of([&] { minimum_spanning_tree(Eigen::SparseMatrix<double, Eigen::RowMajor>(2, 3)); }),
            "corymb::minimum_spanning_tree: G is 2 x 3; it must be square");
}

TEST(MinimumSpanningTree, RejectsWhatItCannotTake) {
  RowMatrix<double> X = RowMatrix<double>::Random(20, 2);
  const auto message = [&](const SpanningTreeOptions& options) {
    return message_of([&] { minimum_spanning_tree(X, options); });
  };
  EXPECT_EQ(message({.core_distances = Vector::Ones(3)}),
            "corymb::minimum_spanning_tree: core_distances has 3 entries; one per row, n = 20, is needed");
  EXPECT_EQ(message({.core_distances = Vector::Constant(20, -1)}),
            "corymb::minimum_spanning_tree: core_distances(0) = -1 must be finite and ≥ 0");
  EXPECT_EQ(message({.alpha = 0}), "corymb::minimum_spanning_tree: alpha = 0 must be finite and > 0");
  EXPECT_EQ(message({.metric = Metric::cosine, .algorithm = SpanningTreeAlgorithm::boruvka}),
            "corymb::minimum_spanning_tree: algorithm = boruvka needs a metric that obeys the triangle inequality");
  EXPECT_EQ(message({.execution = {.threads = -1}}),
            "corymb::minimum_spanning_tree: execution.threads = -1 must be in [0, 1024] (0 = all)");
  X(3, 1) = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(message({}), "corymb::minimum_spanning_tree: X(3, 1) = nan must be finite");
  X(3, 1) = 0;
  EXPECT_THROW(minimum_spanning_tree(X, {.execution = {.memory_limit = 100}}), MemoryLimitExceeded);
  for (const SpanningTreeAlgorithm algorithm : all_algorithms)
    EXPECT_THROW(minimum_spanning_tree(
                     X, {.algorithm = algorithm, .execution = {.on_progress = [](const Progress&) { return false; }}}),
                 Cancelled);
}

}  // namespace
}  // namespace minimum_spanning_tree_test
