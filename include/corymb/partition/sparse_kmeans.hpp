#pragma once

#include <corymb/partition/kmeans.hpp>

#include <Eigen/SparseCore>

CORYMB_BEGIN

/// k-means of sparse rows, which are never made dense: nothing of the size n × d arises. From the same first centroids
/// labels, centroids and iterations are those of the dense matrix with the same values, bit for bit.
///
/// @param X  n × d, one point per row; finite, compressed or not. Entries that are not stored are 0; stored zeros may
///           be there. Columns ascend within a row, without duplicates. StorageIndex: int, std::int64_t, …
/// @param k  number of clusters, 1 ≤ k ≤ the number of rows of positive weight.
/// @param options  as for dense rows, but
///           init is random, kmeans_plus_plus or greedy_kmeans_plus_plus. The last two compute squared distances as
///           ‖x‖² − 2 x·c + ‖c‖² in double, so they may choose other rows than for the dense matrix;
///           algorithm is automatic or lloyd, which mean the same; single_moves is false.
/// @return   as for dense rows, predict(result, X) included; centroids are dense. The inertia is computed in double,
///           from the stored entries and the norms of the centroids: its error is at most about d · 2⁻⁵² ·
///           Σ w_i ‖centroid‖². The measure of the tolerance, the mean variance of the columns, agrees with that of
///           the dense matrix up to rounding.
/// @throws InvalidArgument  before any work: as for dense rows; columns that do not ascend; options that are not for
///         sparse rows.
/// @throws MemoryLimitExceeded  the working memory would exceed execution.memory_limit.
/// @note Same bits for any number of threads. Stage names for progress: "seeding", "lloyd".
/// @note Time O(nnz k + k d) per iteration; seeding O(nnz k log k) (greedy). Memory beyond X: O(n + k d), and
///       O(d) per thread. A row whose nearest centroid is within rounding of another one is settled by the defined
///       distances to these centroids alone, in time O(d) each. For float and many columns that are not 0 in a centroid
///       these are more rows, so double can be faster.
template <class T, class StorageIndex>
KMeansResult<T> kmeans(const Eigen::SparseMatrix<T, Eigen::RowMajor, StorageIndex>& X, Index k,
                       const KMeansOptions& options = {});

/// The same from given centroids, k × d and dense; k is their number of rows.
template <class T, class StorageIndex, class DerivedC>
KMeansResult<T> kmeans(const Eigen::SparseMatrix<T, Eigen::RowMajor, StorageIndex>& X,
                       const Eigen::DenseBase<DerivedC>& initial_centroids, const KMeansOptions& options = {});

/// The nearest centroid of each row of X_new (m × d), the lower one on ties: the labels that its dense form would get.
template <class T, class StorageIndex>
Labels predict(const KMeansResult<T>& model, const Eigen::SparseMatrix<T, Eigen::RowMajor, StorageIndex>& X_new,
               const Execution& execution = {});

CORYMB_END

#include <corymb/partition/detail/sparse_kmeans_impl.hpp>
