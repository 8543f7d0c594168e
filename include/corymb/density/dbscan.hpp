#pragma once

#include <corymb/core/execution.hpp>
#include <corymb/core/types.hpp>
#include <corymb/distance/distance_matrix.hpp>
#include <corymb/distance/metric.hpp>
#include <corymb/neighbors/options.hpp>

#include <Eigen/SparseCore>

#include <cstdint>
#include <optional>
#include <span>
#include <type_traits>
#include <vector>

CORYMB_BEGIN

/// How DBSCAN finds its neighbourhoods. Changes time and memory, never the result.
enum class DbscanAlgorithm {
  automatic,  ///< grid where it can be used, else a tree where it pays (never with a callable), else brute_force
  grid,       ///< cells of rows that are all within eps of each other; for euclidean, manhattan and chebyshev, d ≤ 4,
              ///< and for haversine
  kd_tree,    ///< a tree of boxes; for the same metrics
  ball_tree,  ///< a tree of balls, by the triangle inequality, see NeighborSearch for metrics and callables
  brute_force,  ///< all pairs, once in the Euclidean metric; any metric
};

/// What becomes of a row that is not core but within eps of one that is.
enum class BorderPoints {
  lowest_cluster,  ///< it belongs to the lowest-numbered cluster that reaches it
  as_noise,        ///< it is noise (DBSCAN*)
};

struct DbscanOptions {
  std::optional<Metric> metric = {};  ///< empty = euclidean; must be empty with a callable or a matrix
  DbscanAlgorithm algorithm = DbscanAlgorithm::automatic;
  BorderPoints border = BorderPoints::lowest_cluster;
  /// Rows with NaN are noise, and nobody's neighbours; by default they are an error.
  bool missing_as_noise = false;
  /// One weight ≥ 0 per row; empty = all 1. A row counts as often as its weight says; one of weight 0 is absent: it
  /// gets the label that predict would give it.
  Vector weights = {};
  Execution execution = {};
};

struct DbscanResult {
  Labels labels;              ///< n; clusters are numbered by their lowest core row, noise is −1
  std::vector<bool> is_core;  ///< n; whether a row has min_points neighbours
  std::int32_t clusters = 0;  ///< how many there are

  double eps = 0;                     ///< as it was asked for, like what follows
  Index min_points = 1;               ///< likewise
  std::optional<Metric> metric = {};  ///< empty where the distances are those of a callable, a matrix or a graph
  BorderPoints border = BorderPoints::lowest_cluster;  ///< likewise
};

/// Density-based clusters. Rows within eps of each other are neighbours, a row is its own. One that has at least
/// min_points of them is core. Core rows that are neighbours belong to one cluster, and so on from neighbour to
/// neighbour; so do the neighbours of core rows (see BorderPoints). All others are noise.
/// @param X           n × d, one point per row; finite. Row-major memory is used in place, other layouts are copied
/// once.
/// @param eps         ≥ 0; a distance, in the metric's unit. A distance equal to eps is within it.
/// @param min_points  ≥ 1, the row itself included; compared with the sum of the weights where there are any
/// @throws InvalidArgument  eps or min_points out of range, no columns, an entry that is not finite or so large that
///         squared distances overflow, rows that the metric does not take (see Metric), weights that are negative or
///         not one per row, grid where it cannot be used, a negative number of threads.
/// @throws MemoryLimitExceeded  before memory beyond execution.memory_limit is taken.
/// @throws Cancelled  the progress callback asked to stop.
/// @note Exact, also on ties: the distances compared are those of pairwise_distances. Same bits for any number of
///       threads, any storage order and any algorithm. grid: time O(n) for a given d, memory at most 100 bytes a row
///       for two columns of double; kd_tree: memory O(n d); brute_force: time O(n² d), memory O(n), in the Euclidean
///       metric O(n min(min_points, d)), and O(n d) where the variance is in few directions and execution.memory_limit
///       allows. Neighbourhoods are never stored. M. Ester, H.-P. Kriegel, J. Sander, X. Xu, "A density-based algorithm
///       for discovering clusters in large spatial databases with noise", KDD 1996. J. Gan, Y. Tao, "DBSCAN revisited:
///       mis-claim, un-fixability, and approximation", SIGMOD 2015.
template <class Derived>
DbscanResult dbscan(const Eigen::DenseBase<Derived>& X, double eps, Index min_points,
                    const DbscanOptions& options = {});

