#pragma once

#include <corymb/core/linalg.hpp>
#include <corymb/mixture/detail/covariance_families.hpp>
#include <corymb/mixture/detail/mixture_sums.hpp>

#include <Eigen/Cholesky>

#include <cstddef>
#include <span>
#include <utility>
#include <vector>

CORYMB_BEGIN
namespace detail {

/// The distribution of some columns alone. Its family tells how covariances are stored, no longer what they have in
/// common.
inline GaussianMixture marginal(const GaussianMixture& model, std::span<const Index> columns) {
  GaussianMixture result;
  result.covariance = model.covariance;
  result.proportions = model.proportions;
  result.means = model.means(Eigen::all, columns);
  const CovarianceFamily family = family_of(model.covariance);
  for (const Eigen::MatrixXd& S : model.covariances) {
    if (family.spherical())
      result.covariances.push_back(S);
    else if (family.along_axes())
      result.covariances.push_back(S(columns, Eigen::all));
    else
      result.covariances.push_back(S(columns, columns));
  }
  result.degrees_of_freedom = model.degrees_of_freedom;
  result.noise_proportion = model.noise_proportion;
  if (model.noise_proportion > 0) result.noise_box = model.noise_box(Eigen::all, columns);
  return result;
}

/// What is to be expected of all columns where some are observed. With o the observed columns and m the others, a row
/// of component c has x_m = μ_m + Σ_mo Σ_oo⁻¹ (x_o − μ_o) in the mean, and Σ_mm − Σ_mo Σ_oo⁻¹ Σ_om about it (Student's
/// t: divided by the scale u that the row is expected to have).
class ExpectedEntries {
 public:
  ExpectedEntries(const GaussianMixture& model, std::span<const Index> observed)
      : model_(model), family_(family_of(model.covariance)), observed_(observed.begin(), observed.end()) {
    for (Index j = 0, o = 0; j < model.means.cols(); ++j) {
      if (o < static_cast<Index>(observed_.size()) && observed_[static_cast<std::size_t>(o)] == j)
        ++o;
      else
        missing_.push_back(j);
    }
    if (family_.along_axes()) return;
    for (const Eigen::MatrixXd& S : model.covariances) one_thread([&] { regress(S); });
  }

  /// Adds the sums over rows, of the observed columns, as those of all columns.
  void add(const MixtureSums& observed, MixtureSums& sums) const {
    const Index d = model_.means.cols(), count = static_cast<Index>(observed_.size());
    sums.add_but_moments(observed);
    for (Index c = 0; c < observed.weight.size(); ++c) {
      if (!(observed.weight[c] > 0)) continue;
      const Vector first = observed.first.col(c).head(count);
      sums.first.col(c).head(d) +=
          family_.along_axes() ? spread(first)
                               : one_thread([&]() -> Vector { return transfer_[covariance_of(family_, c)] * first; });
    }
    for (std::size_t s = 0; s < model_.covariances.size(); ++s) {
      const double weight = family_.shared() ? observed.weight.sum() : observed.weight[static_cast<Index>(s)];
      if (!(weight > 0)) continue;
      Eigen::Map<Eigen::MatrixXd> second = sums.second_of(s);
      const Eigen::MatrixXd moments = observed.second_moments(s, count);
      if (family_.along_axes()) {
        second.col(0).head(d) += spread(moments.col(0));
        const Eigen::MatrixXd& S = model_.covariances[s];
        for (const Index j : missing_) second(j, 0) += weight * S(family_.spherical() ? 0 : j, 0);
        continue;
      }
      one_thread([&] {
        second.topLeftCorner(d, d) += Eigen::MatrixXd(transfer_[s] * moments * transfer_[s].transpose());
        for (std::size_t a = 0; a < missing_.size(); ++a)
          for (std::size_t b = 0; b < missing_.size(); ++b)
            second(missing_[a], missing_[b]) += weight * left_[s](static_cast<Index>(a), static_cast<Index>(b));
      });
    }
  }

  /// Writes the missing entries of a row of component c, all of whose columns are given.
  void complete(Index c, Eigen::Ref<Vector> x) const {
    if (family_.along_axes()) {
      for (const Index j : missing_) x[j] = model_.means(c, j);
      return;
    }
    const Vector mean = model_.means.row(c);
    const Vector expected =
        one_thread([&]() -> Vector { return mean + transfer_[covariance_of(family_, c)] * (x - mean)(observed_); });
    for (const Index j : missing_) x[j] = expected[j];
  }

 private:
  /// Numbers of the observed columns among zeros.
  Vector spread(const Vector& of_observed) const {
    Vector result = Vector::Zero(model_.means.cols());
    result(observed_) = of_observed;
    return result;
  }

  /// From the factor of the covariance with the observed columns first, Σ = L Lᵀ: Σ_mo Σ_oo⁻¹ = L_mo L_oo⁻¹, and what
  /// is left of Σ_mm is L_mm L_mmᵀ.
  void regress(const Eigen::MatrixXd& S) {
    const Index o = static_cast<Index>(observed_.size()), m = static_cast<Index>(missing_.size());
    std::vector<Index> order = observed_;
    order.insert(order.end(), missing_.begin(), missing_.end());
    const Eigen::MatrixXd L = Eigen::LLT<Eigen::MatrixXd>(S(order, order)).matrixL();
    Eigen::MatrixXd coefficients = L.bottomLeftCorner(m, o);
    if (coefficients.size() > 0)  // of an empty matrix Eigen would refer to an entry
      L.topLeftCorner(o, o).triangularView<Eigen::Lower>().solveInPlace<Eigen::OnTheRight>(coefficients);
    Eigen::MatrixXd transfer = Eigen::MatrixXd::Zero(o + m, o);
    for (Index j = 0; j < o; ++j) transfer(observed_[static_cast<std::size_t>(j)], j) = 1;
    for (Index j = 0; j < m; ++j) transfer.row(missing_[static_cast<std::size_t>(j)]) = coefficients.row(j);
    transfer_.push_back(std::move(transfer));
    const Eigen::MatrixXd rest = L.bottomRightCorner(m, m).triangularView<Eigen::Lower>();
    left_.push_back(rest * rest.transpose());
  }

  const GaussianMixture& model_;
  const CovarianceFamily family_;
  const std::vector<Index> observed_;
  std::vector<Index> missing_;
  // By covariance; not along the axes, where columns tell nothing of each other.
  std::vector<Eigen::MatrixXd> transfer_;  // d × o: from observed differences to expected ones
  std::vector<Eigen::MatrixXd> left_;      // m × m: the covariance about the expected ones
};

}  // namespace detail
CORYMB_END
