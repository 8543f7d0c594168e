#pragma once

#include <corymb/core/detail/memory.hpp>
#include <corymb/core/detail/validate.hpp>
#include <corymb/core/random.hpp>
#include <corymb/mixture/detail/check_mixture.hpp>
#include <corymb/mixture/gaussian_mixture.hpp>

#include <cmath>
#include <span>
#include <string_view>
#include <vector>

CORYMB_BEGIN
namespace detail {

// What follows is in mixture_fit.hpp.

/// In bytes.
template <class T>
double mixture_fit_memory(Index n, Index d, Index k, Covariance covariance, const GaussianMixtureOptions& options,
                          int threads);

/// Rows and options are checked.
/// @param start  or null
template <class T>
GaussianMixture fit_mixture(const Points<T>& X, Index k, const GaussianMixture* start,
                            const GaussianMixtureOptions& options);

/// What is wanted of each row; null for what is not.
struct RowPosteriors {
  Labels* labels = nullptr;
  RowMatrix<double>* of_components = nullptr;
  Vector* of_label = nullptr;
  Vector* log_density = nullptr;
};
template <class T>
void find_posteriors(const Points<T>& X, const GaussianMixture& model, const Execution& execution,
                     const RowPosteriors& wanted);

// See kmeans_impl.hpp.
#if defined(CORYMB_EXTERN_TEMPLATES)
#define CORYMB_MIXTURE_INSTANCES(Template, T)                                                                 \
  Template double mixture_fit_memory<T>(Index, Index, Index, Covariance, const GaussianMixtureOptions&, int); \
  Template GaussianMixture fit_mixture(const Points<T>&, Index, const GaussianMixture*,                       \
                                       const GaussianMixtureOptions&);                                        \
  Template void find_posteriors(const Points<T>&, const GaussianMixture&, const Execution&, const RowPosteriors&)
CORYMB_MIXTURE_INSTANCES(extern template, float);
CORYMB_MIXTURE_INSTANCES(extern template, double);
#endif

/// @param most  components, and @param families of covariances, that will be fitted
template <class Derived>
Points<typename Derived::Scalar> check_mixture_rows(std::string_view function, const Eigen::DenseBase<Derived>& X,
                                                    Index most, std::span<const Covariance> families,
                                                    const GaussianMixtureOptions& options) {
  using T = typename Derived::Scalar;
  const int threads = resolve_threads(options.execution.threads);
  for (const Covariance covariance : families)
    require_memory(function,
                   packed_bytes(X) + mixture_fit_memory<T>(X.rows(), X.cols(), most, covariance, options, threads),
                   options.execution.memory_limit, "use diagonal or spherical covariances, or fewer components");
  Points<T> points(X);
  if (options.integrate_missing) {
    check_points_with_missing(function, points, threads);
    require_entries(function, points, most, options.weights);
  } else {
    check_points(function, points, threads);
  }
  return points;
}

}  // namespace detail

template <class Derived>
GaussianMixture gaussian_mixture(const Eigen::DenseBase<Derived>& X, Index k, const GaussianMixtureOptions& options) {
  constexpr std::string_view function = "gaussian_mixture";
  detail::require_columns(function, X.cols());
  detail::check_mixture_options(function, X.rows(), k, false, options);
  const auto points = detail::check_mixture_rows(function, X, k, {&options.covariance, 1}, options);
  return detail::fit_mixture(points, k, nullptr, options);
}

template <class Derived>
GaussianMixture gaussian_mixture(const Eigen::DenseBase<Derived>& X, const GaussianMixture& start,
                                 const GaussianMixtureOptions& options) {
  constexpr std::string_view function = "gaussian_mixture";
  detail::check_model(function, "start", start);
  detail::require_same_columns(function, "X", X.cols(), "start", start.means.cols());
  const Index k = start.proportions.size();
  detail::check_mixture_options(function, X.rows(), k, true, options);
  const auto points = detail::check_mixture_rows(function, X, k, {&start.covariance, 1}, options);
  return detail::fit_mixture(points, k, &start, options);
}

template <class Derived>
Labels predict(const GaussianMixture& model, const Eigen::DenseBase<Derived>& X_new, const Execution& execution) {
  const auto X = detail::check_rows_of_model("predict", model, X_new, execution);
  Labels labels(X.rows());
  detail::find_posteriors(X, model, execution, {.labels = &labels});
  return labels;
}

