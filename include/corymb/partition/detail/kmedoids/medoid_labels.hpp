#pragma once

#include <corymb/partition/detail/kmedoids/kmedoids_fit.hpp>

#include <algorithm>
#include <numeric>
#include <utility>
#include <vector>

CORYMB_BEGIN
namespace detail {

/// The result of given medoids: every object has the label of the nearest one, the lower on ties. O(n k) distances.
/// @param weight  by object; null = all 1
template <class T>
KMedoidsResult<T> assign_to_medoids(const DistanceColumns<T>& distances, std::vector<Index> medoids,
                                    const double* weight, int threads) {
  constexpr Index block = 512;
  const Index n = distances.size(), k = static_cast<Index>(medoids.size());
  Labels labels(n);
  std::vector<T> nearest(static_cast<std::size_t>(n));
  std::vector<ValuesScratch> scratch(static_cast<std::size_t>(threads));
  std::vector<Scratch<T>> values(scratch.size());
  std::vector<std::vector<Index>> objects(scratch.size());
  parallel_for(threads, (n + block - 1) / block, [&](Index task, int worker) {
    const auto w = static_cast<std::size_t>(worker);
    const Index first = task * block, last = std::min(first + block, n);
    objects[w].resize(static_cast<std::size_t>(last - first));
    std::iota(objects[w].begin(), objects[w].end(), first);
    T* distance = values[w].reserve(block * k);
    distances.between(objects[w], medoids, distance, scratch[w]);
    for (Index o = first; o < last; ++o, distance += k) {
      const T* least = std::min_element(distance, distance + k);
      labels[o] = static_cast<std::int32_t>(least - distance);
      nearest[static_cast<std::size_t>(o)] = *least;
    }
  });
  return medoid_result<T>(std::move(medoids), std::move(labels), nearest.data(), weight);
}

}  // namespace detail
CORYMB_END
