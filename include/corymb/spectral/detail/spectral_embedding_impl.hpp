#pragma once

#include <corymb/spectral/detail/affinity_matrix_impl.hpp>
#include <corymb/spectral/detail/eigen/tall_block.hpp>
#include <corymb/spectral/detail/lanczos_task.hpp>
#include <corymb/spectral/detail/point_affinities.hpp>
#include <corymb/spectral/detail/spectral_stages.hpp>
#include <corymb/spectral/spectral_embedding.hpp>

#include <algorithm>
#include <cmath>
#include <string>
#include <string_view>
#include <utility>

CORYMB_BEGIN
namespace detail {

// ---- checks ----

/// What the options of exact and of landmark clustering have in common.
template <class Options>
void check_solver_and_restarts(std::string_view function, const Options& options) {
  if (!(options.eigen_tolerance > 0) || std::isinf(options.eigen_tolerance))
    reject(function, "eigen_tolerance = " + to_text(options.eigen_tolerance) + " must be finite and > 0");
  if (options.max_eigen_iterations < 1)
    reject(function, "max_eigen_iterations = " + to_text(options.max_eigen_iterations) + " must be at least 1");
  if (options.restarts < 1) reject(function, "restarts = " + to_text(options.restarts) + " must be at least 1");
}

inline bool lanczos_is_available() {
#if defined(CORYMB_COMPILED)
  return compiled::has_lanczos();
#else
  return false;
#endif
}

inline void check_spectral_options(std::string_view function, Index n, std::string_view name, Index dimensions,
                                   const SpectralOptions& options) {
  require_threads(function, options.execution.threads);
  if (dimensions < 1 || dimensions > n)
    reject(function, std::string(name) + " = " + to_text(dimensions) + " must be in [1, n = " + to_text(n) + "]");
  if (options.min_component_size < 1)
    reject(function, "min_component_size = " + to_text(options.min_component_size) + " must be at least 1");
  check_solver_and_restarts(function, options);
  if (options.solver == Eigensolver::lanczos && !lanczos_is_available())
    reject(function, "solver = lanczos needs corymb::corymb built with Spectra; chebyshev is always there");
}

/// What must keep its default where the affinities are given.
inline void check_given_affinities(std::string_view function, const SpectralOptions& options) {
  const SpectralOptions defaults;
  if (options.metric || options.gamma || options.affinity != defaults.affinity || options.edges != defaults.edges ||
      options.neighbors != defaults.neighbors)
    reject(function, "affinity, metric, gamma, neighbors and edges must keep their defaults: affinities are given");
}

/// Bytes of the vectors that a solver keeps.
inline double eigenvector_bytes(Index n, Index dimensions) {
  return 8 * static_cast<double>(n) * (12 * static_cast<double>(TallBlock::padded(dimensions + 4)));
}

inline void require_eigenvector_memory(std::string_view function, Index n, Index dimensions,
                                       const SpectralOptions& options) {
  require_memory(function, eigenvector_bytes(n, dimensions), options.execution.memory_limit,
                 "landmark_spectral_clustering needs a row of k numbers per point");
}

/// All that is checked of affinities that are given, but themselves.
inline void check_given(std::string_view function, Index n, std::string_view name, Index dimensions,
                        const SpectralOptions& options) {
  check_spectral_options(function, n, name, dimensions, options);
  check_given_affinities(function, options);
  require_eigenvector_memory(function, n, dimensions, options);
}

/// Checks everything of affinities that are given, and calls use(operator) for them.
/// @param name  of `dimensions` in messages
template <class T, class Use>
decltype(auto) with_matrix_operator(std::string_view function, const AffinityMatrix<T>& W, std::string_view name,
                                    Index dimensions, const SpectralOptions& options, const Use& use) {
  check_given(function, W.size(), name, dimensions, options);
  const Index n = W.size(), grain = 64, tasks = (n + grain - 1) / grain;
  Vector degrees(n);
  parallel_for(resolve_threads(options.execution.threads), tasks, [&](Index task) {
    const Index first = task * grain, last = std::min(first + grain, n);
    check_affinity_rows(function, W, first, last);
    for (Index i = first; i < last; ++i) {
      double sum = 0;
      for (Index j = 0; j < n; ++j)
        if (j != i) sum += static_cast<double>(W(i, j));
      degrees[i] = sum;
    }
  });
  return use(DenseAffinity<T>(W, std::move(degrees)));
}

template <class T, class StorageIndex, class Use>
decltype(auto) with_graph_operator(std::string_view function,
                                   const Eigen::SparseMatrix<T, Eigen::RowMajor, StorageIndex>& W,
                                   std::string_view name, Index dimensions, const SpectralOptions& options,
                                   const Use& use) {
  using Graph = Eigen::SparseMatrix<T, Eigen::RowMajor, Index>;
  check_given(function, W.rows(), name, dimensions, options);
  check_affinities(function, W);
  const Graph across = W.transpose(), graph = across.transpose();  // both compressed, rows ascending
  for (Index i = 0; i < graph.rows(); ++i) {
    typename Graph::InnerIterator a(graph, i), b(across, i);
    while (a || b) {
      const Index column = a && (!b || a.col() <= b.col()) ? a.col() : b.col();
      const T here = a && a.col() == column ? a.value() : T(0), there = b && b.col() == column ? b.value() : T(0);
      if (!agree(here, there)) reject_asymmetry(function, i, column, here, there);
      if (a && a.col() == column) ++a;
      if (b && b.col() == column) ++b;
    }
  }
  return use(SparseAffinity<T>(graph));
}

/// Checks points, and calls use(operator, affinity).
template <class T, class Use>
decltype(auto) with_checked_points(std::string_view function, const Points<T>& X, std::string_view name,
                                   Index dimensions, const SpectralOptions& options, const ProgressReporter& progress,
                                   const Use& use) {
  check_spectral_options(function, X.rows(), name, dimensions, options);
  require_columns(function, X.cols());
  require_eigenvector_memory(function, X.rows(), dimensions, options);
  check_points(function, X, resolve_threads(options.execution.threads));
  const PointAffinity chosen = chosen_affinity(function, X, options);
  return with_point_operator(function, X, chosen, options, eigenvector_bytes(X.rows(), dimensions), progress,
                             [&](const AffinityOperator& affinity) { return use(affinity, chosen); });
}

/// The same for a callable, which no affinity describes.
template <class T, class Callable, class Use>
decltype(auto) with_checked_callable(std::string_view function, const Points<T>& X, const Callable& f,
                                     std::string_view name, Index dimensions, const SpectralOptions& options,
                                     const ProgressReporter& progress, const Use& use) {
  check_given(function, X.rows(), name, dimensions, options);
  require_columns(function, X.cols());
  check_points_of<Callable>(function, X, resolve_threads(options.execution.threads));
  const CallableAffinities<T, Callable> affinities(function, X, X, f);
  return with_dense_operator<T>(function, affinities, options, eigenvector_bytes(X.rows(), dimensions), progress, use);
}

template <class T>
SpectralEmbedding embed_points(std::string_view function, const Points<T>& X, Index dimensions,
                               const SpectralOptions& options) {
  const ProgressReporter progress(options.execution.on_progress);
  return with_checked_points(function, X, "dimensions", dimensions, options, progress,
                             [&](const AffinityOperator& affinity, const PointAffinity&) {
                               return embed(function, affinity, dimensions, options, progress);
                             });
}

// See kmeans_impl.hpp.
#if defined(CORYMB_EXTERN_TEMPLATES)
#define CORYMB_SPECTRAL_EMBEDDING_INSTANCES(Template, T) \
  Template SpectralEmbedding embed_points(std::string_view, const Points<T>&, Index, const SpectralOptions&)
CORYMB_SPECTRAL_EMBEDDING_INSTANCES(extern template, float);
CORYMB_SPECTRAL_EMBEDDING_INSTANCES(extern template, double);
#endif

}  // namespace detail

