#pragma once

#include <corymb/core/detail/validate.hpp>
#include <corymb/core/points.hpp>
#include <corymb/distance/detail/check_points.hpp>
#include <corymb/distance/gower.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string_view>

CORYMB_BEGIN

template <class T>
template <class Derived>
Gower<T>::Gower(const Eigen::DenseBase<Derived>& X, const GowerOptions& options) {
  constexpr std::string_view function = "Gower";
  const Points<T> points(X);
  const Index d = points.cols();
  detail::require_columns(function, d);
  const auto require_size = [&](std::string_view name, Index size) {
    if (size != 0 && size != d)
      detail::reject(function, std::string(name) + " has " + detail::to_text(size) +
                                   " entries; one per column, d = " + detail::to_text(d) + ", is needed");
  };
  require_size("columns", static_cast<Index>(options.columns.size()));
  require_size("weights", options.weights.size());
  double total = 0;
  for (Index j = 0; j < options.weights.size(); ++j) {
    const double weight = options.weights[j];
    if (!(weight >= 0) || std::isinf(weight))
      detail::reject(function,
                     "weights(" + detail::to_text(j) + ") = " + detail::to_text(weight) + " must be finite and ≥ 0");
    total += weight;
  }
  if (options.weights.size() > 0 && !(total > 0))
    detail::reject(function, "weights are all 0; at least one must be > 0");
  detail::check_points_with_missing(function, points, 1);
  for (Index j = 0; j < d; ++j) {
    double least = std::numeric_limits<double>::infinity(), most = -least;
    for (Index i = 0; i < points.rows(); ++i) {
      const auto value = static_cast<double>(points(i, j));
      if (std::isnan(value)) continue;
      least = std::min(least, value);
      most = std::max(most, value);
    }
    columns_.push_back({options.columns.empty() ? GowerColumn::numeric : options.columns[static_cast<std::size_t>(j)],
                        options.weights.size() > 0 ? options.weights[j] : 1.0, most > least ? most - least : 0.0});
  }
}

template <class T>
T Gower<T>::operator()(std::span<const T> x, std::span<const T> y) const {
  double sum = 0, weight = 0;
  for (std::size_t j = 0; j < columns_.size(); ++j) {
    const auto a = static_cast<double>(x[j]), b = static_cast<double>(y[j]);
    if (std::isnan(a) || std::isnan(b)) continue;
    const Column& column = columns_[j];
    if (column.kind == GowerColumn::asymmetric_binary && a == 0 && b == 0) continue;
    weight += column.weight;
    if (column.kind != GowerColumn::numeric)
      sum += a != b ? column.weight : 0.0;
    else if (column.range > 0)
      sum += column.weight * std::min(1.0, std::abs(a - b) / column.range);
  }
  return weight > 0 ? static_cast<T>(sum / weight) : std::numeric_limits<T>::quiet_NaN();
}

CORYMB_END
