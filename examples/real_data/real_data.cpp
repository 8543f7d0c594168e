// Real data sets, clustered as they are and standardized: how long it took, and how well the clusters agree with the
// known classes, where there are any.
#include <corymb/datasets/bundled.hpp>
#include <corymb/metrics/external.hpp>
#include <corymb/partition/kmeans.hpp>
#include <corymb/preprocess/standardize.hpp>
#include <corymb/viz/scatter.hpp>

#include <chrono>
#include <cstdio>
#include <string>
#include <vector>

namespace {

struct Problem {
  std::string name;
  corymb::BundledData data;
  corymb::Index k;
};

/// Prints a line of the table and returns the picture.
corymb::Picture cluster(const Problem& problem) {
  const auto start = std::chrono::steady_clock::now();
  const auto result = corymb::kmeans(problem.data.points, problem.k, {.restarts = 4, .seed = 42});
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;

  std::printf("%-10s %-26s %8.4f %9td", "k-means", problem.name.c_str(), seconds.count(), problem.k);
  if (problem.data.labels.size() > 0) {
    const auto table = corymb::contingency_table(problem.data.labels, result.labels);
    std::printf(" %6.3f %6.3f\n", corymb::adjusted_rand_index(table), corymb::normalized_mutual_information(table));
  } else {
    std::printf(" %6s %6s\n", "-", "-");
  }
  return corymb::scatter(problem.data.points, result.labels,
                         {.title = "k-means: " + problem.name,
                          .axis_names = problem.data.feature_names,
                          .centers = result.centroids,
                          .width = 480,
                          .height = 380});
}

Problem standardized(Problem problem) {
  problem.name += ", standardized";
  problem.data.points = corymb::standardize(problem.data.points).points;
  return problem;
}

}  // namespace

int main() {
  const Problem iris{"iris", corymb::iris(), 3}, wine{"wine", corymb::wine(), 3},
      digits{"digits", corymb::digits(), 10}, old_faithful{"old faithful", corymb::old_faithful(), 2};

  std::printf("%-10s %-26s %8s %9s %6s %6s\n", "algorithm", "data", "seconds", "clusters", "ARI", "NMI");
  std::vector<corymb::Picture> pictures;
  for (const Problem& problem : {iris, wine, standardized(wine), digits, old_faithful, standardized(old_faithful)})
    pictures.push_back(cluster(problem));
  corymb::write_svg("real_data.svg", corymb::grid(pictures, {.columns = 3}));
}
