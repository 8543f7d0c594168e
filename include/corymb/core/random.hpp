#pragma once

#include <corymb/core/config.hpp>

#include <bit>
#include <cmath>
#include <cstdint>
#include <initializer_list>

CORYMB_BEGIN
namespace detail {

/// A one-to-one map whose values have nothing to do with those of neighbours: the finaliser of SplitMix64.
constexpr std::uint64_t mix_bits(std::uint64_t z) {
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
  return z ^ (z >> 31);
}

}  // namespace detail

/// A small generator (xoshiro256++, Blackman and Vigna 2021, doi:10.1145/3460772) with its own draws, because the
/// distributions of the standard library differ between vendors. Streams are named, not shared: Random(seed, {restart,
/// block}) is independent of every other name, so parallel work draws the same numbers for any number of threads.
class Random {
 public:
  explicit Random(std::uint64_t seed, std::initializer_list<std::uint64_t> stream = {}) {
    std::uint64_t key = detail::mix_bits(seed + golden);
    for (const std::uint64_t part : stream) key = detail::mix_bits(detail::mix_bits(key + golden) + part);
    for (auto& word : state_) word = detail::mix_bits(key += golden);
  }

  /// 64 uniform bits.
  std::uint64_t bits() {
    const std::uint64_t result = std::rotl(state_[0] + state_[3], 23) + state_[0];
    const std::uint64_t shifted = state_[1] << 17;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= shifted;
    state_[3] = std::rotl(state_[3], 45);
    return result;
  }

  /// Uniform in [0, 1), a multiple of 2^-53.
  double uniform() { return static_cast<double>(bits() >> 11) * 0x1.0p-53; }

  /// Uniform in [low, high).
  double uniform(double low, double high) { return low + (high - low) * uniform(); }

  /// Uniform integer in [0, bound), without bias; bound ≥ 1.
  std::int64_t below(std::int64_t bound) {
    const auto range = static_cast<std::uint64_t>(bound);
    const std::uint64_t reject_from =
        max_bits - (max_bits % range + 1) % range;  // last value of a whole number of ranges
    std::uint64_t draw = bits();
    while (draw > reject_from) draw = bits();
    return static_cast<std::int64_t>(draw % range);
  }

  /// Standard normal (Marsaglia's polar method).
  double normal() {
    if (has_spare_) {
      has_spare_ = false;
      return spare_;
    }
    double u = 0, v = 0, s = 0;
    do {
      u = uniform(-1, 1);
      v = uniform(-1, 1);
      s = u * u + v * v;
    } while (s >= 1 || s == 0);
    const double scale = std::sqrt(-2 * std::log(s) / s);
    spare_ = v * scale;
    has_spare_ = true;
    return u * scale;
  }

  /// Gamma with the given shape > 0 and scale 1 (Marsaglia and Tsang 2000, ACM Trans. Math. Softw. 26, 363–372).
  double gamma(double shape) {
    if (shape < 1) {
      const double larger = gamma(shape + 1);
      return larger * std::pow(1 - uniform(), 1 / shape);
    }
    const double d = shape - 1.0 / 3, c = 1 / std::sqrt(9 * d);
    for (;;) {
      const double x = normal(), root = 1 + c * x;
      if (root <= 0) continue;
      const double v = root * root * root;
      if (std::log(1 - uniform()) < 0.5 * x * x + d - d * v + d * std::log(v)) return d * v;
    }
  }

 private:
  static constexpr std::uint64_t golden = 0x9e3779b97f4a7c15U;
  static constexpr std::uint64_t max_bits = ~std::uint64_t{0};

  std::uint64_t state_[4];
  double spare_ = 0;
  bool has_spare_ = false;
};

CORYMB_END
