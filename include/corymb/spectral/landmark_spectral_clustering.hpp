#pragma once

#include <corymb/core/execution.hpp>
#include <corymb/core/types.hpp>
#include <corymb/spectral/spectral_options.hpp>

#include <cstdint>
#include <optional>
#include <vector>

CORYMB_BEGIN

/// How affinities of all pairs are made of those to a few landmarks.
enum class LandmarkMethod {
  /// Two points are as like each other as they share landmarks: each is joined to its `nearest` ones, by weights
  /// exp(−gamma d²) that add up to one. No affinities of landmarks to each other are needed, and none can be negative.
  anchor_graph,
  /// The rbf affinity of all pairs, but of the rank of its columns at the landmarks (Nyström's method).
  nystrom,
};

/// How landmarks are chosen.
enum class LandmarkChoice {
  kmeans,  ///< the centroids of some iterations of k-means from random rows
  random,  ///< different rows, each with the same probability
};

struct LandmarkSpectralOptions {
  LandmarkMethod method = LandmarkMethod::anchor_graph;
  /// How many landmarks, in [k, n]; empty = max(500, 10 k), at most n.
  std::optional<Index> landmarks = {};
  LandmarkChoice choice = LandmarkChoice::kmeans;
  /// kmeans: iterations, ≥ 1.
  int landmark_iterations = 5;
  /// These rows are the landmarks, whatever is said above; different numbers from 0.
  std::vector<Index> landmark_rows = {};
  /// anchor_graph: landmarks that a point is joined to, in [1, landmarks].
  Index nearest = 5;
  /// > 0; empty = 1 / (2 h²) with h the mean distance of points to their `nearest` landmarks, or for nystrom
  /// 1 / (the sum of the columns' variances).
  std::optional<double> gamma = {};
  /// See SpectralOptions.
  double eigen_tolerance = 1e-8;
  int max_eigen_iterations = 300;
  /// Independent runs of k-means on the embedding, ≥ 1.
  int restarts = 10;
  /// Of landmarks, the solver's first vectors and k-means. Same seed, same result, for any number of threads.
  std::uint64_t seed = 0;
  Execution execution = {};
};

/// The result is the model: predict takes it.
template <class T>
struct LandmarkSpectralClustering {
  Labels labels;                ///< n, in [0, k)
  Vector eigenvalues;           ///< k of the random-walk Laplacian, ascending
  RowMatrix<double> embedding;  ///< n × k
  RowMatrix<double> centroids;  ///< k × k: of the embedding; label i is row i
  RowMatrix<T> landmarks;       ///< m × d
  /// m × k: a point with affinities a to the landmarks is embedded at aᵀ projection / aᵀ degree_weights.
  RowMatrix<double> projection;
  Vector degree_weights;        ///< m
  std::int32_t components = 0;  ///< anchor_graph: connected components; nystrom: 1
  LandmarkMethod method = LandmarkMethod::anchor_graph;
  Index nearest = 0;  ///< as asked for
  double gamma = 0;   ///< as chosen
  Status status = Status::converged;
  int iterations = 0;  ///< of the solver
};

/// Spectral clustering in time linear in n: by the eigenvectors of an affinity of rank m that is never formed.
/// @param X  n × d, one point per row; finite. Row-major memory is used in place, other layouts are copied once.
/// @param k  number of clusters, in [1, n]
/// @return   labels are those of predict(result, X). Of more than k components of the anchor graph the k of the most
///           landmarks count; points of the others are embedded with the nearest landmark of those.
/// @throws InvalidArgument  before any work: k or an option out of range, an entry of X that is not finite or so large
///         that squared distances overflow.
/// @throws NumericalError   nystrom: the affinities of the landmarks to all points are 0.
/// @throws MemoryLimitExceeded  before memory beyond execution.memory_limit is taken.
/// @throws Cancelled  the progress callback asked to stop.
/// @note Time: choosing landmarks and finding the nearest O(n m d), then anchor_graph O(n nearest²), nystrom O(n m²);
///       memory O(n (k + nearest) + m²). Same bits for any number of threads and any storage order. Stage names for
///       progress: those of k-means, "landmarks", "eigenvectors".
/// @see Chen and Cai (2011), Large scale spectral clustering with landmark-based representation, AAAI 25; Liu, He and
///      Chang (2010), Large graph construction for scalable semi-supervised learning, ICML 27; Fowlkes, Belongie, Chung
///      and Malik (2004), doi:10.1109/TPAMI.2004.1262185 (nystrom)
template <class Derived>
LandmarkSpectralClustering<typename Derived::Scalar> landmark_spectral_clustering(
    const Eigen::DenseBase<Derived>& X, Index k, const LandmarkSpectralOptions& options = {});

/// The clusters of new rows: each is embedded by its affinities to the landmarks, and gets the nearest centroid, the
/// lower one on ties. Rows of the fit get the labels of the fit.
/// @param X_new  m × d, of the fit's scalar type; finite
/// @note Time O(m landmarks d).
template <class T, class Derived>
Labels predict(const LandmarkSpectralClustering<T>& model, const Eigen::DenseBase<Derived>& X_new,
               const Execution& execution = {});

/// The embedding of new rows, m × k; that of rows of the fit is the fit's.
template <class T, class Derived>
RowMatrix<double> transform(const LandmarkSpectralClustering<T>& model, const Eigen::DenseBase<Derived>& X_new,
                            const Execution& execution = {});

CORYMB_END

#include <corymb/spectral/detail/landmark_spectral_clustering_impl.hpp>
