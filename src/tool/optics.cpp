#include <corymb/core/errors.hpp>
#include <corymb/density/optics.hpp>
#include <corymb/viz/reachability_plot.hpp>

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "arguments.hpp"
#include "clustering.hpp"
#include "commands.hpp"
#include "metric.hpp"
#include "table.hpp"

namespace corymb::tool {
namespace {

/// What --plot shows.
enum class Drawing { reachability, points };

struct OpticsArguments {
  std::optional<Index> min_samples;
  std::optional<double> max_eps;
  OpticsOptions options;
  std::optional<double> eps;
  std::optional<double> xi;
  std::optional<Index> min_cluster_size;
  bool no_predecessor_correction = false;
  MetricArguments metric;
  std::string reachability;
  Drawing drawing = Drawing::reachability;
  ClusteringArguments common;
};

Labels labels_of(const OpticsResult& result, const OpticsArguments& given) {
  if (given.eps) return cut(result, *given.eps);
  XiOptions options{.min_cluster_size = given.min_cluster_size,
                    .predecessor_correction = !given.no_predecessor_correction};
  if (given.xi) options.xi = *given.xi;
  return xi_clusters(result, options).labels;
}

/// One line for each row, in the order.
void write_reachability(const std::string& path, const OpticsResult& result, const Labels& labels) {
  RowMatrix<double> table(result.reachability.size(), 5);
  for (Index place = 0; place < table.rows(); ++place) {
    const Index row = result.ordering[static_cast<std::size_t>(place)];
    table.row(place) << static_cast<double>(row), result.reachability[row], result.core_distances[row],
        result.predecessor[static_cast<std::size_t>(row)], labels[row];
  }
  write_table(path, table, {"row", "reachability", "core_distance", "predecessor", "label"});
}

Picture draw_reachability(const OpticsResult& result, const Labels& labels, const OpticsArguments& given) {
  const std::string file = std::filesystem::path(given.common.points).filename().string();
  ReachabilityPlotOptions options{.title = file + ": reachability, min-samples " + std::to_string(*given.min_samples),
                                  .eps = given.eps};
  if (given.metric.kind == Metric::Kind::haversine) options.y_name += " (kilometres)";
  return reachability_plot(result, labels, options);
}

void define_clusters(Arguments& arguments, OpticsArguments& given) {
  arguments.group("Clusters");
  arguments.number("--xi", given.xi, "X",
                   "Clusters begin where the reachability falls by this part from one point to the next, and end where "
                   "it rises so; default 0.05");
  arguments.number("--min-cluster-size", given.min_cluster_size, "N",
                   "Clusters of --xi have at least so many points; default: those of --min-samples");
  arguments.flag("--no-predecessor-correction", given.no_predecessor_correction,
                 "Leave points at the end of a cluster of --xi in it that none of its points reached");
  arguments.number("--eps", given.eps, "E", "Instead: the clusters of one density, those of corymb dbscan");
  for (const char* of_xi : {"--xi", "--min-cluster-size", "--no-predecessor-correction"})
    arguments.exclusive({"--eps", of_xi});
}

Run define_optics(Arguments& arguments) {
  const auto given = std::make_shared<OpticsArguments>();
  arguments.usage("FILE --min-samples M [options]");
  arguments.describe(
      "Orders points so that clusters of any density can be seen: each is followed by the one that those before it "
      "reach "
      "at the smallest distance, its reachability. In the plot of these distances clusters are valleys, within others "
      "where they are denser. They are found by how steep the valleys are, or by a cut at one distance.");
  arguments.example("The plot, and clusters of different densities:",
                    "corymb optics moons.csv --min-samples 10 --plot reachability.svg --labels labels.csv");
  arguments.example("The clusters of one density, and a picture of the points:",
                    "corymb optics moons.csv --min-samples 10 --eps 0.15 --plot moons.svg --draw points");
  arguments.group("Ordering");
  arguments.number("--min-samples", given->min_samples, "M",
                   "Points that make a neighbourhood dense, the point itself included; needed");
  arguments.number("--max-eps", given->max_eps, "E",
                   "Points farther apart do not reach each other: less time in few columns; default: no limit");
  arguments.choice("--search", given->options.search,
                   {{"automatic", NeighborSearch::automatic},
                    {"kd-tree", NeighborSearch::kd_tree},
                    {"ball-tree", NeighborSearch::ball_tree},
                    {"brute-force", NeighborSearch::brute_force}},
                   "How points are found: changes time and memory only");
  given->metric.define(arguments);
  define_clusters(arguments, *given);
  ClusteringArguments& common = given->common;
  common.define_points(arguments);
  common.define_execution(arguments);
  common.define_output(arguments, "Draw what --draw says, coloured by label, as SVG");
  arguments.choice("--draw", given->drawing, {{"reachability", Drawing::reachability}, {"points", Drawing::points}},
                   "The reachability plot, or the points: two columns, or the first two principal components of more");
  arguments.needs("--draw", "--plot");
  arguments.output_file("--reachability", given->reachability, OutputFormat::text_or_npy,
                        "Write row (from 0), reachability, core distance, predecessor and label of the points in their "
                        "order: NPY if FILE ends in .npy, else CSV");
  common.define_precomputed(arguments, false);
  arguments.exclusive({"--precomputed", "--exponent"});
  return [given] {
    if (!given->min_samples)
      throw InvalidArgument("--min-samples is needed, how many points make a neighbourhood dense");
    if (given->common.precomputed && given->drawing == Drawing::points)
      throw InvalidArgument("--draw points needs points: --precomputed excludes it");
    const Metric metric = given->metric.metric();
    return run_clustering("optics", given->common, [&]<class T>(const ClusteringInput<T>& input, ClusteringRun& run) {
      OpticsOptions of_run = given->options;
      of_run.execution = run.execution();
      if (given->max_eps) of_run.max_eps = *given->max_eps;
      if (!input.distances) of_run.metric = metric;
      Clustering<T> clustering;
      const OpticsResult result = run.fit([&] {
        OpticsResult found = input.distances ? optics(*input.distances, *given->min_samples, of_run)
                                             : optics(input.points, *given->min_samples, of_run);
        clustering.labels = labels_of(found, *given);
        return found;
      });
      if (!given->reachability.empty()) write_reachability(given->reachability, result, clustering.labels);
      if (given->drawing == Drawing::reachability && !given->common.plot.empty())
        clustering.picture = draw_reachability(result, clustering.labels, *given);
      return clustering;
    });
  };
}

const RegisterCommand optics_command({.name = "optics",
                                      .summary = "an ordering that shows clusters of any density, and these clusters",
                                      .define = define_optics,
                                      .group = CommandGroup::clustering});

}  // namespace
}  // namespace corymb::tool
