#pragma once

#include <corymb/core/detail/gather_rows.hpp>
#include <corymb/core/detail/memory.hpp>
#include <corymb/neighbors/detail/leaf_search.hpp>
#include <corymb/neighbors/detail/nearest_rows.hpp>

#include <algorithm>
#include <cstdint>
#include <vector>

CORYMB_BEGIN
namespace detail {

/// What a search by a kd-tree in the Euclidean metric would look at, found on a tree of a part of the rows: somewhat
/// more than it really is, since the leaves of fewer rows are larger.
template <class T>
class TreeEstimate {
 public:
  explicit TreeEstimate(const Points<T>& X) : n_(X.rows()), rows_(sample(X)), tree_(Points<T>(rows_), 1) {}

  static double memory(Index n, Index d) {
    return matrix_bytes<T>(sample_rows(n), d) + KdTree<T>::memory(sample_rows(n), d);
  }

  /// The part of all leaves that a leaf looks at to find k neighbours of each of its rows.
  double share_of_nearest(Index k) const {
    // As many of the sample as are expected within the distance of the k-th neighbour; the row itself is found too.
    const Index of_sample = std::min(k * tree_.rows() / n_ + 2, tree_.rows());
    NearestRows<T> nearest(leaf_places, of_sample);
    return share([&](LeafSearch<BoxGeometry<T>>& search, Index leaf, Index& leaves) {
      nearest.clear();
      search.run(
          leaf, leaf, nearest.limit(),
          [&](T value, Index node) {
            const bool has_room = nearest.has_room(value, tree_.lowest_row(node), tree_.leaf_size(leaf));
            leaves += has_room && tree_.is_leaf(node) ? 1 : 0;
            return has_room;
          },
          [&](const LeafPair<T>& pair, Index other) {
            nearest.insert(pair.query, pair.value, tree_.row(tree_.leaf_begin(other) + pair.place));
          });
    });
  }

  /// The part of all leaves that have places within the limit of a leaf.
  double share_within(T limit) const {
    const std::vector<T> limits(static_cast<std::size_t>(leaf_places), limit);
    return share([&](LeafSearch<BoxGeometry<T>>& search, Index leaf, Index& leaves) {
      search.run(
          leaf, -1, limits.data(),
          [&](T value, Index node) {
            const bool is_needed = value <= limit;
            if (is_needed && tree_.is_leaf(node)) ++leaves;
            return is_needed && !tree_.is_leaf(node);
          },
          [](const LeafPair<T>&, Index) {});
    });
  }

 private:
  static Index sample_rows(Index n) { return std::min(n, std::max<Index>(n / 8, 4096)); }

  static RowMatrix<T> sample(const Points<T>& X) {
    std::vector<Index> rows(static_cast<std::size_t>(sample_rows(X.rows())));
    const Index count = static_cast<Index>(rows.size());
    for (Index i = 0; i < count; ++i) rows[static_cast<std::size_t>(i)] = X.rows() * i / count;
    return gather_rows<T>(X, rows);
  }

  /// Some leaves look for others: the mean part of all leaves that look(search, leaf, leaves) counts.
  template <class Look>
  double share(const Look& look) const {
    LeafSearch<BoxGeometry<T>> search(BoxGeometry<T>(tree_, tree_, PairValue::squared_euclidean));
    const Index looking = std::clamp<Index>(n_ / 1024, 1, std::min<Index>(tree_.leaves(), 8));
    Index leaves = 0;
    for (Index l = 0; l < looking; ++l) look(search, tree_.leaves() * l / looking, leaves);
    return static_cast<double>(leaves) / static_cast<double>(looking * tree_.leaves());
  }

  Index n_;
  RowMatrix<T> rows_;
  KdTree<T> tree_;
};

// When a tree is faster than the expanded score, measured on uniform and normal rows, on clusters close together and
// far apart, and on rows whose variance is in few directions, with AVX-512. Beyond these columns none of them had a
// tree that was much faster.
inline constexpr Index most_tree_columns_by_estimate = 64;

/// Whether a kd-tree finds the k nearest of X for all of its rows, or for many like them, faster than brute force.
template <class T>
bool tree_pays_for_nearest(const Points<T>& X, Index k, double memory_left) {
  const Index n = X.rows(), d = X.cols();
  if (n < 256) return false;
  if (d <= 6 || (d <= 8 && n < 4096)) return true;
  if (d > most_tree_columns_by_estimate || n < 4096 || TreeEstimate<T>::memory(n, d) > memory_left) return false;
  return TreeEstimate<T>(X).share_of_nearest(k) < 0.9;
}

/// Whether a kd-tree finds all rows of X within a limit of each other faster than brute force.
template <class T>
bool tree_pays_within(const Points<T>& X, T limit, double memory_left) {
  const Index n = X.rows(), d = X.cols();
  if (d <= 4) return true;
  if (d > most_tree_columns_by_estimate || n < 16384 || TreeEstimate<T>::memory(n, d) > memory_left) return false;
  return TreeEstimate<T>(X).share_within(limit) < 0.4;
}

}  // namespace detail
CORYMB_END