template <class Derived>
RowMatrix<double> predict_proba(const GaussianMixture& model, const Eigen::DenseBase<Derived>& X_new,
                                const Execution& execution) {
  const auto X = detail::check_rows_of_model("predict_proba", model, X_new, execution);
  RowMatrix<double> result(X.rows(), model.proportions.size() + (model.noise_proportion > 0 ? 1 : 0));
  detail::find_posteriors(X, model, execution, {.of_components = &result});
  return result;
}

template <class Derived>
Vector score_samples(const GaussianMixture& model, const Eigen::DenseBase<Derived>& X_new, const Execution& execution) {
  const auto X = detail::check_rows_of_model("score_samples", model, X_new, execution);
  Vector result(X.rows());
  detail::find_posteriors(X, model, execution, {.log_density = &result});
  return result;
}

inline MixtureSample sample(const GaussianMixture& model, Index n, std::uint64_t seed) {
  detail::check_model("sample", "model", model);
  if (n < 0) detail::reject("sample", "n = " + detail::to_text(n) + " must be ≥ 0");
  const Index d = model.means.cols(), k = model.means.rows();
  const detail::CovarianceFamily family = detail::family_of(model.covariance);
  std::vector<Eigen::MatrixXd> factors;
  for (const Eigen::MatrixXd& S : model.covariances)
    factors.push_back(family.along_axes() ? Eigen::MatrixXd(S.cwiseSqrt())
                                          : detail::one_thread([&]() -> Eigen::MatrixXd {
                                              return Eigen::LLT<Eigen::MatrixXd>(S).matrixL();
                                            }));
  Random random(seed);
  MixtureSample result{RowMatrix<double>(n, d), Labels(n)};
  Vector z(d);
  const Vector& degrees = model.degrees_of_freedom;
  for (Index i = 0; i < n; ++i) {
    const double u = random.uniform() * (model.proportions.sum() + model.noise_proportion) - model.noise_proportion;
    if (u < 0) {
      for (Index j = 0; j < d; ++j)
        result.points(i, j) =
            model.noise_box(0, j) + random.uniform() * (model.noise_box(1, j) - model.noise_box(0, j));
      result.labels[i] = noise;
      continue;
    }
    Index c = 0;
    double below = model.proportions[0];
    while (c + 1 < k && !(u < below)) below += model.proportions[++c];
    while (model.proportions[c] == 0) --c;  // rounding may lead beyond the last one that can be drawn
    for (double& value : z) value = random.normal();
    if (degrees.size() > 0) {
      const double half = detail::degrees_of_freedom_of(degrees, c) / 2;
      z /= std::sqrt(random.gamma(half) / half);
    }
    const Eigen::MatrixXd& factor = factors[detail::covariance_of(family, c)];
    if (family.spherical())
      z *= factor(0, 0);
    else if (family.along_axes())
      z.array() *= factor.col(0).array();
    else
      z = (factor * z).eval();
    result.points.row(i) = model.means.row(c) + z.transpose();
    result.labels[i] = static_cast<std::int32_t>(c);
  }
  return result;
}

inline std::vector<Eigen::MatrixXd> covariance_matrices(const GaussianMixture& model) {
  detail::check_model("covariance_matrices", "model", model);
  const detail::CovarianceFamily family = detail::family_of(model.covariance);
  const Index d = model.means.cols();
  std::vector<Eigen::MatrixXd> result;
  for (Index c = 0; c < model.means.rows(); ++c) {
    const Eigen::MatrixXd& S = model.covariances[detail::covariance_of(family, c)];
    if (family.spherical())
      result.push_back(S(0, 0) * Eigen::MatrixXd::Identity(d, d));
    else if (family.along_axes())
      result.push_back(S.col(0).asDiagonal());
    else
      result.push_back(S);
  }
  return result;
}

inline Index parameters(const GaussianMixture& model) {
  const Index k = model.means.rows(), d = model.means.cols();
  return k - 1 + (model.noise_proportion > 0 ? 1 : 0) + k * d + detail::family_of(model.covariance).parameters(k, d) +
         model.degrees_of_freedom.size();
}

inline double bic(const GaussianMixture& model) {
  return -2 * model.total_weight * model.log_likelihood +
         static_cast<double>(parameters(model)) * std::log(model.total_weight);
}

inline double aic(const GaussianMixture& model) {
  return -2 * model.total_weight * model.log_likelihood + 2 * static_cast<double>(parameters(model));
}

inline double icl(const GaussianMixture& model) {
  return -2 * model.total_weight * model.classification_log_likelihood +
         static_cast<double>(parameters(model)) * std::log(model.total_weight);
}

CORYMB_END

// A source with the instances elsewhere need not read how they are made.
#if !defined(CORYMB_EXTERN_TEMPLATES)
#include <corymb/mixture/detail/mixture_fit.hpp>
#endif
