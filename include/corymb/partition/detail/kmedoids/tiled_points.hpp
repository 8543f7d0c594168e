#pragma once

#include <corymb/core/detail/gather_rows.hpp>
#include <corymb/distance/detail/distance_columns.hpp>
#include <corymb/partition/detail/kmedoids/point_tiles.hpp>

#include <string_view>
#include <vector>

CORYMB_BEGIN
namespace detail {

/// Points whose distances are computed when they are needed, under a metric that obeys the triangle inequality.
template <class T>
struct MetricPoints {
  const Points<T>& X;
  Metric metric;
};

/// A copy of such points in spatial order.
template <class T>
struct TiledPoints {
  Metric metric;
  std::vector<Index> order;  // the row that stands at a place
  RowMatrix<T> rows;
  Points<T> view;
  PointColumns<T> columns;
  std::vector<double> weights;  // by place; empty = all 1

  /// @param weight  by row; null = all 1
  TiledPoints(std::string_view function, const MetricPoints<T>& points, const double* weight, int threads)
      : metric(points.metric),
        order(spatial_order(points.X, PointTiles<T>::rows_per_tile)),
        rows(gather_rows<T>(points.X, order)),
        view(rows),
        columns(function, view, metric, threads) {
    if (weight == nullptr) return;
    for (const Index row : order) weights.push_back(weight[row]);
  }
  TiledPoints(const TiledPoints&) = delete;  // parts of it refer to others
  TiledPoints& operator=(const TiledPoints&) = delete;

  const double* weight() const { return weights.empty() ? nullptr : weights.data(); }

  /// Where rows stand.
  std::vector<Index> to_places(const std::vector<Index>& numbers) const {
    std::vector<Index> place_of(order.size()), places;
    for (std::size_t place = 0; place < order.size(); ++place)
      place_of[static_cast<std::size_t>(order[place])] = static_cast<Index>(place);
    for (const Index number : numbers) places.push_back(place_of[static_cast<std::size_t>(number)]);
    return places;
  }
};

}  // namespace detail
CORYMB_END
