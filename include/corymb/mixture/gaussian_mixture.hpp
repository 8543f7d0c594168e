#pragma once

#include <corymb/core/execution.hpp>
#include <corymb/core/types.hpp>
#include <corymb/mixture/gaussian_mixture_model.hpp>

#include <cstdint>
#include <string_view>
#include <vector>

CORYMB_BEGIN

/// Where EM starts, unless a start is given.
enum class MixtureInit {
  kmeans,            ///< the clusters of k-means
  kmeans_plus_plus,  ///< k rows drawn as by k-means++, each row going with the nearest of them
  random,            ///< k rows drawn with probability ∝ weight, the same
};

/// What each step takes the components of a row to be.
enum class Memberships {
  soft,  ///< their posterior probabilities: EM, which raises the likelihood of the rows
  hard,  ///< the most probable one: classification EM, which raises that of rows and labels together; fast, and biased
};

/// The form of the components.
enum class Tails {
  gaussian,
  student,         ///< Student's t: rows far from the mean count less; each component has degrees of freedom of its own
  student_shared,  ///< the same, with one number for all components
};

struct GaussianMixtureOptions {
  Covariance covariance = Covariance::full;
  Tails tails = Tails::gaussian;
  MixtureInit init = MixtureInit::kmeans;
  /// k row numbers (from 0, different) to start from: each row goes with the nearest of them.
  std::vector<Index> initial_rows = {};
  /// n labels in [0, k) to start from, every one of which occurs in a row of positive weight.
  Labels initial_labels = {};
  Memberships memberships = Memberships::soft;
  /// Independent runs, ≥ 1; the one of highest objective is returned, the earlier one on ties. Must be 1 where the
  /// start is given.
  int restarts = 1;
  /// Iterations of a run at most, ≥ 0. 0 estimates the parameters of the start and stops.
  int max_iterations = 200;
  /// A run has converged when an iteration raises the mean log-likelihood of a row by at most this. ≥ 0.
  double tolerance = 1e-4;
  /// In (0, 1]: how flat a component may be, Σ_c ⪰ covariance_floor × diag(variances of the columns of X), where
  /// constant columns count as the mean of all, or 1. So units do not matter. In families that depend on units
  /// themselves (eii, vii, eve, vve, eev, vev) the bound is the least of those variances in all directions. Each step
  /// finds the most likely covariances under this bound, so the likelihood never falls; a component that shrinks to a
  /// point or a plane stays there with that thickness.
  double covariance_floor = 1e-6;
  /// In [0, 1). Above 0 there is one more component, uniform over the box of the data, for rows that belong to no
  /// other: such rows have the label -1. This is its share at the start.
  double noise = 0;
  /// NaN is a missing value, that is integrated over: the likelihood is that of the entries that are there, no entry is
  /// filled in. Each column needs one; rows without any count as absent, though they still get a label. The start
  /// alone sees the missing entries as those expected under one Gaussian of all rows.
  bool integrate_missing = false;
  /// One weight ≥ 0 per row, or empty for all one. A weight w means w copies of the row; 0 means that the row is
  /// absent, though it still gets a label.
  Vector weights = {};
  /// Same seed, same result, for any number of threads.
  std::uint64_t seed = 0;
  Execution execution = {};
};

