#pragma once

#include <corymb/core/parallel.hpp>
#include <corymb/core/random.hpp>
#include <corymb/core/types.hpp>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>
#include <vector>

CORYMB_BEGIN
namespace detail {

/// One row, with probability proportional to its weight (null = all one).
inline Index random_row(Index n, const double* weight, Random& random) {
  if (weight == nullptr) return random.below(n);
  double left = random.uniform() * std::accumulate(weight, weight + n, 0.0);
  Index row = -1;
  for (Index i = 0; i < n; ++i) {
    if (weight[i] == 0) continue;
    row = i;
    if ((left -= weight[i]) < 0) break;
  }
  return row;
}

/// One row, with probability proportional to its mass, given the masses of whole chunks. Never one without mass.
/// @param mass    by chunk; their sum is > 0.
/// @param open    open(chunk), before a mass of one of its rows is asked for.
/// @param of_row  of_row(i): its mass.
template <class Open, class OfRow>
Index draw_by_mass(const Chunks& chunks, const std::vector<double>& mass, double total, Random& random,
                   const Open& open, const OfRow& of_row) {
  double left = random.uniform() * total;
  Index chunk = -1;
  for (Index c = 0; c < chunks.count(); ++c) {
    const double here = mass[static_cast<std::size_t>(c)];
    if (!(here > 0)) continue;
    chunk = c;
    if (left < here) break;
    left -= here;
  }
  open(chunk);
  Index row = -1;
  for (Index i = chunks.begin(chunk); i < chunks.end(chunk); ++i) {
    const double here = of_row(i);
    if (!(here > 0)) continue;
    row = i;
    if ((left -= here) < 0) break;
  }
  return row;
}

/// k different rows, each with probability proportional to its weight (null = all one).
/// Weighted: the k smallest of −ln(u)/w (Efraimidis and Spirakis 2006, doi:10.1016/j.ipl.2005.11.003).
inline std::vector<Index> random_rows(Index n, Index k, const double* weight, Random& random) {
  std::vector<Index> rows;
  if (weight == nullptr) {  // Floyd: row `last` enters if the draw is taken already
    std::vector<bool> taken(static_cast<std::size_t>(n), false);
    for (Index last = n - k; last < n; ++last) {
      Index row = random.below(last + 1);
      if (taken[static_cast<std::size_t>(row)]) row = last;
      taken[static_cast<std::size_t>(row)] = true;
      rows.push_back(row);
    }
    return rows;
  }
  std::vector<std::pair<double, Index>> keys;
  for (Index i = 0; i < n; ++i) {
    const double u = 1 - random.uniform();  // in (0, 1]
    if (weight[i] > 0) keys.emplace_back(-std::log(u) / weight[i], i);
  }
  std::partial_sort(keys.begin(), keys.begin() + k, keys.end());
  for (Index c = 0; c < k; ++c) rows.push_back(keys[static_cast<std::size_t>(c)].second);
  return rows;
}

/// Adds the lowest rows of positive weight (null = all one) that are not among `rows` yet, until there are k.
inline void fill_with_lowest_rows(Index n, Index k, const double* weight, std::vector<Index>& rows) {
  std::vector<char> taken(static_cast<std::size_t>(n), false);
  for (const Index row : rows) taken[static_cast<std::size_t>(row)] = true;
  for (Index row = 0; static_cast<Index>(rows.size()) < k; ++row)
    if ((weight == nullptr || weight[row] > 0) && !taken[static_cast<std::size_t>(row)]) rows.push_back(row);
}

}  // namespace detail
CORYMB_END
