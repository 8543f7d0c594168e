#pragma once

#include <corymb/mixture/variational_mixture.hpp>

#include <Eigen/LU>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <vector>

#include "support/matrices.hpp"
#include "support/mixture_oracle.hpp"

// Variational mixtures by the textbook (Bishop 2006, 10.2; Blei and Jordan 2006), in long double.
namespace corymb_test {

using corymb::Covariance;
using corymb::ProportionPrior;
using corymb::VariationalPrior;

inline long double long_digamma(long double x) {
  long double below = 0;
  for (; x < 60; x += 1) below += 1 / x;
  const long double y = 1 / (x * x);
  return std::log(x) - 1 / (2 * x) - y * (1.0L / 12 - y * (1.0L / 120 - y * (1.0L / 252 - y / 240))) - below;
}

/// The posterior by the textbook: every responsibility and every expectation written out, in long double. The precision
/// of a component is a d × d matrix whatever the family.
struct VariationalOracle {
  Covariance kind;
  ProportionPrior proportions;
  VariationalPrior prior;
  LongMatrix X;
  LongVector w;

  LongVector sizes, log_proportions, mean_precisions;
  LongMatrix concentrations, means;
  std::vector<long double> degrees, log_determinants;  // ν and E log |Λ|, by component
  std::vector<LongMatrix> inverse_scales;              // W⁻¹, by component
  long double proportions_part = 0;                    // of the bound: E log p(π) − E log q(π)

  long double dimensions() const { return static_cast<long double>(X.cols()); }
  bool along_axes() const { return kind == Covariance::diagonal || kind == Covariance::spherical; }

  LongMatrix prior_inverse_scale() const {
    const Index d = X.cols();
    const LongMatrix S = prior.covariance.cast<long double>();
    if (kind == Covariance::spherical) return S(0, 0) * LongMatrix::Identity(d, d);
    if (kind == Covariance::diagonal) return LongVector(S.col(0)).asDiagonal();
    return S;
  }

  /// Of a Wishart or Gamma distribution: the log of the factor that normalises the density in terms of W⁻¹ and ν.
  long double log_factor(const LongMatrix& inverse_scale, long double nu) const {
    const long double d = dimensions(), ln2 = std::log(2.0L), pi = std::acos(-1.0L);
    if (kind == Covariance::spherical) {
      const long double a = d * nu / 2, b = d * inverse_scale(0, 0) / 2;
      return a * std::log(b) - std::lgamma(a);
    }
    long double sum = 0;
    if (kind == Covariance::diagonal) {
      for (Index j = 0; j < X.cols(); ++j) sum += nu / 2 * std::log(inverse_scale(j, j) / 2) - std::lgamma(nu / 2);
      return sum;
    }
    for (Index j = 0; j < X.cols(); ++j) sum += std::lgamma((nu - static_cast<long double>(j)) / 2);
    return nu / 2 * std::log(inverse_scale.determinant()) - nu * d / 2 * ln2 - d * (d - 1) / 4 * std::log(pi) - sum;
  }

  long double expected_log_determinant(const LongMatrix& inverse_scale, long double nu) const {
    const long double d = dimensions(), ln2 = std::log(2.0L);
    long double sum = 0;
    switch (kind) {
      case Covariance::spherical: return d * (long_digamma(d * nu / 2) - std::log(d * inverse_scale(0, 0) / 2));
      case Covariance::diagonal:
        for (Index j = 0; j < X.cols(); ++j) sum += long_digamma(nu / 2) - std::log(inverse_scale(j, j) / 2);
        return sum;
      default: break;
    }
    for (Index j = 0; j < X.cols(); ++j) sum += long_digamma((nu - static_cast<long double>(j)) / 2);
    return sum + d * ln2 - std::log(inverse_scale.determinant());
  }

  LongMatrix expected_precision(Index c) const {
    return degrees[static_cast<std::size_t>(c)] * inverse_scales[static_cast<std::size_t>(c)].inverse();
  }

