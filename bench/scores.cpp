// Scores of labelings: bytes of labels a second beside a triad of this run, and the costly ones at many clusters.
// ./bench/run.sh scores
#include <benchmark/benchmark.h>

#include <corymb/core/random.hpp>
#include <corymb/metrics/external.hpp>

#include <cstdint>
#include <utility>
#include <vector>

#include "bench/machine.hpp"

namespace {

using Labeling = std::vector<std::int32_t>;

/// Two labelings that agree on about nine of ten points.
std::pair<Labeling, Labeling> labelings(std::size_t n, std::int64_t clusters) {
  corymb::Random random(1);
  std::pair<Labeling, Labeling> labels{Labeling(n), Labeling(n)};
  for (std::size_t i = 0; i < n; ++i) {
    labels.first[i] = static_cast<std::int32_t>(random.below(clusters));
    const auto other = static_cast<std::int32_t>(random.below(clusters));
    labels.second[i] = random.uniform() < 0.9 ? labels.first[i] : other;
  }
  return labels;
}

double triad(int threads) {
  static const double measured[2] = {triad_bandwidth(1), triad_bandwidth(2)};
  return measured[threads > 1];
}

template <class Score>
void score_labels(benchmark::State& state, const Score& score) {
  const auto n = static_cast<std::size_t>(state.range(0));
  const int threads = static_cast<int>(state.range(2));
  const auto [truth, predicted] = labelings(n, state.range(1));
  for (auto _ : state)
    benchmark::DoNotOptimize(score(corymb::contingency_table(truth, predicted, {.execution = {.threads = threads}})));
  const double bytes = 2 * static_cast<double>(n) * sizeof(std::int32_t);
  state.counters["GB/s"] = benchmark::Counter(bytes * 1e-9, benchmark::Counter::kIsIterationInvariantRate);
  state.counters["triad GB/s"] = triad(threads);
}

void ari(benchmark::State& state) {
  score_labels(state, [](const auto& table) { return corymb::adjusted_rand_index(table); });
}
void nmi(benchmark::State& state) {
  score_labels(state, [](const auto& table) { return corymb::normalized_mutual_information(table); });
}
void ami(benchmark::State& state) {
  score_labels(state, [](const auto& table) { return corymb::adjusted_mutual_information(table); });
}
void accuracy(benchmark::State& state) {
  score_labels(state, [](const auto& table) { return corymb::clustering_accuracy(table); });
}
void all(benchmark::State& state) {
  score_labels(state, [](const auto& table) { return corymb::external_scores(table); });
}

void sizes(benchmark::internal::Benchmark* benchmark) {
  benchmark->ArgNames({"n", "k", "threads"})->Unit(benchmark::kMillisecond)->UseRealTime();
  for (const int threads : {1, 2}) {
    benchmark->Args({10'000'000, 100, threads});
    benchmark->Args({1'000'000, 10'000, threads});
  }
}

BENCHMARK(ari)->Apply(sizes);
BENCHMARK(nmi)->Apply(sizes);
BENCHMARK(ami)->Apply(sizes);
BENCHMARK(accuracy)->Apply(sizes);
BENCHMARK(all)->Apply(sizes);

}  // namespace

BENCHMARK_MAIN();
