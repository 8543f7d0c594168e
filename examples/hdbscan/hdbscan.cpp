// Clusters of different densities, out of a hierarchy: cities on the earth, where one distance cannot fit both Europe
// and Siberia, and handwritten digits as points in 64 dimensions, the last of which are told by the hierarchy of the
// others. Points are fainter the farther they are from the densest part of their cluster.
//   hdbscan [CITIES.csv]
#include <corymb/datasets/bundled.hpp>
#include <corymb/density/hdbscan.hpp>
#include <corymb/density/hdbscan_predict.hpp>
#include <corymb/io/matrix.hpp>
#include <corymb/metrics/contingency.hpp>
#include <corymb/metrics/external.hpp>
#include <corymb/viz/condensed_tree_plot.hpp>
#include <corymb/viz/scatter.hpp>

#include <cstdio>
#include <exception>
#include <fstream>
#include <string>
#include <vector>

namespace {

/// The first column of a file with a header.
std::vector<std::string> first_column(const std::string& path) {
  std::ifstream file(path);
  std::vector<std::string> names;
  std::string line;
  std::getline(file, line);
  while (std::getline(file, line)) names.push_back(line.substr(0, line.find(',')));
  return names;
}

void cluster_cities(const std::string& path) {
  const auto X = corymb::read_matrix<double>(path, {.columns = {"latitude", "longitude"}});
  const std::vector<std::string> names = first_column(path);
  const auto result =
      corymb::hdbscan(X, {.metric = corymb::Metric::haversine, .min_cluster_size = 8, .min_samples = 4});

  std::printf("%td cities, %d clusters, %td by themselves\n\n", X.rows(), result.clusters,
              (result.labels.array() == corymb::noise).count());
  std::printf("%7s %7s %11s  %s\n", "cluster", "cities", "persistence", "in its middle");
  const std::vector<corymb::Index> medoids = corymb::medoids(result, X);
  corymb::ScatterOptions map{.title = "Clusters of cities, by great-circle distances",
                             .axis_names = {"longitude", "latitude"},
                             .scales = corymb::AxisScales::equal,
                             .width = 1000,
                             .height = 420};
  for (std::int32_t c = 0; c < result.clusters; ++c) {
    const std::string& name = names[static_cast<std::size_t>(medoids[static_cast<std::size_t>(c)])];
    std::printf("%7d %7td %11.2f  %s\n", c, (result.labels.array() == c).count(), result.persistence[c], name.c_str());
    map.cluster_names.push_back(name);
  }
  map.opacity = result.probabilities;
  corymb::write_svg("map.svg", corymb::scatter(X.rowwise().reverse(), result.labels, map));
  corymb::write_svg("tree.svg", corymb::condensed_tree_plot(result.condensed_tree, result.selected,
                                                            {.title = "The hierarchy that they were selected from"}));
}

void cluster_digits() {
  const corymb::BundledData digits = corymb::digits();
  constexpr corymb::Index known = 1500;
  const corymb::RowMatrix<double> X = digits.points.topRows(known), X_new = digits.points.bottomRows(297);
  const auto result = corymb::hdbscan(X, {.min_cluster_size = 20, .min_samples = 5});
  const auto table = corymb::contingency_table(digits.labels.head(known), result.labels);
  std::printf("\n%td digits in 64 dimensions: %d clusters, %td noise; ARI %.3f, noise as a cluster of its own\n", known,
              result.clusters, (result.labels.array() == corymb::noise).count(), corymb::adjusted_rand_index(table));

  const corymb::HdbscanPlaces places = corymb::place(result, X, X_new);
  corymb::Index joined = 0;
  for (const std::int32_t label : places.labels) joined += label != corymb::noise;
  const auto of_new = corymb::contingency_table(digits.labels.tail(297), places.labels);
  std::printf("297 others: %td join a cluster; ARI %.3f\n", joined, corymb::adjusted_rand_index(of_new));
  corymb::ScatterOptions picture{.title = "Handwritten digits, by two of 64 dimensions"};
  picture.opacity = result.probabilities;
  corymb::write_svg("digits.svg", corymb::scatter(X, result.labels, picture));
}

}  // namespace

int main(int argc, char** argv) {
  try {
    cluster_cities(argc > 1 ? argv[1] : CITIES);
    cluster_digits();
  } catch (const std::exception& error) {
    std::fprintf(stderr, "hdbscan: %s\n", error.what());
    return 1;
  }
}