  /// The sticks in a given order; returns the part of the bound.
  long double break_sticks(const std::vector<Index>& order) {
    const Index k = sizes.size();
    const long double gamma = static_cast<long double>(prior.concentration);
    concentrations.resize(k, 2);
    long double left = 0, sum = 0;
    for (std::size_t at = 0; at < order.size(); ++at) {
      long double after = 0;
      for (std::size_t later = at + 1; later < order.size(); ++later) after += sizes[order[later]];
      const long double a = 1 + sizes[order[at]], b = gamma + after;
      const long double log_v = long_digamma(a) - long_digamma(a + b), log_rest = long_digamma(b) - long_digamma(a + b);
      concentrations.row(order[at]) << a, b;
      log_proportions[order[at]] = left + log_v;
      left += log_rest;
      const long double log_beta = std::lgamma(a) + std::lgamma(b) - std::lgamma(a + b);
      sum += std::log(gamma) + (gamma - 1) * log_rest - ((a - 1) * log_v + (b - 1) * log_rest - log_beta);
    }
    return sum;
  }

  void update_proportions() {
    const Index k = sizes.size();
    const long double alpha = static_cast<long double>(prior.concentration);
    log_proportions.resize(k);
    if (proportions == ProportionPrior::dirichlet) {
      concentrations = sizes.array() + alpha;
      const long double all = concentrations.sum(), kl = static_cast<long double>(k);
      proportions_part = std::lgamma(kl * alpha) - kl * std::lgamma(alpha) - std::lgamma(all);
      for (Index c = 0; c < k; ++c) {
        const long double a = concentrations(c, 0);
        log_proportions[c] = long_digamma(a) - long_digamma(all);
        proportions_part += std::lgamma(a) + (alpha - a) * log_proportions[c];
      }
      return;
    }
    // The order of the best bound, found by trying all of them.
    std::vector<Index> order(static_cast<std::size_t>(k)), best;
    for (Index c = 0; c < k; ++c) order[static_cast<std::size_t>(c)] = c;
    long double most = -std::numeric_limits<long double>::infinity();
    do {
      long double value = break_sticks(order);
      for (Index c = 0; c < k; ++c) value += sizes[c] * log_proportions[c];
      if (best.empty() || value > most + 1e-14L * (1 + std::abs(most))) {
        most = value;
        best = order;
      }
    } while (std::next_permutation(order.begin(), order.end()));
    proportions_part = break_sticks(best);
  }

  LongVector expected_proportions() const {
    if (proportions == ProportionPrior::dirichlet) return concentrations.col(0) / concentrations.sum();
    // Larger sizes come first.
    LongVector result(sizes.size());
    for (Index c = 0; c < sizes.size(); ++c) {
      result[c] = concentrations(c, 0) / concentrations.row(c).sum();
      for (Index b = 0; b < sizes.size(); ++b)
        if (sizes[b] > sizes[c] || (sizes[b] == sizes[c] && b < c))
          result[c] *= concentrations(b, 1) / concentrations.row(b).sum();
    }
    return result / result.sum();
  }

  void update(const LongMatrix& R) {
    const Index k = R.cols(), d = X.cols();
    const LongMatrix WR = w.asDiagonal() * R;
    sizes = WR.colwise().sum().transpose();
    update_proportions();
    const long double kappa0 = static_cast<long double>(prior.mean_precision);
    const LongVector m0 = prior.mean.cast<long double>();
    means.resize(k, d);
    mean_precisions = sizes.array() + kappa0;
    inverse_scales.assign(static_cast<std::size_t>(k), LongMatrix::Zero(d, d));
    for (Index c = 0; c < k; ++c) {
      means.row(c) = (kappa0 * m0.transpose() + WR.col(c).transpose() * X) / mean_precisions[c];
      // The scatter of the rows and that of the prior, about the posterior mean.
      LongMatrix& W = inverse_scales[static_cast<std::size_t>(c)];
      const LongMatrix A = X.rowwise() - means.row(c);
      const LongVector a = m0 - means.row(c).transpose();
      W = A.transpose() * WR.col(c).asDiagonal() * A + kappa0 * a * a.transpose();
      if (kind == Covariance::diagonal) W = LongMatrix(W.diagonal().asDiagonal());
      if (kind == Covariance::spherical) W = W.trace() / dimensions() * LongMatrix::Identity(d, d);
    }
    degrees.clear();
    log_determinants.clear();
    LongMatrix pooled = LongMatrix::Zero(d, d);
    for (const LongMatrix& W : inverse_scales) pooled += W;
    for (Index c = 0; c < k; ++c) {
      LongMatrix& W = inverse_scales[static_cast<std::size_t>(c)];
      if (kind == Covariance::tied) W = pooled;
      W += prior_inverse_scale();
      degrees.push_back(static_cast<long double>(prior.degrees_of_freedom) +
                        (kind == Covariance::tied ? sizes.sum() : sizes[c]));
      log_determinants.push_back(expected_log_determinant(W, degrees.back()));
    }
  }

