#pragma once

#include <corymb/neighbors/detail/kd_tree.hpp>

#include <limits>
#include <utility>
#include <vector>

CORYMB_BEGIN
namespace detail {

using compiled::LeafPair;

// A "geometry" knows a tree of points and one of queries, which may be the same, and the values between them. It may
// have memory of its own: every thread has a copy.
//   Scalar, Tree, points(), queries()
//   lowest_value(query_node, node)   no row of one node has a lower value to a row of the other
//   highest_value(query_node, node)  nor a higher one
//   leaf_pairs(query_leaf, leaf, limit, pairs)  lists the pairs of rows within the limit, finite, of their query, see
//                                               LeafPairsTask; returns how many there are

/// Boxes, and coordinates.
template <class T>
class BoxGeometry {
 public:
  using Scalar = T;
  using Tree = KdTree<T>;

  BoxGeometry(const Tree& points, const Tree& queries, PairValue kind)
      : points_(points), queries_(queries), kind_(kind) {}

  const Tree& points() const { return points_; }
  const Tree& queries() const { return queries_; }
  PairValue kind() const { return kind_; }

  T lowest_value(Index query_node, Index node) const {
    return kernels::lowest_value(kind_, queries_.box(query_node), points_.box(node), points_.cols());
  }
  T highest_value(Index query_node, Index node) const {
    return kernels::highest_value(kind_, queries_.box(query_node), points_.box(node), points_.cols());
  }
  Index leaf_pairs(Index query_leaf, Index leaf, const T* limit, LeafPair<T>* pairs) const {
    return kernels::leaf_pairs(compiled::LeafPairsTask<T>{
        kind_, points_.cols(), queries_.leaf_points(query_leaf), queries_.leaf_size(query_leaf), limit,
        points_.leaf_points(leaf), points_.leaf_size(leaf), points_.box(points_.first_leaf() + leaf), pairs});
  }

 private:
  const Tree& points_;
  const Tree& queries_;
  PairValue kind_;
};

/// The leaves of a tree around a leaf of queries, nearest first as far as the tree tells, all queries at once.
template <class Geometry>
class LeafSearch {
 public:
  using T = typename Geometry::Scalar;

  explicit LeafSearch(const Geometry& geometry) : geometry_(geometry) { pairs_.reserve(leaf_places * leaf_places); }

  Geometry& geometry() { return geometry_; }

  /// @param first   a leaf to look at before all others; −1 = none
  /// @param limit   by place of the query: the largest value that counts, finite; leaf_places of them
  /// @param needed  needed(value, node): whether a node is looked at whose rows have no lower values
  /// @param use     use(pair, leaf): takes a pair that was within the limit, and may lower it
  template <class Needed, class Use>
  void run(Index query_leaf, Index first, const T* limit, const Needed& needed, const Use& use) {
    if (first >= 0) look_at(query_leaf, first, limit, use);
    const auto& points = geometry_.points();
    const Index queries = geometry_.queries().first_leaf() + query_leaf;
    stack_.clear();
    stack_.emplace_back(geometry_.lowest_value(queries, 0), 0);
    while (!stack_.empty()) {
      const auto [value, node] = stack_.back();
      stack_.pop_back();
      if (!needed(value, node)) continue;
      if (points.is_leaf(node)) {
        if (node - points.first_leaf() != first) look_at(query_leaf, node - points.first_leaf(), limit, use);
        continue;
      }
      std::pair<T, Index> left(geometry_.lowest_value(queries, 2 * node + 1), 2 * node + 1);
      std::pair<T, Index> right(geometry_.lowest_value(queries, 2 * node + 2), 2 * node + 2);
      if (right.first < left.first) std::swap(left, right);
      stack_.push_back(right);
      stack_.push_back(left);
    }
  }

 private:
  template <class Use>
  void look_at(Index query_leaf, Index leaf, const T* limit, const Use& use) {
    const Index count = geometry_.leaf_pairs(query_leaf, leaf, limit, pairs_.data());
    for (Index p = 0; p < count; ++p) use(pairs_.data()[p], leaf);
  }

  Geometry geometry_;
  Scratch<LeafPair<T>> pairs_;
  std::vector<std::pair<T, Index>> stack_;
};

}  // namespace detail
CORYMB_END
