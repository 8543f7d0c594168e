#pragma once

#include <corymb/mixture/online_gaussian_mixture.hpp>  // first, whose end may include this

#include <corymb/mixture/detail/covariance_estimation.hpp>
#include <corymb/mixture/detail/em_passes.hpp>
#include <corymb/mixture/detail/maximization.hpp>
#include <corymb/mixture/detail/running_sums.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

CORYMB_BEGIN

CORYMB_INSTANCE_INLINE OnlineGaussianMixture::OnlineGaussianMixture(const GaussianMixture& start,
                                                                    const OnlineGaussianMixtureOptions& options)
    : options_(options) {
  detail::check_online_mixture("OnlineGaussianMixture", start, options);
  model_.covariance = start.covariance;
  model_.proportions = start.proportions / start.proportions.sum();
  model_.means = start.means;
  model_.covariances = start.covariances;
  model_.log_likelihood = start.log_likelihood;
  model_.classification_log_likelihood = start.classification_log_likelihood;
  model_.total_weight = start.total_weight;
  variances_ = detail::column_variances(model_);
  model_.floored =
      detail::estimator_above(options_.covariance_floor, model_.covariance, variances_).start_from(model_.covariances);
  sums_ = detail::sums_of_model(model_);
}

template <class T>
double OnlineGaussianMixture::learn(const Points<T>& batch, const Vector& weights, double weight, int threads) {
  const detail::CovarianceFamily family = detail::family_of(model_.covariance);
  Labels labels(batch.rows());
  const detail::MixtureRows rows(batch, weights.size() > 0 ? weights.data() : nullptr, false);
  detail::MixtureSums sums = detail::expectation(rows, model_, Memberships::soft, threads, labels);
  const double log_likelihood = sums.log_likelihood / weight;
  const double step = std::pow(static_cast<double>(batches_ + 1) + options_.step_offset, -options_.step_exponent);
  detail::blend(step, std::move(sums), weight, sums_);
  detail::CovarianceEstimator estimator =
      detail::estimator_above(options_.covariance_floor, model_.covariance, variances_);
  std::vector<Eigen::MatrixXd> last = model_.covariances;
  estimator.start_from(last);  // common axes are turned from where they are
  const RowMatrix<double> references = model_.means;
  detail::maximize(sums_, estimator, model_);
  detail::move_references(family, model_.means - references, sums_);

  ++batches_;
  model_.log_likelihood = sums_.log_likelihood;
  model_.classification_log_likelihood = sums_.classification_log_likelihood;
  model_.total_weight += weight;
  model_.iterations = static_cast<int>(std::min<std::int64_t>(batches_, std::numeric_limits<int>::max()));
  return log_likelihood;
}

CORYMB_END
