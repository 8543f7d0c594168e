#pragma once

#include <corymb/core/execution.hpp>
#include <corymb/core/types.hpp>
#include <corymb/distance/distance_matrix.hpp>
#include <corymb/distance/metric.hpp>

#include <cstdint>
#include <optional>
#include <span>
#include <type_traits>
#include <vector>

CORYMB_BEGIN

/// How k-medoids chooses its first medoids. None ever chooses an object of weight zero.
enum class KMedoidsInit {
  random,              ///< k different objects, each with probability ∝ its weight; the swaps make up for it
  build,               ///< one after the other the object that lowers the loss most. All n² distances, k times
  lab,                 ///< the same among 10 + ⌈√n⌉ objects drawn for each, judged by these alone
  kmedoids_plus_plus,  ///< one after the other, with probability ∝ weight · distance to the nearest chosen one
};

/// How the medoids are improved. All but alternate end where no exchange of one medoid lowers the loss.
enum class KMedoidsAlgorithm {
  faster_pam,  ///< each exchange that lowers the loss, as soon as it is found
  fast_pam1,   ///< the best exchange of all, again and again: the result of pam, k times as fast
  pam,         ///< the same by the textbook, for comparison
  alternate,   ///< like k-means: assign, then the best medoid within each cluster. Ends early, in worse minima
};

/// Whether the distances of points, or those that a callable gives, are kept. Changes time and memory, never the
/// result.
enum class KMedoidsDistances {
  automatic,  ///< stored, if they take at most half of the memory allowed
  stored,     ///< all n² of them are computed once
  computed,   ///< computed when they are needed, again and again; memory O(n). Under a metric that obeys the triangle
              ///< inequality, faster_pam leaves out those that it shows to change nothing
};

struct KMedoidsOptions {
  /// First medoids, unless initial_medoids are given.
  KMedoidsInit init = KMedoidsInit::kmedoids_plus_plus;
  /// k object numbers (from 0, different) to start from, instead of init.
  std::vector<Index> initial_medoids = {};
  KMedoidsAlgorithm algorithm = KMedoidsAlgorithm::faster_pam;
  /// Independent runs, ≥ 1; the one of lowest loss is returned, the earlier one on ties. Must be 1 where the start is
  /// given.
  int restarts = 1;
  /// At most, per run, ≥ 1: faster_pam goes round all objects this many times, pam and fast_pam1 look this many times
  /// for the best exchange, alternate assigns this many times.
  int max_iterations = 1000;
  /// The distance of points; empty = Euclidean. Must be empty where the distances are given in another way.
  std::optional<Metric> metric = {};
  /// For points and callables.
  KMedoidsDistances distances = KMedoidsDistances::automatic;
  /// One weight ≥ 0 per object, or empty for all one. A weight w means w copies; 0 means that the object is absent: it
  /// is no medoid and costs nothing, though it still gets a label.
  Vector weights = {};
  /// Same seed, same result, for any number of threads.
  std::uint64_t seed = 0;
  Execution execution = {};
};

/// For points, the result is the model: predict takes it.
template <class T>
struct KMedoidsResult {
  std::vector<Index> medoids;  ///< k, the medoids' object numbers, all different
  Labels labels;               ///< n, in [0, k): the nearest medoid, always; the lower label on ties
  Vector sizes;                ///< k, the weight of each cluster; without weights the number of its objects
  double loss = 0;             ///< Σ w_i · distance of object i to medoid label(i)
  Status status = Status::converged;
  Index swaps = 0;               ///< exchanges of a medoid in the returned run
  int iterations = 0;            ///< of the returned run, see KMedoidsOptions::max_iterations
  int restart = 0;               ///< which run is returned, from 0
  RowMatrix<T> centers;          ///< k × d, the medoids themselves where they are rows of a matrix, else 0 × 0
  std::optional<Metric> metric;  ///< of the distances to the centers; empty for a callable
};

