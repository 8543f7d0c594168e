// Spectral clustering, from files or generated points. ./bench/run.sh spectral
//
//   bench_spectral [--threads 1,2] [--repeats 3] [--tasks NAME,...] [POINTS.npy]
//
// Tasks (all by default but mnist): rbf (gamma 0.05) and knn (9 neighbours) by the block solver, lanczos of both, on
// 5000 points in 10 columns or those of the file, k = 10, one run of k-means; the largest residual is beside.
// landmarks: 1M points in 8 columns, 500 landmarks, k = 10, by anchor graph. mnist: the file's rows, 10 neighbours, k
// = 10.
#include <corymb/datasets/generators.hpp>
#include <corymb/io/idx.hpp>
#include <corymb/io/npy.hpp>
#include <corymb/spectral/landmark_spectral_clustering.hpp>
#include <corymb/spectral/spectral_clustering.hpp>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <exception>
#include <map>
#include <string>
#include <vector>

#include "bench/task_settings.hpp"

namespace {

using corymb::Affinity;
using corymb::Eigensolver;
using corymb::Index;
using corymb::RowMatrix;
using corymb::SpectralOptions;

using Settings = bench::TaskSettings;

template <class T>
void time_clustering(const std::string& name, const RowMatrix<T>& X, SpectralOptions options,
                     const Settings& settings) {
  options.restarts = 1;
  for (const int threads : settings.threads) {
    options.execution.threads = threads;
    corymb::SpectralClustering result;
    // When the stages of the last run were over.
    std::map<std::string, double> until;
    options.execution.on_progress = [&](const corymb::Progress& progress) {
      until[std::string(progress.stage)] = progress.elapsed;
      return true;
    };
    const double seconds =
        bench::median_seconds(settings.repeats, [&] { result = corymb::spectral_clustering(X, 10, options); });
    std::printf("%-14s %-4s %2d %9.3f  residual %.1e, %d restarts, %d components; eigenvectors done at %.3f\n",
                name.c_str(), sizeof(T) == 4 ? "f32" : "f64", threads, seconds, result.residuals.maxCoeff(),
                result.iterations, result.components, until["eigenvectors"]);
    std::fflush(stdout);
  }
}

template <class T>
void time_both(const RowMatrix<T>& X, const Settings& settings) {
  for (const Eigensolver solver : {Eigensolver::chebyshev, Eigensolver::lanczos}) {
    if (solver == Eigensolver::lanczos && !settings.runs("lanczos")) continue;
    const std::string suffix = solver == Eigensolver::lanczos ? ", lanczos" : "";
    if (settings.runs("rbf")) time_clustering("rbf" + suffix, X, {.gamma = 0.05, .solver = solver}, settings);
    if (settings.runs("knn"))
      time_clustering("knn" + suffix, X, {.affinity = Affinity::knn, .neighbors = 9, .solver = solver}, settings);
  }
}

void time_landmarks(const Settings& settings) {
  const auto blobs = corymb::make_blobs<float>(1'000'000, 8, 10, {.spread = {2.5}, .seed = 1});
  for (const int threads : settings.threads) {
    corymb::LandmarkSpectralClustering<float> model;
    const double seconds = bench::median_seconds(1, [&] {
      model = corymb::landmark_spectral_clustering(
          blobs.points, 10, {.landmarks = 500, .restarts = 1, .execution = {.threads = threads}});
    });
    std::printf("%-14s %-4s %2d %9.3f  1M x 8, 500 landmarks, eigenvalue 10 is %.3f\n", "landmarks", "f32", threads,
                seconds, model.eigenvalues[9]);
    std::fflush(stdout);
  }
}

}  // namespace

int main(int argc, char** argv) try {
  Settings settings{{"rbf", "knn", "lanczos", "landmarks"}};
  settings.parse(argc, argv);
  std::printf("%-14s %-4s %2s %9s\n", "task", "", "t", "seconds");
  if (settings.runs("mnist")) {
    time_clustering("mnist", corymb::read_idx<float>(settings.files.at(0)), {.affinity = Affinity::knn}, settings);
    return 0;
  }
  if (settings.runs("rbf") || settings.runs("knn")) {
    const RowMatrix<double> X = settings.files.empty()
                                    ? corymb::make_blobs(5000, 10, 10, {.spread = {2}, .seed = 1}).points
                                    : corymb::read_npy<double>(settings.files.at(0));
    time_both(X, settings);
    time_both(RowMatrix<float>(X.cast<float>()), settings);
  }
  if (settings.runs("landmarks")) time_landmarks(settings);
  return 0;
} catch (const std::exception& error) {
  std::fprintf(stderr, "%s\n", error.what());
  return 1;
}
