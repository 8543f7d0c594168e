#pragma once

#include <corymb/io/labels.hpp>
#include <corymb/partition/kmedoids.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "arguments.hpp"
#include "clustering.hpp"
#include "metric.hpp"

// What the commands of k-medoids share: points under a metric or their distances, and the medoids' file.
namespace corymb::tool {

struct MedoidArguments {
  MetricArguments metric;
  std::string medoids;
  ClusteringArguments common;

  void define(Arguments& arguments) {
    metric.define(arguments);
    common.define(arguments);
    common.define_precomputed(arguments);
    arguments.exclusive({"--precomputed", "--exponent"});
    arguments.group("Output");
    arguments.output_file("--medoids", medoids, OutputFormat::text,
                          "Write the row numbers of the medoids, from 0, one a line: the first is that of label 0");
  }
};

/// Runs one of the algorithms and returns the exit code.
/// @param fit  fit(points or distances, number of points, options, …) -> KMedoidsResult
template <class Options, class Fit>
int run_medoids(std::string_view name, const MedoidArguments& given, const Options& options, const Fit& fit) {
  const Metric metric = given.metric.metric();
  return run_clustering(name, given.common, [&]<class T>(const ClusteringInput<T>& input, ClusteringRun& run) {
    Options of_run = options;
    of_run.execution = run.execution();
    of_run.weights = input.weights;
    if (!input.distances) of_run.metric = metric;
    KMedoidsResult<T> result =
        run.fit([&] { return input.distances ? fit(*input.distances, of_run) : fit(input.points, of_run); });
    if (!given.medoids.empty())
      write_labels(given.medoids, Eigen::Map<const Eigen::Matrix<Index, Eigen::Dynamic, 1>>(
                                      result.medoids.data(), static_cast<Index>(result.medoids.size()))
                                      .cast<std::int32_t>()
                                      .eval());
    return Clustering<T>{std::move(result.labels), result.loss, result.iterations, result.status,
                         std::move(result.centers)};
  });
}

}  // namespace corymb::tool
