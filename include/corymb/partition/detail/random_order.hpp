#pragma once

#include <corymb/core/random.hpp>
#include <corymb/core/types.hpp>

#include <array>
#include <bit>
#include <cstdint>

CORYMB_BEGIN
namespace detail {

/// A random permutation of 0 … n − 1 whose values are computed one by one, without memory: a Feistel network of four
/// rounds on the next even number of bits, applied again while the value is outside the range (Black and Rogaway 2002,
/// doi:10.1007/3-540-45760-7_9). Less than four applications on average.
class RandomOrder {
 public:
  RandomOrder(Index n, Random random)
      : n_(static_cast<std::uint64_t>(n)),
        half_(static_cast<int>(std::bit_width(n_ > 0 ? n_ - 1 : 0) + 1) / 2),
        mask_((std::uint64_t{1} << half_) - 1) {
    for (std::uint64_t& key : keys_) key = random.bits();
  }

  Index operator()(Index i) const {
    auto value = static_cast<std::uint64_t>(i);
    do {
      std::uint64_t left = value >> half_, right = value & mask_;
      for (const std::uint64_t key : keys_) {
        const std::uint64_t next = left ^ (mix_bits(right + key) & mask_);
        left = right;
        right = next;
      }
      value = left << half_ | right;
    } while (value >= n_);
    return static_cast<Index>(value);
  }

 private:
  std::uint64_t n_;
  int half_;
  std::uint64_t mask_;
  std::array<std::uint64_t, 4> keys_ = {};
};

}  // namespace detail
CORYMB_END
