#include <corymb/transport/balanced_kmeans.hpp>

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

struct BalancedKMeansArguments {
  StartArguments start;
  std::optional<Index> min_size;
  std::optional<Index> max_size;
  BalancedKMeansOptions options;
  std::string centroids;
  ClusteringArguments common;
};

template <class T>
Clustering<T> cluster(const ClusteringInput<T>& input, ClusteringRun& run, const BalancedKMeansArguments& given) {
  const Start<T> start(given.start, input);
  BalancedKMeansOptions options = given.options;
  if (given.min_size) options.min_size = {*given.min_size};
  if (given.max_size) options.max_size = {*given.max_size};
  options.initial_rows = start.initial_rows;
  options.execution = run.execution();
  BalancedKMeansResult<T> result = run.fit([&] {
    return start.initial_centroids ? balanced_kmeans(input.points, *start.initial_centroids, options)
                                   : balanced_kmeans(input.points, start.k, options);
  });
  write_centroids(given.centroids, input, result.centroids);
  Clustering<T> clustering{std::move(result.labels), result.inertia, result.iterations, result.status,
                           std::move(result.centroids)};
  clustering.facts = {{"smallest_cluster", result.sizes.minCoeff()}, {"largest_cluster", result.sizes.maxCoeff()}};
  return clustering;
}

Run define_balanced_kmeans(Arguments& arguments) {
  const auto given = std::make_shared<BalancedKMeansArguments>();
  BalancedKMeansOptions& options = given->options;
  arguments.usage("FILE -k K [options]");
  arguments.describe(
      "k-means with clusters of bounded sizes: each iteration assigns the points at the least sum of squared distances "
      "that the bounds allow, exactly. Without bounds all clusters are equal, but for one point. Equal sizes cost "
      "inertia and time; on 100 000 points some seconds.");
  arguments.example("Ten groups of equal size:", "corymb balanced-kmeans points.csv -k 10 --labels labels.csv");
  arguments.example("No group below 20 points, none above 200:",
                    "corymb balanced-kmeans points.csv -k 10 --min-size 20 --max-size 200 --restarts 4");
  arguments.group("Clusters");
  arguments.number("-k", given->start.k, "K", "Number of clusters; needed unless the start is given");
  arguments.number("--min-size", given->min_size, "N",
                   "Points of each cluster at least; 0, or equal clusters without --max-size, if it is not given");
  arguments.number("--max-size", given->max_size, "N",
                   "Points of each cluster at most; any, or equal clusters without --min-size, if it is not given");
  arguments.choice("--init", options.init,
                   {{"random", KMeansInit::random},
                    {"kmeans-plus-plus", KMeansInit::kmeans_plus_plus},
                    {"greedy-kmeans-plus-plus", KMeansInit::greedy_kmeans_plus_plus},
                    {"kmeans-parallel", KMeansInit::kmeans_parallel},
                    {"afk-mc2", KMeansInit::afk_mc2}},
                   "First centroids");
  given->start.define_files(arguments);
  arguments.exclusive({"--init", "--initial-rows", "--initial-centroids"});
  arguments.number("--restarts", options.restarts, "N", "Independent runs, of which the best counts");
  arguments.number("--max-iterations", options.max_iterations, "N", "Iterations of a run at most");
  arguments.number(
      "--tolerance", options.tolerance, "X",
      "Stop when the centroids move less, relative to the variance of the data; 0 = when no label changes");
  arguments.number("--seed", options.seed, "N", "Same seed, same result");
  given->common.define_points(arguments);
  given->common.define_execution(arguments);
  given->common.define_output(
      arguments,
      "Draw the points, coloured by label, as SVG: the two columns, or the first two principal components of "
      "more");
  define_centroids_file(arguments, given->centroids);
  return [given] {
    given->start.check();
    return run_clustering("balanced-kmeans", given->common,
                          [&](const auto& input, ClusteringRun& run) { return cluster(input, run, *given); });
  };
}

const RegisterCommand balanced_kmeans_command({.name = "balanced-kmeans",
                                               .summary = "cluster around k centroids, in clusters of bounded sizes",
                                               .define = define_balanced_kmeans,
                                               .group = CommandGroup::clustering});

}  // namespace
}  // namespace corymb::tool
