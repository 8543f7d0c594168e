#pragma once

#include <corymb/core/config.hpp>

#include <algorithm>
#include <cstddef>
#include <limits>
#include <numeric>
#include <utility>
#include <vector>

CORYMB_BEGIN
namespace detail {

/// Matches each of `rows` rows to a column of its own, rows ≤ columns, at minimal total cost. `cost` is row-major;
/// +infinity forbids a pair. False if the forbidden pairs leave no such matching.
///
/// One row after another is added by a shortest path over reduced costs cost(i, j) − u[i] − v[j] ≥ 0 (Crouse 2016).
/// At the end they are ≥ 0 everywhere and 0 on the matched pairs, v ≤ 0, and v = 0 where the column is unmatched: a
/// proof that the matching is optimal.
inline bool solve_linear_assignment(const double* cost, std::ptrdiff_t rows, std::ptrdiff_t columns,
                                    std::ptrdiff_t* column_of_row, std::ptrdiff_t* row_of_column, double* u,
                                    double* v) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  const auto size = static_cast<std::size_t>(columns);
  std::vector<double> distances(size);
  std::vector<std::ptrdiff_t> previous_rows(size);
  std::vector<std::ptrdiff_t> open(size);     // columns that the path search has not reached for good, ascending
  std::vector<std::ptrdiff_t> reached(size);  // those that it has, in the order of their distances
  double* const distance = distances.data();
  std::ptrdiff_t* const previous = previous_rows.data();

  std::fill_n(column_of_row, rows, std::ptrdiff_t{-1});
  std::fill_n(row_of_column, columns, std::ptrdiff_t{-1});
  std::fill_n(u, rows, 0.0);
  std::fill_n(v, columns, 0.0);

  for (std::ptrdiff_t start = 0; start < rows; ++start) {
    std::fill(distances.begin(), distances.end(), infinity);
    open.resize(size);
    std::iota(open.begin(), open.end(), std::ptrdiff_t{0});
    reached.clear();
    std::ptrdiff_t sink = -1;
    double travelled = -infinity;
    for (std::ptrdiff_t i = start; sink < 0;) {
      const double* const row = cost + i * columns;
      const double offset = (i == start ? 0 : travelled) - u[i];
      auto nearest = open.end();
      double shortest = infinity;
      for (auto at = open.begin(); at != open.end(); ++at) {
        const std::ptrdiff_t j = *at;
        const double through_i = offset + row[j] - v[j];
        if (through_i < distance[j]) {
          distance[j] = through_i;
          previous[j] = i;
        }
        // Of equally near columns an unmatched one ends the search; else the lowest index.
        if (distance[j] < shortest ||
            (distance[j] == shortest && shortest < infinity && row_of_column[j] < 0 && row_of_column[*nearest] >= 0)) {
          shortest = distance[j];
          nearest = at;
        }
      }
      if (nearest == open.end()) return false;
      const std::ptrdiff_t j = *nearest;
      travelled = std::max(travelled, shortest);  // rounding must not make it fall: v would become positive
      open.erase(nearest);
      if (row_of_column[j] < 0) {
        sink = j;
      } else {
        reached.push_back(j);
        i = row_of_column[j];
      }
    }

    u[start] = travelled;
    for (const std::ptrdiff_t j : reached) {
      const double slack = travelled - distance[j];
      u[row_of_column[j]] += slack;
      v[j] -= slack;
    }
    for (std::ptrdiff_t i = -1, j = sink; i != start;) {
      i = previous[j];
      row_of_column[j] = i;
      std::swap(column_of_row[i], j);
    }
  }
  return true;
}

}  // namespace detail
CORYMB_END
