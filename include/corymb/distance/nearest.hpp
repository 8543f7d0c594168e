#pragma once

#include <corymb/core/execution.hpp>
#include <corymb/core/types.hpp>
#include <corymb/distance/metric.hpp>

#include <span>
#include <type_traits>

CORYMB_BEGIN

/// For each row of X the nearest row of C.
template <class T>
struct NearestResult {
  Labels labels;                                  ///< n, in [0, k); the lower row of C wins ties
  Eigen::Matrix<T, Eigen::Dynamic, 1> distances;  ///< n, the distance to it
};

/// For each row of X the m nearest rows of C, nearest first; the lower row wins ties.
template <class T>
struct NearestManyResult {
  RowMatrix<std::int32_t> indices;  ///< n × m
  RowMatrix<T> distances;           ///< n × m, ascending in each row
};

/// The nearest row of C for each row of X, without an n × k matrix.
/// @param X  n × d, one point per row; finite. Row-major memory is used in place, other layouts are copied once.
/// @param C  k × d, k ≥ 1, of the same scalar type; finite.
/// @return   labels and distances. For the Euclidean metric the nearest is decided by the squared distance, so two rows
///           whose roots round to one number still have an order; for haversine in double likewise by the chord.
/// @throws InvalidArgument  k = 0, no columns, different columns, an entry that is not finite or so large that squared
///         distances overflow, rows that the metric does not take (see Metric), a negative number of threads.
/// @throws MemoryLimitExceeded  packing column-major input would exceed execution.memory_limit.
/// @note Same bits for any number of threads and any storage order. Time O(n k d); memory O(n + k d) beyond X.
template <class DerivedX, class DerivedC>
NearestResult<typename DerivedX::Scalar> nearest(const Eigen::DenseBase<DerivedX>& X,
                                                 const Eigen::DenseBase<DerivedC>& C, Metric metric = Metric::euclidean,
                                                 const Execution& execution = {});

/// The same for a distance of your own (see pairwise_distances).
template <class DerivedX, class DerivedC, class Callable>
requires std::is_invocable_v<const Callable&, std::span<const typename DerivedX::Scalar>,
                             std::span<const typename DerivedX::Scalar>>
    NearestResult<typename DerivedX::Scalar> nearest(const Eigen::DenseBase<DerivedX>& X,
                                                     const Eigen::DenseBase<DerivedC>& C, const Callable& f,
                                                     const Execution& execution = {});

/// The m nearest rows of C for each row of X, 1 ≤ m ≤ k; m = 2 gives nearest and second nearest.
/// Decided as by nearest: of two equal values the lower row is nearer. indices(i, 0) is the label that nearest gives.
/// Time O(n k d) and the selection: about n (k + m² log(k / m)), at worst n k m. Memory O(n m + k d) beyond X;
/// MemoryLimitExceeded where n × m exceeds execution.memory_limit.
template <class DerivedX, class DerivedC>
NearestManyResult<typename DerivedX::Scalar> nearest_many(const Eigen::DenseBase<DerivedX>& X,
                                                          const Eigen::DenseBase<DerivedC>& C, Index m,
                                                          Metric metric = Metric::euclidean,
                                                          const Execution& execution = {});

/// The same for a distance of your own (see pairwise_distances).
template <class DerivedX, class DerivedC, class Callable>
requires std::is_invocable_v<const Callable&, std::span<const typename DerivedX::Scalar>,
                             std::span<const typename DerivedX::Scalar>>
    NearestManyResult<typename DerivedX::Scalar> nearest_many(const Eigen::DenseBase<DerivedX>& X,
                                                              const Eigen::DenseBase<DerivedC>& C, Index m,
                                                              const Callable& f, const Execution& execution = {});

CORYMB_END

#include <corymb/distance/detail/nearest_impl.hpp>
