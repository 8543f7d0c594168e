#pragma once

#include <corymb/core/detail/memory.hpp>
#include <corymb/core/detail/validate.hpp>
#include <corymb/core/errors.hpp>
#include <corymb/core/execution.hpp>
#include <corymb/core/parallel.hpp>
#include <corymb/core/points.hpp>

#include <cmath>
#include <limits>
#include <string>
#include <string_view>

CORYMB_BEGIN
namespace detail {

/// The largest magnitude of an entry: the difference of two, and twice that, must be a finite double.
template <class T>
constexpr T largest_entry() {
  return sizeof(T) == sizeof(double) ? std::numeric_limits<T>::max() / 4 : std::numeric_limits<T>::max();
}

/// Throws for the first entry of X, in row order, that is NaN, infinite or too large.
template <class T>
void check_entries(std::string_view function, const Points<T>& X, int threads, std::string_view name) {
  constexpr T most = largest_entry<T>();
  const Chunks chunks(X.rows());
  parallel_for(threads, chunks.count(), [&](Index chunk) {  // of several exceptions the lowest chunk's is rethrown
    for (Index i = chunks.begin(chunk); i < chunks.end(chunk); ++i) {
      const T* x = X.row(i);
      Index good = 0;
      for (Index j = 0; j < X.cols(); ++j) good += std::abs(x[j]) <= most ? 1 : 0;
      if (good == X.cols()) continue;
      Index j = 0;
      while (std::abs(x[j]) <= most) ++j;
      const std::string entry = std::string(name) + "(" + to_text(i) + ", " + to_text(j) + ") = " + to_text(x[j]);
      if (!std::isfinite(x[j])) reject(function, entry + " must be finite");
      reject(function, entry + " is too large; entries must be within ±" + to_text(most) + " (scale the data)");
    }
  });
}

/// The view of new rows for a model of d columns, checked, and within the memory limit together with the result.
template <class T, class Derived>
Points<T> new_rows(std::string_view function, const Eigen::DenseBase<Derived>& X, std::string_view name, Index d,
                   Index result_columns, const Execution& execution) {
  require_threads(function, execution.threads);
  require_same_columns(function, name, X.cols(), "the model", d);
  require_columns(function, X.cols(), name);
  require_memory(function, packed_bytes(X) + matrix_bytes<T>(X.rows(), result_columns), execution.memory_limit,
                 "pass fewer rows at a time");
  Points<T> points(X);
  check_entries(function, points, resolve_threads(execution.threads), name);
  return points;
}

/// Rounds d values to row i of the result, and refuses those that overflow T.
template <class T>
void store_row(std::string_view function, const double* values, Index i, RowMatrix<T>& result) {
  T* row = result.data() + i * result.cols();
  Index good = 0;
  for (Index j = 0; j < result.cols(); ++j) {
    row[j] = static_cast<T>(values[j]);
    good += std::abs(row[j]) <= std::numeric_limits<T>::max() ? 1 : 0;
  }
  if (good == result.cols()) return;
  Index j = 0;
  while (std::isfinite(row[j])) ++j;
  throw NumericalError("corymb::" + std::string(function) + ": the value of row " + to_text(i) + ", column " +
                       to_text(j) + " of the result overflows");
}

}  // namespace detail
CORYMB_END
