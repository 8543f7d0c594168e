#pragma once

#include <corymb/core/detail/reported_tasks.hpp>
#include <corymb/density/detail/optics/reach_state.hpp>
#include <corymb/neighbors/detail/row_search.hpp>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <string_view>
#include <utility>
#include <vector>

CORYMB_BEGIN
namespace detail {

/// What a node of the tree knows of its rows that wait.
template <class T>
struct WaitingRows {
  T farthest;          // the largest value that one of them is reached at; −1 = none waits
  std::int32_t first;  // the position of the one to be taken first
};

/// The ordering on a tree. A row that is taken looks at those nodes only that have a row which it may reach nearer than
/// others do, and the root knows the row that is next: there is no queue beside the tree.
template <class Geometry, class Finish>
class TreeOrdering {
 public:
  using T = typename Geometry::Scalar;

  /// @param geometry  of rows against themselves
  TreeOrdering(std::string_view function, const OrderingTask<T>& task, const Geometry& geometry, const Finish& finish,
               const ProgressReporter& progress)
      : function_(function),
        task_(task),
        tree_(geometry.points()),
        search_(geometry),
        finish_(finish),
        progress_(progress),
        state_(tree_.rows()),
        node_(static_cast<std::size_t>(tree_.nodes())) {
    pairs_.reserve(leaf_places);
    candidates_.reserve(leaf_places);
    for (Index node = tree_.nodes() - 1; node >= 0; --node) note(node);
  }

  static double memory(Index n) {
    const double nodes = static_cast<double>(n) / 8;  // of the tree, at most
    return ReachState<T>::memory(n) + nodes * sizeof(WaitingRows<T>);
  }

  /// Calls use(row, reachability, predecessor) for all rows, in order.
  template <class Use>
  void run(const Use& use) {
    const Index n = tree_.rows(), steps = std::max<Index>(n / 64, 1);
    for (Index taken = 1; taken <= n; ++taken) {
      const Index position = node_[0].first;
      use(Index{tree_.row(position)}, state_.distance(position), state_.predecessor(position));
      take(position);
      if (taken % steps == 0) report_or_cancel(function_, "ordering", progress_, taken, n);
    }
  }

 private:
  WaitingRows<T>& of(Index node) { return node_[static_cast<std::size_t>(node)]; }

  void take(Index position) {
    state_.take(position);
    const Index leaf = tree_.leaf_of(position), row = tree_.row(position);
    if (task_.is_core(row)) reach_from(leaf, position - tree_.leaf_begin(leaf), row);
    for (Index node = tree_.first_leaf() + leaf;; node = (node - 1) / 2) {
      note(node);
      if (node == 0) break;
    }
  }

  // Tells all rows that a core row reaches nearer than others do.
  void reach_from(Index leaf, Index place, Index row) {
    const T core = task_.core_value[static_cast<std::size_t>(row)];
    search_.look_from(leaf, place);
    visited_.clear();
    open_.clear();
    const auto open = [&](Index node) {
      if (core >= of(node).farthest) return;
      const T lowest = search_.lowest_value(node);
      if (lowest <= task_.limit && lowest < of(node).farthest) open_.push_back(node);
    };
    open(0);
    while (!open_.empty()) {
      const Index node = open_.back();
      open_.pop_back();
      visited_.push_back(node);
      if (tree_.is_leaf(node)) {
        reach_leaf(node - tree_.first_leaf(), core, row);
      } else {
        open(2 * node + 1);
        open(2 * node + 2);
      }
    }
    // Children come after their parents.
    for (auto node = visited_.rbegin(); node != visited_.rend(); ++node) note(*node);
  }

  void reach_leaf(Index leaf, T core, Index row) {
    const Index begin = tree_.leaf_begin(leaf), count = search_.pairs(leaf, task_.limit, pairs_.data());
    candidates_.clear();
    for (Index p = 0; p < count; ++p) {
      const T value = std::max(core, pairs_.data()[p].value);
      if (state_.is_lower(begin + pairs_.data()[p].place, value))
        candidates_.add(begin + pairs_.data()[p].place, value);
    }
    state_.reach(candidates_, row, finish_);
  }

  void note(Index node) {
    WaitingRows<T> waiting{T(-1), -1};
    const auto add = [&](T farthest, std::int32_t first) {
      if (farthest < 0) return;
      waiting.farthest = std::max(waiting.farthest, farthest);
      if (waiting.first < 0 || is_before(first, waiting.first)) waiting.first = first;
    };
    if (tree_.is_leaf(node)) {
      const Index leaf = node - tree_.first_leaf();
      for (Index p = tree_.leaf_begin(leaf); p < tree_.leaf_end(leaf); ++p)
        add(state_.value(p), static_cast<std::int32_t>(p));
    } else {
      for (const Index child : {2 * node + 1, 2 * node + 2}) add(of(child).farthest, of(child).first);
    }
    of(node) = waiting;
  }

  // Whether one position is taken before another.
  bool is_before(Index a, Index b) const {
    return state_.distance(a) < state_.distance(b) ||
           (state_.distance(a) == state_.distance(b) && tree_.row(a) < tree_.row(b));
  }

  std::string_view function_;
  const OrderingTask<T>& task_;
  const typename Geometry::Tree& tree_;
  RowSearch<Geometry> search_;
  const Finish& finish_;
  const ProgressReporter& progress_;
  ReachState<T> state_;  // by position
  std::vector<WaitingRows<T>> node_;
  Scratch<LeafPair<T>> pairs_;
  typename ReachState<T>::Candidates candidates_;
  std::vector<Index> open_, visited_;  // nodes
};

}  // namespace detail
CORYMB_END
