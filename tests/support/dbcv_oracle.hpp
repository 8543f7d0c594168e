#pragma once

#include <corymb/core/types.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <map>
#include <tuple>
#include <vector>

namespace corymb_test {

/// DBCV in plain loops, straight from the paper and from what the library says about its open corners.
struct DbcvOracle {
  struct Cluster {
    std::vector<corymb::Index> rows;
    double validity = 0, sparseness = 0, separation = std::numeric_limits<double>::infinity();
    std::vector<corymb::Index> internal;
  };
  std::map<std::int64_t, Cluster> clusters;
  std::vector<double> core;
  double score = 0;

  /// @param D        n × n; D(i, j) as seen from i
  /// @param squares  likewise, for the Euclidean metric: spanning trees settle ties by them, and different squares may
  ///                 have one root
  template <class Matrix>
  DbcvOracle(const Matrix& D, const std::vector<std::int64_t>& labels, corymb::Index dimensions,
             const Matrix* squares = nullptr)
      : core(labels.size(), 0.0) {
    using corymb::Index;
    for (std::size_t i = 0; i < labels.size(); ++i)
      if (labels[i] >= 0) clusters[labels[i]].rows.push_back(static_cast<Index>(i));
    const auto distance = [&](Index i, Index j) { return static_cast<double>(std::min(D(i, j), D(j, i))); };
    const auto core_of = [&](Index i) -> double& { return core[static_cast<std::size_t>(i)]; };
    const auto reach = [&](Index i, Index j) { return std::max({core_of(i), core_of(j), distance(i, j)}); };
    for (auto& [label, cluster] : clusters) {
      const std::vector<Index>& rows = cluster.rows;
      if (rows.size() < 2) continue;
      const auto power = static_cast<long double>(dimensions);
      for (const Index i : rows) {
        std::vector<long double> terms;  // in ascending order, so that equal rows are equal whatever their order
        for (const Index j : rows)
          if (j != i) terms.push_back(std::pow(1 / static_cast<long double>(D(i, j)), power));
        std::sort(terms.begin(), terms.end());
        long double sum = 0;
        for (const long double term : terms) sum += term;
        core_of(i) = static_cast<double>(std::pow(sum / static_cast<long double>(rows.size() - 1), -1 / power));
      }
      // Prim: of edges of equal weight the one of the lesser distance, then of the lower rows.
      using Edge = std::tuple<double, double, Index, Index>;
      const auto edge = [&](Index i, Index j) {
        const double order = squares != nullptr ? static_cast<double>((*squares)(i, j)) : distance(i, j);
        return Edge(reach(i, j), order, std::min(i, j), std::max(i, j));
      };
      std::vector<Index> inside{rows.front()}, outside(rows.begin() + 1, rows.end());
      std::vector<Edge> tree;
      std::map<Index, int> degree;
      std::vector<Edge> best(outside.size());
      for (std::size_t o = 0; o < outside.size(); ++o) best[o] = edge(rows.front(), outside[o]);
      while (!outside.empty()) {
        const auto next = static_cast<std::size_t>(std::min_element(best.begin(), best.end()) - best.begin());
        const Index joined = outside[next];
        tree.push_back(best[next]);
        ++degree[std::get<2>(best[next])];
        ++degree[std::get<3>(best[next])];
        outside.erase(outside.begin() + static_cast<std::ptrdiff_t>(next));
        best.erase(best.begin() + static_cast<std::ptrdiff_t>(next));
        for (std::size_t o = 0; o < outside.size(); ++o) best[o] = std::min(best[o], edge(joined, outside[o]));
      }
      for (const Index i : rows)
        if (degree[i] > 1) cluster.internal.push_back(i);
      if (cluster.internal.empty()) cluster.internal = rows;
      bool any = false;
      double heaviest = 0;
      for (const auto& [weight, length, a, b] : tree) {
        heaviest = std::max(heaviest, weight);
        if (degree[a] < 2 || degree[b] < 2) continue;
        any = true;
        cluster.sparseness = std::max(cluster.sparseness, weight);
      }
      if (!any) cluster.sparseness = heaviest;
    }
    for (auto& [label, cluster] : clusters) {
      for (const auto& [other_label, other] : clusters)
        if (other_label != label)
          for (const Index i : cluster.internal)
            for (const Index j : other.internal) cluster.separation = std::min(cluster.separation, reach(i, j));
      const double larger = std::max(cluster.separation, cluster.sparseness);
      if (!std::isinf(larger) && larger > 0) cluster.validity = (cluster.separation - cluster.sparseness) / larger;
      score += cluster.validity * static_cast<double>(cluster.rows.size()) / static_cast<double>(labels.size());
    }
  }
};

}  // namespace corymb_test
