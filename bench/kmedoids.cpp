// k-medoids on a matrix of distances, from .npy files of points or generated ones. ./bench/run.sh kmedoids
//
//   bench_kmedoids [--threads 1,2] [--repeats 3] [--double] [--pam N] [DATA.npy,K[,INITIAL_MEDOIDS.npy] ...]
//
// A fit from the given medoids, or from k random ones, by FasterPAM. The matrix is made before (`matrix`). `check` is
// the pass that looks for entries that are no distances, `swaps` the exchanges of a medoid, `rounds` how often the
// matrix was read, GB/s what that was by the whole time, beside a triad's (1 thread).
//
// --pam N: what PAM, FastPAM1 and FasterPAM take for their exchanges, on N generated points with 100 and 200 medoids,
// from the same random ones, in one thread. PAM is the textbook's loop over medoids and candidates, with the nearest
// and second nearest medoids kept.
#include <corymb/datasets/generators.hpp>
#include <corymb/distance/pairwise.hpp>
#include <corymb/io/labels.hpp>
#include <corymb/io/npy.hpp>
#include <corymb/partition/kmedoids.hpp>

#include <cstdio>
#include <exception>
#include <string>
#include <vector>

#include "bench/command_line.hpp"
#include "bench/machine.hpp"

namespace {

using bench::median_seconds;
using bench::Workload;

struct Settings {
  std::vector<int> threads = {1, 2};
  int repeats = 3;
  bool doubles = false;
  corymb::Index pam = 0;
  std::vector<Workload> workloads;
};

template <class T>
void run(const Workload& workload, const Settings& settings) {
  const corymb::RowMatrix<T> X =
      workload.file.empty() ? corymb::make_blobs<T>(workload.n, workload.d, 50, {.spread = {1.0}, .seed = 1}).points
                            : corymb::read_npy<T>(workload.file);
  corymb::RowMatrix<T> D;
  const double matrix = median_seconds(1, [&] { D = corymb::pairwise_distances(X, X); });
  corymb::KMedoidsOptions options;
  if (!workload.rows.empty()) options.initial_medoids = corymb::read_rows(workload.rows);
  for (const int threads : settings.threads) {
    options.execution.threads = threads;
    const corymb::DistanceMatrix<T> distances(D);
    const double check =
        median_seconds(settings.repeats, [&] { corymb::detail::check_distances("bench", distances, threads); });
    corymb::KMedoidsResult<T> fit;
    const double seconds = median_seconds(settings.repeats, [&] { fit = kmedoids(distances, workload.k, options); });
    const double bytes = static_cast<double>(D.size()) * sizeof(T) * fit.iterations;
    std::printf("%-14s %-3s %7ld %5ld %2d %8.3f %8.4f %8.4f %6ld %6d %6.1f  %.10g\n", workload.name.c_str(),
                sizeof(T) == 4 ? "f32" : "f64", static_cast<long>(X.rows()), static_cast<long>(workload.k), threads,
                matrix, check, seconds, static_cast<long>(fit.swaps), fit.iterations, bytes / seconds / 1e9, fit.loss);
    std::fflush(stdout);
  }
}

/// Seconds of the exchanges alone.
template <class T>
double swap_seconds(const corymb::DistanceMatrix<T>& D, corymb::Index k, corymb::KMedoidsAlgorithm algorithm,
                    corymb::KMedoidsResult<T>& fit) {
  using clock = std::chrono::steady_clock;
  clock::time_point start;
  corymb::KMedoidsOptions options{
      .init = corymb::KMedoidsInit::lab, .algorithm = algorithm, .execution = {.threads = 1}};
  options.execution.on_progress = [&](const corymb::Progress& progress) {
    if (progress.stage == "seeding") start = clock::now();  // the last call is after the last medoid
    return true;
  };
  fit = kmedoids(D, k, options);
  return std::chrono::duration<double>(clock::now() - start).count();
}

template <class T>
void compare(const Settings& settings) {
  const corymb::RowMatrix<T> X = corymb::make_blobs<T>(settings.pam, 10, 50, {.spread = {1.0}, .seed = 1}).points;
  const corymb::RowMatrix<T> D = corymb::pairwise_distances(X, X);
  const corymb::DistanceMatrix<T> distances(D);
  using corymb::KMedoidsAlgorithm;
  const std::pair<const char*, KMedoidsAlgorithm> algorithms[] = {{"FasterPAM", KMedoidsAlgorithm::faster_pam},
                                                                  {"FastPAM1", KMedoidsAlgorithm::fast_pam1},
                                                                  {"PAM", KMedoidsAlgorithm::pam}};
  std::printf("%7s %5s %-10s %10s %10s %6s  %s\n", "n", "k", "", "swap s", "x", "swaps", "loss");
  for (const corymb::Index k : {100, 200}) {
    double fastest = 0;
    for (const auto& [name, algorithm] : algorithms) {
      corymb::KMedoidsResult<T> fit;
      std::vector<double> all;
      const int repeats = algorithm == KMedoidsAlgorithm::pam ? 1 : settings.repeats;
      for (int i = 0; i < repeats; ++i) all.push_back(swap_seconds(distances, k, algorithm, fit));
      std::nth_element(all.begin(), all.begin() + repeats / 2, all.end());
      const double seconds = all[static_cast<std::size_t>(repeats / 2)];
      if (fastest == 0) fastest = seconds;
      std::printf("%7ld %5ld %-10s %10.4f %10.0f %6ld  %.10g\n", static_cast<long>(settings.pam), static_cast<long>(k),
                  name, seconds, seconds / fastest, static_cast<long>(fit.swaps), fit.loss);
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
    else if (word == "--repeats")
      settings.repeats = std::stoi(words.value_of(word));
    else if (word == "--double")
      settings.doubles = true;
    else if (word == "--pam")
      settings.pam = std::stol(words.value_of(word));
    else
      settings.workloads.push_back(bench::parse_workload(word));
  }
  if (settings.workloads.empty())
    for (const long n : {5000, 10'000})
      for (const long k : {10, 100, 200}) settings.workloads.push_back({std::to_string(n), "", n, 10, k, ""});
  return settings;
}

}  // namespace

int main(int argc, char** argv) try {
  const Settings settings = parse(argc, argv);
  std::printf("kernels run on %s; triad %.1f GB/s (1 thread), %.1f (2)\n", corymb::compiled::kernel_target(),
              triad_bandwidth(1), triad_bandwidth(2));
  if (settings.pam > 0) {
    settings.doubles ? compare<double>(settings) : compare<float>(settings);
    return 0;
  }
  std::printf("%-14s %-3s %7s %5s %2s %8s %8s %8s %6s %6s %6s  %s\n", "workload", "", "n", "k", "t", "matrix s",
              "check s", "fit s", "swaps", "rounds", "GB/s", "loss");
  for (const Workload& workload : settings.workloads)
    settings.doubles ? run<double>(workload, settings) : run<float>(workload, settings);
} catch (const std::exception& error) {
  std::fprintf(stderr, "bench_kmedoids: %s\n", error.what());
  return 2;
}
