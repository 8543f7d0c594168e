#pragma once

#include <corymb/distance/detail/check_points.hpp>
#include <corymb/mixture/detail/component_densities.hpp>
#include <corymb/partition/detail/check_options.hpp>

#include <cmath>
#include <string>
#include <string_view>
#include <vector>

CORYMB_BEGIN
namespace detail {

inline void check_initial_labels(std::string_view function, const Labels& labels, const Vector& weights, Index n,
                                 Index k) {
  if (labels.size() == 0) return;
  if (labels.size() != n)
    reject(function,
           "initial_labels has " + to_text(labels.size()) + " entries; one per row, n = " + to_text(n) + ", is needed");
  std::vector<bool> occurs(static_cast<std::size_t>(k));
  for (Index i = 0; i < n; ++i) {
    if (labels[i] < 0 || labels[i] >= k)
      reject(function,
             "initial_labels(" + to_text(i) + ") = " + to_text(labels[i]) + " must be in [0, k = " + to_text(k) + ")");
    if (weights.size() == 0 || weights[i] > 0) occurs[static_cast<std::size_t>(labels[i])] = true;
  }
  for (Index c = 0; c < k; ++c)
    if (!occurs[static_cast<std::size_t>(c)])
      reject(function, "initial_labels has no row of label " + to_text(c) +
                           " and positive weight; each label in "
                           "[0, k = " +
                           to_text(k) + ") must occur");
}

/// @param start_is_given  as parameters
inline void check_mixture_options(std::string_view function, Index n, Index k, bool start_is_given,
                                  const GaussianMixtureOptions& options) {
  require_threads(function, options.execution.threads);
  check_k(function, "rows", n, k, options.weights);
  check_numbers(function, "initial_rows", "row", options.initial_rows, n, k);
  check_initial_labels(function, options.initial_labels, options.weights, n, k);
  const int starts =
      (start_is_given ? 1 : 0) + (options.initial_rows.empty() ? 0 : 1) + (options.initial_labels.size() > 0 ? 1 : 0);
  if (starts > 1)
    reject(function, "initial_rows, initial_labels and given parameters exclude each other; one start is needed");
  if (options.restarts < 1) reject(function, "restarts = " + to_text(options.restarts) + " must be ≥ 1");
  if (starts > 0 && options.restarts > 1)
    reject(function, "restarts = " + to_text(options.restarts) + " must be 1 where the start is given");
  if (options.max_iterations < 0)
    reject(function, "max_iterations = " + to_text(options.max_iterations) + " must be ≥ 0");
  if (!(options.tolerance >= 0)) reject(function, "tolerance = " + to_text(options.tolerance) + " must be ≥ 0");
  if (!(options.noise >= 0 && options.noise < 1))
    reject(function, "noise = " + to_text(options.noise) + " must be in [0, 1)");
  if (!(options.covariance_floor > 0 && options.covariance_floor <= 1))
    reject(function, "covariance_floor = " + to_text(options.covariance_floor) + " must be in (0, 1]");
}

/// The options of fits of every k of a range.
inline void check_mixture_range(std::string_view function, Index n, KRange range,
                                const GaussianMixtureOptions& options) {
  if (range.first > range.last)
    reject(function, "range.first = " + to_text(range.first) + " must be ≤ range.last = " + to_text(range.last));
  for (const Index k : {range.first, range.last}) check_mixture_options(function, n, k, false, options);
}

/// One covariance, as the family stores it.
inline void check_covariance(std::string_view function, const std::string& name, const CovarianceFamily& family,
                             Index d, const Eigen::MatrixXd& S) {
  const Index rows = family.rows(d), cols = family.cols(d);
  if (S.rows() != rows || S.cols() != cols)
    reject(function, name + " is " + to_text(S.rows()) + " x " + to_text(S.cols()) + " and must be " + to_text(rows) +
                         " x " + to_text(cols));
  const bool positive = family.along_axes()
                            ? S.minCoeff() > 0
                            : S.isApprox(S.transpose(), 1e-10) &&
                                  one_thread([&] { return Eigen::LLT<Eigen::MatrixXd>(S).info() == Eigen::Success; });
  if (!S.allFinite() || !positive) reject(function, name + " must be symmetric positive definite");
}

/// A model that densities can be computed of.
inline void check_model(std::string_view function, std::string_view name, const GaussianMixture& model) {
  const std::string the(name);
  const Index k = model.proportions.size(), d = model.means.cols();
  if (k < 1) reject(function, the + " has no components");
  if (model.means.rows() != k || d < 1)
    reject(function, the + ".means is " + to_text(model.means.rows()) + " x " + to_text(d) +
                         "; one row per component, k = " + to_text(k) + ", and at least 1 column are needed");
  if (!model.means.allFinite()) reject(function, the + ".means must be finite");
  const double noise_share = model.noise_proportion, sum = model.proportions.sum() + noise_share;
  if (!(model.proportions.minCoeff() >= 0 && noise_share >= 0) || !(std::abs(sum - 1) <= 1e-6))
    reject(function, the + ".proportions and noise_proportion must be ≥ 0 and sum to 1; their sum is " + to_text(sum));
  if (noise_share > 0 && (model.noise_box.rows() != 2 || model.noise_box.cols() != d || !model.noise_box.allFinite() ||
                          !((model.noise_box.row(1) - model.noise_box.row(0)).minCoeff() > 0)))
    reject(function, the + ".noise_box must be 2 x " + to_text(d) + ", finite, and the second row above the first");
  const Vector& degrees = model.degrees_of_freedom;
  if (degrees.size() > 1 && degrees.size() != k)
    reject(function, the + ".degrees_of_freedom has " + to_text(degrees.size()) +
                         " entries; none, one or one per component, k = " + to_text(k) + ", are needed");
  if (degrees.size() > 0 && !(degrees.minCoeff() > 0 && degrees.allFinite()))
    reject(function, the + ".degrees_of_freedom must be finite and > 0");
  const CovarianceFamily family = family_of(model.covariance);
  const std::size_t matrices = static_cast<std::size_t>(family.count(k));
  if (model.covariances.size() != matrices)
    reject(function, the + ".covariances has " + to_text(model.covariances.size()) + " entries, " + to_text(matrices) +
                         " are needed");
  for (std::size_t s = 0; s < matrices; ++s)
    check_covariance(function, the + ".covariances[" + to_text(s) + "]", family, d, model.covariances[s]);
}

/// The rows of X_new for a model, both checked.
template <class Derived>
Points<typename Derived::Scalar> check_rows_of_model(std::string_view function, const GaussianMixture& model,
                                                     const Eigen::DenseBase<Derived>& X_new,
                                                     const Execution& execution) {
  require_threads(function, execution.threads);
  check_model(function, "model", model);
  require_same_columns(function, "X_new", X_new.cols(), "the model", model.means.cols());
  auto X = points_of(function, X_new, execution);
  const int threads = resolve_threads(execution.threads);
  if (model.integrate_missing)
    check_points_with_missing(function, X, threads, "X_new");
  else
    check_points(function, X, threads, "X_new");
  return X;
}

/// Rows of positive weight have an entry in each column, and at least k of them have any.
template <class T>
void require_entries(std::string_view function, const Points<T>& X, Index k, const Vector& weights) {
  std::vector<bool> has_entry(static_cast<std::size_t>(X.cols()));
  Index rows = 0;
  for (Index i = 0; i < X.rows(); ++i) {
    if (weights.size() > 0 && weights[i] == 0) continue;
    bool any = false;
    for (Index j = 0; j < X.cols(); ++j) {
      if (std::isnan(X(i, j))) continue;
      any = has_entry[static_cast<std::size_t>(j)] = true;
    }
    if (any) ++rows;
  }
  for (Index j = 0; j < X.cols(); ++j)
    if (!has_entry[static_cast<std::size_t>(j)])
      reject(function, "column " + to_text(j) + " of X has no entry in a row of positive weight; leave it out");
  if (rows < k)
    reject(function, "k = " + to_text(k) +
                         " must be at most the number of rows of positive weight that have an entry, " + to_text(rows));
}

}  // namespace detail
CORYMB_END
