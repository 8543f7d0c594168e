#pragma once

#include <corymb/mixture/detail/mixture_sums.hpp>

#include <Eigen/Eigenvalues>

#include <algorithm>
#include <cstddef>
#include <vector>

CORYMB_BEGIN
namespace detail {

/// The matrix nearest to S in likelihood that has no eigenvalue below `floor`: of all Σ ⪰ floor · I it minimises
/// log |Σ| + tr(Σ⁻¹ S). That is S with its lower eigenvalues raised. Returns whether any was.
inline bool raise_eigenvalues(Eigen::MatrixXd& S, double floor) {
  const Index d = S.rows();
  return one_thread([&] {
    const Eigen::LLT<Eigen::MatrixXd> above(S - floor * Eigen::MatrixXd::Identity(d, d));
    if (above.info() == Eigen::Success) return false;
    const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> eigen(S);
    const Vector raised = eigen.eigenvalues().cwiseMax(floor);
    S.noalias() = eigen.eigenvectors() * raised.asDiagonal() * eigen.eigenvectors().transpose();
    S = (0.5 * (S + S.transpose())).eval();
    return true;
  });
}

/// The same for variances along the axes.
inline bool raise_variances(Eigen::MatrixXd& variances, double floor) {
  const bool raised = variances.minCoeff() < floor;
  variances = variances.cwiseMax(floor);
  return raised;
}

/// Either of them, as the kind of covariance has it.
inline bool raise_to_floor(Covariance kind, Eigen::MatrixXd& S, double floor) {
  return along_axes(kind) ? raise_variances(S, floor) : raise_eigenvalues(S, floor);
}

/// The M step: the most likely parameters for the given sums, whose references are the means of `model`. Components
/// without rows keep theirs, with proportion 0.
inline void maximize(const MixtureSums& sums, double variance_floor, GaussianMixture& model) {
  const Index k = model.means.rows(), d = model.means.cols();
  const double total = sums.weight.sum();
  std::vector<Eigen::MatrixXd> moments;
  for (std::size_t s = 0; s < model.covariances.size(); ++s) moments.push_back(sums.second_moments(s, d));

  for (Index c = 0; c < k; ++c) {
    model.proportions[c] = sums.weight[c] / total;
    if (!(sums.weight[c] > 0)) continue;
    const Vector shift = sums.first.col(c).head(d) / sums.weight[c];
    model.means.row(c) += shift.transpose();
    Eigen::MatrixXd& S = moments[covariance_of(model.covariance, c)];
    switch (model.covariance) {
      case Covariance::full: S = S / sums.weight[c] - shift * shift.transpose(); break;
      case Covariance::tied: S -= sums.weight[c] * Eigen::MatrixXd(shift * shift.transpose()); break;
      case Covariance::diagonal: S.col(0) = (S.col(0) / sums.weight[c]).array() - shift.array().square(); break;
      case Covariance::spherical:
        S = Eigen::MatrixXd::Constant(1, 1, (S.sum() / sums.weight[c] - shift.squaredNorm()) / static_cast<double>(d));
        break;
    }
  }
  if (model.covariance == Covariance::tied) moments[0] /= total;

  for (std::size_t s = 0; s < moments.size(); ++s) {
    if (model.covariance != Covariance::tied && !(sums.weight[static_cast<Index>(s)] > 0)) continue;
    model.floored[s] = raise_to_floor(model.covariance, moments[s], variance_floor);
    model.covariances[s] = std::move(moments[s]);
  }
}

}  // namespace detail
CORYMB_END
