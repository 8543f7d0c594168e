#pragma once

#include <corymb/density/detail/hdbscan/select_impl.hpp>
#include <corymb/density/hdbscan_predict.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

CORYMB_BEGIN
namespace detail {

/// Up to which λ a row of a cluster of the tree is together with each selected cluster, as long as it is in its own.
class Togetherness {
 public:
  Togetherness(const CondensedTree& tree, const std::vector<std::int32_t>& selected)
      : tree_(tree), selected_(selected), is_above_(tree.parent.size(), 0) {}

  /// @param together  one number for each selected cluster
  void of_cluster(std::int32_t cluster, std::vector<double>& together) {
    for (Index c = cluster; c >= 0; c = tree_.parent[at(c)]) is_above_[at(c)] = 1;
    for (std::size_t label = 0; label < selected_.size(); ++label) {
      Index meeting = selected_[label];
      while (is_above_[at(meeting)] == 0) meeting = tree_.parent[at(meeting)];
      const bool is_below = meeting == selected_[label];  // the row's cluster is this one, or part of it
      together[label] =
          !is_below && meeting == cluster ? std::numeric_limits<double>::infinity() : tree_.death[at(meeting)];
    }
    for (Index c = cluster; c >= 0; c = tree_.parent[at(c)]) is_above_[at(c)] = 0;
  }

 private:
  static std::size_t at(Index number) { return static_cast<std::size_t>(number); }

  const CondensedTree& tree_;
  const std::vector<std::int32_t>& selected_;
  std::vector<char> is_above_;  // by cluster: whether it is the one asked for or above it
};

/// The memberships of a row at λ.
/// @param together  see Togetherness
/// @param out       one number for each selected cluster
inline void share_membership(const HdbscanResult& result, const std::vector<double>& together, double lambda,
                             double* out) {
  const std::size_t clusters = together.size();
  std::size_t nearest = 0;
  for (std::size_t label = 0; label < clusters; ++label) {
    out[label] = std::min(together[label], lambda);
    if (out[label] > out[nearest]) nearest = label;
  }
  const double most = out[nearest];
  const double death = result.condensed_tree.death[static_cast<std::size_t>(result.selected[nearest])];
  const double in_some = most >= death ? 1 : most / death;
  double total = 0;
  for (std::size_t label = 0; label < clusters; ++label) {
    // Relative to the largest, which may be infinite.
    const double part = out[label] == most ? 1 : out[label] / most;
    out[label] = part * part;
    total += out[label];
  }
  for (std::size_t label = 0; label < clusters; ++label) out[label] *= in_some / total;
}

inline RowMatrix<double> memberships_at(const HdbscanResult& result, const std::vector<std::int32_t>& cluster,
                                        const std::vector<double>& lambda) {
  RowMatrix<double> shares = RowMatrix<double>::Zero(static_cast<Index>(cluster.size()), result.clusters);
  if (result.clusters == 0) return shares;
  std::vector<std::size_t> order(cluster.size());  // rows of one cluster of the tree together
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return cluster[a] < cluster[b]; });
  Togetherness togetherness(result.condensed_tree, result.selected);
  std::vector<double> together(static_cast<std::size_t>(result.clusters));
  std::int32_t known = -1;
  for (const std::size_t row : order) {
    if (cluster[row] < 0 || !(lambda[row] > 0)) continue;
    if (cluster[row] != known) togetherness.of_cluster(known = cluster[row], together);
    share_membership(result, together, lambda[row], shares.row(static_cast<Index>(row)).data());
  }
  return shares;
}

}  // namespace detail

inline RowMatrix<double> memberships(const HdbscanResult& result) {
  return detail::memberships_at(result, result.condensed_tree.row_cluster, result.condensed_tree.row_lambda);
}

inline RowMatrix<double> memberships(const HdbscanResult& result, const HdbscanPlaces& places) {
  return detail::memberships_at(result, places.cluster, places.lambda);
}

CORYMB_END
