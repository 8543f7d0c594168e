#pragma once

#include <corymb/mixture/gaussian_mixture.hpp>
#include <corymb/mixture/variational_mixture_model.hpp>

#include <cstdint>
#include <vector>

CORYMB_BEGIN

struct VariationalMixtureOptions {
  /// full, tied, diagonal or spherical: those with conjugate priors.
  Covariance covariance = Covariance::full;
  ProportionPrior proportions = ProportionPrior::dirichlet;
  MixtureInit init = MixtureInit::kmeans;
  /// k row numbers (from 0, different) to start from: each row goes with the nearest of them.
  std::vector<Index> initial_rows = {};
  /// n labels in [0, k) to start from, every one of which occurs in a row of positive weight.
  Labels initial_labels = {};
  /// Independent runs, ≥ 1; the one of the highest lower bound is returned, the earlier one on ties. Must be 1 where
  /// the start is given.
  int restarts = 1;
  /// Iterations of a run at most, ≥ 0. 0 estimates the parameters of the start and stops.
  int max_iterations = 5000;
  /// A run has converged when an iteration raises the lower bound by at most this. ≥ 0. Of all rows together, not of
  /// each: a component too many costs as much of the bound however many rows there are, and in many rows it dies out
  /// slowly. A larger tolerance leaves more components.
  double tolerance = 1e-3;
  /// One weight ≥ 0 per row, or empty for all one. A weight w means w copies of the row; 0 means that the row is
  /// absent, though it still gets a label.
  Vector weights = {};
  /// Same seed, same result, for any number of threads.
  std::uint64_t seed = 0;
  VariationalPrior prior = {};
  Execution execution = {};
};

/// Fits a Gaussian mixture by variational inference: instead of the most likely parameters it finds a distribution of
/// the parameters, close to the posterior one. So k is only the most components there may be: those that the data do
/// not need lose their rows. A local maximum of the lower bound.
///
/// @param X  n × d, one point per row; finite. Row-major memory is used in place, other layouts are copied once.
/// @param k  most components, 1 ≤ k ≤ the number of rows of positive weight.
/// @return   labels and lower_bound belong to the distribution returned: labels are predict(result, X). A component
///           without rows has its prior distribution.
/// @throws InvalidArgument  before any work: k out of range, an entry of X that is not finite or so large that squared
///         distances overflow, weights that are negative or of another length, options out of range, a family of
///         covariances without conjugate prior.
/// @throws MemoryLimitExceeded  the working memory would exceed execution.memory_limit.
/// @note Each iteration sets the factors to their optimum in turns, so the bound never falls. It is exact, constants
///       included. Everything is computed in double, as differences from the means, also for float. Same bits for any
///       number of threads and any storage order of X. Stage names for progress: those of k-means, "variational"; the
///       objective is the lower bound. Terms of a row below 2⁻⁶⁰ of its largest count as zero.
/// @note The parameters of the priors are those of BayesianGaussianMixture of scikit-learn, and so are the updates for
///       full covariances. It differs in the default of prior.covariance, which it divides by n − 1; in the sticks,
///       which it breaks in the order of the numbers; and where its updates are not the optimum of a bound: its tied
///       covariances have n / k degrees of freedom instead of n, and it expects the logarithms of full precisions also
///       of diagonal and spherical ones.
/// @note Time and memory as gaussian_mixture, but 28 bytes a row.
/// @see Attias (2000), Adv. Neural Inf. Process. Syst. 12, 209–215; Bishop (2006), Pattern Recognition and Machine
///      Learning, 10.2; Blei and Jordan (2006), Bayesian Anal. 1, 121–143, and Kurihara, Welling and Teh (2007), IJCAI,
///      2796–2801, for the Dirichlet process, its truncation and order.
template <class Derived>
VariationalMixture variational_mixture(const Eigen::DenseBase<Derived>& X, Index k,
                                       const VariationalMixtureOptions& options = {});

/// The most probable component of each row of X_new (m × d), the lower one on ties.
template <class Derived>
Labels predict(const VariationalMixture& model, const Eigen::DenseBase<Derived>& X_new,
               const Execution& execution = {});

/// The probabilities of the components, m × k, by the distribution of the parameters. Rows sum to one.
template <class Derived>
RowMatrix<double> predict_proba(const VariationalMixture& model, const Eigen::DenseBase<Derived>& X_new,
                                const Execution& execution = {});

CORYMB_END

#include <corymb/mixture/detail/variational_mixture_impl.hpp>
