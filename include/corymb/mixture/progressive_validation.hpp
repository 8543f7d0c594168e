#pragma once

#include <corymb/mixture/gaussian_mixture.hpp>

#include <vector>

CORYMB_BEGIN

struct ProgressiveValidationOptions {
  /// Independent runs of k-means for each k, ≥ 2; the best one is the partition that is looked at.
  int restarts = 5;
  /// In [0, 1]: a row is told from the others where its most probable component has at least this probability.
  double confidence = 0.9;
  /// In [0, 1]: the least share of the rows of any cluster of k-means about which the mixture agrees with confidence.
  double min_agreement = 0.8;
  /// In [−1, 1]: the least mean adjusted Rand index of the other runs with the best one.
  double min_repeatability = 0.9;
  /// How the mixtures are fitted, each from the partition. No start or restarts may be given.
  GaussianMixtureOptions fit = {};
};

/// What speaks for and against k clusters.
struct PartitionValidation {
  Index k = 0;
  double agreement = 0;      ///< share of the rows, by weight, of the cluster where it is least
  double repeatability = 0;  ///< mean adjusted Rand index
  double bic = 0;            ///< of the mixture
  bool validated = false;    ///< agreement and repeatability are large enough
};

struct ProgressiveValidation {
  /// The mixture of the largest k that is validated; of the first k of the range where none is.
  GaussianMixture best;
  /// n: best.labels, but noise where the most probable component has less than the confidence asked for: what is left
  /// is the part of the data that the clusters are told apart in.
  Labels separable;
  std::vector<PartitionValidation> table;  ///< ascending in k
};

/// Chooses the number of clusters by whether they can be found again: k-means finds the same partition from different
/// starts, and a mixture of Gaussians, which knows nothing of it but its start, agrees about nearly every row of each
/// cluster. Merged clusters are found in several ways, and of clusters that are split the mixture is not sure.
///
/// @param range  1 ≤ first ≤ last ≤ the number of rows of positive weight. One cluster always agrees.
/// @return       after a cancellation what is known so far; best.status tells
/// @throws InvalidArgument, MemoryLimitExceeded  as kmeans and gaussian_mixture, before any work; also for options out
///         of their range.
/// @note Time and memory of as many kmeans, `restarts` for each k, and gaussian_mixture. Same seed, same result.
template <class Derived>
ProgressiveValidation progressive_validation(const Eigen::DenseBase<Derived>& X, KRange range,
                                             const ProgressiveValidationOptions& options = {});

CORYMB_END

#include <corymb/mixture/detail/progressive_validation_impl.hpp>
