#pragma once

#include <corymb/core/detail/progress.hpp>
#include <corymb/transport/detail/sinkhorn/iterations.hpp>

#include <algorithm>
#include <cmath>
#include <vector>

CORYMB_BEGIN
namespace detail {

/// The entries of one side of the plan, and how far their masses are from those given.
struct GreedySide {
  const Side& side;
  Vector& potentials;
  Vector masses;  // of the plan

  /// What a step of the entry gains in the dual, in units of ε: the divergence of its mass from the one given.
  double violation(Index i) const {
    if (!side.present(i)) return 0;
    const double target = side.mass()[i], mass = masses[i];
    if (!(mass > 0)) return infinite;
    const double excess = (mass - target) / target;
    // Near the target the difference would be rounding alone.
    return target * (std::abs(excess) < 1e-4 ? excess * excess * (0.5 - excess / 3) : excess - std::log1p(excess));
  }
  /// The entry of the largest violation, the first of such.
  Index worst() const {
    Index best = 0;
    for (Index i = 1; i < side.size(); ++i)
      if (violation(i) > violation(best)) best = i;
    return best;
  }
};

/// Steps of single rows or columns, each time the one that gains most. Masses are kept up to date with every step, and
/// computed anew after as many steps as there are rows and columns.
template <class T>
class Greenkhorn {
 public:
  Greenkhorn(SinkhornProblem<T>& problem, const SinkhornOptions& options) : problem_(problem), options_(options) {}

  SinkhornRun operator()(Potentials& potentials, const ProgressReporter& report) {
    SinkhornRun run;
    run.epsilon = options_.epsilon;
    problem_.rows.set_epsilon(run.epsilon);
    problem_.columns.set_epsilon(run.epsilon);
    const double total = problem_.rows.mass().sum();
    start(potentials);
    GreedySide rows{problem_.rows, potentials.rows, {}}, columns{problem_.columns, potentials.columns, {}};
    for (;;) {
      find_masses(rows, columns);
      const double share = (problem_.rows.error(rows.masses) + problem_.columns.error(columns.masses)) / total;
      run.status = share <= options_.tolerance ? Status::converged : Status::iteration_limit;
      const bool goes_on = run.iterations == 0 || report("sinkhorn", run.iterations, options_.max_iterations, share);
      if (run.status == Status::converged) return run;
      if (!goes_on) run.status = Status::cancelled;
      if (!goes_on || run.iterations >= options_.max_iterations) return run;
      ++run.iterations;
      for (Index step = 0; step < rows.side.size() + columns.side.size(); ++step) {
        const Index i = rows.worst(), j = columns.worst();
        if (!(std::max(rows.violation(i), columns.violation(j)) > 0)) break;
        if (rows.violation(i) >= columns.violation(j))
          step_of(rows, i, columns, [&](Index other) { return cost(i, other); });
        else
          step_of(columns, j, rows, [&](Index other) { return cost(other, j); });
      }
    }
  }

 private:
  // All rows are met at first: single steps from potentials that are far off would have nothing to compare.
  void start(Potentials& potentials) {
    RowSweep<T> sweep(problem_.cost, problem_.origin, problem_.rows, resolve_threads(options_.execution.threads),
                      nullptr);
    sweep.set_epsilon(options_.epsilon);
    double row_error = 0;
    sweep(potentials, 1, row_error);
  }

  // From the origin.
  double cost(Index i, Index j) {
    T value;
    if (problem_.cost.stored() != nullptr)
      value = (*problem_.cost.stored())(i, j);
    else
      problem_.cost.block(i, 1, j, 1, &value);
    return static_cast<double>(value) - problem_.origin;
  }

  void find_masses(GreedySide& rows, GreedySide& columns) {
    rows.masses = Vector::Zero(rows.side.size());
    columns.masses = Vector::Zero(columns.side.size());
    std::vector<T> buffer;
    for_each_cost_block(problem_.cost, 0, rows.side.size(), buffer,
                        [&](Index first, Index count, const T* costs, Index stride) {
                          for (Index i = 0; i < count; ++i)
                            for (Index j = 0; j < columns.side.size(); ++j) {
                              const double p = entry(rows.potentials[first + i], columns.potentials[j],
                                                     static_cast<double>(costs[i * stride + j]) - problem_.origin);
                              rows.masses[first + i] += p;
                              columns.masses[j] += p;
                            }
                        });
  }

  double entry(double row_potential, double column_potential, double cost) const {
    if (std::isinf(cost) || std::isinf(row_potential) || std::isinf(column_potential)) return 0;
    return std::exp(row_potential + column_potential - cost / options_.epsilon);
  }

  // Entry i of one side takes its exact step; the masses of the other side follow.
  template <class Cost>
  void step_of(GreedySide& side, Index i, GreedySide& other, const Cost& cost_to) {
    const Index size = other.side.size();
    double largest = -infinite, sum = 0;
    terms_.resize(static_cast<std::size_t>(size));
    for (Index j = 0; j < size; ++j) {
      double& term = terms_[static_cast<std::size_t>(j)];
      term = other.side.present(j) ? other.potentials[j] - cost_to(j) / options_.epsilon : -infinite;
      largest = std::max(largest, term);
    }
    for (const double term : terms_) sum += term > -infinite ? std::exp(term - largest) : 0;
    const double before = side.potentials[i];
    const double after = std::log(side.side.mass()[i]) - largest - std::log(sum);
    for (Index j = 0; j < size; ++j) {
      const double term = terms_[static_cast<std::size_t>(j)];
      if (term > -infinite)
        other.masses[j] = std::max(0.0, other.masses[j] + std::exp(term + after) - std::exp(term + before));
    }
    side.potentials[i] = after;
    side.masses[i] = side.side.mass()[i];
  }

  SinkhornProblem<T>& problem_;
  const SinkhornOptions& options_;
  std::vector<double> terms_;
};

}  // namespace detail
CORYMB_END
