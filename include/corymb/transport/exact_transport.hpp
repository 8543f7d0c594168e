#pragma once

#include <corymb/core/execution.hpp>
#include <corymb/core/types.hpp>
#include <corymb/transport/cost_matrix.hpp>

#include <cstdint>
#include <vector>

CORYMB_BEGIN

struct ExactTransportOptions {
  Execution execution = {};
};

/// Mass that a row sends to a column, > 0.
struct TransportEntry {
  Index row;
  Index column;
  double mass;
};

/// A plan of least cost, with the proof that there is no cheaper one: row_potential[i] + column_potential[j] ≤ cost(i,
/// j) for all pairs, with equality where mass is sent, and Σ_i mass_i row_potential[i] + Σ_j mass_j column_potential[j]
/// is the cost (all up to rounding). Potentials are determined up to a constant, which is chosen so that the second sum
/// is 0.
struct ExactTransport {
  std::vector<TransportEntry> plan;  ///< at most n + k − 1 entries, by row and then by column
  double cost = 0;                   ///< Σ mass · cost(row, column) over the entries
  Vector row_potential;              ///< n
  Vector column_potential;           ///< k
  std::int64_t pivots = 0;           ///< steps of the simplex method
  Status status = Status::converged;
};

/// Optimal transport: sends the masses of n rows to k columns, each of which wants a given mass, at the least total
/// cost Σ_ij plan(i, j) cost(i, j). Exactly, by the network simplex method; computed in double, masses in whole
/// numbers.
///
/// @param cost         n × k with n, k ≥ 1: a CostMatrix, or a matrix of float or double. +infinity forbids a pair.
/// @param row_mass     n masses ≥ 0, or empty for 1/n each.
/// @param column_mass  k masses ≥ 0, or empty for 1/k each. Both sums must agree within 1e-9 of them; the column
///                     masses are scaled so that they do agree.
/// @return             one of the plans of least cost; which one, where there are several, depends on the values
///                     alone. After a cancellation a plan that need not be the cheapest, and may leave mass at home
///                     where pairs are forbidden, with potentials that obey the inequality: what they sum to is a
///                     lower bound of the least cost.
/// @throws InvalidArgument  before any work: a cost is NaN or -infinity, masses of another number, negative, not
/// finite,
///         all 0, or of sums that differ.
/// @throws NumericalError   the forbidden pairs do not let all mass arrive; the message says how much.
/// @throws MemoryLimitExceeded  the working memory would exceed execution.memory_limit.
/// @note Each mass is met within a few units of 1e-15 of itself, or 1e-18 of all mass if that is more. Rows and columns
///       of mass 0 send nothing; their potentials obey the inequality.
/// @note Time: some n + k to 10 (n + k) pivots, of O(n + k + √(n k)) each; a second or so for n = k = 2000. Memory 100
///       bytes per row and column, and the costs if they are not stored: n k numbers. Threads look at the costs once
///       and cannot help the simplex method. Stage name for progress: "pivots", with the present cost as objective.
/// @see Ahuja, Magnanti and Orlin (1993), Network Flows, chapter 11; Cunningham (1976), doi:10.1007/BF01580379 (why it
///      ends); Bonneel et al. (2011), doi:10.1145/2070781.2024192; Király and Kovács (2012), arXiv:1207.6381 (which arc
///      comes next).
template <class T>
ExactTransport exact_transport(const CostMatrix<T>& cost, const Vector& row_mass = {}, const Vector& column_mass = {},
                               const ExactTransportOptions& options = {});

template <class Derived>
ExactTransport exact_transport(const Eigen::DenseBase<Derived>& cost, const Vector& row_mass = {},
                               const Vector& column_mass = {}, const ExactTransportOptions& options = {});

/// The plan as a matrix, n × k.
inline RowMatrix<double> dense_plan(const ExactTransport& result) {
  RowMatrix<double> plan = RowMatrix<double>::Zero(result.row_potential.size(), result.column_potential.size());
  for (const TransportEntry& entry : result.plan) plan(entry.row, entry.column) = entry.mass;
  return plan;
}

CORYMB_END

#include <corymb/transport/detail/exact_transport_impl.hpp>
