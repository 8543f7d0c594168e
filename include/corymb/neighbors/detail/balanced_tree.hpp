#pragma once

#include <corymb/core/parallel.hpp>
#include <corymb/core/types.hpp>
#include <corymb/distance/detail/kernels.hpp>

#include <algorithm>
#include <bit>
#include <cstdint>
#include <numeric>
#include <vector>

CORYMB_BEGIN
namespace detail {

using compiled::leaf_places;

/// What decides which half of a node a row goes to: the lower rows of equal values go to the first.
template <class T>
struct SplitKey {
  T value;
  std::int32_t row;
  friend bool operator<(const SplitKey& a, const SplitKey& b) {
    return a.value < b.value || (a.value == b.value && a.row < b.row);
  }
};

/// Where rows stand in a tree whose every node halves its rows. The nodes stand level by level, the children of node i
/// at 2 i + 1 and 2 i + 2; all leaves are on one level and hold the rows from one position to another, at most
/// leaf_places, lower rows first.
class BalancedTree {
 public:
  Index rows() const { return n_; }

  Index leaves() const { return Index{1} << levels_; }
  Index nodes() const { return 2 * leaves() - 1; }
  Index first_leaf() const { return leaves() - 1; }
  bool is_leaf(Index node) const { return node >= first_leaf(); }

  /// The positions of a leaf's rows, leaves counted from 0.
  Index leaf_begin(Index leaf) const { return begin_of(levels_, leaf); }
  Index leaf_end(Index leaf) const { return begin_of(levels_, leaf + 1); }
  Index leaf_size(Index leaf) const { return leaf_end(leaf) - leaf_begin(leaf); }

  /// The leaf that holds a position.
  Index leaf_of(Index position) const { return (((position + 1) << levels_) - 1) / n_; }

  /// The positions of a node's rows.
  Index node_begin(Index node) const { return begin_of(level_of(node), node + 1 - (Index{1} << level_of(node))); }
  Index node_end(Index node) const { return begin_of(level_of(node), node + 2 - (Index{1} << level_of(node))); }

  /// The row of X at a position.
  std::int32_t row(Index position) const { return order_[static_cast<std::size_t>(position)]; }

  /// By position: the row.
  const std::vector<std::int32_t>& order() const { return order_; }

  /// The lowest row of a node that has rows.
  std::int32_t lowest_row(Index node) const { return lowest_rows_[static_cast<std::size_t>(node)]; }

 protected:
  explicit BalancedTree(Index n) : n_(n), levels_(levels_of(n)), order_(static_cast<std::size_t>(n)) {
    std::iota(order_.begin(), order_.end(), 0);
  }

  static double memory(Index n) { return static_cast<double>(n + 2 * leaves_of(n)) * sizeof(std::int32_t); }

  static Index leaves_of(Index n) { return Index{1} << levels_of(n); }

  std::int32_t* rows_from(Index position) { return order_.data() + position; }

  /// Calls split(node, middle, workspace) for all nodes above the leaves, parents before children: it is to put those
  /// of the node's rows first that go to its first child, before the position `middle`. Level by level while there are
  /// few nodes, then whole subtrees in parallel.
  /// @param workspace  one per thread
  template <class Workspace, class Split>
  void split_all(std::vector<Workspace>& workspace, const Split& split) {
    const int threads = static_cast<int>(workspace.size());
    const auto split_node = [&](int level, Index i, int worker) {
      split((Index{1} << level) - 1 + i, begin_of(level + 1, 2 * i + 1), workspace[static_cast<std::size_t>(worker)]);
    };
    const int shared = std::min(levels_, 6);
    for (int level = 0; level < shared; ++level)
      parallel_for(threads, Index{1} << level, [&](Index i, int worker) { split_node(level, i, worker); });
    parallel_for(threads, Index{1} << shared, [&](Index subtree, int worker) {
      for (int level = shared; level < levels_; ++level) {
        const Index count = Index{1} << (level - shared);
        for (Index i = 0; i < count; ++i) split_node(level, subtree * count + i, worker);
      }
    });
  }

  /// Calls use(leaf, worker) for all leaves, in parallel.
  template <class Use>
  void for_leaves(int threads, const Use& use) const {
    constexpr Index block = 64;
    parallel_for(threads, (leaves() + block - 1) / block, [&](Index task, int worker) {
      for (Index leaf = task * block; leaf < std::min((task + 1) * block, leaves()); ++leaf) use(leaf, worker);
    });
  }

  /// Puts the rows of each leaf in order: of equally near rows the lower one is found first.
  void find_lowest_rows(int threads) {
    lowest_rows_.resize(static_cast<std::size_t>(nodes()));
    for_leaves(threads, [&](Index leaf, int) {
      std::int32_t* rows = rows_from(leaf_begin(leaf));
      std::sort(rows, rows + leaf_size(leaf));
      if (leaf_size(leaf) > 0) lowest_rows_[static_cast<std::size_t>(first_leaf() + leaf)] = rows[0];
    });
    for (Index node = first_leaf() - 1; node >= 0; --node)
      lowest_rows_[static_cast<std::size_t>(node)] = std::min(lowest_row(2 * node + 1), lowest_row(2 * node + 2));
  }

 private:
  static int levels_of(Index n) {
    int levels = 0;
    while (((n - 1) >> levels) + 1 > leaf_places) ++levels;
    return levels;
  }

  Index begin_of(int level, Index i) const { return (n_ * i) >> level; }
  static int level_of(Index node) { return static_cast<int>(std::bit_width(static_cast<std::uint64_t>(node + 1))) - 1; }

  Index n_;
  int levels_;
  std::vector<std::int32_t> order_;
  std::vector<std::int32_t> lowest_rows_;  // by node
};

}  // namespace detail
CORYMB_END
