#pragma once

#include <corymb/core/parallel.hpp>
#include <corymb/core/points.hpp>
#include <corymb/distance/detail/kernels.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <numeric>
#include <utility>
#include <vector>

CORYMB_BEGIN
namespace detail {

using compiled::leaf_places;

/// A balanced tree of boxes over rows (Friedman, Bentley and Finkel 1977): every node halves its rows by the coordinate
/// in which they are spread the widest, of rows equal in it the lower ones go first. The nodes stand level by level,
/// the children of node i at 2 i + 1 and 2 i + 2; all leaves are on one level and hold the rows from one position to
/// another, at most leaf_places. Memory n (d + 1) numbers, and 2 d per node, of which there are fewer than n / 8.
template <class T>
class KdTree {
 public:
  /// X must hold no NaN and fewer than 2^31 rows.
  KdTree(const Points<T>& X, int threads)
      : n_(X.rows()), d_(X.cols()), levels_(levels_of(n_)), order_(static_cast<std::size_t>(n_)) {
    std::iota(order_.begin(), order_.end(), 0);
    split_all(X, threads);
    fill_leaves(X, threads);
  }

  /// Bytes of a tree, with what its making takes.
  static double memory(Index n, Index d) {
    const double leaves = static_cast<double>(Index{1} << levels_of(n)), numbers = static_cast<double>(d) * sizeof(T);
    return leaves * (static_cast<double>(leaf_places) * numbers + 2 * (2 * numbers + sizeof(std::int32_t))) +
           static_cast<double>(n) * (sizeof(std::int32_t) + sizeof(Key));
  }

  Index rows() const { return n_; }
  Index cols() const { return d_; }

  Index leaves() const { return Index{1} << levels_; }
  Index nodes() const { return 2 * leaves() - 1; }
  Index first_leaf() const { return leaves() - 1; }
  bool is_leaf(Index node) const { return node >= first_leaf(); }

  /// The positions of a leaf's rows, leaves counted from 0.
  Index leaf_begin(Index leaf) const { return begin_of(levels_, leaf); }
  Index leaf_end(Index leaf) const { return begin_of(levels_, leaf + 1); }
  Index leaf_size(Index leaf) const { return leaf_end(leaf) - leaf_begin(leaf); }

  /// The row of X at a position.
  std::int32_t row(Index position) const { return order_[static_cast<std::size_t>(position)]; }

  /// A leaf's coordinates, see LeafPairsTask.
  const T* leaf_points(Index leaf) const { return points_.data() + leaf * leaf_places * d_; }

  /// The d lowest coordinates of a node's rows, then the d highest. Of a node without rows: infinite, and −infinite.
  const T* box(Index node) const { return boxes_.data() + 2 * d_ * node; }

  /// The lowest row of a node that has rows.
  std::int32_t lowest_row(Index node) const { return lowest_rows_[static_cast<std::size_t>(node)]; }

 private:
  struct Key {
    T value;
    std::int32_t row;
    friend bool operator<(const Key& a, const Key& b) {
      return a.value < b.value || (a.value == b.value && a.row < b.row);
    }
  };

  /// Memory of one worker.
  struct Workspace {
    std::vector<Key> keys;
    std::vector<T> box;
  };

  static int levels_of(Index n) {
    int levels = 0;
    while (((n - 1) >> levels) + 1 > leaf_places) ++levels;
    return levels;
  }

  Index begin_of(int level, Index i) const { return (n_ * i) >> level; }

  // Level by level while there are few nodes, then whole subtrees.
  void split_all(const Points<T>& X, int threads) {
    std::vector<Workspace> workspace(static_cast<std::size_t>(threads));
    const int shared = std::min(levels_, 6);
    for (int level = 0; level < shared; ++level)
      parallel_for(threads, Index{1} << level,
                   [&](Index i, int worker) { split(X, level, i, workspace[static_cast<std::size_t>(worker)]); });
    parallel_for(threads, Index{1} << shared, [&](Index subtree, int worker) {
      for (int level = shared; level < levels_; ++level) {
        const Index count = Index{1} << (level - shared);
        for (Index i = 0; i < count; ++i)
          split(X, level, subtree * count + i, workspace[static_cast<std::size_t>(worker)]);
      }
    });
  }

  void split(const Points<T>& X, int level, Index i, Workspace& workspace) {
    const Index begin = begin_of(level, i), middle = begin_of(level + 1, 2 * i + 1), end = begin_of(level, i + 1);
    std::int32_t* rows = order_.data() + begin;
    const Index count = end - begin, axis = widest(X, rows, count, workspace.box);
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
    lowest_rows_.resize(static_cast<std::size_t>(nodes()));
    boxes_.resize(lowest_rows_.size() * static_cast<std::size_t>(2 * d_));
    constexpr Index block = 64;
    parallel_for(threads, (leaves() + block - 1) / block, [&](Index task) {
      for (Index leaf = task * block; leaf < std::min((task + 1) * block, leaves()); ++leaf) fill_leaf(X, leaf);
    });
    for (Index node = first_leaf() - 1; node >= 0; --node) {
      lowest_rows_[static_cast<std::size_t>(node)] = std::min(lowest_row(2 * node + 1), lowest_row(2 * node + 2));
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
    std::int32_t* rows = order_.data() + begin;
    std::sort(rows, rows + size);  // of equally near rows the lower one is found first
    if (size > 0) lowest_rows_[static_cast<std::size_t>(first_leaf() + leaf)] = rows[0];
    for (Index p = 0; p < size; ++p) {
      const T* row = X.row(rows[p]);
      for (Index j = 0; j < d_; ++j) {
        points[j * leaf_places + p] = row[j];
        box[j] = std::min(box[j], row[j]);
        box[d_ + j] = std::max(box[d_ + j], row[j]);
      }
    }
  }

  T* changing_box(Index node) { return boxes_.data() + 2 * d_ * node; }

  Index n_;
  Index d_;
  int levels_;
  std::vector<std::int32_t> order_;
  Scratch<T> points_;
  std::vector<T> boxes_;
  std::vector<std::int32_t> lowest_rows_;
};

}  // namespace detail
CORYMB_END
