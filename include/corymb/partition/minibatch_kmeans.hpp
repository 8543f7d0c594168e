#pragma once

#include <corymb/core/execution.hpp>
#include <corymb/core/types.hpp>
#include <corymb/partition/detail/minibatch_step.hpp>
#include <corymb/partition/kmeans.hpp>

#include <cstdint>
#include <vector>

CORYMB_BEGIN

/// Options of the model MiniBatchKMeans.
struct MiniBatchModelOptions {
  /// How the first centroids are chosen, among the first rows that arrive.
  KMeansInit init = KMeansInit::greedy_kmeans_plus_plus;
  /// Rows of positive weight to collect before the first centroids are chosen among them: ≥ k, or 0 for k, which is
  /// quickest. More rows give better starts, above all where the first batches are not typical. They are kept until
  /// then.
  Index init_size = 0;
  /// What the past still counts after each batch, in [0, 1]. 1: every point counts the same, for ever. Below 1 the
  /// model follows data that drift: a point counts half after ln ½ / ln decay batches. 0: only the latest batch counts.
  double decay = 1;
  /// A point of batch t (from 1) counts (t + 1)^recency; ≥ 0. 0: all the same, which suits any order of the rows. Where
  /// batches are random draws from one distribution, more forgets the points that early, still poor centroids were
  /// given, and centroids get better sooner: then 4 to 16 is good.
  double recency = 0;
  /// A centroid whose total weight is below this share of the mean over all centroids is given up for a row of the
  /// present batch, drawn with probability ∝ weight · squared distance to its centroid, and starts anew with weight 0.
  /// In [0, 1); 0: never. Looked at after 10 k rows, and later each time the weight that arrived since has reached the
  /// weight that the centroids stood for then: so a new centroid has its chance, and the model settles. Larger shares
  /// mend poor starts, but take small clusters apart.
  double reassignment_ratio = 0.01;
  /// Same seed and same batches, same model, for any number of threads.
  std::uint64_t seed = 0;
};

/// k-means on rows that arrive in batches and need not be kept: each centroid is the weighted mean of all points ever
/// assigned to it (of which the options decay and recency let older ones count less). A batch is assigned to the
/// nearest centroids, then every centroid moves towards the mean of its part of the batch by (weight of the part) /
/// (weight of all its points so far). For a single batch from given centroids this is one iteration of k-means.
///
/// A model is a value: a copy is a checkpoint. One model must not learn two batches at the same time.
/// @tparam T  float or double, the scalar of every batch.
/// @note Same bits for any number of threads and any storage order of the batches.
/// @see Sculley (2010), Web-scale k-means clustering, doi:10.1145/1772690.1772862.
template <class T>
class MiniBatchKMeans {
 public:
  /// A model of k clusters, k ≥ 1, that chooses its first centroids among the first rows that arrive.
  explicit MiniBatchKMeans(Index k, const MiniBatchModelOptions& options = {});

  /// From given centroids, k × d.
  /// @param weights  k weights ≥ 0: what each centroid already stands for, so that MiniBatchKMeans(r.centroids,
  /// r.sizes)
  ///                 goes on from a result of kmeans. Empty: all 0, and a centroid moves all the way to the mean of its
  ///                 first points.
  template <class Derived>
  explicit MiniBatchKMeans(const Eigen::DenseBase<Derived>& initial_centroids, const Vector& weights = {},
                           const MiniBatchModelOptions& options = {});

  /// Learns the rows of a batch, m × d, m ≥ 0.
  /// @param weights  m weights ≥ 0, or empty for all one. A weight w means w copies of the row, 0 that it is absent.
  /// @param execution  threads and memory limit; there are no steps to report.
  /// @return  Σ w_i ‖x_i − nearest centroid‖² of the rows that were learnt, from the centroids before they moved. While
  ///          rows are only collected nothing is learnt, and the value is 0.
  /// @throws InvalidArgument  columns that disagree with those of earlier batches, an entry that is not finite or too
  ///         large, bad weights; the model stays as it was.
  /// @throws MemoryLimitExceeded  the working memory would exceed execution.memory_limit.
  /// @note Time O(m k d): the batch is read once to check it and once to learn it. Memory O(m + k d).
  template <class Derived>
  double partial_fit(const Eigen::DenseBase<Derived>& batch, const Vector& weights = {},
                     const Execution& execution = {});

  Index k() const { return k_; }
  /// Whether there are centroids: at once where they were given, else when enough rows have arrived.
  bool ready() const { return core_.centroids.rows() > 0; }
  /// k × d; 0 × 0 before the model is ready.
  const RowMatrix<T>& centroids() const { return core_.centroids; }
  /// k, the weight that each centroid stands for; empty before the model is ready.
  const Vector& weights() const { return core_.total.weights; }
  /// Batches learnt so far; those that were collected first count as one.
  std::int64_t batches() const { return core_.batches; }

  /// The model as a result of k-means, for predict, transform and nearest_centroids: centroids, the weights as sizes;
  /// no labels, and inertia NaN.
  /// @throws InvalidArgument  the model is not ready.
  KMeansResult<T> result() const;

