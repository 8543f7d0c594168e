#pragma once

#include <corymb/metrics/detail/compiled.hpp>
#include <corymb/metrics/detail/double_double.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>

CORYMB_BEGIN
namespace detail {

/// Whether both labelings are one partition: every cluster of one side is a cluster of the other. So are two empty
/// ones.
inline bool same_partition(const compiled::ContingencyView& table) {
  return table.cells == table.rows && table.cells == table.columns;
}

/// Ordered pairs of different points, by whether the two points share a cluster.
struct PairCounts {
  DoubleDouble both;            ///< in the truth and in the prediction
  DoubleDouble truth_only;      ///< in the truth only
  DoubleDouble predicted_only;  ///< in the prediction only
  DoubleDouble neither;
};

inline PairCounts count_pairs(const compiled::ContingencyView& table) {
  DoubleDouble cells, rows, columns;
  for (std::ptrdiff_t i = 0; i < table.cells; ++i)
    cells += DoubleDouble::product(table.cell[i].count, table.cell[i].count);
  for (std::ptrdiff_t i = 0; i < table.rows; ++i) rows += DoubleDouble::product(table.row_sums[i], table.row_sums[i]);
  for (std::ptrdiff_t i = 0; i < table.columns; ++i)
    columns += DoubleDouble::product(table.column_sums[i], table.column_sums[i]);
  return {cells - table.total, rows - cells, columns - cells,
          DoubleDouble::product(table.total, table.total) - rows - columns + cells};
}

inline double adjusted_rand_index(const compiled::ContingencyView& table) {
  if (same_partition(table)) return 1;
  const auto [both, truth_only, predicted_only, neither] = count_pairs(table);
  const DoubleDouble agreement = both * neither - truth_only * predicted_only;
  const DoubleDouble scale =
      (both + truth_only) * (truth_only + neither) + (both + predicted_only) * (predicted_only + neither);
  return 2 * agreement.high / scale.high;
}

/// Entropy in nats of a labeling with these cluster sizes, times their total.
inline double total_entropy(const double* sizes, std::ptrdiff_t clusters, double total) {
  DoubleDouble sum;
  for (std::ptrdiff_t i = 0; i < clusters; ++i) sum += sizes[i] * std::log(total / sizes[i]);
  return sum.high;
}

/// Mutual information in nats, times the total.
inline double total_mutual_information(const compiled::ContingencyView& table) {
  DoubleDouble sum;
  for (std::ptrdiff_t i = 0; i < table.cells; ++i) {
    const auto& [row, column, count] = table.cell[i];
    // One quotient of products: independent clusters give exactly log 1.
    sum += count * std::log((table.total * count) / (table.row_sums[row] * table.column_sums[column]));
  }
  return std::max(sum.high, 0.0);
}

inline double normalized_mutual_information(const compiled::ContingencyView& table) {
  if (same_partition(table)) return 1;
  const double entropies = total_entropy(table.row_sums, table.rows, table.total) +
                           total_entropy(table.column_sums, table.columns, table.total);
  return std::min(2 * total_mutual_information(table) / entropies, 1.0);
}

}  // namespace detail
CORYMB_END
