#pragma once

#include <corymb/core/detail/memory.hpp>
#include <corymb/core/detail/reported_tasks.hpp>
#include <corymb/neighbors/detail/brute_rows.hpp>
#include <corymb/neighbors/detail/leaf_search.hpp>
#include <corymb/neighbors/detail/lowest_values.hpp>
#include <corymb/neighbors/detail/neighbor_search.hpp>

#include <algorithm>
#include <cstddef>
#include <string_view>
#include <vector>

// The last column of the distances of nearest_neighbors() alone, in memory that grows with n + k instead of n k.
CORYMB_BEGIN
namespace detail {

/// Row i's k-th nearest other value at out[i], by all values of each row. 1 ≤ k ≤ n − 1.
template <class T, class Values>
void brute_kth_values(std::string_view function, Index n, Index k, const Values& values, const Execution& execution,
                      T* out) {
  const int threads = resolve_threads(execution.threads);
  const ProgressReporter progress(execution.on_progress);
  std::vector<LowestValues<T>> lowest(static_cast<std::size_t>(threads), LowestValues<T>(1, k));
  for_rows_of_values<T>(function, "neighbors", progress, threads, n, n, values,
                        [&](Index i, const T* value, int worker) {
                          LowestValues<T>& of_row = lowest[static_cast<std::size_t>(worker)];
                          of_row.clear();
                          for (Index j = 0; j < n; ++j)
                            if (value[j] < of_row.limit()[0] && j != i) of_row.insert(0, value[j]);
                          out[i] = of_row.limit()[0];
                        });
}

/// The same by a tree: whole leaves go through it at a time.
template <class Geometry, class T>
void tree_kth_values(std::string_view function, const Geometry& geometry, Index k, const Execution& execution, T* out) {
  const auto& tree = geometry.points();
  struct Worker {
    LeafSearch<Geometry> search;
    LowestValues<T> lowest;
  };
  const int threads = resolve_threads(execution.threads);
  const ProgressReporter progress(execution.on_progress);
  std::vector<Worker> workers;
  workers.reserve(static_cast<std::size_t>(threads));
  for (int w = 0; w < threads; ++w)
    workers.push_back({LeafSearch<Geometry>(geometry), LowestValues<T>(leaf_places, k)});
  constexpr Index block = 16;
  const Index tasks = (tree.leaves() + block - 1) / block;
  reported_tasks(function, "neighbors", progress, threads, tasks, [&](Index task, int worker) {
    LeafSearch<Geometry>& search = workers[static_cast<std::size_t>(worker)].search;
    LowestValues<T>& lowest = workers[static_cast<std::size_t>(worker)].lowest;
    for (Index leaf = task * block; leaf < std::min((task + 1) * block, tree.leaves()); ++leaf) {
      const Index size = tree.leaf_size(leaf), begin = tree.leaf_begin(leaf);
      lowest.clear();
      search.run(
          leaf, leaf, lowest.limit(), [&](T value, Index) { return lowest.has_room(value, size); },
          [&](const LeafPair<T>& pair, Index other) {
            if (tree.leaf_begin(other) + pair.place != begin + pair.query) lowest.insert(pair.query, pair.value);
          });
      for (Index q = 0; q < size; ++q) out[tree.row(begin + q)] = lowest.limit()[q];
    }
  });
}

/// The distance of each row to its k-th nearest other one, whatever the distances are of; k = 0: to itself.
/// @param trees  see tree_spaces.hpp
template <class T, class Values, class Trees>
std::vector<T> kth_distances(std::string_view function, const NeighborSides<T>& sides, Index k, const Values& values,
                             const Trees& trees, const Execution& execution) {
  const Index n = sides.X.rows();
  const int threads = resolve_threads(execution.threads);
  require_memory(function,
                 matrix_bytes<T>(n, 1) + search_memory(sides, trees, threads) +
                     threads * LowestValues<T>::memory(Trees::exist ? leaf_places : 1, k),
                 execution.memory_limit, "ask for fewer points or threads, or take a sample of the rows");
  std::vector<T> result(static_cast<std::size_t>(n));
  if (k == 0) return result;
  if constexpr (Trees::exist)
    trees.with_geometry(sides, threads, [&](const auto& geometry) {
      tree_kth_values(function, geometry, k, execution, result.data());
    });
  else
    brute_kth_values(function, n, k, values, execution, result.data());
  values.finish(result.data(), n);
  return result;
}

}  // namespace detail
CORYMB_END
