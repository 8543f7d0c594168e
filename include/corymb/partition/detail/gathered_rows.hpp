#pragma once

#include <corymb/core/parallel.hpp>
#include <corymb/core/points.hpp>

#include <algorithm>

CORYMB_BEGIN
namespace detail {

/// Some rows of a matrix, and their weights, in contiguous memory.
template <class T>
struct GatheredRows {
  RowMatrix<T> rows;
  Vector weights;  // empty = all one

  const double* weight() const { return weights.size() > 0 ? weights.data() : nullptr; }
};

/// row_of(i): the number of the i-th row to take, i < count. weight: of all rows, null = all one.
template <class T, class RowOf>
void gather_rows(const Points<T>& X, const double* weight, Index count, int threads, const RowOf& row_of,
                 GatheredRows<T>& out) {
  const Index d = X.cols();
  out.rows.resize(count, d);
  if (weight != nullptr) out.weights.resize(count);
  const Chunks tasks(count, std::max<Index>(65536 / d, 1), count);
  parallel_for(threads, tasks.count(), [&](Index task) {
    for (Index i = tasks.begin(task); i < tasks.end(task); ++i) {
      const Index row = row_of(i);
      std::copy_n(X.row(row), d, out.rows.data() + i * d);
      if (weight != nullptr) out.weights[i] = weight[row];
    }
  });
}

}  // namespace detail
CORYMB_END
