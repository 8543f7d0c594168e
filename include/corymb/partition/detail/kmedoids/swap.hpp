#pragma once

#include <corymb/core/execution.hpp>
#include <corymb/core/types.hpp>
#include <corymb/distance/detail/kernels.hpp>
#include <corymb/partition/detail/kmedoids/costs.hpp>

#include <cstdint>
#include <limits>

CORYMB_BEGIN
namespace detail {

/// A medoid's slot, the candidate that would take it, and by how much the loss would change.
struct Swap {
  Cost change = std::numeric_limits<Cost>::max();
  Index candidate = -1;
  std::int32_t slot = -1;

  bool improves() const { return change < 0; }

  /// The order in which the best swap is chosen: the lowest loss; on ties the lower candidate, then the lower slot.
  friend bool operator<(const Swap& a, const Swap& b) {
    if (a.change != b.change) return a.change < b.change;
    if (a.candidate != b.candidate) return a.candidate < b.candidate;
    return a.slot < b.slot;
  }
};

/// The best of the swaps of one candidate with each of k medoids.
/// @param change  change(slot): of the loss
template <class Change>
Swap best_of_slots(std::size_t k, Index candidate, const Change& change) {
  Swap best{change(0), candidate, 0};
  for (std::size_t s = 1; s < k; ++s) {
    const Cost of_slot = change(s);
    if (of_slot >= best.change) continue;
    best.change = of_slot;
    best.slot = static_cast<std::int32_t>(s);
  }
  return best;
}

/// How a search among medoids ended.
struct SwapOutcome {
  Index swaps = 0;
  int iterations = 0;
  Status status = Status::converged;
};

/// The places of a column that are below limits of their own, and what stands there.
template <class T>
class PlacesBelow {
 public:
  const PlacesBelow& find(const T* column, const T* limit, Index n) {
    value_.reserve(n + compiled::below_slack);
    place_.reserve(n + compiled::below_slack);
    count_ = kernels::list_below(compiled::ListBelowTask<T>{column, limit, n, place_.data(), value_.data()});
    return *this;
  }

  Index count() const { return count_; }
  Index place(Index h) const { return place_.data()[h]; }
  T value(Index h) const { return value_.data()[h]; }

 private:
  Scratch<T> value_;
  Scratch<compiled::PlaceOf<T>> place_;
  Index count_ = 0;
};

}  // namespace detail
CORYMB_END
