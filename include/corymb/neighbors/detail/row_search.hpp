#pragma once

#include <corymb/neighbors/detail/ball_tree.hpp>
#include <corymb/neighbors/detail/kd_tree.hpp>
#include <corymb/neighbors/detail/leaf_search.hpp>

#include <algorithm>
#include <vector>

CORYMB_BEGIN
namespace detail {

/// One row of a tree against its nodes and leaves, where the rows that look come one at a time.
//   look_from(leaf, place)           chooses the row
//   lowest_value(node)               no row of the node has a lower value to it
//   pairs(leaf, limit, pairs)        lists the rows of a leaf whose values are at most `limit`, finite; returns how
//   many
template <class Geometry>
class RowSearch;

template <class T>
class RowSearch<BoxGeometry<T>> {
 public:
  explicit RowSearch(const BoxGeometry<T>& geometry)
      : tree_(geometry.points()),
        kind_(geometry.kind()),
        box_(static_cast<std::size_t>(2 * tree_.cols())),
        leaf_(static_cast<std::size_t>(leaf_places * tree_.cols())),
        limit_(static_cast<std::size_t>(leaf_places)) {}

  void look_from(Index leaf, Index place) {
    const Index d = tree_.cols();
    const T* from = tree_.leaf_points(leaf) + place;
    for (Index j = 0; j < d; ++j, from += leaf_places)
      box_[static_cast<std::size_t>(j)] = box_[static_cast<std::size_t>(d + j)] =
          leaf_[static_cast<std::size_t>(j * leaf_places)] = *from;
  }

  T lowest_value(Index node) const { return kernels::lowest_value(kind_, box_.data(), tree_.box(node), tree_.cols()); }

  Index pairs(Index leaf, T limit, LeafPair<T>* pairs) {
    limit_[0] = limit;
    return kernels::leaf_pairs(compiled::LeafPairsTask<T>{kind_, tree_.cols(), leaf_.data(), 1, limit_.data(),
                                                          tree_.leaf_points(leaf), tree_.leaf_size(leaf),
                                                          tree_.box(tree_.first_leaf() + leaf), pairs});
  }

 private:
  const KdTree<T>& tree_;
  PairValue kind_;
  std::vector<T> box_;    // that has the row alone
  std::vector<T> leaf_;   // likewise, at its first place
  std::vector<T> limit_;  // of its places
};

template <class T, class Distance>
class RowSearch<BallGeometry<T, Distance>> {
 public:
  explicit RowSearch(const BallGeometry<T, Distance>& geometry) : geometry_(geometry) {}

  void look_from(Index leaf, Index place) {
    row_ = geometry_.points().row(geometry_.points().leaf_begin(leaf) + place);
  }
  T lowest_value(Index node) { return geometry_.lowest_value_of_row(row_, node); }
  Index pairs(Index leaf, T limit, LeafPair<T>* pairs) { return geometry_.row_pairs(row_, 0, leaf, limit, pairs); }

 private:
  BallGeometry<T, Distance> geometry_;
  Index row_ = 0;
};

}  // namespace detail
CORYMB_END
