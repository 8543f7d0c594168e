// Kernels against the limits of the machine: GFLOP/s beside the fused multiply-add peak, GB/s beside a triad, both
// measured in this run. ./bench/run.sh kernels
#include <benchmark/benchmark.h>

#include <corymb/datasets/generators.hpp>
#include <corymb/distance/cluster_sums.hpp>
#include <corymb/distance/nearest.hpp>
#include <corymb/distance/pairwise.hpp>

#include <array>
#include <map>
#include <vector>

#include "bench/machine.hpp"

namespace {

template <class T>
struct Data {
  corymb::RowMatrix<T> points;
  corymb::RowMatrix<T> centroids;
};

template <class T>
const Data<T>& data(corymb::Index n, corymb::Index d, corymb::Index k) {
  static std::map<std::array<corymb::Index, 3>, Data<T>> kept;
  auto [place, fresh] = kept.try_emplace({n, d, k});
  if (fresh) {
    if (kept.size() > 1) kept.erase(kept.begin()->first == place->first ? std::prev(kept.end()) : kept.begin());
    auto blobs = corymb::make_blobs<T>(n, d, k, {.seed = 1});
    place->second = {std::move(blobs.points), std::move(blobs.centers)};
  }
  return place->second;
}

template <class T>
double peak(int threads) {
  static std::map<int, double> kept;
  auto [place, fresh] = kept.try_emplace(threads);
  if (fresh) place->second = sizeof(T) == 4 ? fma_peak_float(threads) : fma_peak_double(threads);
  return place->second;
}

template <class T>
void report(benchmark::State& state, double operations, int threads) {
  state.counters["GFLOP/s"] =
      benchmark::Counter(operations * static_cast<double>(state.iterations()) / 1e9, benchmark::Counter::kIsRate);
  state.counters["peak"] = peak<T>(threads);
}

// Fused distance and arg-min of n points and k centroids: 2 n d k operations.
template <class T>
void nearest(benchmark::State& state) {
  const corymb::Index n = state.range(0), d = state.range(1), k = state.range(2);
  const auto& [X, C] = data<T>(n, d, k);
  const int threads = static_cast<int>(state.range(3));
  std::vector<std::int32_t> label(static_cast<std::size_t>(n));
  const corymb::Points<T> points(X);
  for (auto _ : state) {
    corymb::detail::assign_all<T>(points, corymb::detail::rows_view(C), threads, label.data(), nullptr);
    benchmark::DoNotOptimize(label.data());
  }
  report<T>(state, 2.0 * static_cast<double>(n) * static_cast<double>(d) * static_cast<double>(k), threads);
}

// The matrix of defined distances: 3 n m d operations, not fused.
template <class T>
void pairwise(benchmark::State& state) {
  const corymb::Index n = state.range(0), d = state.range(1), k = state.range(2);
  const auto& [X, C] = data<T>(n, d, k);
  const int threads = static_cast<int>(state.range(3));
  for (auto _ : state) {
    auto D = corymb::pairwise_distances(X, C, corymb::Metric::euclidean, {.threads = threads});
    benchmark::DoNotOptimize(D.data());
  }
  report<T>(state, 3.0 * static_cast<double>(n) * static_cast<double>(d) * static_cast<double>(k), threads);
}

// Sums per cluster: reads the points once.
template <class T>
void cluster_sums(benchmark::State& state) {
  const corymb::Index n = state.range(0), d = state.range(1), k = state.range(2);
  const auto& X = data<T>(n, d, k).points;
  const int threads = static_cast<int>(state.range(3));
  const corymb::Labels labels = corymb::nearest(X, data<T>(n, d, k).centroids).labels;
  const corymb::Points<T> points(X);
  const corymb::detail::SumsPlan plan(n, d, k);
  corymb::ClusterSums total{corymb::RowMatrix<double>::Zero(k, d), corymb::Vector::Zero(k)};
  for (auto _ : state) {
    corymb::detail::sum_clusters(points, labels.data(), nullptr, threads, plan, total);
    benchmark::DoNotOptimize(total.sums.data());
  }
  static const double triad[2] = {triad_bandwidth(1), triad_bandwidth(2)};
  state.counters["GB/s"] =
      benchmark::Counter(static_cast<double>(n * d) * sizeof(T) * static_cast<double>(state.iterations()) / 1e9,
                         benchmark::Counter::kIsRate);
  state.counters["triad"] = triad[threads > 1];
}

// A panel of rows against a block of points, with limits that few pairs are within.
template <class T>
void near_pairs(benchmark::State& state) {
  namespace detail = corymb::detail;
  namespace kernels = detail::kernels;
  const corymb::Index d = state.range(0), k = 1512, rows = kernels::panel_rows(T());
  const auto X = corymb::make_blobs<T>(k, d, 100, {.spread = {1.0}, .seed = 1}).points;
  const std::vector<T> centre(static_cast<std::size_t>(d), T(0)),
      limit(static_cast<std::size_t>(rows), T(0.1) * static_cast<T>(d));
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

void shapes(benchmark::internal::Benchmark* bench) {
  for (const auto& [n, d, k] :
       {std::array<std::int64_t, 3>{1'000'000, 16, 64}, {1'000'000, 32, 256}, {200'000, 64, 4096}, {60'000, 784, 100}})
    for (const std::int64_t threads : {1, 2}) bench->Args({n, d, k, threads});
  bench->ArgNames({"n", "d", "k", "threads"})->Unit(benchmark::kMillisecond)->UseRealTime();
}

void small_shapes(benchmark::internal::Benchmark* bench) {
  for (const std::int64_t threads : {1, 2}) bench->Args({20'000, 32, 1'000, threads});
  bench->ArgNames({"n", "d", "k", "threads"})->Unit(benchmark::kMillisecond)->UseRealTime();
}

}  // namespace

BENCHMARK(nearest<float>)->Apply(shapes);
BENCHMARK(nearest<double>)->Apply(shapes);
BENCHMARK(pairwise<float>)->Apply(small_shapes);
BENCHMARK(pairwise<double>)->Apply(small_shapes);
BENCHMARK(cluster_sums<float>)->Apply(shapes);
BENCHMARK(near_pairs<float>)->ArgName("d")->Arg(16)->Arg(64)->Arg(128)->Arg(384);
BENCHMARK(near_pairs<double>)->ArgName("d")->Arg(16)->Arg(64)->Arg(128)->Arg(384);

int main(int argc, char** argv) {
  benchmark::AddCustomContext("kernels run on", corymb::compiled::kernel_target());
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  benchmark::RunSpecifiedBenchmarks();
}
