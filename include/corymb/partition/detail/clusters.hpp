#pragma once

#include <corymb/core/parallel.hpp>
#include <corymb/core/types.hpp>
#include <corymb/distance/cluster_sums.hpp>

#include <algorithm>
#include <vector>

CORYMB_BEGIN
namespace detail {

// What the runs of k-means on rows of any kind do with labels and sums. `weight`: by row, null = all one.

/// Whether an iteration sums all rows, or changes the sums by the rows that moved. It depends on the labels alone, so
/// that every run with the same labels has the same sums.
struct SumsRule {
  static constexpr Index most_moved = 8;   // beyond one row in so many, summing all is quicker
  static constexpr int most_updates = 16;  // of sums by moved rows, one after the other

  static bool sum_all(Index changed, Index n, int updates) {
    return changed > n / most_moved || updates >= most_updates;
  }
};

/// The weight of each cluster, added in the order of the rows.
inline Vector cluster_sizes(const Labels& labels, const double* weight, Index k) {
  Vector result = Vector::Zero(k);
  for (Index i = 0; i < labels.size(); ++i) result[labels[i]] += weight != nullptr ? weight[i] : 1.0;
  return result;
}

/// The same over chunks of rows: for sums that were updated. Weights that are no whole numbers leave roundings behind,
/// and an empty cluster must weigh exactly nothing.
inline void weigh_clusters(const Labels& labels, const double* weight, int threads, Vector& total) {
  const Index k = total.size();
  const Chunks chunks(labels.size(), std::max<Index>(16384, k));
  total = parallel_sum(threads, chunks, Vector(Vector::Zero(k)), [&](Index begin, Index end) -> Vector {
    Vector part = Vector::Zero(k);
    for (Index i = begin; i < end; ++i) part[labels[i]] += weight[i];
    return part;
  });
}

inline std::vector<Index> empty_clusters(const Vector& cluster_weights) {
  std::vector<Index> empty;
  for (Index c = 0; c < cluster_weights.size(); ++c)
    if (!(cluster_weights[c] > 0)) empty.push_back(c);
  return empty;
}

/// Moves every centroid to the mean of its cluster; an empty one stays. Returns Σ ‖movement‖².
template <class T>
double move_to_means(const ClusterSums& sums, RowMatrix<T>& centroids) {
  double moved = 0;
  for (Index c = 0; c < centroids.rows(); ++c) {
    if (!(sums.weights[c] > 0)) continue;
    for (Index j = 0; j < centroids.cols(); ++j) {
      const T mean = static_cast<T>(sums.sums(c, j) / sums.weights[c]);
      const double step = static_cast<double>(mean) - static_cast<double>(centroids(c, j));
      moved += step * step;
      centroids(c, j) = mean;
    }
  }
  return moved;
}

/// For every empty cluster, in order, the row that it gets: of `far`, the farthest first, each once. The only row of a
/// cluster stays: at most one for each cluster is passed over. Changes the weights, not the sums; the last empty
/// clusters may find no row.
inline std::vector<Index> choose_donors(const std::vector<Index>& empty, const std::vector<Index>& far,
                                        const double* weight, const Labels& labels, Vector& cluster_weights) {
  std::vector<Index> donors;
  for (const Index row : far) {
    if (donors.size() == empty.size()) break;
    const double row_weight = weight != nullptr ? weight[row] : 1.0;
    double& donor = cluster_weights[labels[row]];
    if (!(donor > row_weight)) continue;
    donor -= row_weight;
    cluster_weights[empty[donors.size()]] = row_weight;
    donors.push_back(row);
  }
  return donors;
}

/// The rows farthest from their centroids, at most as many as choose_donors may need, the lower one on ties. A row at
/// distance 0 would make an equal centroid and is left out.
/// @param far      rows of positive weight that may be among them.
/// @param squared  squared(row): of the row to its centroid.
template <class Squared>
std::vector<Index> farthest_of(std::vector<Index> far, std::size_t wanted, const Squared& squared) {
  std::erase_if(far, [&](Index row) { return !(squared(row) > 0); });
  wanted = std::min(far.size(), wanted);
  std::partial_sort(far.begin(), far.begin() + static_cast<std::ptrdiff_t>(wanted), far.end(),
                    [&](Index a, Index b) { return squared(a) != squared(b) ? squared(a) > squared(b) : a < b; });
  far.resize(wanted);
  return far;
}

}  // namespace detail
CORYMB_END
