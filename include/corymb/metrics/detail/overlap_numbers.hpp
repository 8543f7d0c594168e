#pragma once

#include <corymb/metrics/detail/compiled.hpp>
#include <corymb/metrics/detail/double_double.hpp>

#include <algorithm>
#include <cstddef>
#include <vector>

CORYMB_BEGIN
namespace detail {

inline compiled::OverlapNumbers overlap_numbers(const compiled::ContingencyView& table) {
  if (table.cells == 0) return {1, 1, 1, 1, 1};
  std::vector<double> largest_of_column(static_cast<std::size_t>(table.columns)),
      largest_of_row(static_cast<std::size_t>(table.rows)), best_f_of_row(static_cast<std::size_t>(table.rows));
  DoubleDouble precision, recall;
  for (std::ptrdiff_t i = 0; i < table.cells; ++i) {
    const auto& [r, c, count] = table.cell[i];
    const auto row = static_cast<std::size_t>(r), column = static_cast<std::size_t>(c);
    largest_of_column[column] = std::max(largest_of_column[column], count);
    largest_of_row[row] = std::max(largest_of_row[row], count);
    best_f_of_row[row] = std::max(best_f_of_row[row], 2 * count / (table.row_sums[r] + table.column_sums[c]));
    precision += count * (count / table.column_sums[c]);
    recall += count * (count / table.row_sums[r]);
  }
  DoubleDouble purity, inverse_purity, f_measure;
  for (const double largest : largest_of_column) purity += largest;
  for (const double largest : largest_of_row) inverse_purity += largest;
  for (std::size_t row = 0; row < best_f_of_row.size(); ++row) f_measure += table.row_sums[row] * best_f_of_row[row];
  return {.purity = purity.high / table.total,
          .inverse_purity = inverse_purity.high / table.total,
          .f_measure = f_measure.high / table.total,
          .bcubed_precision = precision.high / table.total,
          .bcubed_recall = recall.high / table.total};
}

}  // namespace detail
CORYMB_END
