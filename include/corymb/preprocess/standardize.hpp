#pragma once

#include <corymb/core/execution.hpp>
#include <corymb/core/types.hpp>

CORYMB_BEGIN

struct StandardizeOptions {
  /// One weight ≥ 0 per row, or empty for all one. A weight w means w copies of the row; 0 means that the row is absent
  /// from means and scales, though it is still transformed.
  Vector weights = {};
  Execution execution = {};
};

/// The result is the model: transform and inverse_transform take it.
template <class T>
struct Standardization {
  RowMatrix<T> points;  ///< n × d, (x − mean) / scale: columns of mean 0 and standard deviation 1
  Vector means;         ///< d, mean of each column
  Vector scales;        ///< d, standard deviation of each column, > 0; 1 for a column whose present entries are equal
};

/// Shifts and scales every column to mean 0 and standard deviation 1, so that columns of different units count the same
/// in a euclidean distance. The deviation is that of the points given: the sum of squares is divided by the sum of the
/// weights, without weights by n. A column whose present entries are all equal becomes zeros.
///
/// @param X  n × d, one point per row, n ≥ 1, d ≥ 1; finite. Row-major memory is used in place, other layouts are
/// copied
///           once. Double entries must be within ±4.4e307; float entries may be as large as they can.
/// @return   points, means and scales. points are the bits that transform(result, X) gives.
/// @throws InvalidArgument  no rows or columns, an entry that is not finite or too large, weights that are negative,
/// not
///         finite, all 0 or of another length.
/// @throws NumericalError  a standardized value overflows T. Only a row of weight 0 or nearly 0 can be so far off.
/// @throws MemoryLimitExceeded  the result would exceed execution.memory_limit.
/// @note Means and deviations are found in double from entries that were shifted into the range of their column first:
///       an offset of the data costs no digit, and neither huge nor tiny columns overflow or vanish.
/// @note Same bits for any number of threads and any storage order. Time O(n d); memory at most 64 MiB beyond the
///       result, or O(d).
template <class Derived>
Standardization<typename Derived::Scalar> standardize(const Eigen::DenseBase<Derived>& X,
                                                      const StandardizeOptions& options = {});

/// (x − mean) / scale for each row of X_new (m × d, m ≥ 0): m × d.
/// @throws InvalidArgument  another number of columns, an entry that is not finite or too large.
/// @throws NumericalError  a value of the result overflows T.
template <class T, class Derived>
RowMatrix<T> transform(const Standardization<T>& model, const Eigen::DenseBase<Derived>& X_new,
                       const Execution& execution = {});

/// z · scale + mean for each row of Z (m × d, m ≥ 0): the points whose standardized values are Z, up to rounding.
/// @throws InvalidArgument  another number of columns, an entry that is not finite or too large.
/// @throws NumericalError  a value of the result overflows T.
template <class T, class Derived>
RowMatrix<T> inverse_transform(const Standardization<T>& model, const Eigen::DenseBase<Derived>& Z,
                               const Execution& execution = {});

CORYMB_END

#include <corymb/preprocess/detail/standardize_impl.hpp>
