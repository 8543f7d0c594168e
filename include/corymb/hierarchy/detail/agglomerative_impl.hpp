#pragma once

#include <corymb/core/detail/gather_rows.hpp>
#include <corymb/core/detail/matrix_view.hpp>
#include <corymb/core/detail/memory.hpp>
#include <corymb/core/detail/progress.hpp>
#include <corymb/core/detail/validate.hpp>
#include <corymb/distance/detail/check_points.hpp>
#include <corymb/distance/detail/distance_matrix_impl.hpp>
#include <corymb/graph/minimum_spanning_tree.hpp>
#include <corymb/hierarchy/agglomerative.hpp>
#include <corymb/hierarchy/detail/distinct_rows.hpp>
#include <corymb/hierarchy/detail/merge_order.hpp>
#include <corymb/hierarchy/detail/present_rows.hpp>
#include <corymb/hierarchy/detail/triangle_linkage.hpp>
#include <corymb/hierarchy/detail/ward_clusters.hpp>
#include <corymb/neighbors/detail/kd_tree.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

CORYMB_BEGIN
namespace detail {

/// What every form of the call must satisfy.
inline void check_agglomerative(Index n, const AgglomerativeOptions& options) {
  constexpr std::string_view function = agglomerative_name;
  require_threads(function, options.execution.threads);
  constexpr Index most = (Index{1} << 30) - 1;  // nodes are numbered in 32 bits
  if (n > most) reject(function, "n = " + to_text(n) + " must be at most " + to_text(most));
  check_weights(function, options.weights, n);
  double least = 0, largest = 0;
  for (const double weight : options.weights) {
    if (weight > 0 && (least == 0 || weight < least)) least = weight;
    largest = std::max(largest, weight);
  }
  if (largest > 1e30 * least)
    reject(function, "weights are from " + to_text(least) + " to " + to_text(largest) +
                         "; they must be within a factor of 1e30 of each other (or 0)");
}

/// The edges of a spanning tree, in order.
inline Dendrogram single_dendrogram(const PresentRows& present, std::span<const Edge> edges) {
  std::vector<std::int32_t> above(static_cast<std::size_t>(present.count()));  // a lower row of the cluster
  std::iota(above.begin(), above.end(), 0);
  const auto lowest = [&](std::int32_t row) {
    while (above[static_cast<std::size_t>(row)] != row) {
      std::int32_t& next = above[static_cast<std::size_t>(row)];
      row = next = above[static_cast<std::size_t>(next)];
    }
    return row;
  };
  std::vector<RowMerge> merges;
  merges.reserve(edges.size());
  for (const Edge& edge : edges) {
    const std::int32_t x = lowest(edge.a), y = lowest(edge.b);
    merges.push_back({std::min(x, y), std::max(x, y), edge.weight});
    above[static_cast<std::size_t>(std::max(x, y))] = std::min(x, y);
  }
  return present.dendrogram(std::move(merges), {});
}

/// The spanning tree of rows.
template <class T>
std::vector<Edge> edges_of_rows(const Points<T>& X, Metric metric, const Execution& execution) {
  constexpr auto function = agglomerative_name;
  constexpr auto automatic = SpanningTreeAlgorithm::automatic;
  SpanningTreeCall call(function, automatic, 1, execution, Index{0});
  return spanning_tree_by_metric(
      X, spanning_tree_search(function, automatic, metric, execution, spanning_tree_search_of<T>(metric)), call);
}

/// That of objects.
/// @param distance  distance(i, j) of two different ones, checked
template <class Distance>
std::vector<Edge> edges_of_objects(Index n, const Distance& distance, const Execution& execution) {
  constexpr auto function = agglomerative_name;
  constexpr auto automatic = SpanningTreeAlgorithm::automatic;
  SpanningTreeCall call(function, automatic, 1, execution, Index{0});
  return with_object_sides(
      function, dissimilarity(n, distance),
      spanning_tree_search(function, automatic, std::nullopt, execution, NeighborSearch::brute_force),
      [&](const auto& sides, const auto& values, const auto& trees) {
        return spanning_tree_of_distances(sides, values, trees, distance, call);
      });
}

/// Ward's linkage of rows no two of which are equal, by their centroids.
template <class T>
std::vector<RowMerge> ward_merges(const Points<T>& X, std::vector<double> size, const AgglomerativeOptions& options) {
  const int threads = resolve_threads(options.execution.threads);
  const ProgressReporter progress(options.execution.on_progress);
  if (X.rows() < 2) return {};
  WardClusters clusters(matrix_view(X).template cast<double>(), std::move(size), KdTree<T>(X, threads).order(),
                        threads);
  return merge_in_rounds(agglomerative_name, clusters, progress);
}

/// Whether only equal rows have distance 0.
inline bool tells_rows_apart(Metric metric) {
  switch (metric.kind()) {
    case Metric::Kind::euclidean:
    case Metric::Kind::manhattan:
    case Metric::Kind::chebyshev:
    case Metric::Kind::minkowski:
    case Metric::Kind::canberra:
    case Metric::Kind::hamming: return true;
    default: return false;
  }
}

/// By anything but single linkage.
template <class T>
std::vector<RowMerge> merges_of_rows(const Points<T>& X, std::span<const double> weights, Linkage linkage,
                                     Metric metric, const AgglomerativeOptions& options) {
  if (!tells_rows_apart(metric)) return metric_merges(X, weights, linkage, metric, options);
  const int threads = resolve_threads(options.execution.threads);
  if (linkage == Linkage::ward)
    require_memory(agglomerative_name,
                   WardClusters::memory(X.rows(), X.cols(), threads) + KdTree<T>::memory(X.rows(), X.cols()) +
                       2 * matrix_bytes<T>(X.rows(), X.cols()),
                   options.execution.memory_limit, "take a sample of the rows");
  const DistinctRows distinct(X, weights, threads);
  const bool are_all = static_cast<Index>(distinct.rows().size()) == X.rows();
  if (linkage != Linkage::ward && are_all) return metric_merges(X, weights, linkage, metric, options);
  const RowMatrix<T> some = gather_rows<T>(X, distinct.rows());
  const Points<T> points(some);
  return distinct.merges(linkage == Linkage::ward ? ward_merges(points, distinct.sizes(), options)
                                                  : metric_merges(points, distinct.sizes(), linkage, metric, options));
}

/// Rows that are present, under a metric.
template <class T>
Dendrogram dendrogram_of_rows(const PresentRows& present, const Points<T>& X, Linkage linkage,
                              const AgglomerativeOptions& options) {
  const Metric metric = options.metric.value_or(Metric::euclidean);
  if (linkage != Linkage::single)
    return ordered_dendrogram(present, merges_of_rows(X, present.weights(), linkage, metric, options));
  return single_dendrogram(present, edges_of_rows(X, metric, options.execution));
}

/// Objects by the distances of any two of them: those that are present.
/// @param distance  distance(i, j) of rows, checked
template <class T, class Distance>
Dendrogram dendrogram_of_objects(const PresentRows& present, Linkage linkage, const Distance& distance,
                                 const AgglomerativeOptions& options) {
  const auto of_present = [&](Index i, Index j) -> T { return distance(present.row(i), present.row(j)); };
  if (linkage == Linkage::single)
    return single_dendrogram(present, edges_of_objects(present.count(), of_present, options.execution));
  return ordered_dendrogram(
      present, triangle_merges<T>(present.count(), present.weights(), linkage, PairSource(of_present), options));
}

// See kmeans_impl.hpp.
#if defined(CORYMB_EXTERN_TEMPLATES)
#define CORYMB_AGGLOMERATIVE_INSTANCES(Template, T) \
  Template Dendrogram dendrogram_of_rows(const PresentRows&, const Points<T>&, Linkage, const AgglomerativeOptions&)
CORYMB_AGGLOMERATIVE_INSTANCES(extern template, float);
CORYMB_AGGLOMERATIVE_INSTANCES(extern template, double);
#endif

}  // namespace detail

