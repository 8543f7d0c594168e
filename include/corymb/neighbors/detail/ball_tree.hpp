#pragma once

#include <corymb/neighbors/detail/balanced_tree.hpp>
#include <corymb/neighbors/detail/leaf_search.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

CORYMB_BEGIN
namespace detail {

/// A balanced tree of balls over rows of which only the distances are known (Omohundro 1989): every node has a centre,
/// one of its rows, and the distance of the farthest of its rows from it. A node halves its rows by the difference of
/// their distances from two rows far apart. About 4 n log2(n / 32) distances make a tree.
template <class T>
class BallTree : public BalancedTree {
 public:
  /// @param make_distance  make_distance() gives each thread its own distance(i, j), the value of rows i and j
  template <class MakeDistance>
  BallTree(Index n, const MakeDistance& make_distance, int threads)
      : BalancedTree(n),
        center_(static_cast<std::size_t>(nodes())),
        radius_(center_.size()),
        from_center_(static_cast<std::size_t>(n)) {
    struct Workspace {
      decltype(make_distance()) distance;
      Pivots pivots;
    };
    std::vector<Workspace> workspaces;
    for (int w = 0; w < threads; ++w) workspaces.push_back({make_distance(), {}});
    split_all(workspaces, [&](Index node, Index middle, Workspace& workspace) {
      find_ball(node, workspace.distance, workspace.pivots);
      workspace.pivots.split(rows_from(node_begin(node)), middle - node_begin(node));
    });
    find_lowest_rows(threads);
    for_leaves(threads, [&](Index leaf, int worker) {
      auto& [distance, pivots] = workspaces[static_cast<std::size_t>(worker)];
      const Index node = first_leaf() + leaf;
      find_ball(node, distance, pivots);
      for (Index p = leaf_begin(leaf); p < leaf_end(leaf); ++p)
        from_center_[static_cast<std::size_t>(p)] = distance(center(node), row(p));
    });
  }

  /// Bytes of a tree, with what its making takes.
  static double memory(Index n) {
    return BalancedTree::memory(n) + static_cast<double>(2 * leaves_of(n)) * (sizeof(T) + sizeof(std::int32_t)) +
           static_cast<double>(n) * (sizeof(T) + sizeof(Key) + 2 * sizeof(T));
  }

  /// The row in the middle of a node.
  Index center(Index node) const { return center_[static_cast<std::size_t>(node)]; }
  /// The distance of a node's farthest row from its centre.
  T radius(Index node) const { return radius_[static_cast<std::size_t>(node)]; }
  /// The distance of a row, by position, from the centre of its leaf.
  T from_center(Index position) const { return from_center_[static_cast<std::size_t>(position)]; }

 private:
  using Key = SplitKey<double>;

  /// Two rows far apart, and how far the others are from them.
  struct Pivots {
    std::vector<T> from_first, from_second;
    std::vector<Key> keys;

    void split(std::int32_t* rows, Index first_half) {
      keys.resize(from_first.size());
      for (std::size_t i = 0; i < keys.size(); ++i)
        keys[i] = {static_cast<double>(from_first[i]) - static_cast<double>(from_second[i]), rows[i]};
      std::nth_element(keys.begin(), keys.begin() + first_half, keys.end());
      for (std::size_t i = 0; i < keys.size(); ++i) rows[i] = keys[i].row;
    }
  };

