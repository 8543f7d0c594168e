#pragma once

#include <corymb/mixture/detail/covariance_estimation.hpp>
#include <corymb/mixture/detail/mixture_sums.hpp>

#include <cstddef>
#include <utility>
#include <vector>

CORYMB_BEGIN
namespace detail {

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
    const Vector shift = sums.first.col(c).head(d) / sums.weight[c];
    model.means.row(c) += shift.transpose();
    Eigen::MatrixXd& W = scatter[covariance_of(family, c)];
    if (family.along_axes())
      W.col(0).array() -= sums.weight[c] * shift.array().square();
    else
      W -= sums.weight[c] * Eigen::MatrixXd(shift * shift.transpose());
  }
  if (family.spherical())
    for (Eigen::MatrixXd& W : scatter) W = Eigen::MatrixXd::Constant(1, 1, W.sum());
  estimator.estimate(sums.weight, std::move(scatter), model);
}

}  // namespace detail
CORYMB_END
