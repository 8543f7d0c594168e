#pragma once

#include <corymb/core/detail/validate.hpp>
#include <corymb/core/parallel.hpp>
#include <corymb/transport/cost_matrix.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string_view>
#include <vector>

CORYMB_BEGIN
namespace detail {

/// Rows of costs that are handled at once: few enough to stay in the first caches.
inline Index cost_rows_per_block(Index k) { return std::clamp<Index>(4096 / std::max<Index>(k, 1), 1, 64); }

/// The chunks of rows that threads work on: each with enough costs to be worth a thread.
inline Chunks cost_chunks(Index n, Index k) {
  return Chunks(n, std::clamp<Index>(32768 / std::max<Index>(k, 1), 64, 4096));
}

/// Calls use(first, count, costs, stride) for all rows from `begin` to `end`, a block after the other. Stored costs are
/// used where they are; others are computed into `buffer`.
template <class T, class Use>
void for_each_cost_block(const CostMatrix<T>& cost, Index begin, Index end, std::vector<T>& buffer, const Use& use) {
  const Index k = cost.cols(), rows = cost_rows_per_block(k);
  if (cost.stored() == nullptr) buffer.resize(static_cast<std::size_t>(rows * k));
  for (Index first = begin; first < end; first += rows) {
    const Index count = std::min(rows, end - first);
    if (cost.stored() != nullptr) {
      use(first, count, cost.stored()->row(first), cost.stored()->stride());
    } else {
      cost.block(first, count, 0, k, buffer.data());
      use(first, count, static_cast<const T*>(buffer.data()), k);
    }
  }
}

/// What a pass over the costs finds.
struct CostRange {
  double lowest = std::numeric_limits<double>::infinity();    // of the finite costs
  double highest = -std::numeric_limits<double>::infinity();  // likewise
  std::vector<bool> row_reachable;     // whether a cost of the row, in a column that counts, is finite
  std::vector<bool> column_reachable;  // likewise

  void widen(double low, double high) {
    lowest = std::min(lowest, low);
    highest = std::max(highest, high);
  }
};

/// The costs of one row.
template <class T>
struct RowRangeOfCosts {
  T lowest = std::numeric_limits<T>::infinity();
  T highest = -std::numeric_limits<T>::infinity();
  bool ordered = true;  // no NaN, no -infinity

  RowRangeOfCosts(const T* costs, Index k) {
    // Several of each, so that one comparison does not wait for the one before.
    constexpr std::size_t parts = 8;
    T low[parts], high[parts];
    int unordered[parts] = {};
    std::fill_n(low, parts, lowest);
    std::fill_n(high, parts, highest);
    const auto see = [&](std::size_t part, T value) {
      low[part] = value < low[part] ? value : low[part];
      high[part] = value > high[part] ? value : high[part];
      unordered[part] |= !(value > -std::numeric_limits<T>::infinity());
    };
    Index j = 0;
    for (; j + static_cast<Index>(parts) <= k; j += static_cast<Index>(parts))
      for (std::size_t part = 0; part < parts; ++part) see(part, costs[j + static_cast<Index>(part)]);
    for (; j < k; ++j) see(0, costs[j]);
    for (std::size_t part = 0; part < parts; ++part) {
      lowest = std::min(lowest, low[part]);
      highest = std::max(highest, high[part]);
      ordered = ordered && unordered[part] == 0;
    }
  }
  bool finite() const { return ordered && highest < std::numeric_limits<T>::infinity(); }
};

/// A pass over the costs. Throws for the first entry that is NaN or -infinity, in row order.
/// @param row_counts, column_counts  rows and columns that others can be reached from; all if empty
template <class T>
CostRange check_costs(std::string_view function, const CostMatrix<T>& cost, int threads,
                      std::vector<bool> row_counts = {}, std::vector<bool> column_counts = {}) {
  const Index n = cost.rows(), k = cost.cols();
  const auto at = [](Index i) { return static_cast<std::size_t>(i); };
  if (row_counts.empty()) row_counts.assign(at(n), true);
  if (column_counts.empty()) column_counts.assign(at(k), true);
  const bool some_column_counts = std::find(column_counts.begin(), column_counts.end(), true) != column_counts.end();
  const Chunks chunks = cost_chunks(n, k);
  CostRange none;
  none.column_reachable.assign(at(k), false);
  std::vector<CostRange> parts(at(chunks.count()), none);
  std::vector<char> row_reachable(at(n), 0);  // of one byte each: threads write side by side
  parallel_for(threads, chunks.count(), [&](Index chunk) {
    CostRange& part = parts[at(chunk)];
    bool all_columns = false;
    std::vector<T> buffer;
    const auto see_row = [&](Index i, const T* costs) {
      const RowRangeOfCosts<T> range(costs, k);
      if (range.finite()) {
        part.widen(static_cast<double>(range.lowest), static_cast<double>(range.highest));
        row_reachable[at(i)] = some_column_counts;
        all_columns = all_columns || row_counts[at(i)];
        return;
      }
      for (Index j = 0; j < k; ++j) {
        const double value = static_cast<double>(costs[j]);
        if (!(value > -std::numeric_limits<double>::infinity()))
          reject(function,
                 "cost(" + to_text(i) + ", " + to_text(j) + ") = " + to_text(value) + " must be a number or +infinity");
        if (std::isinf(value)) continue;
        part.widen(value, value);
        if (column_counts[at(j)]) row_reachable[at(i)] = 1;
        if (row_counts[at(i)]) part.column_reachable[at(j)] = true;
      }
    };
    for_each_cost_block(cost, chunks.begin(chunk), chunks.end(chunk), buffer,
                        [&](Index first, Index count, const T* costs, Index stride) {
                          for (Index i = 0; i < count; ++i) see_row(first + i, costs + i * stride);
                        });
    if (all_columns) part.column_reachable.assign(at(k), true);
  });
  CostRange range = none;
  range.row_reachable.assign(row_reachable.begin(), row_reachable.end());
  for (const CostRange& part : parts) {
    range.widen(part.lowest, part.highest);
    for (Index j = 0; j < k; ++j)
      if (part.column_reachable[at(j)]) range.column_reachable[at(j)] = true;
  }
  return range;
}

}  // namespace detail
CORYMB_END
