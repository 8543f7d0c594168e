#pragma once

#include <corymb/core/detail/reported_tasks.hpp>
#include <corymb/density/condensed_tree.hpp>
#include <corymb/density/detail/point_weights.hpp>
#include <corymb/graph/detail/spanning_tree/reachability.hpp>
#include <corymb/neighbors/detail/brute_rows.hpp>
#include <corymb/neighbors/detail/kth_distances.hpp>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <string_view>
#include <tuple>
#include <vector>

CORYMB_BEGIN
namespace detail {

/// The row that a new one is joined to, and the distance at which it is.
struct Attachment {
  std::int32_t row = -1;
  double distance = 0;
};

/// Joins new rows to those that a hierarchy is of, each by its lightest edge under mutual reachability, of several that
/// to the nearest row, of these to the lowest.
template <class T>
class Attacher {
 public:
  /// @param core      of the rows, by distance; kept by reference, as core_of_new
  /// @param distance  distance(value), over alpha
  template <class Distance>
  Attacher(const Vector& core, const Vector& core_of_new, const Distance& distance, int threads)
      : core_(core, nullptr, distance, threads),
        core_of_new_(core_of_new, nullptr, distance, threads),
        best_(static_cast<std::size_t>(core_of_new.size())),
        limit_(best_.size(), std::numeric_limits<T>::max()) {}

  /// By new row: the largest value that counts.
  const T* limit() const { return limit_.data(); }

  void look_at(Index q, Index row, T value) {
    const T weight = std::max({core_of_new_.core_value(q), core_.core_value(row), value});
    Best& best = best_[static_cast<std::size_t>(q)];
    const auto found = static_cast<std::int32_t>(row);
    if (best.row >= 0 && std::tie(weight, value, found) >= std::tie(best.weight, best.value, best.row)) return;
    best = {weight, value, found};
    // No edge weighs less than the row's own core distance: then only nearer rows count.
    limit_[static_cast<std::size_t>(q)] = weight == core_of_new_.core_value(q) ? value : weight;
  }

  /// @param finish  finish(values, count) turns values into distances, in place
  template <class Finish>
  std::vector<Attachment> attachments(double alpha, const Finish& finish) const {
    std::vector<Attachment> result(best_.size());
    for (std::size_t q = 0; q < best_.size(); ++q) {
      T value = best_[q].value;
      finish(&value, 1);
      const Index row = best_[q].row;
      result[q] = {best_[q].row, std::max({static_cast<double>(value) / alpha, core_.core(row),
                                           core_of_new_.core(static_cast<Index>(q))})};
    }
    return result;
  }

 private:
  struct Best {
    T weight = 0;
    T value = 0;
    std::int32_t row = -1;
  };

  Reachability<T> core_;
  Reachability<T> core_of_new_;
  std::vector<Best> best_;
  std::vector<T> limit_;
};

/// What attaching goes by.
struct AttachmentCall {
  std::string_view function;
  double alpha;
  const Execution& execution;
};

/// Attaches the queries of some sides to their rows.
/// @param core         by row
/// @param core_of_new  by query
template <class T, class Values, class Trees>
std::vector<Attachment> attach(const AttachmentCall& call, const NeighborSides<T>& sides, const Values& values,
                               const Trees& trees, const Vector& core, const Vector& core_of_new) {
  const int threads = resolve_threads(call.execution.threads);
  const ProgressReporter progress(call.execution.on_progress);
  const auto finish = [&](T* value, Index count) { values.finish(value, count); };
  const auto distance = [&](T value) {
    finish(&value, 1);
    return static_cast<double>(value) / call.alpha;
  };
  Attacher<T> attacher(core, core_of_new, distance, threads);
  if constexpr (Trees::exist) {
    trees.with_geometry(sides, threads, [&](const auto& geometry) {
      const auto &points = geometry.points(), &queries = geometry.queries();
      using Search = LeafSearch<std::remove_cvref_t<decltype(geometry)>>;
      std::vector<Search> workers;
      workers.reserve(static_cast<std::size_t>(threads));
      for (int w = 0; w < threads; ++w) workers.emplace_back(geometry);
      std::vector<std::vector<T>> limits(workers.size(), std::vector<T>(static_cast<std::size_t>(leaf_places)));
      reported_tasks(call.function, "places", progress, threads, queries.leaves(), [&](Index leaf, int worker) {
        const Index size = queries.leaf_size(leaf), begin = queries.leaf_begin(leaf);
        if (size == 0) return;
        T* limit = limits[static_cast<std::size_t>(worker)].data();
        const auto refresh = [&](Index place) { limit[place] = attacher.limit()[queries.row(begin + place)]; };
        for (Index place = 0; place < size; ++place) refresh(place);
        workers[static_cast<std::size_t>(worker)].run(
            leaf, -1, limit,
            [&](T value, Index) { return std::any_of(limit, limit + size, [&](T l) { return value <= l; }); },
            [&](const LeafPair<T>& pair, Index of_points) {
              attacher.look_at(queries.row(begin + pair.query), points.row(points.leaf_begin(of_points) + pair.place),
                               pair.value);
              refresh(pair.query);
            });
      });
    });
  } else {
    for_rows_of_values<T>(call.function, "places", progress, threads, sides.Q.rows(), sides.X.rows(), values,
                          [&](Index q, const T* value, int) {
                            for (Index j = 0; j < sides.X.rows(); ++j)
                              if (value[j] <= attacher.limit()[q]) attacher.look_at(q, j, value[j]);
                          });
  }
  return attacher.attachments(call.alpha, finish);
}

/// The core distances of the queries of some sides, among their rows.
/// @param weights  of the rows
/// @param samples  needed, if rows do not have weights; at most as many as there are (other) rows
template <class T, class Values, class Trees>
Vector core_distances_of(const AttachmentCall& call, const NeighborSides<T>& sides, const Values& values,
                         const Trees& trees, const PointWeights& weights, Index samples) {
  const std::vector<T> core =
      weights.is_weighted()
          ? weighted_distances(call.function, sides, weights, weights.needed(), values, trees, call.execution)
          : kth_distances(call.function, sides, sides.others ? samples - 1 : samples, values, trees, call.execution);
  return Eigen::Map<const Eigen::Matrix<T, Eigen::Dynamic, 1>>(core.data(), static_cast<Index>(core.size()))
      .template cast<double>();
}

/// The place of a row that is joined to another one of a tree: it leaves with it, or before.
struct TreePlace {
  std::int32_t cluster;
  double lambda;
};
inline TreePlace place_beside(const CondensedTree& tree, Index row, double distance) {
  TreePlace place{tree.row_cluster[static_cast<std::size_t>(row)],
                  std::min(tree.row_lambda[static_cast<std::size_t>(row)], 1 / distance)};
  const auto at = [](std::int32_t cluster) { return static_cast<std::size_t>(cluster); };
  while (place.cluster >= 0 && tree.parent[at(place.cluster)] >= 0 && tree.birth[at(place.cluster)] >= place.lambda)
    place.cluster = tree.parent[at(place.cluster)];
  return place;
}

}  // namespace detail
CORYMB_END
