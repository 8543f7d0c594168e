#pragma once

#include <corymb/core/detail/memory.hpp>
#include <corymb/core/detail/progress.hpp>
#include <corymb/core/detail/validate.hpp>
#include <corymb/transport/capacity_assignment.hpp>
#include <corymb/transport/detail/capacity_assignment.hpp>
#include <corymb/transport/detail/size_bounds.hpp>

#include <cmath>
#include <limits>
#include <string>
#include <string_view>
#include <utility>

CORYMB_BEGIN
namespace detail {

/// Label of each row: the column of least cost − price, the lowest on ties.
template <class T>
void assign_by_prices(const CostMatrix<T>& cost, const Vector& prices, int threads, Labels& labels) {
  const Chunks chunks(cost.rows(), 256);
  parallel_for(threads, chunks.count(), [&](Index chunk) {
    std::vector<T> buffer;
    for_each_cost_block(cost, chunks.begin(chunk), chunks.end(chunk), buffer,
                        [&](Index first, Index count, const T* costs, Index stride) {
                          for (Index i = 0; i < count; ++i) {
                            const T* row = costs + i * stride;
                            double least = static_cast<double>(row[0]) - prices[0];
                            Index best = 0;
                            for (Index j = 1; j < cost.cols(); ++j) {
                              const double value = static_cast<double>(row[j]) - prices[j];
                              if (!(value < least)) continue;
                              least = value;
                              best = j;
                            }
                            labels[first + i] = static_cast<std::int32_t>(best);
                          }
                        });
  });
}

/// Costs, bounds and memory are checked already.
/// @param start  prices to start from, or null
template <class T>
CapacityAssignment<T> capacity_assignment(std::string_view function, const CostMatrix<T>& cost,
                                          const SizeBounds& bounds, const double* start, const Execution& execution) {
  const ProgressReporter progress(execution.on_progress);
  const auto step = [&](Index done, Index total) { return progress("augment", done, total, not_a_number); };
  CapacityOutcome outcome;
  if (!assign_within_bounds<T>(function, cost, bounds, start, resolve_threads(execution.threads), step, outcome))
    throw Cancelled("corymb::" + std::string(function) + ": cancelled");
  CapacityAssignment<T> result;
  result.labels = std::move(outcome.labels);
  result.sizes = Eigen::Map<const Eigen::Matrix<Index, Eigen::Dynamic, 1>>(outcome.counts.data(), cost.cols());
  result.prices = std::move(outcome.prices);
  result.cost = outcome.cost;
  return result;
}

}  // namespace detail

template <class T>
CapacityAssignment<T> capacity_assignment(const CostMatrix<T>& cost, const CapacityAssignmentOptions& options) {
  constexpr std::string_view function = "capacity_assignment";
  const Index n = cost.rows(), k = cost.cols();
  detail::require_threads(function, options.execution.threads);
  if (n < 1) detail::reject(function, "cost has 0 rows; at least 1 is needed");
  detail::require_columns(function, k, "cost");
  detail::require_labels(function, k);
  const detail::SizeBounds bounds = detail::size_bounds(function, n, k, options.min_size, options.max_size);
  detail::check_prices(function, options.initial_prices, k);
  detail::require_memory(function, detail::CapacityAssigner<T>::memory(n, k), options.execution.memory_limit,
                         "assign fewer rows, or to fewer columns");
  detail::check_costs(function, cost, resolve_threads(options.execution.threads));
  return detail::capacity_assignment(function, cost, bounds,
                                     options.initial_prices.size() > 0 ? options.initial_prices.data() : nullptr,
                                     options.execution);
}

template <class Derived>
CapacityAssignment<typename Derived::Scalar> capacity_assignment(const Eigen::DenseBase<Derived>& cost,
                                                                 const CapacityAssignmentOptions& options) {
  detail::require_memory("capacity_assignment", detail::packed_bytes(cost), options.execution.memory_limit,
                         "pass row-major costs, which are used in place");
  return capacity_assignment(CostMatrix<typename Derived::Scalar>(cost), options);
}

template <class T>
Labels predict(const CapacityAssignment<T>& model, const CostMatrix<T>& cost, const Execution& execution) {
  constexpr std::string_view function = "predict";
  if (model.prices.size() < 1) detail::reject(function, "the model has no prices");
  detail::require_same_columns(function, "cost", cost.cols(), "the model", model.prices.size());
  detail::require_threads(function, execution.threads);
  const int threads = resolve_threads(execution.threads);
  const detail::CostRange range = detail::check_costs(function, cost, threads);
  for (std::size_t i = 0; i < range.row_reachable.size(); ++i)
    if (!range.row_reachable[i])
      throw NumericalError("corymb::predict: row " + detail::to_text(i) + " is forbidden in all " +
                           detail::to_text(cost.cols()) + " columns");
  Labels labels(cost.rows());
  detail::assign_by_prices(cost, model.prices, threads, labels);
  return labels;
}

template <class T, class Derived>
Labels predict(const CapacityAssignment<T>& model, const Eigen::DenseBase<Derived>& cost, const Execution& execution) {
  detail::require_memory("predict", detail::packed_bytes(cost), execution.memory_limit,
                         "pass row-major costs, which are used in place");
  return predict(model, CostMatrix<T>(cost), execution);
}

CORYMB_END
