#pragma once

#include <corymb/core/detail/memory.hpp>
#include <corymb/core/detail/validate.hpp>
#include <corymb/mixture/detail/check_mixture.hpp>
#include <corymb/mixture/detail/row_block.hpp>
#include <corymb/mixture/online_gaussian_mixture.hpp>

#include <cmath>
#include <string_view>

CORYMB_BEGIN
namespace detail {

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

// The constructor and learn() are in online_fit.hpp. For their instances see kmeans_impl.hpp.
#if defined(CORYMB_EXTERN_TEMPLATES)
#define CORYMB_ONLINE_MIXTURE_INSTANCES(Template, T) \
  Template double OnlineGaussianMixture::learn(const Points<T>&, const Vector&, double, int)
CORYMB_ONLINE_MIXTURE_INSTANCES(extern template, float);
CORYMB_ONLINE_MIXTURE_INSTANCES(extern template, double);
#endif

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
  return learn(points, weights, weight, threads);
}

CORYMB_END

// A source with the instances elsewhere need not read how they are made.
#if !defined(CORYMB_EXTERN_TEMPLATES)
#include <corymb/mixture/detail/online_fit.hpp>
#endif