 private:
  double learn(const Points<T>& batch, const double* weight, int threads);

  Index k_;
  MiniBatchModelOptions options_;
  detail::MiniBatchCore<T> core_;
  Index columns_ = 0;         // 0 before the first batch
  std::vector<T> collected_;  // rows of positive weight that came before there were centroids
  std::vector<double> collected_weights_;
};

template <class Derived>
explicit MiniBatchKMeans(const Eigen::DenseBase<Derived>&, const Vector& = {}, const MiniBatchModelOptions& = {})
    -> MiniBatchKMeans<typename Derived::Scalar>;

/// Options of minibatch_kmeans.
struct MiniBatchKMeansOptions {
  /// First centroids, unless initial_rows or initial centroids are given.
  KMeansInit init = KMeansInit::greedy_kmeans_plus_plus;
  /// k row numbers (from 0, different) to start from, instead of init.
  std::vector<Index> initial_rows = {};
  /// Rows drawn for init to choose from: ≥ k, or 0 for three batches, but at least 3 k.
  Index init_size = 0;
  /// Rows of a batch, ≥ 1, or 0 for 1024, but at least 4 k. Larger batches give better centroids in more time.
  Index batch_size = 0;
  /// Independent runs, ≥ 1; the one of lowest inertia is returned, the earlier one on ties.
  int restarts = 1;
  /// Passes over the data at most, ≥ 1. Each takes all rows once, in a new random order.
  int max_epochs = 100;
  /// A run has converged when the smoothed inertia of the batches has not fallen below its lowest value in this many
  /// batches; ≥ 0, 0: the inertia does not stop it.
  int max_no_improvement = 20;
  /// A run has also converged when the smoothed sum of the squared movements of all centroids per batch is at most
  /// tolerance × the mean variance of the columns, of the rows drawn for init. ≥ 0; 0: movements do not stop it.
  double tolerance = 0;
  /// How much less earlier batches count, as in MiniBatchModelOptions; ≥ 0.
  double recency = 8;
  /// Centroids with few points start anew, as in MiniBatchModelOptions.
  double reassignment_ratio = 0.01;
  /// One weight ≥ 0 per row, or empty for all one. A weight w means w copies of the row; 0 means that the row is
  /// absent, though it still gets a label.
  Vector weights = {};
  /// Same seed, same result, for any number of threads.
  std::uint64_t seed = 0;
  Execution execution = {};
};

/// k-means on random batches of the rows: for many rows much quicker than kmeans, at a slightly higher inertia, because
/// it usually stops before it has seen all of them. Centroids learn from batches as those of MiniBatchKMeans do; at the
/// end all rows are assigned once.
///
/// @param X  n × d, one point per row; finite. Row-major memory is used in place, other layouts are copied once.
/// @param k  number of clusters, 1 ≤ k ≤ the number of rows of positive weight.
/// @return   labels are those of predict(result, X), sizes and inertia those of the labels; a cluster may have size 0.
///           Centroids are means over the batches, not over the final clusters. iterations counts batches. After a
///           cancellation the centroids are those after the last complete batch.
/// @throws InvalidArgument  before any work: k out of range, an entry of X that is not finite or so large that squared
///         distances overflow, weights that are negative or of another length, options out of range.
/// @throws MemoryLimitExceeded  the working memory would exceed execution.memory_limit.
/// @note Same bits for any number of threads and any storage order of X. Stage names for progress: "seeding", and
///       "batches", whose objective is the inertia of all rows as the smoothed inertia of the batches suggests.
/// @note Time O(b k d) per batch of b rows, O(n k d) for the labels. Memory O(n + b d + k d) beyond X.
/// @see Sculley (2010), doi:10.1145/1772690.1772862.
template <class Derived>
KMeansResult<typename Derived::Scalar> minibatch_kmeans(const Eigen::DenseBase<Derived>& X, Index k,
                                                        const MiniBatchKMeansOptions& options = {});

/// The same from given centroids, k × d; k is their number of rows.
template <class Derived, class DerivedC>
KMeansResult<typename Derived::Scalar> minibatch_kmeans(const Eigen::DenseBase<Derived>& X,
                                                        const Eigen::DenseBase<DerivedC>& initial_centroids,
                                                        const MiniBatchKMeansOptions& options = {});

/// predict, transform and nearest_centroids of KMeansResult, for a model.
/// @throws InvalidArgument  also where the model is not ready.
template <class T, class Derived>
Labels predict(const MiniBatchKMeans<T>& model, const Eigen::DenseBase<Derived>& X_new,
               const Execution& execution = {});
template <class T, class Derived>
RowMatrix<T> transform(const MiniBatchKMeans<T>& model, const Eigen::DenseBase<Derived>& X_new,
                       const Execution& execution = {});
template <class T, class Derived>
NearestManyResult<T> nearest_centroids(const MiniBatchKMeans<T>& model, const Eigen::DenseBase<Derived>& X_new,
                                       Index count, const Execution& execution = {});

CORYMB_END

#include <corymb/partition/detail/minibatch_kmeans_impl.hpp>
