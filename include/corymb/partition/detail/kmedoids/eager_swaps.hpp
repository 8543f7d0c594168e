#pragma once

#include <corymb/partition/detail/kmedoids/column_panel.hpp>
#include <corymb/partition/detail/kmedoids/swap.hpp>

#include <algorithm>
#include <atomic>
#include <vector>

CORYMB_BEGIN
namespace detail {

/// The search of FasterPAM (Schubert and Rousseeuw 2021): goes round the objects in order, and makes each swap that
/// improves at once. Ends when a whole round has found none. Workers look ahead at several candidates; the first one in
/// order that improves is taken, so the swaps are those of one worker.
/// @tparam State  the medoids and what they cost
/// @tparam Gains  best(state, candidate, column): the best swap of a candidate
template <class T, class State, class Gains>
class EagerSwaps {
 public:
  explicit EagerSwaps(State& state)
      : state_(state), panel_(state.distances(), state.threads()), gains_(static_cast<std::size_t>(state.threads())) {}

  /// @param report  report(64ths of rounds done), false to stop
  template <class Report>
  SwapOutcome run(int max_rounds, const Report& report) {
    const Index n = state_.size();
    SwapOutcome outcome;
    Index without_swap = 0;
    int reported = 0;
    while (without_swap < n && outcome.iterations < max_rounds) {
      ++outcome.iterations;
      for (Index first = 0; first < n && without_swap < n; first += panel_.width()) {
        panel_.open(first);
        const Index last = std::min(first + panel_.width(), n);
        for (Index next = first; next < last && without_swap < n;) {
          const Index end = std::min({last, next + look_ahead, next + n - without_swap});
          const Swap swap = first_improvement(next, end);
          const bool found = swap.improves();
          const Index seen = found ? swap.candidate + 1 : end;
          without_swap = found ? 0 : without_swap + seen - next;
          next = seen;
          if (found) {
            state_.exchange(swap.slot, swap.candidate, panel_[swap.candidate]);
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
    }
    if (without_swap < n) outcome.status = Status::iteration_limit;
    return outcome;
  }

  static constexpr int parts_of_a_round = 64;

 private:
  static constexpr Index look_ahead = 256;

  // The best swap of the first candidate in [first, last) that has one which improves.
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

  State& state_;
  ColumnPanel<T> panel_;
  std::vector<Gains> gains_;  // by worker
  std::vector<Swap> best_;    // by candidate looked at
};

}  // namespace detail
CORYMB_END
