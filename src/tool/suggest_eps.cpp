#include <corymb/core/errors.hpp>
#include <corymb/core/parallel.hpp>
#include <corymb/density/suggest_eps.hpp>
#include <corymb/viz/line_plot.hpp>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "arguments.hpp"
#include "clustering.hpp"
#include "commands.hpp"
#include "metric.hpp"
#include "report.hpp"
#include "table.hpp"

namespace corymb::tool {
namespace {

struct SuggestEpsArguments {
  std::optional<Index> min_points;
  NeighborOptions options;
  MetricArguments metric;
  std::string curve;
  ClusteringArguments common;
};

std::string readable(double value) {
  char text[40];
  std::snprintf(text, sizeof text, "%.4g", value);
  return text;
}

/// The curve with its knee. Distances that are 0 have no place on the axis of a curve that has others.
Picture draw_curve(const EpsSuggestion& suggestion, const SuggestEpsArguments& given) {
  const Vector& curve = suggestion.curve;
  const Index zeros = std::upper_bound(curve.begin(), curve.end(), 0.0) - curve.begin();
  const bool logarithmic = zeros < curve.size();
  const Index first = logarithmic ? zeros : 0, shown = curve.size() - first;
  const std::string file = std::filesystem::path(given.common.points).filename().string();
  LinePlotOptions options{.title = file + ": points that become core, min-points " + std::to_string(*given.min_points),
                          .x_name = "number of points that are core",
                          .y_name = "eps",
                          .guides = {{.value = suggestion.eps, .label = "eps = " + readable(suggestion.eps)}},
                          .logarithmic_y = logarithmic};
  if (given.metric.kind == Metric::Kind::haversine) options.y_name += " (kilometres)";
  if (first > 0) options.x_name += ", " + std::to_string(first) + " of them at eps = 0";
  const Vector x = Vector::LinSpaced(shown, static_cast<double>(first + 1), static_cast<double>(curve.size()));
  return line_plot({{.x = x, .y = curve.tail(shown)},
                    {.x = Vector::Constant(1, static_cast<double>(suggestion.knee + 1)),
                     .y = Vector::Constant(1, suggestion.eps),
                     .marks = true}},
                   options);
}

template <class T>
int run_suggest_eps(const SuggestEpsArguments& given, Metric metric) {
  ClusteringRun run("suggest-eps", given.common);
  const ClusteringInput<T> input = run.read<T>();
  NeighborOptions options = given.options;
  options.execution = run.execution();
  if (!input.distances) options.metric = metric;
  const EpsSuggestion suggestion = run.fit([&] {
    return input.distances ? suggest_eps(*input.distances, *given.min_points, options)
                           : suggest_eps(input.points, *given.min_points, options);
  });
  const Vector& curve = suggestion.curve;
  write_table(given.curve, curve);
  if (!given.common.plot.empty()) write_svg(given.common.plot, draw_curve(suggestion, given));
  print_report({{"n", input.rows()},
                {"d", input.cols()},
                {"threads", resolve_threads(given.common.threads)},
                {"read_seconds", run.read_seconds()},
                {"seconds", run.fit_seconds()},
                {"eps", suggestion.eps},
                {"core", std::upper_bound(curve.begin(), curve.end(), suggestion.eps) - curve.begin()}},
               given.common.json);
  return 0;
}

Run define_suggest_eps(Arguments& arguments) {
  const auto given = std::make_shared<SuggestEpsArguments>();
  arguments.usage("FILE --min-points M [options]");
  arguments.describe(
      "Suggests an eps for corymb dbscan. The distance at which a point becomes core is that to its nearest M points, "
      "itself included; sorted, these distances rise slowly while they are those of points in clusters, and then "
      "quickly. The suggestion is the knee between, and so many points are core then.");
  arguments.describe(
      "It is a start: look at the curve by --plot. Where it has several bends, clusters differ in density, and no one "
      "eps fits them all.");
  arguments.example("An eps, and a picture of where it comes from:",
                    "corymb suggest-eps moons.csv --min-points 5 --plot curve.svg");
  arguments.example("Kilometres between places:",
                    "corymb suggest-eps cities.csv --columns latitude,longitude --metric haversine --min-points 4");
  arguments.group("Distances");
  arguments.number("--min-points", given->min_points, "M",
                   "The same as for dbscan: points that make a point core, itself included; needed");
  given->metric.define(arguments);
  arguments.choice("--search", given->options.search,
                   {{"automatic", NeighborSearch::automatic},
                    {"kd-tree", NeighborSearch::kd_tree},
                    {"ball-tree", NeighborSearch::ball_tree},
                    {"brute-force", NeighborSearch::brute_force}},
                   "How neighbours are found: changes time and memory only");
  ClusteringArguments& common = given->common;
  common.define_points(arguments);
  common.define_execution(arguments);
  arguments.group("Output");
  arguments.output_file("--curve", given->curve, OutputFormat::text_or_npy,
                        "Write the sorted distances, one a line: NPY if FILE ends in .npy, else CSV");
  arguments.output_file("--plot", common.plot, OutputFormat::svg, "Draw them with the knee, as SVG");
  arguments.flag("--json", common.json, "Print the report as one JSON object");
  common.define_precomputed(arguments, false);
  arguments.exclusive({"--precomputed", "--exponent"});
  return [given] {
    if (!given->min_points) throw InvalidArgument("--min-points is needed, how many points make one of them core");
    const Metric metric = given->metric.metric();
    return given->common.float32 ? run_suggest_eps<float>(*given, metric) : run_suggest_eps<double>(*given, metric);
  };
}

const RegisterCommand suggest_eps_command({.name = "suggest-eps",
                                           .summary = "an eps for dbscan, by the distances of neighbours",
                                           .define = define_suggest_eps,
                                           .group = CommandGroup::clustering});

}  // namespace
}  // namespace corymb::tool
