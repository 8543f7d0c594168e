#pragma once

#include <corymb/core/detail/memory.hpp>
#include <corymb/core/detail/reported_tasks.hpp>
#include <corymb/neighbors/detail/brute_rows.hpp>
#include <corymb/neighbors/detail/leaf_search.hpp>
#include <corymb/neighbors/detail/lowest_values.hpp>
#include <corymb/neighbors/detail/lowest_weights.hpp>
#include <corymb/neighbors/detail/neighbor_search.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

// The last column of the distances of nearest_neighbors() alone, in memory that grows with n + k instead of n k.
CORYMB_BEGIN
namespace detail {

// What is kept of the values of some queries until the one that is wanted is known:
//   begin(place, query)                         a query comes to a place
//   limit(), has_room(value, queries)           see LowestValues
//   insert(place, query, row, value)            a query's value against a row
//   result(place)                               the value that is wanted

/// The k-th lowest values; where rows look for others, not against themselves.
template <class T>
class KthValues {
 public:
  KthValues(Index places, Index k, bool others) : lowest_(places, k), others_(others) {}
  void begin(Index place, Index) { lowest_.clear(place); }
  const T* limit() const { return lowest_.limit(); }
  bool has_room(T value, Index queries) const { return lowest_.has_room(value, queries); }
  void insert(Index place, Index query, Index row, T value) {
    if (!others_ || query != row) lowest_.insert(place, value);
  }
  T result(Index place) const { return lowest_.limit()[place]; }

 private:
  LowestValues<T> lowest_;
  bool others_;
};

/// The values within which rows weigh enough; rows that look for others count too.
/// @tparam Weight  weight(row), a whole number
template <class T, class Weight>
class WeightedValues {
 public:
  WeightedValues(Index places, const Weight& weight, std::int64_t needed, bool others)
      : lowest_(places, needed), weight_(weight), others_(others) {}
  void begin(Index place, Index query) {
    lowest_.clear(place);
    if (others_) lowest_.insert(place, T(0), weight_(query));
  }
  const T* limit() const { return lowest_.limit(); }
  bool has_room(T value, Index queries) const { return lowest_.has_room(value, queries); }
  void insert(Index place, Index query, Index row, T value) {
    if (!others_ || query != row) lowest_.insert(place, value, weight_(row));
  }
  T result(Index place) const { return lowest_.limit()[place]; }

