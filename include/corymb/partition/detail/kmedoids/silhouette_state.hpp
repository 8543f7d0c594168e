#pragma once

#include <corymb/partition/detail/kmedoids/costs.hpp>
#include <corymb/partition/detail/kmedoids/nearest_medoids.hpp>
#include <corymb/partition/detail/kmedoids/swap.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
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
class SilhouetteState : public NearestMedoids<T, SilhouetteCosts> {
 public:
  /// @param costs  of lacks, at most 1
  SilhouetteState(const DistanceColumns<T>& distances, const CostScale& costs, std::vector<Index> medoids, int threads)
      : NearestMedoids<T, SilhouetteCosts>(distances, costs.weight(), threads), costs_(costs) {
    restart(std::move(medoids));
  }

  /// Other medoids, not necessarily as many.
  void restart(std::vector<Index> medoids) {
    this->set_medoids(std::move(medoids));
    removal_.assign(static_cast<std::size_t>(this->k()), 0);
    loss_ = 0;
    for (Index o = 0; o < this->size(); ++o) add(o);
  }

  /// A candidate takes the place of a medoid.
  /// @param column  the distances of all objects to the candidate
  void exchange(std::int32_t slot, Index candidate, const T* column) {
    for (const auto& [o, before] : this->replace(slot, candidate, column)) {
      count(before, -1);
      add(o);
    }
  }

  /// What an object costs whose two nearest medoids are at these distances, in any order.
  Cost cost(Index o, T a, T b) const { return costs_(o, silhouette_lack(std::min(a, b), std::max(a, b))); }

  /// By slot: how much the loss would grow if the medoid went and none came.
  const std::vector<Cost>& removal() const { return removal_; }
  Cost loss() const { return loss_; }

 private:
  void add(Index o) {
    const T first = this->distance(0, o), second = this->distance(1, o), third = this->distance(2, o);
    SilhouetteCosts& record = this->changing_record(o);
    record.cost = cost(o, first, second);
    record.removal = {cost(o, second, third) - record.cost, cost(o, first, third) - record.cost};
    count(record, 1);
  }

  void count(const SilhouetteCosts& record, Cost sign) {
    loss_ += sign * record.cost;
    for (const std::size_t rank : {0, 1})
      removal_[static_cast<std::size_t>(record.slot[rank])] += sign * record.removal[rank];
  }

  const CostScale& costs_;
  std::vector<Cost> removal_;
  Cost loss_ = 0;
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
    Swap best{std::numeric_limits<Cost>::max(), candidate, 0};
    for (std::size_t s = 0; s < k; ++s) {
      const Cost change = state.removal()[s] + shared + gains_[s];
      if (change >= best.change) continue;
      best.change = change;
      best.slot = static_cast<std::int32_t>(s);
    }
    return best;
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
