#pragma once

#include <corymb/core/parallel.hpp>
#include <corymb/core/types.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

CORYMB_BEGIN
namespace detail {

/// Sorts keys by their lowest `bits` bits, from the lowest digit to the highest, and what belongs to them along with
/// them; equal keys keep their order. Time O(n bits / 11), memory that of keys and values once more.
class RadixSort {
 public:
  static constexpr double bytes_per_key = sizeof(std::uint64_t) + sizeof(std::int32_t);

  static void run(std::vector<std::uint64_t>& keys, std::vector<std::int32_t>& values, int bits, int threads) {
    std::vector<std::uint64_t> other_keys(keys.size());
    std::vector<std::int32_t> other_values(values.size());
    const int passes = (bits + most_digit_bits - 1) / most_digit_bits;
    for (int pass = 0; pass < passes; ++pass) {
      const int first = bits * pass / passes, last = bits * (pass + 1) / passes;
      distribute(keys, values, other_keys, other_values, first, last - first, threads);
      keys.swap(other_keys);
      values.swap(other_values);
    }
  }

 private:
  static constexpr int most_digit_bits = 11;
  using Counts = std::array<Index, std::size_t{1} << most_digit_bits>;

  static void distribute(const std::vector<std::uint64_t>& keys, const std::vector<std::int32_t>& values,
                         std::vector<std::uint64_t>& to_keys, std::vector<std::int32_t>& to_values, int shift,
                         int digit_bits, int threads) {
    const std::uint64_t mask = (std::uint64_t{1} << digit_bits) - 1;
    const auto digit = [&](Index i) {
      return static_cast<std::size_t>(keys[static_cast<std::size_t>(i)] >> shift & mask);
    };
    const Chunks chunks(static_cast<Index>(keys.size()), 1 << 15);
    std::vector<Counts> counts(static_cast<std::size_t>(chunks.count()));
    parallel_for(threads, chunks.count(), [&](Index chunk) {
      Counts& count = counts[static_cast<std::size_t>(chunk)];
      count.fill(0);
      for (Index i = chunks.begin(chunk); i < chunks.end(chunk); ++i) ++count[digit(i)];
    });
    Index before = 0;
    for (std::size_t value = 0; value <= mask; ++value)
      for (Counts& count : counts) {
        const Index here = count[value];
        count[value] = before;
        before += here;
      }
    parallel_for(threads, chunks.count(), [&](Index chunk) {
      Counts& place = counts[static_cast<std::size_t>(chunk)];
      for (Index i = chunks.begin(chunk); i < chunks.end(chunk); ++i) {
        const auto to = static_cast<std::size_t>(place[digit(i)]++);
        to_keys[to] = keys[static_cast<std::size_t>(i)];
        to_values[to] = values[static_cast<std::size_t>(i)];
      }
    });
  }
};

}  // namespace detail
CORYMB_END
