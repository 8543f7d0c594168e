// Groups 150 iris flowers by their measurements, and compares the groups with the three species.

#include <corymb/datasets/bundled.hpp>
#include <corymb/metrics/external.hpp>
#include <corymb/partition/kmeans.hpp>
#include <corymb/viz/scatter.hpp>

#include <iostream>

int main() {
  const corymb::BundledData iris = corymb::iris();
  const auto result = corymb::kmeans(iris.points, 3, {.restarts = 4, .seed = 42});

  const auto table = corymb::contingency_table(iris.labels, result.labels);
  std::cout << "ARI       " << corymb::adjusted_rand_index(table) << '\n'
            << "NMI       " << corymb::normalized_mutual_information(table) << '\n'
            << "accuracy  " << corymb::clustering_accuracy(table) << '\n'
            << "centroids\n"
            << result.centroids << '\n';
  corymb::write_svg("iris.svg", corymb::scatter(iris.points, result.labels, {.centers = result.centroids}));
}
