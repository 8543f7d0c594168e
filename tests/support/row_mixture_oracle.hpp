#pragma once

#include <corymb/mixture/gaussian_mixture.hpp>

#include <Eigen/LU>

#include <cmath>
#include <cstddef>
#include <limits>
#include <vector>

#include "support/mixture_oracle.hpp"

// EM where entries are missing or components are Student's t, by its definition, row by row in long double.
namespace corymb_test {

/// What EM takes of a row in one component.
struct RowInComponent {
  long double log_density;  // of the entries that are there, times the proportion
  long double scale;        // E[u]; of a Gaussian 1
  LongVector expected;      // the row completed
  LongMatrix about;         // the covariance of what was missing, among zeros
  Index observed;           // entries
};

inline RowInComponent row_in_component(const corymb::GaussianMixture& model, Index c, const LongVector& x) {
  std::vector<Index> seen, missing;
  for (Index j = 0; j < x.size(); ++j) (std::isnan(x[j]) ? missing : seen).push_back(j);
  const LongMatrix S = whole_covariance(model, c).cast<long double>();
  const LongVector mean = model.means.row(c).cast<long double>();
  const LongMatrix inverse = LongMatrix(S(seen, seen)).inverse(), between = S(missing, seen);
  const LongVector difference = x(seen) - mean(seen);
  const long double distance = difference.dot(inverse * difference);
  const long double d = static_cast<long double>(seen.size()), pi = std::acos(-1.0L);
  RowInComponent result{0, 1, x, LongMatrix::Zero(x.size(), x.size()), static_cast<Index>(seen.size())};
  result.expected(missing) = mean(missing) + between * inverse * difference;
  result.about(missing, missing) = S(missing, missing) - between * inverse * between.transpose();
  result.log_density =
      std::log(static_cast<long double>(model.proportions[c])) - std::log(LongMatrix(S(seen, seen)).determinant()) / 2;
  if (model.degrees_of_freedom.size() == 0) {
    result.log_density -= (d * std::log(2 * pi) + distance) / 2;
  } else {
    const long double nu = model.degrees_of_freedom[model.degrees_of_freedom.size() == 1 ? 0 : c];
    result.log_density += std::lgamma((nu + d) / 2) - std::lgamma(nu / 2) - d / 2 * std::log(pi * nu) -
                          (nu + d) / 2 * std::log1p(distance / nu);
    result.scale = (nu + d) / (nu + distance);
  }
  return result;
}

inline long double log_of_sum(const LongVector& logs) {
  return logs.maxCoeff() + std::log((logs.array() - logs.maxCoeff()).exp().sum());
}

/// The log density of a row.
inline long double log_density_of(const corymb::GaussianMixture& model, const LongVector& x) {
  LongVector terms(model.means.rows());
  for (Index c = 0; c < terms.size(); ++c) terms[c] = row_in_component(model, c, x).log_density;
  return log_of_sum(terms);
}

/// One iteration of EM for rows of weight w, NaN as missing; the degrees of freedom stay. Of full, tied, diagonal and
/// spherical covariances.
inline MixtureOracle em_step(const corymb::GaussianMixture& model, const LongMatrix& X, const LongVector& w) {
  const Index k = model.means.rows(), d = X.cols();
  MixtureOracle result{LongVector::Zero(k), LongMatrix::Zero(k, d), {}};
  LongVector scaled = LongVector::Zero(k);
  std::vector<std::vector<RowInComponent>> rows;
  LongMatrix R(X.rows(), k);
  long double total = 0;
  for (Index i = 0; i < X.rows(); ++i) {
    rows.emplace_back();
    for (Index c = 0; c < k; ++c) rows.back().push_back(row_in_component(model, c, X.row(i)));
    LongVector terms(k);
    for (Index c = 0; c < k; ++c) terms[c] = rows.back()[static_cast<std::size_t>(c)].log_density;
    const long double log_density = log_of_sum(terms);
    for (Index c = 0; c < k; ++c) {
      const RowInComponent& row = rows.back()[static_cast<std::size_t>(c)];
      R(i, c) = row.observed == 0 ? 0 : w[i] * std::exp(row.log_density - log_density);
      result.proportions[c] += R(i, c);
      scaled[c] += R(i, c) * row.scale;
      result.means.row(c) += R(i, c) * row.scale * row.expected.transpose();
      total += R(i, c);
    }
  }
  LongMatrix pooled = LongMatrix::Zero(d, d);
  for (Index c = 0; c < k; ++c) {
    result.means.row(c) /= scaled[c];
    LongMatrix S = LongMatrix::Zero(d, d);
    for (Index i = 0; i < X.rows(); ++i) {
      const RowInComponent& row = rows[static_cast<std::size_t>(i)][static_cast<std::size_t>(c)];
      const LongVector x = row.expected - result.means.row(c).transpose();
      S += R(i, c) * (row.scale * x * x.transpose() + row.about);
    }
    pooled += S;
    S /= result.proportions[c];
    if (model.covariance == corymb::Covariance::diagonal) S = LongMatrix(S.diagonal().asDiagonal());
    if (model.covariance == corymb::Covariance::spherical)
      S = S.trace() / static_cast<long double>(d) * LongMatrix::Identity(d, d);
    result.covariances.push_back(S);
  }
  if (model.covariance == corymb::Covariance::tied)
    for (LongMatrix& S : result.covariances) S = pooled / total;
  result.proportions /= total;
  return result;
}

/// Takes each entry away with the given probability.
template <class T>
void take_away(corymb::RowMatrix<T>& X, double probability, Random& random) {
  for (Index i = 0; i < X.size(); ++i)
    if (random.uniform() < probability) X.data()[i] = std::numeric_limits<T>::quiet_NaN();
}

}  // namespace corymb_test
