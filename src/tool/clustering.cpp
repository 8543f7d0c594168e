#include "clustering.hpp"

#include <corymb/core/errors.hpp>
#include <corymb/core/parallel.hpp>
#include <corymb/io/labels.hpp>

#include <algorithm>
#include <string>
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

}  // namespace

void ClusteringArguments::define(Arguments& arguments) {
  arguments.input_file("FILE", points, "The points, one a row: CSV (.gz too) or NPY");
  arguments.group("Computation");
  arguments.number("--threads", threads, "N", "Threads; 0 = all. The result is the same for any number");
  arguments.number("--memory-limit", memory_limit, "BYTES",
                   "Memory that the computation may take; 0 = all of the machine");
  arguments.flag("--float32", float32, "Compute in single precision: faster, half the memory");
  arguments.group("Output");
  arguments.output_file("--labels", labels, OutputFormat::text, "Write the label of each point, one a line");
  arguments.flag("--json", json, "Print the report as one JSON object");
  arguments.input_file("--truth", truth, "Known classes, one integer a line: adds scores to the report");
  define_truth_noise(arguments, truth_noise);
  arguments.needs("--truth-noise", "--truth");
}

Vector read_weights(const std::string& path) {
  const RowMatrix<double> values = read_matrix<double>(path);
  if (values.cols() != 1)
    throw IoError(path, 0, 0, "one column of weights is expected, the file has " + std::to_string(values.cols()));
  if (values.rows() == 0) throw IoError(path, 0, 0, "holds no weights");
  return values.col(0);
}

Execution ClusteringRun::execution() const {
  return {.threads = arguments_.threads,
          .on_progress = [](const Progress&) { return !stop_requested(); },
          .memory_limit = arguments_.memory_limit};
}

void ClusteringRun::read_truth(Index n, Index d) {
  n_ = n;
  d_ = d;
  if (arguments_.truth.empty()) return;
  truth_.emplace(arguments_.truth, arguments_.truth_noise);
  truth_->require_size(n, arguments_.points);
}

int ClusteringRun::finish(const Clustering& result) const {
  if (!arguments_.labels.empty()) write_labels(arguments_.labels, result.labels);
  Json report = {
      {"algorithm", algorithm_},
      {"n", n_},
      {"d", d_},
      {"threads", resolve_threads(arguments_.threads)},
      {"read_seconds", read_seconds_},
      {"seconds", fit_seconds_},
      {"clusters", count_clusters(result.labels)},
      {"noise", (result.labels.array() == noise).count()},
      {"objective", result.objective},
      {"iterations", result.iterations},
      {"status", name_of(result.status)},
  };
  if (truth_) report["scores"] = to_json(truth_->score(result.labels));
  print_report(report, arguments_.json);
  return result.status == Status::cancelled ? interrupted : 0;
}

}  // namespace corymb::tool
