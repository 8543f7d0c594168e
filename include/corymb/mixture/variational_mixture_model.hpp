#pragma once

#include <corymb/core/execution.hpp>
#include <corymb/core/types.hpp>
#include <corymb/mixture/gaussian_mixture_model.hpp>

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

CORYMB_END
