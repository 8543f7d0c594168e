#pragma once

#include <corymb/core/types.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
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

/// Shapes equal, volumes not: V_jc = a_j λ_c, improved in turns.
inline Eigen::MatrixXd variances_of_equal_shape(const Vector& weight, const Eigen::MatrixXd& scatter, double floor) {
  constexpr int most_turns = 10000;
  const Index d = scatter.rows(), k = scatter.cols();
  const double total = weight.sum(), size = static_cast<double>(d);
  Vector shape = Vector::Ones(d), volume = Vector::Ones(k);
  // While the floor is not reached, the scale of the shape is free; then it is chosen such that its least entry is 1,
  // and the floor becomes a bound for each variable by itself: a_j ≥ 1, λ_c ≥ floor.
  for (const bool bounded : {false, true}) {
    const double least_volume = bounded ? floor : 0.0, least_shape = bounded ? 1.0 : 0.0;
    bool collapsed = false;
    for (int turn = 0; turn < most_turns && !collapsed; ++turn) {
      double change = 0;
      for (Index c = 0; c < k; ++c) {
        if (!(weight[c] > 0)) continue;
        const double found =
            std::max((scatter.col(c).array() / shape.array()).sum() / (size * weight[c]), least_volume);
        change = std::max(change, std::abs(found - volume[c]) / found);
        volume[c] = found;
        collapsed = collapsed || !(found > 0) || !std::isfinite(found);
      }
      if (collapsed) break;
      Vector found = Vector::Zero(d);
      for (Index c = 0; c < k; ++c)
        if (weight[c] > 0) found += scatter.col(c) / volume[c];
      found = (found / total).cwiseMax(least_shape);
      if (!bounded) {
        collapsed = !(found.minCoeff() > 0) || !std::isfinite(found.maxCoeff());
        if (collapsed) break;
        const double scale = found.minCoeff();
        found /= scale;
        volume *= scale;
      }
      change = std::max(change, ((found - shape).array() / found.array()).abs().maxCoeff());
      shape = found;
      if (change <= 1e-13) break;
    }
    double least = std::numeric_limits<double>::infinity();
    for (Index c = 0; c < k; ++c)
      if (weight[c] > 0) least = std::min(least, volume[c]);
    if (!collapsed && least * shape.minCoeff() >= floor) break;
    // Again from a start that the bounds allow.
    if (collapsed) shape.setOnes();
    volume = volume.array().isFinite().select(volume, floor).cwiseMax(floor);
  }
  Eigen::MatrixXd variances = shape * volume.transpose();
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
