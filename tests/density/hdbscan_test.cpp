#include <corymb/core/errors.hpp>
#include <corymb/density/dbscan.hpp>
#include <corymb/density/hdbscan.hpp>
#include <corymb/distance/pairwise.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "support/hdbscan_reference.hpp"
#include "support/matrices.hpp"

namespace hdbscan_test {
namespace {

using namespace corymb;
using namespace corymb_test;

constexpr double infinity = std::numeric_limits<double>::infinity();

RowMatrix<double> on_a_line(const std::vector<double>& places) {
  RowMatrix<double> X(static_cast<Index>(places.size()), 1);
  for (Index i = 0; i < X.rows(); ++i) X(i, 0) = places[static_cast<std::size_t>(i)];
  return X;
}

// Two groups of three, one unit apart inside, and a row beside the second.
TEST(HdbscanReference, IsRightOnALine) {
  const RowMatrix<double> X = on_a_line({0, 1, 2, 10, 11, 12, 14});
  const reference::Hdbscan of_line(pairwise_distances(X, X), 3, 2);
  ASSERT_EQ(of_line.clusters().size(), 3u);
  EXPECT_EQ(of_line.clusters()[0].death, 1.0 / 8);
  EXPECT_EQ(of_line.clusters()[1].stability(), 3 * (1 - 1.0 / 8));
  EXPECT_EQ(of_line.clusters()[2].stability(), 3 * (1 - 1.0 / 8) + 0.5 - 1.0 / 8);
  const reference::Clustering selected = of_line.select({});
  EXPECT_EQ(selected.labels, (std::vector<int>{0, 0, 0, 1, 1, 1, 1}));
  EXPECT_EQ(selected.probabilities, (std::vector<double>{1, 1, 1, 1, 1, 1, 0.5}));
  EXPECT_EQ(selected.outlier_scores, (std::vector<double>{0, 0, 0, 0, 0, 0, 0.5}));
  EXPECT_EQ(selected.persistence[0], 1 - 1.0 / 8);
  EXPECT_EQ(of_line.select({.allow_single_cluster = true}).persistence.size(), 2u);
  EXPECT_EQ(of_line.select({.max_cluster_size = 3}).labels, (std::vector<int>{0, 0, 0, -1, -1, -1, -1}));
}

TEST(HdbscanReference, RejectsWrongResults) {
  const RowMatrix<double> X = on_a_line({0, 1, 2, 10, 11, 12, 14});
  const reference::Clustering expected = reference::Hdbscan(pairwise_distances(X, X), 3, 2).select({});
  const HdbscanResult right = hdbscan(X, {.min_cluster_size = 3, .min_samples = 2});
  EXPECT_EQ(reference::difference(right, expected), "");
  HdbscanResult wrong = right;
  wrong.labels[6] = noise;
  EXPECT_NE(reference::difference(wrong, expected), "");
  wrong = right;
  wrong.probabilities[6] = 0.4;
  EXPECT_NE(reference::difference(wrong, expected), "");
  wrong = right;
  wrong.outlier_scores[0] = 0.1;
  EXPECT_NE(reference::difference(wrong, expected), "");
  wrong = right;
  wrong.persistence[1] = 1;
  EXPECT_NE(reference::difference(wrong, expected), "");
}

// Rows in groups, with ties and duplicates, as the seed has it.
SelectionOptions random_selection(Random& random, const RowMatrix<double>& D) {
  SelectionOptions options;
  if (random.below(3) == 0) options.method = SelectionMethod::leaf;
  if (random.below(3) == 0) options.allow_single_cluster = true;
  // Often a distance that occurs.
  const auto some_distance = [&] { return D.size() > 0 ? D(random.below(D.rows()), random.below(D.cols())) : 1.0; };
  if (random.below(4) == 0) options.epsilon = some_distance();
  if (random.below(4) == 0) options.epsilon_max = std::max({some_distance(), options.epsilon, 1e-300});
  if (random.below(4) == 0)
    options.max_cluster_size = static_cast<double>(1 + random.below(std::max<Index>(D.rows(), 1)));
  return options;
}

TEST(Hdbscan, IsThatOfTheDefinition) {
  for_each_scalar([](auto scalar) {
    using T = decltype(scalar);
    for (std::uint64_t seed = 0; seed < instances; ++seed) {
      Random random(seed, {21});
      const Index n = 1 + random.below(50), d = 1 + random.below(3);
      const RowMatrix<T> X = grouped_rows<T>(random, seed, n, d);
      const RowMatrix<double> D = pairwise_distances(X, X).template cast<double>();
      HdbscanOptions options{.min_cluster_size = 2 + random.below(6), .min_samples = 1 + random.below(6)};
      if (seed % 6 == 0) options.alpha = 0.5 + random.uniform();
      if (seed % 5 == 0) options.min_lifetime = 0.3 * random.uniform();
      options.selection = random_selection(random, D);
      options.algorithm = seed % 2 == 0 ? SpanningTreeAlgorithm::boruvka : SpanningTreeAlgorithm::automatic;
      reference::Hdbscan expected(D, options.min_cluster_size, *options.min_samples, options.alpha);
      if (options.min_lifetime > 0) expected.simplify(options.min_lifetime);
      const HdbscanResult result = hdbscan(X, options);
      ASSERT_EQ(reference::difference(result, expected.select(options.selection)), "")
          << "seed " << seed << ", n " << n;
    }
  });
}

TEST(Hdbscan, TakesAsManyClustersAsAreAskedForWithTheMostMass) {
  for (std::uint64_t seed = 0; seed < instances; ++seed) {
    Random random(seed, {22});
    const Index n = 10 + random.below(40), d = 1 + random.below(3);
    const RowMatrix<double> X = grouped_rows<double>(random, seed, n, d);
    HdbscanOptions options{.min_cluster_size = 2 + random.below(3), .min_samples = 1 + random.below(3)};
    options.selection.clusters = 1 + random.below(4);
    options.selection.allow_single_cluster = seed % 2 == 0;
    const reference::Hdbscan definition(pairwise_distances(X, X), options.min_cluster_size, *options.min_samples);
    const reference::Clustering expected = definition.select(options.selection);
    if (static_cast<Index>(expected.persistence.size()) < *options.selection.clusters) {
      EXPECT_THROW(hdbscan(X, options), NumericalError);
      continue;
    }
    const HdbscanResult result = hdbscan(X, options);
    EXPECT_EQ(result.clusters, *options.selection.clusters);
    double mass = 0;
    for (const std::int32_t cluster : result.selected)
      mass += result.condensed_tree.stability[static_cast<std::size_t>(cluster)];
    if (std::isinf(expected.mass)) {
      EXPECT_EQ(mass, infinity);
    } else {
      EXPECT_NEAR(mass, expected.mass, 1e-9 * expected.mass) << "seed " << seed;
    }
  }
}

TEST(Hdbscan, DoesNotDependOnTheOrderOfRows) {
  for (std::uint64_t seed = 0; seed < instances; ++seed) {
    Random random(seed, {23});
    const Index n = 2 + random.below(80);
    const RowMatrix<double> X = grid_matrix<double>(random, n, 2, 2 + random.below(4));
    const HdbscanOptions options{.min_cluster_size = 2 + random.below(5), .min_samples = 1 + random.below(5)};
    const HdbscanResult result = hdbscan(X, options);
    const std::vector<Index> order = permutation(random, n);
    const HdbscanResult permuted = hdbscan(X(order, Eigen::all), options);
    ASSERT_EQ(permuted.clusters, result.clusters);
    std::vector<std::int32_t> renamed(static_cast<std::size_t>(result.clusters), noise);
    for (Index i = 0; i < n; ++i) {
      const Index row = order[static_cast<std::size_t>(i)];
      ASSERT_EQ(permuted.labels[i] == noise, result.labels[row] == noise) << "seed " << seed;
      ASSERT_EQ(permuted.probabilities[i], result.probabilities[row]);
      ASSERT_EQ(permuted.outlier_scores[i], result.outlier_scores[row]);
      if (result.labels[row] == noise) continue;
      std::int32_t& name = renamed[static_cast<std::size_t>(result.labels[row])];
      if (name == noise) name = permuted.labels[i];
      ASSERT_EQ(permuted.labels[i], name) << "seed " << seed;
      ASSERT_EQ(permuted.persistence[name], result.persistence[result.labels[row]]);
    }
  }
}

TEST(Hdbscan, CountsARowAsOftenAsItsWeightSays) {
  for (std::uint64_t seed = 0; seed < instances; ++seed) {
    Random random(seed, {24});
    const Index n = 2 + random.below(30);
    const RowMatrix<double> X = grouped_rows<double>(random, seed, n, 2);
    Vector weights(n);
    std::vector<Index> copies;
    for (Index i = 0; i < n; ++i) {
      weights[i] = static_cast<double>(random.below(seed % 3 == 0 ? 9 : 4));
      if (i == 0) weights[i] = 1;
      for (Index copy = 0; copy < static_cast<Index>(weights[i]); ++copy) copies.push_back(i);
    }
    HdbscanOptions options{.min_cluster_size = 2 + random.below(6), .min_samples = 1 + random.below(6)};
    options.selection.allow_single_cluster = seed % 2 == 0;
    const HdbscanResult of_copies = hdbscan(X(copies, Eigen::all), options);
    options.weights = weights;
    const HdbscanResult weighted = hdbscan(X, options);
    ASSERT_EQ(weighted.clusters, of_copies.clusters) << "seed " << seed;
    for (std::size_t i = 0; i < copies.size(); ++i) {
      const auto copy = static_cast<Index>(i);
      ASSERT_EQ(weighted.labels[copies[i]], of_copies.labels[copy]) << "seed " << seed << ", row " << copies[i];
      ASSERT_EQ(weighted.core_distances[copies[i]], of_copies.core_distances[copy]);
      ASSERT_NEAR(weighted.probabilities[copies[i]], of_copies.probabilities[copy], 1e-12);
      ASSERT_NEAR(weighted.outlier_scores[copies[i]], of_copies.outlier_scores[copy], 1e-12);
    }
    for (std::int32_t c = 0; c < weighted.clusters; ++c)
      ASSERT_NEAR(weighted.persistence[c], of_copies.persistence[c], 1e-12);
  }
}

TEST(Hdbscan, CutIsDbscanStar) {
  for (std::uint64_t seed = 0; seed < instances; ++seed) {
    Random random(seed, {25});
    const Index n = 1 + random.below(60);
    const RowMatrix<double> X = grouped_rows<double>(random, seed, n, 2);
    const Index min_samples = 1 + random.below(6);
    const HdbscanResult result = hdbscan(X, {.min_samples = min_samples});
    const RowMatrix<double> D = pairwise_distances(X, X);
    for (int i = 0; i < 5; ++i) {
      const double eps = D(random.below(n), random.below(n));
      const DbscanResult expected = dbscan(X, eps, min_samples, {.border = BorderPoints::as_noise});
      ASSERT_TRUE(cut(result, eps) == expected.labels) << "seed " << seed << ", eps " << eps;
    }
  }
}

TEST(Hdbscan, ExemplarsAreTheRowsThatStayLongest) {
  const RowMatrix<double> X = on_a_line({0, 1, 2, 10, 11, 12, 14});
  const auto rows = exemplars(hdbscan(X, {.min_cluster_size = 3, .min_samples = 2}));
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0], (std::vector<Index>{0, 1, 2}));
  EXPECT_EQ(rows[1], (std::vector<Index>{3, 4, 5}));
}

