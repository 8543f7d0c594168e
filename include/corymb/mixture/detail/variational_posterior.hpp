#pragma once

#include <corymb/core/linalg.hpp>
#include <corymb/mixture/detail/covariance_estimation.hpp>
#include <corymb/mixture/detail/digamma.hpp>
#include <corymb/mixture/detail/mixture_sums.hpp>
#include <corymb/mixture/variational_mixture_model.hpp>

#include <Eigen/Cholesky>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <numbers>
#include <numeric>
#include <vector>

// The posterior distribution of a variational mixture: its update for given sums over the rows (Bishop 2006, 10.58 to
// 10.63), what it says of a row, and how far it is from the prior. κ is a mean precision, ν degrees of freedom, and W
// the scale matrix of a Wishart distribution; W⁻¹ = ν Σ, where Σ is the covariance of the mixture.

CORYMB_BEGIN
namespace detail {

/// A Wishart distribution of precisions, as far as its entropy tells. Along the axes there are d of one dimension; in
/// spherical families one, of which each row counts d times.
struct Wishart {
  double dimensions;
  double degrees_of_freedom;
  double log_determinant;  // of W⁻¹

  /// E log |Λ| − log |W|
  double expected_log() const {
    double sum = 0;
    for (double i = 0; i < dimensions; i += 1) sum += digamma(0.5 * (degrees_of_freedom - i));
    return sum + dimensions * std::numbers::ln2;
  }

  /// The log of the factor that makes the density integrate to one, but for a part that depends on the dimensions only.
  double log_factor() const {
    double sum = 0;
    for (double i = 0; i < dimensions; i += 1) sum += std::lgamma(0.5 * (degrees_of_freedom - i));
    return 0.5 * degrees_of_freedom * (log_determinant - dimensions * std::numbers::ln2) - sum;
  }

  /// Kullback-Leibler divergence from `prior`.
  /// @param trace  tr(W_prior⁻¹ W)
  double divergence(const Wishart& prior, double trace) const {
    return log_factor() - prior.log_factor() +
           0.5 * (degrees_of_freedom - prior.degrees_of_freedom) * (expected_log() - log_determinant) +
           0.5 * degrees_of_freedom * (trace - dimensions);
  }
};

/// Σ = L Lᵀ as a family stores it.
class CovarianceFactor {
 public:
  CovarianceFactor(const CovarianceFamily& family, Index d, const Eigen::MatrixXd& S)
      : family_(family),
        d_(d),
        factor_(family.along_axes() ? Eigen::MatrixXd(S.cwiseSqrt()) : one_thread([&]() -> Eigen::MatrixXd {
          return Eigen::LLT<Eigen::MatrixXd>(S).matrixL();
        })) {}

  /// xᵀ Σ⁻¹ x
  double squared_length(const Vector& x) const {
    if (family_.spherical()) return (x / factor_(0, 0)).squaredNorm();
    if (family_.along_axes()) return x.cwiseQuotient(factor_.col(0)).squaredNorm();
    return one_thread([&] { return factor_.triangularView<Eigen::Lower>().solve(x).squaredNorm(); });
  }

  /// Of the distribution of precisions with W⁻¹ = factor × Σ, from the one with W⁻¹ = other_factor × that of `other`.
  double divergence(double degrees_of_freedom, double factor, const CovarianceFactor& other, double other_degrees,
                    double other_factor) const {
    const double dimensions = static_cast<double>(d_), ratio = other_factor / factor;
    if (family_.spherical()) {
      const double s = factor_(0, 0) * factor_(0, 0), o = other.factor_(0, 0) * other.factor_(0, 0);
      return Wishart{1, dimensions * degrees_of_freedom, std::log(dimensions * factor * s)}.divergence(
          {1, dimensions * other_degrees, std::log(dimensions * other_factor * o)}, ratio * o / s);
    }
    if (family_.along_axes()) {
      double sum = 0;
      for (Index j = 0; j < d_; ++j) {
        const double s = factor_(j, 0) * factor_(j, 0), o = other.factor_(j, 0) * other.factor_(j, 0);
        sum += Wishart{1, degrees_of_freedom, std::log(factor * s)}.divergence(
            {1, other_degrees, std::log(other_factor * o)}, ratio * o / s);
      }
      return sum;
    }
    const double trace =
        one_thread([&] { return factor_.triangularView<Eigen::Lower>().solve(other.factor_).squaredNorm(); });
    return Wishart{dimensions, degrees_of_freedom, log_determinant(factor)}.divergence(
        {dimensions, other_degrees, other.log_determinant(other_factor)}, ratio * trace);
  }

