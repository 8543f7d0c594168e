#pragma once

#include <corymb/transport/detail/sinkhorn/greenkhorn.hpp>
#include <corymb/transport/detail/sinkhorn/iterations.hpp>
#include <corymb/transport/detail/sinkhorn/plan.hpp>
#include <corymb/transport/detail/sinkhorn/problem.hpp>
#include <corymb/transport/detail/sinkhorn/shares.hpp>
#include <corymb/transport/sinkhorn.hpp>

#include <string_view>

CORYMB_BEGIN
namespace detail {

template <class T>
SinkhornResult<T> sinkhorn(std::string_view function, const CostMatrix<T>& cost, const Vector& row_mass,
                           const Vector& column_mass, const SinkhornOptions& options) {
  const ProgressReporter report(options.execution.on_progress);
  SinkhornProblem<T> problem = make_sinkhorn_problem(function, cost, row_mass, column_mass, options);
  SinkhornResult<T> result;
  const bool kernel = options.algorithm == SinkhornAlgorithm::scaling;
  if (options.plan || kernel) {
    result.plan.resize(cost.rows(), cost.cols());
    prefer_large_pages(result.plan.data(), static_cast<std::size_t>(result.plan.size()) * sizeof(T));
  }
  const double first_epsilon = options.initial_epsilon > 0 ? options.initial_epsilon : options.epsilon;
  Potentials potentials = first_potentials(problem, options.initial_column_potential, first_epsilon);
  SinkhornRun run;
  if (options.algorithm == SinkhornAlgorithm::greenkhorn)
    run = Greenkhorn<T>(problem, options)(potentials, report);
  else
    run = SinkhornIterations<T>(problem, options, kernel ? result.plan.data() : nullptr)(potentials, report);
  if (!options.plan) result.plan.resize(0, 0);
  describe_plan(problem, options, run, potentials, result);
  return result;
}

// See kmeans_impl.hpp.
#if defined(CORYMB_EXTERN_TEMPLATES)
#define CORYMB_SINKHORN_INSTANCES(Template, T)                                                              \
  Template SinkhornResult<T> sinkhorn(std::string_view, const CostMatrix<T>&, const Vector&, const Vector&, \
                                      const SinkhornOptions&)
CORYMB_SINKHORN_INSTANCES(extern template, float);
CORYMB_SINKHORN_INSTANCES(extern template, double);
#endif

}  // namespace detail

template <class T>
SinkhornResult<T> sinkhorn(const CostMatrix<T>& cost, const Vector& row_mass, const Vector& column_mass,
                           const SinkhornOptions& options) {
  return detail::sinkhorn("sinkhorn", cost, row_mass, column_mass, options);
}

template <class T>
RowMatrix<T> predict_proba(const SinkhornResult<T>& model, const CostMatrix<T>& cost_new, const Execution& execution) {
  return detail::shares_of_rows("predict_proba", model.column_potential, model.epsilon, cost_new, execution);
}

template <class T>
Labels predict(const SinkhornResult<T>& model, const CostMatrix<T>& cost_new, const Execution& execution) {
  Labels labels(cost_new.rows());
  detail::for_each_row_of_shares("predict", model.column_potential, model.epsilon, cost_new, execution,
                                 [&](Index i, const double* values, double) {
                                   // The largest is exactly one.
                                   Index j = 0;
                                   while (values[j] != 1) ++j;
                                   labels[i] = static_cast<std::int32_t>(j);
                                 });
  return labels;
}

CORYMB_END
