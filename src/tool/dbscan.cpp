#include <corymb/core/errors.hpp>
#include <corymb/density/dbscan.hpp>

#include <memory>
#include <optional>
#include <utility>

#include "arguments.hpp"
#include "clustering.hpp"
#include "commands.hpp"
#include "metric.hpp"

namespace corymb::tool {
namespace {

struct DbscanArguments {
  std::optional<double> eps;
  std::optional<Index> min_points;
  DbscanOptions options;
  MetricArguments metric;
  ClusteringArguments common;
};

template <class T>
DbscanResult fit(const ClusteringInput<T>& input, const DbscanArguments& given, const DbscanOptions& options) {
  return input.distances ? dbscan(*input.distances, *given.eps, *given.min_points, options)
                         : dbscan(input.points, *given.eps, *given.min_points, options);
}

Run define_dbscan(Arguments& arguments) {
  const auto given = std::make_shared<DbscanArguments>();
  DbscanOptions& options = given->options;
  arguments.usage("FILE --eps E --min-points M [options]");
  arguments.describe(
      "Finds clusters of any shape where points are dense: a point with at least M points within E of it, itself "
      "included, is core; core points within E of each other are in one cluster, and so are the points within E of "
      "them. All others are noise. Exact, on any number of threads, in memory that grows with the points alone.");
  arguments.example("Two interleaved moons:", "corymb dbscan moons.csv --eps 0.15 --min-points 5 --plot moons.svg");
  arguments.example("Places within 50 kilometres of each other:",
                    "corymb dbscan cities.csv --columns latitude,longitude --metric haversine --eps 50 --min-points 4");
  arguments.group("Clusters");
  arguments.number("--eps", given->eps, "E", "How near neighbours are, in the unit of the metric; needed");
  arguments.number("--min-points", given->min_points, "M",
                   "Points within E that make a point core, itself included; needed");
  arguments.choice("--border", options.border,
                   {{"lowest-cluster", BorderPoints::lowest_cluster}, {"as-noise", BorderPoints::as_noise}},
                   "What becomes of points that are not core but within E of one that is");
  arguments.choice("--algorithm", options.algorithm,
                   {{"automatic", DbscanAlgorithm::automatic},
                    {"grid", DbscanAlgorithm::grid},
                    {"kd-tree", DbscanAlgorithm::kd_tree},
                    {"ball-tree", DbscanAlgorithm::ball_tree},
                    {"brute-force", DbscanAlgorithm::brute_force}},
                   "How neighbours are found: changes time and memory only");
  arguments.flag("--missing-as-noise", options.missing_as_noise,
                 "Points with missing values (NaN) are noise, not an error");
  given->metric.define(arguments);
  given->common.define(arguments);
  given->common.define_precomputed(arguments);
  for (const char* of_points : {"--exponent", "--missing-as-noise"}) arguments.exclusive({"--precomputed", of_points});
  return [given] {
    if (!given->eps) throw InvalidArgument("--eps is needed, how near neighbours are");
    if (!given->min_points) throw InvalidArgument("--min-points is needed, how many points make one of them core");
    const Metric metric = given->metric.metric();
    return run_clustering("dbscan", given->common, [&]<class T>(const ClusteringInput<T>& input, ClusteringRun& run) {
      DbscanOptions of_run = given->options;
      of_run.execution = run.execution();
      of_run.weights = input.weights;
      if (!input.distances) of_run.metric = metric;
      Clustering<T> clustering;
      clustering.labels = run.fit([&] { return fit(input, *given, of_run); }).labels;
      return clustering;
    });
  };
}

const RegisterCommand dbscan_command({.name = "dbscan",
                                      .summary = "clusters of any shape, and noise, by density",
                                      .define = define_dbscan,
                                      .group = CommandGroup::clustering});

}  // namespace
}  // namespace corymb::tool
