#pragma once

#include <corymb/core/detail/validate.hpp>
#include <corymb/distance/pairwise.hpp>
#include <corymb/transport/detail/sinkhorn/sinkhorn_impl.hpp>
#include <corymb/transport/doubly_stochastic.hpp>

#include <cmath>
#include <string_view>

CORYMB_BEGIN

template <class Derived>
DoublyStochastic<typename Derived::Scalar> doubly_stochastic(const Eigen::DenseBase<Derived>& similarity,
                                                             const DoublyStochasticOptions& options) {
  using T = typename Derived::Scalar;
  constexpr std::string_view function = "doubly_stochastic";
  const Index n = similarity.rows();
  if (similarity.cols() != n)
    detail::reject(function, "similarity is " + detail::to_text(n) + " x " + detail::to_text(similarity.cols()) +
                                 "; a square matrix is needed");
  if (!(options.temperature > 0) || std::isinf(options.temperature))
    detail::reject(function, "temperature = " + detail::to_text(options.temperature) + " must be finite and > 0");
  detail::require_memory(function, 2 * detail::matrix_bytes<T>(n, n), options.execution.memory_limit,
                         "use fewer rows at a time, or float");
  const RowMatrix<T> cost = -similarity.derived().matrix();
  const Vector ones = Vector::Ones(n);
  SinkhornResult<T> plan = detail::sinkhorn(function, CostMatrix<T>(cost), ones, ones,
                                            {.epsilon = options.temperature,
                                             .algorithm = options.algorithm,
                                             .tolerance = options.tolerance,
                                             .max_iterations = options.max_iterations,
                                             .execution = options.execution});
  return {std::move(plan.plan), plan.column_error, plan.status, plan.iterations};
}

template <class Derived>
RowMatrix<typename Derived::Scalar> coding_similarity(const Eigen::DenseBase<Derived>& codes,
                                                      const Execution& execution) {
  using T = typename Derived::Scalar;
  // cos = 1 − the cosine distance, which is checked and defined for rows of zeros elsewhere.
  return (T(1) - pairwise_distances(codes, codes, Metric::cosine, execution).array()).abs();
}

CORYMB_END
