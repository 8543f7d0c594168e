#pragma once

#include <corymb/partition/kmeans.hpp>

#include <vector>

CORYMB_BEGIN

/// The result is the model: predict and transform take it.
template <class T>
struct SphericalKMeansResult {
  Labels labels;           ///< n, in [0, k): the centroid of least cosine distance, always; the lower one on ties
  RowMatrix<T> centroids;  ///< k × d, rows of length 1 up to rounding
  Vector sizes;            ///< k, the weight of each cluster; without weights the number of its points
  double objective = 0;    ///< Σ w_i (1 − cos(x_i, centroid)), ≥ 0
  Status status = Status::converged;
  int iterations = 0;           ///< of the returned run
  int restart = 0;              ///< which run is returned, from 0
  std::vector<double> history;  ///< objective of each iteration's assignment, before its centroids moved
};

/// Spherical k-means: clusters directions. A local minimum of the objective Σ w_i (1 − cos(x_i, c_label(i))), by
/// assigning every row to the centroid of least cosine distance and moving every centroid to the mean direction of its
/// rows (the sum of the rows of length 1, scaled to length 1), in turns.
///
/// Rows are scaled to length 1 first: in double, rounded to T, from entries scaled by a power of two, so that neither
/// large nor small entries cost precision, and a row times a power of two gives the same bits. On such rows
/// 1 − cos = ‖x − c‖² / 2, and that is how cosine distances are compared and summed: by the defined Euclidean value of
/// the scaled rows.
///
/// @param X  n × d, one point per row; finite. Rows of zeros have no direction: an error. All layouts are copied once.
/// @param k  number of clusters, 1 ≤ k ≤ the number of rows of positive weight.
/// @param options  as for kmeans, on the scaled rows. tolerance is relative to the mean variance of their columns,
///           empty_clusters = relocate goes to the row of largest cosine distance, but not to one that differs from
///           its centroid by 16 roundings of T or less. algorithm is automatic or lloyd, which mean the same;
///           single_moves is false.
/// @return   labels are those of predict(result, X). A cluster whose rows cancel, so that their mean is shorter than 4
///           roundings of T, keeps its centroid.
/// @throws InvalidArgument  before any iteration: an entry of X that is not finite, a row of zeros, named by its
///         number; otherwise as kmeans.
/// @throws MemoryLimitExceeded  the copy of X and the working memory would exceed execution.memory_limit.
/// @note Same bits for any number of threads and any storage order of X. Stage names for progress: "seeding", "lloyd".
/// @note Time O(n k d) per iteration. Memory n d + O(n + k d) beyond X.
/// @see Dhillon and Modha (2001), Concept decompositions for large sparse text data using clustering, Machine Learning
///      42, 143–175, doi:10.1023/A:1007612920971.
template <class Derived>
SphericalKMeansResult<typename Derived::Scalar> spherical_kmeans(const Eigen::DenseBase<Derived>& X, Index k,
                                                                 const KMeansOptions& options = {});

/// The same from given centroids, k × d, of any length but 0; k is their number of rows.
template <class Derived, class DerivedC>
SphericalKMeansResult<typename Derived::Scalar> spherical_kmeans(const Eigen::DenseBase<Derived>& X,
                                                                 const Eigen::DenseBase<DerivedC>& initial_centroids,
                                                                 const KMeansOptions& options = {});

/// The centroid of least cosine distance to each row of X_new (m × d), the lower one on ties. Time O(m k d).
template <class T, class Derived>
Labels predict(const SphericalKMeansResult<T>& model, const Eigen::DenseBase<Derived>& X_new,
               const Execution& execution = {});

/// Cosine distances, 1 − cos, of each row of X_new (m × d) to all centroids: m × k. X_new is copied once.
template <class T, class Derived>
RowMatrix<T> transform(const SphericalKMeansResult<T>& model, const Eigen::DenseBase<Derived>& X_new,
                       const Execution& execution = {});

CORYMB_END

#include <corymb/partition/detail/spherical_kmeans_impl.hpp>
