#pragma once

#include <corymb/core/execution.hpp>
#include <corymb/core/types.hpp>
#include <corymb/transport/cost_matrix.hpp>

#include <optional>
#include <variant>

CORYMB_BEGIN

/// The masses of the plan are to be those given.
struct ExactMass {};

/// The masses may differ from those given, at the price of strength · Σ_i (p_i log(p_i / m_i) − p_i + m_i) for masses p
/// where m were given.
struct RelaxedMass {
  double strength = 1;    ///< ≥ 0, in units of the cost; infinity is exact, 0 free
  Vector strengths = {};  ///< one for each row or column, instead
};

/// The masses of the plan are to be within bounds: at most those given, which may be infinite.
struct BoundedMass {
  Vector lower = {};  ///< at least these, finite and ≥ 0; empty for 0
};

/// The masses may be any. Those given count only as zero, which leaves the row or column out, or not.
struct FreeMass {};

/// How firmly the masses of the rows or of the columns bind.
using MassConstraint = std::variant<ExactMass, RelaxedMass, BoundedMass, FreeMass>;

enum class SinkhornAlgorithm {
  log_domain,  ///< logarithms of sums of exponentials: safe at any ε, no memory beyond the costs, one exponential for
               ///< each pair and sweep
  scaling,     ///< the kernel exp(−cost / ε) is stored, with the potentials absorbed whenever the scalings leave a
               ///< safe range: several times faster, and as safe. Memory n k, that of the plan
  greenkhorn,  ///< one row or column at a time, the one that is farthest from its mass: for exact masses. Not parallel
};

struct SinkhornOptions {
  /// Weight ε of the entropy, > 0, in units of the cost. Smaller ones come closer to the cheapest plan and take more
  /// sweeps.
  double epsilon = 0.05;
  SinkhornAlgorithm algorithm = SinkhornAlgorithm::log_domain;
  /// What row_mass and column_mass mean. Rows or columns that are only bounded or free need some other bound on the
  /// total: exact masses of the other side, or total_mass.
  MassConstraint rows = ExactMass{};
  MassConstraint columns = ExactMass{};
  /// The mass of the whole plan (partial transport); neither side may have exact masses then.
  std::optional<double> total_mass = {};
  /// Converged when a sweep moves at most this share of the total mass: with exact masses, Σ_j |the plan's column mass
  /// − column_mass_j| where the rows are met. ≥ 0. A scaled float kernel does not get below some 10⁻⁶.
  double tolerance = 1e-6;
  /// Sweeps at most, ≥ 1, over all stages of ε. A sweep adjusts all rows, then all columns (greenkhorn: as many single
  /// rows or columns as there are).
  int max_iterations = 1000;
  /// Over-relaxation ω in [1, 2): steps go ω times as far. Near 2 for small ε; exact masses only, not greenkhorn. After
  /// a sweep that made matters worse, the next goes the plain step.
  double relaxation = 1;
  /// ε-scaling: begins at this ε, > epsilon, and multiplies it by epsilon_factor whenever a stage has converged to
  /// 1 % of the mass, until it is epsilon. 0 begins there.
  double initial_epsilon = 0;
  /// In (0, 1).
  double epsilon_factor = 0.5;
  /// k potentials to start from, in units of the cost, e.g. those of a similar problem; empty for zeros.
  Vector initial_column_potential = {};
  /// Whether the result holds the plan. Without it, the memory is O(n + k) beyond the costs (log_domain).
  bool plan = true;
  Execution execution = {};
};

/// A plan is P_ij = exp((row_potential_i + column_potential_j + mass_potential − cost_ij) / ε).
template <class T>
struct SinkhornResult {
  RowMatrix<T> plan;          ///< n × k ≥ 0; empty unless asked for
  Vector row_potential;       ///< n, in units of the cost; −infinity where a row sends nothing
  Vector column_potential;    ///< k; −infinity where a column receives nothing
  double mass_potential = 0;  ///< of total_mass
  double epsilon = 0;     ///< the potentials are those of this ε: the one asked for, unless the run ended in a stage
                          ///< of ε-scaling before it
  Vector row_mass;        ///< n: Σ_j P_ij
  Vector column_mass;     ///< k: Σ_i P_ij
  double cost = 0;        ///< Σ P_ij cost_ij
  double objective = 0;   ///< cost + ε Σ P_ij (log P_ij − 1) + what relaxed masses cost; that of the plan as it is
  double dual_value = 0;  ///< of the potentials: a lower bound of the objective of plans that meet all masses
  double row_error = 0;  ///< Σ_i |row mass of the plan − row_mass_i|. Of bounded masses, by how much they are violated;
                         ///< of relaxed ones no error, but how far they give way; of free ones 0
  double column_error = 0;  ///< likewise
  Status status = Status::converged;
  int iterations = 0;
};

