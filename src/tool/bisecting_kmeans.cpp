#include <corymb/core/errors.hpp>
#include <corymb/partition/bisecting_kmeans.hpp>

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "arguments.hpp"
#include "clustering.hpp"
#include "commands.hpp"
#include "start.hpp"

namespace corymb::tool {
namespace {

struct BisectingKMeansArguments {
  std::optional<Index> k;
  BisectingKMeansOptions options;
  std::string centroids;
  ClusteringArguments common;
};

template <class T>
Clustering<T> cluster(const ClusteringInput<T>& input, ClusteringRun& run, const BisectingKMeansArguments& given) {
  BisectingKMeansOptions options = given.options;
  options.weights = input.weights;
  options.execution = run.execution();
  BisectingKMeansResult<T> result = run.fit([&] { return bisecting_kmeans(input.points, *given.k, options); });
  write_centroids(given.centroids, input, result.centroids);
  return {std::move(result.labels), result.inertia, result.sizes.size() - 1, result.status,
          std::move(result.centroids)};
}

Run define_bisecting_kmeans(Arguments& arguments) {
  const auto given = std::make_shared<BisectingKMeansArguments>();
  BisectingKMeansOptions& options = given->options;
  arguments.usage("FILE -k K [options]");
  arguments.describe(
      "Splits the points in two by k-means, then one of the clusters, and so on until there are K. The clusters are a "
      "hierarchy: cluster K-1 was split off last, and without it the result is that for K-1. Quicker than kmeans for "
      "many clusters, at a higher inertia. The number of iterations in the report is that of splits.");
  arguments.example("Twenty clusters of sizes that differ little:",
                    "corymb bisecting-kmeans points.csv -k 20 --next largest-size --labels labels.csv");
  arguments.group("Clusters");
  arguments.number("-k", given->k, "K", "Number of clusters");
  arguments.choice("--next", options.next,
                   {{"largest-inertia", BisectNext::largest_inertia}, {"largest-size", BisectNext::largest_size}},
                   "Which cluster is split next");
  arguments.choice("--init", options.init,
                   {{"random", KMeansInit::random},
                    {"kmeans-plus-plus", KMeansInit::kmeans_plus_plus},
                    {"greedy-kmeans-plus-plus", KMeansInit::greedy_kmeans_plus_plus}},
                   "First centroids of each split");
  arguments.number("--restarts", options.restarts, "N", "Independent runs of each split, of which the best counts");
  arguments.number("--max-iterations", options.max_iterations, "N", "Iterations of a run at most");
  arguments.number("--tolerance", options.tolerance, "X",
                   "A split ends when its centroids move less, relative to the variance of the cluster");
  arguments.number("--seed", options.seed, "N", "Same seed, same result");
  given->common.define(arguments);
  define_centroids_file(arguments, given->centroids);
  return [given] {
    if (!given->k) throw InvalidArgument("-k is needed, the number of clusters");
    return run_clustering("bisecting-kmeans", given->common,
                          [&](const auto& input, ClusteringRun& run) { return cluster(input, run, *given); });
  };
}

const RegisterCommand bisecting_kmeans_command({.name = "bisecting-kmeans",
                                                .summary = "cluster by splitting in two again and again",
                                                .define = define_bisecting_kmeans,
                                                .group = CommandGroup::clustering});

}  // namespace
}  // namespace corymb::tool
