#pragma once

#include <corymb/partition/detail/kmedoids/medoid_state.hpp>
#include <corymb/partition/detail/kmedoids/swap.hpp>

#include <algorithm>
#include <limits>
#include <span>
#include <utility>
#include <vector>

CORYMB_BEGIN
namespace detail {

/// The medoids of clusters: the member with the smallest total cost of all members' distances to it. Of equally good
/// ones the present medoid, else the lowest.
template <class T>
class ClusterMedoids {
 public:
  explicit ClusterMedoids(const MedoidState<T>& state)
      : state_(state), scratch_(static_cast<std::size_t>(state.threads())), values_(scratch_.size()) {}

  /// @param present  the medoid so far, which an empty cluster keeps
  Index find(std::span<const Index> members, Index present) {
    const auto count = static_cast<Index>(members.size());
    constexpr Index rows = 512, candidates = 16;
    total_.assign(members.size(), 0);
    parallel_for(state_.threads(), (count + candidates - 1) / candidates, [&](Index task, int worker) {
      const auto w = static_cast<std::size_t>(worker);
      const Index first = task * candidates, last = std::min(first + candidates, count);
      const std::span<const Index> to =
          members.subspan(static_cast<std::size_t>(first), static_cast<std::size_t>(last - first));
      T* distance = values_[w].reserve(rows * candidates);
      for (Index begin = 0; begin < count; begin += rows) {
        const Index end = std::min(begin + rows, count);
        const std::span<const Index> from =
            members.subspan(static_cast<std::size_t>(begin), static_cast<std::size_t>(end - begin));
        state_.distances().between(from, to, distance, scratch_[w]);
        for (std::size_t i = 0; i < from.size(); ++i)
          for (std::size_t c = 0; c < to.size(); ++c)
            total_[static_cast<std::size_t>(first) + c] += state_.costs()(from[i], distance[i * to.size() + c]);
      }
    });
    Index best = present;
    Cost least = std::numeric_limits<Cost>::max();
    for (std::size_t c = 0; c < members.size(); ++c) {
      // At distance 0 from this medoid, another one may be a member.
      if (members[c] != present && !state_.is_candidate(members[c])) continue;
      if (total_[c] > least || (total_[c] == least && members[c] != present)) continue;
      best = members[c];
      least = total_[c];
    }
    return best;
  }

 private:
  const MedoidState<T>& state_;
  std::vector<ValuesScratch> scratch_;
  std::vector<Scratch<T>> values_;
  std::vector<Cost> total_;  // by member
};

/// The members of each cluster, ascending.
template <class T>
std::vector<std::vector<Index>> members_of(const MedoidState<T>& state) {
  std::vector<std::vector<Index>> members(static_cast<std::size_t>(state.k()));
  for (Index o = 0; o < state.size(); ++o) members[static_cast<std::size_t>(state.record(o).slot[0])].push_back(o);
  return members;
}

/// Voronoi iteration (Park and Jun 2009): every cluster takes the object with the smallest sum of distances as its
/// medoid, until none changes.
/// @param report  report(iterations done), false to stop
template <class T, class Report>
SwapOutcome alternate(MedoidState<T>& state, int max_iterations, const Report& report) {
  SwapOutcome outcome;
  ClusterMedoids<T> medoid_of(state);
  while (outcome.iterations < max_iterations) {
    ++outcome.iterations;
    std::vector<Index> medoids = state.medoids();
    const auto members = members_of(state);
    for (std::size_t s = 0; s < medoids.size(); ++s) {
      const Index next = medoid_of.find(members[s], medoids[s]);
      outcome.swaps += next != std::exchange(medoids[s], next);
    }
    if (medoids == state.medoids()) return outcome;
    state.restart(std::move(medoids));
    if (report(outcome.iterations)) continue;
    outcome.status = Status::cancelled;
    return outcome;
  }
  outcome.status = Status::iteration_limit;
  return outcome;
}

}  // namespace detail
CORYMB_END
