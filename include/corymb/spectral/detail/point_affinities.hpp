#pragma once

#include <corymb/core/detail/matrix_view.hpp>
#include <corymb/core/detail/memory.hpp>
#include <corymb/graph/neighbor_graph.hpp>
#include <corymb/neighbors/nearest_neighbors.hpp>
#include <corymb/preprocess/detail/column_statistics.hpp>
#include <corymb/spectral/detail/affinities.hpp>
#include <corymb/spectral/spectral_options.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

CORYMB_BEGIN
namespace detail {

inline bool is_sparse(Affinity affinity) { return affinity == Affinity::knn || affinity == Affinity::mutual_knn; }

inline bool uses_neighbors(Affinity affinity) { return is_sparse(affinity) || affinity == Affinity::self_tuning; }

/// The affinity of points, as it was asked for, with what was left to be chosen.
struct PointAffinity {
  Affinity affinity;
  Metric metric;
  double gamma;  // of rbf
  Index neighbors;
  EdgeAffinity edges;

  bool is_euclidean() const { return metric.kind() == Metric::Kind::euclidean; }
};

/// 1 / the mean squared distance of the rows to their mean; 1 where all are equal.
template <class T>
double gamma_by_variance(const Points<T>& X, int threads) {
  const double variance = column_statistics(X, nullptr, threads).variances().sum();
  return variance > 0 ? 1 / variance : 1;
}

inline void check_gamma(std::string_view function, const std::optional<double>& gamma) {
  if (gamma && (!(*gamma > 0) || std::isinf(*gamma)))
    reject(function, "gamma = " + to_text(*gamma) + " must be finite and > 0");
}

/// Checks what belongs to the affinity of points.
template <class T>
PointAffinity chosen_affinity(std::string_view function, const Points<T>& X, const SpectralOptions& options) {
  const Metric metric = options.metric.value_or(Metric::euclidean);
  PointAffinity chosen{options.affinity, metric, 0, options.neighbors, options.edges};
  if (options.affinity == Affinity::cosine && options.metric)
    reject(function, "metric must be empty: the cosine has none");
  if (uses_neighbors(options.affinity) && (options.neighbors < 1 || options.neighbors >= X.rows()))
    reject(function,
           "neighbors = " + to_text(options.neighbors) + " must be in [1, n − 1 = " + to_text(X.rows() - 1) + "]");
  if (options.edges != EdgeAffinity::connection && !is_sparse(options.affinity))
    reject(function, "edges are of knn and mutual_knn; other affinities are their own");
  if (options.gamma && options.affinity != Affinity::rbf) reject(function, "gamma is of rbf; it must be empty");
  if (options.affinity != Affinity::rbf) return chosen;
  if (!options.gamma && !chosen.is_euclidean())
    reject(function, "gamma must be given where the metric is not euclidean");
  check_gamma(function, options.gamma);
  chosen.gamma = options.gamma ? *options.gamma : gamma_by_variance(X, resolve_threads(options.execution.threads));
  return chosen;
}

/// 1 / σ of each row for its last neighbour's distance σ; of zeros the smallest that is none is taken instead.
template <class T>
Vector per_scale(const RowMatrix<T>& distances) {
  const Vector scales = distances.rightCols(1).template cast<double>();
  double least = std::numeric_limits<double>::infinity();
  for (const double scale : scales)
    if (scale > 0) least = std::min(least, scale);
  if (std::isinf(least)) least = 1;
  return scales.unaryExpr([least](double scale) { return 1 / (scale > 0 ? scale : least); });
}

template <class T>
NearestManyResult<T> neighbors_of(const Points<T>& X, const PointAffinity& chosen, const Execution& execution) {
  return nearest_neighbors(matrix_view(X), chosen.neighbors, {.metric = chosen.metric, .execution = execution});
}

/// The sparse affinities.
template <class T>
Eigen::SparseMatrix<T, Eigen::RowMajor, Index> neighbor_affinities(const NearestManyResult<T>& near,
                                                                   const PointAffinity& chosen) {
  using Graph = Eigen::SparseMatrix<T, Eigen::RowMajor, Index>;
  const Graph mutual = neighbor_graph(near, NeighborEdges::mutual);
  Graph graph = chosen.affinity == Affinity::mutual_knn ? mutual : neighbor_graph(near, NeighborEdges::symmetric);
  const bool scaled = chosen.edges == EdgeAffinity::self_tuning;
  const Vector factor = scaled ? per_scale(near.distances) : Vector();
  for (Index i = 0; i < graph.rows(); ++i) {
    typename Graph::InnerIterator both(mutual, i);
    for (typename Graph::InnerIterator entry(graph, i); entry; ++entry) {
      while (both && both.col() < entry.col()) ++both;
      const double share = both && both.col() == entry.col() ? 1 : 0.5, distance = static_cast<double>(entry.value());
      entry.valueRef() =
          static_cast<T>(scaled ? share * std::exp(-distance * distance * factor[i] * factor[entry.col()]) : share);
    }
  }
  return graph;
}

/// Calls use(affinities) for affinities of rows of X to rows of C, see affinity_values.hpp.
/// @param scales  of the rows of X and of C, for self_tuning
template <class T, class Use>
decltype(auto) with_affinity_values(std::string_view function, const Points<T>& X, const Points<T>& C,
                                    std::string_view x_name, std::string_view c_name, const PointAffinity& chosen,
                                    const Vector& x_factors, const Vector& c_factors, int threads, const Use& use) {
  if (chosen.affinity == Affinity::cosine) {
    MetricValues<T> values(function, X, C, Metric::cosine, x_name, c_name, threads);
    return use(CosineAffinities<T>(std::move(values), C.rows()));
  }
  MetricValues<T> values(function, X, C, chosen.metric, x_name, c_name, threads);
  if (chosen.affinity == Affinity::self_tuning)
    return use(GaussianAffinities<T>(std::move(values), chosen.is_euclidean(), x_factors, c_factors));
  return use(GaussianAffinities<T>(std::move(values), chosen.is_euclidean(), Vector::Constant(X.rows(), chosen.gamma),
                                   Vector::Ones(C.rows())));
}

/// Whether n² affinities are to be stored.
template <class T>
bool stores_affinities(std::string_view function, Index n, const SpectralOptions& options, double others) {
  const double bytes = matrix_bytes<T>(n, n);
  if (options.storage == AffinityStorage::stored)
    require_memory(function, bytes + others, options.execution.memory_limit,
                   "AffinityStorage::computed takes no n × n matrix, a knn affinity neither");
  return options.storage == AffinityStorage::stored ||
         (options.storage == AffinityStorage::automatic &&
          bytes + others <= allowed_memory(options.execution.memory_limit) / 2);
}

/// Calls use(operator) for affinities of all pairs, stored or computed as the options say.
/// @param others  bytes that are taken besides
template <class T, class Affinities, class Use>
decltype(auto) with_dense_operator(std::string_view function, const Affinities& affinities,
                                   const SpectralOptions& options, double others, const ProgressReporter& progress,
                                   const Use& use) {
  const int threads = resolve_threads(options.execution.threads);
  const Index n = affinities.columns();
  if (!stores_affinities<T>(function, n, options, others)) {
    Vector degrees =
        compute_affinities<T>(function, affinities, static_cast<RowMatrix<T>*>(nullptr), threads, progress);
    return use(ComputedAffinity<T, Affinities>(affinities, std::move(degrees), threads));
  }
  RowMatrix<T> matrix(n, n);
  prefer_large_pages(matrix.data(), static_cast<std::size_t>(matrix.size()) * sizeof(T));
  Vector degrees = compute_affinities(function, affinities, &matrix, threads, progress);
  const AffinityMatrix<T> W(matrix);
  return use(DenseAffinity<T>(W, std::move(degrees)));
}

/// Calls use(operator) for the affinities of points.
template <class T, class Use>
decltype(auto) with_point_operator(std::string_view function, const Points<T>& X, const PointAffinity& chosen,
                                   const SpectralOptions& options, double others, const ProgressReporter& progress,
                                   const Use& use) {
  Execution execution = options.execution;
  Vector factors;
  if (uses_neighbors(chosen.affinity)) {
    const NearestManyResult<T> near = neighbors_of(X, chosen, execution);
    if (is_sparse(chosen.affinity)) {
      const auto graph = neighbor_affinities(near, chosen);
      return use(SparseAffinity<T>(graph));
    }
    factors = per_scale(near.distances);
  }
  return with_affinity_values(function, X, X, "X", "X", chosen, factors, factors, resolve_threads(execution.threads),
                              [&](const auto& affinities) {
                                return with_dense_operator<T>(function, affinities, options, others, progress, use);
                              });
}

}  // namespace detail
CORYMB_END
