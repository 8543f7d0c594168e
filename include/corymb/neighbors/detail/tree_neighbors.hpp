#pragma once

#include <corymb/core/detail/reported_tasks.hpp>
#include <corymb/neighbors/detail/leaf_search.hpp>
#include <corymb/neighbors/detail/nearest_rows.hpp>

#include <algorithm>
#include <cstdint>
#include <string_view>
#include <vector>

CORYMB_BEGIN
namespace detail {

/// The k nearest rows of `points` for each row of `queries`, by values. Whole leaves of queries go through the tree at
/// a time.
/// @param others  whether both trees hold the same rows, and a row is not its own neighbour
/// @param k       at most the number of rows it can choose from
/// @param take    take(position, values, rows): the k nearest of the query at a position, nearest first
template <class T, class Take>
void tree_neighbors(std::string_view function, const ProgressReporter& progress, const KdTree<T>& points,
                    const KdTree<T>& queries, bool others, PairValue kind, Index k, int threads, const Take& take) {
  struct Worker {
    LeafSearch<T> search;
    NearestRows<T> nearest;
  };
  std::vector<Worker> workers;
  workers.reserve(static_cast<std::size_t>(threads));
  for (int w = 0; w < threads; ++w)
    workers.push_back({LeafSearch<T>(points, queries, kind), NearestRows<T>(leaf_places, k)});
  constexpr Index block = 16;
  const Index tasks = (queries.leaves() + block - 1) / block;
  reported_tasks(function, "neighbors", progress, threads, tasks, [&](Index task, int worker) {
    LeafSearch<T>& search = workers[static_cast<std::size_t>(worker)].search;
    NearestRows<T>& nearest = workers[static_cast<std::size_t>(worker)].nearest;
    for (Index leaf = task * block; leaf < std::min((task + 1) * block, queries.leaves()); ++leaf) {
      const Index size = queries.leaf_size(leaf), begin = queries.leaf_begin(leaf);
      if (size == 0) continue;
      nearest.clear();
      search.run(
          leaf, others ? leaf : -1, nearest.limit(),
          [&](T value, Index node) { return nearest.has_room(value, points.lowest_row(node), size); },
          [&](const LeafPair<T>& pair, Index point_leaf) {
            const Index position = points.leaf_begin(point_leaf) + pair.place;
            if (others && position == begin + pair.query) return;
            nearest.insert(pair.query, pair.value, points.row(position));
          });
      for (Index q = 0; q < size; ++q) take(begin + q, nearest.values(q), nearest.rows(q));
    }
  });
}

}  // namespace detail
CORYMB_END
