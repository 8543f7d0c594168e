#include <corymb/core/errors.hpp>
#include <corymb/core/parallel.hpp>
#include <corymb/io/labels.hpp>
#include <corymb/validity/dbcv.hpp>

#include <cmath>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "arguments.hpp"
#include "clustering.hpp"
#include "commands.hpp"
#include "metric.hpp"
#include "report.hpp"

namespace corymb::tool {
namespace {

struct DbcvArguments {
  std::string labels;
  std::optional<Index> dimensions;
  MetricArguments metric;
  ClusteringArguments common;
};

/// JSON has no infinity: what is not separated from anything has null.
Json to_json(const DbcvCluster& cluster) {
  return {{"label", cluster.label},
          {"size", cluster.size},
          {"validity", cluster.validity},
          {"sparseness", cluster.sparseness},
          {"separation", std::isinf(cluster.separation) ? Json() : Json(cluster.separation)}};
}

template <class T>
int run_dbcv(const DbcvArguments& given, Metric metric) {
  ClusteringRun run("dbcv", given.common);
  const ClusteringInput<T> input = run.read<T>();
  const Labels labels = read_labels(given.labels);
  if (labels.size() != input.rows())
    throw InvalidArgument(given.labels + " has " + std::to_string(labels.size()) + " labels, " + given.common.points +
                          " has " + std::to_string(input.rows()) + " rows; they must agree");
  DbcvOptions options{.dimensions = given.dimensions, .execution = run.execution()};
  if (!input.distances) options.metric = metric;
  const DbcvResult result = run.fit(
      [&] { return input.distances ? dbcv(*input.distances, labels, options) : dbcv(input.points, labels, options); });
  Json report{{"n", input.rows()},
              {"d", input.cols()},
              {"threads", resolve_threads(given.common.threads)},
              {"read_seconds", run.read_seconds()},
              {"seconds", run.fit_seconds()},
              {"clusters", result.clusters.size()},
              {"noise", (labels.array() < 0).count()},
              {"score", result.score}};
  if (given.common.json) {
    report["by_cluster"] = Json::array();
    for (const DbcvCluster& cluster : result.clusters) report["by_cluster"].push_back(to_json(cluster));
  }
  print_report(report, given.common.json);
  return 0;
}

Run define_dbcv(Arguments& arguments) {
  const auto given = std::make_shared<DbcvArguments>();
  arguments.usage("FILE LABELS [options]");
  arguments.describe(
      "Prints how good a clustering is without known classes, by density: DBCV compares, for each cluster, where it is "
      "thinnest within and where it is nearest to another one. The score is in [-1, 1], the higher the better; "
      "clusters "
      "may have any shape, and noise counts 0.");
  arguments.describe("Compare labelings of the same points by it, with the same options; not different data.");
  arguments.example("Judge what DBSCAN found:", "corymb dbcv moons.csv labels.csv");
  ClusteringArguments& common = given->common;
  common.define_points(arguments);
  arguments.input_file(
      "LABELS", given->labels,
      "Labels of the points, one integer a line, or an NPY or IDX array of integers; negative ones are "
      "noise");
  arguments.group("Distances");
  given->metric.define(arguments);
  arguments.number("--dimensions", given->dimensions, "D",
                   "Dimensions that the data fill, at least 1; if not given, the number of columns");
  common.define_execution(arguments);
  arguments.group("Output");
  arguments.flag("--json", common.json, "Print the report, with what each cluster has, as one JSON object");
  common.define_precomputed(arguments, false);
  arguments.exclusive({"--precomputed", "--exponent"});
  return [given] {
    if (given->common.precomputed && !given->dimensions)
      throw InvalidArgument("--precomputed needs --dimensions: distances do not tell in how many their objects lie");
    const Metric metric = given->metric.metric();
    return given->common.float32 ? run_dbcv<float>(*given, metric) : run_dbcv<double>(*given, metric);
  };
}

const RegisterCommand dbcv_command({.name = "dbcv",
                                    .summary = "judge a clustering by density, without known classes",
                                    .define = define_dbcv});

}  // namespace
}  // namespace corymb::tool
