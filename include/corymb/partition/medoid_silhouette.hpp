#pragma once

#include <corymb/core/types.hpp>
#include <corymb/partition/kmedoids.hpp>

#include <cstdint>
#include <optional>
#include <span>
#include <type_traits>
#include <vector>

CORYMB_BEGIN

/// How the medoids are improved. All end where no exchange of one medoid raises the silhouette.
enum class MedoidSilhouetteAlgorithm {
  faster_msc,  ///< each exchange that raises the silhouette, as soon as it is found
  fast_msc,    ///< the best exchange of all, again and again: the result of pam_medsil, k times as fast
  pam_medsil,  ///< the same by the textbook, for comparison
};

struct MedoidSilhouetteOptions {
  /// First medoids, unless initial_medoids are given.
  KMedoidsInit init = KMedoidsInit::kmedoids_plus_plus;
  /// k object numbers (from 0, different) to start from, instead of init.
  std::vector<Index> initial_medoids = {};
  MedoidSilhouetteAlgorithm algorithm = MedoidSilhouetteAlgorithm::faster_msc;
  /// Independent runs, ≥ 1; the one of highest silhouette is returned, the earlier one on ties. Must be 1 where the
  /// start is given.
  int restarts = 1;
  /// At most, per run, ≥ 1: faster_msc goes round all objects this many times, the others look this many times for the
  /// best exchange.
  int max_iterations = 1000;
  /// The distance of points; empty = Euclidean. Must be empty where the distances are given in another way.
  std::optional<Metric> metric = {};
  /// For points and callables.
  KMedoidsDistances distances = KMedoidsDistances::automatic;
  /// One weight ≥ 0 per object, or empty for all one, see KMedoidsOptions.
  Vector weights = {};
  /// Same seed, same result, for any number of threads.
  std::uint64_t seed = 0;
  Execution execution = {};
};

/// Medoids of a high silhouette. As a KMedoidsResult it has the loss, too, and predict takes it.
template <class T>
struct MedoidSilhouetteResult : KMedoidsResult<T> {
  /// The weighted mean over all objects of 1 − (distance to the nearest medoid) / (distance to the second nearest), in
  /// [0, 1]; an object at distance 0 from both counts 0.
  double silhouette = 0;
};

/// Clusters by the medoid silhouette: k of the n objects, such that every object is much nearer to one of them than to
/// the next. Unlike the loss of k-medoids, it can be compared between different k.
///
/// Everything is as for kmedoids (objects, weights, ties, exactness, threads, memory, errors), except that
/// 2 ≤ k. Stage names for progress: "seeding", then "faster_msc" (64 steps per round), "fast_msc" or "pam_medsil" (a
/// step per iteration); the objective is the silhouette.
/// @note Time per round of faster_msc or per swap of fast_msc O(n²); pam_medsil O(k n²) per swap. Memory O(n + k).
/// @see Lenssen and Schubert (2022), doi:10.1007/978-3-031-17849-8_15, and (2024), doi:10.1016/j.is.2023.102290.
template <class T>
MedoidSilhouetteResult<T> medoid_silhouette_clustering(const DistanceMatrix<T>& D, Index k,
                                                       const MedoidSilhouetteOptions& options = {});

/// The same for objects given by a callable, see dissimilarity().
template <class F>
MedoidSilhouetteResult<DissimilarityScalar<F>> medoid_silhouette_clustering(
    const Dissimilarity<F>& objects, Index k, const MedoidSilhouetteOptions& options = {});

/// The same for points, n × d.
template <class Derived>
MedoidSilhouetteResult<typename Derived::Scalar> medoid_silhouette_clustering(
    const Eigen::DenseBase<Derived>& X, Index k, const MedoidSilhouetteOptions& options = {});

/// The same for points and a distance of your own, see kmedoids.
template <class Derived, class Callable>
requires std::is_invocable_v<const Callable&, std::span<const typename Derived::Scalar>,
                             std::span<const typename Derived::Scalar>>
    MedoidSilhouetteResult<typename Derived::Scalar> medoid_silhouette_clustering(
        const Eigen::DenseBase<Derived>& X, Index k, const Callable& f, const MedoidSilhouetteOptions& options = {});

/// What choosing the number of medoids has found.
template <class T>
struct MedoidSilhouetteSelection {
  MedoidSilhouetteResult<T> best;   ///< the highest silhouette; of equal ones the smallest k
  std::vector<double> silhouettes;  ///< of every k in the range, ascending in k
};

/// DynMSC: chooses the number of medoids by the silhouette. Finds range.last medoids by the algorithm of the options,
/// then again and again takes away the one whose loss costs least and improves the others, down to range.first; that is
/// much quicker than to start anew for every k.
/// @param range  2 ≤ first ≤ last ≤ the number of objects of positive weight. A given start has range.last medoids.
/// @return       swaps and iterations of the best are counted from the start of the run.
/// @see Lenssen and Schubert (2024), doi:10.1016/j.is.2023.102290.
template <class T>
MedoidSilhouetteSelection<T> select_medoid_silhouette(const DistanceMatrix<T>& D, KRange range,
                                                      const MedoidSilhouetteOptions& options = {});

/// The same for objects given by a callable, see dissimilarity().
template <class F>
MedoidSilhouetteSelection<DissimilarityScalar<F>> select_medoid_silhouette(const Dissimilarity<F>& objects,
                                                                           KRange range,
                                                                           const MedoidSilhouetteOptions& options = {});

/// The same for points, n × d.
template <class Derived>
MedoidSilhouetteSelection<typename Derived::Scalar> select_medoid_silhouette(
    const Eigen::DenseBase<Derived>& X, KRange range, const MedoidSilhouetteOptions& options = {});

/// The same for points and a distance of your own, see kmedoids.
template <class Derived, class Callable>
requires std::is_invocable_v<const Callable&, std::span<const typename Derived::Scalar>,
                             std::span<const typename Derived::Scalar>>
    MedoidSilhouetteSelection<typename Derived::Scalar> select_medoid_silhouette(
        const Eigen::DenseBase<Derived>& X, KRange range, const Callable& f,
        const MedoidSilhouetteOptions& options = {});

CORYMB_END

#include <corymb/partition/detail/kmedoids/medoid_silhouette_impl.hpp>
