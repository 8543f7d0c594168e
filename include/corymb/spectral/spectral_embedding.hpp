#pragma once

#include <corymb/spectral/affinity_matrix.hpp>
#include <corymb/spectral/spectral_options.hpp>

#include <Eigen/SparseCore>

#include <cstdint>
#include <span>
#include <type_traits>

CORYMB_BEGIN

/// The eigenvectors of the smallest eigenvalues of a Laplacian.
struct SpectralEmbedding {
  Vector eigenvalues;  ///< ascending, ≥ 0; as many zeros as there are components, at most
  /// n × dimensions. The eigenvectors: orthonormal for Laplacian::symmetric and unnormalized; for random_walk those of
  /// symmetric, entry i divided by √d_i. The entry of largest magnitude is positive, of equal ones the first. Rows that
  /// were put aside have zeros.
  RowMatrix<double> eigenvectors;
  Vector residuals;  ///< ‖L v − λ v‖ of the symmetric or unnormalised Laplacian, for v of length one
  Vector degrees;    ///< Σ_j w_ij of each row, its affinity to itself left out
  Labels component;  ///< n, in [0, components), by the lowest row; −1 for rows put aside. Of more components
                     ///< than dimensions only the largest count, and have numbers
  std::int32_t components = 0;  ///< connected components of at least min_component_size rows
  Status status = Status::converged;
  int iterations = 0;  ///< of the solver
};

/// The Laplacian eigenmap of points: what spectral_clustering clusters.
/// @param X           n × d, one point per row; finite. Row-major memory is used in place, other layouts are copied
/// once.
/// @param dimensions  how many eigenvectors, in [1, n]
/// @return            Every component of the graph has an eigenvector of eigenvalue 0, constant on it for random_walk
/// and
///                    unnormalized. They come first, and exactly: of more than `dimensions` components, those of the
///                    largest ones, in rows. The others are orthogonal to them.
/// @throws InvalidArgument  before any work: dimensions or an option out of range, an entry of X that is not finite or
/// so
///         large that squared distances overflow, rows that the metric does not take (see Metric), lanczos without the
///         compiled library, a component size that no component has.
/// @throws MemoryLimitExceeded  before memory beyond execution.memory_limit is taken.
/// @throws Cancelled  the progress callback asked to stop.
/// @note Same bits for any number of threads and any storage order. Affinities of all pairs take time O(n² d), and a
///       product O(n² dimensions); those of neighbours what nearest_neighbors takes, and a product
///       O(n neighbors dimensions). How many products depends on the gap behind the last eigenvalue. Memory: the
///       affinities, n² numbers if they are stored, and some 100 (dimensions + 4) bytes a row.
///       Stage names for progress: "affinities" or "neighbors", then "eigenvectors", whose objective is the largest
///       residual.
/// @see Belkin and Niyogi (2003), doi:10.1162/089976603321780317; Zelnik-Manor and Perona (2004), Self-tuning spectral
///      clustering, NeurIPS 17
template <class Derived>
SpectralEmbedding spectral_embedding(const Eigen::DenseBase<Derived>& X, Index dimensions,
                                     const SpectralOptions& options = {});

/// The same for an affinity of your own, called as f(std::span<const T>, std::span<const T>) -> T, from several threads
/// at a time. It must be symmetric, finite and ≥ 0 (an error names the pair otherwise).
template <class Derived, class Callable>
requires std::is_invocable_v<const Callable&, std::span<const typename Derived::Scalar>,
                             std::span<const typename Derived::Scalar>>
    SpectralEmbedding spectral_embedding(const Eigen::DenseBase<Derived>& X, Index dimensions, const Callable& f,
                                         const SpectralOptions& options = {});

/// The same for affinities that are known.
/// @throws InvalidArgument  also an entry that is not finite, is negative, or differs from the one across by more than
///         rounding.
template <class T>
SpectralEmbedding spectral_embedding(const AffinityMatrix<T>& W, Index dimensions, const SpectralOptions& options = {});

/// The same for a graph: n × n, compressed or not, symmetric up to rounding, finite and ≥ 0. What is not stored is 0.
template <class T, class StorageIndex>
SpectralEmbedding spectral_embedding(const Eigen::SparseMatrix<T, Eigen::RowMajor, StorageIndex>& W, Index dimensions,
                                     const SpectralOptions& options = {});

CORYMB_END

#include <corymb/spectral/detail/spectral_embedding_impl.hpp>
