#pragma once

#include <corymb/core/execution.hpp>
#include <corymb/core/types.hpp>
#include <corymb/transport/cost_matrix.hpp>

#include <vector>

CORYMB_BEGIN

struct CapacityAssignmentOptions {
  /// Rows of each column at least, and at most: one number for all columns, or k of them, ≥ 0. Where both are empty,
  /// the columns are as equal as can be: ⌊n/k⌋ to ⌈n/k⌉ rows each. Where one is, there is no such bound.
  std::vector<Index> min_size = {};
  std::vector<Index> max_size = {};
  /// k finite prices to start from, or empty. Good ones, such as those of a similar problem or the potentials of
  /// sinkhorn, save most of the time; any lead to the least cost.
  Vector initial_prices = {};
  Execution execution = {};
};

/// Every row in one column, with the proof that it costs least: cost(i, j) − prices[j] is least in the column of row i,
/// among all j; prices[j] > 0 only where column j has as few rows as it may, < 0 only where it has as many as it may.
/// So Σ_i min_j (cost(i, j) − prices[j]) + Σ_j (prices[j] > 0 ? min_j : max_j) · prices[j] is the cost, with max_j at
/// most n. (All up to rounding.)
template <class T>
struct CapacityAssignment {
  Labels labels;                                  ///< n, in [0, k)
  Eigen::Matrix<Index, Eigen::Dynamic, 1> sizes;  ///< k, the number of rows of each column
  Vector prices;                                  ///< k, in units of the costs
  double cost = 0;                                ///< Σ_i cost(i, labels[i])
};

/// Puts each of n rows into one of k columns so that every column has as many rows as it should and the sum of the
/// costs is least: exactly, not nearly. For many rows and few columns (clusters of bounded size; linear_assignment is
/// the case of one row a column). Rows have no weights here: with weights the problem is that of bin packing.
///
/// @param cost  n × k with n, k ≥ 1: a CostMatrix, or a matrix of float or double. +infinity forbids a pair.
/// @return      one of the assignments of least cost. Which one, where there are several, depends on the values alone,
///              and on initial_prices.
/// @throws InvalidArgument  before any work: a cost is NaN or -infinity; bounds of another number than 1 or k,
/// negative,
///         crossing, or such that all rows together are too few or too many; prices of another number, or not finite.
/// @throws NumericalError   the forbidden pairs leave no assignment within the bounds.
/// @throws MemoryLimitExceeded  the working memory would exceed execution.memory_limit.
/// @throws Cancelled  the progress callback asked to stop.
/// @note Starts by putting each row where cost − price is least, then moves single rows along shortest paths between
///       columns until all sizes are right. The first prices are those of a quarter of the rows, solved likewise.
///       Stage name for progress: "augment", in steps of rows that have moved; there are several rounds of them.
/// @note Same bits for any number of threads. Time O(n k) plus, for every row that moves, at worst O(k² + n) and much
///       less as a rule. Memory 29 bytes a row and at most some 160 k² or 64 n bytes more, never n × k.
/// @see Ahuja, Magnanti and Orlin (1993), Network Flows, sections 9.7 and 12.4; Bradley, Bennett and Demiriz (2000),
///      Constrained k-means clustering, MSR-TR-2000-65.
template <class T>
CapacityAssignment<T> capacity_assignment(const CostMatrix<T>& cost, const CapacityAssignmentOptions& options = {});

template <class Derived>
CapacityAssignment<typename Derived::Scalar> capacity_assignment(const Eigen::DenseBase<Derived>& cost,
                                                                 const CapacityAssignmentOptions& options = {});

/// The column where cost − price is least, the lowest on ties, for each of m new rows (m × k costs): what the prices
/// say, whatever the sizes that leads to. For the rows of the assignment itself these are its labels, except where
/// another column is as good: among them are always some of the rows at the border between columns, at most some k in
/// general, more where costs are equal.
template <class T>
Labels predict(const CapacityAssignment<T>& model, const CostMatrix<T>& cost, const Execution& execution = {});

template <class T, class Derived>
Labels predict(const CapacityAssignment<T>& model, const Eigen::DenseBase<Derived>& cost,
               const Execution& execution = {});

CORYMB_END

#include <corymb/transport/detail/capacity_assignment_impl.hpp>
