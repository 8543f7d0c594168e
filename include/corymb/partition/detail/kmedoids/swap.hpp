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
