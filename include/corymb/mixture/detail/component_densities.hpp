#pragma once

#include <corymb/core/linalg.hpp>
#include <corymb/core/points.hpp>
#include <corymb/mixture/gaussian_mixture.hpp>

#include <Eigen/Cholesky>

#include <cmath>
#include <cstddef>
#include <limits>
#include <numbers>
#include <vector>

CORYMB_BEGIN
namespace detail {

inline bool along_axes(Covariance covariance) {
  return covariance == Covariance::diagonal || covariance == Covariance::spherical;
}

/// Which of the covariances is that of component c.
inline std::size_t covariance_of(Covariance covariance, Index c) {
  return covariance == Covariance::tied ? 0 : static_cast<std::size_t>(c);
}

/// The densities of the components of a mixture, ready to be evaluated: with Σ = L Lᵀ, the squared Mahalanobis distance
/// of x is ‖L⁻¹(x − μ)‖².
class ComponentDensities {
 public:
  /// Of a model whose covariances are positive definite.
  explicit ComponentDensities(const GaussianMixture& model)
      : model_(model), constants_(model.proportions.size()), whitening_(model.covariances.size()) {
    const Index d = model.means.cols();
    Vector log_determinants(static_cast<Index>(whitening_.size()));
    for (std::size_t s = 0; s < whitening_.size(); ++s) {
      const Eigen::MatrixXd& covariance = model.covariances[s];
      double& log_determinant = log_determinants[static_cast<Index>(s)];
      if (along_axes(model.covariance)) {
        whitening_[s] = covariance.array().rsqrt();
        log_determinant =
            covariance.array().log().sum() * (model.covariance == Covariance::spherical ? double(d) : 1.0);
      } else {
        one_thread([&] {
          const Eigen::LLT<Eigen::MatrixXd> factor(covariance);
          whitening_[s] = Eigen::MatrixXd::Identity(d, d);
          factor.matrixL().solveInPlace(whitening_[s]);
          log_determinant = 2 * factor.matrixLLT().diagonal().array().log().sum();
        });
      }
    }
    for (Index c = 0; c < k(); ++c)
      constants_[c] = std::log(model.proportions[c]) -
                      0.5 * (static_cast<double>(d) * std::log(2 * std::numbers::pi) +
                             log_determinants[static_cast<Index>(covariance_of(model.covariance, c))]);
  }

  Index k() const { return model_.proportions.size(); }

  /// log p_c N(x; μ_c, Σ_c) of rows whose differences from μ_c are given.
  /// @param differences  d × rows
  /// @param scratch      d × rows
  template <class Out>
  void evaluate(Index c, const Eigen::MatrixXd& differences, Eigen::MatrixXd& scratch, Out&& out) const {
    const Eigen::MatrixXd& whitening = whitening_[covariance_of(model_.covariance, c)];
    switch (model_.covariance) {
      case Covariance::full:
      case Covariance::tied: scratch.noalias() = whitening.template triangularView<Eigen::Lower>() * differences; break;
      case Covariance::diagonal: scratch = differences.array().colwise() * whitening.col(0).array(); break;
      case Covariance::spherical: scratch = differences * whitening(0, 0); break;
    }
    out = constants_[c] - 0.5 * scratch.colwise().squaredNorm().array();
  }

 private:
  const GaussianMixture& model_;
  Vector constants_;                        // log p_c − ½ (d log 2π + log |Σ_c|)
  std::vector<Eigen::MatrixXd> whitening_;  // L⁻¹; along the axes, the inverse standard deviations
};

/// One row's log densities become posterior probabilities; the return value is the log of the sum of the densities.
/// Where all densities vanish, the row is as likely in every component as the component itself.
inline double normalize(Eigen::Ref<Eigen::ArrayXd> densities, const Vector& proportions) {
  const double most = densities.maxCoeff();
  if (most == -std::numeric_limits<double>::infinity()) {
    densities = proportions.array();
    return most;
  }
  densities = (densities - most).exp();
  const double sum = densities.sum();
  densities /= sum;
  return most + std::log(sum);
}

}  // namespace detail
CORYMB_END
