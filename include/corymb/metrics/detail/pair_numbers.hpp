#pragma once

#include <corymb/metrics/detail/compiled.hpp>
#include <corymb/metrics/detail/double_double.hpp>

#include <cstddef>

CORYMB_BEGIN
namespace detail {

/// Pairs are counted as ordered ones, from squares of counts that a double would round.
inline compiled::PairNumbers pair_numbers(const compiled::ContingencyView& table) {
  DoubleDouble cells, rows, columns;
  for (std::ptrdiff_t i = 0; i < table.cells; ++i)
    cells += DoubleDouble::product(table.cell[i].count, table.cell[i].count);
  for (std::ptrdiff_t i = 0; i < table.rows; ++i) rows += DoubleDouble::product(table.row_sums[i], table.row_sums[i]);
  for (std::ptrdiff_t i = 0; i < table.columns; ++i)
    columns += DoubleDouble::product(table.column_sums[i], table.column_sums[i]);
  const DoubleDouble both = cells - table.total, truth_only = rows - cells, predicted_only = columns - cells,
                     neither = DoubleDouble::product(table.total, table.total) - rows - columns + cells;
  double adjusted = 1;
  if (!compiled::same_partition(table)) {
    const DoubleDouble agreement = both * neither - truth_only * predicted_only;
    const DoubleDouble scale =
        (both + truth_only) * (truth_only + neither) + (both + predicted_only) * (predicted_only + neither);
    adjusted = 2 * agreement.high / scale.high;
  }
  return {both.high / 2, truth_only.high / 2, predicted_only.high / 2, neither.high / 2, adjusted};
}

}  // namespace detail
CORYMB_END
