#pragma once

#include <corymb/partition/kmedoids.hpp>

#include <cstdint>
#include <optional>
#include <span>
#include <type_traits>

CORYMB_BEGIN

struct ClaraOptions {
  /// How the medoids of a sample are found: faster_pam makes it FasterCLARA, pam or fast_pam1 CLARA.
  KMedoidsAlgorithm algorithm = KMedoidsAlgorithm::faster_pam;
  /// How the first medoids of a sample are chosen.
  KMedoidsInit init = KMedoidsInit::build;
  /// Samples, ≥ 1. The medoids of all but the first contain the best medoids so far.
  int samples = 5;
  /// Objects of a sample, ≥ k; at most n are taken. 0 = 80 + 4 k for faster_pam, 40 + 2 k otherwise.
  Index sample_size = 0;
  /// Of the search in each sample, see KMedoidsOptions.
  int max_iterations = 1000;
  /// The distance of points; empty = Euclidean. Must be empty where the distances are given in another way.
  std::optional<Metric> metric = {};
  /// One weight ≥ 0 per object, or empty for all one. Objects are then drawn with replacement, each with probability ∝
  /// its weight, and count in the sample as often as they are drawn.
  Vector weights = {};
  /// Same seed, same result, for any number of threads.
  std::uint64_t seed = 0;
  Execution execution = {};
};

/// k-medoids of large data by samples: the medoids of each sample are found by the chosen algorithm, and those with the
/// lowest loss over all objects are returned. A local minimum of a sample, not of the data: kmedoids finds a lower loss
/// where there is time for it.
///
/// @param X  n × d, one point per row; finite. Row-major memory is used in place, other layouts are copied once.
/// @param k  number of medoids, 1 ≤ k ≤ the number of rows of positive weight.
/// @return   labels, sizes and loss are those of all objects; swaps, iterations and status those of the sample that the
///           medoids were found in, and restart its number, from 0. predict takes the result.
/// @throws InvalidArgument  before any work: what kmedoids throws, and samples < 1, a sample_size below k.
/// @throws MemoryLimitExceeded  the distances within a sample and the labels would exceed execution.memory_limit.
/// @note Same bits for any number of threads and any storage order. Stage names for progress: "clara", a step per
///       sample.
/// @note Time per sample O(n k d) for the loss over all objects and s² for a round of faster_pam among s objects.
///       Memory O(n + s²).
/// @see Kaufman and Rousseeuw (1990), Finding Groups in Data, chapter 3; Schubert and Rousseeuw (2021),
///      doi:10.1016/j.is.2021.101804.
template <class Derived>
KMedoidsResult<typename Derived::Scalar> clara(const Eigen::DenseBase<Derived>& X, Index k,
                                               const ClaraOptions& options = {});

/// The same for a distance of your own, see kmedoids.
template <class Derived, class Callable>
requires std::is_invocable_v<const Callable&, std::span<const typename Derived::Scalar>,
                             std::span<const typename Derived::Scalar>>
    KMedoidsResult<typename Derived::Scalar> clara(const Eigen::DenseBase<Derived>& X, Index k, const Callable& f,
                                                   const ClaraOptions& options = {});

/// The same for objects given by a callable, see dissimilarity().
template <class F>
KMedoidsResult<DissimilarityScalar<F>> clara(const Dissimilarity<F>& objects, Index k,
                                             const ClaraOptions& options = {});

/// The same for a matrix of distances, of which all entries are checked.
template <class T>
KMedoidsResult<T> clara(const DistanceMatrix<T>& D, Index k, const ClaraOptions& options = {});

CORYMB_END

#include <corymb/partition/detail/kmedoids/clara_impl.hpp>
