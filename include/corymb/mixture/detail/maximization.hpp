#pragma once

#include <corymb/mixture/detail/covariance_estimation.hpp>
#include <corymb/mixture/detail/digamma.hpp>
#include <corymb/mixture/detail/mixture_sums.hpp>

#include <cmath>
#include <cstddef>
#include <utility>
#include <vector>

CORYMB_BEGIN
namespace detail {

/// The degrees of freedom ν > 0 of Student's t that maximise the expectation of the log density of the scales,
/// Gamma(ν / 2, ν / 2), where `tail` is the mean of E[log u] − u over the rows: log(ν / 2) − ψ(ν / 2) = −1 − tail,
/// whose left side falls. Within [0.1, 1000]: beyond that a t is as good as Gaussian.
inline double degrees_of_freedom(double tail) {
  constexpr double least = 0.1, most = 1000;
  double low = std::log(least / 2), high = std::log(most / 2);
  constexpr int halvings = 60;
  for (int i = 0; i < halvings; ++i) {
    const double middle = (low + high) / 2;
    (middle - digamma(std::exp(middle)) > -1 - tail ? low : high) = middle;
  }
  return 2 * std::exp((low + high) / 2);
}

/// The M step: the most likely parameters for the given sums, whose references are the means of `model`. Components
/// without rows keep their means, with proportion 0.
inline void maximize(const MixtureSums& sums, CovarianceEstimator& estimator, GaussianMixture& model) {
  const CovarianceFamily family = family_of(model.covariance);
  const Index k = model.means.rows(), d = model.means.cols();
  const double total = sums.weight.sum() + sums.noise;
  model.noise_proportion = sums.noise / total;
  std::vector<Eigen::MatrixXd> scatter;
  for (std::size_t s = 0; s < model.covariances.size(); ++s) scatter.push_back(sums.second_moments(s, d));
  for (Index c = 0; c < k; ++c) {
    model.proportions[c] = sums.weight[c] / total;
    if (!(sums.weight[c] > 0)) continue;
    const double mass = sums.masses()[c];
    const Vector shift = sums.first.col(c).head(d) / mass;
    model.means.row(c) += shift.transpose();
    Eigen::MatrixXd& W = scatter[covariance_of(family, c)];
    if (family.along_axes())
      W.col(0).array() -= mass * shift.array().square();
    else
      W -= mass * Eigen::MatrixXd(shift * shift.transpose());
  }
  if (family.spherical())
    for (Eigen::MatrixXd& W : scatter) W = Eigen::MatrixXd::Constant(1, 1, W.sum());
  Vector& degrees = model.degrees_of_freedom;
  if (degrees.size() == 1 && k > 1)
    degrees[0] = degrees_of_freedom(sums.tail.sum() / sums.weight.sum());
  else
    for (Index c = 0; c < degrees.size(); ++c)
      if (sums.weight[c] > 0) degrees[c] = degrees_of_freedom(sums.tail[c] / sums.weight[c]);
  estimator.estimate(sums.weight, std::move(scatter), model);
}

}  // namespace detail
CORYMB_END