template <class Derived>
SpectralEmbedding spectral_embedding(const Eigen::DenseBase<Derived>& X, Index dimensions,
                                     const SpectralOptions& options) {
  constexpr std::string_view function = "spectral_embedding";
  return detail::embed_points(function, detail::points_of(function, X, options.execution), dimensions, options);
}

template <class Derived, class Callable>
requires std::is_invocable_v<const Callable&, std::span<const typename Derived::Scalar>,
                             std::span<const typename Derived::Scalar>>
    SpectralEmbedding spectral_embedding(const Eigen::DenseBase<Derived>& X, Index dimensions, const Callable& f,
                                         const SpectralOptions& options) {
  constexpr std::string_view function = "spectral_embedding";
  const detail::ProgressReporter progress(options.execution.on_progress);
  return detail::with_checked_callable(function, detail::points_of(function, X, options.execution), f, "dimensions",
                                       dimensions, options, progress, [&](const detail::AffinityOperator& affinity) {
                                         return detail::embed(function, affinity, dimensions, options, progress);
                                       });
}

template <class T>
SpectralEmbedding spectral_embedding(const AffinityMatrix<T>& W, Index dimensions, const SpectralOptions& options) {
  constexpr std::string_view function = "spectral_embedding";
  const detail::ProgressReporter progress(options.execution.on_progress);
  return detail::with_matrix_operator(function, W, "dimensions", dimensions, options,
                                      [&](const detail::AffinityOperator& affinity) {
                                        return detail::embed(function, affinity, dimensions, options, progress);
                                      });
}

template <class T, class StorageIndex>
SpectralEmbedding spectral_embedding(const Eigen::SparseMatrix<T, Eigen::RowMajor, StorageIndex>& W, Index dimensions,
                                     const SpectralOptions& options) {
  constexpr std::string_view function = "spectral_embedding";
  const detail::ProgressReporter progress(options.execution.on_progress);
  return detail::with_graph_operator(function, W, "dimensions", dimensions, options,
                                     [&](const detail::AffinityOperator& affinity) {
                                       return detail::embed(function, affinity, dimensions, options, progress);
                                     });
}

CORYMB_END

// A source with the instances elsewhere need not read how they are made.
#if !defined(CORYMB_EXTERN_TEMPLATES)
#include <corymb/spectral/detail/embed.hpp>
#include <corymb/spectral/detail/spectral_labels.hpp>
#endif
