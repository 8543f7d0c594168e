#pragma once

#include <corymb/core/detail/reported_tasks.hpp>
#include <corymb/density/detail/optics/reach_state.hpp>
#include <corymb/distance/detail/metric_values.hpp>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <string_view>
#include <vector>

CORYMB_BEGIN
namespace detail {

// The "reach" of a row is the values of its distances to others: reach(i, range, state, out, scratch) writes those to
// the rows of a range; what it writes to rows that are taken does not matter.

/// The values of a metric.
template <class Values>
class MetricReach {
 public:
  explicit MetricReach(const Values& values) : values_(values) {}
  template <class T>
  void operator()(Index i, RowRange range, const ReachState<T>&, T* out, ValuesScratch& scratch) const {
    values_(i, i + 1, range, out, scratch);
  }

 private:
  const Values& values_;
};

/// Distances that are asked for one by one.
/// @tparam Distance  distance(i, j)
template <class Distance>
class GivenReach {
 public:
  explicit GivenReach(const Distance& distance) : distance_(distance) {}
  template <class T>
  void operator()(Index i, RowRange range, const ReachState<T>& state, T* out, ValuesScratch&) const {
    for (Index j = range.first; j < range.last; ++j)
      *out++ = state.is_taken(j) ? T(0) : static_cast<T>(distance_(i, j));
  }

 private:
  const Distance& distance_;
};

/// The ordering by all distances of one row after the other: each tells the waiting rows how near it reaches them.
template <class T, class Reach, class Finish>
class BruteOrdering {
 public:
  /// @param rows_at_once  so many that starting a thread for their distances is worth it
  BruteOrdering(std::string_view function, const OrderingTask<T>& task, const Reach& reach, Index rows_at_once,
                const Finish& finish, int threads, const ProgressReporter& progress)
      : function_(function),
        task_(task),
        n_(static_cast<Index>(task.core_value.size())),
        reach_(reach),
        finish_(finish),
        threads_(threads),
        progress_(progress),
        ranges_(n_, rows_at_once),
        state_(n_),
        first_(static_cast<std::size_t>(ranges_.count())),
        scratch_(static_cast<std::size_t>(threads)),
        buffer_(scratch_.size()),
        candidates_(scratch_.size()) {
    for (Index range = 0; range < ranges_.count(); ++range)
      first_[static_cast<std::size_t>(range)] = ranges_.begin(range);
  }

  static double memory(Index n) { return ReachState<T>::memory(n); }

  /// Calls use(row, reachability, predecessor) for all rows, in order.
  template <class Use>
  void run(const Use& use) {
    const Index steps = std::max<Index>(n_ / 64, 1);
    for (Index taken = 1; taken <= n_; ++taken) {
      const Index row = first_waiting();
      use(row, state_.distance(row), state_.predecessor(row));
      state_.take(row);
      if (task_.is_core(row))
        parallel_for(threads_, ranges_.count(), [&](Index range, int worker) { look(row, range, worker); });
      else
        find_first(range_of(row));
      if (taken % steps == 0) report_or_cancel(function_, "ordering", progress_, taken, n_);
    }
  }

 private:
  Index range_of(Index row) const {
    Index range = 0;
    while (ranges_.end(range) <= row) ++range;
    return range;
  }

  // Tells the waiting rows of a range how near a core row is.
  void look(Index row, Index range, int worker) {
    const RowRange rows{ranges_.begin(range), ranges_.end(range)};
    const T core = task_.core_value[static_cast<std::size_t>(row)];
    const auto w = static_cast<std::size_t>(worker);
    T* value = buffer_[w].reserve(rows.size());
    reach_(row, rows, state_, value, scratch_[w]);
    auto& candidates = candidates_[w];
    candidates.reserve(rows.size());
    candidates.clear();
    for (Index j = rows.first; j < rows.last; ++j, ++value)
      if (state_.is_lower(j, std::max(core, *value)) && *value <= task_.limit)
        candidates.add(j, std::max(core, *value));
    state_.reach(candidates, row, finish_);
    find_first(range);
  }

  // Notes the row of a range that is to be taken first. Whether a row is taken is as good as random: no branch asks.
  void find_first(Index range) {
    Index first = -1;
    T nearest = std::numeric_limits<T>::infinity();
    for (Index j = ranges_.begin(range); j < ranges_.end(range); ++j)
      if (state_.distance(j) < nearest) {
        nearest = state_.distance(j);
        first = j;
      }
    for (Index j = ranges_.begin(range); j < ranges_.end(range) && first < 0; ++j)
      if (!state_.is_taken(j)) first = j;
    first_[static_cast<std::size_t>(range)] = first;
  }

  Index first_waiting() const {
    Index first = -1;
    for (const Index row : first_)
      if (row >= 0 && (first < 0 || state_.distance(row) < state_.distance(first))) first = row;
    return first;
  }

  std::string_view function_;
  const OrderingTask<T>& task_;
  Index n_;
  const Reach& reach_;
  const Finish& finish_;
  int threads_;
  const ProgressReporter& progress_;
  Chunks ranges_;
  ReachState<T> state_;
  std::vector<Index> first_;  // by range: the row to be taken first; −1 = none waits
  std::vector<ValuesScratch> scratch_;
  std::vector<Scratch<T>> buffer_;
  std::vector<typename ReachState<T>::Candidates> candidates_;
};

}  // namespace detail
CORYMB_END
