#include <corymb/datasets/generators.hpp>
#include <corymb/density/dbscan.hpp>
#include <corymb/density/optics.hpp>
#include <corymb/density/suggest_eps.hpp>
#include <corymb/distance/pairwise.hpp>
#include <corymb/graph/connected_components.hpp>
#include <corymb/graph/minimum_spanning_tree.hpp>
#include <corymb/graph/neighbor_graph.hpp>
#include <corymb/graph/single_linkage.hpp>
#include <corymb/neighbors/nearest_neighbors.hpp>
#include <corymb/neighbors/radius_neighbors.hpp>
#include <corymb/viz/line_plot.hpp>
#include <corymb/viz/reachability_plot.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>

// The code of docs/dbscan.md, docs/optics.md, docs/neighbors.md and docs/graphs.md.

namespace density_pages {
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

  const auto X_new = corymb::make_moons(50).points;
  auto of_new = corymb::predict(r, X, X_new);      // the cluster that reaches a new row, or noise
  auto graph = corymb::radius_neighbors(X, 0.3);   // or any sparse matrix of distances
  auto of_graph = corymb::dbscan(graph, 0.2, 10);  // as often as you like, with any eps up to 0.3

  EXPECT_EQ(of_new.size(), 50);
  EXPECT_TRUE(of_graph.labels == corymb::dbscan(X, 0.2, 10).labels);
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

TEST(OpticsPage, Code) {
  const auto X = corymb::make_moons(400, {.noise = 0.05}).points;
  const auto D = corymb::pairwise_distances(X, X);

  auto r = corymb::optics(X, 10);  // 10 points, the point itself included, make a neighbourhood dense
  r.ordering;                      // n row numbers
  r.reachability;                  // by row: the distance at which the rows before it reach it; infinity = none does
  r.core_distances;                // by row: the distance of its 10th nearest row, itself included
  r.predecessor;                   // by row: the row that reaches it; −1 = none

  auto valleys = corymb::xi_clusters(r, {.xi = 0.05, .min_cluster_size = 200});
  valleys.labels;                            // n cluster numbers; noise is corymb::noise = −1
  valleys.hierarchy;                         // clusters and those within them: intervals of the ordering, with parents
  corymb::Labels at = corymb::cut(r, 0.15);  // clusters of one density: those of dbscan(X, 0.15, 10)
  corymb::write_svg("reachability.svg", corymb::reachability_plot(r, valleys.labels));

  auto near = corymb::optics(X, 10, {.metric = corymb::Metric::manhattan, .max_eps = 0.5});
  auto own =
      corymb::optics(X, 10, [](std::span<const double> x, std::span<const double> y) { return std::abs(x[0] - y[0]); });
  auto of_matrix = corymb::optics(corymb::DistanceMatrix(D), 10);  // n × n, or the upper triangle as a vector

  EXPECT_TRUE(std::filesystem::remove("reachability.svg"));
  EXPECT_EQ(at.maxCoeff(), 1);
  EXPECT_TRUE(corymb::dbscan(X, 0.15, 10).is_core[0] == (r.core_distances[0] <= 0.15));
  EXPECT_EQ(near.max_eps, 0.5);
  EXPECT_EQ(own.ordering.size(), 400u);
  EXPECT_TRUE(of_matrix.ordering == r.ordering);
}

TEST(NeighborsPage, Code) {
  const auto X = corymb::make_moons(200).points, X_new = corymb::make_moons(50).points;

  auto near = corymb::nearest_neighbors(X, 10);           // the 10 nearest other rows of each row
  near.indices;                                           // n × 10 row numbers, nearest first
  near.distances;                                         // n × 10, ascending
  auto of_new = corymb::nearest_neighbors(X, X_new, 10);  // the 10 nearest rows of X for each row of X_new

  EXPECT_EQ(near.indices.cols(), 10);
  EXPECT_EQ(of_new.indices.rows(), 50);

  auto within = corymb::radius_neighbors(X, 0.2);  // n × n sparse; entry (i, j) is the distance of row j from row i
  auto counts = corymb::count_neighbors(X, 0.2);   // n

  EXPECT_EQ(within.nonZeros(), counts.sum());
}

TEST(GraphsPage, Code) {
  const auto X = corymb::make_moons(200).points;

  auto edges = corymb::minimum_spanning_tree(X);        // n − 1 edges {a, b, weight}, ascending
  auto tree = corymb::single_linkage(X.rows(), edges);  // which sets of rows join, and at which height
  corymb::Labels labels = corymb::cut(tree, 0.3);       // the components of edges up to 0.3

  auto near = corymb::nearest_neighbors(X, 10);
  auto graph = corymb::neighbor_graph(near);           // a sparse Eigen matrix of distances
  auto parts = corymb::connected_components(graph);    // labels and their number
  auto forest = corymb::minimum_spanning_tree(graph);  // of each component

  auto nine = corymb::nearest_neighbors(X, 9);  // min_samples = 10 counts the row itself
  auto reach = corymb::minimum_spanning_tree(X, {.core_distances = nine.distances.col(8)});

  EXPECT_EQ(edges.size(), 199u);
  EXPECT_EQ(labels.maxCoeff(), 1);
  EXPECT_EQ(static_cast<corymb::Index>(forest.size()), 200 - parts.components);
  EXPECT_EQ(reach.size(), 199u);
}

}  // namespace
}  // namespace density_pages
