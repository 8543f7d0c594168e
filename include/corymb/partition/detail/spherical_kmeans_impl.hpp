#pragma once

#include <corymb/core/detail/memory.hpp>
#include <corymb/core/detail/validate.hpp>
#include <corymb/core/parallel.hpp>
#include <corymb/distance/detail/cluster_sums_impl.hpp>
#include <corymb/distance/detail/nearest_rows.hpp>
#include <corymb/distance/pairwise.hpp>
#include <corymb/partition/detail/best_of_restarts.hpp>
#include <corymb/partition/detail/clusters.hpp>
#include <corymb/partition/detail/kmeans_impl.hpp>
#include <corymb/partition/detail/seeding.hpp>
#include <corymb/partition/spherical_kmeans.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <utility>
#include <vector>

CORYMB_BEGIN
namespace detail {

/// Scales row i of a matrix to length 1; `from` and `to` may be the same. Throws for an entry that is not finite, and
/// for a row of zeros.
template <class T>
void scale_to_unit(std::string_view function, std::string_view name, Index i, const T* from, Index d, T* to) {
  const T largest = kernels::largest_magnitude(from, d);
  if (!std::isfinite(largest)) {
    const Index j = std::find_if_not(from, from + d, [](T value) { return std::isfinite(value); }) - from;
    reject(function,
           std::string(name) + "(" + to_text(i) + ", " + to_text(j) + ") = " + to_text(from[j]) + " must be finite");
  }
  if (largest == T(0))
    reject(function, std::string(name) + "(" + to_text(i) + ", …) is all 0; a row of zeros has no direction");
  // Scaled so that the largest entry is in [1, 2): squares neither overflow nor underflow.
  const double scale = std::ldexp(1.0, -std::max(std::ilogb(static_cast<double>(largest)), -1022));
  double square = 0;
  for (Index j = 0; j < d; ++j) {
    const double value = static_cast<double>(from[j]) * scale;
    square += value * value;
  }
  const double length = std::sqrt(square);
  for (Index j = 0; j < d; ++j) to[j] = static_cast<T>(static_cast<double>(from[j]) * scale / length);
}

/// All rows of X at length 1.
template <class T, class Derived>
RowMatrix<T> unit_rows(std::string_view function, std::string_view name, const Eigen::DenseBase<Derived>& X,
                       int threads) {
  static_assert(std::is_same_v<typename Derived::Scalar, T>,
                "corymb: all matrices of a call must have the same scalar type; convert with .cast<T>()");
  RowMatrix<T> rows = X;
  const Index d = rows.cols();
  const Chunks chunks(rows.rows(), std::max<Index>(65536 / std::max<Index>(d, 1), 1));
  parallel_for(threads, chunks.count(), [&](Index chunk) {
    for (Index i = chunks.begin(chunk); i < chunks.end(chunk); ++i)
      scale_to_unit(function, name, i, rows.data() + i * d, d, rows.data() + i * d);
  });
  return rows;
}

/// One run on rows of length 1, with the stages of Lloyd; its inertia is the objective. All rows are summed in every
/// iteration.
template <class T>
class SphericalLloyd {
 public:
  SphericalLloyd(const Points<T>& X, RowMatrix<T> centroids, const double* weight, int threads)
      : X_(X),
        weight_(weight),
        threads_(threads),
        plan_(X.rows(), X.cols(), centroids.rows()),
        centroids_(std::move(centroids)),
        labels_(Labels::Constant(X.rows(), -1)),
        sums_{RowMatrix<double>::Zero(centroids_.rows(), X.cols()), Vector::Zero(centroids_.rows())} {}

  Index assign_and_sum() {
    const Labels before = labels_;
    assign();
    sum_clusters(X_, labels_.data(), weight_, threads_, plan_, sums_);
    return (before.array() != labels_.array()).count();
  }

  Index refresh() { return 0; }

  /// On rows of length 1 the order of the Euclidean distances is that of the cosine distances.
  void assign() { assign_all<T>(X_, rows_view(centroids_), threads_, labels_.data(), nullptr); }

  /// Σ w_i ‖x_i − centroid of its label‖² / 2.
  double inertia() const {
    const std::vector<T> squared = squared_distances();
    return parallel_sum(threads_, Chunks(X_.rows()), 0.0, [&](Index begin, Index end) {
      double sum = 0;
      for (Index i = begin; i < end; ++i)
        sum += weight_of(i) * (static_cast<double>(squared[static_cast<std::size_t>(i)]) / 2);
      return sum;
    });
  }

