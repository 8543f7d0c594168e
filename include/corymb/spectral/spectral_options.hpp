#pragma once

#include <corymb/core/execution.hpp>
#include <corymb/core/types.hpp>
#include <corymb/distance/metric.hpp>
#include <corymb/graph/laplacian.hpp>

#include <cstdint>
#include <optional>

CORYMB_BEGIN

/// How like each other two points are, from their distance d.
enum class Affinity {
  rbf,          ///< exp(−gamma d²), of all pairs
  self_tuning,  ///< exp(−d² / (σ_i σ_j)), of all pairs; σ is a row's distance to its neighbour number `neighbors`
  cosine,       ///< the cosine of the angle between two rows, 0 beyond a right angle; of all pairs
  knn,          ///< 1 where each is among the `neighbors` nearest of the other, ½ where one is; sparse
  mutual_knn,   ///< 1 where each is among the `neighbors` nearest of the other; sparse
};

/// What an edge of the two sparse affinities counts.
enum class EdgeAffinity {
  connection,   ///< as given above
  self_tuning,  ///< exp(−d² / (σ_i σ_j)) times that: near neighbours count more
};

/// How a dense affinity is multiplied. Changes time and memory, never more of the result than its last bits.
enum class AffinityStorage {
  automatic,  ///< stored if that takes at most half of the memory allowed
  stored,     ///< computed once; n² numbers
  computed,   ///< computed anew for each product with a block of vectors: no n × n matrix
};

/// How eigenvectors are found. All are exact up to eigen_tolerance; where there are too few rows for one, it is dense.
enum class Eigensolver {
  automatic,  ///< dense for few rows, else chebyshev
  chebyshev,  ///< a block of vectors, filtered by Chebyshev polynomials: reads the affinities once for all vectors
  lanczos,    ///< implicitly restarted Lanczos, by the Spectra library; needs the compiled library.
              ///< Of several equal eigenvalues it may miss one, and find the next instead
  dense,      ///< all eigenvectors; time O(n³), memory O(n²)
};

/// How the rows of an embedding become clusters.
enum class SpectralLabels {
  kmeans,      ///< k-means with restarts
  discretize,  ///< the rotation whose largest coordinates are nearest to indicators of clusters: Yu and Shi (2003),
               ///< doi:10.1109/ICCV.2003.1238361
  cluster_qr,  ///< k rows chosen by pivoted QR, without any iteration: Damle, Minden and Ying (2019),
               ///< doi:10.1093/imaiai/iay008
};

/// Settings of everything spectral. What does not apply to given affinities must keep its default.
struct SpectralOptions {
  Affinity affinity = Affinity::rbf;
  /// Of the distances; empty = euclidean. Must be empty for cosine, and where affinities are given.
  std::optional<Metric> metric = {};
  /// rbf: > 0; empty = 1 / (the sum of the columns' variances), which is one over the mean squared distance to the
  /// mean.
  std::optional<double> gamma = {};
  /// knn, mutual_knn: neighbours of a row, the row itself not counted, in [1, n − 1]. self_tuning: which neighbour's
  /// distance is the scale of a row.
  Index neighbors = 10;
  EdgeAffinity edges = EdgeAffinity::connection;
  Laplacian laplacian = Laplacian::random_walk;
  AffinityStorage storage = AffinityStorage::automatic;
  Eigensolver solver = Eigensolver::automatic;
  /// Eigenvectors have converged when ‖L v − λ v‖ is at most this times the operator's scale: 1, or 2 max degree for
  /// the unnormalised Laplacian. > 0
  double eigen_tolerance = 1e-8;
  /// Restarts of the solver at most, ≥ 1. One is some ten to hundred products.
  int max_eigen_iterations = 300;
  /// Connected components of fewer rows are put aside: they are no cluster of their own. ≥ 1
  Index min_component_size = 1;
  SpectralLabels labels = SpectralLabels::kmeans;
  /// kmeans: independent runs, ≥ 1.
  int restarts = 10;
  /// Of the solver's first vectors and of the labels. Same seed, same result, for any number of threads.
  std::uint64_t seed = 0;
  Execution execution = {};
};

CORYMB_END
