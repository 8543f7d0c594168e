#pragma once

#include <corymb/core/types.hpp>
#include <corymb/density/optics_clusters.hpp>
#include <corymb/density/optics_result.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <set>
#include <vector>

// OPTICS and its clusters as they are defined, without regard to time.
namespace corymb_test {

/// @param D  D(i, j) is the distance at which row i reaches row j
template <class T>
corymb::OpticsResult optics_by_definition(const corymb::RowMatrix<T>& D, corymb::Index min_samples, double max_eps) {
  using corymb::Index;
  constexpr double infinity = std::numeric_limits<double>::infinity();
  const Index n = D.rows();
  corymb::OpticsResult result;
  result.min_samples = min_samples;
  result.max_eps = max_eps;
  result.reachability = corymb::Vector::Constant(n, infinity);
  result.core_distances = corymb::Vector::Constant(n, infinity);
  result.predecessor.assign(static_cast<std::size_t>(n), -1);
  for (Index i = 0; i < n; ++i) {
    std::vector<double> within;
    for (Index j = 0; j < n; ++j)
      if (j == i || static_cast<double>(D(i, j)) <= max_eps)
        within.push_back(j == i ? 0 : static_cast<double>(D(i, j)));
    std::sort(within.begin(), within.end());
    if (static_cast<Index>(within.size()) >= min_samples)
      result.core_distances[i] = within[static_cast<std::size_t>(min_samples - 1)];
  }
  std::set<Index> waiting;
  for (Index i = 0; i < n; ++i) waiting.insert(i);
  while (!waiting.empty()) {
    Index next = -1;
    std::int32_t predecessor = -1;
    double lowest = infinity;
    for (const Index j : waiting) {
      std::int32_t by = -1;
      double reachability = infinity;
      for (const std::int32_t i : result.ordering) {
        if (std::isinf(result.core_distances[i]) || static_cast<double>(D(i, j)) > max_eps) continue;
        const double reached = std::max(result.core_distances[i], static_cast<double>(D(i, j)));
        if (reached < reachability) {
          reachability = reached;
          by = i;
        }
      }
      if (next < 0 || reachability < lowest) {
        next = j;
        lowest = reachability;
        predecessor = by;
      }
    }
    result.ordering.push_back(static_cast<std::int32_t>(next));
    result.reachability[next] = lowest;
    result.predecessor[static_cast<std::size_t>(next)] = predecessor;
    waiting.erase(next);
  }
  return result;
}

/// The intervals {begin, end} of clusters by definitions 9 to 11 of Ankerst et al., every fall with every rise.
inline std::set<std::pair<corymb::Index, corymb::Index>> xi_intervals_by_definition(const corymb::OpticsResult& result,
                                                                                    double xi,
                                                                                    corymb::Index min_cluster_size,
                                                                                    bool predecessor_correction) {
  using corymb::Index;
  const auto n = static_cast<Index>(result.ordering.size());
  const auto row = [&](Index place) { return Index{result.ordering[static_cast<std::size_t>(place)]}; };
  const auto r = [&](Index place) {
    return place == n ? std::numeric_limits<double>::infinity() : result.reachability[row(place)];
  };
  const auto ratio = [&](Index place) { return r(place) / r(place + 1); };  // NaN: level
  const auto highest = [&](Index first, Index last) {
    double height = 0;
    for (Index place = first; place <= last; ++place) height = std::max(height, r(place));
    return height;
  };
  struct Area {
    Index first, last;
    bool falls;
  };
  std::vector<Area> areas;
  for (Index place = 0; place < n; ++place) {
    const bool falls = ratio(place) >= 1 / (1 - xi), rises = ratio(place) <= 1 - xi;
    if (!falls && !rises) continue;
    Area area{place, place, falls};
    for (Index end = place; end < n; ++end) {
      if (falls ? ratio(end) < 1 : ratio(end) > 1) break;
      if (falls ? ratio(end) >= 1 / (1 - xi) : ratio(end) <= 1 - xi) area.last = end;
      if (end - area.last > result.min_samples) break;
    }
    areas.push_back(area);
    place = area.last;
  }
  std::set<std::pair<Index, Index>> intervals;
  for (std::size_t u = 0; u < areas.size(); ++u)
    for (std::size_t d = 0; d < u; ++d) {
      const Area &fall = areas[d], &rise = areas[u];
      if (!fall.falls || rise.falls) continue;
      const double between = highest(fall.last + 1, rise.first);
      const double before = r(fall.first), behind = r(rise.last + 1);
      if (std::isinf(between) || between > before * (1 - xi) || between > behind * (1 - xi)) continue;
      Index first = fall.first, last = rise.last;
      if (before * (1 - xi) >= behind)
        while (first < fall.last && r(first + 1) > behind) ++first;
      else if (behind * (1 - xi) >= before)
        while (last > rise.first && r(last - 1) > before) --last;
      if (predecessor_correction)
        for (; last > first && r(first) <= r(last); --last) {
          bool is_within = false;
          for (Index place = first; place < last; ++place)
            is_within = is_within || row(place) == result.predecessor[static_cast<std::size_t>(row(last))];
          if (is_within) break;
        }
      if (last - first + 1 >= min_cluster_size && last >= rise.first) intervals.insert({first, last + 1});
    }
  return intervals;
}

}  // namespace corymb_test
