#pragma once

#include <corymb/distance/detail/kernels.hpp>
#include <corymb/partition/detail/kmedoids/medoid_state.hpp>
#include <corymb/partition/detail/kmedoids/swap.hpp>

#include <algorithm>
#include <cstdint>
#include <vector>

CORYMB_BEGIN
namespace detail {

/// What an object at cost `cost` from a candidate adds to the change of the loss, beside what it costs to remove its
/// nearest medoid: `shared` whichever medoid goes, and `of_nearest` if that goes. Its cost changes by
/// min(cost, nearest) − nearest; if its nearest goes, by clamp(cost, nearest, second) − nearest, of which
/// second − nearest is the cost of the removal. Both are 0 beyond the second nearest medoid.
struct ObjectGain {
  Cost shared;
  Cost of_nearest;

  ObjectGain(const MedoidCosts& now, Cost cost)
      : shared(std::min(cost, now.nearest_cost) - now.nearest_cost),
        of_nearest(std::min(std::max(cost, now.nearest_cost), now.second_cost) - now.second_cost) {}
};

/// The best swap of one candidate, for all medoids at once (Schubert and Rousseeuw 2021, FastPAM1). Memory of one
/// worker. Objects beyond their second nearest medoid can be left out, and for many medoids that is nearly all of them:
/// one pass over the column, which is limited by memory.
template <class T>
class SwapGains {
 public:
  /// Whether a swap with the candidate improves is always told rightly; the rest is the best swap where one does.
  Swap best(const MedoidState<T>& state, Index candidate, const T* column) {
    const auto k = static_cast<std::size_t>(state.k());
    if (is_hopeless(state, column)) return {0, candidate, 0};
    const PlacesBelow<T>& near = near_.find(column, state.distances_to(1), state.size());
    gains_.assign(copies * k, 0);
    Cost shared = 0;
    for (Index h = 0; h < near.count(); ++h) {
      const Index o = near.place(h);
      const MedoidCosts& now = state.record(o);
      const ObjectGain gain(now, state.costs()(o, near.value(h)));
      shared += gain.shared;
      // Objects of one cluster follow each other: with one sum per slot, each addition would wait for the last.
      gains_[static_cast<std::size_t>(h) % copies * k + static_cast<std::size_t>(now.slot[0])] += gain.of_nearest;
    }
    return best_of_slots(k, candidate, [&](std::size_t s) {
      Cost change = state.removal()[s] + shared;
      for (std::size_t copy = 0; copy < copies; ++copy) change += gains_[copy * k + s];
      return change;
    });
  }

 private:
  static constexpr std::size_t copies = 4;
  // With more medoids, listing what the sum would need anyway costs no more.
  static constexpr Index most_medoids_to_sum = 40;

  // Whichever medoid goes, the objects gain at most Σ max(second distance − distance, 0), which takes no scattered
  // additions; if that is less than the cheapest removal, no swap improves.
  static bool is_hopeless(const MedoidState<T>& state, const T* column) {
    if (state.k() > most_medoids_to_sum || state.costs().is_weighted()) return false;
    const double most = kernels::sum_below(column, state.distances_to(1), state.size());
    constexpr double rounding = 1 + 1e-4;  // of sum_below
    const double truncation = static_cast<double>(state.size());
    return most * rounding * state.costs().units() + truncation < static_cast<double>(state.smallest_removal());
  }

  PlacesBelow<T> near_;
  std::vector<Cost> gains_;
};

/// The best swap of one candidate as in the book (Kaufman and Rousseeuw 1990): for each medoid by itself, the change of
/// the loss if both were exchanged, from the nearest and second nearest medoid of every object. For comparison: it
/// takes k times as long as SwapGains.
template <class T>
class PairwiseGains {
 public:
  Swap best(const MedoidState<T>& state, Index candidate, const T* column) const {
    Swap best;
    for (std::int32_t slot = 0; slot < static_cast<std::int32_t>(state.k()); ++slot)
      best = std::min(best, of_slot(state, slot, candidate, column));
    return best;
  }

  /// The exchange of one medoid.
  static Swap of_slot(const MedoidState<T>& state, std::int32_t slot, Index candidate, const T* column) {
    const T* nearest = state.distances_to(0);
    const T* second = state.distances_to(1);
    Swap swap{0, candidate, slot};
    for (Index o = 0; o < state.size(); ++o) {
      const auto& near = state.record(o);
      if (near.slot[0] == slot)
        swap.change += (column[o] < second[o] ? state.costs()(o, column[o]) : near.second_cost) - near.nearest_cost;
      else if (column[o] < nearest[o])
        swap.change += state.costs()(o, column[o]) - near.nearest_cost;
    }
    return swap;
  }
};

}  // namespace detail
CORYMB_END
