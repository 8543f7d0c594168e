#pragma once

#include <corymb/neighbors/detail/kd_tree.hpp>

#include <algorithm>
#include <limits>
#include <utility>
#include <vector>

CORYMB_BEGIN
namespace detail {

using compiled::LeafPair;

/// The value of two rows whose coordinates are `gap(j)` apart, in double.
template <class Gap>
double value_of_gaps(PairValue kind, Index d, const Gap& gap) {
  double value = 0;
  for (Index j = 0; j < d; ++j) {
    const auto apart = static_cast<double>(gap(j));
    if (kind == PairValue::squared_euclidean)
      value += apart * apart;
    else if (kind == PairValue::manhattan)
      value += apart;
    else
      value = std::max(value, apart);
  }
  return value;
}

/// What rounding may do to a value of d coordinates, by the kernels and here: so large a part of it, and so much where
/// squares underflow.
template <class T>
struct ValueRounding {
  explicit ValueRounding(Index d)
      : part(static_cast<double>(d + 4) * static_cast<double>(std::numeric_limits<T>::epsilon())),
        absolute(static_cast<double>(d + 4) * static_cast<double>(std::numeric_limits<T>::min())) {}
  double part;
  double absolute;
};

/// No row of one box is nearer to a row of the other than this, by the values that the kernels compute.
/// @param a, b  d lowest coordinates, then d highest
template <class T>
T value_between_boxes(PairValue kind, const T* a, const T* b, Index d) {
  const ValueRounding<T> rounding(d);
  const double value = value_of_gaps(kind, d, [&](Index j) {
    return std::max({a[j] - b[d + j], b[j] - a[d + j], T(0)});
  });
  return static_cast<T>(std::max(0.0, value * (1 - rounding.part) - rounding.absolute));
}

/// No row of one box is farther from a row of the other than this.
template <class T>
T largest_value_between_boxes(PairValue kind, const T* a, const T* b, Index d) {
  const ValueRounding<T> rounding(d);
  const double value = value_of_gaps(kind, d, [&](Index j) { return std::max(a[d + j] - b[j], b[d + j] - a[j]); });
  return value > 0 ? static_cast<T>(value * (1 + rounding.part) + rounding.absolute) : T(0);
}

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
    return value_between_boxes(kind_, box, points_.box(node), points_.cols());
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
