#pragma once

#include <corymb/core/detail/validate.hpp>
#include <corymb/transport/detail/sinkhorn/sinkhorn_impl.hpp>
#include <corymb/transport/partial_assignment.hpp>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string_view>
#include <vector>

CORYMB_BEGIN
namespace detail {

/// Costs with a column of zeros after the last.
template <class T>
CostMatrix<T> with_column_of_zeros(const CostMatrix<T>& cost) {
  const Index k = cost.cols();
  return CostMatrix<T>(
      cost.rows(), k + 1,
      [cost, k](Index first_row, Index rows, Index first_column, Index columns, T* out) {
        const Index real = std::clamp<Index>(k - first_column, 0, columns);
        if (real == columns) return cost.block(first_row, rows, first_column, columns, out);
        for (Index i = 0; i < rows; ++i) {
          cost.block(first_row + i, 1, first_column, real, out + i * columns);
          std::fill_n(out + i * columns + real, columns - real, T(0));
        }
      },
      nullptr);
}

inline void check_partial_assignment(std::string_view function, double mass, const PartialAssignmentOptions& options,
                                     Index n, Index k) {
  require_threads(function, options.execution.threads);
  if (n < 1) reject(function, "cost has 0 rows; at least 1 is needed");
  require_columns(function, k, "cost");
  if (!(mass > 0 && mass <= 1)) reject(function, "mass = " + to_text(mass) + " must be in (0, 1]");
  if (!(options.strength > 0)) reject(function, "strength = " + to_text(options.strength) + " must be > 0");
  if (options.algorithm == SinkhornAlgorithm::greenkhorn)
    reject(function, "algorithm must be log_domain or scaling: greenkhorn needs exact masses");
  if (options.prior.size() != 0 && options.prior.size() != k)
    reject(function, "prior has " + to_text(options.prior.size()) + " entries; one per cluster, k = " + to_text(k) +
                         ", is needed");
  for (Index j = 0; j < options.prior.size(); ++j)
    if (!(options.prior[j] >= 0) || std::isinf(options.prior[j]))
      reject(function, "prior(" + to_text(j) + ") = " + to_text(options.prior[j]) + " must be finite and ≥ 0");
  if (options.prior.size() > 0 && !(options.prior.sum() > 0)) reject(function, "prior is 0 altogether");
  if (options.initial_column_potential.size() != 0 && options.initial_column_potential.size() != k + 1)
    reject(function, "initial_column_potential has " + to_text(options.initial_column_potential.size()) +
                         " entries; k + 1 = " + to_text(k + 1) + " are needed, or none");
  check_weights(function, options.weights, n);
}

/// Σ over the rows, as far as they weigh, of the softmax of −cost.
template <class T>
Vector predicted_mass(const CostMatrix<T>& cost, const Vector& row_mass, int threads) {
  const Index k = cost.cols(), width = padded_columns(k), most = cost_rows_per_block(k);
  Vector columns = Vector::Constant(width, -infinite);
  columns.head(k).setZero();
  return parallel_sum(threads, cost_chunks(cost.rows(), k), Vector(Vector::Zero(k)), [&](Index begin, Index end) {
    Vector mass = Vector::Zero(k);
    Scratch<double> values(most * width), by_row(3 * most);
    std::vector<T> buffer;
    for_each_cost_block(cost, begin, end, buffer, [&](Index first, Index count, const T* costs, Index stride) {
      double *largest = by_row.data(), *sums = largest + most, *factors = sums + most;
      transport_kernels::exponentials(transport_kernels::ExponentialsTask<T>{.cost = {costs, count, k, stride},
                                                                             .origin = 0,
                                                                             .per_epsilon = 1,
                                                                             .columns = columns.data(),
                                                                             .values = values.data(),
                                                                             .largest = largest,
                                                                             .sums = sums});
      for (Index i = 0; i < count; ++i) factors[i] = sums[i] > 0 ? row_mass[first + i] / sums[i] : 0;
      transport_kernels::column_products(transport_kernels::ColumnProductsTask<double>{
          .values = {values.data(), count, k, width}, .factors = factors, .sums = mass.data()});
    });
    return mass;
  });
}

/// The prior with the clusters in the order asked for, summing to one.
inline Vector ordered_prior(const Vector& prior, PriorOrder order, const Vector& predicted) {
  const Index k = predicted.size();
  if (prior.size() == 0) return Vector::Constant(k, 1 / static_cast<double>(k));
  Vector shares = prior / prior.sum();
  if (order == PriorOrder::as_given) return shares;
  std::sort(shares.begin(), shares.end(), std::greater<>());
  std::vector<Index> clusters(static_cast<std::size_t>(k));
  std::iota(clusters.begin(), clusters.end(), Index{0});
  std::stable_sort(clusters.begin(), clusters.end(), [&](Index i, Index j) { return predicted[i] > predicted[j]; });
  Vector result(k);
  for (Index rank = 0; rank < k; ++rank) result[clusters[static_cast<std::size_t>(rank)]] = shares[rank];
  return result;
}

/// What partial assignments by one plan have in common, apart from the costs.
struct PartialProblem {
  Vector row_mass;     // n, of sum 1
  Vector prior;        // k, of sum 1
  Vector column_mass;  // k + 1
  SinkhornOptions options;
};

template <class T>
PartialProblem make_partial_problem(const CostMatrix<T>& cost, double mass, const PartialAssignmentOptions& options) {
  const Index n = cost.rows(), k = cost.cols();
  PartialProblem problem;
  problem.row_mass = options.weights.size() > 0 ? Vector(options.weights / options.weights.sum())
                                                : Vector::Constant(n, 1 / static_cast<double>(n));
  const bool sorts = options.prior.size() > 0 && options.prior_order == PriorOrder::by_predicted_mass;
  problem.prior =
      ordered_prior(options.prior, options.prior_order,
                    sorts ? predicted_mass(cost, problem.row_mass, resolve_threads(options.execution.threads))
                          : Vector(Vector::Zero(k)));
  problem.column_mass.resize(k + 1);
  problem.column_mass << mass * problem.prior, 1 - mass;
  Vector strengths = Vector::Constant(k + 1, options.strength);
  strengths[k] = infinite;
  problem.options = {.epsilon = options.epsilon,
                     .algorithm = options.algorithm,
                     .columns = RelaxedMass{.strengths = strengths},
                     .tolerance = options.tolerance,
                     .max_iterations = options.max_iterations,
                     .initial_column_potential = options.initial_column_potential,
                     .execution = options.execution};
  return problem;
}

/// Fills in what follows from the plan, n × (k + 1).
template <class T>
void describe_assignment(const RowMatrix<T>& plan, const PartialProblem& problem, PartialAssignment<T>& result) {
  const Index n = plan.rows(), k = plan.cols() - 1;
  result.prior = problem.prior;
  result.memberships.resize(n, k);
  result.confidence.resize(n);
  result.labels.resize(n);
  result.cluster_mass = Vector::Zero(k);
  for (Index i = 0; i < n; ++i) {
    Index largest = 0;
    double confidence = 0;
    const double whole = problem.row_mass[i];
    for (Index j = 0; j < k; ++j) {
      const double p = static_cast<double>(plan(i, j)), share = whole > 0 ? p / whole : 0;
      result.memberships(i, j) = static_cast<T>(share);
      result.cluster_mass[j] += p;
      confidence += share;
      if (plan(i, j) > plan(i, largest)) largest = j;
    }
    result.confidence[i] = std::min(confidence, 1.0);  // but for rounding it is
    result.labels[i] = static_cast<std::int32_t>(largest);
  }
}

}  // namespace detail

