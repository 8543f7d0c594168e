#pragma once

#include <corymb/metrics/detail/compiled.hpp>

#include <algorithm>
#include <cstddef>
#include <functional>
#include <limits>
#include <queue>
#include <utility>
#include <vector>

CORYMB_BEGIN
namespace detail {

/// The one-to-one matching of rows and columns that has the most points, among the pairs that have any. Rows are added
/// one after another by a shortest path (as in solve_linear_assignment, with cost −count), but only the cells of the
/// table are walked, and a row may stay unmatched at cost 0: tables with a million clusters need no dense matrix.
/// Counts are integers, so all arithmetic is exact.
class ClusterMatching {
 public:
  ClusterMatching(const compiled::ContingencyView& table, std::ptrdiff_t* row_of_column)
      : cells_(table.cell),
        row_begin_(static_cast<std::size_t>(table.rows) + 1),
        column_of_row_(static_cast<std::size_t>(table.rows), unmatched),
        u_(static_cast<std::size_t>(table.rows)),
        v_(static_cast<std::size_t>(table.columns)),
        distance_(static_cast<std::size_t>(table.columns), infinity),
        previous_row_(static_cast<std::size_t>(table.columns)),
        row_of_column_(row_of_column) {
    std::fill_n(row_of_column, table.columns, unmatched);
    for (std::ptrdiff_t i = 0; i < table.cells; ++i) ++begin(cells_[i].row + 1);
    for (std::ptrdiff_t row = 0; row < table.rows; ++row) begin(row + 1) += begin(row);
    for (std::ptrdiff_t row = 0; row < table.rows; ++row) add(row);
  }

 private:
