#pragma once

#include <corymb/mixture/detail/covariance_families.hpp>
#include <corymb/mixture/detail/mixture_sums.hpp>

#include <cstddef>
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

/// The sums for a row of weight 1 that has the moments of the model, relative to its means: their M step gives the
/// model back.
inline MixtureSums sums_of_model(const GaussianMixture& model) {
  const CovarianceFamily family = family_of(model.covariance);
  const Index k = model.means.rows(), d = model.means.cols(), stride = padded(d);
  MixtureSums sums(family, k, d, false);
  sums.weight = model.proportions / model.proportions.sum();
  sums.log_likelihood = model.log_likelihood;
  sums.classification_log_likelihood = model.classification_log_likelihood;
  for (Index s = 0; s < family.count(k); ++s) {
    const Eigen::MatrixXd& S = model.covariances[static_cast<std::size_t>(s)];
    const double weight = family.shared() ? 1 : sums.weight[s];
    if (family.spherical())
      sums.second.col(s).head(d).setConstant(weight * S(0, 0));
    else
      for (Index j = 0; j < S.cols(); ++j) sums.second.col(s).segment(j * stride, d) = weight * S.col(j);
  }
  return sums;
}

/// The same sums relative to other references.
/// @param by  k × d: the new references minus the old ones
inline void move_references(const CovarianceFamily& family, const RowMatrix<double>& by, MixtureSums& sums) {
  const Index d = by.cols(), stride = sums.first.rows();
  for (Index c = 0; c < by.rows(); ++c) {
    const Vector shift = by.row(c).transpose(), first = sums.first.col(c).head(d);
    const double weight = sums.weight[c];
    auto second = sums.second.col(family.shared() ? 0 : c);
    // Σ r (x' − s)(x' − s)ᵀ
    if (family.along_axes())
      second.head(d).array() += shift.array() * (weight * shift - 2 * first).array();
    else
      for (Index j = 0; j < d; ++j)
        second.segment(j * stride, d) += (weight * shift[j] - first[j]) * shift - shift[j] * first;
    sums.first.col(c).head(d) -= weight * shift;
  }
}

/// A running mean: (1 − step) × sums + step × those of the batch, for a row of weight 1 and relative to the same
/// references.
inline void blend(double step, MixtureSums batch, double weight_of_batch, MixtureSums& sums) {
  const auto scale = [](MixtureSums& of, double factor) {
    of.weight *= factor;
    of.first *= factor;
    of.second *= factor;
    of.log_likelihood *= factor;
    of.classification_log_likelihood *= factor;
  };
  scale(sums, 1 - step);
  scale(batch, step / weight_of_batch);
  sums += batch;
}

}  // namespace detail
CORYMB_END
