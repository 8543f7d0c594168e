#pragma once

#include <corymb/core/detail/gather_rows.hpp>
#include <corymb/core/parallel.hpp>
#include <corymb/core/points.hpp>
#include <corymb/distance/detail/metric_values.hpp>

#include <algorithm>
#include <limits>
#include <numeric>
#include <string_view>
#include <vector>

CORYMB_BEGIN
namespace detail {

/// Row numbers in an order in which near rows stand together: halves by the median of the widest column, until at most
/// `leaf` rows are left.
template <class T>
std::vector<Index> spatial_order(const Points<T>& X, Index leaf) {
  std::vector<Index> order(static_cast<std::size_t>(X.rows()));
  std::iota(order.begin(), order.end(), Index{0});
  struct Part {
    Index begin, end;
  };
  std::vector<Part> parts = {{0, X.rows()}};
  std::vector<T> least(static_cast<std::size_t>(X.cols())), most(least.size());
  while (!parts.empty()) {
    const Part part = parts.back();
    parts.pop_back();
    if (part.end - part.begin <= leaf) continue;
    std::fill(least.begin(), least.end(), std::numeric_limits<T>::infinity());
    std::fill(most.begin(), most.end(), -std::numeric_limits<T>::infinity());
    for (Index i = part.begin; i < part.end; ++i) {
      const T* row = X.row(order[static_cast<std::size_t>(i)]);
      for (std::size_t j = 0; j < least.size(); ++j) {
        least[j] = std::min(least[j], row[j]);
        most[j] = std::max(most[j], row[j]);
      }
    }
    Index widest = 0;
    for (Index j = 1; j < X.cols(); ++j) {
      const auto a = static_cast<std::size_t>(j), b = static_cast<std::size_t>(widest);
      if (most[a] - least[a] > most[b] - least[b]) widest = j;
    }
    // Whole leaves on the left, so that all but the last one are full.
    const Index leaves = (part.end - part.begin + leaf - 1) / leaf;
    const Index middle = part.begin + (leaves + 1) / 2 * leaf;
    std::nth_element(order.begin() + part.begin, order.begin() + middle, order.begin() + part.end,
                     [&](Index a, Index b) {
                       const T x = X(a, widest), y = X(b, widest);
                       return x < y || (x == y && a < b);
                     });
    parts.push_back({part.begin, middle});
    parts.push_back({middle, part.end});
  }
  return order;
}

/// Rows in tiles of neighbours, each within a ball around their mean, for searches under a metric.
template <class T>
class PointTiles {
 public:
  static constexpr Index rows_per_tile = 64;

  /// @param X  in spatial order, tile after tile
  PointTiles(std::string_view function, const Points<T>& X, Metric metric, int threads) : X_(X) {
    centers_.resize(count(), X.cols());
    radius_.resize(static_cast<std::size_t>(count()));
    parallel_for(threads, count(), [&](Index tile) {
      Eigen::RowVectorXd sum = Eigen::RowVectorXd::Zero(X.cols());
      for (Index i = begin(tile); i < end(tile); ++i)
        for (Index j = 0; j < X.cols(); ++j) sum[j] += static_cast<double>(X(i, j));
      const Index rows = end(tile) - begin(tile);
      for (Index j = 0; j < X.cols(); ++j) centers_(tile, j) = static_cast<T>(sum[j] / static_cast<double>(rows));
      const Points<T> center(centers_.data() + tile * X.cols(), 1, X.cols(), X.cols());
      const Points<T> of_tile = view(tile);
      const MetricValues<T> values(function, of_tile, center, metric, "X", "X", 1);
      T distance[rows_per_tile];
      ValuesScratch scratch;
      values(0, rows, distance, scratch);
      values.finish(distance, rows);
      radius_[static_cast<std::size_t>(tile)] = *std::max_element(distance, distance + rows);
    });
  }

  Index count() const { return (X_.rows() + rows_per_tile - 1) / rows_per_tile; }
  Index begin(Index tile) const { return tile * rows_per_tile; }
  Index end(Index tile) const { return std::min((tile + 1) * rows_per_tile, X_.rows()); }
  /// The rows of a tile.
  Points<T> view(Index tile) const { return {X_.row(begin(tile)), end(tile) - begin(tile), X_.cols(), X_.stride()}; }

  const RowMatrix<T>& centers() const { return centers_; }
  /// No row of the tile is farther from its center, as distances are computed.
  T radius(Index tile) const { return radius_[static_cast<std::size_t>(tile)]; }

 private:
  const Points<T>& X_;
  RowMatrix<T> centers_;
  std::vector<T> radius_;
};

}  // namespace detail
CORYMB_END