/// Entropic optimal transport by the Sinkhorn–Knopp iterations: the plan P ≥ 0 that minimises
/// Σ P_ij cost_ij + ε Σ P_ij (log P_ij − 1), with row masses row_mass and column masses column_mass, or as near to them
/// as options.rows and options.columns say. Balanced, unbalanced, semi-relaxed and partial transport are the same
/// iterations with other steps.
///
/// @param cost         n × k, n ≥ 1, k ≥ 1: a matrix of float or double, or a CostMatrix. Row-major memory is used in
///                     place, other layouts are copied once. +infinity forbids a pair.
/// @param row_mass     n masses ≥ 0; empty for 1 / n each. A row of mass 0 sends nothing.
/// @param column_mass  k likewise. With exact masses on both sides the totals must agree to a relative 10⁻⁹ (the masses
///                     of the columns are then scaled by the difference).
/// @throws InvalidArgument  before any work: an entry that is NaN or −infinity, masses that are negative, not finite,
/// of
///         another number or of another total, an exact mass that no finite cost can carry, options out of range or
///         that do not go together.
/// @throws MemoryLimitExceeded  plan, kernel or working memory would exceed execution.memory_limit.
/// @note Same bits for any number of threads and any storage order. Exponents are formed in double, of float costs too;
///       scaling stores and multiplies the kernel in the type of the costs. Costs may differ by 10⁷ ε and more.
/// @note After a run that converged or was stopped, the rows are met up to rounding (without relaxation) and the
/// columns
///       within the tolerance. Where both sides are relaxed, each sweep also shifts mass between the two potentials by
///       the best constant (translation-invariant iterations), which large strengths need.
/// @note Progress: stage "sinkhorn", the objective is the share of mass the sweep moved.
/// @note Time O(n k) a sweep, one exponential for each pair or (scaling) two multiplications. Memory beyond costs and
///       plan O(n + 64 k); the kernel of scaling stands where the plan will.
/// @see Cuturi (2013), NeurIPS 26; Schmitzer (2019) doi:10.1137/16M1106018 (log domain, absorption, ε-scaling);
///      Chizat, Peyré, Schmitzer and Vialard (2018) doi:10.1090/mcom/3303 (relaxed masses); Séjourné, Vialard and Peyré
///      (2022) AISTATS (translation invariance); Benamou et al. (2015) doi:10.1137/141000439 (bounds, partial);
///      Thibault et al. (2021) doi:10.3390/a14050143 (over-relaxation); Altschuler, Weed and Rigollet (2017) NeurIPS 30
///      (Greenkhorn)
template <class T>
SinkhornResult<T> sinkhorn(const CostMatrix<T>& cost, const Vector& row_mass, const Vector& column_mass,
                           const SinkhornOptions& options = {});

template <class Derived>
SinkhornResult<typename Derived::Scalar> sinkhorn(const Eigen::DenseBase<Derived>& cost, const Vector& row_mass,
                                                  const Vector& column_mass, const SinkhornOptions& options = {}) {
  return sinkhorn(CostMatrix<typename Derived::Scalar>(cost), row_mass, column_mass, options);
}

/// The columns as new rows would share themselves among them, by the potentials of a fit: row i of the result is
/// proportional to exp((column_potential_j − cost_new_ij) / ε) and sums to one.
/// @param cost_new  m × k
/// @throws InvalidArgument  other columns than the fit has, NaN or −infinity, a row without a finite cost to a column
///         that receives mass.
template <class T>
RowMatrix<T> predict_proba(const SinkhornResult<T>& model, const CostMatrix<T>& cost_new,
                           const Execution& execution = {});

template <class T, class Derived>
RowMatrix<T> predict_proba(const SinkhornResult<T>& model, const Eigen::DenseBase<Derived>& cost_new,
                           const Execution& execution = {}) {
  return predict_proba(model, CostMatrix<T>(cost_new), execution);
}

/// The column of the largest of these shares, the lowest one on ties.
template <class T>
Labels predict(const SinkhornResult<T>& model, const CostMatrix<T>& cost_new, const Execution& execution = {});

template <class T, class Derived>
Labels predict(const SinkhornResult<T>& model, const Eigen::DenseBase<Derived>& cost_new,
               const Execution& execution = {}) {
  return predict(model, CostMatrix<T>(cost_new), execution);
}

CORYMB_END

#include <corymb/transport/detail/sinkhorn/sinkhorn_impl.hpp>
