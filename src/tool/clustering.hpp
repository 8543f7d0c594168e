#pragma once

#include <corymb/core/execution.hpp>
#include <corymb/core/types.hpp>
#include <corymb/io/matrix.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "interrupt.hpp"
#include "truth.hpp"

// The course that all clustering commands share: read, fit, write, report.
namespace corymb::tool {

class Arguments;

/// The arguments of every clustering command.
struct ClusteringArguments {
  std::string points;
  bool float32 = false;
  std::string labels;
  std::string truth;
  std::optional<std::int32_t> truth_noise;
  bool json = false;
  int threads = 0;
  std::uint64_t memory_limit = 0;

  /// To be called after the options of the algorithm, which then stand first in the help.
  void define(Arguments& arguments);
};

/// One number per point, from a file with one column.
Vector read_weights(const std::string& path);

/// What a clustering command hands back.
struct Clustering {
  Labels labels;
  double objective = 0;
  std::int64_t iterations = 0;
  Status status = Status::converged;
};

/// One run of a clustering command.
class ClusteringRun {
 public:
  ClusteringRun(std::string_view algorithm, const ClusteringArguments& arguments)
      : algorithm_(algorithm), arguments_(arguments) {}

  /// Threads, memory limit, and the callback that stops the algorithm after Ctrl-C.
  Execution execution() const;

  /// Calls f, which runs the algorithm and nothing else, and measures it. Everything before counts as reading.
  template <class F>
  auto fit(F&& f) {
    read_seconds_ = seconds_since(start_);
    begin_fit();
    const Clock::time_point fit_start = Clock::now();
    auto result = f();
    fit_seconds_ = seconds_since(fit_start);
    end_fit();
    return result;
  }

  /// What the points are, and the reading of what else the report needs.
  void read_truth(Index n, Index d);

  /// Writes the labels, prints the report and returns the exit code.
  int finish(const Clustering& result) const;

 private:
  using Clock = std::chrono::steady_clock;
  static double seconds_since(Clock::time_point start) {
    return std::chrono::duration<double>(Clock::now() - start).count();
  }

  std::string_view algorithm_;
  const ClusteringArguments& arguments_;
  Clock::time_point start_ = Clock::now();
  Index n_ = 0;
  Index d_ = 0;
  std::optional<Truth> truth_;
  double read_seconds_ = 0;
  double fit_seconds_ = 0;
};

template <class T, class Algorithm>
int run_clustering_in(std::string_view name, const ClusteringArguments& arguments, const Algorithm& algorithm) {
  ClusteringRun run(name, arguments);
  const RowMatrix<T> points = read_matrix<T>(arguments.points);
  run.read_truth(points.rows(), points.cols());
  return run.finish(algorithm(points, run));
}

/// Runs a clustering command and returns the exit code.
/// @param algorithm  called with a RowMatrix<float> or RowMatrix<double> and the ClusteringRun, on whose fit() it runs;
///   returns a Clustering. It writes output files of its own after the fit.
template <class Algorithm>
int run_clustering(std::string_view name, const ClusteringArguments& arguments, const Algorithm& algorithm) {
  return arguments.float32 ? run_clustering_in<float>(name, arguments, algorithm)
                           : run_clustering_in<double>(name, arguments, algorithm);
}

}  // namespace corymb::tool
