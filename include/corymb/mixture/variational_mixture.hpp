#pragma once

#include <corymb/mixture/gaussian_mixture.hpp>

#include <cstdint>
#include <vector>

CORYMB_BEGIN

/// The prior of the proportions of a variational mixture. Both let components that the data do not need die out.
enum class ProportionPrior {
  dirichlet,          ///< symmetric: all k components are alike
  dirichlet_process,  ///< infinitely many components by stick breaking, of which the first k may have rows
};

/// The prior distributions. In the options 0 or empty means the default; in the result all is filled in.
struct VariationalPrior {
  /// > 0; 0: 1/k. Of a symmetric Dirichlet distribution, each component's; of a Dirichlet process, that of all. Lower
  /// values leave fewer components. Components that are empty do not take rows up again where it is below about 1e-3.
  double concentration = 0;
  /// d, where the means are expected; empty: the means of the columns.
  Vector mean = {};
  /// > 0: how many rows the knowledge of `mean` is worth.
  double mean_precision = 1;
  /// How many rows the knowledge of `covariance` is worth: > d − 1, along the axes > 0; 0: d.
  double degrees_of_freedom = 0;
  /// As covariances are stored (full and tied d × d, diagonal d × 1, spherical 1 × 1), symmetric positive definite: the
  /// inverse of the scale matrix of the Wishart distribution, so that precisions are expected to be degrees_of_freedom
  /// × its inverse. Empty: the covariance of X, the variances of its columns, or their mean. Constant columns count as
  /// the mean of all, or 1, and directions without extent as 1e-6 of the variances of the columns.
  Eigen::MatrixXd covariance = {};
};

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

/// The posterior distribution of a mixture, as far as it factorises into that of the components of the rows, that of
/// the proportions and those of the means μ_c and precisions Λ_c:
///   μ_c | Λ_c ~ N(means(c), (mean_precisions(c) Λ_c)⁻¹),  Λ_c ~ Wishart, expected to be covariances[c]⁻¹.
/// Along the axes each variance has a Gamma distribution of its own, in spherical ones there is one for all axes.
struct VariationalMixture {
  /// The mixture that the posterior expects: proportions, means, and the inverses of the expected precisions. Its
  /// log_likelihood and labels are those of this mixture; where they are close calls, its labels may differ from those
  /// below, which also count how uncertain each component is.
  GaussianMixture mixture;
  ProportionPrior proportions = ProportionPrior::dirichlet;
  VariationalPrior prior;  ///< with its defaults filled in

  Vector sizes;          ///< k: the weight of the rows that each component expects to have
  Index components = 0;  ///< how many of them have at least 1; the others are close to their prior
  /// k × 1: the posterior Dirichlet distribution. Of a Dirichlet process k × 2: component c has a share of what the
  /// components before it in `order` have left, and this share has the distribution Beta(concentrations(c, 0),
  /// concentrations(c, 1)). What all k leave is not in mixture.proportions, whose sum is 1.
  RowMatrix<double> concentrations;
  /// Of a Dirichlet process, the components by falling size: the order in which the bound is highest.
  std::vector<Index> order;
  Vector mean_precisions;     ///< k
  Vector degrees_of_freedom;  ///< by covariance, so of tied ones 1

  Labels labels;  ///< n: the most probable component, the lower one on ties
  /// Of the log of the probability of X under the priors (the evidence). Comparable between fits of the same rows with
  /// other k, covariances or priors.
  double lower_bound = 0;
  Status status = Status::converged;
  int iterations = 0;           ///< of the returned run
  int restart = 0;              ///< which run is returned, from 0
  std::vector<double> history;  ///< lower_bound before each iteration, and last
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
