#pragma once

#include <corymb/core/types.hpp>
#include <corymb/distance/distance_matrix.hpp>
#include <corymb/neighbors/options.hpp>

#include <Eigen/SparseCore>

#include <span>
#include <type_traits>

CORYMB_BEGIN

/// A graph over rows: entry (i, j) is the distance of j seen from i, rows ascending. An entry may be stored and be 0: a
/// duplicate.
template <class T>
using RadiusNeighbors = Eigen::SparseMatrix<T, Eigen::RowMajor, Index>;

/// One number of neighbours per row.
using NeighborCounts = Eigen::Matrix<Index, Eigen::Dynamic, 1>;

/// All other rows of X within a radius of each row of X. A row is not its own neighbour; a duplicate of it is.
/// @param X       n × d, one point per row; finite. Row-major memory is used in place, other layouts are copied once.
/// @param radius  ≥ 0; a distance, in the metric's unit. A distance equal to it is within it.
/// @return        n × n, compressed
/// @throws InvalidArgument  radius out of range, no columns, an entry that is not finite or so large that squared
///         distances overflow, rows that the metric does not take (see Metric), kd_tree for a metric that it does not
///         take, a negative number of threads.
/// @throws MemoryLimitExceeded  the result, or what the search takes, exceeds execution.memory_limit. It is counted
///         first.
/// @throws Cancelled  the progress callback asked to stop.
/// @note Exact, also on ties: the distances are those of pairwise_distances. Same bits for any number of threads, any
///       storage order and any search. kd_tree: time O(n log n + e) for e neighbours in few dimensions, memory
///       O(n d + e); brute_force: time O(n² d), memory O(e) beyond X.
template <class Derived>
RadiusNeighbors<typename Derived::Scalar> radius_neighbors(const Eigen::DenseBase<Derived>& X, double radius,
                                                           const NeighborOptions& options = {});

/// All rows of X within a radius of each row of Q: m × n.
/// @param Q  m × d, of the same scalar type; finite
template <class DerivedX, class DerivedQ>
RadiusNeighbors<typename DerivedX::Scalar> radius_neighbors(const Eigen::DenseBase<DerivedX>& X,
                                                            const Eigen::DenseBase<DerivedQ>& Q, double radius,
                                                            const NeighborOptions& options = {});

/// The same for a distance of your own (see pairwise_distances), by brute force. f(x, y) is asked for the row that
/// looks for neighbours as x, twice for each pair.
template <class Derived, class Callable>
requires std::is_invocable_v<const Callable&, std::span<const typename Derived::Scalar>,
                             std::span<const typename Derived::Scalar>>
    RadiusNeighbors<typename Derived::Scalar> radius_neighbors(const Eigen::DenseBase<Derived>& X, double radius,
                                                               const Callable& f, const NeighborOptions& options = {});

/// The same by a matrix of distances: D(i, j) is that of object i, which looks for neighbours, to j.
/// @throws InvalidArgument  also an entry that is not finite, is negative, or stands on the diagonal and is not 0.
template <class T>
RadiusNeighbors<T> radius_neighbors(const DistanceMatrix<T>& D, double radius, const NeighborOptions& options = {});
template <class F>
RadiusNeighbors<DissimilarityScalar<F>> radius_neighbors(const Dissimilarity<F>& D, double radius,
                                                         const NeighborOptions& options = {});

/// How many neighbours each row has: the lengths of the rows that radius_neighbors would give, in memory O(n).
template <class Derived>
NeighborCounts count_neighbors(const Eigen::DenseBase<Derived>& X, double radius, const NeighborOptions& options = {});
template <class DerivedX, class DerivedQ>
NeighborCounts count_neighbors(const Eigen::DenseBase<DerivedX>& X, const Eigen::DenseBase<DerivedQ>& Q, double radius,
                               const NeighborOptions& options = {});
template <class Derived, class Callable>
requires std::is_invocable_v<const Callable&, std::span<const typename Derived::Scalar>,
                             std::span<const typename Derived::Scalar>>
    NeighborCounts count_neighbors(const Eigen::DenseBase<Derived>& X, double radius, const Callable& f,
                                   const NeighborOptions& options = {});
template <class T>
NeighborCounts count_neighbors(const DistanceMatrix<T>& D, double radius, const NeighborOptions& options = {});
template <class F>
NeighborCounts count_neighbors(const Dissimilarity<F>& D, double radius, const NeighborOptions& options = {});

CORYMB_END

#include <corymb/neighbors/detail/radius_neighbors_impl.hpp>
