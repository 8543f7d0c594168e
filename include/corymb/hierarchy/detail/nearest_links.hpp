#pragma once

#include <corymb/core/detail/reported_tasks.hpp>
#include <corymb/core/types.hpp>
#include <corymb/hierarchy/detail/merge_order.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

CORYMB_BEGIN
namespace detail {

/// The nearest other cluster of one. Of equal distances the lower cluster is the nearer one.
struct NearestCluster {
  std::int32_t cluster = -1;
  double value = 0;   // of the distance to it
  double beyond = 0;  // no other cluster is nearer
};

/// Two clusters that are each other's nearest, a < b.
struct ClusterPair {
  std::int32_t a;
  std::int32_t b;
  double value;
};

/// Clusters, numbered by ascending lowest rows, and the nearest of each. It stays the nearest until it merges, as no
/// merge of others brings anything nearer (ties included: of equal distances to two clusters, that to both together is
/// the same, and they are known by the lower one).
class NearestLinks {
 public:
  explicit NearestLinks(Index clusters)
      : nearest_(static_cast<std::size_t>(clusters)),
        first_fan_(nearest_.size(), -1),
        next_fan_(nearest_.size(), -1),
        previous_fan_(nearest_.size(), -1) {}

  static constexpr double bytes_per_cluster = sizeof(NearestCluster) + 4 * sizeof(std::int32_t) + sizeof(ClusterPair);

  const NearestCluster& nearest(std::int32_t of) const { return nearest_[at(of)]; }

  void set(std::int32_t of, const NearestCluster& found) {
    leave(of);
    nearest_[at(of)] = found;
    std::int32_t& first = first_fan_[at(found.cluster)];
    next_fan_[at(of)] = first;
    if (first >= 0) previous_fan_[at(first)] = of;
    first = of;
    changed_.push_back(of);
  }

  /// What was found from one end holds for the other too. By rounding alone may it be news to a cluster whose nearest
  /// is known; without it no pair might be each other's nearest.
  void agree(std::span<const std::int32_t> found) {
    for (const std::int32_t of : found) {
      const NearestCluster& from = nearest(of);
      const NearestCluster& to = nearest(from.cluster);
      if (from.value < to.value || (from.value == to.value && of < to.cluster))
        set(from.cluster, {of, from.value, std::min(to.value, to.beyond)});
    }
  }

  /// Takes a cluster that merges out of the fans of its nearest.
  void leave(std::int32_t of) {
    const std::int32_t to = nearest_[at(of)].cluster;
    if (to < 0) return;
    const std::int32_t next = next_fan_[at(of)], previous = previous_fan_[at(of)];
    if (previous >= 0)
      next_fan_[at(previous)] = next;
    else
      first_fan_[at(to)] = next;
    if (next >= 0) previous_fan_[at(next)] = previous;
    next_fan_[at(of)] = previous_fan_[at(of)] = -1;
    nearest_[at(of)].cluster = -1;
  }

  /// Calls f for each cluster whose nearest this one is; f may change that.
  template <class F>
  void for_fans(std::int32_t of, const F& f) {
    for (std::int32_t fan = first_fan_[at(of)]; fan >= 0;) {
      const std::int32_t next = next_fan_[at(fan)];
      f(fan);
      fan = next;
    }
  }

  /// The pairs that have become each other's nearest since they were asked for last, ascending.
  std::vector<ClusterPair> take_pairs() {
    std::vector<ClusterPair> pairs;
    for (const std::int32_t of : changed_) {
      const std::int32_t to = nearest(of).cluster;
      if (to < 0 || nearest(to).cluster != of) continue;
      pairs.push_back({std::min(of, to), std::max(of, to), nearest(of).value});
    }
    changed_.clear();
    std::sort(pairs.begin(), pairs.end(), [](const ClusterPair& x, const ClusterPair& y) { return x.a < y.a; });
    pairs.erase(
        std::unique(pairs.begin(), pairs.end(), [](const ClusterPair& x, const ClusterPair& y) { return x.a == y.a; }),
        pairs.end());
    return pairs;
  }

 private:
  static std::size_t at(std::int32_t number) { return static_cast<std::size_t>(number); }

  std::vector<NearestCluster> nearest_;
  // The fans of a cluster, whose nearest it is, as a list.
  std::vector<std::int32_t> first_fan_;
  std::vector<std::int32_t> next_fan_;
  std::vector<std::int32_t> previous_fan_;
  std::vector<std::int32_t> changed_;
};

// "Clusters" know distances between clusters, and merge them:
//   size()               how many there are at first
//   start(links)         finds the nearest of all
//   merge(pairs, links)  makes one of each pair, known by the lower one, and brings the links up to date
//   height(value)        the distance that a value stands for

/// Merges all pairs of clusters that are each other's nearest, until one is left.
/// @return  each merge after those that it builds on; rows are the clusters' numbers
template <class Clusters>
std::vector<RowMerge> merge_in_rounds(std::string_view function, Clusters& clusters, const ProgressReporter& progress) {
  const Index n = clusters.size();
  std::vector<RowMerge> merges;
  if (n < 2) return merges;
  merges.reserve(static_cast<std::size_t>(n - 1));
  NearestLinks links(n);
  clusters.start(links);
  for (;;) {
    const std::vector<ClusterPair> pairs = links.take_pairs();
    for (const ClusterPair& pair : pairs) merges.push_back({pair.a, pair.b, clusters.height(pair.value)});
    report_or_cancel(function, "merges", progress, static_cast<Index>(merges.size()), n - 1);
    if (static_cast<Index>(merges.size()) == n - 1) return merges;
    clusters.merge(pairs, links);
  }
}

}  // namespace detail
CORYMB_END