  /// log ρ of the rows, n × k.
  LongMatrix log_terms() const {
    const long double d = dimensions(), log_2pi = std::log(2 * std::acos(-1.0L));
    LongMatrix result(X.rows(), sizes.size());
    for (Index c = 0; c < sizes.size(); ++c) {
      const LongMatrix precision = expected_precision(c);
      for (Index i = 0; i < X.rows(); ++i) {
        const LongVector x = (X.row(i) - means.row(c)).transpose();
        result(i, c) = log_proportions[c] + log_determinants[static_cast<std::size_t>(c)] / 2 - d / 2 * log_2pi -
                       (d / mean_precisions[c] + x.dot(precision * x)) / 2;
      }
    }
    return result;
  }

  LongMatrix responsibilities() const {
    LongMatrix R = log_terms();
    for (Index i = 0; i < R.rows(); ++i) {
      R.row(i) = (R.row(i).array() - R.row(i).maxCoeff()).exp().matrix().eval();
      R.row(i) /= R.row(i).sum();
    }
    return R;
  }

  /// Bishop, 10.70: E log p(X, Z, π, μ, Λ) − E log q.
  long double lower_bound() const {
    const long double d = dimensions(), log_2pi = std::log(2 * std::acos(-1.0L));
    const long double kappa0 = static_cast<long double>(prior.mean_precision);
    const long double nu0 = static_cast<long double>(prior.degrees_of_freedom);
    const LongMatrix terms = log_terms(), R = responsibilities(), S0 = prior_inverse_scale();
    long double bound = proportions_part;
    for (Index i = 0; i < R.rows(); ++i)
      for (Index c = 0; c < R.cols(); ++c)
        if (R(i, c) > 0) bound += w[i] * R(i, c) * (terms(i, c) - std::log(R(i, c)));
    for (Index c = 0; c < sizes.size(); ++c) {
      const std::size_t s = static_cast<std::size_t>(c);
      const LongMatrix precision = expected_precision(c);
      const LongVector m = means.row(c).transpose() - prior.mean.cast<long double>();
      const long double log_det = log_determinants[s], kappa = mean_precisions[c], nu = degrees[s];
      bound += (d * (std::log(kappa0) - log_2pi) + log_det - d * kappa0 / kappa - kappa0 * m.dot(precision * m)) / 2;
      bound -= (d * (std::log(kappa) - log_2pi) + log_det - d) / 2;
      if (kind == Covariance::tied && c > 0) continue;  // one precision for all
      // With the exponents of |Λ| in the densities: (ν − d − 1) / 2, d times ν / 2 − 1, and (d ν) / 2 − 1 of λ =
      // |Λ|^(1/d).
      const auto exponent = [&](long double degrees_of_freedom) {
        if (kind == Covariance::spherical) return (d * degrees_of_freedom / 2 - 1) / d;
        return along_axes() ? degrees_of_freedom / 2 - 1 : (degrees_of_freedom - d - 1) / 2;
      };
      bound += log_factor(S0, nu0) + exponent(nu0) * log_det - (S0 * precision).trace() / 2;
      bound -= log_factor(inverse_scales[s], nu) + exponent(nu) * log_det - nu * d / 2;
    }
    return bound;
  }
};

}  // namespace corymb_test
