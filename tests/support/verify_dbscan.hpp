#pragma once

#include <corymb/density/dbscan.hpp>

#include <algorithm>
#include <sstream>
#include <string>
#include <vector>

// What a result of DBSCAN must satisfy, checked from the definition in plain loops.
namespace verify {

using corymb::BorderPoints;
using corymb::DbscanResult;
using Eigen::Index;

/// Empty if the result is the one of DBSCAN for the distances D (n × n), else the first rule that is broken.
/// Weights must be such that their sums are exact.
template <class Distances>
std::string dbscan_error(const Distances& D, double eps, Index min_points, const DbscanResult& result,
                         BorderPoints border = BorderPoints::lowest_cluster, const corymb::Vector& weights = {}) {
  std::ostringstream why;
  const Index n = D.rows();
  if (result.labels.size() != n || static_cast<Index>(result.is_core.size()) != n) return "shapes";
  const auto weight = [&](Index i) { return weights.size() > 0 ? weights[i] : 1.0; };
  const auto near = [&](Index i, Index j) { return static_cast<double>(D(i, j)) <= eps; };
  const auto is_core = [&](Index i) { return result.is_core[static_cast<std::size_t>(i)]; };

  std::vector<bool> is_dense(static_cast<std::size_t>(n));
  for (Index i = 0; i < n; ++i) {
    double count = 0;
    for (Index j = 0; j < n; ++j) count += near(i, j) ? weight(j) : 0;
    is_dense[static_cast<std::size_t>(i)] = count >= static_cast<double>(min_points);
    if (is_core(i) == (is_dense[static_cast<std::size_t>(i)] && weight(i) > 0)) continue;
    why << "row " << i << " has " << count << " neighbours and is " << (is_core(i) ? "" : "not ") << "core";
    return why.str();
  }

  // Clusters are walked through from their lowest core row, in the order of these rows.
  std::vector<std::int32_t> cluster(static_cast<std::size_t>(n), -1);
  std::int32_t clusters = 0;
  for (Index first = 0; first < n; ++first) {
    if (!is_core(first) || cluster[static_cast<std::size_t>(first)] >= 0) continue;
    std::vector<Index> open{first};
    cluster[static_cast<std::size_t>(first)] = clusters;
    while (!open.empty()) {
      const Index i = open.back();
      open.pop_back();
      for (Index j = 0; j < n; ++j) {
        if (!is_core(j) || cluster[static_cast<std::size_t>(j)] >= 0 || !(near(i, j) || near(j, i))) continue;
        cluster[static_cast<std::size_t>(j)] = clusters;
        open.push_back(j);
      }
    }
    ++clusters;
  }
  if (result.clusters != clusters) {
    why << result.clusters << " clusters, there are " << clusters;
    return why.str();
  }
  for (Index i = 0; i < n; ++i) {
    std::int32_t expected = cluster[static_cast<std::size_t>(i)];
    const bool may_be_reached = border == BorderPoints::lowest_cluster || is_dense[static_cast<std::size_t>(i)];
    for (Index j = 0; j < n && !is_core(i) && may_be_reached; ++j)
      if (is_core(j) && near(i, j) && (expected < 0 || cluster[static_cast<std::size_t>(j)] < expected))
        expected = cluster[static_cast<std::size_t>(j)];
    if (result.labels[i] == expected) continue;
    why << "row " << i << " has label " << result.labels[i] << ", expected " << expected;
    return why.str();
  }
  return "";
}

}  // namespace verify
