#pragma once

#include <corymb/core/parallel.hpp>
#include <corymb/core/points.hpp>
#include <corymb/hierarchy/detail/merge_order.hpp>

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <span>
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

/// Rows no two of which are equal, and the merges of the others: at height 0, before all others.
class DistinctRows {
 public:
  /// @param weights  by row; empty = all 1
  template <class T>
  DistinctRows(const Points<T>& X, std::span<const double> weights, int threads) {
    const std::vector<std::int32_t> lowest = lowest_equal_rows(X, threads);
    std::vector<std::int32_t> place(lowest.size());  // by such a row
    for (std::size_t i = 0; i < lowest.size(); ++i) {
      const auto first = static_cast<std::size_t>(lowest[i]);
      const double weight = weights.empty() ? 1 : weights[i];
      if (first < i) {
        merges_.push_back({lowest[i], static_cast<std::int32_t>(i), 0});
        sizes_[static_cast<std::size_t>(place[first])] += weight;
        continue;
      }
      place[i] = static_cast<std::int32_t>(rows_.size());
      rows_.push_back(static_cast<Index>(i));
      sizes_.push_back(weight);
    }
  }

  const std::vector<Index>& rows() const { return rows_; }     ///< that no lower one is equal to
  const std::vector<double>& sizes() const { return sizes_; }  ///< by such a row: its weight with those equal to it

  /// All merges, where those of these rows are given.
  std::vector<RowMerge> merges(const std::vector<RowMerge>& of_rows) const {
    std::vector<RowMerge> all = merges_;
    for (const RowMerge& merge : of_rows)
      all.push_back({static_cast<std::int32_t>(rows_[static_cast<std::size_t>(merge.a)]),
                     static_cast<std::int32_t>(rows_[static_cast<std::size_t>(merge.b)]), merge.height});
    return all;
  }

 private:
  std::vector<RowMerge> merges_;
  std::vector<Index> rows_;
  std::vector<double> sizes_;
};

}  // namespace detail
CORYMB_END
