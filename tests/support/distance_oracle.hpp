#pragma once

#include <corymb/core/types.hpp>
#include <corymb/distance/metric.hpp>

#include "support/matrices.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

// Distances by their definition, one pair at a time, and what follows from them by looking at all pairs. Each rounded
// product passes through a volatile variable: no flag of the build lets the compiler fuse it into the addition.
namespace corymb_test {

using corymb::Metric;

template <class T>
T squared_distance(const T* x, const T* y, Index d) {
  T sum = 0;
  for (Index j = 0; j < d; ++j) {
    const T difference = x[j] - y[j];
    const volatile T square = difference * difference;
    sum += square;
  }
  return sum;
}

template <class T>
T dot_product(const T* x, const T* y, Index d) {
  T sum = 0;
  for (Index j = 0; j < d; ++j) {
    const volatile T product = x[j] * y[j];
    sum += product;
  }
  return sum;
}

/// The value that decides between neighbours: the squared distance for the Euclidean metric, else the distance.
template <class T>
T deciding_value(Metric metric, const T* x, const T* y, Index d) {
  if (metric == Metric::euclidean) return squared_distance(x, y, d);
  if (metric == Metric::cosine) {
    const auto xx = static_cast<double>(dot_product(x, x, d)), yy = static_cast<double>(dot_product(y, y, d));
    const double cosine = static_cast<double>(dot_product(x, y, d)) / std::sqrt(xx * yy);
    return static_cast<T>(1 - std::clamp(cosine, -1.0, 1.0));
  }
  T sum = 0;
  for (Index j = 0; j < d; ++j) {
    const T difference = std::abs(x[j] - y[j]);
    sum = metric == Metric::manhattan ? sum + difference : std::max(sum, difference);
  }
  return sum;
}

template <class T>
T distance_of(Metric metric, T deciding_value) {
  return metric == Metric::euclidean ? std::sqrt(deciding_value) : deciding_value;
}

template <class T>
RowMatrix<T> all_deciding_values(Metric metric, const RowMatrix<T>& X, const RowMatrix<T>& C) {
  RowMatrix<T> values(X.rows(), C.rows());
  for (Index i = 0; i < X.rows(); ++i)
    for (Index j = 0; j < C.rows(); ++j)
      values(i, j) = deciding_value(metric, X.data() + i * X.cols(), C.data() + j * C.cols(), X.cols());
  return values;
}

template <class T>
RowMatrix<T> all_distances(Metric metric, const RowMatrix<T>& X, const RowMatrix<T>& Y) {
  RowMatrix<T> values = all_deciding_values(metric, X, Y);
  for (Index i = 0; i < values.size(); ++i) values.data()[i] = distance_of(metric, values.data()[i]);
  return values;
}

/// The m nearest of every row, the lower index first among equal values.
template <class T>
struct Neighbours {
  RowMatrix<std::int32_t> indices;
  RowMatrix<T> distances;
};

template <class T>
Neighbours<T> neighbours_by_definition(Metric metric, const RowMatrix<T>& deciding_values, Index m) {
  const Index n = deciding_values.rows(), k = deciding_values.cols();
  Neighbours<T> result{RowMatrix<std::int32_t>(n, m), RowMatrix<T>(n, m)};
  std::vector<std::int32_t> order(static_cast<std::size_t>(k));
  for (Index i = 0; i < n; ++i) {
    const T* value = deciding_values.data() + i * k;
    std::iota(order.begin(), order.end(), 0);
    std::stable_sort(order.begin(), order.end(), [&](std::int32_t a, std::int32_t b) { return value[a] < value[b]; });
    for (Index place = 0; place < m; ++place) {
      result.indices(i, place) = order[static_cast<std::size_t>(place)];
      result.distances(i, place) = distance_of(metric, value[result.indices(i, place)]);
    }
  }
  return result;
}

template <class T>
struct NearestByDefinition {
  Labels labels;
  ColumnVector<T> distances;
};

template <class T>
NearestByDefinition<T> nearest_by_definition(Metric metric, const RowMatrix<T>& X, const RowMatrix<T>& C) {
  NearestByDefinition<T> result{Labels(X.rows()), ColumnVector<T>(X.rows())};
  for (Index i = 0; i < X.rows(); ++i) {
    T least = std::numeric_limits<T>::infinity();
    std::int32_t label = 0;
    for (Index j = 0; j < C.rows(); ++j) {
      const T value = deciding_value(metric, X.data() + i * X.cols(), C.data() + j * C.cols(), X.cols());
      if (!(value < least)) continue;
      least = value;
      label = static_cast<std::int32_t>(j);
    }
    result.labels[i] = label;
    result.distances[i] = distance_of(metric, least);
  }
  return result;
}

}  // namespace corymb_test
