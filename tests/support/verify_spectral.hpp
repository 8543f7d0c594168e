#pragma once

#include <gtest/gtest.h>
#include <corymb/graph/laplacian.hpp>
#include <corymb/spectral/spectral_embedding.hpp>

#include <Eigen/Eigenvalues>

#include <algorithm>
#include <cmath>

// What an embedding must be, by the matrix of affinities and a dense solver.
namespace corymb_test {

using corymb::Index;
using corymb::Laplacian;

/// The Laplacian as its definition has it: D − W, or D^-1/2 (D − W) D^-1/2.
inline Eigen::MatrixXd laplacian_of(Eigen::MatrixXd W, Laplacian kind) {
  W.diagonal().setZero();
  const Eigen::VectorXd degree = W.rowwise().sum();
  Eigen::MatrixXd L = -W;
  L.diagonal() = degree;
  if (kind == Laplacian::unnormalized) return L;
  const Eigen::VectorXd scale = degree.unaryExpr([](double d) { return d > 0 ? 1 / std::sqrt(d) : 0; });
  return scale.asDiagonal() * L * scale.asDiagonal();
}

/// Whether the eigenpairs are the smallest ones of the Laplacian of W: orthonormal, of small residual, and with the
/// eigenvalues that a dense solver finds.
inline ::testing::AssertionResult verify_embedding(const Eigen::MatrixXd& W, Laplacian kind,
                                                   const corymb::SpectralEmbedding& embedding, double tolerance) {
  const Index n = W.rows(), k = embedding.eigenvalues.size();
  const Eigen::MatrixXd L = laplacian_of(W, kind);
  const double scale = kind == Laplacian::unnormalized ? 2 * L.diagonal().maxCoeff() : 1;
  if (embedding.eigenvectors.rows() != n || embedding.eigenvectors.cols() != k)
    return ::testing::AssertionFailure() << "the shape of the eigenvectors";
  Eigen::MatrixXd V = embedding.eigenvectors;
  if (kind == Laplacian::random_walk)
    for (Index i = 0; i < n; ++i)
      if (embedding.degrees[i] > 0) V.row(i) *= std::sqrt(embedding.degrees[i]);
  const double orthogonality = (V.transpose() * V - Eigen::MatrixXd::Identity(k, k)).cwiseAbs().maxCoeff();
  if (!(orthogonality <= 1e-10)) return ::testing::AssertionFailure() << "not orthonormal by " << orthogonality;
  const Eigen::VectorXd expected = Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd>(L).eigenvalues();
  for (Index c = 0; c < k; ++c) {
    if (c > 0 && embedding.eigenvalues[c] < embedding.eigenvalues[c - 1])
      return ::testing::AssertionFailure() << "eigenvalue " << c << " is below the one before";
    if (!(std::abs(embedding.eigenvalues[c] - std::max(expected[c], 0.0)) <= tolerance * scale))
      return ::testing::AssertionFailure()
             << "eigenvalue " << c << " is " << embedding.eigenvalues[c] << ", expected " << expected[c];
    const double residual = (L * V.col(c) - embedding.eigenvalues[c] * V.col(c)).norm();
    if (!(residual <= tolerance * scale))
      return ::testing::AssertionFailure() << "residual " << c << " is " << residual;
    Index largest = 0;
    embedding.eigenvectors.col(c).cwiseAbs().maxCoeff(&largest);
    if (!(embedding.eigenvectors(largest, c) > 0)) return ::testing::AssertionFailure() << "sign of vector " << c;
  }
  return ::testing::AssertionSuccess();
}

}  // namespace corymb_test
