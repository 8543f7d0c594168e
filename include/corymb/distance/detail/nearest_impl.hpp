#pragma once

#include <corymb/distance/detail/nearest_rows.hpp>
#include <corymb/distance/detail/row_values.hpp>
#include <corymb/distance/nearest.hpp>

#include <algorithm>
#include <cmath>

CORYMB_BEGIN
namespace detail {

template <class T>
void check_nearest(std::string_view function, const Points<T>& X, const Points<T>& C, const Execution& execution) {
  if (C.rows() < 1) reject(function, "C has 0 rows; at least 1 is needed");
  check_two(function, X, "X", C, "C", execution);
}

/// The nearest by values of whole rows.
template <class T, class Values>
NearestResult<T> nearest_by_values(const Points<T>& X, const Points<T>& C, const Values& values, int threads) {
  NearestResult<T> result{Labels(X.rows()), Eigen::Matrix<T, Eigen::Dynamic, 1>(X.rows())};
  for_each_row_of_values(X, C.rows(), values, threads, [&](Index i, std::span<const T> row) {
    const auto best = std::min_element(row.begin(), row.end());  // the first of equal ones
    result.labels[i] = static_cast<std::int32_t>(best - row.begin());
    result.distances[i] = values.finish(*best);
  });
  return result;
}

template <class T>
NearestResult<T> nearest_by_metric(std::string_view function, const Points<T>& X, const Points<T>& C, Metric metric,
                                   const Execution& execution) {
  check_nearest(function, X, C, execution);
  const int threads = resolve_threads(execution.threads);
  if (metric != Metric::euclidean)
    return nearest_by_values(X, C, MetricValues<T>(function, X, C, metric, "X", "C", threads), threads);
  NearestResult<T> result{Labels(X.rows()), Eigen::Matrix<T, Eigen::Dynamic, 1>(X.rows())};
  assign_all(X, rows_view(C), threads, result.labels.data(), result.distances.data());
  for (T& distance : result.distances) distance = std::sqrt(distance);  // Eigen's vector square root is not exact
  return result;
}

template <class T, class Values>
NearestManyResult<T> nearest_many_by_values(const Points<T>& X, const Points<T>& C, Index m, const Values& values,
                                            int threads) {
  NearestManyResult<T> result{RowMatrix<std::int32_t>(X.rows(), m), RowMatrix<T>(X.rows(), m)};
  for_each_row_of_values(X, C.rows(), values, threads, [&](Index i, std::span<const T> row) {
    std::int32_t* index = result.indices.data() + i * m;
    T* distance = result.distances.data() + i * m;
    Index found = 0;
    for (Index j = 0; j < C.rows(); ++j) {
      const T value = row[static_cast<std::size_t>(j)];
      if (found == m && !(value < distance[m - 1])) continue;
      Index place = found < m ? found++ : m - 1;
      for (; place > 0 && value < distance[place - 1]; --place) {
        distance[place] = distance[place - 1];
        index[place] = index[place - 1];
      }
      distance[place] = value;
      index[place] = static_cast<std::int32_t>(j);
    }
    for (Index place = 0; place < m; ++place) distance[place] = values.finish(distance[place]);
  });
  return result;
}

template <class T>
void check_nearest_many(std::string_view function, const Points<T>& X, const Points<T>& C, Index m,
                        const Execution& execution) {
  check_nearest(function, X, C, execution);
  if (m < 1 || m > C.rows()) reject(function, "m = " + to_text(m) + " must be in [1, k = " + to_text(C.rows()) + "]");
  require_memory(function, static_cast<double>(X.rows()) * static_cast<double>(m) * (sizeof(T) + sizeof(std::int32_t)),
                 execution.memory_limit, "ask for fewer neighbours, or for the rows of X in parts");
}

template <class T>
NearestManyResult<T> nearest_many_by_metric(std::string_view function, const Points<T>& X, const Points<T>& C, Index m,
                                            Metric metric, const Execution& execution) {
  check_nearest_many(function, X, C, m, execution);
  const int threads = resolve_threads(execution.threads);
  return nearest_many_by_values(X, C, m, MetricValues<T>(function, X, C, metric, "X", "C", threads), threads);
}

}  // namespace detail

template <class DerivedX, class DerivedC>
NearestResult<typename DerivedX::Scalar> nearest(const Eigen::DenseBase<DerivedX>& X,
                                                 const Eigen::DenseBase<DerivedC>& C, Metric metric,
                                                 const Execution& execution) {
  using T = typename DerivedX::Scalar;
  return detail::nearest_by_metric<T>("nearest", detail::points_of("nearest", X, execution),
                                      detail::points_of("nearest", C, execution), metric, execution);
}

template <class DerivedX, class DerivedC, class Callable>
requires std::is_invocable_v<const Callable&, std::span<const typename DerivedX::Scalar>,
                             std::span<const typename DerivedX::Scalar>>
    NearestResult<typename DerivedX::Scalar> nearest(const Eigen::DenseBase<DerivedX>& X,
                                                     const Eigen::DenseBase<DerivedC>& C, const Callable& f,
                                                     const Execution& execution) {
  using T = typename DerivedX::Scalar;
  const Points<T> x = detail::points_of("nearest", X, execution), c = detail::points_of("nearest", C, execution);
  detail::check_nearest("nearest", x, c, execution);
  return detail::nearest_by_values(x, c, detail::CallableValues<T, Callable>("nearest", x, c, f),
                                   resolve_threads(execution.threads));
}

template <class DerivedX, class DerivedC>
NearestManyResult<typename DerivedX::Scalar> nearest_many(const Eigen::DenseBase<DerivedX>& X,
                                                          const Eigen::DenseBase<DerivedC>& C, Index m, Metric metric,
                                                          const Execution& execution) {
  using T = typename DerivedX::Scalar;
  return detail::nearest_many_by_metric<T>("nearest_many", detail::points_of("nearest_many", X, execution),
                                           detail::points_of("nearest_many", C, execution), m, metric, execution);
}

template <class DerivedX, class DerivedC, class Callable>
requires std::is_invocable_v<const Callable&, std::span<const typename DerivedX::Scalar>,
                             std::span<const typename DerivedX::Scalar>>
    NearestManyResult<typename DerivedX::Scalar> nearest_many(const Eigen::DenseBase<DerivedX>& X,
                                                              const Eigen::DenseBase<DerivedC>& C, Index m,
                                                              const Callable& f, const Execution& execution) {
  using T = typename DerivedX::Scalar;
  const Points<T> x = detail::points_of("nearest_many", X, execution);
  const Points<T> c = detail::points_of("nearest_many", C, execution);
  detail::check_nearest_many("nearest_many", x, c, m, execution);
  return detail::nearest_many_by_values(x, c, m, detail::CallableValues<T, Callable>("nearest_many", x, c, f),
                                        resolve_threads(execution.threads));
}

CORYMB_END
