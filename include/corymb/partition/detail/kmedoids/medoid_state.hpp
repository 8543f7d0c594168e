#pragma once

#include <corymb/partition/detail/kmedoids/costs.hpp>
#include <corymb/partition/detail/kmedoids/nearest_medoids.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>
#include <vector>

CORYMB_BEGIN
namespace detail {

/// What an object costs at its nearest medoid, and would cost at the second nearest; at most, where there is no second.
struct MedoidCosts {
  Cost nearest_cost;
  Cost second_cost;
  std::array<std::int32_t, 2> slot;
};

/// Medoids whose loss is the sum of the distances to the nearest: what PAM improves.
template <class T>
class MedoidState : public NearestMedoids<T, MedoidCosts> {
 public:
  MedoidState(const DistanceColumns<T>& distances, const CostScale& costs, std::vector<Index> medoids, int threads)
      : NearestMedoids<T, MedoidCosts>(distances, costs.weight(), threads), costs_(costs) {
    restart(std::move(medoids));
  }

  /// Other medoids.
  void restart(std::vector<Index> medoids) {
    this->set_medoids(std::move(medoids));
    removal_.assign(static_cast<std::size_t>(this->k()), 0);
    loss_ = 0;
    for (Index o = 0; o < this->size(); ++o) add(o);
  }

  /// A candidate takes the place of a medoid.
  /// @param column  the distances of all objects to the candidate
  void exchange(std::int32_t slot, Index candidate, const T* column) {
    for (const auto& [o, before] : this->replace(slot, candidate, column)) {
      count(before, -1);
      add(o);
    }
  }

  const CostScale& costs() const { return costs_; }

  /// By slot: how much the loss would grow if the medoid went and none came.
  const std::vector<Cost>& removal() const { return removal_; }
  Cost smallest_removal() const { return *std::min_element(removal_.begin(), removal_.end()); }
  Cost loss() const { return loss_; }

 private:
  void add(Index o) {
    MedoidCosts& record = this->changing_record(o);
    record.nearest_cost = costs_(o, this->distance(0, o));
    record.second_cost = record.slot[1] < 0 ? costs_.most(o) : costs_(o, this->distance(1, o));
    count(record, 1);
  }

  void count(const MedoidCosts& record, Cost sign) {
    removal_[static_cast<std::size_t>(record.slot[0])] += sign * (record.second_cost - record.nearest_cost);
    loss_ += sign * record.nearest_cost;
  }

  const CostScale& costs_;
  std::vector<Cost> removal_;
  Cost loss_ = 0;
};

}  // namespace detail
CORYMB_END