template <class Derived>
Dendrogram agglomerative(const Eigen::DenseBase<Derived>& X, Linkage linkage, const AgglomerativeOptions& options) {
  using T = typename Derived::Scalar;
  constexpr auto function = detail::agglomerative_name;
  detail::check_agglomerative(X.rows(), options);
  if (linkage == Linkage::ward && options.metric.value_or(Metric::euclidean) != Metric::euclidean)
    detail::reject(function, "metric must be euclidean for ward linkage, which is about centroids");
  detail::require_columns(function, X.cols());
  const Points<T> points = detail::points_of(function, X, options.execution);
  detail::check_points(function, points, resolve_threads(options.execution.threads));
  const detail::PresentRows present(X.rows(), options.weights);
  if (present.count() == 0) return {};
  if (present.are_all()) return detail::dendrogram_of_rows(present, points, linkage, options);
  detail::require_memory(function, detail::matrix_bytes<T>(present.count(), X.cols()), options.execution.memory_limit,
                         "leave out rows without weight");
  const RowMatrix<T> some = detail::gather_rows<T>(points, present.rows());
  return detail::dendrogram_of_rows(present, Points<T>(some), linkage, options);
}

template <class Derived, class Callable>
requires std::is_invocable_v<const Callable&, std::span<const typename Derived::Scalar>,
                             std::span<const typename Derived::Scalar>>
    Dendrogram agglomerative(const Eigen::DenseBase<Derived>& X, Linkage linkage, const Callable& f,
                             const AgglomerativeOptions& options) {
  using T = typename Derived::Scalar;
  constexpr auto function = detail::agglomerative_name;
  detail::check_agglomerative(X.rows(), options);
  detail::require_no_metric(function, options.metric, "callable");
  detail::require_columns(function, X.cols());
  const Points<T> x = detail::points_of(function, X, options.execution);
  detail::check_points_of<Callable>(function, x, resolve_threads(options.execution.threads));
  return detail::dendrogram_of_objects<T>(
      detail::PresentRows(X.rows(), options.weights), linkage,
      [&](Index i, Index j) { return detail::checked_distance(function, "rows", i, j, static_cast<T>(f(x[i], x[j]))); },
      options);
}

template <class T>
Dendrogram agglomerative(const DistanceMatrix<T>& D, Linkage linkage, const AgglomerativeOptions& options) {
  constexpr auto function = detail::agglomerative_name;
  detail::check_agglomerative(D.size(), options);
  detail::require_no_metric(function, options.metric, "matrix");
  detail::check_distances(function, D, resolve_threads(options.execution.threads));
  return detail::dendrogram_of_objects<T>(detail::PresentRows(D.size(), options.weights), linkage, D, options);
}

template <class F>
Dendrogram agglomerative(const Dissimilarity<F>& D, Linkage linkage, const AgglomerativeOptions& options) {
  using T = DissimilarityScalar<F>;
  static_assert(std::is_same_v<T, float> || std::is_same_v<T, double>,
                "corymb: the callable of a dissimilarity must return float or double");
  constexpr auto function = detail::agglomerative_name;
  detail::check_agglomerative(D.size, options);
  detail::require_no_metric(function, options.metric, "callable");
  return detail::dendrogram_of_objects<T>(
      detail::PresentRows(D.size, options.weights), linkage,
      [&](Index i, Index j) { return detail::checked_distance(function, "objects", i, j, D.f(i, j)); }, options);
}

CORYMB_END
