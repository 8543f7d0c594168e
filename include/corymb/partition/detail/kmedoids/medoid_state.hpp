#pragma once

#include <corymb/core/parallel.hpp>
#include <corymb/distance/detail/distance_columns.hpp>
#include <corymb/partition/detail/kmedoids/costs.hpp>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <numeric>
#include <span>
#include <utility>
#include <vector>

CORYMB_BEGIN
namespace detail {

/// k medoids, and for every object its nearest and second nearest of them. A medoid is known by its slot, 0 to k − 1;
/// of two equally near ones the lower slot is nearer. With one medoid, the second is slot −1, infinitely far away, and
/// costs what the object costs at most.
template <class T>
class MedoidState {
 public:
  /// What an object costs at its nearest and at its second nearest medoid.
  struct Nearby {
    Cost nearest_cost;
    Cost second_cost;
    std::int32_t nearest;
    std::int32_t second;
  };

  MedoidState(const DistanceColumns<T>& distances, const CostScale& costs, std::vector<Index> medoids, int threads)
      : distances_(distances),
        costs_(costs),
        threads_(threads),
        nearby_(static_cast<std::size_t>(distances.size())),
        nearest_distance_(nearby_.size()),
        second_distance_(nearby_.size()) {
    restart(std::move(medoids));
  }

  /// Other medoids, as many.
  void restart(std::vector<Index> medoids) {
    medoids_ = std::move(medoids);
    slot_.assign(nearby_.size(), -1);
    for (std::size_t s = 0; s < medoids_.size(); ++s)
      slot_[static_cast<std::size_t>(medoids_[s])] = static_cast<std::int32_t>(s);
    removal_.assign(medoids_.size(), 0);
    loss_ = 0;
    std::vector<Index> all(nearby_.size());
    std::iota(all.begin(), all.end(), Index{0});
    search(all);
    for (Index o = 0; o < size(); ++o) {
      set_costs(o);
      count(nearby(o), 1);
    }
  }

  const DistanceColumns<T>& distances() const { return distances_; }
  const CostScale& costs() const { return costs_; }
  int threads() const { return threads_; }
  Index size() const { return distances_.size(); }
  Index k() const { return static_cast<Index>(medoids_.size()); }
  const std::vector<Index>& medoids() const { return medoids_; }

  /// Whether an object could become a medoid: it is not one, and it has a weight.
  bool is_candidate(Index o) const {
    return slot_[static_cast<std::size_t>(o)] < 0 && (!costs_.is_weighted() || costs_.weight()[o] > 0);
  }

  const Nearby& nearby(Index o) const { return nearby_[static_cast<std::size_t>(o)]; }
  const T* nearest_distances() const { return nearest_distance_.data(); }
  const T* second_distances() const { return second_distance_.data(); }

  /// By slot: how much the loss would grow if the medoid went and none came.
  const std::vector<Cost>& removal() const { return removal_; }
  Cost smallest_removal() const { return *std::min_element(removal_.begin(), removal_.end()); }
  Cost loss() const { return loss_; }

  /// A candidate takes the place of a medoid.
  /// @param column  the distances of all objects to the candidate
  void exchange(std::int32_t slot, Index candidate, const T* column) {
    slot_[static_cast<std::size_t>(medoids_[static_cast<std::size_t>(slot)])] = -1;
    slot_[static_cast<std::size_t>(candidate)] = slot;
    medoids_[static_cast<std::size_t>(slot)] = candidate;
    changed_.clear();
    lost_.clear();
    for (Index o = 0; o < size(); ++o) update(o, slot, column[o]);
    search(lost_);
    for (const auto& [o, old] : changed_) {
      count(old, -1);
      set_costs(o);
      count(nearby(o), 1);
    }
  }

  Labels labels() const {
    Labels labels(size());
    for (Index o = 0; o < size(); ++o) labels[o] = nearby(o).nearest;
    return labels;
  }

 private:
  static bool nearer(T distance, std::int32_t slot, T other_distance, std::int32_t other_slot) {
    return distance < other_distance || (distance == other_distance && slot < other_slot);
  }

