#include <corymb/core/errors.hpp>
#include <corymb/distance/pairwise.hpp>
#include <corymb/hierarchy/agglomerative.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <string>
#include <tuple>
#include <vector>

#include "support/matrices.hpp"
#include "support/verify_dendrogram.hpp"

namespace agglomerative_test {
namespace {

using namespace corymb;
using namespace corymb_test;

constexpr Linkage linkages[] = {Linkage::single, Linkage::complete, Linkage::average, Linkage::weighted, Linkage::ward};

const char* name_of(Linkage linkage) {
  constexpr const char* names[] = {"single", "complete", "average", "weighted", "ward"};
  return names[static_cast<int>(linkage)];
}

::testing::AssertionResult same_tree(const Dendrogram& actual, const Dendrogram& expected) {
  if (actual.rows != expected.rows || actual.merges.size() != expected.merges.size() ||
      actual.absent != expected.absent)
    return ::testing::AssertionFailure() << "shapes";
  for (std::size_t m = 0; m < actual.merges.size(); ++m) {
    const Merge &x = actual.merges[m], &y = expected.merges[m];
    if (!(x == y))
      return ::testing::AssertionFailure()
             << "merge " << m << ": " << x.a << " " << x.b << " " << x.size << " " << exact_text(x.height)
             << " instead of " << y.a << " " << y.b << " " << y.size << " " << exact_text(y.height);
  }
  return ::testing::AssertionSuccess();
}

/// Distances as whole numbers: of rows of whole coordinates, by a metric that keeps them whole.
RowMatrix<double> whole_distances(Random& random, Index n, Index most) {
  RowMatrix<double> D = RowMatrix<double>::Zero(n, n);
  for (Index i = 0; i < n; ++i)
    for (Index j = 0; j < i; ++j) D(i, j) = D(j, i) = static_cast<double>(random.below(most));
  return D;
}

/// What the greedy algorithm makes of distances, exactly where they are whole numbers.
Dendrogram greedy_of(Linkage linkage, const RowMatrix<double>& D) {
  const auto height = [](double value) { return value; };
  if (linkage != Linkage::weighted)
    return verify::greedy(
        D.rows(),
        [&](const verify::Cluster& a, const verify::Cluster& b) {
          return verify::linkage_distance(linkage, D, Vector::Ones(D.rows()), a.rows, b.rows);
        },
        height);
  // By its recurrence: the distances of all nodes so far.
  const Index nodes = std::max<Index>(2 * D.rows() - 1, 1);
  RowMatrix<double> between = RowMatrix<double>::Zero(nodes, nodes);
  between.topLeftCorner(D.rows(), D.rows()) = D;
  return verify::greedy(
      D.rows(),
      [&](const verify::Cluster& a, const verify::Cluster& b) {
        const verify::Cluster &newer = a.node > b.node ? a : b, &other = a.node > b.node ? b : a;
        if (newer.parts[0] >= 0)
          between(newer.node, other.node) = between(other.node, newer.node) =
              (between(newer.parts[0], other.node) + between(newer.parts[1], other.node)) / 2;
        return between(a.node, b.node);
      },
      height);
}

/// Single linkage: pairs of rows by distance, then the lower row, then the higher one.
Dendrogram kruskal_of(const RowMatrix<double>& D) {
  const Index n = D.rows();
  std::vector<std::tuple<double, Index, Index>> pairs;
  for (Index i = 0; i < n; ++i)
    for (Index j = i + 1; j < n; ++j) pairs.emplace_back(D(i, j), i, j);
  std::sort(pairs.begin(), pairs.end());
  std::vector<std::int32_t> node(static_cast<std::size_t>(n));
  std::iota(node.begin(), node.end(), 0);
  std::vector<std::int32_t> size(static_cast<std::size_t>(2 * n), 1);
  Dendrogram tree{n, {}, {}};
  for (const auto& [distance, i, j] : pairs) {
    const std::int32_t a = std::min(node[static_cast<std::size_t>(i)], node[static_cast<std::size_t>(j)]);
    const std::int32_t b = std::max(node[static_cast<std::size_t>(i)], node[static_cast<std::size_t>(j)]);
    if (a == b) continue;
    const auto made = static_cast<std::int32_t>(n + static_cast<Index>(tree.merges.size()));
    size[static_cast<std::size_t>(made)] = size[static_cast<std::size_t>(a)] + size[static_cast<std::size_t>(b)];
    tree.merges.push_back({a, b, size[static_cast<std::size_t>(made)], distance});
    for (std::int32_t& of : node)
      if (of == a || of == b) of = made;
  }
  return tree;
}

TEST(Agglomerative, IsThatOfTheDefinition) {
  for_each_scalar([](auto scalar) {
    using T = decltype(scalar);
    for (std::uint64_t seed = 0; seed < instances; ++seed) {
      Random random(seed, {401});
      const Index n = 1 + random.below(22), d = 1 + random.below(6);
      const RowMatrix<T> X = grouped_rows<T>(random, seed, n, d);
      const RowMatrix<double> wide = X.template cast<double>();
      const RowMatrix<double> D = pairwise_distances(wide, wide);
      const double tolerance = (std::is_same_v<T, float> ? 1e-5 : 1e-12) * (seed % 7 == 0 ? 1e3 : 1);
      for (const Linkage linkage : linkages) {
        SCOPED_TRACE(std::string(name_of(linkage)) + ", seed " + std::to_string(seed));
        ASSERT_EQ(verify::dendrogram_error(linkage, D, {}, agglomerative(X, linkage), tolerance), "");
        ASSERT_EQ(verify::dendrogram_error(linkage, D, {}, agglomerative(DistanceMatrix(D), linkage), tolerance), "");
      }
    }
  });
}

TEST(Agglomerative, TakesTiesAsTheGreedyAlgorithm) {
  for (std::uint64_t seed = 0; seed < instances; ++seed) {
    Random random(seed, {402});
    const Index n = 1 + random.below(30);
    const RowMatrix<double> D = whole_distances(random, n, 2 + random.below(12));
    const RowMatrix<double> line = grid_matrix<double>(random, n, 1, 1 + random.below(9));
    const RowMatrix<double> on_line = pairwise_distances(line, line);
    for (const Linkage linkage : {Linkage::complete, Linkage::average, Linkage::weighted}) {
      SCOPED_TRACE(std::string(name_of(linkage)) + ", seed " + std::to_string(seed));
      ASSERT_TRUE(same_tree(agglomerative(DistanceMatrix(D), linkage), greedy_of(linkage, D)));
      ASSERT_TRUE(same_tree(agglomerative(line, linkage), greedy_of(linkage, on_line)));
    }
    ASSERT_TRUE(same_tree(agglomerative(line, Linkage::complete, {.float_triangle = true}),
                          greedy_of(Linkage::complete, on_line)));
    ASSERT_TRUE(same_tree(agglomerative(DistanceMatrix(D), Linkage::single), kruskal_of(D))) << seed;
    ASSERT_TRUE(same_tree(agglomerative(line, Linkage::single), kruskal_of(on_line))) << seed;
  }
}

/// The greedy algorithm by the centroids that clusters have by their history.
Dendrogram greedy_ward(const RowMatrix<double>& X) {
  RowMatrix<double> centroid(std::max<Index>(2 * X.rows() - 1, 1), X.cols());
  centroid.topRows(X.rows()) = X;
  Vector size = Vector::Zero(centroid.rows());
  size.head(X.rows()).setOnes();
  const auto know = [&](const verify::Cluster& cluster) {
    if (size[cluster.node] > 0) return;
    const auto [x, y] = cluster.parts;
    const double all = size[x] + size[y], of_x = size[x] / all, of_y = size[y] / all;
    for (Index j = 0; j < X.cols(); ++j) centroid(cluster.node, j) = of_x * centroid(x, j) + of_y * centroid(y, j);
    size[cluster.node] = all;
  };
  return verify::greedy(
      X.rows(),
      [&](const verify::Cluster& a, const verify::Cluster& b) {
        know(a);
        know(b);
        double sum = 0;
        for (Index j = 0; j < X.cols(); ++j) {
          const double difference = centroid(a.node, j) - centroid(b.node, j);
          sum += difference * difference;
        }
        const double p = size[a.node], q = size[b.node];
        return (p == q ? p : 2 * (p * q / (p + q))) * sum;
      },
      [](double value) { return std::sqrt(value); });
}

// In whole numbers whose means are whole, or halves: exactly, ties included.
TEST(Agglomerative, WardTakesTiesAsTheGreedyAlgorithm) {
  for (std::uint64_t seed = 0; seed < instances; ++seed) {
    Random random(seed, {403});
    const Index n = 1 + random.below(40), d = 1 + random.below(3);
    RowMatrix<double> X(n, d);  // no two rows are equal
    for (Index i = 0; i < n; ++i)
      for (Index j = 0; j < d; ++j)
        X(i, j) = j == 0 ? static_cast<double>(i % 8) * 840 : static_cast<double>(random.below(4)) * 840;
    std::vector<Index> keep;
    for (Index i = 0; i < n; ++i) {
      bool is_new = true;
      for (const Index k : keep) is_new = is_new && X.row(i) != X.row(k);
      if (is_new) keep.push_back(i);
    }
    const RowMatrix<double> rows = X(keep, Eigen::all);
    ASSERT_TRUE(same_tree(agglomerative(rows, Linkage::ward), greedy_ward(rows))) << seed;
    const RowMatrix<double> normal = normal_matrix<double>(random, n, d);
    ASSERT_TRUE(same_tree(agglomerative(normal, Linkage::ward), greedy_ward(normal))) << seed;
  }
}

// Large enough for blocks, sweeps and closed gaps, and chains that take rounds of few merges.
TEST(Agglomerative, OfManyRowsIsThatOfTheDefinition) {
  for (std::uint64_t seed = 0; seed < (slow_tests() ? 60 : 8); ++seed) {
    Random random(seed, {404});
    const Index n = 300 + random.below(400), d = 1 + random.below(12);
    RowMatrix<double> X = grouped_rows<double>(random, seed + 1, n, d);
    if (seed % 4 == 1)
      for (Index i = 0; i < n; ++i) X(i, 0) = std::pow(1.02, static_cast<double>(i));
    const RowMatrix<double> whole = grid_matrix<double>(random, n, 1, 40 + random.below(4000));
    for (const Linkage linkage : {Linkage::complete, Linkage::average, Linkage::weighted}) {
      SCOPED_TRACE(std::string(name_of(linkage)) + ", seed " + std::to_string(seed));
      const Dendrogram tree = agglomerative(whole, linkage);
      ASSERT_EQ(verify::form_error(tree), "");
      const Dendrogram other = agglomerative(DistanceMatrix(pairwise_distances(whole, whole)), linkage);
      ASSERT_TRUE(same_tree(tree, other));
    }
    const Dendrogram ward = agglomerative(X, Linkage::ward);
    ASSERT_EQ(verify::form_error(ward), "");
    if (seed % 2 == 1) continue;  // ties
    const Dendrogram of_distances = agglomerative(DistanceMatrix(pairwise_distances(X, X)), Linkage::ward);
    for (std::size_t m = 0; m < ward.merges.size(); ++m)
      ASSERT_NEAR(ward.merges[m].height, of_distances.merges[m].height, 1e-6 * ward.merges.back().height) << seed;
  }
}

TEST(Agglomerative, IsTheSameForAnyThreadsAndLayout) {
  for_each_scalar([](auto scalar) {
    using T = decltype(scalar);
    Random random(1, {405});
    const RowMatrix<T> X = grouped_rows<T>(random, 3, 500, 5);
    for (const Linkage linkage : linkages) {
      SCOPED_TRACE(name_of(linkage));
      const Dendrogram expected = agglomerative(X, linkage, {.execution = {.threads = 1}});
      for (const int threads : {2, 3, 8})
        EXPECT_TRUE(same_tree(agglomerative(X, linkage, {.execution = {.threads = threads}}), expected));
      if (linkage == Linkage::ward || linkage == Linkage::average)
        for_each_layout(X,
                        [&](const auto& matrix) { EXPECT_TRUE(same_tree(agglomerative(matrix, linkage), expected)); });
    }
  });
}

// A row of weight w is w rows at one place.
TEST(Agglomerative, WeightsAreCopies) {
  for (std::uint64_t seed = 0; seed < instances / 4; ++seed) {
    Random random(seed, {406});
    const Index n = 2 + random.below(15);
    const RowMatrix<double> X = normal_matrix<double>(random, n, 2);
    Vector weights(n);
    std::vector<Index> copies, copy_of;
    for (Index i = 0; i < n; ++i) {
      weights[i] = static_cast<double>(i == 0 ? 1 : random.below(4));
      for (Index c = 0; c < static_cast<Index>(weights[i]); ++c) copies.push_back(i);
    }
    const RowMatrix<double> copied = X(copies, Eigen::all);
    for (const Linkage linkage : linkages) {
      SCOPED_TRACE(std::string(name_of(linkage)) + ", seed " + std::to_string(seed));
      const Dendrogram weighted = agglomerative(X, linkage, {.weights = weights});
      const Dendrogram plain = agglomerative(copied, linkage);
      ASSERT_EQ(verify::form_error(weighted), "");
      const std::size_t at_zero = plain.merges.size() - weighted.merges.size();
      for (std::size_t m = 0; m < plain.merges.size(); ++m)
        ASSERT_NEAR(plain.merges[m].height, m < at_zero ? 0 : weighted.merges[m - at_zero].height, 1e-12);
      const Index k = 1 + random.below(static_cast<Index>(weighted.merges.size()) + 1);
      const Labels of_weighted = cut_into(weighted, k), of_plain = cut_into(plain, k);
      for (std::size_t c = 0; c < copies.size(); ++c)
        ASSERT_EQ(of_plain[static_cast<Index>(c)], of_weighted[copies[c]]);
      for (Index i = 0; i < n; ++i) ASSERT_EQ(of_weighted[i] == noise, weights[i] == 0);
    }
  }
}

TEST(Agglomerative, FormsOfDistancesAgree) {
  Random random(5, {407});
  const RowMatrix<double> X = normal_matrix<double>(random, 60, 3);
  const auto manhattan = [](std::span<const double> x, std::span<const double> y) {
    double sum = 0;
    for (std::size_t j = 0; j < x.size(); ++j) sum += std::abs(x[j] - y[j]);
    return sum;
  };
  const RowMatrix<double> D = pairwise_distances(X, X, Metric::manhattan);
  Vector condensed(60 * 59 / 2);
  for (Index i = 0, at = 0; i < 60; ++i)
    for (Index j = i + 1; j < 60; ++j) condensed[at++] = D(i, j);
  for (const Linkage linkage : {Linkage::single, Linkage::complete, Linkage::average, Linkage::weighted}) {
    SCOPED_TRACE(name_of(linkage));
    const Dendrogram expected = agglomerative(X, linkage, {.metric = Metric::manhattan});
    EXPECT_TRUE(same_tree(agglomerative(X, linkage, manhattan), expected));
    EXPECT_TRUE(same_tree(agglomerative(DistanceMatrix(D), linkage), expected));
    EXPECT_TRUE(same_tree(agglomerative(DistanceMatrix(condensed), linkage), expected));
    EXPECT_TRUE(
        same_tree(agglomerative(dissimilarity(60, [&](Index i, Index j) { return D(i, j); }), linkage), expected));
  }
  // Of distances in both directions the smaller one counts.
  RowMatrix<double> skewed = D;
  for (Index i = 0; i < 60; ++i)
    for (Index j = 0; j < i; ++j) ((i + j) % 2 == 0 ? skewed(i, j) : skewed(j, i)) += 1 + static_cast<double>(j);
  EXPECT_TRUE(same_tree(agglomerative(DistanceMatrix(skewed), Linkage::complete),
                        agglomerative(DistanceMatrix(D), Linkage::complete)));
}

TEST(Agglomerative, FewRowsAndEqualOnes) {
  for (const Linkage linkage : linkages) {
    SCOPED_TRACE(name_of(linkage));
    const Dendrogram none = agglomerative(RowMatrix<double>(0, 2), linkage);
    EXPECT_EQ(none.rows, 0);
    EXPECT_TRUE(none.merges.empty());
    EXPECT_EQ(cut(none, 1.0).size(), 0);
    const Dendrogram one = agglomerative(RowMatrix<double>::Ones(1, 2), linkage);
    EXPECT_TRUE(one.merges.empty());
    EXPECT_EQ(cut_into(one, 1), Labels::Zero(1));
    RowMatrix<double> two(2, 1);
    two << 3, 7;
    EXPECT_TRUE(same_tree(agglomerative(two, linkage), {2, {{0, 1, 2, 4}}, {}}));
    const Dendrogram equal = agglomerative(RowMatrix<double>::Constant(50, 3, 1e6), linkage);
    ASSERT_EQ(equal.merges.size(), 49u);
    for (std::size_t m = 0; m < 49; ++m) {
      const auto made = static_cast<std::int32_t>(50 + m - 1), next = static_cast<std::int32_t>(m + 1);
      EXPECT_EQ(equal.merges[m], (m == 0 ? Merge{0, 1, 2, 0} : Merge{next, made, next + 1, 0}));
    }
    // A column of one value, and an offset, say nothing.
    Random random(8, {408});
    RowMatrix<double> X = grid_matrix<double>(random, 40, 3, 1000);
    const Dendrogram expected = agglomerative(X, linkage);
    RowMatrix<double> moved(40, 4);
    moved << X, RowMatrix<double>::Constant(40, 1, 5);
    moved.array() += 1e6;
    const Dendrogram of_moved = agglomerative(moved, linkage);
    EXPECT_EQ(cut_into(of_moved, 5), cut_into(expected, 5));
    for (std::size_t m = 0; m < 39; ++m) EXPECT_NEAR(of_moved.merges[m].height, expected.merges[m].height, 1e-6);
  }
}

TEST(Dendrogram, CutsAreThoseOfTheMerges) {
  // 0 1   3 4 5  2
  const Dendrogram tree{6, {{0, 1, 2, 1}, {3, 4, 2, 1}, {5, 7, 3, 2}, {2, 8, 4, 5}, {6, 9, 6, 9}}, {}};
  const auto labels = [](std::initializer_list<std::int32_t> of) {
    Labels all(static_cast<Index>(of.size()));
    std::copy(of.begin(), of.end(), all.data());
    return all;
  };
  EXPECT_EQ(cut_into(tree, 6), labels({0, 1, 2, 3, 4, 5}));
  EXPECT_EQ(cut_into(tree, 5), labels({0, 0, 1, 2, 3, 4}));
  EXPECT_EQ(cut_into(tree, 3), labels({0, 0, 1, 2, 2, 2}));
  EXPECT_EQ(cut_into(tree, 1), labels({0, 0, 0, 0, 0, 0}));
  EXPECT_EQ(cut(tree, 0.5), cut_into(tree, 6));
  EXPECT_EQ(cut(tree, 1.0), labels({0, 0, 1, 2, 2, 3}));
  EXPECT_EQ(cut(tree, 2.0), cut_into(tree, 3));
  EXPECT_EQ(cut(tree, std::numeric_limits<double>::infinity()), cut_into(tree, 1));
  RowMatrix<double> matrix(5, 4);
  matrix << 0, 1, 1, 2, 3, 4, 1, 2, 5, 7, 2, 3, 2, 8, 5, 4, 6, 9, 9, 6;
  EXPECT_EQ(merge_matrix(tree), matrix);
  Vector cophenetic(15);
  cophenetic << 1, 9, 9, 9, 9, 9, 9, 9, 9, 5, 5, 5, 1, 2, 2;
  EXPECT_EQ(cophenetic_distances(tree), cophenetic);
}

TEST(Agglomerative, CanBeCancelled) {
  Random random(9, {409});
  const RowMatrix<double> X = normal_matrix<double>(random, 500, 4);
  for (const Linkage linkage : linkages) {
    SCOPED_TRACE(name_of(linkage));
    int calls = 0;
    const auto stop_at = [&](int call) {
      calls = 0;
      return AgglomerativeOptions{.execution = {.on_progress = [&calls, call](const Progress& progress) {
                                    EXPECT_LE(progress.step, progress.steps);
                                    return ++calls < call;
                                  }}};
    };
    try {
      agglomerative(X, linkage, stop_at(1));
      ADD_FAILURE();
    } catch (const Cancelled& error) {
      EXPECT_STREQ(error.what(), "corymb::agglomerative: cancelled by the progress callback");
    }
    EXPECT_THROW(agglomerative(X, linkage, stop_at(3)), Cancelled);
    EXPECT_NO_THROW(agglomerative(X, linkage, stop_at(1000000)));
    EXPECT_GT(calls, 3);
  }
}

TEST(Agglomerative, TellsOfDistancesThatOverflow) {
  for (const Index n : {3, 100}) {
    RowMatrix<double> D = RowMatrix<double>::Constant(n, n, 1e308);
    D.diagonal().setZero();
    EXPECT_THROW(agglomerative(DistanceMatrix(D), Linkage::ward), NumericalError);
    EXPECT_THROW(agglomerative(DistanceMatrix(D), Linkage::average), NumericalError);
    EXPECT_EQ(agglomerative(DistanceMatrix(D), Linkage::complete).merges.back().height, 1e308);
  }
}

TEST(Agglomerative, AsksForMemoryFirst) {
  const RowMatrix<double> X = RowMatrix<double>::Random(1000, 2);
  const Execution small{.threads = 2, .memory_limit = 1 << 20};  // a thread has memory of its own
  try {
    agglomerative(DistanceMatrix(pairwise_distances(X, X)), Linkage::average, {.execution = small});
    FAIL();
  } catch (const MemoryLimitExceeded& error) {
    EXPECT_EQ(std::string(error.what()).rfind("corymb::agglomerative: needs 4 MiB, allowed are 1 MiB; ", 0), 0u)
        << error.what();
    EXPECT_NE(std::string(error.what()).find("float_triangle halves it; single linkage, and ward of rows, need no"),
              std::string::npos);
  }
  EXPECT_NO_THROW(agglomerative(X, Linkage::single, {.execution = small}));
  EXPECT_NO_THROW(agglomerative(X, Linkage::average, {.execution = {.threads = 2, .memory_limit = 5 << 20}}));
  EXPECT_THROW(cophenetic_distances(agglomerative(X, Linkage::single), small), MemoryLimitExceeded);
}

}  // namespace
}  // namespace agglomerative_test
