#pragma once

#include <corymb/partition/kmedoids.hpp>

#include <cstdint>
#include <optional>
#include <span>
#include <type_traits>

CORYMB_BEGIN

/// What one try of CLARANS is.
enum class ClaransAlgorithm {
  fast_clarans,  ///< a random object against all medoids at once: the best of k exchanges in the time of one
  clarans,       ///< a random object against a random medoid
};

struct ClaransOptions {
  ClaransAlgorithm algorithm = ClaransAlgorithm::fast_clarans;
  /// Local searches from random medoids, ≥ 1 (numlocal in the paper); the lowest loss is returned, the earlier on ties.
  int restarts = 2;
  /// A local search ends after so many tries in a row that improve nothing (maxneighbor), ≥ 0. 0 = 2.5 % of the n − k
  /// objects that are no medoids for fast_clarans, 1.25 % of the k (n − k) exchanges for clarans; at least 250 / k, or
  /// 250.
  std::int64_t max_tries = 0;
  /// The distance of points; empty = Euclidean. Must be empty where the distances are given in another way.
  std::optional<Metric> metric = {};
  /// One weight ≥ 0 per object, or empty for all one, see KMedoidsOptions.
  Vector weights = {};
  /// Same seed, same result, for any number of threads.
  std::uint64_t seed = 0;
  Execution execution = {};
};

/// k-medoids by random search: exchanges are drawn at random, and each that lowers the loss is made at once. The result
/// is no local minimum, only likely to be near one; but it needs no more than n distances per try.
///
/// @param X  n × d, one point per row; finite. Row-major memory is used in place, other layouts are copied once.
/// @param k  number of medoids, 1 ≤ k ≤ the number of rows of positive weight.
/// @return   swaps and iterations (one per exchange) are those of the returned search, restart its number.
/// @throws InvalidArgument  before any work: what kmedoids throws, and max_tries < 0.
/// @throws MemoryLimitExceeded  the working memory would exceed execution.memory_limit.
/// @note Same bits for any number of threads and any storage order. Stage name for progress: "clarans", a step per 16
///       draws.
/// @note Time O(n d) per try and O(n k d) per search; memory 16 n distances, and O(n + k).
/// @see Ng and Han (2002), doi:10.1109/TKDE.2002.1033770; Schubert and Rousseeuw (2021),
///      doi:10.1016/j.is.2021.101804.
template <class Derived>
KMedoidsResult<typename Derived::Scalar> clarans(const Eigen::DenseBase<Derived>& X, Index k,
                                                 const ClaransOptions& options = {});

/// The same for a distance of your own, see kmedoids.
template <class Derived, class Callable>
requires std::is_invocable_v<const Callable&, std::span<const typename Derived::Scalar>,
                             std::span<const typename Derived::Scalar>>
    KMedoidsResult<typename Derived::Scalar> clarans(const Eigen::DenseBase<Derived>& X, Index k, const Callable& f,
                                                     const ClaransOptions& options = {});

/// The same for objects given by a callable, see dissimilarity().
template <class F>
KMedoidsResult<DissimilarityScalar<F>> clarans(const Dissimilarity<F>& objects, Index k,
                                               const ClaransOptions& options = {});

/// The same for a matrix of distances, of which all entries are checked.
template <class T>
KMedoidsResult<T> clarans(const DistanceMatrix<T>& D, Index k, const ClaransOptions& options = {});

CORYMB_END

#include <corymb/partition/detail/kmedoids/clarans_impl.hpp>
