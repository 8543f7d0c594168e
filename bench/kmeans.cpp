// Whole k-means fits and their stages on .npy files, or on generated data of the same shapes. ./bench/run.sh kmeans
//
//   bench_kmeans [--threads 1,2] [--iterations 20] [--repeats 3] [--double] [--algorithms lloyd,automatic,…]
//                [--grid | DATA.npy,K[,INITIAL_ROWS.npy] ...]
//
// Fits run for exactly the number of iterations (tolerance 0), from the given rows or from k random ones, once for
// every algorithm: all of them must reach the same inertia. Seconds are medians. The stages are those of Lloyd's:
// `assign` is one assignment of all points, with its share of the fused multiply-add peak of the same run; `sums` is
// one update without assignment, `seed` is greedy k-means++. `read` is reading the file.
//
// --grid: fits until no label changes, from rows of k-means++, of separated and overlapping clusters over n, d and k.
#include <corymb/datasets/generators.hpp>
#include <corymb/io/labels.hpp>
#include <corymb/io/npy.hpp>
#include <corymb/partition/kmeans.hpp>

#include <cstdio>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "bench/command_line.hpp"
#include "bench/machine.hpp"

namespace {

using bench::median_seconds;
using bench::Workload;

struct Settings {
  std::vector<int> threads = {1, 2};
  int iterations = 20;
  int repeats = 3;
  bool doubles = false;
  bool grid = false;  // run_grid instead of the workloads
  std::vector<std::string> algorithms = {"lloyd", "automatic"};
  std::vector<Workload> workloads;
};

corymb::KMeansAlgorithm algorithm_of(const std::string& name) {
  using corymb::KMeansAlgorithm;
  const std::pair<const char*, KMeansAlgorithm> names[] = {
      {"automatic", KMeansAlgorithm::automatic}, {"lloyd", KMeansAlgorithm::lloyd},
      {"hamerly", KMeansAlgorithm::hamerly},     {"elkan", KMeansAlgorithm::elkan},
      {"yinyang", KMeansAlgorithm::yinyang},     {"progressive", KMeansAlgorithm::progressive},
      {"quantized", KMeansAlgorithm::quantized}};
  for (const auto& [text, algorithm] : names)
    if (name == text) return algorithm;
  throw std::invalid_argument("there is no algorithm " + name);
}

template <class T>
void run(const Workload& workload, const Settings& settings) {
  corymb::RowMatrix<T> X;
  const double read = median_seconds(1, [&] {
    X = workload.file.empty()
            ? corymb::make_blobs<T>(workload.n, workload.d, workload.k, {.spread = {4.0}, .seed = 1}).points
            : corymb::read_npy<T>(workload.file);
  });
  corymb::KMeansOptions options{
      .init = corymb::KMeansInit::random, .max_iterations = settings.iterations, .tolerance = 0};
  if (!workload.rows.empty()) options.initial_rows = corymb::read_rows(workload.rows);
  for (const int threads : settings.threads) {
    options.execution.threads = threads;
    corymb::KMeansResult<T> fit;
    std::vector<double> whole;
    for (const std::string& name : settings.algorithms) {
      options.algorithm = algorithm_of(name);
      whole.push_back(median_seconds(settings.repeats, [&] { fit = corymb::kmeans(X, workload.k, options); }));
    }
    const corymb::Points<T> points(X);
    std::vector<std::int32_t> label(static_cast<std::size_t>(X.rows()));
    const double assign = median_seconds(settings.repeats, [&] {
      corymb::detail::assign_all<T>(points, corymb::detail::rows_view(fit.centroids), threads, label.data(), nullptr);
    });
    const corymb::detail::SumsPlan plan(X.rows(), X.cols(), workload.k);
    corymb::ClusterSums total{corymb::RowMatrix<double>::Zero(workload.k, X.cols()), corymb::Vector::Zero(workload.k)};
    const double sums = median_seconds(
        settings.repeats, [&] { corymb::detail::sum_clusters(points, label.data(), nullptr, threads, plan, total); });
    const double seed = median_seconds(1, [&] {
      corymb::Random random(1);
      corymb::detail::seed_rows(points, workload.k, corymb::KMeansInit::greedy_kmeans_plus_plus, nullptr, threads,
                                random, [](corymb::Index) { return true; });
    });
    const double operations =
        2.0 * static_cast<double>(X.rows()) * static_cast<double>(X.cols()) * static_cast<double>(workload.k);
    const double peak = sizeof(T) == 4 ? fma_peak_float(threads) : fma_peak_double(threads);
    std::printf("%-14s %-3s %8ld %5ld %5ld %2d", workload.name.c_str(), sizeof(T) == 4 ? "f32" : "f64",
                static_cast<long>(X.rows()), static_cast<long>(X.cols()), static_cast<long>(workload.k), threads);
    for (const double seconds : whole) std::printf(" %11.3f", seconds);
    std::printf(" %8.4f %8.1f %5.1f%% %8.4f %8.3f %8.3f  %.8g %d\n", assign, operations / assign / 1e9,
                peak > 0 ? 100 * operations / assign / 1e9 / peak : 0.0, sums, seed, read, fit.inertia, fit.iterations);
    std::fflush(stdout);
  }
}

// The times that `automatic` is judged by: fits until no label changes, from the same rows of k-means++, of separated
// and of overlapping clusters over n, d and k.
template <class T>
void run_grid(const Settings& settings) {
  for (const corymb::Index n : {10'000, 100'000})
    for (const corymb::Index d : {2, 8, 32, 128})
      for (const corymb::Index k : {10, 100, 1000})
        for (const double spread : {0.5, 4.0}) {
          const corymb::RowMatrix<T> X = corymb::make_blobs<T>(n, d, k, {.spread = {spread}, .seed = 1}).points;
          corymb::Random random(1);
          corymb::KMeansOptions options{.max_iterations = 200, .tolerance = 0};
          options.initial_rows =
              corymb::detail::seed_rows(corymb::Points<T>(X), k, corymb::KMeansInit::kmeans_plus_plus, nullptr, 1,
                                        random, [](corymb::Index) { return true; });
          for (const int threads : settings.threads) {
            options.execution.threads = threads;
            corymb::KMeansResult<T> fit;
            std::vector<double> seconds;
            for (const std::string& name : settings.algorithms) {
              options.algorithm = algorithm_of(name);
              seconds.push_back(median_seconds(settings.repeats, [&] { fit = corymb::kmeans(X, k, options); }));
            }
            std::printf("%8ld %5ld %5ld %6.1f %2d %5d", static_cast<long>(n), static_cast<long>(d),
                        static_cast<long>(k), spread, threads, fit.iterations);
            for (const double time : seconds) std::printf(" %11.4f", time);
            std::printf("   %.2f\n", seconds.back() / seconds.front());
            std::fflush(stdout);
          }
        }
}

Settings parse(int argc, char** argv) {
  Settings settings;
  bench::Words words(argc, argv);
  for (std::string word; words.next(word);) {
    if (word == "--threads")
      settings.threads = words.numbers_of(word);
    else if (word == "--iterations")
      settings.iterations = std::stoi(words.value_of(word));
    else if (word == "--repeats")
      settings.repeats = std::stoi(words.value_of(word));
    else if (word == "--algorithms")
      settings.algorithms = bench::split(words.value_of(word));
    else if (word == "--double")
      settings.doubles = true;
    else if (word == "--grid")
      settings.grid = true;
    else
      settings.workloads.push_back(bench::parse_workload(word));
  }
  if (settings.workloads.empty())
    settings.workloads = {{"small", "", 100'000, 16, 64, ""},
                          {"mid", "", 1'000'000, 32, 256, ""},
                          {"highd", "", 60'000, 784, 100, ""},
                          {"largek", "", 200'000, 64, 4096, ""}};
  return settings;
}

}  // namespace

int main(int argc, char** argv) try {
  const Settings settings = parse(argc, argv);
  std::printf("kernels run on %s; FMA peak float %.0f GFLOP/s, double %.0f, triad %.1f GB/s (1 thread)\n",
              corymb::compiled::kernel_target(), fma_peak_float(1), fma_peak_double(1), triad_bandwidth(1));
  if (settings.grid) {
    std::printf("%8s %5s %5s %6s %2s %5s", "n", "d", "k", "spread", "t", "iter.");
    for (const std::string& name : settings.algorithms) std::printf(" %11s", name.c_str());
    std::printf("   last / first\n");
    settings.doubles ? run_grid<double>(settings) : run_grid<float>(settings);
    return 0;
  }
  std::printf("%-14s %-3s %8s %5s %5s %2s", "workload", "", "n", "d", "k", "t");
  for (const std::string& name : settings.algorithms) std::printf(" %11s", name.c_str());
  std::printf(" %8s %8s %6s %8s %8s %8s  %s\n", "assign s", "GFLOP/s", "peak", "sums s", "seed s", "read s",
              "inertia, iterations");
  for (const Workload& workload : settings.workloads)
    settings.doubles ? run<double>(workload, settings) : run<float>(workload, settings);
} catch (const std::exception& error) {
  std::fprintf(stderr, "bench_kmeans: %s\n", error.what());
  return 2;
}
