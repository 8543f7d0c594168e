#pragma once

#include <corymb/distance/distance_matrix.hpp>
#include <corymb/distance/nearest.hpp>
#include <corymb/neighbors/options.hpp>

#include <span>
#include <type_traits>

CORYMB_BEGIN

/// The k nearest other rows of X for each row of X, nearest first. A row is not its own neighbour; a duplicate of it
/// is, at distance 0.
/// @param X  n × d, one point per row; finite. Row-major memory is used in place, other layouts are copied once.
/// @param k  in [1, n − 1]
/// @return   indices and distances, n × k. Of two equally near rows the lower one is nearer; for the Euclidean metric
///           the squared distance decides, for haversine in double the chord.
/// @throws InvalidArgument  k out of its range, no columns, an entry that is not finite or so large that squared
///         distances overflow, rows that the metric does not take (see Metric), a tree for a metric that it does not
///         take, a negative number of threads.
/// @throws MemoryLimitExceeded  the result, the tree and a copy of X where one is needed exceed execution.memory_limit.
/// @throws Cancelled  the progress callback asked to stop.
/// @note Same bits for any number of threads, any storage order and any search. kd_tree: time O(n log n) in few
///       dimensions, memory O(n (d + k)); brute_force: time O(n² d), memory O(n k) beyond X. In the Euclidean metric
///       brute_force multiplies rows in blocks, where their variance is in few directions only their coordinates in
///       those (memory O(n d) then, if execution.memory_limit allows); what rounding leaves in doubt is computed as
///       defined.
///       J. H. Friedman, J. L. Bentley, R. A. Finkel, "An algorithm for finding best matches in logarithmic expected
///       time", ACM Transactions on Mathematical Software 3 (1977).
template <class Derived>
NearestManyResult<typename Derived::Scalar> nearest_neighbors(const Eigen::DenseBase<Derived>& X, Index k,
                                                              const NeighborOptions& options = {});

/// The k nearest rows of X for each row of Q, nearest first: k in [1, n], the result m × k.
/// @param Q  m × d, of the same scalar type; finite
template <class DerivedX, class DerivedQ>
NearestManyResult<typename DerivedX::Scalar> nearest_neighbors(const Eigen::DenseBase<DerivedX>& X,
                                                               const Eigen::DenseBase<DerivedQ>& Q, Index k,
                                                               const NeighborOptions& options = {});

/// The same for a distance of your own (see pairwise_distances), by brute force or a ball_tree. f(x, y) is asked for
/// the row that looks for neighbours as x.
template <class Derived, class Callable>
requires std::is_invocable_v<const Callable&, std::span<const typename Derived::Scalar>,
                             std::span<const typename Derived::Scalar>>
    NearestManyResult<typename Derived::Scalar> nearest_neighbors(const Eigen::DenseBase<Derived>& X, Index k,
                                                                  const Callable& f,
                                                                  const NeighborOptions& options = {});
template <class DerivedX, class DerivedQ, class Callable>
requires std::is_invocable_v<const Callable&, std::span<const typename DerivedX::Scalar>,
                             std::span<const typename DerivedX::Scalar>>
    NearestManyResult<typename DerivedX::Scalar> nearest_neighbors(const Eigen::DenseBase<DerivedX>& X,
                                                                   const Eigen::DenseBase<DerivedQ>& Q, Index k,
                                                                   const Callable& f,
                                                                   const NeighborOptions& options = {});

/// The k nearest other objects by a matrix of distances: D(i, j) is that of object i, which looks for neighbours, to j.
/// @throws InvalidArgument  also an entry that is not finite, is negative, or stands on the diagonal and is not 0.
template <class T>
NearestManyResult<T> nearest_neighbors(const DistanceMatrix<T>& D, Index k, const NeighborOptions& options = {});
template <class F>
NearestManyResult<DissimilarityScalar<F>> nearest_neighbors(const Dissimilarity<F>& D, Index k,
                                                            const NeighborOptions& options = {});

CORYMB_END

#include <corymb/neighbors/detail/nearest_neighbors_impl.hpp>
