#include <corymb/core/errors.hpp>
#include <corymb/hierarchy/agglomerative.hpp>
#include <corymb/viz/dendrogram.hpp>

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

enum class Drawing { dendrogram, points };

struct AgglomerativeArguments {
  Linkage linkage = Linkage::ward;
  std::optional<Index> k;
  std::optional<double> height;
  Index leaves = DendrogramPlotOptions{}.most_leaves;
  Drawing drawing = Drawing::dendrogram;
  bool float_triangle = false;
  MetricArguments metric;
  std::string merges;
  ClusteringArguments common;
};

Labels labels_of(const Dendrogram& tree, const AgglomerativeArguments& given) {
  return given.k ? cut_into(tree, *given.k) : cut(tree, *given.height);
}

Picture draw_dendrogram(const Dendrogram& tree, const AgglomerativeArguments& given) {
  const std::string file = std::filesystem::path(given.common.points).filename().string();
  return dendrogram_plot(tree, {.title = "agglomerative: " + file,
                                .clusters = given.k,
                                .cut_height = given.height,
                                .most_leaves = given.leaves});
}

void define_output(Arguments& arguments, AgglomerativeArguments& given) {
  given.common.define_output(arguments, "Draw what --draw says, coloured by label, as SVG");
  arguments.choice("--draw", given.drawing, {{"dendrogram", Drawing::dendrogram}, {"points", Drawing::points}},
                   "The hierarchy with the cut, or the points: two columns, or the first two principal components of "
                   "more");
  arguments.number("--leaves", given.leaves, "N",
                   "The dendrogram shows the last merges, of so many clusters at most; at least 2");
  for (const char* of_plot : {"--draw", "--leaves"}) arguments.needs(of_plot, "--plot");
  arguments.output_file("--merges", given.merges, OutputFormat::text_or_npy,
                        "Write the merges by ascending height: the two clusters, their distance and the size, where "
                        "clusters below n are rows (from 0) and n + i is what line i makes, as SciPy has them: NPY if "
                        "FILE ends in .npy, else CSV");
}

Run define_agglomerative(Arguments& arguments) {
  const auto given = std::make_shared<AgglomerativeArguments>();
  arguments.usage("FILE (-k K | --height H) [options]");
  arguments.describe(
      "Builds a hierarchy from below: each point is a cluster, and the two that are nearest to each other become one "
      "until one is left. Labels are those of the clusters where the hierarchy is cut, at their number or at a "
      "height. Exact.");
  arguments.example("Three clusters by Ward's linkage, with a picture of the hierarchy:",
                    "corymb agglomerative wine.csv --standardize -k 3 --plot dendrogram.svg --labels labels.csv");
  arguments.example("What is within 2 of each other in all pairs, and all merges for other programs:",
                    "corymb agglomerative points.csv --linkage complete --height 2 --merges merges.npy");
  arguments.group("Hierarchy");
  arguments.choice("--linkage", given->linkage,
                   {{"single", Linkage::single},
                    {"complete", Linkage::complete},
                    {"average", Linkage::average},
                    {"weighted", Linkage::weighted},
                    {"ward", Linkage::ward}},
                   "How far two clusters are from each other: their nearest points, their farthest ones, the mean of "
                   "all pairs, of the two parts that one was made of, or Ward's, by what merging adds to the inertia");
  given->metric.define(arguments);
  arguments.flag("--float-triangle", given->float_triangle,
                 "Keep distances of pairs in single precision: half the memory, for complete, average and weighted");
  arguments.group("Clusters");
  arguments.number("-k", given->k, "K", "So many clusters");
  arguments.number("--height", given->height, "H", "Instead: the clusters that merge at this distance at most");
  arguments.exclusive({"-k", "--height"});
  ClusteringArguments& common = given->common;
  common.define_points(arguments);
  arguments.input_file("--weights", common.weights, "One weight of at least 0 for each point: CSV or NPY");
  common.define_execution(arguments);
  define_output(arguments, *given);
  common.define_precomputed(arguments, false);
  arguments.exclusive({"--precomputed", "--exponent"});
  return [given] {
    if (!given->k && !given->height) throw InvalidArgument("-k or --height is needed, where to cut the hierarchy");
    if (given->leaves < 2) throw InvalidArgument("--leaves must be at least 2");
    if (given->common.precomputed && given->drawing == Drawing::points)
      throw InvalidArgument("--draw points needs points: --precomputed excludes it");
    const Metric metric = given->metric.metric();
    return run_clustering(
        "agglomerative", given->common, [&]<class T>(const ClusteringInput<T>& input, ClusteringRun& run) {
          AgglomerativeOptions of_run{
              .weights = input.weights, .float_triangle = given->float_triangle, .execution = run.execution()};
          if (!input.distances) of_run.metric = metric;
          Clustering<T> clustering;
          const Dendrogram tree = run.fit([&] {
            Dendrogram found = input.distances ? agglomerative(*input.distances, given->linkage, of_run)
                                               : agglomerative(input.points, given->linkage, of_run);
            clustering.labels = labels_of(found, *given);
            return found;
          });
          write_table(given->merges, merge_matrix(tree), {"a", "b", "height", "size"});
          if (given->drawing == Drawing::dendrogram && !given->common.plot.empty())
            clustering.picture = draw_dendrogram(tree, *given);
          return clustering;
        });
  };
}

const RegisterCommand agglomerative_command(
    {.name = "agglomerative",
     .summary = "a hierarchy of clusters, by five linkages, and where to cut it",
     .define = define_agglomerative,
     .group = CommandGroup::clustering});

}  // namespace
}  // namespace corymb::tool