  void relocate_empty() {
    const std::vector<Index> empty = empty_clusters(sums_.weights);
    if (empty.empty()) return;
    std::vector<Index> rows;
    for (Index i = 0; i < X_.rows(); ++i)
      if (weight_of(i) > 0) rows.push_back(i);
    std::vector<T> squared = squared_distances();
    constexpr T same = 16 * std::numeric_limits<T>::epsilon();  // the mean of equal rows differs from them by roundings
    for (T& value : squared)
      if (value <= same * same) value = T(0);
    const std::vector<Index> far = farthest_of(std::move(rows), empty.size() + static_cast<std::size_t>(k()),
                                               [&](Index row) { return squared[static_cast<std::size_t>(row)]; });
    const std::vector<Index> donors = choose_donors(empty, far, weight_, labels_, sums_.weights);
    for (std::size_t m = 0; m < donors.size(); ++m)
      for (Index j = 0; j < X_.cols(); ++j) {
        const double moved = weight_of(donors[m]) * static_cast<double>(X_(donors[m], j));
        sums_.sums(labels_[donors[m]], j) -= moved;
        sums_.sums(empty[m], j) = moved;
      }
  }

  /// Moves every centroid to the mean direction of its cluster; that of an empty cluster, or of one whose rows cancel,
  /// stays. Returns Σ ‖movement‖².
  double move() {
    constexpr double epsilon = std::numeric_limits<T>::epsilon();
    const Index d = X_.cols();
    double moved = 0;
    Vector mean(d);
    for (Index c = 0; c < k(); ++c) {
      if (!(sums_.weights[c] > 0)) continue;
      double square = 0;
      for (Index j = 0; j < d; ++j) {
        mean[j] = sums_.sums(c, j) / sums_.weights[c];
        square += mean[j] * mean[j];
      }
      double length = std::sqrt(square);
      if (!(length > 4 * epsilon)) continue;
      // The mean of equal rows is that row, whose length is 1 up to rounding: scaled once more it would differ from it.
      const double roundings = 2 * epsilon + static_cast<double>(d) * std::numeric_limits<double>::epsilon();
      if (std::abs(square - 1) <= roundings) length = 1;
      for (Index j = 0; j < d; ++j) {
        const T direction = static_cast<T>(mean[j] / length);
        const double step = static_cast<double>(direction) - static_cast<double>(centroids_(c, j));
        moved += step * step;
        centroids_(c, j) = direction;
      }
    }
    return moved;
  }

  Vector sizes() const { return cluster_sizes(labels_, weight_, k()); }

  Index k() const { return centroids_.rows(); }
  Labels& labels() { return labels_; }
  RowMatrix<T>& centroids() { return centroids_; }

 private:
  double weight_of(Index i) const { return weight_ != nullptr ? weight_[i] : 1.0; }

  std::vector<T> squared_distances() const {
    std::vector<T> squared(static_cast<std::size_t>(X_.rows()));
    parallel_for(threads_, (X_.rows() + rows_per_task - 1) / rows_per_task, [&](Index task) {
      const Index first = task * rows_per_task, last = std::min(first + rows_per_task, X_.rows());
      kernels::squared_to_assigned(rows_view(X_, first, last), rows_view(centroids_), labels_.data() + first,
                                   &squared[static_cast<std::size_t>(first)]);
    });
    return squared;
  }

  const Points<T>& X_;
  const double* weight_;
  int threads_;
  SumsPlan plan_;
  RowMatrix<T> centroids_;
  Labels labels_;
  ClusterSums sums_;
};

inline void check_spherical_options(Index n, Index d, Index k, bool start_is_given, const KMeansOptions& options) {
  constexpr std::string_view function = "spherical_kmeans";
  require_columns(function, d);
  check_kmeans_options(function, n, k, start_is_given, options);
  if (options.algorithm != KMeansAlgorithm::automatic && options.algorithm != KMeansAlgorithm::lloyd)
    reject(function,
           "algorithm must be KMeansAlgorithm::automatic or lloyd; the others are for kmeans on rows scaled by the "
           "caller");
  if (options.single_moves)
    reject(function, "single_moves = true is for kmeans: it weighs how means move; it must be false here");
}

/// Bytes beyond X.
template <class T>
double spherical_kmeans_memory(Index n, Index d, Index k, const KMeansOptions& options) {
  const double rows = static_cast<double>(n) * (2 * sizeof(std::int32_t) + sizeof(Index) + sizeof(T));
  const double centroids = 4 * static_cast<double>(k) * static_cast<double>(d + 2) * sizeof(double);
  return matrix_bytes<T>(n, d) + rows + centroids +
         std::max(seeding_memory<T>(n, d, k, options), SumsPlan::memory(n, d, k));
}

template <class T, class Derived>
SphericalKMeansResult<T> spherical_kmeans_of(const Eigen::DenseBase<Derived>& X, Index k, const RowMatrix<T>* given,
                                             const KMeansOptions& options) {
  constexpr std::string_view function = "spherical_kmeans";
  const int threads = resolve_threads(options.execution.threads);
  require_memory(function, spherical_kmeans_memory<T>(X.rows(), X.cols(), k, options), options.execution.memory_limit,
                 "use fewer clusters, or float instead of double");
  const RowMatrix<T> rows = unit_rows<T>(function, "X", X, threads);
  const Points<T> points(rows);
  const double* weight = options.weights.size() > 0 ? options.weights.data() : nullptr;
  const double allowed_movement =
      options.tolerance > 0 ? options.tolerance * mean_column_variance(points, weight, threads) : 0.0;
  const auto gather = [&](const std::vector<Index>& numbers) { return gather_rows(points, numbers); };
  const auto seed = [&](Random& random, const std::function<bool(Index)>& step) {
    return seed_rows(points, k, options, weight, threads, random, step);
  };
  const auto begin = [&](RowMatrix<T> centroids) {
    return SphericalLloyd<T>(points, std::move(centroids), weight, threads);
  };
  const auto carry_out = [&](auto& run, const ProgressReporter& progress) {
    return iterate<T>(run, allowed_movement, options, progress);
  };
  KMeansResult<T> best =
      best_of_restarts<T>(points.rows(), k, given, options, FitParts{gather, seed, begin, carry_out});
  return {.labels = std::move(best.labels),
          .centroids = std::move(best.centroids),
          .sizes = std::move(best.sizes),
          .objective = best.inertia,
          .status = best.status,
          .iterations = best.iterations,
          .restart = best.restart,
          .history = std::move(best.history)};
}

template <class T>
void check_spherical_model(std::string_view function, const SphericalKMeansResult<T>& model, Index columns,
                           const Execution& execution) {
  if (model.centroids.rows() < 1) reject(function, "the model has no centroids");
  require_same_columns(function, "X_new", columns, "the model", model.centroids.cols());
  require_threads(function, execution.threads);
}

}  // namespace detail

