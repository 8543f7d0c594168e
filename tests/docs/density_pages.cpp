#include <corymb/datasets/generators.hpp>
#include <corymb/density/dbscan.hpp>
#include <corymb/density/suggest_eps.hpp>
#include <corymb/distance/pairwise.hpp>
#include <corymb/neighbors/nearest_neighbors.hpp>
#include <corymb/viz/line_plot.hpp>

#include <gtest/gtest.h>

#include <cmath>

// The code of docs/dbscan.md and docs/neighbors.md.

namespace {

#pragma GCC diagnostic ignored "-Wunused-value"  // the pages name the members of a result

TEST(DbscanPage, Code) {
  const auto X = corymb::make_moons(200).points;
  const auto D = corymb::pairwise_distances(X, X);

  auto r = corymb::dbscan(X, 0.3, 10);
  r.labels;    // n cluster numbers; noise is corymb::noise = -1
  r.is_core;   // n
  r.clusters;  // how many there are

  auto places = corymb::dbscan(X, 50, 4, {.metric = corymb::Metric::haversine});  // kilometres
  auto own = corymb::dbscan(X, 0.3, 10,
                            [](std::span<const double> x, std::span<const double> y) { return std::abs(x[0] - y[0]); });
  auto of_matrix = corymb::dbscan(corymb::DistanceMatrix(D), 0.3, 10);  // n × n, or the upper triangle as a vector

  EXPECT_EQ(r.clusters, 2);
  EXPECT_EQ(places.labels.size(), 200);
  EXPECT_EQ(own.labels.size(), 200);
  EXPECT_TRUE(of_matrix.labels == r.labels);
}

TEST(DbscanPage, ChoosingEps) {
  const auto X = corymb::make_moons(1000, {.noise = 0.05}).points;

  auto suggestion = corymb::suggest_eps(X, 10);
  suggestion.eps;    // the knee of the curve
  suggestion.curve;  // n distances, ascending: at the i-th of them i points are core
  auto clusters = corymb::dbscan(X, suggestion.eps, 10);
  auto picture = corymb::line_plot({{.y = suggestion.curve}},
                                   {.guides = {{.value = suggestion.eps, .label = "eps"}}, .logarithmic_y = true});

  EXPECT_EQ(clusters.clusters, 2);
  EXPECT_NE(corymb::to_svg(picture).find(">eps<"), std::string::npos);
}

TEST(NeighborsPage, Code) {
  const auto X = corymb::make_moons(200).points, X_new = corymb::make_moons(50).points;

  auto near = corymb::nearest_neighbors(X, 10);           // the 10 nearest other rows of each row
  near.indices;                                           // n × 10 row numbers, nearest first
  near.distances;                                         // n × 10, ascending
  auto of_new = corymb::nearest_neighbors(X, X_new, 10);  // the 10 nearest rows of X for each row of X_new

  EXPECT_EQ(near.indices.cols(), 10);
  EXPECT_EQ(of_new.indices.rows(), 50);
}

}  // namespace
