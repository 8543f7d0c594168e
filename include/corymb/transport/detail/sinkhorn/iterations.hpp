#pragma once

#include <corymb/core/detail/progress.hpp>
#include <corymb/transport/detail/sinkhorn/problem.hpp>
#include <corymb/transport/detail/sinkhorn/sweep.hpp>

#include <algorithm>
#include <cmath>
#include <vector>

CORYMB_BEGIN
namespace detail {

/// How a run of iterations ended.
struct SinkhornRun {
  double epsilon = 0;
  Status status = Status::iteration_limit;
  int iterations = 0;
};

/// The potentials to start from: those of the columns given, in units of the cost, or zeros.
template <class T>
Potentials first_potentials(const SinkhornProblem<T>& problem, const Vector& column_potential, double epsilon) {
  const Side& columns = problem.columns;
  const double lacking = problem.origin_in_rows() ? 0 : problem.origin;
  Potentials potentials{Vector::Zero(problem.rows.size()), Vector::Zero(columns.size())};
  for (Index j = 0; j < columns.size(); ++j) {
    const double given = column_potential.size() > 0 ? (column_potential[j] - lacking) / epsilon : 0;
    potentials.columns[j] = !columns.present(j) ? -infinite : given > -infinite ? given : 0;
  }
  return potentials;
}

/// log of what the rows weigh in the dual over what the columns weigh, when t has been added to the potentials of the
/// rows and taken from those of the columns. Falls with t.
inline double log_ratio(const std::vector<TiltedMass>& rows, const std::vector<TiltedMass>& columns, double t) {
  const auto log_mass = [](const std::vector<TiltedMass>& masses, double shift) {
    double largest = -infinite, sum = 0;
    for (const TiltedMass& mass : masses) largest = std::max(largest, mass.log_mass - mass.rate * shift);
    for (const TiltedMass& mass : masses) sum += std::exp(mass.log_mass - mass.rate * shift - largest);
    return largest + std::log(sum);
  };
  return log_mass(rows, t) - log_mass(columns, -t);
}

/// Such a shift leaves the plan as it is and changes what the masses cost: the one after which both sides weigh the
/// same is best. Without it, iterations with large strengths, or with one exact side, would find it a little at a time.
/// By bisection; 0 where no shift changes anything.
inline double best_shift(const std::vector<TiltedMass>& rows, const std::vector<TiltedMass>& columns) {
  const double now = log_ratio(rows, columns, 0);
  double fastest = 0;
  for (const auto* masses : {&rows, &columns})
    for (const TiltedMass& mass : *masses) fastest = std::max(fastest, mass.rate);
  if (now == 0 || !std::isfinite(now) || !(fastest > 0)) return 0;
  // No mass changes faster than by `fastest`, so that the zero is at least so far.
  const double direction = now > 0 ? 1 : -1;
  double low = 0, high = std::abs(now) / fastest;
  for (int i = 0; direction * log_ratio(rows, columns, direction * high) > 0; ++i, low = high, high *= 2)
    if (i == 60) return 0;  // exact masses of both sides that differ: nothing balances them
  for (int i = 0; i < 60 && high - low > 1e-14 * high; ++i) {
    const double middle = low + (high - low) / 2;
    (direction * log_ratio(rows, columns, direction * middle) > 0 ? low : high) = middle;
  }
  return direction * high;
}

/// Alternate proximal steps of rows and columns, and of the total mass and the balance of the potentials where there
/// are such. Every run ends after a step of the rows.
template <class T>
class SinkhornIterations {
 public:
  SinkhornIterations(SinkhornProblem<T>& problem, const SinkhornOptions& options, T* kernel)
      : rows_(problem.rows),
        columns_(problem.columns),
        options_(options),
        sweep_(problem.cost, problem.origin, problem.rows, resolve_threads(options.execution.threads), kernel) {
    if (rows_.shiftable() && columns_.shiftable() && (rows_.relaxed() || columns_.relaxed()))
      balance_scratch_.reserve(padded_columns(std::max(rows_.size(), columns_.size())));
  }

