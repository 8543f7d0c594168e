#pragma once

#include <corymb/core/detail/memory.hpp>
#include <corymb/core/detail/validate.hpp>
#include <corymb/transport/detail/check_costs.hpp>
#include <corymb/transport/detail/sinkhorn/side.hpp>
#include <corymb/transport/detail/sinkhorn/sweep.hpp>
#include <corymb/transport/sinkhorn.hpp>

#include <cmath>
#include <string>
#include <string_view>
#include <vector>

CORYMB_BEGIN
namespace detail {

/// The masses as they were given, or 1 / size each.
inline Vector checked_masses(std::string_view function, std::string_view name, const Vector& mass, Index size,
                             bool may_be_infinite) {
  if (mass.size() == 0) return Vector::Constant(size, 1 / static_cast<double>(size));
  if (mass.size() != size)
    reject(function, std::string(name) + " has " + to_text(mass.size()) + " entries, cost has " + to_text(size) +
                         (name == "row_mass" ? " rows" : " columns") + "; they must agree (or be empty)");
  for (Index i = 0; i < size; ++i)
    if (!(mass[i] >= 0) || (std::isinf(mass[i]) && !may_be_infinite))
      reject(function, std::string(name) + "(" + to_text(i) + ") = " + to_text(mass[i]) + " must be " +
                           (may_be_infinite ? "≥ 0" : "finite and ≥ 0"));
  if (!(mass.sum() > 0)) reject(function, std::string(name) + " is 0 altogether; some mass is needed");
  return mass;
}

inline void check_constraint(std::string_view function, std::string_view name, const MassConstraint& constraint,
                             const Vector& mass) {
  const Index size = mass.size();
  const auto check_size = [&](std::string_view what, const Vector& values) {
    if (values.size() != 0 && values.size() != size)
      reject(function, std::string(name) + std::string(what) + " has " + to_text(values.size()) + " entries; " +
                           to_text(size) + " are needed, or none");
  };
  if (const auto* relaxed = std::get_if<RelaxedMass>(&constraint)) {
    if (!(relaxed->strength >= 0))
      reject(function, std::string(name) + ".strength = " + to_text(relaxed->strength) + " must be ≥ 0");
    check_size(".strengths", relaxed->strengths);
    for (Index i = 0; i < relaxed->strengths.size(); ++i)
      if (!(relaxed->strengths[i] >= 0))
        reject(function, std::string(name) + ".strengths(" + to_text(i) + ") = " + to_text(relaxed->strengths[i]) +
                             " must be ≥ 0");
  } else if (const auto* bounded = std::get_if<BoundedMass>(&constraint)) {
    check_size(".lower", bounded->lower);
    for (Index i = 0; i < bounded->lower.size(); ++i)
      if (!(bounded->lower[i] >= 0) || std::isinf(bounded->lower[i]) || bounded->lower[i] > mass[i])
        reject(function, std::string(name) + ".lower(" + to_text(i) + ") = " + to_text(bounded->lower[i]) +
                             " must be ≥ 0 and at most the mass, " + to_text(mass[i]));
  }
}

inline bool is_exact(const MassConstraint& constraint) { return std::holds_alternative<ExactMass>(constraint); }
/// The least that a side must send or receive altogether; and the most.
inline double least_mass(const MassConstraint& constraint, const Vector& mass) {
  if (is_exact(constraint)) return mass.sum();
  const auto* bounded = std::get_if<BoundedMass>(&constraint);
  return bounded != nullptr && bounded->lower.size() > 0 ? bounded->lower.sum() : 0;
}
inline double most_mass(const MassConstraint& constraint, const Vector& mass) {
  return is_exact(constraint) || std::holds_alternative<BoundedMass>(constraint) ? mass.sum() : infinite;
}

inline void check_sinkhorn_options(std::string_view function, const SinkhornOptions& options, Index k) {
  const auto require = [&](bool holds, std::string_view name, double value, std::string_view rule) {
    if (!holds) reject(function, std::string(name) + " = " + to_text(value) + " must be " + std::string(rule));
  };
  require_threads(function, options.execution.threads);
  require(options.epsilon > 0 && !std::isinf(options.epsilon), "epsilon", options.epsilon, "finite and > 0");
  require(options.tolerance >= 0, "tolerance", options.tolerance, "≥ 0");
  require(options.max_iterations >= 1, "max_iterations", options.max_iterations, "≥ 1");
  require(options.relaxation >= 1 && options.relaxation < 2, "relaxation", options.relaxation, "in [1, 2)");
  require(options.initial_epsilon == 0 ||
              (options.initial_epsilon >= options.epsilon && !std::isinf(options.initial_epsilon)),
          "initial_epsilon", options.initial_epsilon, "0, or finite and at least epsilon");
  require(options.epsilon_factor > 0 && options.epsilon_factor < 1, "epsilon_factor", options.epsilon_factor,
          "in (0, 1)");
  const bool exact = is_exact(options.rows) && is_exact(options.columns);
  if (options.relaxation != 1 && !exact)
    reject(function, "relaxation = " + to_text(options.relaxation) + " needs exact masses of rows and columns");
  if (options.algorithm == SinkhornAlgorithm::greenkhorn) {
    if (!exact || options.total_mass) reject(function, "greenkhorn needs exact masses of rows and columns");
    if (options.initial_epsilon != 0)
      reject(function, "initial_epsilon = " + to_text(options.initial_epsilon) + " must be 0 with greenkhorn");
    if (options.relaxation != 1)
      reject(function, "relaxation = " + to_text(options.relaxation) + " must be 1 with greenkhorn");
  }
  const Vector& start = options.initial_column_potential;
  if (start.size() != 0 && start.size() != k)
    reject(function, "initial_column_potential has " + to_text(start.size()) + " entries, cost has " + to_text(k) +
                         " columns; they must agree (or be empty)");
  for (Index j = 0; j < start.size(); ++j)
    if (!(start[j] < infinite))
      reject(function, "initial_column_potential(" + to_text(j) + ") = " + to_text(start[j]) +
                           " must be finite (or -infinity where a column has no mass)");
}

/// What can be sent altogether must agree.
inline void check_totals(std::string_view function, const SinkhornOptions& options, const Vector& row_mass,
                         Vector& column_mass) {
  if (is_exact(options.rows) && is_exact(options.columns) && !options.total_mass) {
    const double sent = row_mass.sum(), received = column_mass.sum();
    if (!(std::abs(sent - received) <= 1e-9 * std::max(sent, received)))
      reject(function, "row_mass adds up to " + to_text(sent) + ", column_mass to " + to_text(received) +
                           ": they differ by " + to_text(sent - received) + " and must agree (or be relaxed)");
    column_mass *= sent / received;
    return;
  }
  const double least = std::max(least_mass(options.rows, row_mass), least_mass(options.columns, column_mass));
  const double most = std::min(most_mass(options.rows, row_mass), most_mass(options.columns, column_mass));
  if (options.total_mass) {
    const double total = *options.total_mass;
    if (is_exact(options.rows) || is_exact(options.columns))
      reject(function, "total_mass = " + to_text(total) + " goes with relaxed, bounded or free masses, not exact ones");
    if (!(total > 0) || std::isinf(total))
      reject(function, "total_mass = " + to_text(total) + " must be finite and > 0");
    if (total < least * (1 - 1e-9) || total > most * (1 + 1e-9))
      reject(function, "total_mass = " + to_text(total) + " must be in [" + to_text(least) + ", " + to_text(most) +
                           "], what the masses of rows and columns allow");
  }
  if (least > most * (1 + 1e-9))
    reject(function, "rows and columns must carry at least " + to_text(least) + " and can carry at most " +
                         to_text(most) + ": short by " + to_text(least - most));
}

/// A transport problem that has been checked.
template <class T>
struct SinkhornProblem {
  const CostMatrix<T>& cost;
  /// What costs count from: the lowest where the masses of a side are exact, whose potentials then take it up.
  double origin;
  Side rows;
  Side columns;