 private:
  LowestWeights<T> lowest_;
  const Weight& weight_;
  bool others_;
};

/// The value that is wanted of query i at out[i], by all values of each query.
/// @param kept  for one query; every worker has a copy
template <class T, class Values, class Kept>
void brute_wanted_values(std::string_view function, const NeighborSides<T>& sides, const Values& values,
                         const Kept& kept, const Execution& execution, T* out) {
  const int threads = resolve_threads(execution.threads);
  const ProgressReporter progress(execution.on_progress);
  const Index n = sides.X.rows();
  std::vector<Kept> of_workers(static_cast<std::size_t>(threads), kept);
  for_rows_of_values<T>(function, "neighbors", progress, threads, sides.Q.rows(), n, values,
                        [&](Index i, const T* value, int worker) {
                          Kept& of_row = of_workers[static_cast<std::size_t>(worker)];
                          of_row.begin(0, i);
                          for (Index j = 0; j < n; ++j)
                            if (value[j] < of_row.limit()[0]) of_row.insert(0, i, j, value[j]);
                          out[i] = of_row.result(0);
                        });
}

/// The same by trees: whole leaves of queries go through the points at a time.
/// @param kept  for leaf_places queries
template <class Geometry, class T, class Kept>
void tree_wanted_values(std::string_view function, const Geometry& geometry, bool others, const Kept& kept,
                        const Execution& execution, T* out) {
  const auto &points = geometry.points(), &queries = geometry.queries();
  struct Worker {
    LeafSearch<Geometry> search;
    Kept kept;
  };
  const int threads = resolve_threads(execution.threads);
  const ProgressReporter progress(execution.on_progress);
  std::vector<Worker> workers;
  workers.reserve(static_cast<std::size_t>(threads));
  for (int w = 0; w < threads; ++w) workers.push_back({LeafSearch<Geometry>(geometry), kept});
  constexpr Index block = 16;
  const Index tasks = (queries.leaves() + block - 1) / block;
  reported_tasks(function, "neighbors", progress, threads, tasks, [&](Index task, int worker) {
    LeafSearch<Geometry>& search = workers[static_cast<std::size_t>(worker)].search;
    Kept& of_leaf = workers[static_cast<std::size_t>(worker)].kept;
    for (Index leaf = task * block; leaf < std::min((task + 1) * block, queries.leaves()); ++leaf) {
      const Index size = queries.leaf_size(leaf), begin = queries.leaf_begin(leaf);
      if (size == 0) continue;
      for (Index q = 0; q < size; ++q) of_leaf.begin(q, queries.row(begin + q));
      search.run(
          leaf, others ? leaf : -1, of_leaf.limit(), [&](T value, Index) { return of_leaf.has_room(value, size); },
          [&](const LeafPair<T>& pair, Index other) {
            of_leaf.insert(pair.query, queries.row(begin + pair.query),
                           points.row(points.leaf_begin(other) + pair.place), pair.value);
          });
      for (Index q = 0; q < size; ++q) out[queries.row(begin + q)] = of_leaf.result(q);
    }
  });
}

/// The distances of the values that are wanted of each query, whatever the distances are of.
/// @param trees      see tree_spaces.hpp
/// @param kept_for   kept_for(places)
/// @param kept_bytes  what a worker keeps
template <class T, class Values, class Trees, class KeptFor>
std::vector<T> wanted_distances(std::string_view function, const NeighborSides<T>& sides, const Values& values,
                                const Trees& trees, const KeptFor& kept_for, double kept_bytes,
                                const Execution& execution) {
  const Index m = sides.Q.rows();
  const int threads = resolve_threads(execution.threads);
  require_memory(function, matrix_bytes<T>(m, 1) + search_memory(sides, trees, threads) + threads * kept_bytes,
                 execution.memory_limit, "ask for fewer points or threads, or take a sample of the rows");
  std::vector<T> result(static_cast<std::size_t>(m));
  if constexpr (Trees::exist)
    trees.with_geometry(sides, threads, [&](const auto& geometry) {
      tree_wanted_values(function, geometry, sides.others, kept_for(leaf_places), execution, result.data());
    });
  else
    brute_wanted_values(function, sides, values, kept_for(1), execution, result.data());
  values.finish(result.data(), m);
  return result;
}

/// The distance of each query to its k-th nearest (other) row; k = 0: to itself. k is at most the number of these.
template <class T, class Values, class Trees>
std::vector<T> kth_distances(std::string_view function, const NeighborSides<T>& sides, Index k, const Values& values,
                             const Trees& trees, const Execution& execution) {
  if (k == 0) return std::vector<T>(static_cast<std::size_t>(sides.Q.rows()));
  return wanted_distances(
      function, sides, values, trees, [&](Index places) { return KthValues<T>(places, k, sides.others); },
      LowestValues<T>::memory(Trees::exist ? leaf_places : 1, k), execution);
}

/// The distance of each query within which rows weigh enough; where rows look for others, their own weights count too.
/// @param weight  weight(row), a whole number ≥ 0
/// @param needed  > 0, at most what all rows weigh
template <class T, class Values, class Trees, class Weight>
std::vector<T> weighted_distances(std::string_view function, const NeighborSides<T>& sides, const Weight& weight,
                                  std::int64_t needed, const Values& values, const Trees& trees,
                                  const Execution& execution) {
  return wanted_distances(
      function, sides, values, trees,
      [&](Index places) { return WeightedValues<T, Weight>(places, weight, needed, sides.others); }, 0.0, execution);
}

}  // namespace detail
CORYMB_END
