#include "clustering.hpp"

#include <corymb/core/errors.hpp>
#include <corymb/core/parallel.hpp>
#include <corymb/io/labels.hpp>
#include <corymb/io/matrix.hpp>
#include <corymb/io/npy.hpp>
#include <corymb/viz/scatter.hpp>

#include <algorithm>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "arguments.hpp"
#include "report.hpp"

namespace corymb::tool {
namespace {

const char* name_of(Status status) {
  switch (status) {
    case Status::converged: return "converged";
    case Status::iteration_limit: return "iteration_limit";
    case Status::cancelled: return "cancelled";
  }
  return "";
}

/// The number of different labels, noise aside.
Index count_clusters(const Labels& labels) {
  std::vector<std::int32_t> sorted(labels.begin(), labels.end());
  std::sort(sorted.begin(), sorted.end());
  const auto end = std::unique(sorted.begin(), sorted.end());
  return end - std::lower_bound(sorted.begin(), end, 0);
}

/// One number per point, from a file with one column.
Vector read_weights(const std::string& path, const std::string& points, Index n) {
  const RowMatrix<double> values = read_matrix<double>(path);
  if (values.cols() != 1)
    throw IoError(path, 0, 0, "one column of weights is expected, the file has " + std::to_string(values.cols()));
  if (values.rows() != n)
    throw InvalidArgument(path + " has " + std::to_string(values.rows()) + " weights, " + points + " has " +
                          std::to_string(n) + " rows; they must agree");
  return values.col(0);
}

/// The distances that a file holds.
template <class T>
DistanceMatrix<T> distances_of(RowMatrix<T> values, const std::string& path) {
  const Index rows = values.rows(), cols = values.cols();
  if (rows == cols) return DistanceMatrix<T>(std::move(values));
  if (rows != 1 && cols != 1)
    throw IoError(path, 0, 0,
                  "has " + std::to_string(rows) + " rows and " + std::to_string(cols) +
                      " columns; a square matrix of distances is expected, or its upper triangle");
  try {
    return DistanceMatrix<T>(Eigen::Matrix<T, 1, Eigen::Dynamic>(
        Eigen::Map<const Eigen::Matrix<T, 1, Eigen::Dynamic>>(values.data(), values.size())));
  } catch (const InvalidArgument&) {
    throw IoError(path, 0, 0,
                  "has " + std::to_string(values.size()) + " values; the upper triangle of n points has n (n - 1) / 2");
  }
}

}  // namespace

void ClusteringArguments::define_points(Arguments& arguments) {
  arguments.input_file(
      "FILE", points,
      "The points, one a row: CSV (delimiter and header row are detected), NPY or IDX; any of them may "
      "be compressed with gzip");
  arguments.group("Input");
  arguments.list("--columns", columns,
                 "Use these columns only, in this order: names of the header row, numbers from 1, ranges like 2-5, "
                 "separated by commas");
  arguments.flag("--standardize", standardize,
                 "Shift and scale every column to mean 0 and standard deviation 1 first, so that units do not matter");
}

void ClusteringArguments::define_execution(Arguments& arguments) {
  arguments.group("Computation");
  arguments.number("--threads", threads, "N", "Threads; 0 = all. The result is the same for any number");
  arguments.number("--memory-limit", memory_limit, "BYTES",
                   "Memory that the computation may take; 0 = all of the machine");
  arguments.flag("--float32", float32,
                 "Read single precision: half the memory, and faster where distances are computed");
}

void ClusteringArguments::define_output(Arguments& arguments, const std::string& plot_help) {
  arguments.group("Output");
  arguments.output_file("--labels", labels, OutputFormat::text,
                        "Write the label of each point, one a line, in the order of the rows; -1 is noise");
  arguments.output_file("--plot", plot, OutputFormat::svg, plot_help);
  arguments.flag("--json", json, "Print the report as one JSON object");
  arguments.input_file("--truth", truth, "Known classes, one integer a line: adds scores to the report");
  define_truth_noise(arguments, truth_noise);
  arguments.needs("--truth-noise", "--truth");
}

void ClusteringArguments::define(Arguments& arguments) {
  define_points(arguments);
  arguments.input_file("--weights", weights, "One weight of at least 0 for each point: CSV or NPY");
  define_execution(arguments);
  define_output(arguments,
                "Draw the points, coloured by label, as SVG: the two columns, or the first two principal components of "
                "more");
}

void ClusteringArguments::define_stream(Arguments& arguments) {
  arguments.group("Input");
  arguments.flag(
      "--stream", stream,
      "Leave the points in FILE, an NPY file that is not compressed, and read them in pieces, several times: "
      "for files larger than the memory. The result is the same");
  for (const char* whole : {"--columns", "--standardize", "--plot"}) arguments.exclusive({"--stream", whole});
}

void ClusteringArguments::define_precomputed(Arguments& arguments, bool draws_points) {
  arguments.group("Input");
  arguments.flag("--precomputed", precomputed,
                 "FILE holds distances: a square matrix, or its upper triangle, row by row, as one row or column");
  for (const char* of_points : {"--metric", "--columns", "--standardize"})
    arguments.exclusive({"--precomputed", of_points});
  if (draws_points) arguments.exclusive({"--precomputed", "--plot"});
}

template <class T>
ClusteringInput<T> ClusteringRun::read() {
  ClusteringInput<T> input;
  if (arguments_.stream) {
    input.source = npy_rows<T>(arguments_.points);
  } else {
    CsvTable<T> table = read_table<T>(arguments_.points, {.columns = arguments_.columns});
    input.points = std::move(table.values);
    input.names = std::move(table.names);
    if (arguments_.precomputed) input.distances = distances_of(std::move(input.points), arguments_.points);
  }
  if (!arguments_.weights.empty()) input.weights = read_weights(arguments_.weights, arguments_.points, input.rows());
  if (!arguments_.truth.empty()) {
    truth_.emplace(arguments_.truth, arguments_.truth_noise);
    truth_->require_size(input.rows(), arguments_.points);
  }
  if (arguments_.standardize) {
    const Execution execution{.threads = arguments_.threads, .memory_limit = arguments_.memory_limit};
    input.standardization = corymb::standardize(input.points, {.weights = input.weights, .execution = execution});
    input.points = std::move(input.standardization->points);
  }
  return input;
}

Execution ClusteringRun::execution() {
  return {.threads = arguments_.threads,
          .on_progress =
              [this](const Progress& progress) {
                if (progress_bar_) progress_bar_->show(progress);
                return !stop_requested();
              },
          .memory_limit = arguments_.memory_limit};
}

template <class T>
void ClusteringRun::plot(const ClusteringInput<T>& input, const Clustering<T>& result) const {
  const std::string file = std::filesystem::path(arguments_.points).filename().string();
  ScatterOptions options{.title = std::string(algorithm_) + ": " + file,
                         .axis_names = input.names,
                         .opacity = result.opacity,
                         .execution = {.threads = arguments_.threads, .memory_limit = arguments_.memory_limit}};
  // Columns are drawn in their own units; components are those of what was clustered.
  const bool columns = input.points.cols() <= 2;
  if (result.centers.rows() > 0)
    options.centers = (columns ? input.to_original(result.centers) : result.centers).template cast<double>();
  for (const Eigen::MatrixXd& covariance : result.covariances)
    options.covariances.push_back(columns ? input.to_original_covariance(covariance) : covariance);
  write_svg(arguments_.plot,
            columns && input.standardization
                ? scatter(inverse_transform(*input.standardization, input.points), result.labels, options)
                : scatter(input.points, result.labels, options));
}

template <class T>
int ClusteringRun::finish(const ClusteringInput<T>& input, const Clustering<T>& result) const {
  if (!arguments_.labels.empty()) write_labels(arguments_.labels, result.labels);
  if (!arguments_.plot.empty()) {
    if (result.picture)
      write_svg(arguments_.plot, *result.picture);
    else
      plot(input, result);
  }
  Json report = {
      {"algorithm", algorithm_},
      {"n", input.rows()},
      {"d", input.cols()},
      {"threads", resolve_threads(arguments_.threads)},
      {"read_seconds", read_seconds_},
      {"seconds", fit_seconds_},
      {"clusters", count_clusters(result.labels)},
      {"noise", (result.labels.array() == noise).count()},
      {"objective", result.objective ? Json(*result.objective) : Json(nullptr)},
      {"iterations", result.iterations},
      {"status", name_of(result.status)},
  };
  for (const auto& [name, fact] : result.facts)
    std::visit([&, &name = name](const auto& value) { report[name] = value; }, fact);
  if (truth_) report["scores"] = to_json(truth_->score(result.labels));
  print_report(report, arguments_.json);
  return result.status == Status::cancelled ? interrupted : 0;
}

#define CORYMB_INSTANTIATE(T)                           \
  template ClusteringInput<T> ClusteringRun::read<T>(); \
  template int ClusteringRun::finish<T>(const ClusteringInput<T>&, const Clustering<T>&) const;
CORYMB_INSTANTIATE(float)
CORYMB_INSTANTIATE(double)
#undef CORYMB_INSTANTIATE

}  // namespace corymb::tool