/// Fits a Gaussian mixture by expectation maximisation: a local maximum of the likelihood.
///
/// @param X  n × d, one point per row; finite, but for missing values where these are allowed. Row-major memory is used
/// in place, other layouts are copied once.
/// @param k  number of components, 1 ≤ k ≤ the number of rows of positive weight.
/// @return   labels, log_likelihood and the probabilities of predict_proba belong to the parameters returned: labels
///           are predict(result, X). A component that no row goes with any more has proportion 0.
/// @throws InvalidArgument  before any work: k out of range, an entry of X that is not finite or so large that squared
///         distances overflow, weights that are negative or of another length, options out of range.
/// @throws MemoryLimitExceeded  the working memory would exceed execution.memory_limit.
/// @note Everything is computed in double, as differences from the means, also for float; an offset of the data costs
///       no more digits than it has cost in X already. Same bits for any number of threads and any storage order of X.
///       Stage names for progress: those of k-means, "em"; the objective is the mean log-likelihood.
///       Terms of a row below 2⁻⁶⁰ of its largest count as zero.
/// @note Where volumes are equal, no component has a variance above 1e6 × that of the columns: one without extent in
///       some directions would have to make up for it in the others. `floored` tells of one that got there.
///       Orientations that are equal are sought from those of the last step, so each step is better, but need not be
///       the best one.
/// @note Time O(n k d²) per iteration (along the axes: O(n k d)), and O(k d³) for the families with orientations.
///       Memory beyond X: 8 bytes a row for two labels, at most 32 MiB of partial sums or those of one thread, and a
///       block of rows for each thread, about a quarter of a MiB up to d + k = 200; no n × k matrix.
///       Missing values cost O(k d³) for each combination of columns, or in each of 64 parts of the rows, and n × d
///       for the start; rows with the same combination are as fast as others.
/// @see Dempster, Laird and Rubin (1977), J. R. Stat. Soc. B 39, 1–38; Celeux and Govaert (1992), Comput. Stat. Data
///      Anal. 14, 315–332, for hard memberships, and (1995), Pattern Recognit. 28, 781–793, for the families;
///      Ghahramani and Jordan (1994), Neural Inf. Process. Syst. 6, for missing values; Peel and McLachlan (2000),
///      Stat. Comput. 10, 339–348, for Student's t.
template <class Derived>
GaussianMixture gaussian_mixture(const Eigen::DenseBase<Derived>& X, Index k,
                                 const GaussianMixtureOptions& options = {});

/// The same from given parameters: a warm start. k, tails, noise and the family of covariances are those of `start`;
/// covariances that are not of the family are replaced in the first step.
template <class Derived>
GaussianMixture gaussian_mixture(const Eigen::DenseBase<Derived>& X, const GaussianMixture& start,
                                 const GaussianMixtureOptions& options = {});

/// The most probable component of each row of X_new (m × d), the lower one on ties; -1 is noise.
template <class Derived>
Labels predict(const GaussianMixture& model, const Eigen::DenseBase<Derived>& X_new, const Execution& execution = {});

/// The posterior probabilities of the components: m × k, or m × (k + 1) with that of the noise last, where the model
/// has noise. Rows sum to one.
template <class Derived>
RowMatrix<double> predict_proba(const GaussianMixture& model, const Eigen::DenseBase<Derived>& X_new,
                                const Execution& execution = {});

/// The log density of each row of X_new under the mixture: m.
template <class Derived>
Vector score_samples(const GaussianMixture& model, const Eigen::DenseBase<Derived>& X_new,
                     const Execution& execution = {});

struct MixtureSample {
  RowMatrix<double> points;  ///< n × d
  Labels labels;             ///< n: the component that each was drawn from; -1 is noise, uniform in noise_box
};

/// n independent draws. Same seed, same sample.
inline MixtureSample sample(const GaussianMixture& model, Index n, std::uint64_t seed = 0);

/// The covariances of the components, written out: k matrices d × d, whatever the family stores.
inline std::vector<Eigen::MatrixXd> covariance_matrices(const GaussianMixture& model);

/// Free parameters of the model: k − 1 proportions, one more with noise, k d of the means, those of the covariances,
/// and the degrees of freedom.
inline Index parameters(const GaussianMixture& model);

/// Criteria that weigh likelihood against parameters; lower is better. With L the log-likelihood of all rows and p the
/// parameters: BIC = −2 L + p log n (Schwarz 1978), AIC = −2 L + 2 p, and ICL = BIC with L of rows and labels together
/// (Biernacki, Celeux, Govaert 2000), which also asks for components that are apart. n is the total weight.
inline double bic(const GaussianMixture& model);
inline double aic(const GaussianMixture& model);
inline double icl(const GaussianMixture& model);

CORYMB_END

#include <corymb/mixture/detail/gaussian_mixture_impl.hpp>
