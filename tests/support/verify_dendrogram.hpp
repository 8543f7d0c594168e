#pragma once

#include <corymb/hierarchy/agglomerative.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <sstream>
#include <string>
#include <vector>

// What a hierarchy by a linkage must satisfy, checked from the definitions in plain loops, and the greedy algorithm one
// merge at a time.
namespace verify {

using corymb::Index;
using corymb::Linkage;

/// A cluster of a greedy run.
struct Cluster {
  std::vector<Index> rows;
  std::int32_t node = 0;
  std::int32_t parts[2] = {-1, -1};  // nodes: of greedy(), that with the lower row first
};

/// By the definition of a linkage, all but weighted: from the rows of two clusters.
/// @param D  n × n, symmetric
/// @param w  weights, n
template <class Matrix>
double linkage_distance(Linkage linkage, const Matrix& D, const corymb::Vector& w, const std::vector<Index>& a,
                        const std::vector<Index>& b) {
  double least = std::numeric_limits<double>::infinity(), most = 0, between = 0, of_a = 0, of_b = 0;
  for (const Index i : a) of_a += w[i];
  for (const Index j : b) of_b += w[j];
  for (const Index i : a)
    for (const Index j : b) {
      const auto d = static_cast<double>(D(i, j));
      least = std::min(least, d);
      most = std::max(most, d);
      between += w[i] * w[j] * (linkage == Linkage::ward ? d * d : d);
    }
  if (linkage == Linkage::single) return least;
  if (linkage == Linkage::complete) return most;
  if (linkage == Linkage::average) return between / (of_a * of_b);
  // The squared distance of centroids: the mean of squares between, less those within, each pair counted once.
  const auto within = [&](const std::vector<Index>& c, double weight) {
    double sum = 0;
    for (const Index i : c)
      for (const Index j : c) sum += w[i] * w[j] * static_cast<double>(D(i, j)) * static_cast<double>(D(i, j));
    return sum / (2 * weight * weight);
  };
  const double squared = between / (of_a * of_b) - within(a, of_a) - within(b, of_b);
  return std::sqrt(std::max(0.0, 2 * of_a * of_b / (of_a + of_b) * squared));
}

/// Empty if the merges have the form of a hierarchy of n rows, else the first rule that is broken.
inline std::string form_error(const corymb::Dendrogram& tree) {
  const Index n = tree.rows, present = n - static_cast<Index>(tree.absent.size());
  if (static_cast<Index>(tree.merges.size()) != std::max<Index>(present - 1, 0)) return "number of merges";
  std::vector<int> used(static_cast<std::size_t>(n) + tree.merges.size(), 0);
  for (const std::int32_t row : tree.absent) ++used[static_cast<std::size_t>(row)];
  const auto size = [&](std::int32_t node) {
    return node < n ? 1 : tree.merges[static_cast<std::size_t>(node - n)].size;
  };
  for (std::size_t m = 0; m < tree.merges.size(); ++m) {
    const corymb::Merge& merge = tree.merges[m];
    std::ostringstream why;
    why << "merge " << m << ": ";
    if (merge.a < 0 || merge.a >= merge.b || merge.b >= n + static_cast<Index>(m)) return why.str() + "nodes";
    if (++used[static_cast<std::size_t>(merge.a)] > 1 || ++used[static_cast<std::size_t>(merge.b)] > 1)
      return why.str() + "a node that is used already";
    if (merge.size != size(merge.a) + size(merge.b)) return why.str() + "size";
    if (!(merge.height >= 0)) return why.str() + "height";
    if (m > 0 && merge.height < tree.merges[m - 1].height) return why.str() + "heights descend";
  }
  return "";
}

/// Empty if a hierarchy is that of a linkage: every merge has the height of the definition, and no other pair was
/// nearer, both up to rounding. Any order of ties passes.
/// @param D          n × n, symmetric
/// @param tolerance  relative to the largest distance
template <class Matrix>
std::string dendrogram_error(Linkage linkage, const Matrix& D, const corymb::Vector& weights,
                             const corymb::Dendrogram& tree, double tolerance) {
  if (const std::string error = form_error(tree); !error.empty()) return error;
  const Index n = tree.rows;
  if (D.rows() != n) return "number of rows";
  const corymb::Vector w = weights.size() > 0 ? weights : corymb::Vector(corymb::Vector::Ones(n));
  const double largest = n > 0 ? static_cast<double>(D.maxCoeff()) : 0.0;
  const double slack = tolerance * largest * std::sqrt(std::max(1.0, w.size() > 0 ? w.sum() : 1.0));
  std::vector<Cluster> clusters;
  for (Index i = 0; i < n; ++i)
    if (std::find(tree.absent.begin(), tree.absent.end(), i) == tree.absent.end())
      clusters.push_back({.rows = {i}, .node = static_cast<std::int32_t>(i)});
  // Distances of clusters: by the definition; of weighted, which has none but its own, by its recurrence.
  std::vector<std::vector<double>> between(clusters.size(), std::vector<double>(clusters.size()));
  for (std::size_t x = 0; x < clusters.size(); ++x)
    for (std::size_t y = 0; y < clusters.size(); ++y)
      if (x != y)
        between[x][y] = linkage == Linkage::weighted
                            ? static_cast<double>(D(clusters[x].rows[0], clusters[y].rows[0]))
                            : linkage_distance(linkage, D, w, clusters[x].rows, clusters[y].rows);
  for (std::size_t m = 0; m < tree.merges.size(); ++m) {
    const corymb::Merge& merge = tree.merges[m];
    std::ostringstream why;
    why << "merge " << m << ": ";
    const auto find = [&](std::int32_t node) {
      return static_cast<std::size_t>(
          std::find_if(clusters.begin(), clusters.end(), [&](const Cluster& c) { return c.node == node; }) -
          clusters.begin());
    };
    const std::size_t a = find(merge.a), b = find(merge.b);
    why << "of " << merge.a << " and " << merge.b << " at " << merge.height;
    if (std::abs(merge.height - between[a][b]) > slack) {
      why << ", whose distance is " << between[a][b];
      return why.str();
    }
    for (std::size_t x = 0; x < clusters.size(); ++x)
      for (std::size_t y = 0; y < x; ++y)
        if (between[x][y] < merge.height - slack) {
          why << ", when " << clusters[x].node << " and " << clusters[y].node << " were at " << between[x][y];
          return why.str();
        }
    clusters[a].rows.insert(clusters[a].rows.end(), clusters[b].rows.begin(), clusters[b].rows.end());
    clusters[a].node = static_cast<std::int32_t>(n + static_cast<Index>(m));
    for (std::size_t x = 0; x < clusters.size(); ++x) {
      if (x == a || x == b) continue;
      between[a][x] = between[x][a] = linkage == Linkage::weighted
                                          ? (between[a][x] + between[b][x]) / 2
                                          : linkage_distance(linkage, D, w, clusters[a].rows, clusters[x].rows);
    }
    clusters.erase(clusters.begin() + static_cast<std::ptrdiff_t>(b));
    between.erase(between.begin() + static_cast<std::ptrdiff_t>(b));
    for (auto& row : between) row.erase(row.begin() + static_cast<std::ptrdiff_t>(b));
  }
  return "";
}

/// The greedy algorithm: of all pairs the one of the least key, the least distance, then the lower row of the two
/// clusters, then the higher one; a cluster's row is its lowest. O(n³).
/// @param distance  distance(a, b) of two clusters by their rows, a having the lower row; what decides
/// @param height    height(value)
template <class Distance, class Height>
corymb::Dendrogram greedy(Index n, const Distance& distance, const Height& height) {
  std::vector<Cluster> clusters;
  for (Index i = 0; i < n; ++i) clusters.push_back({.rows = {i}, .node = static_cast<std::int32_t>(i)});
  corymb::Dendrogram tree{n, {}, {}};
  std::vector<std::vector<double>> between(static_cast<std::size_t>(n),
                                           std::vector<double>(static_cast<std::size_t>(n)));
  for (std::size_t a = 0; a < clusters.size(); ++a)
    for (std::size_t b = a + 1; b < clusters.size(); ++b) between[a][b] = distance(clusters[a], clusters[b]);
  while (clusters.size() > 1) {
    std::size_t a = 0, b = 1;  // clusters stand by ascending lowest rows
    for (std::size_t x = 0; x < clusters.size(); ++x)
      for (std::size_t y = x + 1; y < clusters.size(); ++y)
        if (between[x][y] < between[a][b]) a = x, b = y;
    const std::int32_t low = std::min(clusters[a].node, clusters[b].node),
                       high = std::max(clusters[a].node, clusters[b].node);
    std::vector<Index>& rows = clusters[a].rows;
    rows.insert(rows.end(), clusters[b].rows.begin(), clusters[b].rows.end());
    clusters[a].parts[0] = clusters[a].node;
    clusters[a].parts[1] = clusters[b].node;
    clusters[a].node = static_cast<std::int32_t>(n + static_cast<Index>(tree.merges.size()));
    tree.merges.push_back({low, high, static_cast<std::int32_t>(rows.size()), height(between[a][b])});
    clusters.erase(clusters.begin() + static_cast<std::ptrdiff_t>(b));
    between.erase(between.begin() + static_cast<std::ptrdiff_t>(b));
    for (auto& row : between) row.erase(row.begin() + static_cast<std::ptrdiff_t>(b));
    for (std::size_t x = 0; x < clusters.size(); ++x)
      if (x != a)
        between[std::min(a, x)][std::max(a, x)] = distance(clusters[std::min(a, x)], clusters[std::max(a, x)]);
  }
  return tree;
}

}  // namespace verify
