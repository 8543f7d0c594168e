#include <corymb/density/hdbscan.hpp>
#include <corymb/viz/condensed_tree_plot.hpp>

#include <cmath>
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

struct HdbscanArguments {
  HdbscanOptions options;
  std::optional<double> epsilon_max;
  std::optional<double> max_cluster_size;
  MetricArguments metric;
  std::string probabilities;
  std::string outlier_scores;
  std::string tree_plot;
  ClusteringArguments common;
};

void write_outputs(const HdbscanArguments& given, const HdbscanResult& result, const Vector& weights) {
  write_table(given.probabilities, result.probabilities);
  write_table(given.outlier_scores, result.outlier_scores);
  if (given.tree_plot.empty()) return;
  const std::string file = std::filesystem::path(given.common.points).filename().string();
  write_svg(given.tree_plot, condensed_tree_plot(result.condensed_tree, result.selected,
                                                 {.title = "hdbscan: " + file, .weights = weights}));
}

void define_selection(Arguments& arguments, HdbscanArguments& given) {
  SelectionOptions& selection = given.options.selection;
  arguments.group("Selection");
  arguments.choice("--selection", selection.method,
                   {{"excess-of-mass", SelectionMethod::excess_of_mass}, {"leaf", SelectionMethod::leaf}},
                   "Which clusters of the hierarchy: those that last, or those that do not split any more, which are "
                   "smaller and more alike in size");
  arguments.number("--epsilon", selection.epsilon, "E", "Clusters that part below this distance stay together");
  arguments.number("--epsilon-max", given.epsilon_max, "E", "Clusters that part above this distance are not taken");
  arguments.number("--max-cluster-size", given.max_cluster_size, "N",
                   "Larger clusters are not taken; their parts may be");
  arguments.flag("--allow-single-cluster", selection.allow_single_cluster, "All points together may be one cluster");
  arguments.number("--clusters", selection.clusters, "K", "So many clusters, those that last longest together");
  arguments.number("--min-lifetime", given.options.min_lifetime, "L",
                   "Leaves of the hierarchy that last shorter, in 1 / distance, are no clusters");
  arguments.exclusive({"--clusters", "--epsilon"});
}

Run define_hdbscan(Arguments& arguments) {
  const auto given = std::make_shared<HdbscanArguments>();
  HdbscanOptions& options = given->options;
  arguments.usage("FILE [options]");
  arguments.describe(
      "Finds clusters of any shape and of different densities, and noise: the hierarchy of what is connected as the "
      "distance within which points are neighbours grows, and out of it the clusters that last longest. Exact, and "
      "independent of the order of the points.");
  arguments.example("Clusters of at least 25 points, fainter towards their edges:",
                    "corymb hdbscan points.csv --min-cluster-size 25 --plot clusters.svg");
  arguments.example("Places by great-circle distances, with the hierarchy that the clusters come from:",
                    "corymb hdbscan cities.csv --columns latitude,longitude --metric haversine --min-cluster-size 10 "
                    "--tree-plot tree.svg");
  arguments.group("Clusters");
  arguments.number("--min-cluster-size", options.min_cluster_size, "N", "Fewer points are not a cluster; at least 2");
  arguments.number("--min-samples", options.min_samples, "M",
                   "Points that make a place dense, the point itself included; more = more noise. Default: as "
                   "--min-cluster-size");
  arguments.number("--alpha", options.alpha, "A", "Divide distances by this");
  given->metric.define(arguments);
  arguments.flag("--missing-as-noise", options.missing_as_noise,
                 "Points with missing values (NaN) are noise, not an error");
  arguments.choice("--algorithm", options.algorithm,
                   {{"automatic", SpanningTreeAlgorithm::automatic},
                    {"boruvka", SpanningTreeAlgorithm::boruvka},
                    {"prim", SpanningTreeAlgorithm::prim}},
                   "How the spanning tree is found: changes time and memory only");
  define_selection(arguments, *given);
  given->common.define(arguments);
  arguments.output_file("--probabilities", given->probabilities, OutputFormat::text_or_npy,
                        "Write how far towards the densest part of its cluster each point lies, from 0 to 1, one a "
                        "line: NPY if FILE ends in .npy, else CSV");
  arguments.output_file("--outlier-scores", given->outlier_scores, OutputFormat::text_or_npy,
                        "Write the GLOSH outlier score of each point, from 0 to 1, likewise");
  arguments.output_file("--tree-plot", given->tree_plot, OutputFormat::svg,
                        "Draw the condensed tree with the clusters taken, as SVG");
  given->common.define_precomputed(arguments);
  for (const char* of_points : {"--exponent", "--missing-as-noise"}) arguments.exclusive({"--precomputed", of_points});
  return [given] {
    const Metric metric = given->metric.metric();
    return run_clustering("hdbscan", given->common, [&]<class T>(const ClusteringInput<T>& input, ClusteringRun& run) {
      HdbscanOptions of_run = given->options;
      of_run.execution = run.execution();
      of_run.weights = input.weights;
      if (given->epsilon_max) of_run.selection.epsilon_max = *given->epsilon_max;
      if (given->max_cluster_size) of_run.selection.max_cluster_size = *given->max_cluster_size;
      if (!input.distances) of_run.metric = metric;
      const HdbscanResult result =
          run.fit([&] { return input.distances ? hdbscan(*input.distances, of_run) : hdbscan(input.points, of_run); });
      write_outputs(*given, result, input.weights);
      Clustering<T> clustering;
      clustering.labels = result.labels;
      clustering.opacity = result.probabilities;
      return clustering;
    });
  };
}

const RegisterCommand hdbscan_command({.name = "hdbscan",
                                       .summary = "clusters of any shape and density, and noise, out of a hierarchy",
                                       .define = define_hdbscan,
                                       .group = CommandGroup::clustering});

}  // namespace
}  // namespace corymb::tool
