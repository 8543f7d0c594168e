// k-medoids on a matrix of distances, from .npy files of points or generated ones. ./bench/run.sh kmedoids
//
//   bench_kmedoids [--threads 1,2] [--repeats 3] [--double] [--pam N] [--quality PICTURE.svg [--peer …]]
//                  [DATA.npy,K[,INITIAL_MEDOIDS.npy] ...]
//
// A fit from the given medoids, or from k random ones, by FasterPAM. The matrix is made before (`matrix`). `check` is
// the pass that looks for entries that are no distances, `swaps` the exchanges of a medoid, `rounds` how often the
// matrix was read, GB/s what that was by the whole time, beside a triad's (1 thread).
//
// --quality PICTURE.svg: the loss that CLARA and CLARANS reach in their time, on the first workload (by default a
// million generated points in 10 dimensions, k = 50), as a table and a picture. --peer NAME,SECONDS,LOSS puts the
// result of another program into the picture.
//
// --pam N: what PAM, FastPAM1 and FasterPAM take for their exchanges, on N generated points with 100 and 200 medoids,
// from the same random ones, in one thread. PAM is the textbook's loop over medoids and candidates, with the nearest
// and second nearest medoids kept.
#include <corymb/datasets/generators.hpp>
#include <corymb/distance/pairwise.hpp>
#include <corymb/io/labels.hpp>
#include <corymb/io/npy.hpp>
#include <corymb/partition/clara.hpp>
#include <corymb/partition/clarans.hpp>
#include <corymb/partition/kmedoids.hpp>
#include <corymb/viz/scatter.hpp>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <exception>
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
  int repeats = 3;
  bool doubles = false;
  corymb::Index pam = 0;
  std::string quality;  // the picture
  std::vector<std::string> peers;
  std::vector<Workload> workloads;
};

template <class T>
corymb::RowMatrix<T> points_of(const Workload& workload) {
  return workload.file.empty() ? corymb::make_blobs<T>(workload.n, workload.d, 50, {.spread = {1.0}, .seed = 1}).points
                               : corymb::read_npy<T>(workload.file);
}

template <class T>
void run(const Workload& workload, const Settings& settings) {
  const corymb::RowMatrix<T> X = points_of<T>(workload);
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

/// Loss against time.
class QualityPicture {
 public:
  void add(const std::string& name, const std::string& what, double seconds, double loss) {
    std::printf("%-14s %-34s %10.3f  %.10g\n", name.c_str(), what.c_str(), seconds, loss);
    std::fflush(stdout);
    if (names_.empty() || names_.back() != name) names_.push_back(name);
    labels_.push_back(static_cast<int>(names_.size()) - 1);
    seconds_.push_back(seconds);
    losses_.push_back(loss);
  }

  void write(const std::string& path, const std::string& title) const {
    const double least = *std::min_element(losses_.begin(), losses_.end());
    corymb::RowMatrix<double> places(static_cast<corymb::Index>(losses_.size()), 2);
    for (corymb::Index i = 0; i < places.rows(); ++i)
      places.row(i) << std::log10(seconds_[static_cast<std::size_t>(i)]),
          100 * (losses_[static_cast<std::size_t>(i)] / least - 1);
    corymb::write_svg(path, corymb::scatter(places, labels_,
                                            {.title = title,
                                             .axis_names = {"log10 of seconds", "% above the lowest loss"},
                                             .cluster_names = names_,
                                             .point_radius = 5}));
  }

 private:
  std::vector<std::string> names_;
  std::vector<int> labels_;
  std::vector<double> seconds_, losses_;
};

template <class T>
void compare_quality(const Workload& workload, const Settings& settings) {
  const corymb::RowMatrix<T> X = points_of<T>(workload);
  const corymb::Execution execution{.threads = settings.threads.front()};
  QualityPicture picture;
  const auto run = [&](const char* name, const std::string& what, const auto& fit) {
    double loss = 0;
    const double seconds = median_seconds(settings.repeats, [&] { loss = fit(); });
    picture.add(name, what, seconds, loss);
  };
  for (const auto algorithm : {corymb::KMedoidsAlgorithm::fast_pam1, corymb::KMedoidsAlgorithm::faster_pam})
    for (const corymb::Index size : {0, 500, 1000, 2000, 5000})
      run(algorithm == corymb::KMedoidsAlgorithm::faster_pam ? "FasterCLARA" : "CLARA",
          size == 0 ? "5 samples" : "5 samples of " + std::to_string(size), [&] {
            return corymb::clara(X, workload.k, {.algorithm = algorithm, .sample_size = size, .execution = execution})
                .loss;
          });
  for (const int tries : {10, 50, 250})
    run("FastCLARANS", "1 search, " + std::to_string(tries) + " tries in vain", [&] {
      return corymb::clarans(X, workload.k, {.restarts = 1, .max_tries = tries, .execution = execution}).loss;
    });
  for (const std::string& peer : settings.peers) {
    const std::vector<std::string> parts = bench::split(peer);
    if (parts.size() != 3) throw std::invalid_argument(peer + " is not NAME,SECONDS,LOSS");
    picture.add(parts[0], "", std::stod(parts[1]), std::stod(parts[2]));
  }
  picture.write(settings.quality, "n = " + std::to_string(X.rows()) + ", k = " + std::to_string(workload.k));
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
    else if (word == "--quality")
      settings.quality = words.value_of(word);
    else if (word == "--peer")
      settings.peers.push_back(words.value_of(word));
    else if (word == "--pam")
      settings.pam = std::stol(words.value_of(word));
    else
      settings.workloads.push_back(bench::parse_workload(word));
  }
  if (settings.workloads.empty() && !settings.quality.empty())
    settings.workloads.push_back({"million", "", 1'000'000, 10, 50, ""});
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
  if (!settings.quality.empty()) {
    settings.doubles ? compare_quality<double>(settings.workloads.front(), settings)
                     : compare_quality<float>(settings.workloads.front(), settings);
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