template <class Derived>
SphericalKMeansResult<typename Derived::Scalar> spherical_kmeans(const Eigen::DenseBase<Derived>& X, Index k,
                                                                 const KMeansOptions& options) {
  using T = typename Derived::Scalar;
  detail::check_spherical_options(X.rows(), X.cols(), k, !options.initial_rows.empty(), options);
  return detail::spherical_kmeans_of<T>(X, k, nullptr, options);
}

template <class Derived, class DerivedC>
SphericalKMeansResult<typename Derived::Scalar> spherical_kmeans(const Eigen::DenseBase<Derived>& X,
                                                                 const Eigen::DenseBase<DerivedC>& initial_centroids,
                                                                 const KMeansOptions& options) {
  using T = typename Derived::Scalar;
  constexpr std::string_view function = "spherical_kmeans";
  detail::check_spherical_options(X.rows(), X.cols(), initial_centroids.rows(), true, options);
  if (!options.initial_rows.empty())
    detail::reject(function, "initial_rows and initial_centroids are both given; one start is needed");
  detail::require_same_columns(function, "initial_centroids", initial_centroids.cols(), "X", X.cols());
  const RowMatrix<T> centroids = detail::unit_rows<T>(function, "initial_centroids", initial_centroids, 1);
  return detail::spherical_kmeans_of<T>(X, centroids.rows(), &centroids, options);
}

template <class T, class Derived>
Labels predict(const SphericalKMeansResult<T>& model, const Eigen::DenseBase<Derived>& X_new,
               const Execution& execution) {
  constexpr std::string_view function = "predict";
  detail::check_spherical_model(function, model, X_new.cols(), execution);
  const Points<T> X = detail::points_of(function, X_new, execution);
  const int threads = resolve_threads(execution.threads);
  const Index d = X.cols(), block = std::clamp<Index>(262144 / d, 64, detail::rows_per_task);
  const detail::PackedCentroids<T> packed(detail::rows_view(model.centroids));
  std::vector<detail::NearestWorkspace<T>> workspace(static_cast<std::size_t>(threads));
  std::vector<detail::Scratch<T>> rows(static_cast<std::size_t>(threads));
  Labels labels(X.rows());
  parallel_for(threads, (X.rows() + block - 1) / block, [&](Index task, int worker) {
    const auto w = static_cast<std::size_t>(worker);
    const Index first = task * block, last = std::min(first + block, X.rows());
    T* unit = rows[w].reserve(block * d);
    for (Index i = first; i < last; ++i)
      detail::scale_to_unit(function, "X_new", i, X.row(i), d, unit + (i - first) * d);
    detail::assign_nearest(detail::RowsView<T>{unit, last - first, d, d}, packed, labels.data() + first, workspace[w]);
  });
  return labels;
}

template <class T, class Derived>
RowMatrix<T> transform(const SphericalKMeansResult<T>& model, const Eigen::DenseBase<Derived>& X_new,
                       const Execution& execution) {
  constexpr std::string_view function = "transform";
  detail::check_spherical_model(function, model, X_new.cols(), execution);
  detail::require_memory(function, detail::matrix_bytes<T>(X_new.rows(), X_new.cols() + model.centroids.rows()),
                         execution.memory_limit, "pass fewer rows at a time");
  const RowMatrix<T> rows = detail::unit_rows<T>(function, "X_new", X_new, resolve_threads(execution.threads));
  return detail::pairwise_by_metric(function, Points<T>(rows), Points<T>(model.centroids), Metric::cosine, execution);
}

CORYMB_END
