#pragma once

#include <corymb/core/detail/memory.hpp>
#include <corymb/core/detail/validate.hpp>
#include <corymb/core/parallel.hpp>
#include <corymb/transport/detail/check_costs.hpp>
#include <corymb/transport/detail/sinkhorn/side.hpp>
#include <corymb/transport/sinkhorn.hpp>

#include <string_view>
#include <vector>

CORYMB_BEGIN
namespace detail {

/// Calls use(i, values, largest) for every row of new costs: values are its shares in the columns, by their potentials
/// in units of the cost, relative to the largest one, which is `largest`.
template <class T, class Use>
void for_each_row_of_shares(std::string_view function, const Vector& column_potential, double epsilon,
                            const CostMatrix<T>& cost, const Execution& execution, const Use& use) {
  const Index k = column_potential.size(), width = padded_columns(k), most = cost_rows_per_block(k);
  require_threads(function, execution.threads);
  require_same_columns(function, "cost_new", cost.cols(), "the fit", k);
  const int threads = resolve_threads(execution.threads);
  std::vector<bool> receives;
  for (const double potential : column_potential) receives.push_back(potential > -infinite);
  const CostRange range = check_costs(function, cost, threads, {}, receives);
  for (Index i = 0; i < cost.rows(); ++i)
    if (!range.row_reachable[static_cast<std::size_t>(i)])
      reject(function, "row " + to_text(i) + " of cost_new has no finite cost to a column that receives mass");
  Vector columns = Vector::Constant(width, -infinite);
  columns.head(k) = column_potential / epsilon;
  // Shares do not change when all costs do.
  const double origin = range.lowest;
  const Chunks chunks = cost_chunks(cost.rows(), k);
  parallel_for(threads, chunks.count(), [&](Index chunk) {
    Scratch<double> values(most * width), by_row(2 * most);
    std::vector<T> buffer;
    for_each_cost_block(
        cost, chunks.begin(chunk), chunks.end(chunk), buffer,
        [&](Index first, Index count, const T* costs, Index stride) {
          double *largest = by_row.data(), *sums = largest + most;
          transport_kernels::exponentials(transport_kernels::ExponentialsTask<T>{.cost = {costs, count, k, stride},
                                                                                 .origin = origin,
                                                                                 .per_epsilon = 1 / epsilon,
                                                                                 .columns = columns.data(),
                                                                                 .values = values.data(),
                                                                                 .largest = largest,
                                                                                 .sums = sums});
          for (Index i = 0; i < count; ++i)
            use(first + i, static_cast<const double*>(values.data() + i * width), 1 / sums[i]);
        });
  });
}

/// The shares of all rows.
template <class T>
RowMatrix<T> shares_of_rows(std::string_view function, const Vector& column_potential, double epsilon,
                            const CostMatrix<T>& cost, const Execution& execution) {
  require_memory(function, matrix_bytes<T>(cost.rows(), cost.cols()), execution.memory_limit,
                 "corymb::predict gives labels alone");
  RowMatrix<T> shares(cost.rows(), cost.cols());
  for_each_row_of_shares(function, column_potential, epsilon, cost, execution,
                         [&](Index i, const double* values, double largest) {
                           for (Index j = 0; j < shares.cols(); ++j) shares(i, j) = static_cast<T>(values[j] * largest);
                         });
  return shares;
}

}  // namespace detail
CORYMB_END
