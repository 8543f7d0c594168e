#pragma once

#include <corymb/partition/detail/kmedoids/loss_state.hpp>
#include <corymb/partition/detail/kmedoids/swap.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

CORYMB_BEGIN
namespace detail {

/// What an object lacks to a silhouette of 1, and how much more it would if its nearest or its second nearest medoid
/// went and none came.
struct SilhouetteCosts {
  Cost cost;
  std::array<Cost, 2> removal;
  std::array<std::int32_t, 3> slot;
};

/// 1 − the silhouette of an object by its distances to the nearest and the second nearest medoid.
template <class T>
double silhouette_lack(T nearest, T second) {
  return second > T(0) ? static_cast<double>(nearest) / static_cast<double>(second) : 1.0;
}

/// k ≥ 2 medoids whose loss is the sum of what the silhouettes of all objects lack to 1.
template <class T>
class SilhouetteState : public LossState<SilhouetteState<T>, T, SilhouetteCosts> {
  using Base = LossState<SilhouetteState<T>, T, SilhouetteCosts>;
  friend Base;

 public:
  /// @param costs  of lacks, at most 1
  SilhouetteState(const DistanceColumns<T>& distances, const CostScale& costs, std::vector<Index> medoids, int threads)
      : Base(distances, costs, threads) {
    this->restart(std::move(medoids));
  }

  /// What an object costs whose two nearest medoids are at these distances, in any order.
  Cost cost(Index o, T a, T b) const { return this->costs()(o, silhouette_lack(std::min(a, b), std::max(a, b))); }

 private:
  void set_costs(Index o, SilhouetteCosts& record) const {
    const T first = this->distance(0, o), second = this->distance(1, o), third = this->distance(2, o);
    record.cost = cost(o, first, second);
    record.removal = {cost(o, second, third) - record.cost, cost(o, first, third) - record.cost};
  }

  void count(const SilhouetteCosts& record, Cost sign) {
    this->add_to_loss(sign * record.cost);
    for (std::size_t rank = 0; rank < 2; ++rank) this->add_to_removal(record.slot[rank], sign * record.removal[rank]);
  }
};

/// The best swap of one candidate, for all medoids at once (Lenssen and Schubert 2022, FastMSC). Memory of one worker.
/// The candidate changes what an object costs only if it is nearer than the third nearest medoid; then whether the
/// nearest goes, or the second, or another one, makes three cases.
template <class T>
class SilhouetteGains {
 public:
  Swap best(const SilhouetteState<T>& state, Index candidate, const T* column) {
    const auto k = static_cast<std::size_t>(state.k());
    const PlacesBelow<T>& near = near_.find(column, state.distances_to(2), state.size());
    gains_.assign(k, 0);
    Cost shared = 0;
    for (Index h = 0; h < near.count(); ++h) {
      const Index o = near.place(h);
      const T distance = near.value(h), first = state.distances_to(0)[o], second = state.distances_to(1)[o];
      const SilhouetteCosts& now = state.record(o);
      const Cost with_all = distance < second ? state.cost(o, first, distance) : now.cost;
      shared += with_all - now.cost;
      gains_[static_cast<std::size_t>(now.slot[0])] += state.cost(o, second, distance) - with_all - now.removal[0];
      gains_[static_cast<std::size_t>(now.slot[1])] += state.cost(o, first, distance) - with_all - now.removal[1];
    }
    return best_of_slots(k, candidate, [&](std::size_t s) { return state.removal()[s] + shared + gains_[s]; });
  }

 private:
  PlacesBelow<T> near_;
  std::vector<Cost> gains_;
};

/// The best swap of one candidate by the definition, for each medoid by itself: for comparison.
template <class T>
class PairwiseSilhouetteGains {
 public:
  Swap best(const SilhouetteState<T>& state, Index candidate, const T* column) const {
    Swap best;
    for (std::int32_t slot = 0; slot < static_cast<std::int32_t>(state.k()); ++slot) {
      Swap swap{0, candidate, slot};
      for (Index o = 0; o < state.size(); ++o) {
        const SilhouetteCosts& now = state.record(o);
        // The two nearest medoids that stay, and the candidate.
        const std::size_t first = now.slot[0] == slot ? 1 : 0;
        const std::size_t second = first == 1 || now.slot[1] == slot ? 2 : 1;
        const T a = state.distances_to(first)[o], b = state.distances_to(second)[o], c = column[o];
        swap.change += (c < b ? state.cost(o, a, c) : state.cost(o, a, b)) - now.cost;
      }
      best = std::min(best, swap);
    }
    return best;
  }
};

}  // namespace detail
CORYMB_END
