// Agglomerative clustering, of a file or of generated rows. ./bench/run.sh hierarchy
//
//   bench_hierarchy [--threads 1,2] [--repeats 3] [--tasks NAME,...] [DATA.npy]
//
// Tasks (all by default): single, complete, average, weighted, ward, and average in float (average-float), of 20 000
// rows of 10 columns, 50 blobs; single-large: 1M rows of 2 columns, once; ward-large: 100 000 of 10, once. The sum of
// the heights is the same for all programs; the peak is that of the process so far, so run a task alone to see its own.
#include <corymb/datasets/generators.hpp>
#include <corymb/hierarchy/agglomerative.hpp>
#include <corymb/io/npy.hpp>

#include <sys/resource.h>

#include <algorithm>
#include <cstdio>
#include <exception>
#include <string>
#include <utility>
#include <vector>

#include "bench/task_settings.hpp"

namespace {

using corymb::Index;
using corymb::Linkage;
using corymb::RowMatrix;

using Settings = bench::TaskSettings;

double peak_mib() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1024;
}

void time_linkage(const std::string& task, const RowMatrix<double>& X, Linkage linkage, const Settings& settings,
                  int repeats) {
  if (!settings.runs(task)) return;
  for (const int threads : settings.threads) {
    corymb::Dendrogram tree;
    const double seconds = bench::median_seconds(repeats, [&] {
      tree = corymb::agglomerative(X, linkage,
                                   {.float_triangle = task == "average-float", .execution = {.threads = threads}});
    });
    double sum = 0;
    for (const corymb::Merge& merge : tree.merges) sum += merge.height;
    std::printf("%-14s %8td %4td %2d %9.3f %9.0f  sum of heights %.8g\n", task.c_str(), X.rows(), X.cols(), threads,
                seconds, peak_mib(), sum);
    std::fflush(stdout);
  }
}

RowMatrix<double> blobs(Index n, Index d) { return corymb::make_blobs(n, d, 50, {.spread = {2.0}, .seed = 1}).points; }

}  // namespace

int main(int argc, char** argv) try {
  Settings settings{
      {"ward", "ward-large", "single", "single-large", "complete", "weighted", "average-float", "average"}};
  settings.parse(argc, argv);
  std::printf("%-14s %8s %4s %2s %9s %9s\n", "task", "n", "d", "t", "seconds", "peak MiB");
  const RowMatrix<double> X =
      settings.files.empty() ? blobs(20'000, 10) : corymb::read_npy<double>(settings.files.at(0));
  time_linkage("ward", X, Linkage::ward, settings, settings.repeats);
  time_linkage("single", X, Linkage::single, settings, settings.repeats);
  if (settings.runs("ward-large")) time_linkage("ward-large", blobs(100'000, 10), Linkage::ward, settings, 1);
  if (settings.runs("single-large")) time_linkage("single-large", blobs(1'000'000, 2), Linkage::single, settings, 1);
  time_linkage("average-float", X, Linkage::average, settings, settings.repeats);
  time_linkage("average", X, Linkage::average, settings, settings.repeats);
  time_linkage("complete", X, Linkage::complete, settings, settings.repeats);
  time_linkage("weighted", X, Linkage::weighted, settings, settings.repeats);
  return 0;
} catch (const std::exception& error) {
  std::fprintf(stderr, "%s\n", error.what());
  return 1;
}
