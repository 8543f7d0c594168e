#pragma once

#include <corymb/core/detail/reported_tasks.hpp>
#include <corymb/distance/detail/value_thresholds.hpp>
#include <corymb/neighbors/detail/brute_rows.hpp>
#include <corymb/neighbors/detail/neighbor_search.hpp>

#include <algorithm>
#include <string_view>
#include <vector>

CORYMB_BEGIN
namespace detail {

// for_pairs(stage, use) of a search calls use(query, row, value) for all pairs within a radius, a row and itself
// included. Each query is handled by one thread at a time.

/// What searches within a radius are told.
template <class T>
struct RadiusSearchSettings {
  std::string_view function;
  T limit;  // the largest value within the radius
  int threads;
  ProgressReporter progress;
};

template <class Geometry>
class TreeRadiusSearch {
 public:
  using T = typename Geometry::Scalar;
  TreeRadiusSearch(const RadiusSearchSettings<T>& settings, const Geometry& geometry)
      : settings_(settings), geometry_(geometry) {}

  template <class Use>
  void for_pairs(std::string_view stage, const Use& use) const {
    const auto &points = geometry_.points(), &queries = geometry_.queries();
    std::vector<LeafSearch<Geometry>> searches;
    searches.reserve(static_cast<std::size_t>(settings_.threads));
    for (int w = 0; w < settings_.threads; ++w) searches.emplace_back(geometry_);
    const std::vector<T> limits(static_cast<std::size_t>(leaf_places), settings_.limit);
    constexpr Index block = 16;
    const Index tasks = (queries.leaves() + block - 1) / block;
    const auto run = [&](Index task, int worker) {
      for (Index leaf = task * block; leaf < std::min((task + 1) * block, queries.leaves()); ++leaf)
        searches[static_cast<std::size_t>(worker)].run(
            leaf, -1, limits.data(), [&](T value, Index) { return value <= settings_.limit; },
            [&](const LeafPair<T>& pair, Index point_leaf) {
              use(Index{queries.row(queries.leaf_begin(leaf) + pair.query)},
                  Index{points.row(points.leaf_begin(point_leaf) + pair.place)}, pair.value);
            });
    };
    reported_tasks(settings_.function, stage, settings_.progress, settings_.threads, tasks, run);
  }

 private:
  const RadiusSearchSettings<T>& settings_;
  const Geometry& geometry_;
};

/// @tparam Values  see row_values.hpp; of the queries against the rows
template <class T, class Values>
class BruteRadiusSearch {
 public:
  BruteRadiusSearch(const RadiusSearchSettings<T>& settings, const NeighborSides<T>& sides, const Values& values)
      : settings_(settings), n_(sides.X.rows()), m_(sides.Q.rows()), values_(values) {}

  template <class Use>
  void for_pairs(std::string_view stage, const Use& use) const {
    for_rows_of_values<T>(settings_.function, stage, settings_.progress, settings_.threads, m_, n_, values_,
                          [&](Index q, const T* value, int) {
                            for (Index i = 0; i < n_; ++i)
                              if (value[i] <= settings_.limit) use(q, i, value[i]);
                          });
  }

 private:
  const RadiusSearchSettings<T>& settings_;
  Index n_, m_;
  const Values& values_;
};

/// Returns use(search) for a search within a radius ≥ 0; of no rows there are no pairs.
template <class T, class Values, class Trees, class Use>
auto with_radius_search(std::string_view function, const NeighborSides<T>& sides, const Values& values,
                        const Trees& trees, double radius, const Execution& execution, const Use& use) {
  const auto distance = [&](T value) {
    values.finish(&value, 1);
    return value;
  };
  const RadiusSearchSettings<T> settings{function, largest_value_within<T>(radius, distance),
                                         resolve_threads(execution.threads), ProgressReporter(execution.on_progress)};
  if constexpr (Trees::exist) {
    if (sides.X.rows() > 0 && sides.Q.rows() > 0)
      return trees.with_geometry(sides, settings.threads,
                                 [&](const auto& geometry) { return use(TreeRadiusSearch(settings, geometry)); });
  }
  return use(BruteRadiusSearch(settings, sides, values));
}

}  // namespace detail
CORYMB_END
