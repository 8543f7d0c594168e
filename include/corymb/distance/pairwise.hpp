#pragma once

#include <corymb/core/execution.hpp>
#include <corymb/core/types.hpp>
#include <corymb/distance/metric.hpp>

#include <span>
#include <type_traits>

CORYMB_BEGIN

/// Distances between all rows of two matrices.
/// @param X  n × d, one point per row; finite. Row-major memory is used in place, other layouts are copied once.
/// @param Y  m × d, of the same scalar type.
/// @return   n × m distances; entry (i, j) is the distance of X's row i and Y's row j. n = 0 or m = 0 is allowed.
/// @throws InvalidArgument  no columns, different columns, an entry that is not finite or so large that squared
///         distances overflow, rows that the metric does not take (see Metric), a negative number of threads.
/// @throws MemoryLimitExceeded  the matrix would exceed execution.memory_limit.
/// @note Same bits for any number of threads and any storage order. Time O(n m d); memory O(n m), and a copy of Y for
///       correlation, jaccard and haversine.
template <class DerivedX, class DerivedY>
RowMatrix<typename DerivedX::Scalar> pairwise_distances(const Eigen::DenseBase<DerivedX>& X,
                                                        const Eigen::DenseBase<DerivedY>& Y,
                                                        Metric metric = Metric::euclidean,
                                                        const Execution& execution = {});

/// The same for a distance of your own, called as f(std::span<const T>, std::span<const T>) -> T, from several threads
/// at a time. f must be finite and ≥ 0 (an error names the pair otherwise); it need not be symmetric. If
/// its type has a member accepts_missing_values that is true (see Gower), entries may be NaN.
template <class DerivedX, class DerivedY, class Callable>
requires std::is_invocable_v<const Callable&, std::span<const typename DerivedX::Scalar>,
                             std::span<const typename DerivedX::Scalar>>
    RowMatrix<typename DerivedX::Scalar> pairwise_distances(const Eigen::DenseBase<DerivedX>& X,
                                                            const Eigen::DenseBase<DerivedY>& Y, const Callable& f,
                                                            const Execution& execution = {});

CORYMB_END

#include <corymb/distance/detail/pairwise_impl.hpp>
