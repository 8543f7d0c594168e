#pragma once

#include <corymb/core/detail/concurrent_union_find.hpp>
#include <corymb/core/detail/progress.hpp>
#include <corymb/density/dbscan.hpp>
#include <corymb/density/detail/point_weights.hpp>

#include <cstdint>
#include <string_view>
#include <vector>

CORYMB_BEGIN
namespace detail {

/// What every way to find clusters is told.
struct DbscanSettings {
  std::string_view function;
  const PointWeights& weights;
  BorderPoints border;
  int threads;
  ProgressReporter progress;
};

/// What is known of a row.
enum class Density : std::uint8_t {
  sparse,  ///< too few neighbours
  absent,  ///< enough neighbours, but it has no weight itself
  core,
};

inline Density density_of(bool has_enough, bool is_present) {
  return !has_enough ? Density::sparse : is_present ? Density::core : Density::absent;
}

/// Whether a row that is not core may belong to a cluster that reaches it.
inline bool may_be_reached(Density density, BorderPoints border) {
  return border == BorderPoints::lowest_cluster ? density != Density::core : density == Density::absent;
}

/// A cluster reaches a row: the lowest one counts.
inline void reach_by(std::int32_t label, std::int32_t& lowest) {
  if (lowest == noise || label < lowest) lowest = label;
}

/// Numbers the sets of core rows by their lowest rows, which represent them; what is not core is noise yet.
template <class IsCore>
DbscanResult number_clusters(Index n, ConcurrentUnionFind& sets, const IsCore& is_core) {
  DbscanResult result;
  result.labels = Labels::Constant(n, noise);
  result.is_core.resize(static_cast<std::size_t>(n));
  for (Index i = 0; i < n; ++i) {
    if (!is_core(i)) continue;
    result.is_core[static_cast<std::size_t>(i)] = true;
    const Index root = sets.find(i);
    result.labels[i] = root == i ? result.clusters++ : result.labels[root];
  }
  return result;
}

}  // namespace detail
CORYMB_END
