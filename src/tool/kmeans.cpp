#include <corymb/core/errors.hpp>
#include <corymb/io/csv.hpp>
#include <corymb/io/labels.hpp>
#include <corymb/io/matrix.hpp>
#include <corymb/io/npy.hpp>
#include <corymb/partition/kmeans.hpp>

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "arguments.hpp"
#include "clustering.hpp"
#include "commands.hpp"

namespace corymb::tool {
namespace {

struct KMeansArguments {
  std::optional<Index> k;
  KMeansOptions options;
  std::string initial_rows;
  std::string initial_centroids;
  std::string centroids;
  ClusteringArguments common;
};

void check(const KMeansArguments& given) {
  if (!given.k && given.initial_rows.empty() && given.initial_centroids.empty())
    throw InvalidArgument("-k is needed, the number of clusters (or --initial-rows or --initial-centroids)");
}

/// A start from a file fixes k.
Index number_of_clusters(const KMeansArguments& given, Index rows, const std::string& path) {
  if (rows == 0) throw IoError(path, 0, 0, "holds no rows to start from");
  if (given.k && *given.k != rows)
    throw InvalidArgument("-k is " + std::to_string(*given.k) + ", but " + path + " has " + std::to_string(rows) +
                          " rows; they must agree");
  return rows;
}

template <class T>
Clustering<T> cluster(const ClusteringInput<T>& input, ClusteringRun& run, const KMeansArguments& given) {
  KMeansOptions options = given.options;
  options.execution = run.execution();
  options.weights = input.weights;
  Index k = given.k.value_or(0);
  if (!given.initial_rows.empty()) {
    options.initial_rows = read_rows(given.initial_rows);
    k = number_of_clusters(given, static_cast<Index>(options.initial_rows.size()), given.initial_rows);
  }
  std::optional<RowMatrix<T>> start;
  if (!given.initial_centroids.empty()) {
    start = read_matrix<T>(given.initial_centroids);
    number_of_clusters(given, start->rows(), given.initial_centroids);
    start = input.to_clustered(std::move(*start));
  }

  KMeansResult<T> result =
      run.fit([&] { return start ? kmeans(input.points, *start, options) : kmeans(input.points, k, options); });

  if (given.centroids.ends_with(".npy"))
    write_npy(given.centroids, input.to_original(result.centroids));
  else if (!given.centroids.empty())
    write_csv(given.centroids, input.to_original(result.centroids));
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
  arguments.group("Clusters");
  arguments.number("-k", given->k, "K", "Number of clusters; needed unless the start is given");
  arguments.choice("--init", options.init,
                   {{"random", KMeansInit::random},
                    {"kmeans-plus-plus", KMeansInit::kmeans_plus_plus},
                    {"greedy-kmeans-plus-plus", KMeansInit::greedy_kmeans_plus_plus}},
                   "First centroids");
  arguments.input_file("--initial-rows", given->initial_rows, "Start from these rows, numbered from 0: CSV or NPY");
  arguments.input_file("--initial-centroids", given->initial_centroids, "Start from these centroids: CSV or NPY");
  arguments.exclusive({"--init", "--initial-rows", "--initial-centroids"});
  arguments.number("--restarts", options.restarts, "N", "Independent runs, of which the best counts");
  arguments.number("--max-iterations", options.max_iterations, "N", "Iterations of a run at most");
  arguments.number("--tolerance", options.tolerance, "X",
                   "Stop when the centroids move less, relative to the variance of the data");
  arguments.choice("--empty-clusters", options.empty_clusters,
                   {{"relocate", EmptyClusters::relocate}, {"keep", EmptyClusters::keep}},
                   "What happens to clusters that lost all points");
  arguments.number("--seed", options.seed, "N", "Same seed, same result");
  given->common.define(arguments);
  arguments.output_file("--centroids", given->centroids, OutputFormat::text_or_npy,
                        "Write the centroids, one a row: NPY if FILE ends in .npy, else CSV");
  return [given] {
    check(*given);
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