/// k-medoids: k of the n objects, such that the sum of the distances of all objects to the nearest of them is small
/// (a local minimum). Unlike centroids, medoids need nothing but distances, and outliers pull at them less.
///
/// @param D  the distances; D(i, m) is what object i costs if m is its medoid. It need not be symmetric, nor obey the
///           triangle inequality.
/// @param k  number of medoids, 1 ≤ k ≤ the number of objects of positive weight.
/// @return   converged unless max_iterations was reached or the progress callback stopped; then the medoids reached so
///           far. For k = 1 the best medoid of all.
/// @throws InvalidArgument  before any work: k out of range, an entry that is not finite or negative, an entry of the
///         diagonal that is not 0, weights that are negative or of another length, options out of range.
/// @throws MemoryLimitExceeded  the working memory would exceed execution.memory_limit.
/// @note Exact: losses are added up in whole numbers of a unit that is a power of two, below the precision of the
///       distances. Of equally good exchanges the one of the lower candidate is made, then the one of the lower label.
///       So the swaps, and all bits of the result, are the same for any number of threads and any form of the matrix;
///       pam and fast_pam1 make the same swaps. Stage names for progress: "seeding", then "faster_pam" (64 steps per
///       round), "fast_pam1", "pam" or "alternate" (a step per iteration).
/// @note Time per round of faster_pam or per swap of fast_pam1 O(n²), one read of the matrix; pam O(k n²) per swap.
///       Memory O(n + k); where columns of the matrix are not contiguous (a triangle; row-major and not symmetric), 16
///       MiB for some of them. Symmetric and column-major matrices are used in place.
/// @see Kaufman and Rousseeuw (1990), Finding Groups in Data, chapter 2; Schubert and Rousseeuw (2021),
///      doi:10.1016/j.is.2021.101804.
template <class T>
KMedoidsResult<T> kmedoids(const DistanceMatrix<T>& D, Index k, const KMedoidsOptions& options = {});

/// The same for objects given by a callable, see dissimilarity(). Its distances are kept as those of points are
/// (KMedoidsDistances); where they are not, every pair is asked for once more, before the first medoid is chosen.
template <class F>
KMedoidsResult<DissimilarityScalar<F>> kmedoids(const Dissimilarity<F>& objects, Index k,
                                                const KMedoidsOptions& options = {});

/// The same for points.
/// @param X  n × d, one point per row; finite. Row-major memory is used in place, other layouts are copied once.
/// @note The distances are kept if there is room (KMedoidsDistances): memory n² scalars, time O(n² d) once.
template <class Derived>
KMedoidsResult<typename Derived::Scalar> kmedoids(const Eigen::DenseBase<Derived>& X, Index k,
                                                  const KMedoidsOptions& options = {});

/// The same for a distance of your own, f(std::span<const T> object, std::span<const T> medoid) -> T, finite and ≥ 0,
/// called from several threads at a time; not for an object and itself.
template <class Derived, class Callable>
requires std::is_invocable_v<const Callable&, std::span<const typename Derived::Scalar>,
                             std::span<const typename Derived::Scalar>>
    KMedoidsResult<typename Derived::Scalar> kmedoids(const Eigen::DenseBase<Derived>& X, Index k, const Callable& f,
                                                      const KMedoidsOptions& options = {});

/// The nearest medoid of each row of X_new (m × d), by the metric of the fit; the lower label on ties. Predicting the
/// rows of the fit gives its labels. Time O(m k d).
/// @throws InvalidArgument  the model holds no rows (it was fitted to a distance matrix) or no metric (to a callable).
template <class T, class Derived>
Labels predict(const KMedoidsResult<T>& model, const Eigen::DenseBase<Derived>& X_new, const Execution& execution = {});

/// The same for a model that was fitted with a callable: f(row of X_new, medoid).
template <class T, class Derived, class Callable>
requires std::is_invocable_v<const Callable&, std::span<const T>, std::span<const T>> Labels
predict(const KMedoidsResult<T>& model, const Eigen::DenseBase<Derived>& X_new, const Callable& f,
        const Execution& execution = {});

CORYMB_END

#include <corymb/partition/detail/kmedoids/kmedoids_impl.hpp>
