#pragma once

#include <corymb/core/types.hpp>

CORYMB_BEGIN

struct LinearAssignmentOptions {
  /// Find the matching of largest total instead; -infinity then forbids a pair.
  bool maximize = false;
};

/// A matching of min(n, m) pairs of rows and columns, with the proof that it is optimal: the potentials satisfy
/// row_potential[i] + column_potential[j] ≤ cost(i, j) for all pairs, with equality on the matched ones (up to
/// rounding), those of the longer side are ≤ 0, and 0 where it is unmatched, and the sum of all is the cost. With
/// `maximize` both inequalities are turned round.
struct LinearAssignment {
  Eigen::Matrix<Index, Eigen::Dynamic, 1> row_to_column;  ///< n; -1 = unmatched
  Eigen::Matrix<Index, Eigen::Dynamic, 1> column_to_row;  ///< m; -1 = unmatched
  double cost = 0;                                        ///< sum of the matched entries
  Vector row_potential;                                   ///< n
  Vector column_potential;                                ///< m
};

namespace detail {
template <class Derived>
LinearAssignment linear_assignment(const Derived& cost, bool maximize);
}

/// Matches rows to columns one to one so that the sum of the matched entries is minimal (or maximal): the assignment
/// problem, by shortest augmenting paths, computed in double. min(n, m) pairs are matched; which of several optimal
/// matchings is returned depends on the values alone.
/// @param cost  n x m, any scalar that converts to double. +infinity forbids a pair; other entries are at most 1e300
///              in magnitude. A copy is made.
/// @return      the matching, its cost and the dual potentials; empty where n or m is 0.
/// @throws InvalidArgument  an entry is NaN, -infinity or too large; the first one is named.
/// @throws NumericalError   the forbidden pairs leave no matching of min(n, m) pairs.
/// @note Time O(a² b) with a = min(n, m), b = max(n, m); memory O(n m).
/// @see Crouse (2016) doi:10.1109/TAES.2016.140952; Jonker & Volgenant (1987) doi:10.1007/BF02278710
template <class Derived>
LinearAssignment linear_assignment(const Eigen::DenseBase<Derived>& cost, const LinearAssignmentOptions& options = {}) {
  return detail::linear_assignment(cost.derived(), options.maximize);
}

CORYMB_END

#include <corymb/core/detail/linear_assignment.hpp>
