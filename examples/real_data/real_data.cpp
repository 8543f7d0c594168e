// Clusters the bundled data sets as they are, and prints one table: how long it took, and how well the clusters agree
// with the known classes, where there are any.

#include <corymb/datasets/bundled.hpp>
#include <corymb/metrics/external.hpp>
#include <corymb/partition/kmeans.hpp>

#include <chrono>
#include <cstdio>

namespace {

struct Problem {
  const char* name;
  corymb::BundledData data;
  corymb::Index k;
};

void cluster_and_print(const Problem& problem) {
  const auto start = std::chrono::steady_clock::now();
  const auto result = corymb::kmeans(problem.data.points, problem.k, {.restarts = 4, .seed = 42});
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;

  std::printf("%-10s %-13s %8.4f %9td", "kmeans", problem.name, seconds.count(), problem.k);
  if (problem.data.labels.size() == 0) {
    std::printf(" %6s %6s\n", "-", "-");
    return;
  }
  const auto table = corymb::contingency_table(problem.data.labels, result.labels);
  std::printf(" %6.3f %6.3f\n", corymb::adjusted_rand_index(table), corymb::normalized_mutual_information(table));
}

}  // namespace

int main() {
  const Problem problems[] = {{"iris", corymb::iris(), 3},
                              {"wine", corymb::wine(), 3},
                              {"digits", corymb::digits(), 10},
                              {"old faithful", corymb::old_faithful(), 2}};
  std::printf("%-10s %-13s %8s %9s %6s %6s\n", "algorithm", "data", "seconds", "clusters", "ARI", "NMI");
  for (const Problem& problem : problems) cluster_and_print(problem);
}
