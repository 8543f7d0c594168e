// Clusters of many shapes, as small multiples: where k-means finds the groups that the eye sees, and where its idea of
// a cluster, a ball around a centre, is the wrong one.
#include <corymb/datasets/generators.hpp>
#include <corymb/metrics/external.hpp>
#include <corymb/partition/kmeans.hpp>
#include <corymb/viz/scatter.hpp>

#include <cmath>
#include <cstdio>
#include <string>
#include <vector>

namespace {

struct Problem {
  const char* name;
  corymb::Dataset<double> data;
  corymb::Index k;
};

std::vector<Problem> problems() {
  const corymb::Index n = 600;
  return {{"blobs", corymb::make_blobs(n, 2, 5, {.seed = 3}), 5},
          {"blobs of unequal spread", corymb::make_blobs(n, 2, 3, {.spread = {0.5, 2.5, 1}, .seed = 8}), 3},
          {"elongated blobs", corymb::make_blobs(n, 2, 3, {.elongation = 8, .seed = 5}), 3},
          {"moons", corymb::make_moons(n, {.noise = 0.05, .seed = 1}), 2},
          {"circles", corymb::make_circles(n, {.noise = 0.04, .seed = 1}), 2},
          {"spirals", corymb::make_spirals(n, 3, {.noise = 0.01, .seed = 1}), 3},
          {"Swiss roll", corymb::make_swiss_roll(n, {.seed = 1}), 4},
          {"20 dimensions", corymb::make_blobs(n, 20, 6, {.spread = {2}, .seed = 2}), 6},
          {"no clusters", corymb::make_uniform(n, 2, {.seed = 1}), 4}};
}

}  // namespace

int main() {
  std::vector<corymb::Picture> pictures;
  for (const Problem& problem : problems()) {
    const auto result = corymb::kmeans(problem.data.points, problem.k, {.restarts = 10, .seed = 1});
    const double ari = corymb::adjusted_rand_index(problem.data.labels, result.labels);
    std::printf("%-24s ARI %6.3f\n", problem.name, ari);
    char title[80];
    std::snprintf(title, sizeof title, "%s, ARI %.2f", problem.name, std::round(100 * ari) / 100 + 0.0);  // no -0.00
    pictures.push_back(corymb::scatter(problem.data.points, result.labels,
                                       {.title = title,
                                        .axis_names = {" ", " "},
                                        .centers = result.centroids,
                                        .legend = false,
                                        .width = 300,
                                        .height = 270}));
  }
  corymb::write_svg("shapes.svg", corymb::grid(pictures, {.columns = 3, .title = "k-means on nine shapes"}));
}
