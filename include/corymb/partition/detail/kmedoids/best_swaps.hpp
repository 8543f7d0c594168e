#pragma once

#include <corymb/partition/detail/kmedoids/column_panel.hpp>
#include <corymb/partition/detail/kmedoids/swap.hpp>

#include <algorithm>
#include <vector>

CORYMB_BEGIN
namespace detail {

/// The swap phase of PAM: makes the best of all swaps again and again, until none improves. With SwapGains this is
/// FastPAM1, with PairwiseGains PAM as in the book; both make the same swaps.
/// @tparam State, Gains  as for ColumnCandidates
template <class T, class State, class Gains>
class BestSwaps {
 public:
  explicit BestSwaps(State& state)
      : state_(state),
        panel_(state.distances(), state.threads()),
        gains_(static_cast<std::size_t>(state.threads())),
        best_(gains_.size()) {}

  /// @param report  report(searches done), false to stop
  template <class Report>
  SwapOutcome run(int max_searches, const Report& report) {
    SwapOutcome outcome;
    ValuesScratch scratch;
    Scratch<T> column(state_.size());
    while (outcome.iterations < max_searches) {
      ++outcome.iterations;
      const Swap swap = search();
      if (!swap.improves()) return outcome;
      state_.distances().columns(swap.candidate, swap.candidate + 1, column.data(), scratch);
      state_.exchange(swap.slot, swap.candidate, column.data());
      ++outcome.swaps;
      if (report(outcome.iterations)) continue;
      outcome.status = Status::cancelled;
      return outcome;
    }
    outcome.status = Status::iteration_limit;
    return outcome;
  }

 private:
  Swap search() {
    const Index n = state_.size();
    std::fill(best_.begin(), best_.end(), Swap{});
    for (Index first = 0; first < n; first += panel_.width()) {
      panel_.open(first);
      parallel_for(state_.threads(), std::min(panel_.width(), n - first), [&](Index task, int worker) {
        const Index j = first + task;
        if (!state_.is_candidate(j)) return;
        const auto w = static_cast<std::size_t>(worker);
        best_[w] = std::min(best_[w], gains_[w].best(state_, j, panel_[j]));
      });
    }
    return *std::min_element(best_.begin(), best_.end());
  }

  State& state_;
  ColumnPanel<T> panel_;
  std::vector<Gains> gains_;  // by worker
  std::vector<Swap> best_;    // by worker
};

}  // namespace detail
CORYMB_END
