#pragma once

#include <corymb/core/types.hpp>

#include <Eigen/SparseCore>

CORYMB_BEGIN

/// Which Laplacian of a graph with affinities W and degrees D = diag(Σ_j w_ij). All are positive semidefinite, with an
/// eigenvalue 0 for every connected component. Affinities of rows to themselves do not count.
enum class Laplacian {
  random_walk,   ///< I − D^-1 W: relaxes the normalised cut; its vectors are those of `symmetric`, divided by √d_i
  symmetric,     ///< I − D^-1/2 W D^-1/2
  unnormalized,  ///< D − W: relaxes the ratio cut
};

/// Σ_j w_ij of every row, its affinity to itself left out.
/// @param W  n × n, compressed or not; symmetric, finite and ≥ 0
/// @throws InvalidArgument  a matrix that is not square, an entry that is not finite or is negative.
template <class T, class StorageIndex>
Vector degrees(const Eigen::SparseMatrix<T, Eigen::RowMajor, StorageIndex>& W);

/// The Laplacian as a matrix. A row without affinities is zero in `unnormalized`; in the others its diagonal is zero
/// too, so that it is a component with eigenvalue 0.
/// @param W  as above
/// @return   n × n, compressed, rows ascending, with all of the diagonal
/// @note Time O(e log e) at most for e entries, memory O(e). U. von Luxburg, "A tutorial on spectral clustering",
///       Statistics and Computing 17 (2007).
template <class T, class StorageIndex>
Eigen::SparseMatrix<double, Eigen::RowMajor, Index> laplacian(
    const Eigen::SparseMatrix<T, Eigen::RowMajor, StorageIndex>& W, Laplacian kind = Laplacian::symmetric);

CORYMB_END

#include <corymb/graph/detail/laplacian_impl.hpp>
