#pragma once

#include <corymb/core/linalg.hpp>
#include <corymb/core/random.hpp>
#include <corymb/spectral/detail/spectral_stages.hpp>

#include <Eigen/QR>
#include <Eigen/SVD>

#include <cmath>
#include <cstdint>
#include <string_view>

CORYMB_BEGIN
namespace detail {

/// Rows at length one; rows of zeros stay.
inline RowMatrix<double> normalized_rows(const RowMatrix<double>& rows) {
  RowMatrix<double> result = rows;
  for (Index i = 0; i < rows.rows(); ++i) {
    const double norm = rows.row(i).norm();
    if (norm > 0) result.row(i) /= norm;
  }
  return result;
}

/// The column of the largest entry of each row, the lower one on ties.
inline Labels largest_columns(const RowMatrix<double>& rows) {
  Labels labels(rows.rows());
  for (Index i = 0; i < rows.rows(); ++i) {
    Index best = 0;
    rows.row(i).maxCoeff(&best);
    labels[i] = static_cast<std::int32_t>(best);
  }
  return labels;
}

/// The orthogonal matrix nearest to M, turned around: V Uᵀ for M = U S Vᵀ; and the sum of the singular values.
inline Eigen::MatrixXd nearest_rotation(const Eigen::MatrixXd& M, double& sum) {
  Eigen::MatrixXd result;
  one_thread([&] {
    const Eigen::JacobiSVD<Eigen::MatrixXd, Eigen::NoQRPreconditioner> svd(M,
                                                                           Eigen::ComputeFullU | Eigen::ComputeFullV);
    sum = svd.singularValues().sum();
    result = svd.matrixV() * svd.matrixU().transpose();
  });
  return result;
}

/// Labels by the rotation that brings the rows nearest to indicators, found in turns with the indicators.
/// @param rows  n × k, of length one
inline Labels discretized(const RowMatrix<double>& rows, std::uint64_t seed) {
  const Index n = rows.rows(), k = rows.cols();
  // The first rotation: k rows that are as orthogonal as can be.
  Random random(seed, {0xd15c});
  Eigen::MatrixXd rotation(k, k);
  rotation.col(0) = rows.row(random.below(n)).transpose();
  Vector overlap = Vector::Zero(n);
  for (Index c = 1; c < k; ++c) {
    overlap += (rows * rotation.col(c - 1)).cwiseAbs();
    Index least = 0;
    overlap.minCoeff(&least);
    rotation.col(c) = rows.row(least).transpose();
  }
  Labels labels;
  double last = 0;
  for (int turn = 0; turn < 100; ++turn) {
    labels = largest_columns(one_thread([&] { return RowMatrix<double>(rows * rotation); }));
    Eigen::MatrixXd agreement = Eigen::MatrixXd::Zero(k, k);  // indicatorsᵀ rows
    for (Index i = 0; i < n; ++i) agreement.row(labels[i]) += rows.row(i);
    double sum = 0;
    rotation = nearest_rotation(agreement, sum);
    if (std::abs(sum - last) <= 1e-14 * sum) break;
    last = sum;
  }
  return labels;
}

/// Labels by k rows chosen by QR with pivoted columns, and the rotation that makes them unit vectors.
/// @param rows  n × k
inline Labels labels_by_qr(const RowMatrix<double>& rows) {
  const Index k = rows.cols();
  RowMatrix<double> turned;
  one_thread([&] {
    const Eigen::MatrixXd across = rows.transpose();  // k × n
    const Eigen::ColPivHouseholderQR<Eigen::MatrixXd> qr(across);
    Eigen::MatrixXd chosen(k, k);
    for (Index c = 0; c < k; ++c) chosen.col(c) = across.col(qr.colsPermutation().indices()[c]);
    const Eigen::JacobiSVD<Eigen::MatrixXd, Eigen::NoQRPreconditioner> svd(chosen,
                                                                           Eigen::ComputeFullU | Eigen::ComputeFullV);
    turned = (rows * (svd.matrixU() * svd.matrixV().transpose())).cwiseAbs();
  });
  return largest_columns(turned);
}

CORYMB_INSTANCE_INLINE Labels cluster_embedding(std::string_view function, const RowMatrix<double>& rows, Index k,
                                                const SpectralOptions& options) {
  if (options.labels == SpectralLabels::discretize) return discretized(normalized_rows(rows), options.seed);
  if (options.labels == SpectralLabels::cluster_qr) return labels_by_qr(rows);
  const auto result = kmeans_stage(
      function, rows, k, {.restarts = options.restarts, .seed = options.seed, .execution = options.execution});
  return result.labels;
}

}  // namespace detail
CORYMB_END
