#pragma once

#include <corymb/mixture/detail/gaussian_mixture_impl.hpp>
#include <corymb/mixture/select_gaussian_mixture.hpp>

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

CORYMB_BEGIN
namespace detail {

inline MixtureCandidate candidate_of(const GaussianMixture& model) {
  return {model.means.rows(),   model.covariance,
          model.log_likelihood, parameters(model),
          bic(model),           icl(model),
          aic(model),           std::find(model.floored.begin(), model.floored.end(), true) != model.floored.end(),
          model.status};
}

/// Whether a is to be preferred.
inline bool better(const MixtureCandidate& a, const MixtureCandidate& b, MixtureCriterion criterion) {
  if (a.floored != b.floored) return b.floored;
  switch (criterion) {
    case MixtureCriterion::bic: break;
    case MixtureCriterion::icl: return a.icl < b.icl;
    case MixtureCriterion::aic: return a.aic < b.aic;
  }
  return a.bic < b.bic;
}

inline void check_selection(std::string_view function, const std::vector<Covariance>& families,
                            const GaussianMixtureOptions& options) {
  if (families.empty()) reject(function, "families is empty; at least one is needed");
  for (auto it = families.begin(); it != families.end(); ++it)
    if (std::find(families.begin(), it, *it) != it)
      reject(function, "families names " + std::string(name_of(*it)) + " twice");
  if (!options.initial_rows.empty() || options.initial_labels.size() > 0)
    reject(function, "initial_rows and initial_labels are of one k; they cannot start all of the range");
}

}  // namespace detail

template <class Derived>
MixtureSelection select_gaussian_mixture(const Eigen::DenseBase<Derived>& X, KRange range,
                                         const std::vector<Covariance>& families, const GaussianMixtureOptions& options,
                                         MixtureCriterion criterion) {
  constexpr std::string_view function = "select_gaussian_mixture";
  detail::check_selection(function, families, options);
  detail::require_columns(function, X.cols());
  detail::check_mixture_range(function, X.rows(), range, options);
  const auto points = detail::check_mixture_rows(function, X, range.last, families, options);

  MixtureSelection selection;
  std::size_t best = 0;
  GaussianMixtureOptions of_fit = options;
  for (Index k = range.first; k <= range.last; ++k)
    for (const Covariance covariance : families) {
      of_fit.covariance = covariance;
      GaussianMixture model = detail::fit_mixture(points, k, nullptr, of_fit);
      const bool cancelled = model.status == Status::cancelled;
      selection.table.push_back(detail::candidate_of(model));
      const std::size_t at = selection.table.size() - 1;
      // An interrupted fit is the best only if there is no other.
      if (at == 0 || (!cancelled && detail::better(selection.table[at], selection.table[best], criterion))) {
        best = at;
        selection.best = std::move(model);
      }
      if (!cancelled) continue;
      selection.best.status = Status::cancelled;
      return selection;
    }
  return selection;
}

CORYMB_END
