#pragma once

#include <corymb/transport/partial_assignment.hpp>

#include <Eigen/SparseCore>

#include <optional>
#include <vector>

CORYMB_BEGIN

struct SemanticSimilarityOptions {
  Index neighbors = 20;  ///< of each row, in [1, n − 1]; fewer rows than that: all others
  double sigma = 2;      ///< width of the Gaussian for d columns: exp(−‖x_i − x_j‖² / (2 σ² d)); > 0
  Execution execution = {};
};

/// Similarities of rows to their nearest others: S_ij = exp(−‖x_i − x_j‖² / (2 σ² d)) where j is one of the nearest
/// neighbours of i, not symmetric and with zeros on the diagonal.
/// @param X  n × d, finite.
/// @throws InvalidArgument  what nearest_neighbors throws, a width out of range.
template <class Derived>
Eigen::SparseMatrix<double, Eigen::RowMajor> semantic_similarity(const Eigen::DenseBase<Derived>& X,
                                                                 const SemanticSimilarityOptions& options = {});

struct SemanticAssignmentOptions {
  PartialAssignmentOptions assignment = {};
  /// How much it is worth that similar rows share clusters, in units of the cost: a row's cost for cluster j falls by
  /// similarity_weight · Σ_l (S_il + S_li) · membership of l in j. ≥ 0; empty for 0.2 · (1 − mass).
  std::optional<double> similarity_weight = {};
  /// Converged when an iteration lowers the objective by at most this much. ≥ 0
  double tolerance = 1e-6;
  int max_iterations = 100;  ///< ≥ 1; each solves a partial assignment
};

template <class T>
struct SemanticAssignment {
  PartialAssignment<T> assignment;  ///< objective: that below
  double objective = 0;  ///< that of the partial assignment, less similarity_weight · n · Σ_ij S_ij (Q Qᵀ)_ij
  std::vector<double> history;  ///< the objective at the start and after each iteration; never rises
  Status status = Status::converged;
  int iterations = 0;
};

/// Semantic-regularised progressive partial optimal transport (SP²OT): progressive_partial_assignment in which rows
/// that are similar also like to be in the same cluster.
///
/// Each iteration replaces the similarity term by its tangent at the present plan, which makes the problem a partial
/// assignment with other costs, and goes to its solution, or, where similarities are not positive definite and that
/// would not lower the objective, a part of the way there.
///
/// @param similarity  n × n, entries finite and ≥ 0, usually semantic_similarity; used as it is and transposed.
/// @note λ₁ of the paper is similarity_weight · n; its default 1000 (1 − ρ) for n = 5120 is ours.
/// @note Progress: stage "semantic", once for each iteration, and the sweeps of each. Status::cancelled from both.
/// @note Time of an iteration O(nnz k) and that of a partial assignment; memory O(n k).
/// @see Zhang, Ren and He (2024), SP²OT, arXiv:2404.03446
template <class T>
SemanticAssignment<T> semantic_progressive_partial_assignment(
    const CostMatrix<T>& cost, const Eigen::SparseMatrix<double, Eigen::RowMajor>& similarity, double mass,
    const SemanticAssignmentOptions& options = {});

template <class Derived>
SemanticAssignment<typename Derived::Scalar> semantic_progressive_partial_assignment(
    const Eigen::DenseBase<Derived>& cost, const Eigen::SparseMatrix<double, Eigen::RowMajor>& similarity, double mass,
    const SemanticAssignmentOptions& options = {}) {
  return semantic_progressive_partial_assignment(CostMatrix<typename Derived::Scalar>(cost), similarity, mass, options);
}

CORYMB_END

#include <corymb/transport/detail/semantic_assignment_impl.hpp>