 private:
  double log_determinant(double factor) const {
    return 2 * factor_.diagonal().array().log().sum() + static_cast<double>(d_) * std::log(factor);
  }

  CovarianceFamily family_;
  Index d_;
  Eigen::MatrixXd factor_;  // L; along the axes its diagonal
};

/// Sets the distribution of the proportions, and what it expects, from the sizes.
inline void update_proportions(VariationalMixture& model) {
  const Index k = model.sizes.size();
  const double concentration = model.prior.concentration;
  if (model.proportions == ProportionPrior::dirichlet) {
    model.concentrations = model.sizes.array() + concentration;
    model.mixture.proportions = model.concentrations.col(0) / model.concentrations.sum();
    return;
  }
  model.order.resize(static_cast<std::size_t>(k));
  std::iota(model.order.begin(), model.order.end(), Index{0});
  std::stable_sort(model.order.begin(), model.order.end(),
                   [&](Index a, Index b) { return model.sizes[a] > model.sizes[b]; });
  model.concentrations.resize(k, 2);
  double after = 0;  // the rows of the components that come later
  for (auto c = model.order.rbegin(); c != model.order.rend(); ++c) {
    model.concentrations.row(*c) << 1 + model.sizes[*c], concentration + after;
    after += model.sizes[*c];
  }
  double left = 1;
  for (const Index c : model.order) {
    const double a = model.concentrations(c, 0), b = model.concentrations(c, 1);
    model.mixture.proportions[c] = left * (a / (a + b));
    left *= b / (a + b);
  }
  model.mixture.proportions /= model.mixture.proportions.sum();
}

/// E log π_c
inline Vector expected_log_proportions(const VariationalMixture& model) {
  Vector result(model.sizes.size());
  if (model.proportions == ProportionPrior::dirichlet) {
    const double all = digamma(model.concentrations.sum());
    for (Index c = 0; c < result.size(); ++c) result[c] = digamma(model.concentrations(c, 0)) - all;
    return result;
  }
  double left = 0;
  for (const Index c : model.order) {
    const double a = model.concentrations(c, 0), b = model.concentrations(c, 1), all = digamma(a + b);
    result[c] = left + digamma(a) - all;
    left += digamma(b) - all;
  }
  return result;
}

/// Kullback-Leibler divergence of the proportions from their prior. What a Dirichlet process has beyond the k
/// components keeps its prior.
inline double divergence_of_proportions(const VariationalMixture& model) {
  const double concentration = model.prior.concentration;
  const auto log_beta = [](double a, double b) { return std::lgamma(a) + std::lgamma(b) - std::lgamma(a + b); };
  double sum = 0;
  if (model.proportions == ProportionPrior::dirichlet) {
    const Vector logs = expected_log_proportions(model);
    sum = std::lgamma(model.concentrations.sum()) - std::lgamma(static_cast<double>(logs.size()) * concentration);
    for (Index c = 0; c < logs.size(); ++c)
      sum += std::lgamma(concentration) - std::lgamma(model.concentrations(c, 0)) + model.sizes[c] * logs[c];
    return sum;
  }
  for (Index c = 0; c < model.sizes.size(); ++c) {
    const double a = model.concentrations(c, 0), b = model.concentrations(c, 1), all = digamma(a + b);
    sum += log_beta(1, concentration) - log_beta(a, b) + (a - 1) * (digamma(a) - all) +
           (b - concentration) * (digamma(b) - all);
  }
  return sum;
}

/// The conjugate update of all factors but that of the rows.
/// @param references  k × d, what the sums are relative to
inline void update_posterior(const MixtureSums& sums, const RowMatrix<double>& references, VariationalMixture& model) {
  const CovarianceFamily family = family_of(model.mixture.covariance);
  const VariationalPrior& prior = model.prior;
  const Index k = references.rows(), d = references.cols();
  model.sizes = sums.weight;
  model.components = (sums.weight.array() >= 1).count();
  update_proportions(model);

  model.degrees_of_freedom = family.shared() ? Vector::Constant(1, sums.weight.sum()) : Vector(sums.weight);
  model.degrees_of_freedom.array() += prior.degrees_of_freedom;
  std::vector<Eigen::MatrixXd> inverse_scales;  // those of spherical families by axis, of which the mean counts
  for (Index s = 0; s < family.count(k); ++s)
    inverse_scales.push_back(sums.second_moments(static_cast<std::size_t>(s), d));
  for (Index c = 0; c < k; ++c) {
    const double size = sums.weight[c];
    model.mean_precisions[c] = prior.mean_precision + size;
    model.mixture.means.row(c) = prior.mean.transpose();
    if (!(size > 0)) continue;
    const Vector shift = sums.first.col(c).head(d) / size;
    const Vector from_prior = (references.row(c).transpose() - prior.mean) + shift;
    model.mixture.means.row(c) += (size / model.mean_precisions[c]) * from_prior.transpose();
    const double pull = prior.mean_precision * (size / model.mean_precisions[c]);
    Eigen::MatrixXd& W = inverse_scales[covariance_of(family, c)];
    if (family.along_axes())
      W.col(0).array() += pull * from_prior.array().square() - size * shift.array().square();
    else
      W += pull * Eigen::MatrixXd(from_prior * from_prior.transpose()) -
           size * Eigen::MatrixXd(shift * shift.transpose());
  }
  // The prior alone is positive definite, and the rest is nowhere negative but by rounding.
  const Vector units = family.along_axes() ? Vector(prior.covariance.col(0).cwiseSqrt())
                                           : Vector(prior.covariance.diagonal().cwiseSqrt());
  const double resolution = 4 * static_cast<double>(d) * std::numeric_limits<double>::epsilon();
  for (std::size_t s = 0; s < inverse_scales.size(); ++s) {
    Eigen::MatrixXd& W = inverse_scales[s];
    if (family.spherical()) W = Eigen::MatrixXd::Constant(1, 1, W.mean());
    if (family.along_axes()) {
      W = W.cwiseMax(0) + prior.covariance;
    } else {
      W += prior.covariance;
      Eigen::MatrixXd relative = units.cwiseInverse().asDiagonal() * W * units.cwiseInverse().asDiagonal();
      if (raise_eigenvalues(relative, resolution * relative.diagonal().maxCoeff()))
        W = units.asDiagonal() * relative * units.asDiagonal();
    }
    model.mixture.covariances[s] = W / model.degrees_of_freedom[static_cast<Index>(s)];
  }
}

/// What the posterior expects of the log density of a row in component c, and of the proportion: log p_c N(x; m_c, Σ_c)
/// + log_scale, with the means and covariances of `mixture`. The proportions sum to one.
struct ExpectedMixture {
  GaussianMixture mixture;
  double log_scale;
};

inline ExpectedMixture expected_mixture(const VariationalMixture& model) {
  const CovarianceFamily family = family_of(model.mixture.covariance);
  const double d = static_cast<double>(model.mixture.means.cols());
  Vector logs = expected_log_proportions(model);
  for (Index c = 0; c < logs.size(); ++c) {
    const double degrees = model.degrees_of_freedom[family.shared() ? 0 : c];
    // E log |Λ| is that much below log |Σ⁻¹|.
    double less = 0;
    if (family.spherical())
      less = d * (Wishart{1, d * degrees, 0}.expected_log() - std::log(d * degrees));
    else if (family.along_axes())
      less = d * (Wishart{1, degrees, 0}.expected_log() - std::log(degrees));
    else
      less = Wishart{d, degrees, 0}.expected_log() - d * std::log(degrees);
    logs[c] += 0.5 * (less - d / model.mean_precisions[c]);
  }
  const double largest = logs.maxCoeff();
  const Vector relative = (logs.array() - largest).exp();
  ExpectedMixture result;
  result.mixture.covariance = model.mixture.covariance;
  result.mixture.proportions = relative / relative.sum();
  result.mixture.means = model.mixture.means;
  result.mixture.covariances = model.mixture.covariances;
  result.log_scale = largest + std::log(relative.sum());
  return result;
}

/// Kullback-Leibler divergence of the posterior of all parameters from their prior.
inline double divergence_from_prior(const VariationalMixture& model) {
  const CovarianceFamily family = family_of(model.mixture.covariance);
  const VariationalPrior& prior = model.prior;
  const Index k = model.sizes.size(), d = model.mixture.means.cols();
  const CovarianceFactor of_prior(family, d, prior.covariance);
  std::vector<CovarianceFactor> factors;
  double sum = divergence_of_proportions(model);
  for (std::size_t s = 0; s < model.mixture.covariances.size(); ++s) {
    const double degrees = model.degrees_of_freedom[static_cast<Index>(s)];
    factors.emplace_back(family, d, model.mixture.covariances[s]);
    sum += factors.back().divergence(degrees, degrees, of_prior, prior.degrees_of_freedom, 1);
  }
  for (Index c = 0; c < k; ++c) {
    const double ratio = prior.mean_precision / model.mean_precisions[c];
    const Vector from_prior = model.mixture.means.row(c).transpose() - prior.mean;
    sum += 0.5 * (static_cast<double>(d) * (ratio - 1 - std::log(ratio)) +
                  prior.mean_precision * factors[covariance_of(family, c)].squared_length(from_prior));
  }
  return sum;
}

}  // namespace detail
CORYMB_END