/// The same for a distance of your own (see pairwise_distances), by brute force or a ball_tree. By brute force, where
/// f(x, y) and f(y, x) differ, a row's neighbours are those y whose f(row, y) is within eps, and two core rows are
/// joined if either one is.
template <class Derived, class Callable>
requires std::is_invocable_v<const Callable&, std::span<const typename Derived::Scalar>,
                             std::span<const typename Derived::Scalar>>
    DbscanResult dbscan(const Eigen::DenseBase<Derived>& X, double eps, Index min_points, const Callable& f,
                        const DbscanOptions& options = {});

/// The same for objects whose distances are known; object i's neighbours are those j whose D(i, j) is within eps.
template <class T>
DbscanResult dbscan(const DistanceMatrix<T>& D, double eps, Index min_points, const DbscanOptions& options = {});
template <class F>
DbscanResult dbscan(const Dissimilarity<F>& D, double eps, Index min_points, const DbscanOptions& options = {});

/// The same for objects of which only near ones have known distances, such as radius_neighbors gives: a stored entry
/// (i, j) is the distance of object i to object j, also where it is 0; what is not stored is farther than eps. Entries
/// of the diagonal do not count: an object is its own neighbour.
/// @param G  n × n, compressed or not; finite and ≥ 0
/// @note Time O(e) for e entries, memory O(n).
template <class T, class StorageIndex>
DbscanResult dbscan(const Eigen::SparseMatrix<T, Eigen::RowMajor, StorageIndex>& G, double eps, Index min_points,
                    const DbscanOptions& options = {});

struct DbscanPredictOptions {
  NeighborSearch search = NeighborSearch::automatic;
  /// Rows of X_train with NaN are left out, rows of X_new with NaN are noise; by default they are an error.
  bool missing_as_noise = false;
  /// Those of the fit: one per row of X_train, or empty. Needed only where border is as_noise.
  Vector weights = {};
  Execution execution = {};
};

/// The clusters of new rows: for each the lowest-numbered cluster of the core rows within eps of it, or noise. Where
/// the fit's border is as_noise, a row must also have min_points of X_train's rows within eps, itself not counted. Rows
/// of X_train get the labels of the fit.
/// @param result   of dbscan on X_train under a metric
/// @param X_train  n × d, the rows of the fit
/// @param X_new    m × d, of the same scalar type; finite
/// @return         m labels
/// @throws InvalidArgument  a result of other distances or of another number of rows, and as nearest_neighbors.
/// @throws MemoryLimitExceeded, Cancelled  as dbscan.
template <class DerivedX, class DerivedQ>
Labels predict(const DbscanResult& result, const Eigen::DenseBase<DerivedX>& X_train,
               const Eigen::DenseBase<DerivedQ>& X_new, const DbscanPredictOptions& options = {});

/// The same where the fit had a distance of your own: f(new row, row of X_train).
template <class DerivedX, class DerivedQ, class Callable>
requires std::is_invocable_v<const Callable&, std::span<const typename DerivedX::Scalar>,
                             std::span<const typename DerivedX::Scalar>>
    Labels predict(const DbscanResult& result, const Eigen::DenseBase<DerivedX>& X_train,
                   const Eigen::DenseBase<DerivedQ>& X_new, const Callable& f,
                   const DbscanPredictOptions& options = {});

CORYMB_END

#include <corymb/density/detail/dbscan/dbscan_impl.hpp>
#include <corymb/density/detail/dbscan/predict_impl.hpp>
