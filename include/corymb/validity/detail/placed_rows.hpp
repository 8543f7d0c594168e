#pragma once

#include <corymb/core/detail/gather_rows.hpp>
#include <corymb/distance/detail/metric_values.hpp>
#include <corymb/graph/minimum_spanning_tree.hpp>

#include <span>
#include <string_view>
#include <utility>
#include <vector>

CORYMB_BEGIN
namespace detail {

// Rows by their places, where those of a cluster stand side by side (see cluster_rows.hpp).
//   distances(from, to, out, scratch)  of the rows at places of one range to those of another, row by row
//   tree(cluster, options)             the minimum spanning tree of a range, whose rows it numbers from 0
//   selected(places)                   some of the rows, in this order

/// Rows under a metric. They have been checked.
template <class T>
class MetricRows {
 public:
  using Scalar = T;
  static constexpr bool is_symmetric = true;

  MetricRows(std::string_view function, RowMatrix<T> rows, Metric metric, int threads)
      : function_(function),
        rows_(std::move(rows)),
        points_(rows_),
        metric_(metric),
        threads_(threads),
        values_(function, points_, points_, metric, "X", "X", threads) {}
  MetricRows(const MetricRows&) = delete;
  MetricRows& operator=(const MetricRows&) = delete;

  void distances(RowRange from, RowRange to, T* out, ValuesScratch& scratch) const {
    values_(from.first, from.last, to, out, scratch);
    values_.finish(out, from.size() * to.size());
  }

  std::vector<Edge> tree(RowRange cluster, SpanningTreeOptions options) const {
    options.metric = metric_;
    return minimum_spanning_tree(
        Eigen::Map<const RowMatrix<T>>(points_.row(cluster.first), cluster.size(), points_.cols()), options);
  }

  MetricRows selected(std::span<const Index> places) const {
    return {function_, gather_rows(points_, places), metric_, threads_};
  }

 private:
  std::string_view function_;
  RowMatrix<T> rows_;
  Points<T> points_;
  Metric metric_;
  int threads_;
  MetricValues<T> values_;
};

/// Rows or objects by a distance of any two.
/// @tparam Distance  distance(i, j), checked; it need not be symmetric
template <class T, class Distance>
class PairRows {
 public:
  using Scalar = T;
  static constexpr bool is_symmetric = false;

  /// @param row  by place
  PairRows(std::vector<Index> row, const Distance& distance) : row_(std::move(row)), distance_(distance) {}

  void distances(RowRange from, RowRange to, T* out, ValuesScratch&) const {
    for (Index p = from.first; p < from.last; ++p)
      for (Index q = to.first; q < to.last; ++q) *out++ = at(p, q);
  }

  std::vector<Edge> tree(RowRange cluster, const SpanningTreeOptions& options) const {
    const auto distance = [&](Index i, Index j) { return at(cluster.first + i, cluster.first + j); };
    return minimum_spanning_tree(dissimilarity(cluster.size(), distance), options);
  }

  PairRows selected(std::span<const Index> places) const {
    std::vector<Index> row;
    for (const Index place : places) row.push_back(row_[static_cast<std::size_t>(place)]);
    return {std::move(row), distance_};
  }

 private:
  T at(Index p, Index q) const {
    return p == q ? T(0) : distance_(row_[static_cast<std::size_t>(p)], row_[static_cast<std::size_t>(q)]);
  }

  std::vector<Index> row_;
  const Distance& distance_;
};

}  // namespace detail
CORYMB_END
