#pragma once

#include <corymb/distance/detail/check_points.hpp>
#include <corymb/partition/detail/kmedoids/kmedoids_fit.hpp>
#include <corymb/partition/detail/kmedoids/medoid_input.hpp>
#include <corymb/partition/kmedoids.hpp>

#include <algorithm>
#include <optional>
#include <string_view>
#include <vector>

CORYMB_BEGIN
namespace detail {

/// A call of kmedoids, see medoid_input.hpp.
template <class T>
struct KMedoidsCall {
  Index k;
  const KMedoidsOptions& options;
  std::string_view name = "kmedoids";
  const std::optional<Metric>& metric = options.metric;
  const Execution& execution = options.execution;

  void check(Index n) const { check_medoid_options(name, n, k, options); }
  void check_matrix(Index n) const { check_given_matrix(name, memory(n, false), options); }
  bool keeps_distances(Index n, double taken) const {
    return detail::keeps_distances<T>(name, n, taken, options, [&](bool is_stored) { return memory(n, is_stored); });
  }

  KMedoidsResult<T> run(const DistanceColumns<T>& distances, std::optional<double> largest) const {
    if (!largest) largest = largest_distance(distances, resolve_threads(execution.threads));
    return kmedoids_of<T>(name, distances, *largest, k, options, nullptr);
  }
  KMedoidsResult<T> run_computed(const PointColumns<T>& distances, double largest, const Points<T>& X,
                                 Metric of_points) const {
    const MetricPoints<T> points{X, of_points};
    return kmedoids_of<T>(name, distances, largest, k, options, is_metric(of_points) ? &points : nullptr);
  }
  static KMedoidsResult<T>& model(KMedoidsResult<T>& result) { return result; }

 private:
  double memory(Index n, bool is_stored) const {
    return kmedoids_memory<T>(n, k, resolve_threads(execution.threads), is_stored);
  }
};

/// The nearest row of C, by the distances themselves, which are what a fit compares; the lower one on ties.
template <class T, class Values>
Labels nearest_by_distance(const Points<T>& X, Index k, const Values& values, int threads) {
  Labels labels(X.rows());
  const Index block = rows_per_block(k);
  std::vector<ValuesScratch> scratch(static_cast<std::size_t>(threads));
  std::vector<Scratch<T>> distances(scratch.size());
  parallel_for(threads, (X.rows() + block - 1) / block, [&](Index task, int worker) {
    const auto w = static_cast<std::size_t>(worker);
    const Index first = task * block, last = std::min(first + block, X.rows());
    T* distance = distances[w].reserve(block * k);
    values(first, last, distance, scratch[w]);
    values.finish(distance, (last - first) * k);
    for (Index i = first; i < last; ++i, distance += k)
      labels[i] = static_cast<std::int32_t>(std::min_element(distance, distance + k) - distance);
  });
  return labels;
}

/// @tparam Callable  the distance of the caller's own, if there is one
template <class Callable, class T, class Derived>
Points<T> check_medoid_model(const KMedoidsResult<T>& model, const Eigen::DenseBase<Derived>& X_new,
                             const Execution& execution) {
  constexpr std::string_view function = "predict";
  require_threads(function, execution.threads);
  if (model.centers.rows() < 1) reject(function, "the model holds no rows: it was fitted to distances");
  Points<T> X = points_of(function, X_new, execution);
  require_same_columns(function, "X_new", X.cols(), "the model", model.centers.cols());
  check_points_of<Callable>(function, X, resolve_threads(execution.threads), "X_new");
  return X;
}

}  // namespace detail

template <class T>
KMedoidsResult<T> kmedoids(const DistanceMatrix<T>& D, Index k, const KMedoidsOptions& options) {
  return detail::medoids_of_matrix(D, detail::KMedoidsCall<T>{k, options});
}

template <class F>
KMedoidsResult<DissimilarityScalar<F>> kmedoids(const Dissimilarity<F>& objects, Index k,
                                                const KMedoidsOptions& options) {
  return detail::medoids_of_objects(objects, detail::KMedoidsCall<DissimilarityScalar<F>>{k, options});
}

template <class Derived>
KMedoidsResult<typename Derived::Scalar> kmedoids(const Eigen::DenseBase<Derived>& X, Index k,
                                                  const KMedoidsOptions& options) {
  return detail::medoids_of_points(X, detail::KMedoidsCall<typename Derived::Scalar>{k, options});
}

template <class Derived, class Callable>
requires std::is_invocable_v<const Callable&, std::span<const typename Derived::Scalar>,
                             std::span<const typename Derived::Scalar>>
    KMedoidsResult<typename Derived::Scalar> kmedoids(const Eigen::DenseBase<Derived>& X, Index k, const Callable& f,
                                                      const KMedoidsOptions& options) {
  return detail::medoids_of_points(X, f, detail::KMedoidsCall<typename Derived::Scalar>{k, options});
}

template <class T, class Derived>
Labels predict(const KMedoidsResult<T>& model, const Eigen::DenseBase<Derived>& X_new, const Execution& execution) {
  const Points<T> X = detail::check_medoid_model<void>(model, X_new, execution);
  if (!model.metric) detail::reject("predict", "the model was fitted with a callable; pass it, too");
  const int threads = resolve_threads(execution.threads);
  const Points<T> centers(model.centers);
  const detail::MetricValues<T> values("predict", X, centers, *model.metric, "X_new", "centers", threads);
  return detail::nearest_by_distance(X, centers.rows(), values, threads);
}

template <class T, class Derived, class Callable>
requires std::is_invocable_v<const Callable&, std::span<const T>, std::span<const T>> Labels
predict(const KMedoidsResult<T>& model, const Eigen::DenseBase<Derived>& X_new, const Callable& f,
        const Execution& execution) {
  const Points<T> X = detail::check_medoid_model<Callable>(model, X_new, execution);
  const Points<T> centers(model.centers);
  const detail::CallableValues<T, Callable> values("predict", X, centers, f);
  return detail::nearest_by_distance(X, centers.rows(), values, resolve_threads(execution.threads));
}

CORYMB_END