TEST(Hdbscan, MedoidsHaveTheLeastSumOfDistances) {
  Random random(1, {26});
  RowMatrix<double> X = normal_matrix<double>(random, 120, 3);
  X.topRows(60).array() += 9;
  const HdbscanResult result = hdbscan(X, {.min_cluster_size = 20, .min_samples = 5});
  ASSERT_EQ(result.clusters, 2);
  const RowMatrix<double> D = pairwise_distances(X, X);
  for (std::int32_t c = 0; c < result.clusters; ++c) {
    Index best = -1;
    double least = infinity;
    for (Index i = 0; i < 120; ++i) {
      double sum = 0;
      for (Index j = 0; j < 120; ++j)
        if (result.labels[j] == c) sum += result.probabilities[j] * D(i, j);
      if (result.labels[i] != c || sum >= least) continue;
      least = sum;
      best = i;
    }
    EXPECT_EQ(medoids(result, X)[static_cast<std::size_t>(c)], best);
    EXPECT_EQ(medoids(result, X, {.threads = 3})[static_cast<std::size_t>(c)], best);
  }
  const HdbscanResult of_matrix = hdbscan(DistanceMatrix(D), {.min_cluster_size = 20, .min_samples = 5});
  EXPECT_EQ(medoids(of_matrix, DistanceMatrix(D)), medoids(result, X));
}

