#pragma once

#include <corymb/core/detail/validate.hpp>
#include <corymb/density/detail/optics/xi_intervals.hpp>
#include <corymb/density/optics_clusters.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <string_view>
#include <vector>

CORYMB_BEGIN
namespace detail {

inline constexpr std::string_view xi_clusters_name = "xi_clusters";

/// @returns the place of each row in the ordering
inline std::vector<Index> places_in(std::string_view function, const OpticsResult& result) {
  const auto n = static_cast<Index>(result.ordering.size());
  if (result.reachability.size() != n || result.core_distances.size() != n ||
      static_cast<Index>(result.predecessor.size()) != n)
    reject(function, "result has " + to_text(n) + " rows in its ordering, " + to_text(result.reachability.size()) +
                         " reachabilities, " + to_text(result.core_distances.size()) + " core distances and " +
                         to_text(static_cast<Index>(result.predecessor.size())) + " predecessors; they must agree");
  std::vector<Index> place(static_cast<std::size_t>(n), -1);
  for (Index p = 0; p < n; ++p) {
    const Index row = result.ordering[static_cast<std::size_t>(p)];
    if (row < 0 || row >= n || place[static_cast<std::size_t>(row)] >= 0)
      reject(function, "result.ordering[" + to_text(p) + "] = " + to_text(row) +
                           " must be a row that does not come before, in [0, n = " + to_text(n) + ")");
    place[static_cast<std::size_t>(row)] = p;
  }
  for (Index i = 0; i < n; ++i) {
    const Index row = result.predecessor[static_cast<std::size_t>(i)];
    if (row < -1 || row >= n)
      reject(function,
             "result.predecessor[" + to_text(i) + "] = " + to_text(row) + " must be in [-1, n = " + to_text(n) + ")");
  }
  return place;
}

/// Numbers clusters by their lowest row.
/// @param labels  n, numbers of clusters or noise; changed
/// @param lowest  by cluster: the row
inline void number_by_lowest_row(Labels& labels, const std::vector<Index>& lowest) {
  std::vector<std::int32_t> by_row(lowest.size()), number(lowest.size());
  std::iota(by_row.begin(), by_row.end(), 0);
  const auto row_of = [&](std::int32_t cluster) { return lowest[static_cast<std::size_t>(cluster)]; };
  std::sort(by_row.begin(), by_row.end(), [&](auto a, auto b) { return row_of(a) < row_of(b); });
  for (std::size_t c = 0; c < by_row.size(); ++c)
    number[static_cast<std::size_t>(by_row[c])] = static_cast<std::int32_t>(c);
  for (std::int32_t& label : labels)
    if (label != noise) label = number[static_cast<std::size_t>(label)];
}

/// The number of the smallest cluster around each, and whether there is one within it.
/// @param hierarchy  by their ends, those within another one before it
/// @returns the clusters that have none within them
inline std::vector<std::size_t> link_parents(std::vector<XiCluster>& hierarchy) {
  std::vector<std::size_t> leaves, without_parent;
  for (std::size_t c = 0; c < hierarchy.size(); ++c) {
    bool is_leaf = true;
    while (!without_parent.empty() && hierarchy[without_parent.back()].begin >= hierarchy[c].begin) {
      hierarchy[without_parent.back()].parent = static_cast<std::int32_t>(c);
      without_parent.pop_back();
      is_leaf = false;
    }
    without_parent.push_back(c);
    if (is_leaf) leaves.push_back(c);
  }
  return leaves;
}

}  // namespace detail

inline Labels cut(const OpticsResult& result, double eps) {
  constexpr std::string_view function = "cut";
  detail::places_in(function, result);
  if (!(eps >= 0 && eps <= result.max_eps) || std::isinf(eps))
    detail::reject(function, "eps = " + detail::to_text(eps) +
                                 " must be finite and in [0, max_eps = " + detail::to_text(result.max_eps) + "]");
  Labels labels = Labels::Constant(result.reachability.size(), noise);
  std::vector<Index> lowest;  // by cluster: its lowest core row
  for (const Index row : result.ordering) {
    const bool is_core = result.core_distances[row] <= eps;
    if (!(result.reachability[row] <= eps) || lowest.empty()) {
      if (!is_core) continue;
      lowest.push_back(row);
    }
    labels[row] = static_cast<std::int32_t>(lowest.size()) - 1;
    if (is_core) lowest.back() = std::min(lowest.back(), row);
  }
  detail::number_by_lowest_row(labels, lowest);
  return labels;
}

inline XiClusters xi_clusters(const OpticsResult& result, const XiOptions& options) {
  constexpr std::string_view function = detail::xi_clusters_name;
  const std::vector<Index> place = detail::places_in(function, result);
  if (!(options.xi > 0 && options.xi < 1))
    detail::reject(function, "xi = " + detail::to_text(options.xi) + " must be in (0, 1)");
  const Index min_cluster_size = options.min_cluster_size.value_or(std::max<Index>(result.min_samples, 2));
  if (min_cluster_size < 2)
    detail::reject(function, "min_cluster_size = " + detail::to_text(min_cluster_size) + " must be ≥ 2");

  XiClusters clusters;
  detail::XiPlot plot{options.xi, min_cluster_size, result.min_samples, {}, {}};
  for (const Index row : result.ordering) {
    const Index before = result.predecessor[static_cast<std::size_t>(row)];
    plot.height.push_back(result.reachability[row]);
    if (options.predecessor_correction)
      plot.predecessor.push_back(before < 0 ? -1 : place[static_cast<std::size_t>(before)]);
  }
  plot.height.push_back(std::numeric_limits<double>::infinity());
  clusters.hierarchy = detail::XiIntervals(plot).find();
  const std::vector<std::size_t> leaves = detail::link_parents(clusters.hierarchy);
  clusters.clusters = static_cast<std::int32_t>(leaves.size());
  clusters.labels = Labels::Constant(result.reachability.size(), noise);
  std::vector<Index> lowest;
  for (const std::size_t leaf : leaves) {
    const auto first = result.ordering.begin() + clusters.hierarchy[leaf].begin;
    const auto last = result.ordering.begin() + clusters.hierarchy[leaf].end;
    for (auto row = first; row != last; ++row) clusters.labels[*row] = static_cast<std::int32_t>(lowest.size());
    lowest.push_back(*std::min_element(first, last));
  }
  detail::number_by_lowest_row(clusters.labels, lowest);
  for (const std::size_t leaf : leaves) {
    XiCluster& cluster = clusters.hierarchy[leaf];
    cluster.label = clusters.labels[result.ordering[static_cast<std::size_t>(cluster.begin)]];
  }
  return clusters;
}

CORYMB_END
