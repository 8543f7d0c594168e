#pragma once

#include <corymb/core/parallel.hpp>
#include <corymb/core/points.hpp>
#include <corymb/transport/detail/check_costs.hpp>

CORYMB_BEGIN
namespace detail {

/// Σ_i plan_ij x_i / Σ_i plan_ij for every column that receives mass; the others keep their row of `previous`.
template <class T>
RowMatrix<double> barycentres(const Points<T>& X, const RowMatrix<T>& plan, const RowMatrix<double>& previous,
                              int threads) {
  const Index k = plan.cols(), d = X.cols();
  // One column more for the masses.
  const RowMatrix<double> sums =
      parallel_sum(threads, cost_chunks(X.rows(), k), RowMatrix<double>(RowMatrix<double>::Zero(k, d + 1)),
                   [&](Index begin, Index end) {
                     RowMatrix<double> part = RowMatrix<double>::Zero(k, d + 1);
                     for (Index i = begin; i < end; ++i)
                       for (Index j = 0; j < k; ++j) {
                         const double p = static_cast<double>(plan(i, j));
                         if (!(p > 0)) continue;
                         double* row = part.data() + j * (d + 1);
                         for (Index c = 0; c < d; ++c) row[c] += p * static_cast<double>(X(i, c));
                         row[d] += p;
                       }
                     return part;
                   });
  RowMatrix<double> result = previous;
  for (Index j = 0; j < k; ++j)
    if (sums(j, d) > 0) result.row(j) = sums.row(j).head(d) / sums(j, d);
  return result;
}

}  // namespace detail
CORYMB_END