template <class T>
PartialAssignment<T> progressive_partial_assignment(const CostMatrix<T>& cost, double mass,
                                                    const PartialAssignmentOptions& options) {
  constexpr std::string_view function = "progressive_partial_assignment";
  detail::check_partial_assignment(function, mass, options, cost.rows(), cost.cols());
  const detail::PartialProblem problem = detail::make_partial_problem(cost, mass, options);
  const SinkhornResult<T> plan = detail::sinkhorn(function, detail::with_column_of_zeros(cost), problem.row_mass,
                                                  problem.column_mass, problem.options);
  PartialAssignment<T> result;
  result.column_potential = plan.column_potential;
  result.objective = plan.objective;
  result.status = plan.status;
  result.iterations = plan.iterations;
  detail::describe_assignment(plan.plan, problem, result);
  return result;
}

inline double progressive_mass(Index step, Index steps, double initial, MassRamp ramp) {
  constexpr std::string_view function = "progressive_mass";
  if (steps < 1) detail::reject(function, "steps = " + detail::to_text(steps) + " must be ≥ 1");
  if (step < 0 || step > steps)
    detail::reject(function,
                   "step = " + detail::to_text(step) + " must be in [0, steps = " + detail::to_text(steps) + "]");
  if (!(initial > 0 && initial <= 1))
    detail::reject(function, "initial = " + detail::to_text(initial) + " must be in (0, 1]");
  const double t = static_cast<double>(step) / static_cast<double>(steps);
  return initial + (1 - initial) * (ramp == MassRamp::linear ? t : std::exp(-5 * (1 - t) * (1 - t)));
}

template <class Derived>
RowMatrix<typename Derived::Scalar> softmax_costs(const Eigen::DenseBase<Derived>& logits, double scale) {
  using T = typename Derived::Scalar;
  constexpr std::string_view function = "softmax_costs";
  if (!(scale > 0) || std::isinf(scale))
    detail::reject(function, "scale = " + detail::to_text(scale) + " must be finite and > 0");
  RowMatrix<T> costs = logits;
  for (Index i = 0; i < costs.rows(); ++i) {
    for (Index j = 0; j < costs.cols(); ++j)
      if (!std::isfinite(costs(i, j)))
        detail::reject(function, "logits(" + detail::to_text(i) + ", " + detail::to_text(j) +
                                     ") = " + detail::to_text(costs(i, j)) + " must be finite");
    if (costs.cols() == 0) continue;
    const double largest = static_cast<double>(costs.row(i).maxCoeff());
    double sum = 0;
    for (Index j = 0; j < costs.cols(); ++j) sum += std::exp(scale * (static_cast<double>(costs(i, j)) - largest));
    for (Index j = 0; j < costs.cols(); ++j)
      costs(i, j) = static_cast<T>(std::log(sum) - scale * (static_cast<double>(costs(i, j)) - largest));
  }
  return costs;
}

CORYMB_END
