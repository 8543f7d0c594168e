#pragma once

#include <corymb/core/parallel.hpp>
#include <corymb/core/points.hpp>

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <utility>
#include <vector>

CORYMB_BEGIN
namespace detail {

/// By row: the lowest row that is equal to it.
/// @note Time O(n log n + n d), memory O(n).
template <class T>
std::vector<std::int32_t> lowest_equal_rows(const Points<T>& X, int threads) {
  const Index n = X.rows();
  const auto at = [](Index i) { return static_cast<std::size_t>(i); };
  std::vector<std::pair<std::uint64_t, std::int32_t>> keys(at(n));
  const Chunks chunks(n);
  parallel_for(threads, chunks.count(), [&](Index chunk) {
    for (Index i = chunks.begin(chunk); i < chunks.end(chunk); ++i) {
      std::uint64_t hash = 0;
      for (const T value : X[i]) {
        hash ^= std::bit_cast<std::uint64_t>(static_cast<double>(value) + 0.0);  // of both zeros the same
        hash *= 0x9e3779b97f4a7c15;
        hash ^= hash >> 32;
      }
      keys[at(i)] = {hash, static_cast<std::int32_t>(i)};
    }
  });
  std::sort(keys.begin(), keys.end());
  std::vector<std::int32_t> lowest(at(n));
  std::iota(lowest.begin(), lowest.end(), 0);
  const auto equal = [&](std::int32_t i, std::int32_t j) { return std::equal(X[i].begin(), X[i].end(), X[j].begin()); };
  for (std::size_t first = 0, last = 0; first < keys.size(); first = last) {
    std::vector<std::int32_t> different;  // rows of one hash
    for (; last < keys.size() && keys[last].first == keys[first].first; ++last) {
      const std::int32_t row = keys[last].second;
      if (last == first && (last + 1 == keys.size() || keys[last + 1].first != keys[first].first)) continue;
      const auto same = std::find_if(different.begin(), different.end(), [&](std::int32_t i) { return equal(i, row); });
      if (same != different.end())
        lowest[at(row)] = *same;
      else
        different.push_back(row);
    }
  }
  return lowest;
}

}  // namespace detail
CORYMB_END
