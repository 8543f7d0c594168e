#pragma once

#include <corymb/preprocess/detail/column_statistics.hpp>
#include <corymb/preprocess/detail/new_rows.hpp>
#include <corymb/preprocess/standardize.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string_view>
#include <utility>
#include <vector>

CORYMB_BEGIN
namespace detail {

/// f(x, j) of every entry, in double.
template <class T, class F>
RowMatrix<T> map_entries(std::string_view function, const Points<T>& X, int threads, F f) {
  RowMatrix<T> result(X.rows(), X.cols());
  const Chunks chunks(X.rows());
  parallel_for(threads, chunks.count(), [&](Index chunk) {
    std::vector<double> values(static_cast<std::size_t>(X.cols()));
    for (Index i = chunks.begin(chunk); i < chunks.end(chunk); ++i) {
      const T* x = X.row(i);
      for (Index j = 0; j < X.cols(); ++j) values[static_cast<std::size_t>(j)] = f(static_cast<double>(x[j]), j);
      store_row(function, values.data(), i, result);
    }
  });
  return result;
}

template <class T>
RowMatrix<T> standardized(std::string_view function, const Points<T>& X, const Vector& means, const Vector& scales,
                          int threads) {
  const double *mean = means.data(), *scale = scales.data();
  return map_entries(function, X, threads, [=](double x, Index j) { return (x - mean[j]) / scale[j]; });
}

template <class T>
void check_model(std::string_view function, const Standardization<T>& model) {
  if (model.means.size() != model.scales.size())
    reject(function, "the model has " + to_text(model.means.size()) + " means and " + to_text(model.scales.size()) +
                         " scales; they must agree");
}

}  // namespace detail

template <class Derived>
Standardization<typename Derived::Scalar> standardize(const Eigen::DenseBase<Derived>& X,
                                                      const StandardizeOptions& options) {
  using T = typename Derived::Scalar;
  constexpr std::string_view function = "standardize";
  detail::require_threads(function, options.execution.threads);
  detail::require_columns(function, X.cols());
  if (X.rows() < 1) detail::reject(function, "X has 0 rows; at least 1 is needed");
  detail::check_weights(function, options.weights, X.rows());
  const Index partial = 3 * detail::chunks_of_rows(X.rows(), X.cols()).count() + 8;
  detail::require_memory(function,
                         detail::packed_bytes(X) + detail::matrix_bytes<T>(X.rows(), X.cols()) +
                             detail::matrix_bytes<double>(partial, X.cols()),
                         options.execution.memory_limit, "find means and scales from a sample and transform the rest");
  const Points<T> points(X);
  const int threads = resolve_threads(options.execution.threads);
  detail::check_entries(function, points, threads, "X");

  const double* weight = options.weights.size() > 0 ? options.weights.data() : nullptr;
  detail::ColumnStatistics statistics = detail::column_statistics(points, weight, threads);
  Standardization<T> result;
  result.means = std::move(statistics.means);
  result.scales.resize(X.cols());
  for (Index j = 0; j < X.cols(); ++j) {
    const double deviation = statistics.unit[j] * std::sqrt(statistics.squares[j] / statistics.weight);
    result.scales[j] = statistics.constant[static_cast<std::size_t>(j)]
                           ? 1.0
                           : std::max(deviation, std::numeric_limits<double>::denorm_min());
  }
  result.points = detail::standardized(function, points, result.means, result.scales, threads);
  return result;
}

template <class T, class Derived>
RowMatrix<T> transform(const Standardization<T>& model, const Eigen::DenseBase<Derived>& X_new,
                       const Execution& execution) {
  constexpr std::string_view function = "transform";
  detail::check_model(function, model);
  const Index d = model.means.size();
  const Points<T> points = detail::new_rows<T>(function, X_new, "X_new", d, d, execution);
  return detail::standardized(function, points, model.means, model.scales, resolve_threads(execution.threads));
}

template <class T, class Derived>
RowMatrix<T> inverse_transform(const Standardization<T>& model, const Eigen::DenseBase<Derived>& Z,
                               const Execution& execution) {
  constexpr std::string_view function = "inverse_transform";
  detail::check_model(function, model);
  const Index d = model.means.size();
  const Points<T> points = detail::new_rows<T>(function, Z, "Z", d, d, execution);
  const double *mean = model.means.data(), *scale = model.scales.data();
  return detail::map_entries(function, points, resolve_threads(execution.threads),
                             [=](double z, Index j) { return z * scale[j] + mean[j]; });
}

CORYMB_END
