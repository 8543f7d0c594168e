#pragma once

#include <corymb/partition/detail/kmedoids/costs.hpp>
#include <corymb/partition/detail/kmedoids/nearest_medoids.hpp>

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

CORYMB_BEGIN
namespace detail {

/// Medoids and a loss that is a sum over the objects, each by its nearest few medoids.
/// @tparam Derived  set_costs(o, record): what object o costs, kept in its record;
///                  count(record, sign): adds that to the loss and to the removals, or takes it away
template <class Derived, class T, class Record>
class LossState : public NearestMedoids<T, Record> {
 public:
  /// Other medoids, not necessarily as many.
  void restart(std::vector<Index> medoids) {
    this->set_medoids(std::move(medoids));
    removal_.assign(static_cast<std::size_t>(this->k()), 0);
    loss_ = 0;
    for (Index o = 0; o < this->size(); ++o) add(o);
  }

  /// A candidate takes the place of a medoid.
  /// @param column  the distances of all objects to the candidate
  void exchange(std::int32_t slot, Index candidate, const T* column) {
    this->replace(slot, candidate, column);
    for (const auto& [o, before] : this->changed()) {
      derived().count(before, -1);
      add(o);
    }
  }

  const CostScale& costs() const { return costs_; }

  /// By slot: how much the loss would grow if the medoid went and none came.
  const std::vector<Cost>& removal() const { return removal_; }
  Cost smallest_removal() const { return *std::min_element(removal_.begin(), removal_.end()); }
  Cost loss() const { return loss_; }

 protected:
  LossState(const DistanceColumns<T>& distances, const CostScale& costs, int threads)
      : NearestMedoids<T, Record>(distances, costs.weight(), threads), costs_(costs) {}

  void add_to_removal(std::int32_t slot, Cost cost) { removal_[static_cast<std::size_t>(slot)] += cost; }
  void add_to_loss(Cost cost) { loss_ += cost; }

 private:
  Derived& derived() { return static_cast<Derived&>(*this); }

  void add(Index o) {
    Record& record = this->changing_record(o);
    derived().set_costs(o, record);
    derived().count(record, 1);
  }

  const CostScale& costs_;
  std::vector<Cost> removal_;
  Cost loss_ = 0;
};

}  // namespace detail
CORYMB_END
