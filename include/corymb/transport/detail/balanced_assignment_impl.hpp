#pragma once

#include <corymb/transport/balanced_assignment.hpp>
#include <corymb/transport/detail/capacity_assignment_impl.hpp>
#include <corymb/transport/detail/sinkhorn/sinkhorn_impl.hpp>
#include <corymb/transport/detail/size_bounds.hpp>

#include <string_view>
#include <utility>
#include <vector>

CORYMB_BEGIN
namespace detail {

/// The bounds as masses of columns, rows weighing one each.
inline std::pair<Vector, MassConstraint> masses_within(const SizeBounds& bounds, Index n, bool equal) {
  const auto k = static_cast<Index>(bounds.min.size());
  if (equal) return {Vector::Constant(k, static_cast<double>(n) / static_cast<double>(k)), ExactMass{}};
  Vector min(k), max(k);
  for (Index j = 0; j < k; ++j) {
    min[j] = static_cast<double>(bounds.min[static_cast<std::size_t>(j)]);
    max[j] = static_cast<double>(bounds.max[static_cast<std::size_t>(j)]);
  }
  if (min == max) return {max, ExactMass{}};
  return {max, BoundedMass{min}};
}

}  // namespace detail

template <class T>
BalancedAssignment<T> balanced_assignment(const CostMatrix<T>& cost, const BalancedAssignmentOptions& options) {
  constexpr std::string_view function = "balanced_assignment";
  const Index n = cost.rows(), k = cost.cols();
  if (n < 1) detail::reject(function, "cost has 0 rows; at least 1 is needed");
  detail::require_columns(function, k, "cost");
  detail::require_labels(function, k);
  if (options.algorithm == SinkhornAlgorithm::greenkhorn)
    detail::reject(function, "algorithm must be log_domain or scaling");
  const detail::SizeBounds bounds = detail::size_bounds(function, n, k, options.min_size, options.max_size);
  detail::require_memory(function, detail::CapacityAssigner<T>::memory(n, k), options.execution.memory_limit,
                         "assign fewer rows, or to fewer columns");
  const auto [mass, constraint] =
      detail::masses_within(bounds, n, options.min_size.empty() && options.max_size.empty());
  SinkhornResult<T> plan = detail::sinkhorn(function, cost, Vector::Ones(n), mass,
                                            {.epsilon = options.epsilon,
                                             .algorithm = options.algorithm,
                                             .columns = constraint,
                                             .tolerance = options.tolerance,
                                             .max_iterations = options.max_iterations,
                                             .initial_column_potential = options.initial_column_potential,
                                             .execution = options.execution});
  Vector prices = plan.column_potential;
  for (double& price : prices)
    if (std::isinf(price)) price = 0;  // of a cluster that takes no rows
  CapacityAssignment<T> assignment =
      detail::capacity_assignment(function, cost, bounds, prices.data(), options.execution);
  return {.labels = std::move(assignment.labels),
          .sizes = std::move(assignment.sizes),
          .prices = std::move(assignment.prices),
          .cost = assignment.cost,
          .memberships = std::move(plan.plan),
          .column_potential = std::move(plan.column_potential),
          .epsilon = plan.epsilon,
          .column_error = plan.column_error,
          .status = plan.status,
          .iterations = plan.iterations};
}

template <class T>
Labels predict(const BalancedAssignment<T>& model, const CostMatrix<T>& cost_new, const Execution& execution) {
  CapacityAssignment<T> assignment;
  assignment.prices = model.prices;
  return predict(assignment, cost_new, execution);
}

template <class T>
RowMatrix<T> predict_proba(const BalancedAssignment<T>& model, const CostMatrix<T>& cost_new,
                           const Execution& execution) {
  return detail::shares_of_rows("predict_proba", model.column_potential, model.epsilon, cost_new, execution);
}

CORYMB_END
