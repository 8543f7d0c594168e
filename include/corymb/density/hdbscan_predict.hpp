#pragma once

#include <corymb/core/execution.hpp>
#include <corymb/core/types.hpp>
#include <corymb/density/hdbscan.hpp>
#include <corymb/neighbors/options.hpp>

#include <cstdint>
#include <span>
#include <type_traits>
#include <vector>

CORYMB_BEGIN

/// Where rows stand in the hierarchy of a fit, and what follows from it.
struct HdbscanPlaces {
  Labels labels;          ///< m
  Vector probabilities;   ///< m, as in HdbscanResult
  Vector outlier_scores;  ///< m, likewise

  std::vector<std::int32_t> cluster;  ///< by row: the last cluster of the condensed tree that it is in; −1 = none
  std::vector<double> lambda;         ///< by row: the λ at which it leaves that cluster
};

struct HdbscanPredictOptions {
  NeighborSearch search = NeighborSearch::automatic;
  /// Rows of X_new with NaN are noise; by default they are an error. Those of X_train that the fit left out are left
  /// out here.
  bool missing_as_noise = false;
  Vector weights = {};  ///< those of the fit: one per row of X_train, or empty
  Execution execution = {};
};

/// The places of new rows: each is joined to the hierarchy as it is, at its lowest mutual reachability distance to a
/// row of X_train, of several to the nearest one. Its core distance is that within which min_samples rows of X_train
/// are, itself not counted. So a row of X_train gets the place that it has: predicting the rows of the fit gives its
/// labels, probabilities and outlier scores, whatever the options of the selection.
/// @param result   of hdbscan on X_train under a metric
/// @param X_train  n × d, the rows of the fit
/// @param X_new    m × d, of the same scalar type; finite
/// @throws InvalidArgument  a result of other distances or of another number of rows, and as nearest_neighbors.
/// @throws MemoryLimitExceeded, Cancelled  as hdbscan.
/// @note Same bits for any number of threads, any storage order and any search. kd_tree: time O((n + m) log n) in few
///       columns; brute_force: O(m n d).
template <class DerivedX, class DerivedQ>
HdbscanPlaces place(const HdbscanResult& result, const Eigen::DenseBase<DerivedX>& X_train,
                    const Eigen::DenseBase<DerivedQ>& X_new, const HdbscanPredictOptions& options = {});

/// The same where the fit had a distance of your own: f(new row, row of X_train).
template <class DerivedX, class DerivedQ, class Callable>
requires std::is_invocable_v<const Callable&, std::span<const typename DerivedX::Scalar>,
                             std::span<const typename DerivedX::Scalar>>
    HdbscanPlaces place(const HdbscanResult& result, const Eigen::DenseBase<DerivedX>& X_train,
                        const Eigen::DenseBase<DerivedQ>& X_new, const Callable& f,
                        const HdbscanPredictOptions& options = {});

/// The labels of new rows, out of their places.
template <class DerivedX, class DerivedQ>
Labels predict(const HdbscanResult& result, const Eigen::DenseBase<DerivedX>& X_train,
               const Eigen::DenseBase<DerivedQ>& X_new, const HdbscanPredictOptions& options = {});
template <class DerivedX, class DerivedQ, class Callable>
requires std::is_invocable_v<const Callable&, std::span<const typename DerivedX::Scalar>,
                             std::span<const typename DerivedX::Scalar>>
    Labels predict(const HdbscanResult& result, const Eigen::DenseBase<DerivedX>& X_train,
                   const Eigen::DenseBase<DerivedQ>& X_new, const Callable& f,
                   const HdbscanPredictOptions& options = {});

/// How much the rows of the fit belong to each cluster: n × clusters, in [0, 1].
///
/// A row and a cluster are together up to some λ: for its own cluster that at which it leaves it, else that at which
/// both part. A row's shares go by the squares of these, like the memberships of fuzzy c-means by squared inverse
/// distances; together they are how far towards the densest part of the cluster with the largest share the row lies,
/// which for rows in clusters is their probability. So the largest membership of a row in a cluster is that of its
/// label, and rows of noise belong a little to clusters that they are near.
/// @note Time O(n k + c k h) for k labels and c clusters of a condensed tree of height h, memory O(n k). J. C. Bezdek,
///       "Pattern recognition with fuzzy objective function algorithms", 1981.
inline RowMatrix<double> memberships(const HdbscanResult& result);

/// The same for rows at the places that place gives.
inline RowMatrix<double> memberships(const HdbscanResult& result, const HdbscanPlaces& places);

CORYMB_END

#include <corymb/density/detail/hdbscan/memberships_impl.hpp>
#include <corymb/density/detail/hdbscan/place_impl.hpp>
