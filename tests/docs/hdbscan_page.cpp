#include <corymb/datasets/generators.hpp>
#include <corymb/density/hdbscan.hpp>
#include <corymb/density/hdbscan_predict.hpp>
#include <corymb/distance/pairwise.hpp>
#include <corymb/neighbors/nearest_neighbors.hpp>
#include <corymb/viz/condensed_tree_plot.hpp>

#include <gtest/gtest.h>

#include <cmath>

// The code of docs/hdbscan.md.

namespace hdbscan_page {
namespace {

#pragma GCC diagnostic ignored "-Wunused-value"  // the page names the members of a result

TEST(HdbscanPage, Code) {
  const auto X = corymb::make_moons(400).points, X_new = corymb::make_moons(50).points;
  const auto D = corymb::pairwise_distances(X, X);

  // clang-format off
  auto r = corymb::hdbscan(X, {.min_cluster_size = 25, .min_samples = 10});
  r.labels;          // n cluster numbers; noise is corymb::noise = -1
  r.probabilities;   // n, from 0 to 1: 1 at the densest part of its cluster
  r.outlier_scores;  // n, from 0 to 1: 0 at the densest places (GLOSH)
  r.persistence;     // one number from 0 to 1 for each cluster

  auto places = corymb::hdbscan(X, {.metric = corymb::Metric::haversine});  // kilometres
  auto own = corymb::hdbscan(X, [](std::span<const double> x, std::span<const double> y) { return std::abs(x[0] - y[0]); });
  auto of_matrix = corymb::hdbscan(corymb::DistanceMatrix(D));  // n × n, or the upper triangle as a vector

  auto of_new = corymb::predict(r, X, X_new);         // labels
  auto where = corymb::place(r, X, X_new);            // labels, probabilities, outlier scores, places in the hierarchy
  auto shares = corymb::memberships(r);               // n × clusters
  auto shares_of_new = corymb::memberships(r, where);
  auto examples = corymb::exemplars(r);               // for each cluster its densest rows
  auto centers = corymb::medoids(r, X);               // for each cluster the row in its middle
  // clang-format on

  auto nine = corymb::nearest_neighbors(X, 9).distances;  // min_samples = 10 counts the row itself
  auto edges = corymb::minimum_spanning_tree(X, {.core_distances = nine.col(8)});
  auto hierarchy = corymb::single_linkage(X.rows(), edges);
  auto tree = corymb::condense(hierarchy, 25);
  auto selected = corymb::select(tree, {.method = corymb::SelectionMethod::leaf});
  auto scores = corymb::outlier_scores(tree);
  auto dbscan_star = corymb::cut(r, 0.2);  // the labels of DBSCAN* at a distance
  corymb::Picture picture = corymb::condensed_tree_plot(r.condensed_tree, r.selected);

  EXPECT_EQ(r.clusters, 2);
  EXPECT_EQ(r.spanning_tree, edges);
  EXPECT_TRUE(corymb::select(tree).labels == r.labels);
  EXPECT_TRUE(scores == r.outlier_scores);
  EXPECT_EQ(selected.labels.size(), 400);
  EXPECT_EQ(dbscan_star.size(), 400);
  EXPECT_TRUE(of_new == where.labels);
  EXPECT_EQ(shares.cols(), 2);
  EXPECT_EQ(shares_of_new.rows(), 50);
  EXPECT_EQ(examples.size(), 2u);
  EXPECT_EQ(centers.size(), 2u);
  EXPECT_EQ(places.labels.size(), 400);
  EXPECT_EQ(own.labels.size(), 400);
  EXPECT_EQ(of_matrix.labels.size(), 400);
  EXPECT_GT(picture.body.size(), 100u);
}

}  // namespace
}  // namespace hdbscan_page
