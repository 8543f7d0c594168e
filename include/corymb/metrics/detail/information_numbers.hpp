#pragma once

#include <corymb/metrics/detail/compiled.hpp>
#include <corymb/metrics/detail/double_double.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>

CORYMB_BEGIN
namespace detail {

/// Entropy in nats of a labeling with these cluster sizes.
inline double entropy(const double* sizes, std::ptrdiff_t clusters, double total) {
  DoubleDouble sum;
  for (std::ptrdiff_t i = 0; i < clusters; ++i) sum += sizes[i] * std::log(total / sizes[i]);
  return sum.high / total;
}

/// Every sum has terms of one sign or close to it, so that what is small is still accurate: the conditional entropies
/// are not differences.
inline compiled::InformationNumbers information_numbers(const compiled::ContingencyView& table) {
  if (table.cells == 0) return {};
  DoubleDouble mutual, truth_given_predicted, predicted_given_truth;
  for (std::ptrdiff_t i = 0; i < table.cells; ++i) {
    const auto& [row, column, count] = table.cell[i];
    // One quotient of products: independent clusters give exactly log 1.
    mutual += count * std::log((table.total * count) / (table.row_sums[row] * table.column_sums[column]));
    truth_given_predicted += count * std::log(table.column_sums[column] / count);
    predicted_given_truth += count * std::log(table.row_sums[row] / count);
  }
  return {.truth_entropy = entropy(table.row_sums, table.rows, table.total),
          .predicted_entropy = entropy(table.column_sums, table.columns, table.total),
          .truth_given_predicted = truth_given_predicted.high / table.total,
          .predicted_given_truth = predicted_given_truth.high / table.total,
          .mutual_information = std::max(mutual.high / table.total, 0.0)};
}

}  // namespace detail
CORYMB_END
