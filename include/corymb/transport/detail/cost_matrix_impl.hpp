#pragma once

#include <corymb/core/detail/validate.hpp>
#include <corymb/distance/detail/metric_values.hpp>
#include <corymb/transport/cost_matrix.hpp>

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

CORYMB_BEGIN

template <class T>
CostMatrix<T>::CostMatrix(Index n, Index k, Rows compute) : rows_(n), cols_(k) {
  constexpr std::string_view function = "CostMatrix";
  if (n < 0) detail::reject(function, "n = " + detail::to_text(n) + " must be ≥ 0");
  if (k < 0) detail::reject(function, "k = " + detail::to_text(k) + " must be ≥ 0");
  if (!compute) detail::reject(function, "compute is empty; a function that writes costs is needed");
  compute_ = [k, compute = std::move(compute)](Index first_row, Index rows, Index first_column, Index columns, T* out) {
    if (columns == k) return compute(first_row, rows, out);
    std::vector<T> row(static_cast<std::size_t>(k));
    for (Index i = 0; i < rows; ++i) {
      compute(first_row + i, 1, row.data());
      std::copy_n(row.data() + first_column, columns, out + i * columns);
    }
  };
}

template <class T>
void CostMatrix<T>::block(Index first_row, Index rows, Index first_column, Index columns, T* out) const {
  if (rows == 0 || columns == 0) return;
  if (!stored_) return compute_(first_row, rows, first_column, columns, out);
  for (Index i = 0; i < rows; ++i) std::copy_n(stored_->row(first_row + i) + first_column, columns, out + i * columns);
}

namespace detail {

/// Distances of two sets of points, to a power.
template <class T>
class PointCosts {
 public:
  PointCosts(std::string_view function, Points<T> X, Points<T> C, const PointCostOptions& options)
      : X_(std::move(X)),
        C_(std::move(C)),
        values_(function, X_, C_, options.metric, "X", "C", resolve_threads(options.execution.threads)),
        values_are_costs_(options.power == 2 && options.metric.kind() == Metric::Kind::euclidean),
        squares_(options.power == 2) {}
  PointCosts(const PointCosts&) = delete;

  void operator()(Index first_row, Index rows, Index first_column, Index columns, T* out) const {
    ValuesScratch scratch;
    values_(first_row, first_row + rows, RowRange{first_column, first_column + columns}, out, scratch);
    if (values_are_costs_) return;
    values_.finish(out, rows * columns);
    for (Index i = 0; squares_ && i < rows * columns; ++i) out[i] *= out[i];
  }

 private:
  Points<T> X_;
  Points<T> C_;
  MetricValues<T> values_;
  bool values_are_costs_;  // as they decide: squared distances
  bool squares_;
};

/// The same as a matrix that is computed where it is wanted. X and C are checked already.
template <class T>
CostMatrix<T> costs_of_points(std::string_view function, Points<T> X, Points<T> C, const PointCostOptions& options) {
  const Index n = X.rows(), k = C.rows();
  const auto costs = std::make_shared<const PointCosts<T>>(function, std::move(X), std::move(C), options);
  return CostMatrix<T>(
      n, k,
      [&costs = *costs](Index first_row, Index rows, Index first_column, Index columns, T* out) {
        costs(first_row, rows, first_column, columns, out);
      },
      costs);
}

/// The squared distances of rows to centroids, both of which must outlive them and are checked already.
template <class T>
CostMatrix<T> squared_distance_costs(std::string_view function, const Points<T>& X, const RowMatrix<T>& centroids,
                                     int threads) {
  return costs_of_points(function, Points<T>(X.row(0), X.rows(), X.cols(), X.stride()), Points<T>(centroids),
                         {.execution = {.threads = threads}});
}

}  // namespace detail

template <class DerivedX, class DerivedC>
CostMatrix<typename DerivedX::Scalar> point_costs(const Eigen::DenseBase<DerivedX>& X,
                                                  const Eigen::DenseBase<DerivedC>& C,
                                                  const PointCostOptions& options) {
  using T = typename DerivedX::Scalar;
  constexpr std::string_view function = "point_costs";
  if (options.power != 1 && options.power != 2)
    detail::reject(function, "power = " + detail::to_text(options.power) + " must be 1 or 2");
  Points<T> x = detail::points_of(function, X, options.execution);
  Points<T> c = detail::points_of(function, C, options.execution);
  detail::check_two(function, x, "X", c, "C", options.execution);
  return detail::costs_of_points(function, std::move(x), std::move(c), options);
}

CORYMB_END
