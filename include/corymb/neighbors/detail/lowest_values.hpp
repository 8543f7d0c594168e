#pragma once

#include <corymb/core/types.hpp>

#include <algorithm>
#include <limits>
#include <vector>

CORYMB_BEGIN
namespace detail {

/// The k lowest values that some queries have met, where only the highest of them is wanted: a heap, so that a large k
/// is no more than a logarithm. Until there are k, every value is low.
template <class T>
class LowestValues {
 public:
  LowestValues(Index queries, Index k)
      : k_(k),
        value_(static_cast<std::size_t>(queries * k)),
        count_(static_cast<std::size_t>(queries)),
        limit_(count_.size(), std::numeric_limits<T>::max()) {}

  static double memory(Index queries, Index k) {
    return static_cast<double>(queries) * (static_cast<double>(k + 1) * sizeof(T) + sizeof(Index));
  }

  /// Forgets what a query has met.
  void clear(Index query) {
    count_[static_cast<std::size_t>(query)] = 0;
    limit_[static_cast<std::size_t>(query)] = std::numeric_limits<T>::max();
  }

  /// By query: the highest of its k values.
  const T* limit() const { return limit_.data(); }

  /// Whether a value of at least this one could be among those of the first queries.
  bool has_room(T value, Index queries) const {
    return std::any_of(limit(), limit() + queries, [&](T limit) { return value < limit; });
  }

  void insert(Index query, T value) {
    T* values = value_.data() + query * k_;
    Index& count = count_[static_cast<std::size_t>(query)];
    if (count == k_) {
      if (value >= values[0]) return;
      std::pop_heap(values, values + count--);
    }
    values[count++] = value;
    std::push_heap(values, values + count);
    if (count == k_) limit_[static_cast<std::size_t>(query)] = values[0];
  }

 private:
  Index k_;
  std::vector<T> value_;
  std::vector<Index> count_;
  std::vector<T> limit_;
};

}  // namespace detail
CORYMB_END
