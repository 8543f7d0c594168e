#pragma once

#include <corymb/core/execution.hpp>
#include <corymb/core/types.hpp>

#include <array>
#include <cstddef>
#include <string_view>
#include <vector>

CORYMB_BEGIN

/// What the covariances of the components have in common. With Σ_c = λ_c D_c diag(a_c) D_cᵀ, the letters tell of the
/// volumes λ_c, the shapes a_c (product 1) and the orientations D_c: e = equal, v = varying, i = identity (Banfield and
/// Raftery 1993; the families of R's mclust).
enum class Covariance {
  eii,  ///< spheres of equal size
  vii,  ///< spheres
  eei,  ///< equal, along the axes
  vei,  ///< along the axes, of equal shape
  evi,  ///< along the axes, of equal volume
  vvi,  ///< along the axes
  eee,  ///< all components share one
  vee,  ///< equal but for the volume
  eve,  ///< of equal volume and orientation
  vve,  ///< of equal orientation
  eev,  ///< equal but for the orientation
  vev,  ///< of equal shape
  evv,  ///< of equal volume
  vvv,  ///< each its own: ellipsoids of any form
  spherical = vii,
  diagonal = vvi,
  tied = eee,
  full = vvv,
};

/// All of them, from the fewest parameters to the most, more or less.
inline constexpr std::array all_covariances = {Covariance::eii, Covariance::vii, Covariance::eei, Covariance::vei,
                                               Covariance::evi, Covariance::vvi, Covariance::eee, Covariance::vee,
                                               Covariance::eve, Covariance::vve, Covariance::eev, Covariance::vev,
                                               Covariance::evv, Covariance::vvv};

/// Its three letters.
constexpr std::string_view name_of(Covariance covariance) {
  constexpr std::array<std::string_view, all_covariances.size()> names = {
      "eii", "vii", "eei", "vei", "evi", "vvi", "eee", "vee", "eve", "vve", "eev", "vev", "evv", "vvv"};
  return names[static_cast<std::size_t>(covariance)];
}

/// A mixture of k Gaussians in d dimensions, and what its fit says of the data. The functions below need no more than
/// the members before labels, so a model may also be written down by hand.
struct GaussianMixture {
  Covariance covariance = Covariance::full;
  Vector proportions;       ///< k, ≥ 0; with noise_proportion their sum is 1
  RowMatrix<double> means;  ///< k × d
  /// By component; one alone in eii, eei and eee, whose components share it. d × d, symmetric positive definite; in
  /// families along the axes d × 1, the variances, and in eii and vii 1 × 1. Of Student's t the scale matrices: where ν
  /// > 2 the covariance is ν / (ν − 2) times that.
  std::vector<Eigen::MatrixXd> covariances;
  /// ν > 0 of Student's t: by component, or one that all share. Empty: the components are Gaussian.
  Vector degrees_of_freedom = {};

  /// Of the uniform component for rows that belong to no other; 0 = there is none.
  double noise_proportion = 0;
  /// Where there is one, 2 × d: the least and the greatest values of the columns. The density of the noise is one over
  /// the volume of this box, and is taken to be that outside of it as well.
  RowMatrix<double> noise_box;

  /// Whether NaN is a missing value, that is integrated over, where the functions below are given rows; else it is an
  /// error.
  bool integrate_missing = false;

  Labels labels;                             ///< n: the most probable component, the lower one on ties; -1 is noise
  double log_likelihood = 0;                 ///< mean over the rows of log Σ_c p_c N(x; μ_c, Σ_c)
  double classification_log_likelihood = 0;  ///< mean over the rows of max_c log p_c N(x; μ_c, Σ_c)
  double total_weight = 0;                   ///< Σ w, without weights n; rows without any entry do not count
  /// By covariance: whether it was raised to the floor, because its component is flat or a point; or, where volumes are
  /// equal, whether a flat component had to make up for its volume by as much extent as a component may have.
  std::vector<bool> floored;
  Status status = Status::converged;
  int iterations = 0;  ///< of the returned run
  int restart = 0;     ///< which run is returned, from 0
  std::vector<double>
      history;  ///< log_likelihood (hard: classification_log_likelihood) before each iteration, and last
};

CORYMB_END
