#pragma once

#include <corymb/core/detail/matrix_view.hpp>
#include <corymb/distance/nearest.hpp>
#include <corymb/transport/detail/barycentres.hpp>
#include <corymb/transport/detail/sinkhorn/sinkhorn_impl.hpp>
#include <corymb/transport/prototype_alignment.hpp>

#include <string_view>

CORYMB_BEGIN

template <class DerivedS, class DerivedQ>
PrototypeAlignment<typename DerivedS::Scalar> align_prototypes(const Eigen::DenseBase<DerivedS>& prototypes,
                                                               const Eigen::DenseBase<DerivedQ>& queries,
                                                               const PrototypeAlignmentOptions& options) {
  using T = typename DerivedS::Scalar;
  constexpr std::string_view function = "align_prototypes";
  if (options.passes < 0) detail::reject(function, "passes = " + detail::to_text(options.passes) + " must be ≥ 0");
  if (prototypes.rows() < 1) detail::reject(function, "prototypes has 0 rows; at least 1 is needed");
  if (queries.rows() < 1) detail::reject(function, "queries has 0 rows; at least 1 is needed");
  for (Index j = 0; j < options.prototype_mass.size(); ++j)
    if (!(options.prototype_mass[j] > 0) || std::isinf(options.prototype_mass[j]))
      detail::reject(function, "prototype_mass(" + detail::to_text(j) +
                                   ") = " + detail::to_text(options.prototype_mass[j]) + " must be finite and > 0");
  const Points<T> Q = detail::points_of(function, queries, options.execution);
  const RowMatrix<T> first = prototypes;
  detail::check_two(function, detail::points_of(function, first, options.execution), "prototypes", Q, "queries",
                    options.execution);
  const auto rows = detail::matrix_view(Q);
  const int threads = resolve_threads(options.execution.threads);
  const detail::ProgressReporter report(options.execution.on_progress);
  const Index k = first.rows();

  PrototypeAlignment<T> result{.labels = {}, .prototypes = first};
  RowMatrix<double> exact = first.template cast<double>();
  Vector mass = options.prototype_mass;
  if (mass.size() > 0) mass /= mass.sum();
  SinkhornOptions transport{.algorithm = SinkhornAlgorithm::scaling,
                            .tolerance = options.tolerance,
                            .max_iterations = options.max_iterations,
                            .execution = {.threads = threads, .memory_limit = options.execution.memory_limit}};
  while (result.passes < options.passes) {
    RowMatrix<T> cost(Q.rows(), k);
    detail::squared_distance_costs(function, Q, result.prototypes, threads).block(0, Q.rows(), 0, k, cost.data());
    const double largest = static_cast<double>(cost.maxCoeff());
    transport.epsilon = options.epsilon * (largest > 0 ? largest : 1);  // as dividing the costs would
    const SinkhornResult<T> plan = detail::sinkhorn(function, CostMatrix<T>(cost), {}, mass, transport);
    exact = detail::barycentres(Q, plan.plan, exact, threads);
    result.prototypes = exact.template cast<T>();
    result.status = plan.status;
    ++result.passes;
    if (!report("align", result.passes, options.passes, plan.cost)) {
      result.status = Status::cancelled;
      break;
    }
  }
  result.labels = nearest(rows, result.prototypes, Metric::euclidean, {.threads = threads}).labels;
  return result;
}

CORYMB_END
