#pragma once

#include <corymb/core/detail/memory.hpp>
#include <corymb/core/detail/validate.hpp>
#include <corymb/partition/detail/best_of_restarts.hpp>
#include <corymb/partition/detail/kmeans_impl.hpp>
#include <corymb/partition/detail/sparse_lloyd.hpp>
#include <corymb/partition/detail/sparse_seeding.hpp>
#include <corymb/partition/sparse_kmeans.hpp>

#include <algorithm>
#include <vector>

CORYMB_BEGIN
namespace detail {

/// Bytes that a fit needs beyond the data.
template <class T>
double sparse_kmeans_memory(Index n, Index d, Index k, int threads, const KMeansOptions& options) {
  const double rows = static_cast<double>(n);
  const double labels = rows * (2 * sizeof(std::int32_t) + sizeof(Index));
  const double centroids = static_cast<double>(k) * static_cast<double>(d + 1) * (2 * sizeof(T) + sizeof(double));
  const double workers = threads * (SparseWorkspace<T>::memory(d, k) + 2.0 * sizeof(double) * static_cast<double>(d));
  const double seeding = options.init == KMeansInit::random ? rows * sizeof(std::pair<double, Index>)
                                                            : SparsePlusPlus<T, int>::memory(n, d, greedy_trials(k));
  return labels + centroids + workers + std::max(seeding, SumsPlan::memory(n, d, k) + SparseNearest<T>::memory(d, k));
}

inline void check_sparse_kmeans_options(Index n, Index d, Index k, bool start_is_given, const KMeansOptions& options) {
  constexpr std::string_view function = "kmeans";
  require_columns(function, d);
  check_kmeans_options(function, n, k, start_is_given, options);
  if (!start_is_given && (options.init == KMeansInit::kmeans_parallel || options.init == KMeansInit::afk_mc2))
    reject(function,
           "init must be KMeansInit::random, kmeans_plus_plus or greedy_kmeans_plus_plus for sparse rows; the others "
           "are for dense rows");
  if (options.algorithm != KMeansAlgorithm::automatic && options.algorithm != KMeansAlgorithm::lloyd)
    reject(function,
           "algorithm must be KMeansAlgorithm::automatic or lloyd for sparse rows; the others are for dense rows");
  if (options.single_moves) reject(function, "single_moves = true is for dense rows; it must be false for sparse ones");
}

template <class T, class S>
KMeansResult<T> sparse_kmeans(const SparseRows<T, S>& X, Index k, const RowMatrix<T>* given,
                              const KMeansOptions& options) {
  const int threads = resolve_threads(options.execution.threads);
  require_memory("kmeans", sparse_kmeans_memory<T>(X.rows(), X.cols(), k, threads, options),
                 options.execution.memory_limit, "use fewer clusters, fewer columns, or float instead of double");
  check_sparse_rows("kmeans", X, threads);
  const double* weight = options.weights.size() > 0 ? options.weights.data() : nullptr;
  const double allowed_movement =
      options.tolerance > 0 ? options.tolerance * mean_column_variance(X, weight, threads) : 0.0;
  const double largest_row = largest_squared_norm(X, threads);
  const auto gather = [&](const std::vector<Index>& rows) { return gather_rows(X, rows); };
  const auto seed = [&](Random& random, const std::function<bool(Index)>& step) {
    if (options.init == KMeansInit::random) return random_rows(X.rows(), k, weight, random);
    const int trials = options.init == KMeansInit::kmeans_plus_plus ? 1 : greedy_trials(k);
    return SparsePlusPlus<T, S>(X, k, weight, trials, threads, random).run(step);
  };
  const auto begin = [&](RowMatrix<T> centroids) {
    return SparseLloyd<T, S>(X, std::move(centroids), weight, largest_row, threads);
  };
  const auto carry_out = [&](auto& run, const ProgressReporter& progress) {
    return iterate<T>(run, allowed_movement, options, progress);
  };
  return best_of_restarts<T>(X.rows(), k, given, options, FitParts{gather, seed, begin, carry_out});
}

}  // namespace detail

template <class T, class StorageIndex>
KMeansResult<T> kmeans(const Eigen::SparseMatrix<T, Eigen::RowMajor, StorageIndex>& X, Index k,
                       const KMeansOptions& options) {
  static_assert(std::is_same_v<T, float> || std::is_same_v<T, double>,
                "corymb: the entries of a matrix of points must be float or double");
  detail::check_sparse_kmeans_options(X.rows(), X.cols(), k, !options.initial_rows.empty(), options);
  return detail::sparse_kmeans<T>(detail::SparseRows<T, StorageIndex>(X), k, nullptr, options);
}

template <class T, class StorageIndex, class DerivedC>
KMeansResult<T> kmeans(const Eigen::SparseMatrix<T, Eigen::RowMajor, StorageIndex>& X,
                       const Eigen::DenseBase<DerivedC>& initial_centroids, const KMeansOptions& options) {
  static_assert(std::is_same_v<typename DerivedC::Scalar, T>,
                "corymb: all matrices of a call must have the same scalar type; convert with .cast<T>()");
  detail::check_sparse_kmeans_options(X.rows(), X.cols(), initial_centroids.rows(), true, options);
  if (!options.initial_rows.empty())
    detail::reject("kmeans", "initial_rows and initial_centroids are both given; one start is needed");
  detail::require_same_columns("kmeans", "initial_centroids", initial_centroids.cols(), "X", X.cols());
  const RowMatrix<T> centroids = initial_centroids;
  detail::check_points("kmeans", Points<T>(centroids), 1, "initial_centroids");
  return detail::sparse_kmeans<T>(detail::SparseRows<T, StorageIndex>(X), centroids.rows(), &centroids, options);
}

template <class T, class StorageIndex>
Labels predict(const KMeansResult<T>& model, const Eigen::SparseMatrix<T, Eigen::RowMajor, StorageIndex>& X_new,
               const Execution& execution) {
  constexpr std::string_view function = "predict";
  const Index k = model.centroids.rows(), d = model.centroids.cols();
  if (k < 1) detail::reject(function, "the model has no centroids");
  detail::require_same_columns(function, "X_new", X_new.cols(), "the model", d);
  detail::require_threads(function, execution.threads);
  const int threads = resolve_threads(execution.threads);
  detail::require_memory(function,
                         detail::SparseNearest<T>::memory(d, k) + threads * detail::SparseWorkspace<T>::memory(d, k),
                         execution.memory_limit, "use fewer threads");
  const detail::SparseRows<T, StorageIndex> X(X_new);
  detail::check_sparse_rows(function, X, threads, "X_new");
  Labels labels(X.rows());
  std::vector<detail::SparseWorkspace<T>> workspace(static_cast<std::size_t>(threads));
  detail::assign_sparse(X, model.centroids, detail::largest_squared_norm(X, threads), threads, workspace,
                        labels.data());
  return labels;
}

CORYMB_END
