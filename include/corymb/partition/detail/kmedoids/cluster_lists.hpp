#pragma once

#include <corymb/partition/detail/kmedoids/medoid_state.hpp>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

CORYMB_BEGIN
namespace detail {

/// The objects of every cluster in tiles, those that reach farthest first. The reach of an object is its distance to
/// the nearest medoid plus that to the second nearest: a candidate farther than that from the nearest medoid is, by the
/// triangle inequality, farther from the object than its second nearest medoid, and changes nothing for it.
template <class T>
class ClusterLists {
 public:
  static constexpr Index objects_per_tile = 64;

  struct Tile {
    const Index* objects;
    const T* second;  // by object: distance to its second nearest medoid
    Index count;
  };

  explicit ClusterLists(const MedoidState<T>& state) : state_(state), clusters_(static_cast<std::size_t>(state.k())) {
    std::vector<char> all(clusters_.size(), true);
    fill(all);
  }

  /// After an exchange of a medoid.
  void update() {
    std::vector<char> touched(clusters_.size(), false);
    for (const auto& [o, before] : state_.changed()) {
      touched[static_cast<std::size_t>(before.slot[0])] = true;
      touched[static_cast<std::size_t>(state_.record(o).slot[0])] = true;
    }
    fill(touched);
  }

  Index tiles(std::int32_t slot) const { return static_cast<Index>(cluster(slot).reach.size()); }

  Tile tile(std::int32_t slot, Index number) const {
    const Cluster& of = cluster(slot);
    const Index first = number * objects_per_tile, size = static_cast<Index>(of.objects.size());
    return {of.objects.data() + first, of.second.data() + first, std::min(objects_per_tile, size - first)};
  }

  /// How many tiles of a cluster, from the first, have an object that reaches farther than `distance`.
  Index tiles_within(std::int32_t slot, double distance) const {
    const std::vector<double>& reach = cluster(slot).reach;
    return std::partition_point(reach.begin(), reach.end(), [&](double r) { return r > distance; }) - reach.begin();
  }

  /// What the objects of a cluster gain at most, in distance, if a candidate is `distance` from its medoid: the sum
  /// over those within of reach − distance.
  double most_gain(std::int32_t slot, double distance, Index within) const {
    if (within == 0) return 0;
    const Cluster& of = cluster(slot);
    const auto last = static_cast<std::size_t>(within - 1);
    // Sums may cancel: a bound has to hold their rounding, too.
    const double rounding =
        4 * static_cast<double>(of.objects.size()) * std::numeric_limits<double>::epsilon() * of.reach_before[last + 1];
    // Of the last tile, some objects may not reach so far.
    return of.reach_before[last] - of.weight_before[last] * distance +
           (of.weight_before[last + 1] - of.weight_before[last]) * (of.reach[last] - distance) + rounding;
  }

 private:
  struct Cluster {
    std::vector<Index> objects;         // by descending reach
    std::vector<T> second;              // by object
    std::vector<double> reach;          // by tile: of its first object
    std::vector<double> weight_before;  // by tile, and one more: weight of the objects in the tiles before
    std::vector<double> reach_before;   // the same, of weight · reach
  };

  const Cluster& cluster(std::int32_t slot) const { return clusters_[static_cast<std::size_t>(slot)]; }

  double reach(Index o) const {
    return static_cast<double>(state_.distances_to(0)[o]) + static_cast<double>(state_.distances_to(1)[o]);
  }

  void fill(const std::vector<char>& touched) {
    for (std::size_t s = 0; s < clusters_.size(); ++s)
      if (touched[s]) clusters_[s].objects.clear();
    for (Index o = 0; o < state_.size(); ++o) {
      const std::int32_t slot = state_.record(o).slot[0];
      if (touched[static_cast<std::size_t>(slot)]) clusters_[static_cast<std::size_t>(slot)].objects.push_back(o);
    }
    const bool worth_threads = state_.size() >= Index{1} << 15;
    parallel_for(worth_threads ? state_.threads() : 1, state_.k(), [&](Index slot) {
      if (touched[static_cast<std::size_t>(slot)]) sort(clusters_[static_cast<std::size_t>(slot)]);
    });
  }

  void sort(Cluster& cluster) const {
    std::vector<std::pair<double, Index>> keys;
    keys.reserve(cluster.objects.size());
    for (const Index o : cluster.objects) keys.emplace_back(-reach(o), o);
    std::sort(keys.begin(), keys.end());
    cluster.second.resize(keys.size());
    cluster.reach.clear();
    cluster.weight_before.clear();
    cluster.reach_before.clear();
    double weight = 0, sum = 0;
    for (std::size_t i = 0; i < keys.size(); ++i) {
      const auto [minus_reach, o] = keys[i];
      if (i % objects_per_tile == 0) {
        cluster.reach.push_back(-minus_reach);
        cluster.weight_before.push_back(weight);
        cluster.reach_before.push_back(sum);
      }
      cluster.objects[i] = o;
      cluster.second[i] = state_.distances_to(1)[o];
      const double w = state_.costs().is_weighted() ? state_.costs().weight()[o] : 1.0;
      weight += w;
      sum -= w * minus_reach;
    }
    cluster.weight_before.push_back(weight);
    cluster.reach_before.push_back(sum);
  }

  const MedoidState<T>& state_;
  std::vector<Cluster> clusters_;  // by slot
};

}  // namespace detail
CORYMB_END
