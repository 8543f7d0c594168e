#include <corymb/partition/kmeans.hpp>

#include <memory>
#include <string>
#include <utility>

#include "arguments.hpp"
#include "clustering.hpp"
#include "commands.hpp"
#include "start.hpp"

namespace corymb::tool {
namespace {

struct KMeansArguments {
  StartArguments start;
  KMeansOptions options;
  std::string centroids;
  ClusteringArguments common;
};

template <class T>
Clustering<T> cluster(const ClusteringInput<T>& input, ClusteringRun& run, const KMeansArguments& given) {
  KMeansOptions options = given.options;
  options.execution = run.execution();
  options.weights = input.weights;
  const Start<T> start(given.start, input);
  options.initial_rows = start.initial_rows;
  KMeansResult<T> result = run.fit([&] {
    const auto fit = [&](const auto& points) {
      return start.initial_centroids ? kmeans(points, *start.initial_centroids, options)
                                     : kmeans(points, start.k, options);
    };
    return input.source ? fit(*input.source) : fit(input.points);
  });
  write_centroids(given.centroids, input, result.centroids);
  return {std::move(result.labels), result.inertia, result.iterations, result.status, std::move(result.centroids)};
}

Run define_kmeans(Arguments& arguments) {
  const auto given = std::make_shared<KMeansArguments>();
  KMeansOptions& options = given->options;
  arguments.usage("FILE -k K [options]");
  arguments.describe(
      "Divides the points into K clusters, each around its centroid, the mean of its points, so that the sum of "
      "squared "
      "distances to the centroids (the inertia) is small. Finds a local minimum, which depends on the start: "
      "--restarts "
      "takes the best of several. A good choice for compact clusters of similar size, at any number of points.");
  arguments.example("Eight clusters, the best of ten starts, with a picture:",
                    "corymb kmeans points.csv -k 8 --restarts 10 --labels labels.csv --plot clusters.svg");
  arguments.example("Two columns of a table whose units differ:",
                    "corymb kmeans cars.csv -k 4 --columns weight,power --standardize");
  arguments.example("Compare with known classes, for another program to read:",
                    "corymb kmeans points.npy -k 10 --truth classes.csv --json");
  arguments.example("A file larger than the memory:",
                    "corymb kmeans points.npy -k 100 --init kmeans-parallel --stream --float32 --labels labels.csv");
  arguments.group("Clusters");
  arguments.number("-k", given->start.k, "K", "Number of clusters; needed unless the start is given");
  arguments.choice("--init", options.init,
                   {{"random", KMeansInit::random},
                    {"kmeans-plus-plus", KMeansInit::kmeans_plus_plus},
                    {"greedy-kmeans-plus-plus", KMeansInit::greedy_kmeans_plus_plus},
                    {"kmeans-parallel", KMeansInit::kmeans_parallel},
                    {"afk-mc2", KMeansInit::afk_mc2}},
                   "First centroids");
  arguments.number("--seeding-rounds", options.seeding_rounds, "N", "Rounds of --init kmeans-parallel");
  arguments.number("--oversampling", options.oversampling, "X", "Draws of each round, in multiples of K");
  arguments.number("--chain-length", options.chain_length, "N", "Draws for each centroid of --init afk-mc2");
  given->start.define_files(arguments);
  arguments.exclusive({"--init", "--initial-rows", "--initial-centroids"});
  arguments.number("--restarts", options.restarts, "N", "Independent runs, of which the best counts");
  arguments.number("--max-iterations", options.max_iterations, "N", "Iterations of a run at most");
  arguments.number("--tolerance", options.tolerance, "X",
                   "Stop when the centroids move less, relative to the variance of the data");
  arguments.choice("--algorithm", options.algorithm,
                   {{"automatic", KMeansAlgorithm::automatic},
                    {"lloyd", KMeansAlgorithm::lloyd},
                    {"hamerly", KMeansAlgorithm::hamerly},
                    {"elkan", KMeansAlgorithm::elkan},
                    {"yinyang", KMeansAlgorithm::yinyang},
                    {"progressive", KMeansAlgorithm::progressive},
                    {"quantized", KMeansAlgorithm::quantized}},
                   "How nearest centroids are found: changes time and memory, not the result");
  arguments.flag("--single-moves", options.single_moves, "Polish by moving single points, then go on");
  arguments.choice("--empty-clusters", options.empty_clusters,
                   {{"relocate", EmptyClusters::relocate}, {"keep", EmptyClusters::keep}},
                   "What happens to clusters that lost all points");
  arguments.number("--seed", options.seed, "N", "Same seed, same result");
  given->common.define(arguments);
  given->common.define_stream(arguments);
  arguments.exclusive({"--stream", "--single-moves"});
  define_centroids_file(arguments, given->centroids);
  return [given] {
    given->start.check();
    const KMeansAlgorithm algorithm = given->options.algorithm;
    if (given->common.stream && algorithm != KMeansAlgorithm::automatic && algorithm != KMeansAlgorithm::lloyd)
      throw InvalidArgument("--stream needs --algorithm automatic or lloyd; the others need all points in memory");
    return run_clustering("kmeans", given->common,
                          [&](const auto& input, ClusteringRun& run) { return cluster(input, run, *given); });
  };
}

const RegisterCommand kmeans_command({.name = "kmeans",
                                      .summary = "cluster around k centroids",
                                      .define = define_kmeans,
                                      .group = CommandGroup::clustering});

}  // namespace
}  // namespace corymb::tool
