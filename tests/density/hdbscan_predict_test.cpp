#include <corymb/core/errors.hpp>
#include <corymb/density/hdbscan_predict.hpp>
#include <corymb/distance/pairwise.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include "support/matrices.hpp"
#include "support/message_of.hpp"

namespace hdbscan_predict_test {
namespace {

using namespace corymb;
using namespace corymb_test;

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

HdbscanOptions random_options(Random& random, const RowMatrix<double>& D) {
  HdbscanOptions options{.min_cluster_size = 2 + random.below(6), .min_samples = 1 + random.below(6)};
  SelectionOptions& selection = options.selection;
  if (random.below(3) == 0) selection.method = SelectionMethod::leaf;
  if (random.below(3) == 0) selection.allow_single_cluster = true;
  if (random.below(4) == 0) selection.epsilon = D(random.below(D.rows()), random.below(D.rows()));
  if (random.below(4) == 0)
    selection.epsilon_max = std::max({D(random.below(D.rows()), random.below(D.rows())), selection.epsilon, 1e-300});
  if (random.below(4) == 0) selection.max_cluster_size = static_cast<double>(1 + random.below(D.rows()));
  if (random.below(4) == 0) options.min_lifetime = 0.3 * random.uniform();
  if (random.below(4) == 0) options.alpha = 0.5 + random.uniform();
  return options;
}

/// A fit with these options, or, where the tree has so many, with exactly some number of clusters.
HdbscanResult some_fit(const RowMatrix<double>& X, HdbscanOptions options, Random& random) {
  if (random.below(4) == 0) {
    HdbscanOptions exactly = options;
    exactly.selection = {.clusters = 1 + random.below(4)};
    try {
      return hdbscan(X, exactly);
    } catch (const NumericalError&) {
    }
  }
  return hdbscan(X, options);
}

// Where a row would stand if it were joined to the tree, by trying all rows and climbing from set to set.
struct Expected {
  double lambda;
  std::int32_t cluster;
};
Expected expected_place(const HdbscanResult& fit, const RowMatrix<double>& X, const Eigen::RowVectorXd& x) {
  const Index n = X.rows();
  const RowMatrix<double> d = pairwise_distances(x, X);
  std::vector<double> sorted(d.data(), d.data() + n);
  std::sort(sorted.begin(), sorted.end());
  const double core = sorted[static_cast<std::size_t>(fit.min_samples - 1)];
  Index partner = 0;
  const auto reach = [&](Index j) { return std::max({core, fit.core_distances[j], d(0, j) / fit.alpha}); };
  for (Index j = 1; j < n; ++j)
    if (reach(j) < reach(partner) || (reach(j) == reach(partner) && d(0, j) < d(0, partner))) partner = j;
  const CondensedTree& tree = fit.condensed_tree;
  const auto p = static_cast<std::size_t>(partner);
  Expected place{std::min(tree.row_lambda[p], 1 / reach(partner)), tree.row_cluster[p]};
  while (tree.parent[static_cast<std::size_t>(place.cluster)] >= 0 &&
         tree.birth[static_cast<std::size_t>(place.cluster)] >= place.lambda)
    place.cluster = tree.parent[static_cast<std::size_t>(place.cluster)];
  return place;
}

TEST(HdbscanPlace, RowsOfTheFitGetTheirOwnPlaces) {
  for (std::uint64_t seed = 0; seed < instances; ++seed) {
    Random random(seed, {31});
    const Index n = 1 + random.below(seed % 10 == 0 ? 600 : 60), d = 1 + random.below(3);
    const RowMatrix<double> X = grouped_rows<double>(random, seed, n, d);
    HdbscanOptions options = random_options(random, pairwise_distances(X, X));
    if (seed % 3 == 1) {
      options.weights.resize(n);
      for (double& weight : options.weights) weight = static_cast<double>(random.below(4)) / 2;
      options.weights[0] = 1;
    }
    const HdbscanResult fit = some_fit(X, options, random);
    for (const NeighborSearch search :
         {NeighborSearch::automatic, NeighborSearch::kd_tree, NeighborSearch::brute_force}) {
      const HdbscanPlaces places = place(fit, X, X, {.search = search, .weights = options.weights});
      ASSERT_TRUE(places.labels == fit.labels) << "seed " << seed << ", n " << n;
      ASSERT_TRUE(places.probabilities == fit.probabilities) << "seed " << seed;
      ASSERT_TRUE(places.outlier_scores == fit.outlier_scores) << "seed " << seed;
      ASSERT_EQ(places.cluster, fit.condensed_tree.row_cluster);
      ASSERT_EQ(places.lambda, fit.condensed_tree.row_lambda);
    }
  }
}

TEST(HdbscanPlace, NewRowsAreJoinedWhereTheyAreNearest) {
  for (std::uint64_t seed = 0; seed < instances; ++seed) {
    Random random(seed, {32});
    const Index n = 6 + random.below(60), d = 1 + random.below(3), m = seed % 10 == 0 ? 300 : 8;
    const RowMatrix<double> X = grouped_rows<double>(random, seed, n, d), Q = grouped_rows<double>(random, seed, m, d);
    const HdbscanOptions options = random_options(random, pairwise_distances(X, X));
    const HdbscanResult fit = some_fit(X, options, random);
    for (const NeighborSearch search :
         {NeighborSearch::automatic, NeighborSearch::kd_tree, NeighborSearch::brute_force}) {
      const HdbscanPlaces places = place(fit, X, Q, {.search = search});
      for (Index q = 0; q < m; ++q) {
        const Expected expected = expected_place(fit, X, Q.row(q));
        ASSERT_EQ(places.cluster[static_cast<std::size_t>(q)], expected.cluster) << "seed " << seed << ", row " << q;
        ASSERT_EQ(places.lambda[static_cast<std::size_t>(q)], expected.lambda) << "seed " << seed << ", row " << q;
      }
      ASSERT_TRUE(predict(fit, X, Q, {.search = search}) == places.labels);
    }
  }
}

TEST(HdbscanPlace, IsTheSameForACallableAndOnAnyNumberOfThreads) {
  Random random(5, {33});
  RowMatrix<double> X = normal_matrix<double>(random, 700, 2), Q = normal_matrix<double>(random, 400, 2);
  X.topRows(300).array() += 6;
  const HdbscanOptions options{.metric = Metric::manhattan, .min_cluster_size = 15};
  const HdbscanResult fit = hdbscan(X, options);
  const HdbscanPlaces places = place(fit, X, Q, {.execution = {.threads = 1}});
  for (const int threads : {2, 3, 8}) {
    const HdbscanPlaces others = place(fit, X, Q, {.execution = {.threads = threads}});
    EXPECT_EQ(others.cluster, places.cluster);
    EXPECT_EQ(others.lambda, places.lambda);
  }
  const auto manhattan = [](std::span<const double> x, std::span<const double> y) {
    return std::abs(x[0] - y[0]) + std::abs(x[1] - y[1]);
  };
  const HdbscanResult own = hdbscan(X, manhattan, {.min_cluster_size = 15});
  EXPECT_TRUE(own.labels == fit.labels);
  for (const NeighborSearch search : {NeighborSearch::brute_force, NeighborSearch::ball_tree}) {
    const HdbscanPlaces others = place(own, X, Q, manhattan, {.search = search});
    EXPECT_EQ(others.cluster, places.cluster);
    EXPECT_EQ(others.lambda, places.lambda);
  }
}

TEST(HdbscanPlace, MissingRowsAreNoiseAndNobodysNeighbours) {
  Random random(6, {34});
  RowMatrix<double> X = normal_matrix<double>(random, 60, 2);
  X.topRows(30).array() += 9;
  RowMatrix<double> with_missing(62, 2);
  with_missing << X.topRows(10), RowMatrix<double>::Constant(2, 2, nan), X.bottomRows(50);
  const HdbscanResult complete = hdbscan(X);
  const HdbscanResult fit = hdbscan(with_missing, {.missing_as_noise = true});
  std::vector<Index> rows;
  for (Index i = 0; i < 62; ++i)
    if (i != 10 && i != 11) rows.push_back(i);
  EXPECT_TRUE(Labels(fit.labels(rows)) == complete.labels);
  EXPECT_TRUE(Vector(fit.probabilities(rows)) == complete.probabilities);
  EXPECT_EQ(fit.labels[10], noise);
  EXPECT_EQ(fit.probabilities[10], 0);
  EXPECT_EQ(fit.outlier_scores[10], 1);
  const HdbscanPlaces places = place(fit, with_missing, with_missing, {.missing_as_noise = true});
  EXPECT_TRUE(places.labels == fit.labels);
  EXPECT_TRUE(places.outlier_scores == fit.outlier_scores);
  EXPECT_THROW(place(fit, with_missing, with_missing), InvalidArgument);
}

TEST(HdbscanMemberships, AreLargestForTheLabelAndAddUpToTheProbability) {
  for (std::uint64_t seed = 0; seed < instances; ++seed) {
    Random random(seed, {35});
    const Index n = 6 + random.below(80);
    const RowMatrix<double> X = grouped_rows<double>(random, seed, n, 2);
    const HdbscanResult fit = hdbscan(X, random_options(random, pairwise_distances(X, X)));
    const RowMatrix<double> shares = memberships(fit);
    ASSERT_EQ(shares.rows(), n);
    ASSERT_EQ(shares.cols(), fit.clusters);
    for (Index i = 0; i < n && fit.clusters > 0; ++i) {
      ASSERT_GE(shares.row(i).minCoeff(), 0);
      ASSERT_LE(shares.row(i).sum(), 1 + 1e-12);
      if (fit.labels[i] == noise) continue;
      ASSERT_EQ(shares.row(i).maxCoeff(), shares(i, fit.labels[i])) << "seed " << seed << ", row " << i;
      ASSERT_NEAR(shares.row(i).sum(), fit.probabilities[i], 1e-12) << "seed " << seed << ", row " << i;
    }
    ASSERT_TRUE(memberships(fit, place(fit, X, X)) == shares);
  }
}

TEST(HdbscanMemberships, AreThoseOfAHandMadeHierarchy) {
  RowMatrix<double> X(7, 1);
  X << 0, 1, 2, 10, 11, 12, 14;
  const HdbscanResult fit = hdbscan(X, {.min_cluster_size = 3, .min_samples = 2});
  const RowMatrix<double> shares = memberships(fit);
  // Together with its own cluster up to 1, with the other up to 1/8: 64 to 1.
  EXPECT_NEAR(shares(0, 0), 64 / 65.0, 1e-15);
  EXPECT_NEAR(shares(0, 1), 1 / 65.0, 1e-15);
  // The last row leaves its cluster at 1/2, where the densest is at 1: 16 to 1, and half of it.
  EXPECT_NEAR(shares(6, 1), 0.5 * 16 / 17, 1e-15);
  EXPECT_NEAR(shares(6, 0), 0.5 / 17, 1e-15);
}

TEST(HdbscanPlace, RejectsWhatIsNotOfTheFit) {
  Random random(7, {36});
  const RowMatrix<double> X = normal_matrix<double>(random, 20, 2);
  const HdbscanResult fit = hdbscan(X);

  EXPECT_EQ(message_of([&] { place(fit, X.topRows(19), X); }),
            "corymb::place: X_train has 19 rows; the result is of 20");
  EXPECT_EQ(message_of([&] { place(fit, X, X.leftCols(1)); }),
            "corymb::place: X_train has 2 columns, X_new has 1; they must agree");
  RowMatrix<double> bad = X;
  bad(3, 1) = nan;
  EXPECT_EQ(message_of([&] { place(fit, X, bad); }), "corymb::place: X_new(3, 1) = nan must be finite");
  EXPECT_EQ(message_of([&] { place(fit, bad, X); }), "corymb::place: X_train(3, 1) = nan must be finite");
  const HdbscanResult of_matrix = hdbscan(DistanceMatrix(pairwise_distances(X, X)));
  EXPECT_EQ(message_of([&] { place(of_matrix, X, X); }),
            "corymb::place: the result has no metric: its distances were given");
  EXPECT_EQ(message_of([&] { place(fit, X, X, {.weights = Vector::Ones(3)}); }),
            "corymb::place: weights has 3 entries; one per row, n = 20, is needed");
  EXPECT_THROW(place(fit, X, X, {.execution = {.on_progress = [](const Progress&) { return false; }}}), Cancelled);
}

}  // namespace
}  // namespace hdbscan_predict_test
