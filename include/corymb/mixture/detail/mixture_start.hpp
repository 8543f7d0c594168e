#pragma once

#include <corymb/core/detail/gather_rows.hpp>
#include <corymb/core/random.hpp>
#include <corymb/distance/detail/nearest_rows.hpp>
#include <corymb/mixture/gaussian_mixture.hpp>
#include <corymb/partition/kmeans.hpp>  // and its seeding

#include <cstdint>
#include <utility>
#include <vector>

CORYMB_BEGIN
namespace detail {

/// The number of the nearest of the given rows of X, for each row.
template <class T>
Labels labels_of_nearest(const Points<T>& X, const std::vector<Index>& rows, int threads) {
  const RowMatrix<T> centers = gather_rows<T>(X, rows);
  Labels labels(X.rows());
  assign_all<T>(X, rows_view(centers), threads, labels.data(), nullptr);
  return labels;
}

/// The labels that a fit of k components starts from.
/// @param weights    by row, or empty for all one; those of the options are not looked at
/// @param cancelled  set if the progress callback has asked for it; there are labels all the same
template <class T>
Labels start_labels(const Points<T>& X, Index k, const GaussianMixtureOptions& options, const Vector& weights,
                    int restart, bool& cancelled) {
  const double* const weight = weights.size() > 0 ? weights.data() : nullptr;
  const int threads = resolve_threads(options.execution.threads);
  if (options.initial_labels.size() > 0) return options.initial_labels;
  if (!options.initial_rows.empty()) return labels_of_nearest(X, options.initial_rows, threads);
  Random random(options.seed, {static_cast<std::uint64_t>(restart)});
  if (options.init == MixtureInit::kmeans) {
    KMeansOptions of_kmeans;
    of_kmeans.weights = weights;
    of_kmeans.seed = random.bits();
    of_kmeans.execution = options.execution;
    KMeansResult<T> found = kmeans_points<T>(X, k, nullptr, of_kmeans);
    cancelled = found.status == Status::cancelled;
    return std::move(found.labels);
  }
  const KMeansInit init = options.init == MixtureInit::random ? KMeansInit::random : KMeansInit::kmeans_plus_plus;
  return labels_of_nearest(X, seed_rows(X, k, init, weight, threads, random, [](Index) { return true; }), threads);
}

}  // namespace detail
CORYMB_END
