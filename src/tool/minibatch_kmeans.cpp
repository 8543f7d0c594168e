#include <corymb/partition/minibatch_kmeans.hpp>

#include <memory>
#include <string>
#include <utility>

#include "arguments.hpp"
#include "clustering.hpp"
#include "commands.hpp"
#include "start.hpp"

namespace corymb::tool {
namespace {

struct MiniBatchKMeansArguments {
  StartArguments start;
  MiniBatchKMeansOptions options;
  std::string centroids;
  ClusteringArguments common;
};

template <class T>
Clustering<T> cluster(const ClusteringInput<T>& input, ClusteringRun& run, const MiniBatchKMeansArguments& given) {
  const Start<T> start(given.start, input);
  MiniBatchKMeansOptions options = given.options;
  options.initial_rows = start.initial_rows;
  options.weights = input.weights;
  options.execution = run.execution();
  KMeansResult<T> result = run.fit([&] {
    return start.initial_centroids ? minibatch_kmeans(input.points, *start.initial_centroids, options)
                                   : minibatch_kmeans(input.points, start.k, options);
  });
  write_centroids(given.centroids, input, result.centroids);
  return {std::move(result.labels), result.inertia, result.iterations, result.status, std::move(result.centroids)};
}

Run define_minibatch_kmeans(Arguments& arguments) {
  const auto given = std::make_shared<MiniBatchKMeansArguments>();
  MiniBatchKMeansOptions& options = given->options;
  arguments.usage("FILE -k K [options]");
  arguments.describe(
      "k-means on random batches of the points: the centroids move a little after each batch, and the run usually ends "
      "long before it has seen all points. For many points much quicker than kmeans, at an inertia that is higher by "
      "about one per cent. The labels are those of the nearest centroids, of all points.");
  arguments.example("A hundred clusters of many points, in single precision:",
                    "corymb minibatch-kmeans points.npy -k 100 --float32 --labels labels.csv");
  arguments.example("Closer to kmeans, in more time:",
                    "corymb minibatch-kmeans points.csv -k 8 --batch-size 4096 --max-no-improvement 50");
  arguments.group("Clusters");
  arguments.number("-k", given->start.k, "K", "Number of clusters; needed unless the start is given");
  arguments.number("--batch-size", options.batch_size, "N", "Points of a batch; 0 = 1024, but at least 4 K");
  arguments.choice("--init", options.init,
                   {{"random", KMeansInit::random},
                    {"kmeans-plus-plus", KMeansInit::kmeans_plus_plus},
                    {"greedy-kmeans-plus-plus", KMeansInit::greedy_kmeans_plus_plus}},
                   "First centroids");
  arguments.number("--init-size", options.init_size, "N",
                   "Points drawn to choose the first centroids from; 0 = three batches");
  given->start.define_files(arguments);
  arguments.exclusive({"--init", "--initial-rows", "--initial-centroids"});
  arguments.number("--restarts", options.restarts, "N", "Independent runs, of which the best counts");
  arguments.number("--max-epochs", options.max_epochs, "N", "Passes over all points at most");
  arguments.number("--max-no-improvement", options.max_no_improvement, "N",
                   "Stop when the smoothed inertia of the batches has not fallen for so many of them; 0 = do not");
  arguments.number("--tolerance", options.tolerance, "X",
                   "Stop when the centroids move less, relative to the variance of the data; 0 = do not");
  arguments.number("--recency", options.recency, "X", "How much less earlier batches count; 0 = all the same");
  arguments.number("--reassignment-ratio", options.reassignment_ratio, "X",
                   "Centroids with less than this share of the mean number of points start anew; 0 = never");
  arguments.number("--seed", options.seed, "N", "Same seed, same result");
  given->common.define(arguments);
  define_centroids_file(arguments, given->centroids);
  return [given] {
    given->start.check();
    return run_clustering("minibatch-kmeans", given->common,
                          [&](const auto& input, ClusteringRun& run) { return cluster(input, run, *given); });
  };
}

const RegisterCommand minibatch_kmeans_command({.name = "minibatch-kmeans",
                                                .summary = "cluster many points around k centroids, in batches",
                                                .define = define_minibatch_kmeans,
                                                .group = CommandGroup::clustering});

}  // namespace
}  // namespace corymb::tool
