#pragma once

#include <corymb/core/parallel.hpp>
#include <corymb/transport/detail/check_costs.hpp>
#include <corymb/transport/detail/sinkhorn/iterations.hpp>

#include <algorithm>
#include <vector>

CORYMB_BEGIN
namespace detail {

/// Fills in the result from the potentials: the plan, where there is room for it, its masses, and what they cost.
template <class T>
void describe_plan(const SinkhornProblem<T>& problem, const SinkhornOptions& options, const SinkhornRun& run,
                   const Potentials& potentials, SinkhornResult<T>& result) {
  const Index n = problem.rows.size(), k = problem.columns.size(), most = cost_rows_per_block(k);
  const double epsilon = run.epsilon;
  Vector columns = Vector::Constant(padded_columns(k), -infinite);
  columns.head(k) = potentials.columns.array() + potentials.mass;
  const Chunks chunks = cost_chunks(n, k);
  std::vector<Vector> column_masses(static_cast<std::size_t>(chunks.count()));
  Vector costs(n);
  result.row_mass.resize(n);
  parallel_for(resolve_threads(options.execution.threads), chunks.count(), [&](Index chunk) {
    Vector& column_mass = column_masses[static_cast<std::size_t>(chunk)];
    column_mass = Vector::Zero(k);
    std::vector<T> buffer, block(result.plan.size() > 0 ? 0 : static_cast<std::size_t>(most * k));
    const Vector ones = Vector::Ones(most);
    for_each_cost_block(problem.cost, chunks.begin(chunk), chunks.end(chunk), buffer,
                        [&](Index first, Index count, const T* cost, Index stride) {
                          T* values = result.plan.size() > 0 ? result.plan.data() + first * k : block.data();
                          transport_kernels::plan(transport_kernels::PlanTask<T>{.cost = {cost, count, k, stride},
                                                                                 .origin = problem.origin,
                                                                                 .per_epsilon = 1 / epsilon,
                                                                                 .rows = potentials.rows.data() + first,
                                                                                 .columns = columns.data(),
                                                                                 .values = values,
                                                                                 .stride = k,
                                                                                 .sums = result.row_mass.data() + first,
                                                                                 .costs = costs.data() + first});
                          transport_kernels::column_products(transport_kernels::ColumnProductsTask<T>{
                              .values = {values, count, k, k}, .factors = ones.data(), .sums = column_mass.data()});
                        });
  });
  result.column_mass = Vector::Zero(k);
  for (const Vector& part : column_masses) result.column_mass += part;
  result.cost = costs.sum();

  result.epsilon = epsilon;
  result.row_potential = epsilon * potentials.rows;
  result.column_potential = epsilon * potentials.columns;
  result.mass_potential = epsilon * potentials.mass;
  (problem.origin_in_rows() ? result.row_potential : result.column_potential).array() += problem.origin;
  result.row_error = problem.rows.error(result.row_mass);
  result.column_error = problem.columns.error(result.column_mass);
  result.status = run.status;
  result.iterations = run.iterations;

  // ε Σ P log P = Σ P (f_i + g_j + h − c_ij); all terms of absent rows and columns are zero.
  const double mass = result.row_mass.sum();
  double by_potentials = result.mass_potential * mass,
         dual = options.total_mass ? result.mass_potential * *options.total_mass : 0;
  const auto add = [&](const Side& side, const Vector& potential, const Vector& plan_mass) {
    for (Index i = 0; i < side.size(); ++i) {
      if (plan_mass[i] > 0) by_potentials += potential[i] * plan_mass[i];
      dual += side.dual_term(i, potential[i]);
    }
  };
  add(problem.rows, result.row_potential, result.row_mass);
  add(problem.columns, result.column_potential, result.column_mass);
  result.objective = by_potentials - epsilon * mass + problem.rows.penalty(result.row_mass) +
                     problem.columns.penalty(result.column_mass);
  result.dual_value = dual - epsilon * mass;
}

}  // namespace detail
CORYMB_END
