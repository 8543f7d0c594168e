#pragma once

#include <corymb/core/parallel.hpp>
#include <corymb/distance/detail/distance_columns.hpp>
#include <corymb/partition/detail/kmedoids/nearest_list.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <numeric>
#include <span>
#include <utility>
#include <vector>

CORYMB_BEGIN
namespace detail {

/// k medoids, and for every object the nearest few of them. A medoid is known by its slot, 0 to k − 1; of two equally
/// near ones the lower slot is nearer. With fewer medoids than are asked for, the rest are slot −1, infinitely far
/// away.
///
/// A few more than are asked for are known of most objects, so that when one goes the next one need not be searched
/// among all k.
/// @tparam Record  what is kept per object; its array `slot` holds the slots of the nearest medoids, nearest first
template <class T, class Record>
class NearestMedoids {
 public:
  static constexpr std::size_t ranks = std::tuple_size_v<decltype(Record::slot)>;
  using List = NearestList<T, ranks + 4>;

  const DistanceColumns<T>& distances() const { return distances_; }
  int threads() const { return threads_; }
  Index size() const { return static_cast<Index>(records_.size()); }
  Index k() const { return static_cast<Index>(medoids_.size()); }
  const std::vector<Index>& medoids() const { return medoids_; }

  /// Whether an object could become a medoid: it is not one, and it has a weight.
  bool is_candidate(Index o) const {
    return slot_of_[static_cast<std::size_t>(o)] < 0 && (weight_ == nullptr || weight_[o] > 0);
  }

  const Record& record(Index o) const { return records_[static_cast<std::size_t>(o)]; }

  /// By object: the distance to its nearest medoid (rank 0), to the second nearest (rank 1), …
  const T* distances_to(std::size_t rank) const { return distance_[rank].data(); }

  /// The objects whose nearest medoids, or distances to them, the last exchange changed, each with its record before.
  const std::vector<std::pair<Index, Record>>& changed() const { return changed_; }

  Labels labels() const {
    Labels labels(size());
    for (Index o = 0; o < size(); ++o) labels[o] = record(o).slot[0];
    return labels;
  }

 protected:
  /// @param weight  by object; null = all 1
  NearestMedoids(const DistanceColumns<T>& distances, const double* weight, int threads)
      : distances_(distances),
        weight_(weight),
        threads_(threads),
        records_(static_cast<std::size_t>(distances.size())),
        lists_(records_.size()) {
    for (auto& of_rank : distance_) of_rank.resize(records_.size());
  }

  /// Other medoids.
  void set_medoids(std::vector<Index> medoids) {
    medoids_ = std::move(medoids);
    slot_of_.assign(records_.size(), -1);
    for (std::size_t s = 0; s < medoids_.size(); ++s)
      slot_of_[static_cast<std::size_t>(medoids_[s])] = static_cast<std::int32_t>(s);
    std::vector<Index> all(records_.size());
    std::iota(all.begin(), all.end(), Index{0});
    search(all);
  }

  /// A candidate takes the place of a medoid; changed() tells what that changed.
  /// @param column  the distances of all objects to the candidate
  void replace(std::int32_t slot, Index candidate, const T* column) {
    slot_of_[static_cast<std::size_t>(medoids_[static_cast<std::size_t>(slot)])] = -1;
    slot_of_[static_cast<std::size_t>(candidate)] = slot;
    medoids_[static_cast<std::size_t>(slot)] = candidate;
    changed_.clear();
    lost_.clear();
    for (Index o = 0; o < size(); ++o) update(o, slot, column[o]);
    search(lost_);
  }

  Record& changing_record(Index o) { return records_[static_cast<std::size_t>(o)]; }
  T distance(std::size_t rank, Index o) const { return distance_[rank][static_cast<std::size_t>(o)]; }

 private:
  // Takes the distance of an object to the new medoid of a slot into its list; if too few are known then, the object is
  // listed as lost.
  void update(Index o, std::int32_t slot, T distance) {
    auto& list = lists_[static_cast<std::size_t>(o)];
    const std::size_t place = list.find(slot);
    // Behind the last one known are all others.
    const bool is_near = list.known == medoids_.size() || !list.is_after(distance, slot, list.known - 1);
    if (place == list.size && !is_near) return;
    std::size_t first_changed = place;
    if (place < list.size) list.erase(place);
    if (is_near) first_changed = std::min(first_changed, list.insert(distance, slot));
    if (first_changed >= ranks) return;
    changed_.emplace_back(o, record(o));
    if (list.known < std::min(ranks, medoids_.size()))
      lost_.push_back(o);
    else
      publish(o);
  }

  // Makes the first medoids of an object's list those that are told.
  void publish(Index o) {
    const auto i = static_cast<std::size_t>(o);
    for (std::size_t rank = 0; rank < ranks; ++rank) {
      records_[i].slot[rank] = lists_[i].slot[rank];
      distance_[rank][i] = lists_[i].distance[rank];
    }
  }

  // Finds the nearest medoids of some objects.
  void search(const std::vector<Index>& objects) {
    constexpr Index block = 512;
    const auto number = static_cast<Index>(objects.size());
    const bool worth_threads = number * k() >= 65536;
    scratch_.resize(static_cast<std::size_t>(threads_));
    values_.resize(static_cast<std::size_t>(threads_));
    parallel_for(worth_threads ? threads_ : 1, (number + block - 1) / block, [&](Index task, int worker) {
      const auto w = static_cast<std::size_t>(worker);
      const Index first = task * block, last = std::min(first + block, number);
      const std::span<const Index> some(objects.data() + first, static_cast<std::size_t>(last - first));
      const T* distance = values_[w].reserve(block * k());
      distances_.between(some, medoids_, values_[w].data(), scratch_[w]);
      for (const Index o : some) {
        take_nearest(o, distance);
        distance += k();
      }
    });
  }

  void take_nearest(Index o, const T* distance) {
    List list;
    T farthest = std::numeric_limits<T>::infinity();
    for (std::int32_t s = 0; s < static_cast<std::int32_t>(k()); ++s) {
      if (!(distance[s] < farthest)) continue;
      list.insert(distance[s], s);
      farthest = list.distance.back();
    }
    lists_[static_cast<std::size_t>(o)] = list;
    publish(o);
  }

  const DistanceColumns<T>& distances_;
  const double* weight_;
  int threads_;
  std::vector<Index> medoids_;         // by slot
  std::vector<std::int32_t> slot_of_;  // by object: its slot as a medoid, or −1
  std::vector<Record> records_;
  std::vector<List> lists_;
  std::array<std::vector<T>, ranks> distance_;
  std::vector<std::pair<Index, Record>> changed_;  // by replace()
  std::vector<Index> lost_;                        // objects to be searched
  std::vector<ValuesScratch> scratch_;
  std::vector<Scratch<T>> values_;
};

}  // namespace detail
CORYMB_END
