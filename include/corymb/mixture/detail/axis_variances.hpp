#pragma once

#include <corymb/core/types.hpp>
#include <corymb/mixture/detail/logarithms_of_products.hpp>

#include <algorithm>
#include <cmath>
#include <vector>

CORYMB_BEGIN
namespace detail {

// The most likely variances along axes that are given, for each way in which volumes and shapes may be tied together.
// Column c of `scatter` (d × k) holds Σ r x_j² of component c along its axes and weight[c] its Σ r. The variances V
// minimise Σ_c weight_c Σ_j log V_jc + Σ_jc scatter_jc / V_jc with all V_jc in a range. In logarithms of the
// variances this is a convex problem, and what is found is its only minimum. Components without weight get those of the
// first that has some, which is in keeping with every tie.

/// Bounds of the variances. The upper one matters to volumes that are equal only: a component without extent in some
/// directions would have to make up for it in the others.
struct VarianceRange {
  double least = 0;
  double most = 0;
};

/// Column c of `variances` for components without weight.
inline void fill_empty_components(const Vector& weight, Eigen::MatrixXd& variances) {
  Index first = 0;
  while (!(weight[first] > 0)) ++first;
  for (Index c = 0; c < weight.size(); ++c)
    if (!(weight[c] > 0)) variances.col(c) = variances.col(first);
}

/// Volumes and shapes equal.
inline Eigen::MatrixXd equal_variances(const Vector& weight, const Eigen::MatrixXd& scatter, double floor) {
  const Vector common = (scatter.rowwise().sum() / weight.sum()).cwiseMax(floor);
  return common.replicate(1, scatter.cols());
}

/// Nothing in common.
inline Eigen::MatrixXd free_variances(const Vector& weight, const Eigen::MatrixXd& scatter, double floor) {
  Eigen::MatrixXd variances(scatter.rows(), scatter.cols());
  for (Index c = 0; c < weight.size(); ++c)
    if (weight[c] > 0) variances.col(c) = (scatter.col(c) / weight[c]).cwiseMax(floor);
  fill_empty_components(weight, variances);
  return variances;
}

/// Shapes equal, volumes not: V_jc = a_j λ_c.
inline Eigen::MatrixXd variances_of_equal_shape(const Vector& weight, const Eigen::MatrixXd& scatter, double floor) {
  const Index d = scatter.rows(), k = scatter.cols();
  std::vector<Index> present;
  for (Index c = 0; c < k; ++c)
    if (weight[c] > 0) present.push_back(c);
  const Eigen::MatrixXd S = scatter(Eigen::all, present);
  const Vector of_shape = Vector::Constant(d, weight.sum()), of_volume = static_cast<double>(d) * weight(present);
  // The scale of the shape is free: chosen such that its least entry is 1, the floor becomes a bound for each factor by
  // itself: a_j ≥ 1, λ_c ≥ floor.
  const double least = std::log(floor);
  Vector volume = S.colwise().sum().transpose().cwiseQuotient(of_volume).array().log().max(least);
  Vector shape = (S * Vector((-volume).array().exp())).cwiseQuotient(of_shape).array().log();
  // The start is in the middle between the bounds, where there is room.
  const double room = volume.minCoeff() - least + shape.minCoeff();
  if (room > 0) {
    const double shift = 0.5 * room - shape.minCoeff();
    volume.array() -= shift;
    shape.array() += shift;
  }
  if (S.cols() <= d) {
    LogarithmsOfProducts best(S.transpose(), of_volume, of_shape, least, 0);
    best.minimize(volume);
    volume = best.u();
    shape = best.v();
  } else {
    LogarithmsOfProducts best(S, of_shape, of_volume, 0, least);
    best.minimize(shape);
    shape = best.u();
    volume = best.v();
  }
  Eigen::MatrixXd variances(d, k);
  variances(Eigen::all, present) = Vector(shape.array().exp()) * Vector(volume.array().exp()).transpose();
  fill_empty_components(weight, variances);
  return variances;
}

/// The variances of one component that minimise Σ_j s_j / V_j where their logarithms sum to `log_volume`, all within
/// the range: V_j = s_j / μ, but for those at an end of it. Returns μ, what more volume would gain.
inline double spread_volume(const Vector& log_s, double log_volume, const VarianceRange& range, Vector& variances) {
  const double low = std::log(range.least), high = std::log(range.most);
  // In logarithms, Σ_j clamp(log s_j − log μ) falls with log μ in straight pieces that end where a variance meets an
  // end.
  std::vector<double> ends;
  for (const double value : log_s) {
    if (!std::isfinite(value)) continue;
    ends.push_back(value - low);
    ends.push_back(value - high);
  }
  std::sort(ends.begin(), ends.end());
  const auto volume_at = [&](double log_mu) {
    double sum = 0;
    for (const double value : log_s) sum += std::clamp(value - log_mu, low, high);
    return sum;
  };
  const auto after =
      std::partition_point(ends.begin(), ends.end(), [&](double end) { return volume_at(end) >= log_volume; });
  if (after == ends.begin()) {  // the directions without scatter take what the others cannot
    const Index others = static_cast<Index>(ends.size() / 2);
    const double rest = (log_volume - static_cast<double>(others) * high) / static_cast<double>(log_s.size() - others);
    variances = log_s.array().isFinite().select(Vector::Constant(log_s.size(), high), rest).array().exp();
    return 0;
  }
  double log_mu = *(after - 1);
  if (after != ends.end()) {
    const double at = volume_at(log_mu), next = volume_at(*after);
    log_mu += (at - log_volume) / (at - next) * (*after - log_mu);
  }
  variances = (log_s.array() - log_mu).max(low).min(high).exp();
  return std::exp(log_mu);
}

/// Volumes equal, shapes not. Given the volume, the components are apart (spread_volume); the best volume is where
/// Σ_c weight_c = Σ_c μ_c.
inline Eigen::MatrixXd variances_of_equal_volume(const Vector& weight, const Eigen::MatrixXd& scatter,
                                                 const VarianceRange& range) {
  const Index d = scatter.rows(), k = scatter.cols();
  const double total = weight.sum();
  const Eigen::MatrixXd logs = scatter.array().log();  // −∞ where there is none
  Eigen::MatrixXd variances(d, k);
  Vector of_one(d);
  const auto gains = [&](double log_volume) {
    double gain = 0;
    for (Index c = 0; c < k; ++c) {
      if (!(weight[c] > 0)) continue;
      gain += spread_volume(logs.col(c), log_volume, range, of_one);
      variances.col(c) = of_one;
    }
    return gain > total;
  };
  double low = static_cast<double>(d) * std::log(range.least), high = static_cast<double>(d) * std::log(range.most);
  while (true) {
    const double middle = 0.5 * (low + high);
    if (!(low < middle && middle < high)) break;
    (gains(middle) ? low : high) = middle;
  }
  gains(low);
  fill_empty_components(weight, variances);
  return variances;
}

}  // namespace detail
CORYMB_END