  /// The side whose potentials, of costs from the origin, lack it: rows, else columns.
  bool origin_in_rows() const { return rows.exact(); }
};

/// Rows or columns that must carry mass and cannot.
inline void require_reachable(std::string_view function, std::string_view name, std::string_view others,
                              const MassConstraint& constraint, const Vector& mass,
                              const std::vector<bool>& reachable) {
  const auto* bounded = std::get_if<BoundedMass>(&constraint);
  for (Index i = 0; i < mass.size(); ++i) {
    if (reachable[static_cast<std::size_t>(i)]) continue;
    const double least = is_exact(constraint) ? mass[i] : bounded && bounded->lower.size() > 0 ? bounded->lower[i] : 0;
    if (least > 0)
      reject(function, std::string(name) + " " + to_text(i) + " of cost has no finite cost to " + std::string(others) +
                           " with mass, but must carry " + to_text(least));
  }
}

template <class T>
SinkhornProblem<T> make_sinkhorn_problem(std::string_view function, const CostMatrix<T>& cost, const Vector& row_mass,
                                         const Vector& column_mass, const SinkhornOptions& options) {
  const Index n = cost.rows(), k = cost.cols();
  if (n < 1) reject(function, "cost has 0 rows; at least 1 is needed");
  require_columns(function, k, "cost");
  check_sinkhorn_options(function, options, k);
  const bool unbounded_rows = std::holds_alternative<BoundedMass>(options.rows);
  const bool unbounded_columns = std::holds_alternative<BoundedMass>(options.columns);
  Vector a = checked_masses(function, "row_mass", row_mass, n, unbounded_rows);
  Vector b = checked_masses(function, "column_mass", column_mass, k, unbounded_columns);
  check_constraint(function, "rows", options.rows, a);
  check_constraint(function, "columns", options.columns, b);
  check_totals(function, options, a, b);
  const bool kernel = options.algorithm == SinkhornAlgorithm::scaling;
  require_memory(function,
                 RowSweep<T>::memory(n, k, kernel, resolve_threads(options.execution.threads)) +
                     sizeof(double) * 6 * static_cast<double>(n + k) +
                     (options.plan || kernel ? matrix_bytes<T>(n, k) : 0),
                 options.execution.memory_limit,
                 "corymb::sinkhorn in the log domain with plan = false stores neither plan nor kernel");
  std::vector<bool> row_counts, column_counts;
  for (const double mass : a) row_counts.push_back(mass > 0);
  for (const double mass : b) column_counts.push_back(mass > 0);
  const CostRange range =
      check_costs(function, cost, resolve_threads(options.execution.threads), row_counts, column_counts);
  require_reachable(function, "row", "a column", options.rows, a, range.row_reachable);
  require_reachable(function, "column", "a row", options.columns, b, range.column_reachable);
  const bool has_origin = is_exact(options.rows) || is_exact(options.columns);
  return {cost, has_origin ? range.lowest : 0.0, Side(std::move(a), options.rows, range.row_reachable),
          Side(std::move(b), options.columns, range.column_reachable)};
}

}  // namespace detail
CORYMB_END
