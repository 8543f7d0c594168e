#pragma once

#include <corymb/neighbors/nearest_neighbors.hpp>
#include <corymb/transport/detail/partial_assignment_impl.hpp>
#include <corymb/transport/semantic_assignment.hpp>

#include <algorithm>
#include <cmath>
#include <string_view>
#include <vector>

CORYMB_BEGIN
namespace detail {

using Similarity = Eigen::SparseMatrix<double, Eigen::RowMajor>;

inline void check_semantic_assignment(std::string_view function, const Similarity& similarity,
                                      const SemanticAssignmentOptions& options, Index n) {
  if (similarity.rows() != n || similarity.cols() != n)
    reject(function, "similarity is " + to_text(similarity.rows()) + " x " + to_text(similarity.cols()) +
                         "; n x n, n = " + to_text(n) + ", is needed");
  for (Index i = 0; i < n; ++i)
    for (Similarity::InnerIterator entry(similarity, i); entry; ++entry)
      if (!(entry.value() >= 0) || std::isinf(entry.value()))
        reject(function, "similarity(" + to_text(i) + ", " + to_text(entry.col()) + ") = " + to_text(entry.value()) +
                             " must be finite and ≥ 0");
  if (options.similarity_weight && (!(*options.similarity_weight >= 0) || std::isinf(*options.similarity_weight)))
    reject(function, "similarity_weight = " + to_text(*options.similarity_weight) + " must be finite and ≥ 0");
  if (!(options.tolerance >= 0)) reject(function, "tolerance = " + to_text(options.tolerance) + " must be ≥ 0");
  if (options.max_iterations < 1)
    reject(function, "max_iterations = " + to_text(options.max_iterations) + " must be ≥ 1");
}

/// The objective of SP²OT, and the costs of its tangent. Plans are n × (k + 1), the last column for what is not
/// assigned.
template <class T>
class SemanticObjective {
 public:
  /// @param weight  λ₁
  SemanticObjective(const CostMatrix<T>& cost, const Similarity& similarity, double weight,
                    const PartialProblem& problem, double strength)
      : symmetric_(similarity + Similarity(similarity.transpose())),
        weight_(weight),
        epsilon_(problem.options.epsilon),
        strength_(strength),
        column_mass_(problem.column_mass),
        costs_(cost.rows(), cost.cols()) {
    cost.block(0, cost.rows(), 0, cost.cols(), costs_.data());
  }

  /// Whether a pair is forbidden.
  bool forbids() const { return costs_.size() > 0 && std::isinf(costs_.maxCoeff()); }

  /// Of a plan: (S + Sᵀ) Q, without the last column.
  RowMatrix<double> attraction(const RowMatrix<double>& plan, int threads) const {
    const Index k = costs_.cols();
    RowMatrix<double> result = RowMatrix<double>::Zero(plan.rows(), k);
    const Chunks chunks(plan.rows(), 64);
    parallel_for(threads, chunks.count(), [&](Index chunk) {
      for (Index i = chunks.begin(chunk); i < chunks.end(chunk); ++i)
        for (Similarity::InnerIterator entry(symmetric_, i); entry; ++entry)
          for (Index j = 0; j < k; ++j) result(i, j) += entry.value() * plan(entry.col(), j);
    });
    return result;
  }

  /// @param attraction  of the plan
  double operator()(const RowMatrix<double>& plan, const RowMatrix<double>& attraction) const {
    double value = 0;
    Vector masses = Vector::Zero(plan.cols());
    for (Index i = 0; i < plan.rows(); ++i)
      for (Index j = 0; j < plan.cols(); ++j) {
        const double q = plan(i, j);
        if (!(q > 0)) continue;
        masses[j] += q;
        value += epsilon_ * q * (std::log(q) - 1);
        if (j < costs_.cols()) value += q * (static_cast<double>(costs_(i, j)) - weight_ / 2 * attraction(i, j));
      }
    for (Index j = 0; j < costs_.cols() && !std::isinf(strength_); ++j) {
      if (!(column_mass_[j] > 0)) continue;
      const double q = masses[j];
      value += strength_ * ((q > 0 ? q * std::log(q / column_mass_[j]) : 0) - q + column_mass_[j]);
    }
    return value;
  }

  /// Of the tangent at a plan, with the column of zeros.
  RowMatrix<T> costs(const RowMatrix<double>& attraction) const {
    RowMatrix<T> result = RowMatrix<T>::Zero(costs_.rows(), costs_.cols() + 1);
    for (Index i = 0; i < costs_.rows(); ++i)
      for (Index j = 0; j < costs_.cols(); ++j)
        result(i, j) = static_cast<T>(static_cast<double>(costs_(i, j)) - weight_ * attraction(i, j));
    return result;
  }

 private:
  Similarity symmetric_;
  double weight_, epsilon_, strength_;
  Vector column_mass_;
  RowMatrix<T> costs_;
};

}  // namespace detail

