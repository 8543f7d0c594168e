#pragma once

#include <corymb/partition/detail/kmedoids/column_panel.hpp>
#include <corymb/partition/detail/kmedoids/swap.hpp>

#include <algorithm>
#include <atomic>
#include <vector>

CORYMB_BEGIN
namespace detail {

inline constexpr int parts_of_a_round = 64;

/// The search of FasterPAM (Schubert and Rousseeuw 2021): goes round the n objects in order, and makes each swap that
/// improves at once. Ends when a whole round has found none. Several candidates are looked at together; the first one
/// in order that improves is taken, so the swaps are those of one by one.
/// @param candidates  prepare(first) -> last: objects [first, last) can be looked at; first_improvement(first, last):
/// the
///                    best swap of the first candidate among them that has one which improves; make(swap)
/// @param report      report(64ths of rounds done), false to stop
template <class Candidates, class Report>
SwapOutcome eager_swaps(Candidates& candidates, Index n, int max_rounds, const Report& report) {
  SwapOutcome outcome;
  Index without_swap = 0;
  int reported = 0;
  while (without_swap < n && outcome.iterations < max_rounds) {
    ++outcome.iterations;
    for (Index next = 0; next < n && without_swap < n;) {
      const Index end = std::min(candidates.prepare(next), next + n - without_swap);
      const Swap swap = candidates.first_improvement(next, end);
      const bool found = swap.improves();
      const Index seen = found ? swap.candidate + 1 : end;
      without_swap = found ? 0 : without_swap + seen - next;
      next = seen;
      if (found) {
        candidates.make(swap);
        ++outcome.swaps;
      }
      const int parts = static_cast<int>(static_cast<double>(next) * parts_of_a_round / static_cast<double>(n)) +
                        (outcome.iterations - 1) * parts_of_a_round;
      if (parts == reported) continue;
      reported = parts;
      if (report(parts)) continue;
      outcome.status = Status::cancelled;
      return outcome;
    }
  }
  if (without_swap < n) outcome.status = Status::iteration_limit;
  return outcome;
}

/// Candidates by their columns, of which each worker takes the next one.
/// @tparam State  the medoids and what they cost
/// @tparam Gains  best(state, candidate, column): the best swap of a candidate
template <class T, class State, class Gains>
class ColumnCandidates {
 public:
  explicit ColumnCandidates(State& state)
      : state_(state), panel_(state.distances(), state.threads()), gains_(static_cast<std::size_t>(state.threads())) {}

  Index prepare(Index first) {
    if (first < opened_ || first >= opened_ + panel_.width() || !is_open_) panel_.open(opened_ = first);
    is_open_ = true;
    return std::min({first + look_ahead, opened_ + panel_.width(), state_.size()});
  }

  Swap first_improvement(Index first, Index last) {
    std::atomic<Index> found{last};
    best_.resize(static_cast<std::size_t>(last - first));
    const bool worth_threads = (last - first) * state_.size() >= Index{1} << 18;
    parallel_for(worth_threads ? state_.threads() : 1, last - first, [&](Index task, int worker) {
      const Index j = first + task;
      if (j > found.load(std::memory_order_relaxed) || !state_.is_candidate(j)) return;
      const Swap swap = gains_[static_cast<std::size_t>(worker)].best(state_, j, panel_[j]);
      if (!swap.improves()) return;
      best_[static_cast<std::size_t>(task)] = swap;
      for (Index now = found.load(); j < now && !found.compare_exchange_weak(now, j);) {
      }
    });
    return found < last ? best_[static_cast<std::size_t>(found - first)] : Swap{};
  }

  void make(const Swap& swap) { state_.exchange(swap.slot, swap.candidate, panel_[swap.candidate]); }

 private:
  static constexpr Index look_ahead = 256;

  State& state_;
  ColumnPanel<T> panel_;
  bool is_open_ = false;
  Index opened_ = 0;          // the first column of the panel
  std::vector<Gains> gains_;  // by worker
  std::vector<Swap> best_;    // by candidate looked at
};

}  // namespace detail
CORYMB_END
