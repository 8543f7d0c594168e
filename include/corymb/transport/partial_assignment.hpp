#pragma once

#include <corymb/core/execution.hpp>
#include <corymb/core/types.hpp>
#include <corymb/transport/sinkhorn.hpp>

#include <limits>

CORYMB_BEGIN

/// Which cluster a share of the prior belongs to.
enum class PriorOrder {
  by_predicted_mass,  ///< the largest share goes to the cluster with the largest predicted mass, and so on: the prior
                      ///< says how uneven clusters are, not which one is large
  as_given,           ///< share j to cluster j
};

struct PartialAssignmentOptions {
  /// Strength λ of the clusters' masses, > 0: what it costs that they are not those of the prior. Infinity makes them
  /// exact.
  double strength = 1;
  /// Weight of the entropy, > 0, in units of the cost.
  double epsilon = 0.1;
  /// k shares ≥ 0 of the clusters, up to a factor; empty for equal ones.
  Vector prior = {};
  PriorOrder prior_order = PriorOrder::by_predicted_mass;
  /// One weight ≥ 0 per row, or empty for all one. A weight w means w copies of the row.
  Vector weights = {};
  SinkhornAlgorithm algorithm = SinkhornAlgorithm::scaling;  ///< not greenkhorn
  double tolerance = 1e-8;                                   ///< as in SinkhornOptions
  int max_iterations = 1000;                                 ///< sweeps at most, ≥ 1
  /// Where the iterations start: the column_potential of an earlier result, k + 1 numbers; empty for zeros.
  Vector initial_column_potential = {};
  Execution execution = {};
};

template <class T>
struct PartialAssignment {
  RowMatrix<T> memberships;  ///< n × k ≥ 0: what part of a row belongs to which cluster; rows sum to `confidence`
  Vector confidence;        ///< n, in [0, 1]: how much of the row is assigned at all, a weight for what uses the labels
  Labels labels;            ///< n, in [0, k): the largest membership, the lower cluster on ties
  Vector cluster_mass;      ///< k, shares of all rows; their sum is the mass asked for
  Vector prior;             ///< k, what they were to be near to
  Vector column_potential;  ///< k + 1: of the clusters, and of what is not assigned
  double objective = 0;  ///< Σ Q cost + λ KL(cluster masses | prior) + ε Σ Q (log Q − 1), of Q with its last column
  Status status = Status::converged;
  int iterations = 0;
};

/// Progressive partial optimal transport (P²OT): assigns a share `mass` of all rows to k clusters, those rows (or parts
/// of rows) that are cheapest to assign, with clusters near a prior but free to differ from it. For pseudo-labels of
/// uneven clusters, with `mass` growing from call to call (see progressive_mass).
///
/// The plan Q minimises Σ Q_ij cost_ij + λ KL(Qᵀ 1 | mass · prior) + ε Σ Q_ij (log Q_ij − 1) with rows Q 1 ≤ 1 / n and
/// total mass `mass`. A column of cost 0 takes what is not assigned, so this is sinkhorn with exact rows, relaxed
/// clusters and one exact column.
///
/// @param cost  n × k, usually −log p_ij of predicted probabilities (softmax_costs of logits). +infinity forbids a
/// pair.
/// @param mass  share of the rows to be assigned, in (0, 1].
/// @throws InvalidArgument  mass or options out of range, and what sinkhorn throws.
/// @throws MemoryLimitExceeded  the result would exceed execution.memory_limit.
/// @note The released code of the paper sorts a prior to the *descending summed cost* of the clusters, which gives the
///       largest share to the cluster that fits worst; here predicted mass decides: Σ_i of the softmax of −cost_i.
/// @note Same bits for any number of threads and any storage order. Time and memory as sinkhorn with scaling.
/// @see Zhang, Ren and He (2024), P²OT, ICLR, arXiv:2401.09266
template <class T>
PartialAssignment<T> progressive_partial_assignment(const CostMatrix<T>& cost, double mass,
                                                    const PartialAssignmentOptions& options = {});

template <class Derived>
PartialAssignment<typename Derived::Scalar> progressive_partial_assignment(
    const Eigen::DenseBase<Derived>& cost, double mass, const PartialAssignmentOptions& options = {}) {
  return progressive_partial_assignment(CostMatrix<typename Derived::Scalar>(cost), mass, options);
}

enum class MassRamp {
  sigmoid,  ///< exp(−5 (1 − t)²)
  linear,   ///< t
};

/// The share of the rows to assign at step `step` of `steps`: rises from near `initial` at step 0 to 1 at the last.
/// @throws InvalidArgument  step outside [0, steps], steps < 1, initial outside (0, 1].
inline double progressive_mass(Index step, Index steps, double initial = 0.1, MassRamp ramp = MassRamp::sigmoid);

/// Costs −log softmax(scale · logits_i), row by row: those of predicted probabilities.
/// @param logits  n × k, finite.
/// @param scale   finite and > 0: the inverse temperature (cosine similarities: about 10)
/// @throws InvalidArgument  an entry that is not finite, a scale out of range.
template <class Derived>
RowMatrix<typename Derived::Scalar> softmax_costs(const Eigen::DenseBase<Derived>& logits, double scale = 1);

CORYMB_END

#include <corymb/transport/detail/partial_assignment_impl.hpp>
