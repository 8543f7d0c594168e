#pragma once

#include <corymb/transport/capacity_assignment.hpp>
#include <corymb/transport/sinkhorn.hpp>

#include <vector>

CORYMB_BEGIN

struct BalancedAssignmentOptions {
  /// Rows of each cluster at least, and at most: one number for all clusters, or k of them, ≥ 0. Where both are empty,
  /// the clusters are equal: n / k rows each in the soft plan, ⌊n/k⌋ to ⌈n/k⌉ by hard labels. Where one is, there is no
  /// such bound.
  std::vector<Index> min_size = {};
  std::vector<Index> max_size = {};
  /// Weight of the entropy of the soft plan, > 0, in units of the cost.
  double epsilon = 0.05;
  SinkhornAlgorithm algorithm = SinkhornAlgorithm::scaling;  ///< not greenkhorn
  double tolerance = 1e-6;                                   ///< as in SinkhornOptions
  int max_iterations = 1000;                                 ///< sweeps at most, ≥ 1
  /// k potentials to start from: the column_potential of an earlier batch, say; empty for zeros.
  Vector initial_column_potential = {};
  Execution execution = {};
};

template <class T>
struct BalancedAssignment {
  Labels labels;                                  ///< n, in [0, k): of least cost within the bounds
  Eigen::Matrix<Index, Eigen::Dynamic, 1> sizes;  ///< k rows, within the bounds, always
  Vector prices;                                  ///< k: of the labels, see CapacityAssignment
  double cost = 0;                                ///< Σ_i cost(i, labels[i])
  RowMatrix<T> memberships;  ///< n × k: the soft plan; rows sum to 1, columns are within the bounds up to column_error
  Vector column_potential;   ///< k: of the plan, in units of the cost
  double epsilon = 0;        ///< of the plan
  double column_error = 0;   ///< by how many rows the sizes of the soft plan are off, all together
  Status status = Status::converged;  ///< of the soft plan: the labels are exact in any case
  int iterations = 0;
};

/// Assigns rows to clusters of given sizes: softly, by entropic transport (the equal partition of SeLa and SwAV, or any
/// bounds), and by hard labels that meet the sizes exactly. The labels are those of least cost; among labellings of the
/// same sizes they are the likeliest under the soft plan, for log plan and −cost / ε differ by what rows and clusters
/// contribute alone.
///
/// @param cost  n × k: squared distances to prototypes (point_costs stores none of them), or −scores for scores that
///              are to be high. +infinity forbids a pair.
/// @throws InvalidArgument  what sinkhorn and capacity_assignment throw: bounds that n rows cannot meet among others.
/// @throws NumericalError   the forbidden pairs leave no assignment within the bounds.
/// @throws MemoryLimitExceeded  the memberships would exceed execution.memory_limit; capacity_assignment needs none.
/// @throws Cancelled  the progress callback asked to stop while rows were moved to their labels. Stopped before, in the
///         sweeps, labels are still made, and the status is cancelled.
/// @note New rows: predict and predict_proba below, by the prices and potentials, whatever the sizes that leads to.
/// @note Progress: stages "sinkhorn" and "augment". Same bits for any number of threads and any storage order.
/// @note Time O(n k) a sweep, and that of capacity_assignment, which starts from the potentials. Memory O(n k).
/// @see Asano, Rupprecht and Vedaldi (2020), Self-labelling, ICLR; Caron et al. (2020), SwAV, NeurIPS 33
template <class T>
BalancedAssignment<T> balanced_assignment(const CostMatrix<T>& cost, const BalancedAssignmentOptions& options = {});

template <class Derived>
BalancedAssignment<typename Derived::Scalar> balanced_assignment(const Eigen::DenseBase<Derived>& cost,
                                                                 const BalancedAssignmentOptions& options = {}) {
  return balanced_assignment(CostMatrix<typename Derived::Scalar>(cost), options);
}

/// The cluster where cost − price is least, the lowest on ties, for each of m new rows (m × k costs). Rows of the fit
/// get their labels back, except where another cluster is as good (see CapacityAssignment).
template <class T>
Labels predict(const BalancedAssignment<T>& model, const CostMatrix<T>& cost_new, const Execution& execution = {});

template <class T, class Derived>
Labels predict(const BalancedAssignment<T>& model, const Eigen::DenseBase<Derived>& cost_new,
               const Execution& execution = {}) {
  return predict(model, CostMatrix<T>(cost_new), execution);
}

/// The memberships of m new rows (m × k costs) by the potentials of the soft plan; those of rows of the fit are the
/// same.
template <class T>
RowMatrix<T> predict_proba(const BalancedAssignment<T>& model, const CostMatrix<T>& cost_new,
                           const Execution& execution = {});

template <class T, class Derived>
RowMatrix<T> predict_proba(const BalancedAssignment<T>& model, const Eigen::DenseBase<Derived>& cost_new,
                           const Execution& execution = {}) {
  return predict_proba(model, CostMatrix<T>(cost_new), execution);
}

CORYMB_END

#include <corymb/transport/detail/balanced_assignment_impl.hpp>
