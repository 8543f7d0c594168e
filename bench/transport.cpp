// Optimal transport, from a file of costs or generated ones. ./bench/run.sh transport
//
//   bench_transport [--threads 1,2] [--repeats 3] [--sweeps 100] [--epsilon 0.05] [--tasks NAME,...] [COST64.npy
//   COST32.npy]
//
// Tasks (all by default): log, scaling, unbalanced, in double and float, on n = 100k x 100 costs: whole calls of so
// many sweeps, plan included. streaming: 1M x 1000 costs of points in 8 columns, never stored, two sweeps. batch: 10
// 000 problems of 64 x 64. capacity: hard labels of equal sizes. balanced-kmeans. GB/s counts each entry of the kernel
// once a sweep; share is that of a triad of the same run.
#include <corymb/datasets/generators.hpp>
#include <corymb/io/npy.hpp>
#include <corymb/transport/balanced_kmeans.hpp>
#include <corymb/transport/capacity_assignment.hpp>
#include <corymb/transport/sinkhorn.hpp>
#include <corymb/transport/sinkhorn_batch.hpp>

#include <algorithm>
#include <cstdio>
#include <exception>
#include <map>
#include <string>
#include <vector>

#include "bench/machine.hpp"
#include "bench/task_settings.hpp"

namespace {

using corymb::CostMatrix;
using corymb::Index;
using corymb::Random;
using corymb::RelaxedMass;
using corymb::RowMatrix;
using corymb::SinkhornAlgorithm;
using corymb::SinkhornOptions;

struct Settings : bench::TaskSettings {
  Settings() : TaskSettings{{"log", "scaling", "unbalanced", "streaming", "batch", "capacity", "balanced-kmeans"}} {}
  int sweeps = 100;
  double epsilon = 0.05;
};

template <class T>
RowMatrix<T> normal_rows(Index n, Index d, std::uint64_t seed) {
  Random random(seed);
  RowMatrix<T> rows(n, d);
  for (Index i = 0; i < rows.size(); ++i) rows.data()[i] = static_cast<T>(random.normal());
  return rows;
}

RowMatrix<double> generated_costs() {
  const RowMatrix<double> x = normal_rows<double>(100'000, 5, 1), y = normal_rows<double>(100, 5, 2);
  RowMatrix<double> cost(x.rows(), y.rows());
  corymb::point_costs(x, y).block(0, x.rows(), 0, y.rows(), cost.data());
  return cost / cost.maxCoeff();
}

double triad(int threads) {
  static std::map<int, double> measured;
  const auto [at, is_new] = measured.try_emplace(threads, 0);
  if (is_new) at->second = triad_bandwidth(threads);
  return at->second;
}

void print(const std::string& task, const char* type, int threads, double seconds, double bytes,
           const std::string& what) {
  const double rate = bytes / seconds / 1e9;
  std::printf("%-16s %-4s %2d %9.3f", task.c_str(), type, threads, seconds);
  if (bytes > 0)
    std::printf(" %7.1f %5.2f", rate, rate / triad(threads));
  else
    std::printf(" %7s %5s", "", "");
  std::printf("  %s\n", what.c_str());
  std::fflush(stdout);
}

template <class T>
void time_sinkhorn(const std::string& task, const RowMatrix<T>& cost, const SinkhornOptions& options,
                   const Settings& settings) {
  for (const int threads : settings.threads) {
    SinkhornOptions of_run = options;
    of_run.execution.threads = threads;
    corymb::SinkhornResult<T> result;
    const double seconds =
        bench::median_seconds(settings.repeats, [&] { result = corymb::sinkhorn(cost, {}, {}, of_run); });
    char what[120];
    std::snprintf(what, sizeof(what), "%d sweeps, row error %.1e, column error %.1e, cost %.8f", result.iterations,
                  result.row_error, result.column_error, result.cost);
    print(task, sizeof(T) == 4 ? "f32" : "f64", threads, seconds,
          static_cast<double>(cost.size()) * sizeof(T) * result.iterations, what);
  }
}

template <class T>
void time_matrices(const RowMatrix<T>& cost, const Settings& settings) {
  SinkhornOptions options{.epsilon = settings.epsilon, .tolerance = 0, .max_iterations = settings.sweeps};
  if (settings.runs("log")) time_sinkhorn("log", cost, options, settings);
  options.algorithm = SinkhornAlgorithm::scaling;
  if (settings.runs("scaling")) time_sinkhorn("scaling", cost, options, settings);
  options.rows = options.columns = RelaxedMass{1};
  if (settings.runs("unbalanced")) time_sinkhorn("unbalanced", cost, options, settings);
}

void time_streaming(const Settings& settings) {
  const RowMatrix<float> x = normal_rows<float>(1'000'000, 8, 3), y = normal_rows<float>(1000, 8, 4);
  for (const int threads : settings.threads) {
    const CostMatrix<float> cost = corymb::point_costs(x, y);
    double error = 0;
    const double seconds = bench::median_seconds(1, [&] {
      error = corymb::sinkhorn(
                  cost, {}, {},
                  {.epsilon = 1, .tolerance = 0, .max_iterations = 2, .plan = false, .execution = {.threads = threads}})
                  .column_error;
    });
    print("streaming", "f32", threads, seconds, 0, "2 sweeps, column error " + std::to_string(error));
  }
}

void time_batch(const Settings& settings) {
  std::vector<corymb::TransportProblem<double>> problems(10'000);
  std::uint64_t seed = 10;
  for (auto& problem : problems) problem.cost = normal_rows<double>(64, 64, ++seed).cwiseAbs2();
  for (const int threads : settings.threads)
    for (const auto algorithm : {SinkhornAlgorithm::log_domain, SinkhornAlgorithm::scaling}) {
      const double seconds = bench::median_seconds(settings.repeats, [&] {
        corymb::sinkhorn_batch(problems, {.epsilon = 0.1,
                                          .algorithm = algorithm,
                                          .tolerance = 0,
                                          .max_iterations = settings.sweeps,
                                          .execution = {.threads = threads}});
      });
      print("batch", "f64", threads, seconds, 0,
            std::to_string(settings.sweeps) +
                (algorithm == SinkhornAlgorithm::scaling ? " sweeps, scaling" : " sweeps, log domain"));
    }
}

void time_sizes(const Settings& settings) {
  const RowMatrix<double> x = normal_rows<double>(100'000, 5, 5), y = normal_rows<double>(100, 5, 6);
  const auto blobs = corymb::make_blobs<double>(100'000, 8, 50, {.spread = {1.0}, .seed = 1}).points;
  for (const int threads : settings.threads) {
    if (settings.runs("capacity")) {
      double cost = 0;
      const double seconds = bench::median_seconds(settings.repeats, [&] {
        cost = corymb::capacity_assignment(corymb::point_costs(x, y), {.execution = {.threads = threads}}).cost;
      });
      print("capacity", "f64", threads, seconds, 0, "100k x 100, d = 5, cost " + std::to_string(cost));
    }
    if (settings.runs("balanced-kmeans")) {
      corymb::BalancedKMeansResult<double> result;
      const double seconds = bench::median_seconds(settings.repeats, [&] {
        result = corymb::balanced_kmeans(blobs, 50, {.seed = 1, .execution = {.threads = threads}});
      });
      print("balanced-kmeans", "f64", threads, seconds, 0,
            "100k, k = 50, d = 8, " + std::to_string(result.iterations) + " iterations, inertia " +
                std::to_string(result.inertia));
    }
  }
}

Settings parse(int argc, char** argv) {
  Settings settings;
  settings.parse(argc, argv, [&](const std::string& word, bench::Words& words) {
    if (word == "--sweeps")
      settings.sweeps = std::stoi(words.value_of(word));
    else if (word == "--epsilon")
      settings.epsilon = std::stod(words.value_of(word));
    else
      return false;
    return true;
  });
  return settings;
}

}  // namespace

int main(int argc, char** argv) try {
  const Settings settings = parse(argc, argv);
  std::printf("%-16s %-4s %2s %9s %7s %5s\n", "task", "", "t", "seconds", "GB/s", "share");
  if (settings.runs("log") || settings.runs("scaling") || settings.runs("unbalanced")) {
    const RowMatrix<double> cost =
        settings.files.empty() ? generated_costs() : corymb::read_npy<double>(settings.files[0]);
    time_matrices(cost, settings);
    time_matrices(
        settings.files.size() > 1 ? corymb::read_npy<float>(settings.files[1]) : RowMatrix<float>(cost.cast<float>()),
        settings);
  }
  if (settings.runs("streaming")) time_streaming(settings);
  if (settings.runs("batch")) time_batch(settings);
  time_sizes(settings);
  return 0;
} catch (const std::exception& error) {
  std::fprintf(stderr, "%s\n", error.what());
  return 1;
}
