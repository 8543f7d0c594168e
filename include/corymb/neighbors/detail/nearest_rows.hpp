#pragma once

#include <corymb/core/types.hpp>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <vector>

CORYMB_BEGIN
namespace detail {

/// The k nearest rows of some queries, nearest first, of equally near ones the lower row. Until there are k, everything
/// is near.
template <class T>
class NearestRows {
 public:
  NearestRows(Index queries, Index k)
      : k_(k),
        value_(static_cast<std::size_t>(queries * k)),
        row_(value_.size()),
        count_(static_cast<std::size_t>(queries)),
        limit_(count_.size()) {}

  void clear() {
    std::fill(count_.begin(), count_.end(), Index{0});
    std::fill(limit_.begin(), limit_.end(), std::numeric_limits<T>::max());
  }

  /// By query: the value of the last of its k rows.
  const T* limit() const { return limit_.data(); }
  const T* values(Index query) const { return value_.data() + query * k_; }
  const std::int32_t* rows(Index query) const { return row_.data() + query * k_; }

  /// Whether rows from `lowest` on, none of a value below this one, could be among those of the first queries.
  bool has_room(T value, std::int32_t lowest, Index queries) const {
    for (Index q = 0; q < queries; ++q) {
      const T limit = limit_[static_cast<std::size_t>(q)];
      if (value < limit || (value == limit && lowest < rows(q)[k_ - 1])) return true;
    }
    return false;
  }

  void insert(Index query, T value, std::int32_t row) {
    T* values = value_.data() + query * k_;
    std::int32_t* rows = row_.data() + query * k_;
    const auto is_before = [&](Index place) {
      return value < values[place] || (value == values[place] && row < rows[place]);
    };
    Index& count = count_[static_cast<std::size_t>(query)];
    if (count == k_ && !is_before(k_ - 1)) return;
    Index place = count < k_ ? count++ : k_ - 1;
    for (; place > 0 && is_before(place - 1); --place) {
      values[place] = values[place - 1];
      rows[place] = rows[place - 1];
    }
    values[place] = value;
    rows[place] = row;
    if (count == k_) limit_[static_cast<std::size_t>(query)] = values[k_ - 1];
  }

 private:
  Index k_;
  std::vector<T> value_;
  std::vector<std::int32_t> row_;
  std::vector<Index> count_;
  std::vector<T> limit_;
};

}  // namespace detail
CORYMB_END
