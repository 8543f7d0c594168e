#pragma once

#include <corymb/spectral/spectral_embedding.hpp>

#include <cstdint>
#include <optional>
#include <span>
#include <type_traits>
#include <vector>

CORYMB_BEGIN

struct SpectralClustering {
  Labels labels;       ///< n, in [0, k), numbered by their first row; −1 for rows put aside from given affinities
  Vector eigenvalues;  ///< k, ascending; the gap behind the last tells how well k suits
  /// n × k: what was clustered, the eigenvectors; for Laplacian::symmetric with its rows at length one.
  RowMatrix<double> embedding;
  Vector residuals;                   ///< of the eigenvectors, see SpectralEmbedding
  Labels component;                   ///< n, in [0, components); −1 for rows put aside
  std::int32_t components = 0;        ///< connected components that count
  Status status = Status::converged;  ///< of the eigenvectors
  int iterations = 0;                 ///< of the solver

  // What predict needs to know of the fit.
  Index k = 0;
  bool of_points = false;  ///< whether the affinity is one of the built-in ones, and what follows describes it
  Affinity affinity = Affinity::rbf;
  std::optional<Metric> metric = {};  ///< empty = euclidean
  double gamma = 0;                   ///< rbf: as it was chosen
  Index neighbors = 0;
  EdgeAffinity edges = EdgeAffinity::connection;
  Laplacian laplacian = Laplacian::random_walk;
  Vector row_scales;            ///< n: an embedded row is the one that new rows are averaged from, times this
  RowMatrix<double> centroids;  ///< k × k: the means of the embedded rows of each cluster
};

/// Clusters of any shape: points are joined by how like each other they are, and the graph is cut where that cuts least
/// (relaxed: by k-means on the first k eigenvectors of its Laplacian).
/// @param X  n × d, one point per row; finite. Row-major memory is used in place, other layouts are copied once.
/// @param k  number of clusters, in [1, n]
/// @return   A graph in k components has them as clusters, exactly. Of fewer ones, clusters are unions of their parts.
/// Of
///           more, the k with the most rows are the clusters (of equal ones the first), and the rows of the others are
///           put aside, as are components of fewer than min_component_size rows. Rows put aside get the label of the
///           nearest row that is not, by the metric; where affinities are given that is unknown and their label is −1.
/// @throws InvalidArgument, MemoryLimitExceeded, Cancelled  as spectral_embedding.
/// @note Time and memory of spectral_embedding, and the labels: k-means of n points in k columns. Same bits for any
///       number of threads and any storage order. Stage names for progress: those of spectral_embedding and "lloyd".
/// @see Shi and Malik (2000), doi:10.1109/34.868688 (random_walk); Ng, Jordan and Weiss (2001), On spectral clustering:
///      analysis and an algorithm, NeurIPS 14 (symmetric); von Luxburg (2007), doi:10.1007/s11222-007-9033-z
template <class Derived>
SpectralClustering spectral_clustering(const Eigen::DenseBase<Derived>& X, Index k,
                                       const SpectralOptions& options = {});

/// The same for an affinity of your own, see spectral_embedding.
template <class Derived, class Callable>
requires std::is_invocable_v<const Callable&, std::span<const typename Derived::Scalar>,
                             std::span<const typename Derived::Scalar>>
    SpectralClustering spectral_clustering(const Eigen::DenseBase<Derived>& X, Index k, const Callable& f,
                                           const SpectralOptions& options = {});

/// The same for affinities that are known.
template <class T>
SpectralClustering spectral_clustering(const AffinityMatrix<T>& W, Index k, const SpectralOptions& options = {});

/// The same for a graph, see spectral_embedding.
template <class T, class StorageIndex>
SpectralClustering spectral_clustering(const Eigen::SparseMatrix<T, Eigen::RowMajor, StorageIndex>& W, Index k,
                                       const SpectralOptions& options = {});

/// The clusters of new rows: each is embedded where the eigenvectors' equation puts it, at the mean of the rows of
/// X_train weighted by its affinities to them, over 1 − λ (Nyström's extension), and gets the nearest centroid of the
/// embedding. (knn: its affinities to its own nearest rows; they are of each other's nearest where it is nearer to the
/// row of X_train than that row's last neighbour.) A new row that equals a row of X_train gets that row's label, the
/// lowest such row's; one without affinity to any row that was embedded gets the label of the nearest row.
/// @param result   of spectral_clustering on X_train with one of the built-in affinities
/// @param X_train  n × d, the rows of the fit
/// @param X_new    m × d, of the same scalar type; finite
/// @return         m labels
/// @throws InvalidArgument  a result of another number of rows, and as spectral_clustering.
/// @note Time O(m n d) for affinities of all pairs, else that of nearest_neighbors; memory O(m k).
/// @see Bengio, Paiement, Vincent, Delalleau, Le Roux and Ouimet (2003), Out-of-sample extensions, NeurIPS 16
template <class DerivedX, class DerivedQ>
Labels predict(const SpectralClustering& result, const Eigen::DenseBase<DerivedX>& X_train,
               const Eigen::DenseBase<DerivedQ>& X_new, const Execution& execution = {});

struct SpectralSelection {
  Index k = 0;              ///< the chosen one
  Vector eigenvalues;       ///< the first range.last + 1 of them, ascending, or all n
  SpectralClustering best;  ///< that of k clusters
};

/// Chooses the number of clusters by the eigengap: the k of the range with the largest λ_{k+1} − λ_k, of equal ones the
/// lowest. The eigenvectors are found once.
/// @param range  1 ≤ first ≤ last ≤ n − 1
/// @throws InvalidArgument, MemoryLimitExceeded, Cancelled  as spectral_clustering.
/// @see von Luxburg (2007), section 8.3
template <class Derived>
SpectralSelection select_spectral_clustering(const Eigen::DenseBase<Derived>& X, KRange range,
                                             const SpectralOptions& options = {});
template <class T>
SpectralSelection select_spectral_clustering(const AffinityMatrix<T>& W, KRange range,
                                             const SpectralOptions& options = {});
template <class T, class StorageIndex>
SpectralSelection select_spectral_clustering(const Eigen::SparseMatrix<T, Eigen::RowMajor, StorageIndex>& W,
                                             KRange range, const SpectralOptions& options = {});

CORYMB_END

#include <corymb/spectral/detail/spectral_clustering_impl.hpp>
