// Gaussian mixtures, from .npy files or generated data. ./bench/run.sh mixture
//
//   bench_mixture [--threads 1,2] [--repeats 3] [--iterations 20] [--kinds full,tied,diagonal,spherical] [--float]
//                 [DATA.npy,K[,INITIAL_ROWS.npy] ...]
//
// A whole fit of so many iterations by gaussian_mixture, from the means given (by row numbers; else the first k rows),
// the covariance of the data and equal proportions. Data are made by make_blobs where no file is given. GFLOP/s counts
// the multiplications and additions of triangular matrices alone: n k d (d + 1) for each E and each M step (along the
// axes n k 4 d); share is that of the peak of fused multiply-adds in double, measured in the same run.
#include <corymb/datasets/generators.hpp>
#include <corymb/io/labels.hpp>
#include <corymb/io/npy.hpp>
#include <corymb/mixture/gaussian_mixture.hpp>

#include <cstdio>
#include <exception>
#include <string>
#include <utility>
#include <vector>

#include "bench/command_line.hpp"
#include "bench/machine.hpp"

namespace {

using bench::Workload;
using corymb::Covariance;
using corymb::Index;

constexpr std::pair<const char*, Covariance> kinds[] = {{"full", Covariance::full},
                                                        {"tied", Covariance::tied},
                                                        {"diagonal", Covariance::diagonal},
                                                        {"spherical", Covariance::spherical}};

struct Settings {
  std::vector<int> threads = {1, 2};
  int repeats = 3;
  int iterations = 20;
  bool floats = false;
  std::vector<Covariance> kinds = {Covariance::full, Covariance::diagonal};
  std::vector<Workload> workloads;
};

template <class T>
corymb::GaussianMixture start_of(const corymb::RowMatrix<T>& X, const Workload& workload, Covariance kind) {
  // One component has the mean and the covariance of the data.
  const corymb::GaussianMixture whole = corymb::gaussian_mixture(X, 1, {.covariance = kind, .max_iterations = 0});
  std::vector<Index> rows;
  for (Index c = 0; c < workload.k; ++c) rows.push_back(c);
  if (!workload.rows.empty()) rows = corymb::read_rows(workload.rows);
  corymb::GaussianMixture start;
  start.covariance = kind;
  start.proportions = corymb::Vector::Constant(workload.k, 1.0 / static_cast<double>(workload.k));
  start.means = X(rows, Eigen::all).template cast<double>();
  start.covariances.assign(kind == Covariance::tied ? 1 : static_cast<std::size_t>(workload.k), whole.covariances[0]);
  return start;
}

template <class T>
void run(const Workload& workload, const Settings& settings) {
  const corymb::RowMatrix<T> X =
      workload.file.empty()
          ? corymb::make_blobs<T>(workload.n, workload.d, workload.k, {.spread = {1.0}, .seed = 1}).points
          : corymb::read_npy<T>(workload.file);
  const double d = static_cast<double>(X.cols());
  for (const auto& [name, kind] : kinds) {
    if (std::find(settings.kinds.begin(), settings.kinds.end(), kind) == settings.kinds.end()) continue;
    const corymb::GaussianMixture start = start_of(X, workload, kind);
    const bool triangular = kind == Covariance::full || kind == Covariance::tied;
    for (const int threads : settings.threads) {
      corymb::GaussianMixture fit;
      const double seconds = bench::median_seconds(settings.repeats, [&] {
        fit = corymb::gaussian_mixture(
            X, start, {.max_iterations = settings.iterations, .tolerance = 0, .execution = {.threads = threads}});
      });
      const double steps = 2.0 * fit.iterations + 1;
      const double flops = steps * static_cast<double>(X.rows()) * static_cast<double>(workload.k) * d *
                           (triangular ? d + 1 : 4) / seconds;
      std::printf("%-12s %-9s %-3s %7ld %4ld %5ld %2d %3d %8.3f %7.1f %5.2f  %.10f\n", workload.name.c_str(), name,
                  sizeof(T) == 4 ? "f32" : "f64", static_cast<long>(X.rows()), static_cast<long>(X.cols()),
                  static_cast<long>(workload.k), threads, fit.iterations, seconds, flops / 1e9,
                  flops / 1e9 / fma_peak_double(threads), fit.log_likelihood);
      std::fflush(stdout);
    }
  }
}

Settings parse(int argc, char** argv) {
  Settings settings;
  bench::Words words(argc, argv);
  for (std::string word; words.next(word);) {
    if (word == "--threads") {
      settings.threads = words.numbers_of(word);
    } else if (word == "--repeats") {
      settings.repeats = std::stoi(words.value_of(word));
    } else if (word == "--iterations") {
      settings.iterations = std::stoi(words.value_of(word));
    } else if (word == "--float") {
      settings.floats = true;
    } else if (word == "--kinds") {
      settings.kinds.clear();
      for (const std::string& part : bench::split(words.value_of(word)))
        for (const auto& [name, kind] : kinds)
          if (part == name) settings.kinds.push_back(kind);
    } else {
      settings.workloads.push_back(bench::parse_workload(word));
    }
  }
  if (settings.workloads.empty())
    settings.workloads = {
        {"16d", "", 200'000, 16, 16, ""}, {"64d", "", 200'000, 64, 64, ""}, {"2d", "", 200'000, 2, 100, ""}};
  return settings;
}

}  // namespace

int main(int argc, char** argv) try {
  const Settings settings = parse(argc, argv);
  std::printf("%-12s %-9s %-3s %7s %4s %5s %2s %3s %8s %7s %5s  %s\n", "data", "kind", "", "n", "d", "k", "t", "it",
              "seconds", "GFLOP/s", "share", "mean log-likelihood");
  for (const Workload& workload : settings.workloads)
    settings.floats ? run<float>(workload, settings) : run<double>(workload, settings);
  return 0;
} catch (const std::exception& error) {
  std::fprintf(stderr, "%s\n", error.what());
  return 1;
}
