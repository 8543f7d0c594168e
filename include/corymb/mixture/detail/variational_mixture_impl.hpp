#pragma once

#include <corymb/core/detail/memory.hpp>
#include <corymb/core/detail/validate.hpp>
#include <corymb/mixture/detail/check_mixture.hpp>
#include <corymb/mixture/variational_mixture.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

CORYMB_BEGIN
namespace detail {

/// What they have in common with those of gaussian_mixture().
inline GaussianMixtureOptions start_options(const VariationalMixtureOptions& options) {
  GaussianMixtureOptions result;
  result.covariance = options.covariance;
  result.init = options.init;
  result.initial_rows = options.initial_rows;
  result.initial_labels = options.initial_labels;
  result.restarts = options.restarts;
  result.max_iterations = options.max_iterations;
  result.tolerance = options.tolerance;
  result.weights = options.weights;
  result.seed = options.seed;
  result.execution = options.execution;
  return result;
}

// What follows is in variational_fit.hpp.

/// In bytes.
template <class T>
double variational_fit_memory(Index n, Index d, Index k, Covariance covariance, int threads);

/// Rows and options are checked.
template <class T>
VariationalMixture fit_variational(const Points<T>& X, Index k, const VariationalMixtureOptions& options);

/// The mixture whose posterior probabilities are those of the model.
CORYMB_INSTANCE_INLINE GaussianMixture expected_gaussians(const VariationalMixture& model);

// See kmeans_impl.hpp.
#if defined(CORYMB_EXTERN_TEMPLATES)
#define CORYMB_VARIATIONAL_INSTANCES(Template, T)                                  \
  Template double variational_fit_memory<T>(Index, Index, Index, Covariance, int); \
  Template VariationalMixture fit_variational(const Points<T>&, Index, const VariationalMixtureOptions&)
CORYMB_VARIATIONAL_INSTANCES(extern template, float);
CORYMB_VARIATIONAL_INSTANCES(extern template, double);
#endif

inline void check_variational_options(std::string_view function, Index d, const VariationalMixtureOptions& options) {
  const auto positive = [&](std::string_view name, double value, std::string_view rule) {
    if (!(value > 0 && std::isfinite(value)))
      reject(function, "prior." + std::string(name) + " = " + to_text(value) + " must be " + std::string(rule));
  };
  const Covariance kind = options.covariance;
  if (kind != Covariance::full && kind != Covariance::tied && kind != Covariance::diagonal &&
      kind != Covariance::spherical)
    reject(function, "covariance = " + std::string(name_of(kind)) + " must be full, tied, diagonal or spherical");
  const CovarianceFamily family = family_of(kind);
  const VariationalPrior& prior = options.prior;
  if (prior.concentration != 0) positive("concentration", prior.concentration, "finite and > 0, or 0 for the default");
  if (prior.mean.size() > 0) {
    if (prior.mean.size() != d)
      reject(function, "prior.mean has " + to_text(prior.mean.size()) + " entries; one per column, d = " + to_text(d) +
                           ", is needed");
    if (!prior.mean.allFinite()) reject(function, "prior.mean must be finite");
  }
  positive("mean_precision", prior.mean_precision, "finite and > 0");
  const double least = family.along_axes() ? 0 : static_cast<double>(d - 1);
  if (prior.degrees_of_freedom != 0 && !(prior.degrees_of_freedom > least && std::isfinite(prior.degrees_of_freedom)))
    reject(function, "prior.degrees_of_freedom = " + to_text(prior.degrees_of_freedom) + " must be finite and > " +
                         (family.along_axes() ? "0" : "d - 1 = " + to_text(d - 1)) + ", or 0 for the default");
  if (prior.covariance.size() > 0) check_covariance(function, "prior.covariance", family, d, prior.covariance);
}

/// A model that rows can be placed in.
inline void check_variational_model(std::string_view function, const VariationalMixture& model) {
  check_model(function, "model.mixture", model.mixture);
  const Index k = model.mixture.means.rows(), covariances = static_cast<Index>(model.mixture.covariances.size());
  const bool process = model.proportions == ProportionPrior::dirichlet_process;
  const auto require = [&](bool holds, const std::string& rule) {
    if (!holds) reject(function, "model." + rule);
  };
  require(model.concentrations.rows() == k && model.concentrations.cols() == (process ? 2 : 1),
          "concentrations must be " + to_text(k) + " x " + (process ? "2" : "1"));
  require(model.concentrations.allFinite() && model.concentrations.minCoeff() > 0,
          "concentrations must be finite and > 0");
  require(
      model.mean_precisions.size() == k && model.mean_precisions.allFinite() && model.mean_precisions.minCoeff() > 0,
      "mean_precisions must be " + to_text(k) + " finite numbers > 0");
  const Index d = family_of(model.mixture.covariance).along_axes() ? 1 : model.mixture.means.cols();
  require(model.degrees_of_freedom.size() == covariances && model.degrees_of_freedom.allFinite() &&
              model.degrees_of_freedom.minCoeff() > static_cast<double>(d - 1),
          "degrees_of_freedom must be " + to_text(covariances) + " finite numbers > " + to_text(d - 1));
  std::vector<Index> order = model.order;
  std::sort(order.begin(), order.end());
  bool whole = static_cast<Index>(order.size()) == (process ? k : 0);
  for (std::size_t i = 0; i < order.size() && whole; ++i) whole = order[i] == static_cast<Index>(i);
  require(whole, process ? "order must name each of the " + to_text(k) + " components once" : "order must be empty");
}

}  // namespace detail

template <class Derived>
VariationalMixture variational_mixture(const Eigen::DenseBase<Derived>& X, Index k,
                                       const VariationalMixtureOptions& options) {
  using T = typename Derived::Scalar;
  constexpr std::string_view function = "variational_mixture";
  detail::require_columns(function, X.cols());
  detail::check_mixture_options(function, X.rows(), k, false, detail::start_options(options));
  detail::check_variational_options(function, X.cols(), options);
  const int threads = resolve_threads(options.execution.threads);
  detail::require_memory(
      function,
      detail::packed_bytes(X) + detail::variational_fit_memory<T>(X.rows(), X.cols(), k, options.covariance, threads),
      options.execution.memory_limit, "use diagonal or spherical covariances, or fewer components");
  const Points<T> points(X);
  detail::check_points(function, points, threads);
  return detail::fit_variational(points, k, options);
}

template <class Derived>
Labels predict(const VariationalMixture& model, const Eigen::DenseBase<Derived>& X_new, const Execution& execution) {
  detail::check_variational_model("predict", model);
  return predict(detail::expected_gaussians(model), X_new, execution);
}

template <class Derived>
RowMatrix<double> predict_proba(const VariationalMixture& model, const Eigen::DenseBase<Derived>& X_new,
                                const Execution& execution) {
  detail::check_variational_model("predict_proba", model);
  return predict_proba(detail::expected_gaussians(model), X_new, execution);
}

CORYMB_END

// A source with the instances elsewhere need not read how they are made.
#if !defined(CORYMB_EXTERN_TEMPLATES)
#include <corymb/mixture/detail/variational_fit.hpp>
#endif
