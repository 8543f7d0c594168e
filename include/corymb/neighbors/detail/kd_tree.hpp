#pragma once

#include <corymb/core/points.hpp>
#include <corymb/neighbors/detail/balanced_tree.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

CORYMB_BEGIN
namespace detail {

/// A balanced tree of boxes over rows (Friedman, Bentley and Finkel 1977): every node halves its rows by the coordinate
/// in which they are spread the widest, of rows equal in it the lower ones go first. Memory n (d + 1) numbers, and 2 d
/// per node, of which there are fewer than n / 8.
template <class T>
class KdTree : public BalancedTree {
 public:
  /// X must hold no NaN and fewer than 2^31 rows.
  KdTree(const Points<T>& X, int threads) : BalancedTree(X.rows()), d_(X.cols()) {
    std::vector<Workspace> workspace(static_cast<std::size_t>(threads));
    split_all(workspace, [&](Index node, Index middle, Workspace& of_thread) { split(X, node, middle, of_thread); });
    find_lowest_rows(threads);
    fill_leaves(X, threads);
  }

  /// Bytes of a tree, with what its making takes.
  static double memory(Index n, Index d) {
    const auto leaves = static_cast<double>(leaves_of(n)), numbers = static_cast<double>(d) * sizeof(T);
    return BalancedTree::memory(n) + leaves * (static_cast<double>(leaf_places) * numbers + 4 * numbers) +
           static_cast<double>(n) * sizeof(Key);
  }

  Index cols() const { return d_; }

  /// A leaf's coordinates, see LeafPairsTask.
  const T* leaf_points(Index leaf) const { return points_.data() + leaf * leaf_places * d_; }

  /// The d lowest coordinates of a node's rows, then the d highest. Of a node without rows: infinite, and −infinite.
  const T* box(Index node) const { return boxes_.data() + 2 * d_ * node; }

 private:
  using Key = SplitKey<T>;

  /// Memory of one worker.
  struct Workspace {
    std::vector<Key> keys;
    std::vector<T> box;
  };

  void split(const Points<T>& X, Index node, Index middle, Workspace& workspace) {
    const Index begin = node_begin(node), count = node_end(node) - begin;
    std::int32_t* rows = rows_from(begin);
    const Index axis = widest(X, rows, count, workspace.box);
    auto& keys = workspace.keys;
    keys.resize(static_cast<std::size_t>(count));
    for (Index p = 0; p < count; ++p) keys[static_cast<std::size_t>(p)] = {X(rows[p], axis), rows[p]};
    std::nth_element(keys.begin(), keys.begin() + (middle - begin), keys.end());
    for (Index p = 0; p < count; ++p) rows[p] = keys[static_cast<std::size_t>(p)].row;
  }

  // The coordinate in which some rows are spread the widest, the lower one on ties.
  static Index widest(const Points<T>& X, const std::int32_t* rows, Index count, std::vector<T>& box) {
    const Index d = X.cols();
    box.assign(static_cast<std::size_t>(2 * d), T(0));
    T* lowest = box.data();
    T* highest = lowest + d;
    std::copy(X.row(rows[0]), X.row(rows[0]) + d, lowest);
    std::copy(lowest, lowest + d, highest);
    for (Index p = 1; p < count; ++p) {
      const T* row = X.row(rows[p]);
      for (Index j = 0; j < d; ++j) {
        lowest[j] = std::min(lowest[j], row[j]);
        highest[j] = std::max(highest[j], row[j]);
      }
    }
    for (Index j = 0; j < d; ++j) lowest[j] = highest[j] - lowest[j];
    return std::max_element(lowest, lowest + d) - lowest;
  }

  void fill_leaves(const Points<T>& X, int threads) {
    points_.reserve(leaves() * leaf_places * d_);
    boxes_.resize(static_cast<std::size_t>(nodes() * 2 * d_));
    for_leaves(threads, [&](Index leaf, int) { fill_leaf(X, leaf); });
    for (Index node = first_leaf() - 1; node >= 0; --node) {
      const T *left = box(2 * node + 1), *right = box(2 * node + 2);
      T* to = changing_box(node);
      for (Index j = 0; j < d_; ++j) {
        to[j] = std::min(left[j], right[j]);
        to[d_ + j] = std::max(left[d_ + j], right[d_ + j]);
      }
    }
  }

  void fill_leaf(const Points<T>& X, Index leaf) {
    constexpr T infinity = std::numeric_limits<T>::infinity();
    T* points = points_.data() + leaf * leaf_places * d_;
    T* box = changing_box(first_leaf() + leaf);
    std::fill(points, points + leaf_places * d_, infinity);
    std::fill(box, box + d_, infinity);
    std::fill(box + d_, box + 2 * d_, -infinity);
    const Index begin = leaf_begin(leaf), size = leaf_size(leaf);
    for (Index p = 0; p < size; ++p) {
      const T* coordinates = X.row(row(begin + p));
      for (Index j = 0; j < d_; ++j) {
        points[j * leaf_places + p] = coordinates[j];
        box[j] = std::min(box[j], coordinates[j]);
        box[d_ + j] = std::max(box[d_ + j], coordinates[j]);
      }
    }
  }

  T* changing_box(Index node) { return boxes_.data() + 2 * d_ * node; }

  Index d_;
  Scratch<T> points_;
  std::vector<T> boxes_;
};

}  // namespace detail
CORYMB_END
