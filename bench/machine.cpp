#include "bench/machine.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <vector>

#if defined(_OPENMP)
#include <omp.h>
#endif

#if defined(CORYMB_WITH_HIGHWAY)
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "bench/machine.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace machine::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// Returns operations done; the sum keeps the compiler from leaving them out.
template <class T>
double multiply_add(long rounds, T* out) {
  const hn::ScalableTag<T> d;
  constexpr int chains = HWY_TARGET == HWY_AVX3 || HWY_TARGET == HWY_AVX3_DL || HWY_TARGET == HWY_NEON ? 24 : 12;
  hn::Vec<decltype(d)> sum[chains];
  for (int i = 0; i < chains; ++i) sum[i] = hn::Set(d, T(1));
  const auto factor = hn::Set(d, T(0.999)), term = hn::Set(d, T(0.001));
  for (long r = 0; r < rounds; ++r) {
    _Pragma("GCC unroll 24") for (int i = 0; i < chains; ++i) sum[i] = hn::MulAdd(sum[i], factor, term);
  }
  for (int i = 1; i < chains; ++i) sum[0] = hn::Add(sum[0], sum[i]);
  *out = hn::GetLane(sum[0]);
  return 2.0 * chains * static_cast<double>(hn::Lanes(d)) * static_cast<double>(rounds);
}
double MultiplyAddFloat(long rounds, float* out) { return multiply_add(rounds, out); }
double MultiplyAddDouble(long rounds, double* out) { return multiply_add(rounds, out); }

}  // namespace machine::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif

#if !defined(CORYMB_WITH_HIGHWAY) || HWY_ONCE
namespace machine {
namespace {

double seconds() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

// The best of several rounds: a limit is what the machine does when nothing disturbs it.
template <class Body>
double best_rate(int threads, const Body& body) {
  double best = 0;
  for (int repeat = 0; repeat < 7; ++repeat) {
    double work = 0;
    const double start = seconds();
#pragma omp parallel num_threads(threads) reduction(+ : work)
    {
#if defined(_OPENMP)
      work += body(omp_get_thread_num());
#else
      work += body(0);
#endif
    }
    best = std::max(best, work / (seconds() - start) / 1e9);
  }
  return best;
}

}  // namespace

#if defined(CORYMB_WITH_HIGHWAY)
HWY_EXPORT(MultiplyAddFloat);
HWY_EXPORT(MultiplyAddDouble);

double peak_float(int threads) {
  std::vector<float> out(static_cast<std::size_t>(threads) * 32);
  return best_rate(threads, [&](int t) {
    return HWY_DYNAMIC_DISPATCH(MultiplyAddFloat)(5'000'000, &out[static_cast<std::size_t>(t) * 32]);
  });
}
double peak_double(int threads) {
  std::vector<double> out(static_cast<std::size_t>(threads) * 32);
  return best_rate(threads, [&](int t) {
    return HWY_DYNAMIC_DISPATCH(MultiplyAddDouble)(5'000'000, &out[static_cast<std::size_t>(t) * 32]);
  });
}
#else
double peak_float(int) { return 0; }
double peak_double(int) { return 0; }
#endif

double triad(int threads) {
  constexpr std::size_t n = 16'000'000;
  std::vector<double> a(n, 0.0), b(n, 1.0), c(n, 2.0);
  return best_rate(threads, [&](int t) {
    const std::size_t first = n / static_cast<std::size_t>(threads) * static_cast<std::size_t>(t);
    const std::size_t last = first + n / static_cast<std::size_t>(threads);
    for (std::size_t i = first; i < last; ++i) a[i] = b[i] + 3.0 * c[i];
    return 24.0 * static_cast<double>(last - first);
  });
}

}  // namespace machine

double fma_peak_float(int threads) { return machine::peak_float(threads); }
double fma_peak_double(int threads) { return machine::peak_double(threads); }
double triad_bandwidth(int threads) { return machine::triad(threads); }
#endif