  // Takes the distance of an object to the new medoid of a slot into its two nearest; an object whose two nearest are
  // not among those known and the new one is listed as lost.
  void update(Index o, std::int32_t slot, T distance) {
    Nearby& near = nearby_[static_cast<std::size_t>(o)];
    T& first = nearest_distance_[static_cast<std::size_t>(o)];
    T& second = second_distance_[static_cast<std::size_t>(o)];
    if (near.nearest != slot && near.second != slot && !nearer(distance, slot, second, near.second)) return;
    changed_.emplace_back(o, near);
    if (near.nearest == slot) {
      // All others are behind the second.
      if (nearer(distance, slot, second, near.second))
        first = distance;
      else
        lost_.push_back(o);
    } else if (near.second == slot) {
      if (distance > second) {
        lost_.push_back(o);
      } else if (nearer(distance, slot, first, near.nearest)) {
        second = std::exchange(first, distance);
        near.second = std::exchange(near.nearest, slot);
      } else {
        second = distance;
      }
    } else if (nearer(distance, slot, first, near.nearest)) {
      second = std::exchange(first, distance);
      near.second = std::exchange(near.nearest, slot);
    } else {
      second = distance;
      near.second = slot;
    }
  }

  // Finds the two nearest medoids of some objects.
  void search(const std::vector<Index>& objects) {
    constexpr Index block = 512;
    const auto count = static_cast<Index>(objects.size());
    const bool worth_threads = count * k() >= 65536;
    scratch_.resize(static_cast<std::size_t>(threads_));
    values_.resize(static_cast<std::size_t>(threads_));
    parallel_for(worth_threads ? threads_ : 1, (count + block - 1) / block, [&](Index task, int worker) {
      const auto w = static_cast<std::size_t>(worker);
      const Index first = task * block, last = std::min(first + block, count);
      const std::span<const Index> some(objects.data() + first, static_cast<std::size_t>(last - first));
      T* distance = values_[w].reserve(block * k());
      distances_.between(some, medoids_, distance, scratch_[w]);
      for (const Index o : some) {
        take_two_nearest(o, distance);
        distance += k();
      }
    });
  }

  void take_two_nearest(Index o, const T* distance) {
    T first = std::numeric_limits<T>::infinity(), second = first;
    std::int32_t nearest = -1, other = -1;
    for (std::int32_t s = 0; s < static_cast<std::int32_t>(k()); ++s) {
      if (!(distance[s] < second)) continue;
      if (distance[s] < first) {
        second = std::exchange(first, distance[s]);
        other = std::exchange(nearest, s);
      } else {
        second = distance[s];
        other = s;
      }
    }
    Nearby& near = nearby_[static_cast<std::size_t>(o)];
    near.nearest = nearest;
    near.second = other;
    nearest_distance_[static_cast<std::size_t>(o)] = first;
    second_distance_[static_cast<std::size_t>(o)] = second;
  }

  void set_costs(Index o) {
    Nearby& near = nearby_[static_cast<std::size_t>(o)];
    near.nearest_cost = costs_(o, nearest_distance_[static_cast<std::size_t>(o)]);
    near.second_cost = near.second < 0 ? costs_.most(o) : costs_(o, second_distance_[static_cast<std::size_t>(o)]);
  }

  void count(const Nearby& near, Cost sign) {
    removal_[static_cast<std::size_t>(near.nearest)] += sign * (near.second_cost - near.nearest_cost);
    loss_ += sign * near.nearest_cost;
  }

  const DistanceColumns<T>& distances_;
  const CostScale& costs_;
  int threads_;
  std::vector<Index> medoids_;      // by slot
  std::vector<std::int32_t> slot_;  // by object: its slot as a medoid, or −1
  std::vector<Nearby> nearby_;
  std::vector<T> nearest_distance_;
  std::vector<T> second_distance_;
  std::vector<Cost> removal_;
  Cost loss_ = 0;
  std::vector<std::pair<Index, Nearby>> changed_;  // during an exchange: objects and what they cost before
  std::vector<Index> lost_;                        // during an exchange: objects to be searched
  std::vector<ValuesScratch> scratch_;
  std::vector<Scratch<T>> values_;
};

}  // namespace detail
CORYMB_END