template <class Derived>
Eigen::SparseMatrix<double, Eigen::RowMajor> semantic_similarity(const Eigen::DenseBase<Derived>& X,
                                                                 const SemanticSimilarityOptions& options) {
  constexpr std::string_view function = "semantic_similarity";
  if (!(options.sigma > 0) || std::isinf(options.sigma))
    detail::reject(function, "sigma = " + detail::to_text(options.sigma) + " must be finite and > 0");
  if (options.neighbors < 1)
    detail::reject(function, "neighbors = " + detail::to_text(options.neighbors) + " must be ≥ 1");
  const Index n = X.rows(), count = std::min(options.neighbors, n - 1);
  detail::Similarity similarity(n, n);
  if (count < 1) return similarity;
  const auto nearest = nearest_neighbors(X, count, {.execution = options.execution});
  const double width = 2 * options.sigma * options.sigma * static_cast<double>(X.cols());
  std::vector<Eigen::Triplet<double>> entries;
  entries.reserve(static_cast<std::size_t>(n * count));
  for (Index i = 0; i < n; ++i)
    for (Index m = 0; m < count; ++m) {
      const double distance = static_cast<double>(nearest.distances(i, m));
      entries.emplace_back(static_cast<int>(i), nearest.indices(i, m), std::exp(-distance * distance / width));
    }
  similarity.setFromTriplets(entries.begin(), entries.end());
  return similarity;
}

template <class T>
SemanticAssignment<T> semantic_progressive_partial_assignment(
    const CostMatrix<T>& cost, const Eigen::SparseMatrix<double, Eigen::RowMajor>& similarity, double mass,
    const SemanticAssignmentOptions& options) {
  constexpr std::string_view function = "semantic_progressive_partial_assignment";
  const Index n = cost.rows(), k = cost.cols();
  const PartialAssignmentOptions& partial = options.assignment;
  detail::check_partial_assignment(function, mass, partial, n, k);
  detail::check_semantic_assignment(function, similarity, options, n);
  detail::require_memory(function, detail::matrix_bytes<double>(n, 4 * k + 4), partial.execution.memory_limit,
                         "assign the rows in parts");
  const int threads = resolve_threads(partial.execution.threads);
  detail::check_costs(function, cost, threads);
  detail::PartialProblem problem = detail::make_partial_problem(cost, mass, partial);
  const double weight = options.similarity_weight.value_or(0.2 * (1 - mass)) * static_cast<double>(n);
  const detail::SemanticObjective<T> objective(cost, similarity, weight, problem, partial.strength);
  const detail::ProgressReporter report(partial.execution.on_progress);

  SemanticAssignment<T> result;
  RowMatrix<double> plan = problem.row_mass * problem.column_mass.transpose();
  if (objective.forbids())  // such a plan would assign what must not be assigned
    plan = detail::sinkhorn(function, detail::with_column_of_zeros(cost), problem.row_mass, problem.column_mass,
                            problem.options)
               .plan.template cast<double>();
  RowMatrix<double> attraction = objective.attraction(plan, threads);
  result.history.push_back(objective(plan, attraction));
  result.status = Status::iteration_limit;
  while (result.iterations < options.max_iterations) {
    const RowMatrix<T> costs = objective.costs(attraction);
    const SinkhornResult<T> step =
        detail::sinkhorn(function, CostMatrix<T>(costs), problem.row_mass, problem.column_mass, problem.options);
    if (step.status == Status::cancelled) {
      result.status = Status::cancelled;
      break;
    }
    problem.options.initial_column_potential = step.column_potential;
    // The objective falls in this direction; by how far one may go says the objective itself.
    const RowMatrix<double> direction = step.plan.template cast<double>() - plan;
    const RowMatrix<double> change = objective.attraction(direction, threads);
    const double before = result.history.back();
    double length = 1, after = before;
    RowMatrix<double> next;
    for (int halving = 0; halving < 30; ++halving, length /= 2) {
      next = plan + length * direction;
      after = objective(next, attraction + length * change);
      if (after <= before) break;
    }
    ++result.iterations;
    if (after <= before) {
      plan = next;
      attraction += length * change;
      result.history.push_back(after);
      result.assignment.column_potential = step.column_potential;
      result.assignment.iterations += step.iterations;
    }
    const bool converged = !(after < before - options.tolerance);
    const bool goes_on = report("semantic", result.iterations, options.max_iterations, result.history.back());
    if (converged) result.status = Status::converged;
    if (!converged && !goes_on) result.status = Status::cancelled;
    if (converged || !goes_on) break;
  }
  result.objective = result.assignment.objective = result.history.back();
  result.assignment.status = result.status;
  detail::describe_assignment(plan, problem, result.assignment);
  return result;
}

CORYMB_END
