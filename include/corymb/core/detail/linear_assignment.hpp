#pragma once

#include <corymb/core/detail/linear_assignment_solver.hpp>
#include <corymb/core/errors.hpp>
#include <corymb/core/linear_assignment.hpp>

#include <cmath>
#include <limits>
#include <string>

CORYMB_BEGIN
namespace detail {

// Far enough below the largest double that no path of such costs overflows.
inline constexpr double largest_assignment_cost = 1e300;

/// The problem as the solver wants it: minimise, no more rows than columns.
struct AssignmentProblem {
  RowMatrix<double> cost;
  bool transposed = false;
  bool negated = false;

  double original(Index i, Index j) const {
    const double value = transposed ? cost(j, i) : cost(i, j);
    return negated ? 0 - value : value;  // subtracted, so that 0 does not become -0
  }
  Index original_rows() const { return transposed ? cost.cols() : cost.rows(); }
  Index original_columns() const { return transposed ? cost.rows() : cost.cols(); }
};

inline void check_assignment(const AssignmentProblem& problem) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  const double forbidden = problem.negated ? -infinity : infinity;
  for (Index i = 0; i < problem.original_rows(); ++i)
    for (Index j = 0; j < problem.original_columns(); ++j) {
      const double value = problem.original(i, j);
      if (std::abs(value) <= largest_assignment_cost || value == forbidden) continue;
      const std::string found = std::isnan(value)   ? "nan"
                                : std::isinf(value) ? std::to_string(value)
                                                    : "a number beyond 1e300";
      throw InvalidArgument("corymb::linear_assignment: cost(" + std::to_string(i) + ", " + std::to_string(j) +
                            ") = " + found + " must be in [-1e300, 1e300], or " + (problem.negated ? "-" : "+") +
                            "infinity for a forbidden pair");
    }
}

inline LinearAssignment solve_assignment(const AssignmentProblem& problem) {
  const Index rows = problem.original_rows(), columns = problem.original_columns();
  LinearAssignment result;
  result.row_to_column.resize(rows);
  result.column_to_row.resize(columns);
  result.row_potential.resize(rows);
  result.column_potential.resize(columns);

  auto& short_match = problem.transposed ? result.column_to_row : result.row_to_column;
  auto& long_match = problem.transposed ? result.row_to_column : result.column_to_row;
  auto& short_potential = problem.transposed ? result.column_potential : result.row_potential;
  auto& long_potential = problem.transposed ? result.row_potential : result.column_potential;
  if (!solve_linear_assignment(problem.cost.data(), problem.cost.rows(), problem.cost.cols(), short_match.data(),
                               long_match.data(), short_potential.data(), long_potential.data()))
    throw NumericalError("corymb::linear_assignment: the forbidden pairs of the " + std::to_string(rows) + " x " +
                         std::to_string(columns) + " matrix leave no matching of " +
                         std::to_string(problem.cost.rows()) + " pairs");
  if (problem.negated) {
    result.row_potential = 0 - result.row_potential.array();
    result.column_potential = 0 - result.column_potential.array();
  }
  for (Index i = 0; i < rows; ++i)
    if (result.row_to_column[i] >= 0) result.cost += problem.original(i, result.row_to_column[i]);
  return result;
}

template <class Derived>
LinearAssignment linear_assignment(const Derived& cost, bool maximize) {
  AssignmentProblem problem;
  problem.transposed = cost.rows() > cost.cols();
  problem.negated = maximize;
  const double sign = maximize ? -1 : 1;
  if (problem.transposed)
    problem.cost = sign * cost.matrix().transpose().template cast<double>();
  else
    problem.cost = sign * cost.matrix().template cast<double>();
  check_assignment(problem);
  return solve_assignment(problem);
}

}  // namespace detail
CORYMB_END
