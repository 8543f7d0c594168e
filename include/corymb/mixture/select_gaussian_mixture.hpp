#pragma once

#include <corymb/mixture/gaussian_mixture.hpp>

#include <vector>

CORYMB_BEGIN

/// By which select_gaussian_mixture() compares; see bic().
enum class MixtureCriterion {
  bic,  ///< the densities that are most likely, whatever the components overlap
  icl,  ///< components that are apart
  aic,  ///< densities that predict; more components
};

/// One of the fits that select_gaussian_mixture() compares.
struct MixtureCandidate {
  Index k = 0;
  Covariance covariance = Covariance::full;
  double log_likelihood = 0;  ///< mean over the rows
  Index parameters = 0;
  double bic = 0;
  double icl = 0;
  double aic = 0;
  /// Whether a covariance is at the floor: a component has shrunk onto a few rows or a plane, and the likelihood says
  /// more of the floor than of the data.
  bool floored = false;
  Status status = Status::converged;
};

struct MixtureSelection {
  /// The lowest criterion, of equal ones the first in the table; candidates that are floored count only where all are.
  GaussianMixture best;
  std::vector<MixtureCandidate> table;  ///< by k, of each k the families in their order
};

/// Chooses the number of components and the family of covariances: fits every k of the range with every family.
/// @param range     1 ≤ first ≤ last ≤ the number of rows of positive weight
/// @param families  at least one, each once
/// @param options   of each fit; `covariance` is not looked at, and no start may be given
/// @return          after a cancellation the candidates so far; best.status tells
/// @throws InvalidArgument, MemoryLimitExceeded  as gaussian_mixture, before any work.
/// @note Time and memory of as many gaussian_mixture.
/// @see Fraley and Raftery (2002), J. Am. Stat. Assoc. 97, 611–631
template <class Derived>
MixtureSelection select_gaussian_mixture(const Eigen::DenseBase<Derived>& X, KRange range,
                                         const std::vector<Covariance>& families = {all_covariances.begin(),
                                                                                    all_covariances.end()},
                                         const GaussianMixtureOptions& options = {},
                                         MixtureCriterion criterion = MixtureCriterion::bic);

CORYMB_END

#include <corymb/mixture/detail/select_gaussian_mixture_impl.hpp>
