#pragma once

#include <corymb/core/types.hpp>
#include <corymb/distance/detail/kernels.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

CORYMB_BEGIN
namespace detail {

/// How near the rows taken so far reach those that wait. Rows are named by any numbers.
template <class T>
class ReachState {
 public:
  explicit ReachState(Index n)
      : value_(static_cast<std::size_t>(n), std::numeric_limits<T>::infinity()),
        distance_(value_),
        predecessor_(value_.size(), -1) {}

  /// With candidates.
  static double memory(Index n) { return 2 * static_cast<double>(n) * (2 * sizeof(T) + sizeof(std::int32_t)); }

  bool is_taken(Index row) const { return value(row) < 0; }
  /// A taken row has a value that nothing is below, and no distance: comparisons need not ask whether it is taken.
  void take(Index row) {
    value_[at(row)] = -1;
    distance_[at(row)] = std::numeric_limits<T>::quiet_NaN();
  }

  /// The value whose distance is the row's reachability; −1 = taken.
  T value(Index row) const { return value_[at(row)]; }
  /// The row's reachability; not a number = taken.
  T distance(Index row) const { return distance_[at(row)]; }
  std::int32_t predecessor(Index row) const { return predecessor_[at(row)]; }

  /// Rows that one row taken may reach nearer than others do.
  class Candidates {
   public:
    void reserve(Index rows) {
      row_.reserve(rows);
      value_.reserve(rows);
      distance_.reserve(rows);
    }
    void clear() { count_ = 0; }
    void add(Index row, T value) {
      row_.data()[count_] = static_cast<std::int32_t>(row);
      value_.data()[count_++] = value;
    }

   private:
    friend ReachState;
    Scratch<std::int32_t> row_;
    Scratch<T> value_, distance_;
    Index count_ = 0;
  };

  /// Whether a value is lower than that a row is reached at.
  bool is_lower(Index row, T value) const { return value < value_[at(row)]; }

  /// A row taken reaches the candidates. Values order distances, but two of them may have the same distance: then a row
  /// stays with what it has.
  /// @param finish  finish(values, count) turns values into distances, in place
  template <class Finish>
  void reach(Candidates& candidates, Index from, const Finish& finish) {
    const Index count = candidates.count_;
    if (count == 0) return;
    T* distance = candidates.distance_.data();
    std::copy_n(candidates.value_.data(), count, distance);
    finish(distance, count);
    for (Index c = 0; c < count; ++c) {
      const std::size_t row = at(candidates.row_.data()[c]);
      if (!(distance[c] < distance_[row])) continue;
      value_[row] = candidates.value_.data()[c];
      distance_[row] = distance[c];
      predecessor_[row] = static_cast<std::int32_t>(from);
    }
  }

 private:
  static std::size_t at(Index row) { return static_cast<std::size_t>(row); }

  std::vector<T> value_;
  std::vector<T> distance_;
  std::vector<std::int32_t> predecessor_;
};

/// What both ways to find an ordering are told.
template <class T>
struct OrderingTask {
  const std::vector<T>& core_value;  // by row
  T limit;                           // the largest value within max_eps

  bool is_core(Index row) const { return core_value[static_cast<std::size_t>(row)] <= limit; }
};

}  // namespace detail
CORYMB_END
