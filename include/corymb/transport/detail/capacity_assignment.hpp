#pragma once

#include <corymb/core/detail/validate.hpp>
#include <corymb/core/errors.hpp>
#include <corymb/transport/cost_matrix.hpp>
#include <corymb/transport/detail/capacity_assigner.hpp>
#include <corymb/transport/detail/size_bounds.hpp>

#include <algorithm>
#include <cmath>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

CORYMB_BEGIN
namespace detail {

/// What an assignment within bounds is.
struct CapacityOutcome {
  Labels labels;
  std::vector<Index> counts;
  Vector prices;  // g_sink = 0
  double cost = 0;
};

/// Better prices to start from: those of the same problem for a quarter of the rows, with bounds to match, which in
/// turn starts from those of a quarter of these, and so on. Then few rows of the whole are in the wrong column at the
/// start. Rows are taken at even distances; if they are not typical, or leave no assignment at all, that costs time and
/// nothing else. Returns false if `step` wanted to stop.
template <class T>
bool refine_prices(const CostMatrix<T>& cost, const SizeBounds& bounds, int threads,
                   const typename CapacityAssigner<T>::Step& step, Vector& prices) {
  constexpr Index factor = 4;
  const Index n = cost.rows(), k = cost.cols();
  const Index fewest = std::max<Index>(16 * k, 1024);
  Index stride = 1;
  while (n / (stride * factor) >= fewest) stride *= factor;
  for (; stride > 1; stride /= factor) {
    const Index rows = (n + stride - 1) / stride;
    SizeBounds part = bounds;
    const double share = static_cast<double>(rows) / static_cast<double>(n);
    for (Index& min : part.min) min = static_cast<Index>(std::floor(static_cast<double>(min) * share));
    for (Index& max : part.max) max = static_cast<Index>(std::ceil(static_cast<double>(max) * share));
    CapacityAssigner<T> assigner(cost, rows, stride, part, threads);
    assigner.set_prices(prices.data());
    if (assigner.run(step) == CapacityAssigner<T>::Outcome::cancelled) return false;
    prices = assigner.prices();
  }
  return true;
}

/// The assignment of each row to one column within bounds at minimal total cost. Costs are checked already.
/// @param start  prices to start from, or null
/// @return whether there is a result: false if `step` wanted to stop
/// @throws NumericalError  there is no assignment with these bounds and forbidden pairs.
template <class T>
bool assign_within_bounds(std::string_view function, const CostMatrix<T>& cost, const SizeBounds& bounds,
                          const double* start, int threads, const typename CapacityAssigner<T>::Step& step,
                          CapacityOutcome& result) {
  using Outcome = typename CapacityAssigner<T>::Outcome;
  const auto fail = [&](const std::string& what) {
    throw NumericalError("corymb::" + std::string(function) + ": " + what);
  };
  CapacityAssigner<T> assigner(cost, cost.rows(), 1, bounds, threads);
  Vector prices = Vector::Zero(cost.cols());
  Outcome outcome = Outcome::far;
  if (start != nullptr) {
    prices = Eigen::Map<const Vector>(start, cost.cols());
    assigner.set_prices(start);
    // Prices of a part of the rows would leave about as many rows to move.
    const double by_chance = 2 * std::sqrt(static_cast<double>(cost.rows()) * static_cast<double>(cost.cols()));
    outcome = assigner.run(step, static_cast<Index>(by_chance));
  }
  if (outcome == Outcome::far) {
    if (!refine_prices(cost, bounds, threads, step, prices)) return false;
    assigner.set_prices(prices.data());
    outcome = assigner.run(step);
  }
  switch (outcome) {
    case Outcome::far:
    case Outcome::cancelled: return false;
    case Outcome::infeasible:
      if (assigner.lost_row() >= 0)
        fail("row " + to_text(assigner.lost_row()) + " is forbidden in all " + to_text(cost.cols()) + " columns");
      fail("the forbidden pairs leave no assignment with these sizes; they are missed by " +
           to_text(assigner.unplaced()) + (assigner.unplaced() == 1 ? " row" : " rows") + " at least");
      break;
    case Outcome::assigned: break;
  }
  result.counts = assigner.counts();
  result.prices = assigner.prices();
  result.cost = assigner.total_cost();
  result.labels = std::move(assigner.labels());
  return true;
}

}  // namespace detail
CORYMB_END
