#pragma once

#include <corymb/core/types.hpp>

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

  static double memory(Index n) { return static_cast<double>(n) * (2 * sizeof(T) + sizeof(std::int32_t)); }

  bool is_taken(Index row) const { return value(row) < 0; }
  void take(Index row) { value_[at(row)] = -1; }

  /// The value whose distance is the row's reachability; −1 = taken.
  T value(Index row) const { return value_[at(row)]; }
  const T* values() const { return value_.data(); }
  T distance(Index row) const { return distance_[at(row)]; }
  std::int32_t predecessor(Index row) const { return predecessor_[at(row)]; }

  /// A row taken reaches a waiting one. Values order distances, but two of them may have the same distance: then the
  /// row stays with what it has.
  /// @param finish  finish(values, count) turns values into distances, in place
  template <class Finish>
  void reach(Index row, T value, Index from, const Finish& finish) {
    if (!(value < value_[at(row)])) return;
    T distance = value;
    finish(&distance, 1);
    if (!(distance < distance_[at(row)])) return;
    value_[at(row)] = value;
    distance_[at(row)] = distance;
    predecessor_[at(row)] = static_cast<std::int32_t>(from);
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
