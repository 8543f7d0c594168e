#pragma once

#include <corymb/core/detail/reported_tasks.hpp>
#include <corymb/distance/detail/row_values.hpp>
#include <corymb/distance/detail/value_thresholds.hpp>
#include <corymb/neighbors/detail/leaf_search.hpp>
#include <corymb/neighbors/detail/neighbor_search.hpp>

#include <algorithm>
#include <optional>
#include <string_view>
#include <vector>

CORYMB_BEGIN
namespace detail {

/// Finds all pairs of a query and a row within a radius, as often as it is asked to. Each query is handled by one
/// thread at a time.
/// @tparam Values  see row_values.hpp; of the queries against the rows
template <class T, class Values>
class RadiusSearch {
 public:
  /// @param sides   kept by reference, like values
  /// @param kind    what a kd-tree compares; nothing: by brute force
  /// @param radius  ≥ 0
  RadiusSearch(std::string_view function, const NeighborSides<T>& sides, const Values& values,
               std::optional<PairValue> kind, double radius, const Execution& execution)
      : function_(function),
        sides_(sides),
        values_(values),
        kind_(kind),
        threads_(resolve_threads(execution.threads)),
        progress_(execution.on_progress),
        limit_(largest_value_within<T>(radius, [&](T value) {
          values.finish(&value, 1);
          return value;
        })) {
    if (!kind_) return;
    points_.emplace(sides_.X, threads_);
    if (!sides_.others) queries_.emplace(sides_.Q, threads_);
  }

  /// Calls use(query, row, value) for all pairs within the radius, a row and itself included.
  template <class Use>
  void for_pairs(std::string_view stage, const Use& use) const {
    if (sides_.X.rows() == 0 || sides_.Q.rows() == 0) return;
    if (kind_)
      by_tree(stage, use);
    else
      by_brute_force(stage, use);
  }

 private:
  template <class Use>
  void by_tree(std::string_view stage, const Use& use) const {
    const KdTree<T>& queries = queries_ ? *queries_ : *points_;
    std::vector<LeafSearch<T>> searches;
    searches.reserve(static_cast<std::size_t>(threads_));
    for (int w = 0; w < threads_; ++w) searches.emplace_back(*points_, queries, *kind_);
    const std::vector<T> limits(static_cast<std::size_t>(leaf_places), limit_);
    constexpr Index block = 16;
    const Index tasks = (queries.leaves() + block - 1) / block;
    reported_tasks(function_, stage, progress_, threads_, tasks, [&](Index task, int worker) {
      for (Index leaf = task * block; leaf < std::min((task + 1) * block, queries.leaves()); ++leaf)
        searches[static_cast<std::size_t>(worker)].run(
            leaf, -1, limits.data(), [&](T value, Index) { return value <= limit_; },
            [&](const LeafPair<T>& pair, Index point_leaf) {
              use(Index{queries.row(queries.leaf_begin(leaf) + pair.query)},
                  Index{points_->row(points_->leaf_begin(point_leaf) + pair.place)}, pair.value);
            });
    });
  }

  template <class Use>
  void by_brute_force(std::string_view stage, const Use& use) const {
    const Index n = sides_.X.rows(), m = sides_.Q.rows(), block = rows_per_block(n);
    std::vector<ValuesScratch> scratch(static_cast<std::size_t>(threads_));
    std::vector<Scratch<T>> buffer(scratch.size());
    reported_tasks(function_, stage, progress_, threads_, (m + block - 1) / block, [&](Index task, int worker) {
      const auto w = static_cast<std::size_t>(worker);
      const Index first = task * block, last = std::min(first + block, m);
      T* value = buffer[w].reserve(block * n);
      values_(first, last, value, scratch[w]);
      for (Index q = first; q < last; ++q, value += n)
        for (Index i = 0; i < n; ++i)
          if (value[i] <= limit_) use(q, i, value[i]);
    });
  }

  std::string_view function_;
  const NeighborSides<T>& sides_;
  const Values& values_;
  std::optional<PairValue> kind_;
  int threads_;
  ProgressReporter progress_;
  T limit_;
  std::optional<KdTree<T>> points_, queries_;
};

}  // namespace detail
CORYMB_END
