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

/// The one-to-one matching of rows and columns that covers the most points. Only pairs that have points in common are
/// matched. Fills row_of_column, -1 = unmatched, and returns the number of points covered.
///
/// As solve_linear_assignment with cost(i, j) = −count, but the search walks the cells of the table only and a row may
/// stay unmatched at cost 0, so that tables with a million clusters need no dense matrix.
inline double match_clusters(const compiled::ContingencyView& table, std::ptrdiff_t* row_of_column) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  constexpr std::ptrdiff_t unmatched = -1;
  const auto rows = static_cast<std::size_t>(table.rows), columns = static_cast<std::size_t>(table.columns);

  std::vector<std::ptrdiff_t> row_begins(rows + 1), columns_of_rows(rows, unmatched), previous_rows(columns);
  std::vector<double> row_potentials(rows), column_potentials(columns), distances(columns, infinity);
  std::vector<char> reached_flags(columns);
  std::ptrdiff_t* const row_begin = row_begins.data();
  std::ptrdiff_t* const column_of_row = columns_of_rows.data();
  std::ptrdiff_t* const previous = previous_rows.data();
  double* const u = row_potentials.data();
  double* const v = column_potentials.data();
  double* const distance = distances.data();
  char* const is_reached = reached_flags.data();

  std::fill_n(row_of_column, columns, unmatched);
  for (std::ptrdiff_t at = 0; at < table.cells; ++at) ++row_begin[table.cell[at].row + 1];
  for (std::ptrdiff_t row = 0; row < table.rows; ++row) row_begin[row + 1] += row_begin[row];

  using Step = std::pair<double, std::ptrdiff_t>;  // distance, column
  std::vector<std::ptrdiff_t> seen, reached;       // columns with a distance; those whose distance is final
  for (std::ptrdiff_t start = 0; start < table.rows; ++start) {
    std::priority_queue<Step, std::vector<Step>, std::greater<>> queue;
    double end_distance = infinity;
    std::ptrdiff_t end_row = start, end_column = unmatched;
    double travelled = 0;
    for (std::ptrdiff_t i = start;;) {
      const double offset = travelled - u[i];
      if (offset < end_distance) {  // the path ends with row i unmatched
        end_distance = offset;
        end_row = i;
        end_column = unmatched;
      }
      for (std::ptrdiff_t at = row_begin[i]; at < row_begin[i + 1]; ++at) {
        const std::ptrdiff_t j = table.cell[at].column;
        const double through_i = offset - table.cell[at].count - v[j];
        if (row_of_column[j] == unmatched) {
          if (through_i < end_distance || (through_i == end_distance && end_column == unmatched)) {
            end_distance = through_i;
            end_row = i;
            end_column = j;
          }
        } else if (!is_reached[j] && through_i < distance[j]) {
          if (distance[j] == infinity) seen.push_back(j);
          distance[j] = through_i;
          previous[j] = i;
          queue.emplace(through_i, j);
        }
      }
      while (!queue.empty() && is_reached[queue.top().second]) queue.pop();
      if (queue.empty() || queue.top().first >= end_distance) break;
      const std::ptrdiff_t j = queue.top().second;
      travelled = queue.top().first;
      is_reached[j] = 1;
      reached.push_back(j);
      i = row_of_column[j];
    }

    u[start] = end_distance;
    for (const std::ptrdiff_t j : reached) {
      const double slack = end_distance - distance[j];
      u[row_of_column[j]] += slack;
      v[j] -= slack;
    }
    for (std::ptrdiff_t i = end_row, j = end_column;; i = previous[j]) {
      if (j != unmatched) row_of_column[j] = i;
      std::swap(column_of_row[i], j);
      if (i == start) break;
    }
    for (const std::ptrdiff_t j : seen) {
      distance[j] = infinity;
      is_reached[j] = 0;
    }
    seen.clear();
    reached.clear();
  }

  double covered = 0;
  for (std::ptrdiff_t at = 0; at < table.cells; ++at)
    if (column_of_row[table.cell[at].row] == table.cell[at].column) covered += table.cell[at].count;
  return covered;
}

}  // namespace detail
CORYMB_END
