#pragma once

#include <corymb/core/linalg.hpp>
#include <corymb/mixture/detail/covariance_families.hpp>
#include <corymb/mixture/detail/mixture_kernels.hpp>

#include <Eigen/Cholesky>

#include <cmath>
#include <cstddef>
#include <limits>
#include <numbers>
#include <vector>

CORYMB_BEGIN
namespace detail {

/// d numbers are padded to this many for the kernels.
inline Index padded(Index d) {
  return (d + mixture_kernels::padding - 1) / mixture_kernels::padding * mixture_kernels::padding;
}

/// One vector after another, each padded with zeros.
inline Eigen::MatrixXd padded_columns(const RowMatrix<double>& rows) {
  Eigen::MatrixXd columns = Eigen::MatrixXd::Zero(padded(rows.cols()), rows.rows());
  columns.topRows(rows.cols()) = rows.transpose();
  return columns;
}

/// The components of a mixture as the kernels evaluate them: with Σ = L Lᵀ, the squared Mahalanobis distance of x is
/// δ = ‖L⁻¹ (x − μ)‖². A Gaussian's log density is a constant − δ / 2, that of Student's t a constant
/// − (ν + d) / 2 · log(1 + δ / ν).
class ComponentDensities {
 public:
  /// Of a model whose covariances are positive definite. It may have no columns at all: then rows are as likely as
  /// each other, whatever the component.
  explicit ComponentDensities(const GaussianMixture& model)
      : form_(family_of(model.covariance).along_axes() || model.means.cols() == 0
                  ? mixture_kernels::Whitening::diagonal
                  : mixture_kernels::Whitening::triangular),
        shared_(family_of(model.covariance).shared()),
        d_(model.means.cols()),
        means_(padded_columns(model.means)),
        degrees_of_freedom_(model.degrees_of_freedom),
        constants_(model.proportions.size()),
        noise_(log_noise(model)),
        whitening_(form_ == mixture_kernels::Whitening::diagonal ? d_ : mixture_kernels::whitening_size(d_),
                   static_cast<Index>(model.covariances.size())) {
    Vector log_determinants(whitening_.cols());
    for (Index s = 0; s < whitening_.cols(); ++s)
      log_determinants[s] =
          whiten(family_of(model.covariance), model.covariances[static_cast<std::size_t>(s)], whitening_.col(s));
    const double dimensions = static_cast<double>(d_);
    for (Index c = 0; c < k(); ++c) {
      constants_[c] = std::log(model.proportions[c]) - 0.5 * log_determinants[shared_ ? 0 : c];
      if (!student()) {
        constants_[c] -= 0.5 * dimensions * std::log(2 * std::numbers::pi);
        continue;
      }
      const double nu = degrees_of_freedom(c);
      constants_[c] +=
          std::lgamma((nu + dimensions) / 2) - std::lgamma(nu / 2) - 0.5 * dimensions * std::log(std::numbers::pi * nu);
    }
    kernel_constants_ = student() ? Vector(Vector::Zero(k())) : constants_;
  }

  Index k() const { return constants_.size(); }
  /// log of the proportion of the noise times its density; −∞ without noise.
  double noise() const { return noise_; }
  Index d() const { return d_; }
  bool student() const { return degrees_of_freedom_.size() > 0; }
  double degrees_of_freedom(Index c) const { return degrees_of_freedom_of(degrees_of_freedom_, c); }
  /// k columns, padded.
  const Eigen::MatrixXd& means() const { return means_; }

  /// The log densities of the components times their proportions, of n rows.
  /// @param panels       as LogDensitiesTask has it
  /// @param differences  scratch: d × panel_rows()
  /// @param values       k × n
  /// @param scales       of Student's t, k × n: E[u] = (ν + d) / (ν + δ), by which the row weighs in the mean and the
  ///                     scatter of the component
  void evaluate(const double* panels, Index n, double* differences, double* values, double* scales) const {
    mixture_kernels::log_densities({.panels = panels,
                                    .n = n,
                                    .d = d_,
                                    .k = k(),
                                    .stride = means_.rows(),
                                    .form = form_,
                                    .means = means_.data(),
                                    .whitening = whitening_.data(),
                                    .whitening_stride = shared_ ? 0 : whitening_.rows(),
                                    .constants = kernel_constants_.data(),
                                    .differences = differences,
                                    .values = values});
    for (Index c = 0; student() && c < k(); ++c) {
      const double nu = degrees_of_freedom(c), half = (nu + static_cast<double>(d_)) / 2;
      for (Index i = c * n; i < (c + 1) * n; ++i) {
        const double distance = -2 * values[i];
        scales[i] = 2 * half / (nu + distance);
        values[i] = constants_[c] - half * std::log1p(distance / nu);
      }
    }
  }

 private:
  static double log_noise(const GaussianMixture& model) {
    if (!(model.noise_proportion > 0)) return -std::numeric_limits<double>::infinity();
    return std::log(model.noise_proportion) - (model.noise_box.row(1) - model.noise_box.row(0)).array().log().sum();
  }

  /// Returns log |Σ|.
  static double whiten(const CovarianceFamily& family, const Eigen::MatrixXd& covariance, Eigen::Ref<Vector> packed) {
    if (family.spherical()) {
      packed.setConstant(1 / std::sqrt(covariance(0, 0)));
      return static_cast<double>(packed.size()) * std::log(covariance(0, 0));
    }
    if (family.along_axes()) {
      packed = covariance.col(0).array().rsqrt();
      return covariance.array().log().sum();
    }
    return one_thread([&] {
      const Eigen::LLT<Eigen::MatrixXd> factor(covariance);
      Eigen::MatrixXd inverse = Eigen::MatrixXd::Identity(covariance.rows(), covariance.cols());
      factor.matrixL().solveInPlace(inverse);
      mixture_kernels::pack_whitening(inverse.data(), inverse.rows(), packed.data());
      return 2 * factor.matrixLLT().diagonal().array().log().sum();
    });
  }

  mixture_kernels::Whitening form_;
  bool shared_;  // one covariance for all components
  Index d_;
  Eigen::MatrixXd means_;
  Vector degrees_of_freedom_;  // of Student's t, as the model has them
  Vector constants_;           // log of p_c times the density at the mean
  Vector kernel_constants_;    // the same; of Student's t zeros, for the kernels' values are −δ / 2 then
  double noise_;               // log of its proportion times its density
  Eigen::MatrixXd whitening_;  // by covariance: L⁻¹, packed; along the axes, the inverse standard deviations
};

}  // namespace detail
CORYMB_END