  SinkhornRun operator()(Potentials& potentials, const ProgressReporter& report) {
    SinkhornRun run;
    double epsilon = options_.initial_epsilon > 0 ? options_.initial_epsilon : options_.epsilon;
    for (;;) {
      run.epsilon = epsilon;
      const bool last = !(epsilon > options_.epsilon);
      rows_.set_epsilon(epsilon);
      columns_.set_epsilon(epsilon);
      sweep_.set_epsilon(epsilon);
      stage(potentials, last ? options_.tolerance : std::max(0.01, options_.tolerance), report, run);
      if (last || run.status != Status::converged) return run;
      const double next = std::max(epsilon * options_.epsilon_factor, options_.epsilon);
      potentials.rows *= epsilon / next;
      potentials.columns *= epsilon / next;
      potentials.mass *= epsilon / next;
      epsilon = next;
    }
  }

 private:
  void stage(Potentials& potentials, double tolerance, const ProgressReporter& report, SinkhornRun& run) {
    double previous = 0;  // the share that the last sweep moved; the first step goes its plain way
    for (;;) {
      double row_error = 0;
      const double relaxation = previous > 0 ? options_.relaxation : 1;
      const ColumnSums sums = sweep_(potentials, relaxation, row_error);
      ++run.iterations;
      Vector next = potentials.columns, scales(columns_.size());
      columns_.step(0, columns_.size(), sums.largest.data(), sums.sums.data(), relaxation, next.data(), scales.data());
      const Moved moved = compare(potentials, next, sums, scales, row_error);
      run.status = Status::iteration_limit;
      if (moved.share <= tolerance) run.status = Status::converged;
      const bool goes_on = report("sinkhorn", run.iterations, options_.max_iterations, moved.share);
      if (run.status == Status::converged) return;
      if (!goes_on) run.status = Status::cancelled;
      if (!goes_on || run.iterations >= options_.max_iterations) return;

      potentials.columns = next;
      if (options_.total_mass) potentials.mass += std::log(*options_.total_mass / moved.mass_after);
      potentials.columns.array() -= moved.shift / run.epsilon;
      previous = moved.share > previous && previous > 0 ? 0 : moved.share;
    }
  }

  struct Moved {
    double share = 0;       // of the mass, by all steps of the sweep
    double mass_after = 0;  // of the plan, when the columns have stepped
    double shift = 0;       // from the potentials of the columns to those of the rows, in units of the cost
  };

  Moved compare(const Potentials& potentials, const Vector& next, const ColumnSums& sums, const Vector& scales,
                double row_error) {
    Moved moved;
    double mass = row_error;
    const bool exact = columns_.exact();
    for (Index j = 0; j < columns_.size(); ++j) {
      if (!columns_.present(j)) continue;
      const double before = sums.sums[j] * std::exp(sums.largest[j] + potentials.columns[j]);
      const double after = exact ? columns_.mass()[j] : sums.sums[j] * scales[j];
      mass += std::abs(after - before);
      moved.mass_after += after;
    }
    if (options_.total_mass) mass += std::abs(moved.mass_after - *options_.total_mass);
    moved.share = mass > 0 ? mass / moved.mass_after : 0;
    if (balance_scratch_.data() != nullptr) {
      const auto rows = rows_.tilted_masses(potentials.rows.data(), balance_scratch_.data());
      const auto columns = columns_.tilted_masses(next.data(), balance_scratch_.data());
      moved.share += std::abs(log_ratio(rows, columns, 0));
      moved.shift = best_shift(rows, columns);
    }
    return moved;
  }

  Side& rows_;
  Side& columns_;
  const SinkhornOptions& options_;
  RowSweep<T> sweep_;
  Scratch<double> balance_scratch_;  // there is some where a shift may be worth it
};

}  // namespace detail
CORYMB_END