  template <class Distance>
  void find_ball(Index node, Distance& distance, Pivots& pivots) {
    const std::int32_t* rows = rows_from(node_begin(node));
    const Index count = node_end(node) - node_begin(node);
    if (count == 0) return;
    const auto measure = [&](Index from, std::vector<T>& to) {  // returns the farthest
      to.resize(static_cast<std::size_t>(count));
      for (Index i = 0; i < count; ++i) to[static_cast<std::size_t>(i)] = distance(Index{rows[from]}, Index{rows[i]});
      return static_cast<Index>(std::max_element(to.begin(), to.end()) - to.begin());
    };
    const Index first = measure(0, pivots.from_first), second = measure(first, pivots.from_first);
    measure(second, pivots.from_second);
    Index middle = 0;
    T nearest = std::numeric_limits<T>::max();
    for (Index i = 0; i < count; ++i) {
      const auto at = static_cast<std::size_t>(i);
      const T farther = std::max(pivots.from_first[at], pivots.from_second[at]);
      if (farther < nearest) {
        nearest = farther;
        middle = i;
      }
    }
    T radius = 0;
    for (Index i = 0; i < count; ++i) radius = std::max(radius, distance(Index{rows[middle]}, Index{rows[i]}));
    center_[static_cast<std::size_t>(node)] = rows[middle];
    radius_[static_cast<std::size_t>(node)] = radius;
  }

  std::vector<std::int32_t> center_;  // by node
  std::vector<T> radius_;             // by node
  std::vector<T> from_center_;        // by position
};

/// Balls, by the triangle inequality. It holds for computed distances but for so large a part of them.
/// @tparam Distance  distance(i, j): the value of query row i and row j; every thread has a copy
template <class T, class Distance>
class BallGeometry {
 public:
  using Scalar = T;
  using Tree = BallTree<T>;

  BallGeometry(const Tree& points, const Tree& queries, const Distance& distance)
      : points_(points), queries_(queries), distance_(distance) {}

  const Tree& points() const { return points_; }
  const Tree& queries() const { return queries_; }

  /// No row of a node has a lower value than this to a row.
  T lowest_value_of_row(Index query, Index node) {
    const T apart = distance_(query, points_.center(node)), radius = points_.radius(node);
    return radius > 0 ? below(apart, radius) : apart;
  }
  T lowest_value(Index query_node, Index node) {
    const T apart = distance_(queries_.center(query_node), points_.center(node));
    const T radii = queries_.radius(query_node) + points_.radius(node);
    return radii > 0 ? below(apart, radii) : apart;  // rows that are the same have the same distances
  }
  T highest_value(Index query_node, Index node) {
    const T apart = distance_(queries_.center(query_node), points_.center(node));
    const T radii = queries_.radius(query_node) + points_.radius(node);
    return radii > 0 ? (apart + radii) * (1 + slack) : apart;
  }

  Index leaf_pairs(Index query_leaf, Index leaf, const T* limit, LeafPair<T>* pairs) {
    const Index queries = queries_.leaf_size(query_leaf);
    Index count = 0;
    for (Index q = 0; q < queries; ++q)
      if (limit[q] >= 0)
        count += row_pairs(queries_.row(queries_.leaf_begin(query_leaf) + q), static_cast<std::int32_t>(q), leaf,
                           limit[q], pairs + count);
    return count;
  }

  /// The same for one row.
  /// @param place  what the pairs call it
  Index row_pairs(Index query, std::int32_t place, Index leaf, T limit, LeafPair<T>* pairs) {
    const Index points = points_.leaf_size(leaf), first = points_.leaf_begin(leaf);
    const T radius = points_.radius(points_.first_leaf() + leaf);
    const T apart = distance_(query, points_.center(points_.first_leaf() + leaf));
    if (below(apart, radius) > limit) return 0;
    Index count = 0;
    for (Index p = 0; p < points; ++p) {
      const T from_center = points_.from_center(first + p);
      if (below(std::max(apart, from_center), std::min(apart, from_center)) > limit) continue;
      const T value = distance_(query, Index{points_.row(first + p)});
      if (value <= limit) pairs[count++] = {value, place, static_cast<std::int32_t>(p)};
    }
    return count;
  }

 private:
  static constexpr T slack = sizeof(T) == 4 ? T(1e-4) : T(1e-9);

  static T below(T larger, T smaller) { return std::max(T(0), larger - smaller - (larger + smaller) * slack); }

  const Tree& points_;
  const Tree& queries_;
  Distance distance_;
};

}  // namespace detail
CORYMB_END
