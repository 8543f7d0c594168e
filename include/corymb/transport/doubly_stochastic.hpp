#pragma once

#include <corymb/transport/sinkhorn.hpp>

CORYMB_BEGIN

struct DoublyStochasticOptions {
  /// η > 0: similarities are divided by it and exponentiated. Smaller ones give sparser memberships.
  double temperature = 0.15;
  /// Converged when the columns miss their sums by at most this share altogether, see SinkhornOptions. ≥ 0
  double tolerance = 1e-6;
  /// Sweeps over rows and columns, ≥ 1; the last one ends with the rows. 3 are the five half-sweeps of the paper.
  int max_iterations = 1000;
  SinkhornAlgorithm algorithm = SinkhornAlgorithm::scaling;
  Execution execution = {};
};

template <class T>
struct DoublyStochastic {
  RowMatrix<T> matrix;      ///< n × n > 0; rows sum to 1, columns too, up to the tolerance
  double column_error = 0;  ///< Σ_j |sum of column j − 1|
  Status status = Status::converged;
  int iterations = 0;
};

/// The doubly stochastic matrix nearest to similarities in the sense of entropy: Γ = diag(u) exp(A / η) diag(v) with
/// rows and columns summing to one. As an affinity it has no hubs and no isolated rows, and is what manifold learning
/// and clustering (MLC) takes for memberships of pairs.
/// @param similarity  n × n, finite or −infinity for pairs that must not meet; usually coding_similarity.
/// @throws InvalidArgument  a matrix that is not square, NaN or +infinity, options out of range.
/// @throws MemoryLimitExceeded  the matrix would exceed execution.memory_limit.
/// @note Same bits for any number of threads and any storage order. Time O(n²) a sweep; memory O(n²).
/// @see Ding, Tong, Chan, Dai, Ma and Haeffele (2023), Unsupervised manifold linearizing and clustering, ICCV;
///      Zass and Shashua (2006), Doubly stochastic normalization for spectral clustering, NeurIPS 19
template <class Derived>
DoublyStochastic<typename Derived::Scalar> doubly_stochastic(const Eigen::DenseBase<Derived>& similarity,
                                                             const DoublyStochasticOptions& options = {});

/// |cos| of the angles between all pairs of rows: |Ĉ Ĉᵀ| for Ĉ the rows of C at length one. Rows of zeros are like no
/// other, and like themselves.
/// @param codes  n × p, finite.
/// @throws InvalidArgument  an entry that is not finite.
template <class Derived>
RowMatrix<typename Derived::Scalar> coding_similarity(const Eigen::DenseBase<Derived>& codes,
                                                      const Execution& execution = {});

CORYMB_END

#include <corymb/transport/detail/doubly_stochastic_impl.hpp>
