#pragma once

#include <corymb/mixture/gaussian_mixture.hpp>

#include <Eigen/LU>

#include <cmath>
#include <cstddef>
#include <vector>

#include "support/matrices.hpp"

// Gaussian mixtures by their definition, in long double, row by row, with inverses and determinants.
namespace corymb_test {

using LongMatrix = Eigen::Matrix<long double, Eigen::Dynamic, Eigen::Dynamic>;
using LongVector = Eigen::Matrix<long double, Eigen::Dynamic, 1>;

/// The parameters, with every covariance written out.
struct MixtureOracle {
  LongVector proportions;
  LongMatrix means;  // k × d
  std::vector<LongMatrix> covariances;

  /// log p_c N(x; μ_c, Σ_c), n × k.
  LongMatrix log_terms(const LongMatrix& X) const {
    LongMatrix result(X.rows(), proportions.size());
    for (Index c = 0; c < proportions.size(); ++c) {
      const LongMatrix& S = covariances[static_cast<std::size_t>(c)];
      const LongMatrix inverse = S.inverse();
      const long double constant =
          std::log(proportions[c]) -
          (static_cast<long double>(X.cols()) * std::log(2 * std::acos(-1.0L)) + std::log(S.determinant())) / 2;
      for (Index i = 0; i < X.rows(); ++i) {
        const LongVector x = (X.row(i) - means.row(c)).transpose();
        result(i, c) = constant - x.dot(inverse * x) / 2;
      }
    }
    return result;
  }

  /// The log densities of the rows.
  LongVector log_densities(const LongMatrix& X) const {
    const LongMatrix terms = log_terms(X);
    LongVector result(X.rows());
    for (Index i = 0; i < X.rows(); ++i) {
      const long double most = terms.row(i).maxCoeff();
      result[i] = most + std::log((terms.row(i).array() - most).exp().sum());
    }
    return result;
  }

  LongMatrix probabilities(const LongMatrix& X) const {
    return (log_terms(X).colwise() - log_densities(X)).array().exp();
  }

  /// The M step for responsibilities R (n × k) times weights.
  static MixtureOracle maximize(const LongMatrix& X, const LongMatrix& R, corymb::Covariance kind) {
    const Index k = R.cols(), d = X.cols();
    MixtureOracle result{LongVector(k), LongMatrix(k, d), {}};
    LongMatrix pooled = LongMatrix::Zero(d, d);
    for (Index c = 0; c < k; ++c) {
      const long double weight = R.col(c).sum();
      result.proportions[c] = weight / R.sum();
      result.means.row(c) = (R.col(c).transpose() * X) / weight;
      const LongMatrix A = X.rowwise() - result.means.row(c);
      LongMatrix S = A.transpose() * R.col(c).asDiagonal() * A;
      pooled += S;
      S /= weight;
      if (kind == corymb::Covariance::diagonal) S = LongMatrix(S.diagonal().asDiagonal());
      if (kind == corymb::Covariance::spherical)
        S = S.trace() / static_cast<long double>(d) * LongMatrix::Identity(d, d);
      result.covariances.push_back(S);
    }
    if (kind == corymb::Covariance::tied)
      for (LongMatrix& S : result.covariances) S = pooled / R.sum();
    return result;
  }
};

/// A covariance of the model, written out.
inline Eigen::MatrixXd whole_covariance(const corymb::GaussianMixture& model, Index c) {
  const Index d = model.means.cols();
  const Eigen::MatrixXd& S = model.covariances[model.covariances.size() == 1 ? 0 : static_cast<std::size_t>(c)];
  if (S.size() == 1) return S(0, 0) * Eigen::MatrixXd::Identity(d, d);
  if (S.cols() == 1) return S.col(0).asDiagonal();
  return S;
}

inline MixtureOracle oracle_of(const corymb::GaussianMixture& model) {
  MixtureOracle result{model.proportions.cast<long double>(), model.means.cast<long double>(), {}};
  for (Index c = 0; c < model.means.rows(); ++c)
    result.covariances.push_back(whole_covariance(model, c).cast<long double>());
  return result;
}

}  // namespace corymb_test
