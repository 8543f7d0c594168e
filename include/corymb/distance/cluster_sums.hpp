#pragma once

#include <corymb/core/execution.hpp>
#include <corymb/core/types.hpp>

CORYMB_BEGIN

/// The weighted sum of the points of each cluster.
struct ClusterSums {
  RowMatrix<double> sums;  ///< k × d, Σ w_i x_i over the points of the cluster
  Vector weights;          ///< k, Σ w_i; without weights the number of points
};

/// Sums per cluster, in double.
/// @param X        n × d, one point per row; finite. Row-major memory is used in place, other layouts are copied once.
/// @param labels   n labels in [0, k); a point labelled `noise` belongs to no sum.
/// @param weights  n weights ≥ 0, or empty for all one.
/// @throws InvalidArgument  a label outside [noise, k), sizes that disagree, k < 1, an entry that is not finite or too
///         large, weights that are negative, not finite or all 0.
/// @throws MemoryLimitExceeded  the sums would exceed execution.memory_limit.
/// @note Same bits for any number of threads and any storage order. Time O(n d); memory O(k d), or O(n + k d) when k d
///       is large.
template <class Derived>
ClusterSums cluster_sums(const Eigen::DenseBase<Derived>& X, const Labels& labels, Index k, const Vector& weights = {},
                         const Execution& execution = {});

CORYMB_END

#include <corymb/distance/detail/cluster_sums_impl.hpp>
