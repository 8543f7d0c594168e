#pragma once

#include <corymb/core/execution.hpp>
#include <corymb/core/types.hpp>

#include <cstdint>

CORYMB_BEGIN

/// How the principal components are found.
enum class PcaSolver {
  /// covariance where min(n, d) ≤ 1000; else randomized where m + oversampling ≤ min(n, d) / 4; else covariance.
  automatic,
  /// All eigenvectors of the covariance matrix, d × d; where n < d of the n × n Gram matrix instead, which has the same
  /// eigenvalues. Components whose variance is below about 1e-15 of the largest are rounding, though still orthonormal.
  /// Time O(n d min(n, d) + min(n, d)³), memory O(min(n, d)²).
  covariance,
  /// Subspace iteration from a random start: m + oversampling directions, multiplied 1 + power_iterations times by the
  /// covariance matrix, which is never formed, then rotated to the best components within them. Close to the exact ones
  /// where the variances decay, exact up to rounding for data of rank at most m + oversampling. Time O(n d (m +
  /// oversampling) power_iterations), memory O(d (m + oversampling)).
  randomized,
};

struct PcaOptions {
  PcaSolver solver = PcaSolver::automatic;
  /// Of the randomized solver: directions beyond m that are carried along, ≥ 0. More are more accurate, and slower.
  Index oversampling = 10;
  /// Of the randomized solver: multiplications by the covariance matrix beyond the first, ≥ 0, each a pass over X. The
  /// share of direction j > m + oversampling in component i shrinks by variance_j / variance_i with each.
  int power_iterations = 4;
  /// Divide the projections by their standard deviations, so that every column of points has variance 1. Columns of no
  /// variance beyond rounding, at most max(n, d) · 2.2e-16 of the largest, are left as they are.
  bool whiten = false;
  /// Of the randomized solver. Same seed, same result, for any number of threads.
  std::uint64_t seed = 0;
  Execution execution = {};
};

/// The result is the model: transform and inverse_transform take it.
template <class T>
struct PcaResult {
  RowMatrix<T> points;              ///< n × m, the projections (x − means) · componentᵀ, divided by scales
  RowMatrix<T> components;          ///< m × d, orthonormal rows, by descending variance
  Vector means;                     ///< d, mean of each column of X
  Vector explained_variance;        ///< m, squared units of X; the sum of squares divided by n − 1, 0 for n = 1
  Vector explained_variance_ratio;  ///< m, parts of total_variance; 0 where that is 0
  double total_variance = 0;        ///< sum of the variances of all columns
  Vector scales;                    ///< m, all 1 unless `whiten`
};

/// Principal component analysis: the m orthogonal directions in which the points vary most.
///
/// The sign of a component is fixed: of the entries whose magnitude is within 1e-6 (relative) of its largest, the first
/// is positive. Where variances are equal the components are any orthonormal basis of their common space. Where X does
/// not vary at all, they are the first m unit vectors.
///
/// @param X  n × d, one point per row; finite. Row-major memory is used in place, other layouts are copied once.
/// @param m  number of components, in [1, min(n, d)].
/// @return   points are the bits that transform(result, X) gives.
/// @throws InvalidArgument  m or an option out of range, no rows or columns, an entry that is not finite or, in double,
///         beyond ±4.4e307.
/// @throws NumericalError  the variance overflows, which takes columns that spread over more than 1e153, or a
///         projection overflows T.
/// @throws Cancelled  the progress callback asked to stop. Stages: "column means", then "covariance" or one step of
///         "subspace iteration" for each pass.
/// @throws MemoryLimitExceeded  the working memory would exceed execution.memory_limit.
/// @note Everything is computed in double, from entries centred before they are multiplied: an offset of the data costs
///       no digit. Columns that spread over less than 1e-160 have variances that vanish, in double, but their
///       components, projections and ratios are right.
/// @note Same bits for any number of threads and any storage order.
/// @see Halko, Martinsson and Tropp (2011), Finding structure with randomness, SIAM Review 53, 217–288,
///      doi:10.1137/090771806.
template <class Derived>
PcaResult<typename Derived::Scalar> pca(const Eigen::DenseBase<Derived>& X, Index m, const PcaOptions& options = {});

/// The projections of each row of X_new (r × d, r ≥ 0): r × m. A row gives the same bits whatever the others are.
/// Time O(r d m).
/// @throws InvalidArgument  another number of columns, an entry that is not finite or too large.
/// @throws NumericalError  a value of the result overflows T.
template <class T, class Derived>
RowMatrix<T> transform(const PcaResult<T>& model, const Eigen::DenseBase<Derived>& X_new,
                       const Execution& execution = {});

/// The points whose projections are the rows of Z (r × m, r ≥ 0), in the plane of the components: r × d. Of
/// transform(model, X_new) it gives the points of that plane nearest to X_new. Time O(r d m).
/// @throws InvalidArgument  another number of columns, an entry that is not finite or too large.
/// @throws NumericalError  a value of the result overflows T.
template <class T, class Derived>
RowMatrix<T> inverse_transform(const PcaResult<T>& model, const Eigen::DenseBase<Derived>& Z,
                               const Execution& execution = {});

CORYMB_END

#include <corymb/preprocess/detail/pca_impl.hpp>
