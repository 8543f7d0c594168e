#pragma once

#include <corymb/core/detail/memory.hpp>
#include <corymb/core/detail/validate.hpp>
#include <corymb/mixture/detail/check_mixture.hpp>
#include <corymb/mixture/detail/covariance_estimation.hpp>
#include <corymb/mixture/detail/em_passes.hpp>
#include <corymb/mixture/detail/maximization.hpp>
#include <corymb/mixture/detail/running_sums.hpp>
#include <corymb/mixture/online_gaussian_mixture.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string_view>
#include <utility>
#include <vector>

CORYMB_BEGIN
namespace detail {

/// Of the columns under a mixture.
inline Vector column_variances(const GaussianMixture& model) {
  const std::vector<Eigen::MatrixXd> covariances = covariance_matrices(model);
  const Vector shares = model.proportions / model.proportions.sum();
  const Vector mean = (shares.asDiagonal() * model.means).colwise().sum().transpose();
  Vector variances = Vector::Zero(mean.size());
  for (Index c = 0; c < shares.size(); ++c)
    variances += shares[c] * (covariances[static_cast<std::size_t>(c)].diagonal() +
                              (model.means.row(c).transpose() - mean).cwiseAbs2());
  return variances;
}

inline void check_online_mixture(std::string_view function, const GaussianMixture& start,
                                 const OnlineGaussianMixtureOptions& options) {
  check_model(function, "start", start);
  if (start.noise_proportion > 0)
    reject(function, "start has a component of noise, noise_proportion = " + to_text(start.noise_proportion) +
                         "; it must have none");
  if (start.degrees_of_freedom.size() > 0)
    reject(function, "start has components of Student's t; they must be Gaussian");
  if (!(options.step_exponent > 0.5 && options.step_exponent <= 1))
    reject(function, "step_exponent = " + to_text(options.step_exponent) + " must be in (0.5, 1]");
  if (!(options.step_offset >= 0) || std::isinf(options.step_offset))
    reject(function, "step_offset = " + to_text(options.step_offset) + " must be finite and ≥ 0");
  if (!(options.covariance_floor > 0 && options.covariance_floor <= 1))
    reject(function, "covariance_floor = " + to_text(options.covariance_floor) + " must be in (0, 1]");
}

/// Bytes to learn a batch of n rows.
inline double online_memory(const CovarianceFamily& family, Index n, Index d, Index k, int threads) {
  const Index size = MixtureSums::size(family, k, d);
  return static_cast<double>(n) * sizeof(std::int32_t) +
         static_cast<double>((chunks_of_rows(n, size).count() + 6) * size) * sizeof(double) +
         threads * RowBlock::memory(k, d, false);
}

}  // namespace detail

inline OnlineGaussianMixture::OnlineGaussianMixture(const GaussianMixture& start,
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

template <class Derived>
double OnlineGaussianMixture::partial_fit(const Eigen::DenseBase<Derived>& batch, const Vector& weights,
                                          const Execution& execution) {
  constexpr std::string_view function = "partial_fit";
  const Index n = batch.rows(), d = model_.means.cols();
  const detail::CovarianceFamily family = detail::family_of(model_.covariance);
  detail::require_threads(function, execution.threads);
  detail::require_columns(function, batch.cols(), "batch");
  detail::require_same_columns(function, "batch", batch.cols(), "the model", d);
  const bool all_absent = weights.size() == n && (weights.array() == 0.0).all();
  if (!all_absent) detail::check_weights(function, weights, n);
  const int threads = resolve_threads(execution.threads);
  detail::require_memory(
      function, detail::packed_bytes(batch) + detail::online_memory(family, n, d, model_.means.rows(), threads),
      execution.memory_limit, "pass smaller batches, row-major, or use fewer components");
  const Points<typename Derived::Scalar> points(batch);
  detail::check_points(function, points, threads, "batch");
  const double weight = weights.size() > 0 ? weights.sum() : static_cast<double>(n);
  if (!(weight > 0)) return 0;

  Labels labels(n);
  const detail::MixtureRows rows(points, weights.size() > 0 ? weights.data() : nullptr, false);
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
