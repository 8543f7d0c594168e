#pragma once

#include <corymb/neighbors/detail/kd_tree.hpp>

#include <algorithm>
#include <limits>
#include <utility>
#include <vector>

CORYMB_BEGIN
namespace detail {

using compiled::LeafPair;

/// The leaves of a tree around a leaf of queries, nearest first as far as the tree tells, all queries at once.
template <class T>
class LeafSearch {
 public:
  LeafSearch(const KdTree<T>& points, const KdTree<T>& queries, PairValue kind)
      : points_(points), queries_(queries), kind_(kind) {
    pairs_.reserve(leaf_places * leaf_places);
  }

  /// @param first   a leaf to look at before all others; −1 = none
  /// @param limit   by place of the query: the largest value that counts, finite; leaf_places of them
  /// @param needed  needed(value, node): whether a node is looked at whose rows have no lower values
  /// @param use     use(pair, leaf): takes a pair that was within the limit, and may lower it
  template <class Needed, class Use>
  void run(Index query_leaf, Index first, const T* limit, const Needed& needed, const Use& use) {
    if (first >= 0) look_at(query_leaf, first, limit, use);
    const T* box = queries_.box(queries_.first_leaf() + query_leaf);
    stack_.clear();
    stack_.emplace_back(between(box, 0), 0);
    while (!stack_.empty()) {
      const auto [value, node] = stack_.back();
      stack_.pop_back();
      if (!needed(value, node)) continue;
      if (points_.is_leaf(node)) {
        if (node - points_.first_leaf() != first) look_at(query_leaf, node - points_.first_leaf(), limit, use);
        continue;
      }
      std::pair<T, Index> left(between(box, 2 * node + 1), 2 * node + 1);
      std::pair<T, Index> right(between(box, 2 * node + 2), 2 * node + 2);
      if (right.first < left.first) std::swap(left, right);
      stack_.push_back(right);
      stack_.push_back(left);
    }
  }

 private:
  T between(const T* box, Index node) const {
    return kernels::lowest_value(kind_, box, points_.box(node), points_.cols());
  }

  template <class Use>
  void look_at(Index query_leaf, Index leaf, const T* limit, const Use& use) {
    const Index count = kernels::leaf_pairs(compiled::LeafPairsTask<T>{
        kind_, points_.cols(), queries_.leaf_points(query_leaf), queries_.leaf_size(query_leaf), limit,
        points_.leaf_points(leaf), points_.leaf_size(leaf), points_.box(points_.first_leaf() + leaf), pairs_.data()});
    for (Index p = 0; p < count; ++p) use(pairs_.data()[p], leaf);
  }

  const KdTree<T>& points_;
  const KdTree<T>& queries_;
  PairValue kind_;
  Scratch<LeafPair<T>> pairs_;
  std::vector<std::pair<T, Index>> stack_;
};

}  // namespace detail
CORYMB_END
