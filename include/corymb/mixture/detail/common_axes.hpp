#pragma once

#include <corymb/core/types.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

CORYMB_BEGIN
namespace detail {

/// Turns axes common to all components so that the data are more likely for the given variances: of all orthogonal D it
/// seeks a minimum of Σ_c tr(D diag(V_c)⁻¹ Dᵀ W_c). Rotates in one plane after the other, each time to the best angle
/// (Flury and Gautschi 1986).
/// @param scatter    the W_c in these axes: DᵀW_cD, turned along
/// @param variances  d × k
/// @param weight     components of weight 0 are passed over
/// @return           the largest sine of an angle
inline double turn_common_axes(const Vector& weight, const Eigen::MatrixXd& variances,
                               std::vector<Eigen::MatrixXd>& scatter, Eigen::MatrixXd& axes) {
  const Index d = axes.rows();
  double largest = 0;
  for (Index i = 0; i < d; ++i)
    for (Index j = i + 1; j < d; ++j) {
      // Axis i gains most in the direction of the lower eigenvalue of this 2 × 2 matrix.
      double ii = 0, ij = 0, jj = 0;
      for (Index c = 0; c < weight.size(); ++c) {
        if (!(weight[c] > 0)) continue;
        const Eigen::MatrixXd& W = scatter[static_cast<std::size_t>(c)];
        const double difference = 1 / variances(i, c) - 1 / variances(j, c);
        ii += difference * W(i, i);
        ij += difference * W(i, j);
        jj += difference * W(j, j);
      }
      if (ij == 0 && ii <= jj) continue;
      // cos 2φ and sin 2φ ∝ jj − ii and −2 ij for the angle φ by which axis i turns towards axis j.
      const double angle = 0.5 * std::atan2(-2 * ij, jj - ii);
      const double cosine = std::cos(angle), sine = std::sin(angle);
      if (sine == 0) continue;
      largest = std::max(largest, std::abs(sine));
      const auto turn_columns = [&](Eigen::MatrixXd& M) {
        const Vector old = M.col(i);
        M.col(i) = cosine * old + sine * M.col(j);
        M.col(j) = cosine * M.col(j) - sine * old;
      };
      turn_columns(axes);
      for (Eigen::MatrixXd& W : scatter) {
        turn_columns(W);
        const Eigen::RowVectorXd old = W.row(i);
        W.row(i) = cosine * old + sine * W.row(j);
        W.row(j) = cosine * W.row(j) - sine * old;
      }
    }
  return largest;
}

}  // namespace detail
CORYMB_END
