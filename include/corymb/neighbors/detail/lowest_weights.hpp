#pragma once

#include <corymb/core/types.hpp>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

CORYMB_BEGIN
namespace detail {

/// The lowest values that some queries have met which together weigh enough, where only the highest of them is wanted.
/// Weights are whole numbers. Until they are enough, every value is low.
template <class T>
class LowestWeights {
 public:
  /// @param needed  > 0
  LowestWeights(Index queries, std::int64_t needed)
      : needed_(needed),
        values_(static_cast<std::size_t>(queries)),
        total_(values_.size()),
        limit_(values_.size(), std::numeric_limits<T>::max()) {}

  /// Forgets what a query has met.
  void clear(Index query) {
    const auto q = static_cast<std::size_t>(query);
    values_[q].clear();
    total_[q] = 0;
    limit_[q] = std::numeric_limits<T>::max();
  }

  /// By query: the value at which the weight is enough; the largest number until then.
  const T* limit() const { return limit_.data(); }
  bool is_enough(Index query) const { return total_[static_cast<std::size_t>(query)] >= needed_; }

  /// Whether a value of at least this one could be among those of the first queries.
  bool has_room(T value, Index queries) const {
    return std::any_of(limit(), limit() + queries, [&](T limit) { return value < limit; });
  }

  void insert(Index query, T value, std::int64_t weight) {
    const auto q = static_cast<std::size_t>(query);
    if (weight == 0 || (is_enough(query) && value >= limit_[q])) return;
    auto& heap = values_[q];
    heap.emplace_back(value, weight);
    std::push_heap(heap.begin(), heap.end());
    total_[q] += weight;
    while (total_[q] - heap.front().second >= needed_) {
      total_[q] -= heap.front().second;
      std::pop_heap(heap.begin(), heap.end());
      heap.pop_back();
    }
    if (is_enough(query)) limit_[q] = heap.front().first;
  }

 private:
  std::int64_t needed_;
  std::vector<std::vector<std::pair<T, std::int64_t>>> values_;  // heaps, the highest value first
  std::vector<std::int64_t> total_;
  std::vector<T> limit_;
};

}  // namespace detail
CORYMB_END
