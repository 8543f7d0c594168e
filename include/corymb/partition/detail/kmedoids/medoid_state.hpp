#pragma once

#include <corymb/partition/detail/kmedoids/loss_state.hpp>

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
class MedoidState : public LossState<MedoidState<T>, T, MedoidCosts> {
  using Base = LossState<MedoidState<T>, T, MedoidCosts>;
  friend Base;

 public:
  MedoidState(const DistanceColumns<T>& distances, const CostScale& costs, std::vector<Index> medoids, int threads)
      : Base(distances, costs, threads) {
    this->restart(std::move(medoids));
  }

 private:
  void set_costs(Index o, MedoidCosts& record) const {
    const CostScale& costs = this->costs();
    record.nearest_cost = costs(o, this->distance(0, o));
    record.second_cost = record.slot[1] < 0 ? costs.most(o) : costs(o, this->distance(1, o));
  }

  void count(const MedoidCosts& record, Cost sign) {
    this->add_to_removal(record.slot[0], sign * (record.second_cost - record.nearest_cost));
    this->add_to_loss(sign * record.nearest_cost);
  }
};

}  // namespace detail
CORYMB_END
