#pragma once

#include <corymb/core/types.hpp>
#include <corymb/hierarchy/dendrogram.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <numeric>
#include <queue>
#include <tuple>
#include <utility>
#include <vector>

CORYMB_BEGIN
namespace detail {

/// Two clusters that become one, by their lowest rows, a < b; the one that is made has a.
struct RowMerge {
  std::int32_t a;
  std::int32_t b;
  double height;
};

/// Puts merges that were found in rounds into the order in which they would come one at a time: by height, of equal
/// heights the lower rows first, but no merge before those that it builds on. A height below that of what it builds on
/// can only be one of rounding, and is raised to it.
/// @param merges  each after those that it builds on
class MergeOrder {
 public:
  MergeOrder(Index n, std::vector<RowMerge>& merges) : merges_(merges), above_(merges.size(), -1) {
    std::vector<std::int32_t> maker(static_cast<std::size_t>(n), -1);  // by row: the merge that made its cluster
    for (std::size_t m = 0; m < merges.size(); ++m) {
      RowMerge& merge = merges[m];
      for (const std::int32_t row : {merge.a, merge.b}) {
        const std::int32_t below = maker[static_cast<std::size_t>(row)];
        if (below < 0) continue;
        above_[static_cast<std::size_t>(below)] = static_cast<std::int32_t>(m);
        merge.height = std::max(merge.height, merges[static_cast<std::size_t>(below)].height);
      }
      maker[static_cast<std::size_t>(merge.a)] = static_cast<std::int32_t>(m);
    }
  }

  /// Numbers of merges.
  std::vector<std::int32_t> run() {
    std::vector<std::int32_t> order(merges_.size());
    std::iota(order.begin(), order.end(), 0);
    std::stable_sort(order.begin(), order.end(), [&](std::int32_t x, std::int32_t y) { return height(x) < height(y); });
    for (auto first = order.begin(); first != order.end();) {
      const double of_level = height(*first);
      auto last = first + 1;
      while (last != order.end() && height(*last) == of_level) ++last;
      if (last - first > 1) order_level({first, last});
      first = last;
    }
    return order;
  }

 private:
  using Key = std::tuple<std::int32_t, std::int32_t, std::int32_t>;  // lower row, higher row, merge

  double height(std::int32_t merge) const { return merges_[static_cast<std::size_t>(merge)].height; }
  Key key(std::int32_t merge) const {
    const RowMerge& m = merges_[static_cast<std::size_t>(merge)];
    return {m.a, m.b, merge};
  }

  // Merges of equal height: those come to the queue that build on none of the others that are left.
  void order_level(std::pair<std::vector<std::int32_t>::iterator, std::vector<std::int32_t>::iterator> level) {
    const double of_level = height(*level.first);
    waits_for_.resize(merges_.size(), 0);
    const auto within = [&](std::int32_t merge) { return merge >= 0 && height(merge) == of_level; };
    const auto above = [&](std::int32_t merge) { return above_[static_cast<std::size_t>(merge)]; };
    for (auto m = level.first; m != level.second; ++m)
      if (within(above(*m))) ++waits_for_[static_cast<std::size_t>(above(*m))];
    std::priority_queue<Key, std::vector<Key>, std::greater<>> free;
    for (auto m = level.first; m != level.second; ++m)
      if (waits_for_[static_cast<std::size_t>(*m)] == 0) free.push(key(*m));
    for (auto m = level.first; m != level.second; ++m) {
      *m = std::get<2>(free.top());
      free.pop();
      const std::int32_t next = above(*m);
      if (within(next) && --waits_for_[static_cast<std::size_t>(next)] == 0) free.push(key(next));
    }
  }

  std::vector<RowMerge>& merges_;
  std::vector<std::int32_t> above_;      // by merge: the one that builds on it; −1 = none
  std::vector<std::int32_t> waits_for_;  // by merge: so many of its level that it builds on
};

/// The dendrogram of merges that come in order.
/// @param order  numbers of merges; empty = as they stand
inline Dendrogram dendrogram_of(Index n, const std::vector<RowMerge>& merges, const std::vector<std::int32_t>& order) {
  Dendrogram tree{n, {}, {}};
  tree.merges.reserve(merges.size());
  std::vector<std::int32_t> node(static_cast<std::size_t>(n));  // by row: that of the cluster it is the lowest of
  std::iota(node.begin(), node.end(), 0);
  const auto size = [&](std::int32_t of) {
    return of < n ? 1 : tree.merges[static_cast<std::size_t>(of - static_cast<std::int32_t>(n))].size;
  };
  for (std::size_t m = 0; m < merges.size(); ++m) {
    const RowMerge& merge = merges[order.empty() ? m : static_cast<std::size_t>(order[m])];
    std::int32_t& of_a = node[static_cast<std::size_t>(merge.a)];
    const std::int32_t of_b = node[static_cast<std::size_t>(merge.b)];
    const std::int32_t low = std::min(of_a, of_b), high = std::max(of_a, of_b);
    const std::int32_t rows = size(low) + size(high);
    of_a = static_cast<std::int32_t>(n) + static_cast<std::int32_t>(m);
    tree.merges.push_back({low, high, rows, merge.height});
  }
  return tree;
}

}  // namespace detail
CORYMB_END
