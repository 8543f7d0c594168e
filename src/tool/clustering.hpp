#pragma once

#include <corymb/core/execution.hpp>
#include <corymb/core/row_source.hpp>
#include <corymb/core/types.hpp>
#include <corymb/distance/distance_matrix.hpp>
#include <corymb/preprocess/standardize.hpp>
#include <corymb/viz/picture.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "interrupt.hpp"
#include "progress_bar.hpp"
#include "truth.hpp"

// The course that all clustering commands share: read, fit, write, report.
namespace corymb::tool {

class Arguments;

/// The arguments of every clustering command.
struct ClusteringArguments {
  std::string points;
  std::vector<std::string> columns;
  std::string weights;
  bool standardize = false;
  bool float32 = false;
  std::string labels;
  std::string plot;
  std::string truth;
  std::optional<std::int32_t> truth_noise;
  bool json = false;
  int threads = 0;
  std::uint64_t memory_limit = 0;
  bool stream = false;
  bool precomputed = false;

  /// To be called after the options of the algorithm, which then stand first in the help.
  void define(Arguments& arguments);
  /// The parts of define(): FILE and what is read of it without weights, how it is computed, and what is written.
  void define_points(Arguments& arguments);
  void define_execution(Arguments& arguments);
  /// @param plot_help  what --plot draws
  void define_output(Arguments& arguments, const std::string& plot_help);
  /// To be called after define() where the algorithm can work on a RowSource.
  void define_stream(Arguments& arguments);
  /// To be called after define() where the algorithm can work on distances, which needs an option --metric.
  /// @param draws_points  whether --plot needs the points
  void define_precomputed(Arguments& arguments, bool draws_points = true);
};

/// What a clustering command works on.
template <class T>
struct ClusteringInput {
  RowMatrix<T> points;                              // standardized where the user wants it; empty with --stream
  std::optional<RowSource<T>> source = {};          // with --stream: the rows, which are still in the file
  std::optional<DistanceMatrix<T>> distances = {};  // with --precomputed; then there are no points
  Vector weights;                                   // empty = all one
  std::vector<std::string> names;                   // of the columns; empty where the file has none
  std::optional<Standardization<T>> standardization;

  Index rows() const { return source ? source->rows() : distances ? distances->size() : points.rows(); }
  Index cols() const { return source ? source->cols() : distances ? distances->size() : points.cols(); }

  /// Rows in the units of the file as the algorithm needs them.
  RowMatrix<T> to_clustered(RowMatrix<T> rows) const {
    return standardization ? transform(*standardization, rows) : std::move(rows);
  }
  /// A covariance that the algorithm found, likewise.
  Eigen::MatrixXd to_original_covariance(const Eigen::MatrixXd& covariance) const {
    if (!standardization) return covariance;
    const Vector scale = standardization->scales;
    return scale.asDiagonal() * covariance * scale.asDiagonal();
  }
  /// Rows that the algorithm found, in the units of the file.
  RowMatrix<T> to_original(RowMatrix<T> rows) const {
    return standardization ? inverse_transform(*standardization, rows) : std::move(rows);
  }
};

using Fact = std::variant<std::int64_t, double, std::string>;

/// What a clustering command hands back.
template <class T>
struct Clustering {
  Labels labels;
  std::optional<double> objective = {};  // where the algorithm has one
  std::int64_t iterations = 0;
  Status status = Status::converged;
  RowMatrix<T> centers = {};                             // where the algorithm has them, for the picture
  std::vector<Eigen::MatrixXd> covariances = {};         // likewise: one for each center
  Vector opacity = {};                                   // likewise: by point, in [0, 1]
  std::optional<Picture> picture = {};                   // for --plot, where it is another one than that of the points
  std::vector<std::pair<std::string, Fact>> facts = {};  // what else the report is to tell, by name
};

/// One run of a clustering command.
class ClusteringRun {
 public:
  ClusteringRun(std::string_view algorithm, const ClusteringArguments& arguments)
      : algorithm_(algorithm), arguments_(arguments) {}

  template <class T>
  ClusteringInput<T> read();

  /// Threads, memory limit, and the callback that shows the progress and stops the algorithm after Ctrl-C.
  Execution execution();

  /// Calls f, which runs the algorithm and nothing else, and measures it. Everything before counts as reading.
  template <class F>
  auto fit(F&& f) {
    read_seconds_ = seconds_since(start_);
    begin_fit();
    const Clock::time_point fit_start = Clock::now();
    progress_bar_.emplace(algorithm_);
    struct RemoveBar {
      std::optional<ProgressBar>& bar;
      ~RemoveBar() { bar.reset(); }
    };
    auto result = [&] {
      const RemoveBar remove{progress_bar_};
      return f();
    }();
    fit_seconds_ = seconds_since(fit_start);
    end_fit();
    return result;
  }

  double read_seconds() const { return read_seconds_; }
  double fit_seconds() const { return fit_seconds_; }

  /// Writes the labels and the picture, prints the report and returns the exit code.
  template <class T>
  int finish(const ClusteringInput<T>& input, const Clustering<T>& result) const;

 private:
  using Clock = std::chrono::steady_clock;
  static double seconds_since(Clock::time_point start) {
    return std::chrono::duration<double>(Clock::now() - start).count();
  }

  template <class T>
  void plot(const ClusteringInput<T>& input, const Clustering<T>& result) const;

  std::string_view algorithm_;
  const ClusteringArguments& arguments_;
  Clock::time_point start_ = Clock::now();
  std::optional<ProgressBar> progress_bar_;
  std::optional<Truth> truth_;
  double read_seconds_ = 0;
  double fit_seconds_ = 0;
};

template <class T, class Algorithm>
int run_clustering_in(std::string_view name, const ClusteringArguments& arguments, const Algorithm& algorithm) {
  ClusteringRun run(name, arguments);
  const ClusteringInput<T> input = run.read<T>();
  const Clustering<T> result = algorithm(input, run);
  return run.finish(input, result);
}

/// Runs a clustering command and returns the exit code.
/// @param algorithm  called with a ClusteringInput<float> or <double> and the ClusteringRun, on whose fit() it runs;
///   returns a Clustering of the same type. It writes output files of its own after the fit.
template <class Algorithm>
int run_clustering(std::string_view name, const ClusteringArguments& arguments, const Algorithm& algorithm) {
  return arguments.float32 ? run_clustering_in<float>(name, arguments, algorithm)
                           : run_clustering_in<double>(name, arguments, algorithm);
}

}  // namespace corymb::tool
