#pragma once

#include <corymb/partition/detail/row_passes.hpp>
#include <corymb/partition/detail/seeding/afk_mc2.hpp>
#include <corymb/partition/detail/seeding/kmeans_parallel.hpp>
#include <corymb/partition/detail/seeding/plus_plus.hpp>
#include <corymb/partition/kmeans.hpp>

#include <algorithm>
#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

CORYMB_BEGIN
namespace detail {

/// Bytes that seed_rows needs; for kmeans_parallel what is to be expected.
template <class T>
double seeding_memory(Index n, Index d, Index k, const KMeansOptions& options) {
  const double rows = static_cast<double>(n);
  switch (options.init) {
    case KMeansInit::random: return options.weights.size() > 0 ? rows * sizeof(std::pair<double, Index>) : rows / 8;
    case KMeansInit::kmeans_plus_plus:
    case KMeansInit::greedy_kmeans_plus_plus: break;
    case KMeansInit::kmeans_parallel: {
      const double drawn = std::min(rows, 1 + options.seeding_rounds * options.oversampling * static_cast<double>(k));
      return rows * (sizeof(T) + sizeof(std::int32_t)) + 2 * drawn * static_cast<double>(d + 4) * sizeof(T);
    }
    case KMeansInit::afk_mc2:
      return rows * (sizeof(T) + sizeof(double)) +
             static_cast<double>(MarkovChainSeeding<T>::block_size(d)) * static_cast<double>(d + 8) * sizeof(T);
  }
  return rows * sizeof(T);
}

/// Row numbers of the first centroids: k different ones of positive weight (null = all one). step(done), 1 ≤ done ≤ k,
/// is called where the work can stop, done / k of it being over; if it returns false, fewer than k rows are returned.
template <class T>
std::vector<Index> seed_rows(RowPasses<T>& rows, Index k, const KMeansOptions& options, const double* weight,
                             int threads, Random& random, const std::function<bool(Index)>& step) {
  switch (options.init) {
    case KMeansInit::random: return random_rows(rows.rows(), k, weight, random);
    case KMeansInit::kmeans_plus_plus: return PlusPlusSeeding<T>(rows, k, weight, 1, threads, random).run(step);
    case KMeansInit::greedy_kmeans_plus_plus: break;
    case KMeansInit::kmeans_parallel:
      return KMeansParallelSeeding<T>(rows, k, weight, options.seeding_rounds, options.oversampling, threads, random)
          .run(step);
    case KMeansInit::afk_mc2:
      return MarkovChainSeeding<T>(rows, k, weight, options.chain_length, threads, random).run(step);
  }
  return PlusPlusSeeding<T>(rows, k, weight, greedy_trials(k), threads, random).run(step);
}

/// The same for rows in memory.
template <class T>
std::vector<Index> seed_rows(const Points<T>& X, Index k, const KMeansOptions& options, const double* weight,
                             int threads, Random& random, const std::function<bool(Index)>& step) {
  RowPasses<T> rows(X);
  return seed_rows(rows, k, options, weight, threads, random, step);
}

/// The same with the parameters of the method at their defaults.
template <class T>
std::vector<Index> seed_rows(const Points<T>& X, Index k, KMeansInit init, const double* weight, int threads,
                             Random& random, const std::function<bool(Index)>& step) {
  return seed_rows(X, k, KMeansOptions{.init = init}, weight, threads, random, step);
}

}  // namespace detail
CORYMB_END
