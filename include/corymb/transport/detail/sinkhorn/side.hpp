#pragma once

#include <corymb/core/detail/validate.hpp>
#include <corymb/transport/detail/transport_kernels.hpp>
#include <corymb/transport/sinkhorn.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

CORYMB_BEGIN
namespace detail {

inline constexpr double infinite = std::numeric_limits<double>::infinity();

/// A mass that changes by exp(−rate · t) where t is added to the potentials.
struct TiltedMass {
  double rate;  // 0 for exact masses
  double log_mass;
};

/// Numbers of columns as the kernels want them: whole vectors.
inline Index padded_columns(Index k) {
  return (k + transport_kernels::padding - 1) / transport_kernels::padding * transport_kernels::padding;
}

/// The masses of the rows or of the columns, how they bind, and what follows: the proximal step, and the terms of the
/// objective and of its dual. Potentials are in units of ε unless they are said to be costs.
class Side {
 public:
  /// @param reachable  entries with a finite cost to an entry of the other side that has mass; others are left out
  Side(Vector mass, const MassConstraint& constraint, const std::vector<bool>& reachable)
      : mass_(std::move(mass)), log_mass_(Vector::Constant(padded_columns(mass_.size()), -infinite)) {
    const Index size = mass_.size();
    if (const auto* bounded = std::get_if<BoundedMass>(&constraint)) {
      lower_ = bounded->lower.size() > 0 ? bounded->lower : Vector::Zero(size);
      log_lower_ = lower_.array().log();
    } else if (const auto* relaxed = std::get_if<RelaxedMass>(&constraint)) {
      strength_ = relaxed->strengths.size() > 0 ? relaxed->strengths : Vector::Constant(size, relaxed->strength);
    } else {
      strength_ = Vector::Constant(size, std::holds_alternative<FreeMass>(constraint) ? 0.0 : infinite);
    }
    for (Index i = 0; i < size; ++i) {
      const bool free = strength_.size() > 0 && strength_[i] == 0;
      log_mass_[i] = !(mass_[i] > 0) || !reachable[static_cast<std::size_t>(i)] ? -infinite
                     : free                                                     ? 0
                                                                                : std::log(mass_[i]);
    }
    all_present_ = (log_mass_.head(size).array() > -infinite).all();
    exact_ = strength_.size() > 0 && (strength_.array() == infinite).all();
    group_by_strength();
  }

  Index size() const { return mass_.size(); }
  const Vector& mass() const { return mass_; }
  bool present(Index i) const { return log_mass_[i] > -infinite; }
  bool exact() const { return exact_; }
  /// Whether adding a constant to all potentials is a step worth considering, beside those of single entries.
  bool shiftable() const { return shiftable_; }
  bool relaxed() const { return shiftable_ && !exact(); }

  double epsilon() const { return epsilon_; }
  /// To be called before step().
  void set_epsilon(double epsilon) {
    epsilon_ = epsilon;
    exponents_ = (strength_.array() == infinite).select(1.0, strength_.array() / (strength_.array() + epsilon));
  }

  /// Entries from `begin` on: see StepTask.
  void step(Index begin, Index count, const double* largest, const double* sums, double relaxation, double* potentials,
            double* scales) const {
    transport_kernels::step({.n = count,
                             .masses = exact_ && relaxation == 1 ? mass_.data() + begin : nullptr,
                             .log_masses = log_mass_.data() + begin,
                             .exponents = exponents_.size() > 0 ? exponents_.data() + begin : nullptr,
                             .log_lower = log_lower_.size() > 0 ? log_lower_.data() + begin : nullptr,
                             .largest = largest,
                             .sums = sums,
                             .relaxation = relaxation,
                             .potentials = potentials,
                             .scales = scales});
  }

  /// What the masses of a plan cost: that of relaxed ones; bounds cost nothing.
  double penalty(const Vector& plan_mass) const {
    double sum = 0;
    for (Index i = 0; i < size() && strength_.size() > 0; ++i) {
      if (!(strength_[i] > 0) || strength_[i] == infinite || !(mass_[i] > 0)) continue;
      const double p = plan_mass[i];
      sum += strength_[i] * ((p > 0 ? p * std::log(p / mass_[i]) : 0) - p + mass_[i]);
    }
    return sum;
  }

