// Neighbours and DBSCAN by brute force in many columns, on rows like embeddings: of length 1, around 100 centres, with
// variances that fall as 1 / j. GFLOP/s count 2 n² d operations, as if every pair were multiplied in all columns: more
// than the fused multiply-add peak, measured in this run, where pairs are seen once for both rows, or by few
// coordinates. The kernel alone multiplies all it counts. ./bench/run.sh neighbors
#include <benchmark/benchmark.h>

#include <corymb/core/random.hpp>
#include <corymb/density/dbscan.hpp>
#include <corymb/neighbors/nearest_neighbors.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include "bench/machine.hpp"

namespace {

using corymb::Index;

template <class T>
corymb::RowMatrix<T> embedding(Index n, Index d) {
  corymb::Random random(5);
  constexpr Index centres = 100;
  const auto scale = [](Index j) { return 1 / std::sqrt(static_cast<double>(j + 1)); };
  corymb::RowMatrix<double> centre(centres, d);
  for (Index c = 0; c < centres; ++c)
    for (Index j = 0; j < d; ++j) centre(c, j) = random.normal() * scale(j);
  corymb::RowMatrix<T> X(n, d);
  for (Index i = 0; i < n; ++i) {
    const Index c = random.below(centres);
    for (Index j = 0; j < d; ++j) X(i, j) = static_cast<T>(centre(c, j) + 0.7 * random.normal() * scale(j));
    X.row(i).normalize();
  }
  return X;
}

template <class T>
const corymb::RowMatrix<T>& data(Index n, Index d) {
  static std::map<std::pair<Index, Index>, corymb::RowMatrix<T>> kept;
  auto [place, fresh] = kept.try_emplace({n, d});
  if (fresh) place->second = embedding<T>(n, d);
  return place->second;
}

template <class T>
void report(benchmark::State& state, double operations, int threads) {
  static std::map<int, double> peaks;
  auto [place, fresh] = peaks.try_emplace(threads);
  if (fresh) place->second = sizeof(T) == 4 ? fma_peak_float(threads) : fma_peak_double(threads);
  state.counters["GFLOP/s"] =
      benchmark::Counter(operations * static_cast<double>(state.iterations()) / 1e9, benchmark::Counter::kIsRate);
  state.counters["peak"] = place->second;
}

// One panel of rows against a block of points, with limits that few pairs are within.
template <class T>
void near_pairs(benchmark::State& state) {
  namespace detail = corymb::detail;
  namespace kernels = detail::kernels;
  const Index d = state.range(0), k = 1512, rows = kernels::panel_rows(T());
  const auto& X = data<T>(k, d);
  const std::vector<T> centre(static_cast<std::size_t>(d), T(0)), limit(static_cast<std::size_t>(rows), T(0.05));
  detail::Scratch<T> packed(kernels::packed_size(T(), k, d)), panel(kernels::near_panel_size(T(), d));
  detail::Scratch<T> scratch(kernels::near_scratch_size(T(), d));
  detail::Scratch<corymb::compiled::NearPair<T>> pairs(rows * k);
  const double largest = kernels::pack_near_points(detail::rows_view(X), centre.data(), packed.data());
  kernels::pack_near_rows(
      corymb::compiled::NearRowsTask<T>{detail::rows_view(X), nullptr, rows, centre.data(), panel.data()});
  for (auto _ : state) {
    benchmark::DoNotOptimize(kernels::near_pairs(corymb::compiled::NearPairsTask<T>{
        d, panel.data(), rows, packed.data(), k, largest, limit.data(), nullptr, pairs.data(), scratch.data()}));
  }
  report<T>(state, 2.0 * static_cast<double>(rows * k * d), 1);
}

template <class T>
void nearest_neighbors(benchmark::State& state) {
  const Index n = state.range(0), d = state.range(1);
  const int threads = static_cast<int>(state.range(2));
  const auto& X = data<T>(n, d);
  const corymb::NeighborOptions options{.search = corymb::NeighborSearch::brute_force,
                                        .execution = {.threads = threads}};
  for (auto _ : state) benchmark::DoNotOptimize(corymb::nearest_neighbors(X, 10, options).indices.data());
  report<T>(state, 2.0 * static_cast<double>(n) * static_cast<double>(n) * static_cast<double>(d), threads);
}

// eps is the median distance of a row to its 10th neighbour.
template <class T>
void dbscan(benchmark::State& state) {
  const Index n = state.range(0), d = state.range(1);
  const int threads = static_cast<int>(state.range(2));
  const auto& X = data<T>(n, d);
  corymb::RowMatrix<T> near = corymb::nearest_neighbors(X, X.topRows(999), 10).distances;
  std::vector<T> tenth(999);
  for (Index i = 0; i < 999; ++i) tenth[static_cast<std::size_t>(i)] = near(i, 9);
  std::nth_element(tenth.begin(), tenth.begin() + 499, tenth.end());
  const corymb::DbscanOptions options{.algorithm = corymb::DbscanAlgorithm::brute_force,
                                      .execution = {.threads = threads}};
  for (auto _ : state)
    benchmark::DoNotOptimize(corymb::dbscan(X, static_cast<double>(tenth[499]), 10, options).labels.data());
  report<T>(state, 2.0 * static_cast<double>(n) * static_cast<double>(n) * static_cast<double>(d), threads);
}

template <std::int64_t N, std::int64_t D>
void shape(benchmark::internal::Benchmark* bench) {
  for (const std::int64_t threads : {1, 2}) bench->Args({N, D, threads});
  bench->ArgNames({"n", "d", "threads"})->Unit(benchmark::kMillisecond)->UseRealTime();
}

}  // namespace

BENCHMARK(near_pairs<float>)->ArgName("d")->Arg(16)->Arg(64)->Arg(128)->Arg(384);
BENCHMARK(near_pairs<double>)->ArgName("d")->Arg(16)->Arg(64)->Arg(128)->Arg(384);
BENCHMARK(nearest_neighbors<float>)->Apply(shape<50'000, 384>);
BENCHMARK(nearest_neighbors<double>)->Apply(shape<50'000, 384>);
BENCHMARK(dbscan<float>)->Apply(shape<50'000, 64>);
BENCHMARK(dbscan<double>)->Apply(shape<50'000, 64>);
BENCHMARK_MAIN();
