#pragma once

#include <corymb/core/execution.hpp>
#include <corymb/distance/detail/kernels.hpp>
#include <corymb/partition/detail/kmedoids/medoid_state.hpp>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <vector>

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

/// The best swap of one candidate, for all medoids at once (Schubert and Rousseeuw 2021, FastPAM1). Memory of one
/// worker.
///
/// An object that is d from the candidate, at cost c, changes what it costs by min(c, nearest) − nearest, whichever
/// medoid goes; if it is its own nearest, by clamp(c, nearest, second) − nearest instead, which is the removal cost of
/// the object plus clamp(c, nearest, second) − second. So all objects beyond their second nearest medoid can be left
/// out, and for many medoids that is nearly all of them: one pass over the column, which is limited by memory.
template <class T>
class SwapGains {
 public:
  /// Whether a swap with the candidate improves is always told rightly; the rest is the best swap where one does.
  Swap best(const MedoidState<T>& state, Index candidate, const T* column) {
    const auto k = static_cast<std::size_t>(state.k());
    if (is_hopeless(state, column)) return {0, candidate, 0};
    const Index n = state.size();
    value_.reserve(n + compiled::below_slack);
    place_.reserve(n + compiled::below_slack);
    const Index count = kernels::list_below(
        compiled::ListBelowTask<T>{column, state.second_distances(), n, place_.data(), value_.data()});
    gains_.assign(copies * k, 0);
    Cost shared = 0;
    for (Index h = 0; h < count; ++h) {
      const Index o = place_.data()[h];
      const auto& near = state.nearby(o);
      const Cost cost = state.costs()(o, value_.data()[h]);
      shared += std::min(cost, near.nearest_cost) - near.nearest_cost;
      // Objects of one cluster follow each other: with one sum per slot, each addition would wait for the last.
      gains_[static_cast<std::size_t>(h) % copies * k + static_cast<std::size_t>(near.nearest)] +=
          std::min(std::max(cost, near.nearest_cost), near.second_cost) - near.second_cost;
    }
    Swap best{std::numeric_limits<Cost>::max(), candidate, 0};
    for (std::size_t s = 0; s < k; ++s) {
      Cost change = state.removal()[s] + shared;
      for (std::size_t copy = 0; copy < copies; ++copy) change += gains_[copy * k + s];
      if (change >= best.change) continue;
      best.change = change;
      best.slot = static_cast<std::int32_t>(s);
    }
    return best;
  }

 private:
  static constexpr std::size_t copies = 4;
  // With more medoids, listing what the sum would need anyway costs no more.
  static constexpr Index most_medoids_to_sum = 40;

  // Whichever medoid goes, the objects gain at most Σ max(second distance − distance, 0), which takes no scattered
  // additions; if that is less than the cheapest removal, no swap improves.
  static bool is_hopeless(const MedoidState<T>& state, const T* column) {
    if (state.k() > most_medoids_to_sum || state.costs().is_weighted()) return false;
    const double most = kernels::sum_below(column, state.second_distances(), state.size());
    constexpr double rounding = 1 + 1e-4;  // of sum_below
    const double truncation = static_cast<double>(state.size());
    return most * rounding * state.costs().units() + truncation < static_cast<double>(state.smallest_removal());
  }

  Scratch<T> value_;
  Scratch<compiled::PlaceOf<T>> place_;
  std::vector<Cost> gains_;
};

}  // namespace detail
CORYMB_END