  /// The term of a potential, in units of the cost, in the dual. What cannot be reached costs what relaxed mass costs.
  double dual_term(Index i, double potential) const {
    const bool present_here = present(i);
    if (strength_.size() == 0) {
      if (!present_here) return 0;
      return potential > 0 ? lower_[i] * potential : potential < 0 ? mass_[i] * potential : 0;
    }
    if (!(mass_[i] > 0) || strength_[i] == 0) return 0;
    if (strength_[i] == infinite) return present_here ? mass_[i] * potential : 0;
    return strength_[i] * mass_[i] * (present_here ? -std::expm1(-potential / strength_[i]) : 1);
  }

  /// Σ |mass of the plan − what it is to be|.
  double error(const Vector& plan_mass) const {
    double sum = 0;
    for (Index i = 0; i < size(); ++i) {
      const double p = plan_mass[i];
      if (strength_.size() == 0)
        sum += std::max({0.0, lower_[i] - p, p - mass_[i]});
      else if (strength_[i] > 0)
        sum += std::abs(p - mass_[i]);
    }
    return sum;
  }

  /// The masses as the dual weighs them: for each strength Σ mass_i exp(−potential_i / strength), in units of the cost.
  /// Empty where potentials have no common shift: within bounds, or where entries are free.
  /// @param scratch  room for as many numbers as there are entries, padded; aligned to 64 bytes
  std::vector<TiltedMass> tilted_masses(const double* potentials, double* scratch) const {
    std::vector<TiltedMass> tilted;
    if (!shiftable_) return tilted;
    Vector finite;
    if (!all_present_) {
      finite = Eigen::Map<const Vector>(potentials, size());
      for (Index i = 0; i < size(); ++i)
        if (!present(i)) finite[i] = 0;  // counts nothing, whatever its potential: infinities must not meet
      potentials = finite.data();
    }
    for (const Vector& log_masses : log_mass_by_strength_) {
      const double strength = strengths_[tilted.size()];
      double largest = 0, sum = 0;
      transport_kernels::exponentials(
          transport_kernels::ExponentialsTask<double>{.cost = {potentials, 1, size(), size()},
                                                      .origin = 0,
                                                      .per_epsilon = epsilon_ / strength,
                                                      .columns = log_masses.data(),
                                                      .values = scratch,
                                                      .largest = &largest,
                                                      .sums = &sum});
      tilted.push_back({1 / strength, largest + std::log(sum)});
    }
    return tilted;
  }

 private:
  static constexpr std::size_t most_strengths = 8;

  void group_by_strength() {
    for (Index i = 0; i < size() && strength_.size() > 0; ++i) {
      if (!(mass_[i] > 0)) continue;
      if (strength_[i] == 0) return;
      auto group = std::find(strengths_.begin(), strengths_.end(), strength_[i]) - strengths_.begin();
      if (group == static_cast<std::ptrdiff_t>(strengths_.size())) {
        if (strengths_.size() == most_strengths) return;
        strengths_.push_back(strength_[i]);
        log_mass_by_strength_.push_back(Vector::Constant(log_mass_.size(), -infinite));
      }
      log_mass_by_strength_[static_cast<std::size_t>(group)][i] = log_mass_[i];
    }
    shiftable_ = !strengths_.empty();
  }

  Vector mass_;
  Vector log_mass_;   // −infinity where there is none, or where it cannot be sent
  Vector strength_;   // empty within bounds
  Vector lower_;      // within bounds
  Vector log_lower_;  // likewise
  Vector exponents_;  // strength / (strength + ε)
  double epsilon_ = 0;
  bool all_present_ = false;
  bool exact_ = false;  // all masses are
  bool shiftable_ = false;
  std::vector<double> strengths_;             // the different ones
  std::vector<Vector> log_mass_by_strength_;  // −infinity where the strength is another
};

}  // namespace detail
CORYMB_END
