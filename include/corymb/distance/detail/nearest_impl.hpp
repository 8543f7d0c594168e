#pragma once

#include <corymb/distance/detail/metric_values.hpp>
#include <corymb/distance/detail/nearest_rows.hpp>
#include <corymb/distance/detail/row_values.hpp>
#include <corymb/distance/nearest.hpp>

#include <algorithm>
#include <cmath>

CORYMB_BEGIN
namespace detail {

template <class Callable = void, class T>
void check_nearest(std::string_view function, const Points<T>& X, const Points<T>& C, const Execution& execution) {
  if (C.rows() < 1) reject(function, "C has 0 rows; at least 1 is needed");
  check_two<Callable>(function, X, "X", C, "C", execution);
}

/// The nearest by values of whole rows.
template <class T, class Values>
NearestResult<T> nearest_by_values(const Points<T>& X, const Points<T>& C, const Values& values, int threads) {
  NearestResult<T> result{Labels(X.rows()), Eigen::Matrix<T, Eigen::Dynamic, 1>(X.rows())};
  for_each_row_of_values(X, C.rows(), values, threads, [&](Index i, std::span<const T> row) {
    std::size_t label = 0;
    T least = row[0];
    for (std::size_t j = 1; j < row.size(); ++j) {
      if (!(row[j] < least)) continue;  // strictly: the lower index wins
      least = row[j];
      label = j;
    }
    result.labels[i] = static_cast<std::int32_t>(label);
    values.finish(&(result.distances[i] = least), 1);
  });
  return result;
}

/// The nearest by the kernel whose values decide.
template <class T, class Values>
NearestResult<T> nearest_by_kernel(const Points<T>& X, const Points<T>& C, PairValue kernel, const Values& values,
                                   int threads) {
  NearestResult<T> result{Labels(X.rows()), Eigen::Matrix<T, Eigen::Dynamic, 1>(X.rows())};
  std::vector<Scratch<T>> scratch(static_cast<std::size_t>(threads));
  parallel_for(threads, (X.rows() + rows_per_task - 1) / rows_per_task, [&](Index task, int worker) {
    const Index first = task * rows_per_task, last = std::min(first + rows_per_task, X.rows());
    T* distances = result.distances.data() + first;
    kernels::nearest_defined(compiled::NearestTask<T>{
        kernel, rows_view(X, first, last), nullptr, last - first, rows_view(C), result.labels.data() + first, distances,
        scratch[static_cast<std::size_t>(worker)].reserve(kernels::defined_scratch_size(T(), X.cols()))});
    values.finish(distances, last - first);
  });
  return result;
}

template <class T>
NearestResult<T> nearest_by_metric(std::string_view function, const Points<T>& X, const Points<T>& C, Metric metric,
                                   const Execution& execution) {
  check_nearest(function, X, C, execution);
  const int threads = resolve_threads(execution.threads);
  if (metric != Metric::euclidean) {
    const MetricValues<T> values(function, X, C, metric, "X", "C", threads);
    if (const auto kernel = values.deciding_kernel()) return nearest_by_kernel(X, C, *kernel, values, threads);
    return nearest_by_values(X, C, values, threads);
  }
  NearestResult<T> result{Labels(X.rows()), Eigen::Matrix<T, Eigen::Dynamic, 1>(X.rows())};
  assign_all(X, rows_view(C), threads, result.labels.data(), result.distances.data());
  kernels::square_roots(result.distances.data(), result.distances.size());
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
    values.finish(distance, m);
  });
  return result;
}

template <class Callable = void, class T>
void check_nearest_many(std::string_view function, const Points<T>& X, const Points<T>& C, Index m,
                        const Execution& execution) {
  check_nearest<Callable>(function, X, C, execution);
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
  detail::check_nearest<Callable>("nearest", x, c, execution);
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
  detail::check_nearest_many<Callable>("nearest_many", x, c, m, execution);
  return detail::nearest_many_by_values(x, c, m, detail::CallableValues<T, Callable>("nearest_many", x, c, f),
                                        resolve_threads(execution.threads));
}

CORYMB_END
