#pragma once

#include <corymb/core/detail/reported_tasks.hpp>
#include <corymb/distance/detail/row_values.hpp>
#include <corymb/graph/minimum_spanning_tree.hpp>
#include <corymb/validity/detail/all_points_core.hpp>
#include <corymb/validity/detail/cluster_rows.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string_view>
#include <vector>

// What the density-based validity of clusters is made of. Rows: see placed_rows.hpp.

CORYMB_BEGIN
namespace detail {

/// Rows of one cluster, as many as are handled at once.
struct ClusterBlock {
  Index cluster;
  RowRange rows;
};

/// @param begin       by cluster, and the end of the last one
/// @param block_rows  block_rows(cluster)
template <class BlockRows>
std::vector<ClusterBlock> cluster_blocks(std::span<const Index> begin, const BlockRows& block_rows) {
  std::vector<ClusterBlock> blocks;
  for (std::size_t c = 0; c + 1 < begin.size(); ++c) {
    const auto cluster = static_cast<Index>(c);
    for (Index first = begin[c]; first < begin[c + 1]; first += block_rows(cluster))
      blocks.push_back({cluster, {first, std::min(first + block_rows(cluster), begin[c + 1])}});
  }
  return blocks;
}

/// The core distance of each place, by all rows of its cluster.
template <class Rows>
Vector all_points_core_distances(std::string_view function, const ClusterRows& clusters, const Rows& rows,
                                 Index dimensions, int threads, const ProgressReporter& progress) {
  using T = typename Rows::Scalar;
  Vector result(clusters.begin.back());
  const auto blocks =
      cluster_blocks(clusters.begin, [&](Index c) { return rows_per_block(clusters.places(c).size()); });
  std::vector<ValuesScratch> scratch(static_cast<std::size_t>(threads));
  std::vector<Scratch<T>> buffer(scratch.size());
  reported_tasks(function, "core_distances", progress, threads, static_cast<Index>(blocks.size()),
                 [&](Index task, int worker) {
                   const auto& [cluster, block] = blocks[static_cast<std::size_t>(task)];
                   const RowRange all = clusters.places(cluster);
                   T* distance = buffer[static_cast<std::size_t>(worker)].reserve(block.size() * all.size());
                   rows.distances(block, all, distance, scratch[static_cast<std::size_t>(worker)]);
                   const AllPointsCore core(all.size(), dimensions);
                   for (Index p = block.first; p < block.last; ++p, distance += all.size())
                     result[p] = core(distance, all.size(), p - all.first);
                 });
  return result;
}

/// What the spanning tree of a cluster tells.
struct DensityTree {
  double sparseness = 0;
  std::vector<Index> internal = {};  // places, ascending
};

/// @param edges  of the tree of the rows at some places, by ascending weight; at least one
inline DensityTree density_tree(const std::vector<Edge>& edges, RowRange places) {
  std::vector<Index> degree(static_cast<std::size_t>(places.size()));
  for (const Edge& edge : edges) {
    ++degree[static_cast<std::size_t>(edge.a)];
    ++degree[static_cast<std::size_t>(edge.b)];
  }
  const auto is_internal = [&](std::int32_t row) { return degree[static_cast<std::size_t>(row)] > 1; };
  const auto heaviest = std::find_if(edges.rbegin(), edges.rend(),
                                     [&](const Edge& edge) { return is_internal(edge.a) && is_internal(edge.b); });
  DensityTree result{heaviest != edges.rend() ? heaviest->weight : edges.back().weight};
  for (Index p = places.first; p < places.last; ++p)
    if (degree[static_cast<std::size_t>(p - places.first)] > 1 || edges.size() == 1) result.internal.push_back(p);
  return result;
}

/// By cluster; that of a single row is empty.
/// @param memory_limit  for the trees of a time
template <class Rows>
std::vector<DensityTree> density_trees(std::string_view function, const ClusterRows& clusters, const Rows& rows,
                                       const Vector& core, int threads, std::uint64_t memory_limit,
                                       const ProgressReporter& progress) {
  // Clusters so small that threads are of more use for several of them than for one.
  constexpr Index small = 4096;
  std::vector<DensityTree> result(static_cast<std::size_t>(clusters.count()));
  const auto find_tree = [&](Index cluster, const Execution& execution) {
    const RowRange places = clusters.places(cluster);
    result[static_cast<std::size_t>(cluster)] = density_tree(
        rows.tree(places, {.core_distances = core.segment(places.first, places.size()), .execution = execution}),
        places);
  };
  std::vector<Index> small_ones, large_ones;
  Index large_rows = 0, done = 0;
  for (Index c = 0; c < clusters.count(); ++c) {
    const Index size = clusters.places(c).size();
    if (size > small) large_rows += size;
    if (size > 0) (size > small ? large_ones : small_ones).push_back(c);
  }
  reported_tasks(function, "trees", progress, threads, static_cast<Index>(small_ones.size()), [&](Index task, int) {
    find_tree(
        small_ones[static_cast<std::size_t>(task)],
        {.threads = 1, .memory_limit = std::max<std::uint64_t>(memory_limit / static_cast<unsigned>(threads), 1)});
  });
  Execution execution{.threads = threads, .memory_limit = memory_limit};
  // The stages within a tree are of no interest here, only that it can be stopped.
  if (progress.is_heard())
    execution.on_progress = [&](const Progress&) {
      report_or_cancel(function, "large_trees", progress, std::max<Index>(done, 1), large_rows);
      return true;
    };
  for (const Index cluster : large_ones) {
    find_tree(cluster, execution);
    done += clusters.places(cluster).size();
    report_or_cancel(function, "large_trees", progress, done, large_rows);
  }
  return result;
}

/// By cluster the least mutual reachability distance of one of its rows to one of another cluster; infinite where there
/// is none.
/// @param begin  by cluster its first place among the rows, and their number
/// @param core   by place
template <class Rows>
std::vector<double> density_separations(std::string_view function, std::span<const Index> begin, const Rows& rows,
                                        const Vector& core, int threads, const ProgressReporter& progress) {
  using T = typename Rows::Scalar;
  constexpr double infinity = std::numeric_limits<double>::infinity();
  static constexpr Index tile_rows = 64, tile_columns = 1024;
  const auto blocks = cluster_blocks(begin, [](Index) { return tile_rows; });
  struct Worker {
    std::vector<double> least;  // by cluster
    ValuesScratch scratch;
    Scratch<T> buffer;
  };
  std::vector<Worker> workers(static_cast<std::size_t>(threads));
  for (Worker& worker : workers) worker.least.assign(begin.size() - 1, infinity);

  // The rows of a block against those at some places, which are of other clusters.
  const auto look = [&](const ClusterBlock& block, RowRange others, Worker& worker) {
    const auto end_of = [&](std::size_t cluster) { return std::min(begin[cluster + 1], others.last); };
    T* distance = worker.buffer.reserve(block.rows.size() * others.size());
    rows.distances(block.rows, others, distance, worker.scratch);
    const auto first_cluster =
        static_cast<std::size_t>(std::upper_bound(begin.begin(), begin.end(), others.first) - begin.begin() - 1);
    double& own = worker.least[static_cast<std::size_t>(block.cluster)];
    for (Index p = block.rows.first; p < block.rows.last; ++p) {
      Index q = others.first;
      for (std::size_t cluster = first_cluster; q < others.last; ++cluster) {
        double least = infinity;
        for (; q < end_of(cluster); ++q, ++distance)
          least = std::min(least, std::max(core[q], static_cast<double>(*distance)));
        least = std::max(least, core[p]);
        own = std::min(own, least);
        worker.least[cluster] = std::min(worker.least[cluster], least);
      }
    }
  };
  reported_tasks(function, "separations", progress, threads, static_cast<Index>(blocks.size()), [&](Index task, int w) {
    const ClusterBlock& block = blocks[static_cast<std::size_t>(task)];
    const auto cluster = static_cast<std::size_t>(block.cluster);
    const auto look_at = [&](RowRange others) {
      for (Index first = others.first; first < others.last; first += tile_columns)
        look(block, {first, std::min(first + tile_columns, others.last)}, workers[static_cast<std::size_t>(w)]);
    };
    if constexpr (!Rows::is_symmetric) look_at({0, begin[cluster]});
    look_at({begin[cluster + 1], begin.back()});
  });
  // The least of numbers does not depend on who has seen which.
  std::vector<double> result(begin.size() - 1, infinity);
  for (const Worker& worker : workers)
    for (std::size_t c = 0; c < result.size(); ++c) result[c] = std::min(result[c], worker.least[c]);
  return result;
}

}  // namespace detail
CORYMB_END