TEST(CondensedTree, IsThatOfAHandMadeHierarchy) {
  // Rows 0 1 2 join at 1, rows 3 4 5 at 2, both at 4, row 6 at 8.
  const std::vector<Edge> edges{{0, 1, 1}, {1, 2, 1}, {3, 4, 2}, {4, 5, 2}, {2, 3, 4}, {5, 6, 8}};
  const CondensedTree tree = condense(single_linkage(7, edges), 3);
  EXPECT_EQ(tree.parent, (std::vector<std::int32_t>{-1, 0, 0}));
  EXPECT_EQ(tree.birth, (std::vector<double>{0, 0.25, 0.25}));
  EXPECT_EQ(tree.death, (std::vector<double>{0.25, 1, 0.5}));
  EXPECT_EQ(tree.size, (std::vector<double>{7, 3, 3}));
  EXPECT_EQ(tree.stability, (std::vector<double>{6 * 0.25 + 0.125, 3 * 0.75, 3 * 0.25}));
  EXPECT_EQ(tree.row_cluster, (std::vector<std::int32_t>{1, 1, 1, 2, 2, 2, 0}));
  EXPECT_EQ(tree.row_lambda, (std::vector<double>{1, 1, 1, 0.5, 0.5, 0.5, 0.125}));
  const CondensedTree simple = simplify(tree, 0.3);  // the second child goes, the first is the root then
  EXPECT_EQ(simple.parent, (std::vector<std::int32_t>{-1}));
  EXPECT_EQ(simple.death, (std::vector<double>{1}));
  EXPECT_EQ(simple.row_lambda, (std::vector<double>{1, 1, 1, 0.25, 0.25, 0.25, 0.125}));
  EXPECT_EQ(simple.stability, (std::vector<double>{3 + 3 * 0.25 + 0.125}));
}

TEST(CondensedTree, PartsThatNeverJoinPartAtZero) {
  const std::vector<Edge> edges{{0, 1, 1}, {1, 2, 1}, {3, 4, 2}, {4, 5, 2}};
  const CondensedTree tree = condense(single_linkage(7, edges), 3);  // row 6 is alone
  EXPECT_EQ(tree.parent, (std::vector<std::int32_t>{-1, 0, 0}));
  EXPECT_EQ(tree.birth, (std::vector<double>{0, 0, 0}));
  EXPECT_EQ(tree.death, (std::vector<double>{0, 1, 0.5}));
  EXPECT_EQ(tree.row_lambda[6], 0);
  const SelectedClusters selected = select(tree);
  EXPECT_EQ(selected.cluster, (std::vector<std::int32_t>{1, 2}));
  EXPECT_EQ(selected.labels[6], noise);
  EXPECT_EQ(outlier_scores(tree)[6], 1);
}

}  // namespace
}  // namespace hdbscan_test
