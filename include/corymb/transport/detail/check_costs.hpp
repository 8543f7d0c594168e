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
  std::vector<bool> row_reachable;                            // whether a cost of the row is finite
  std::vector<bool> column_reachable;
};

/// Throws for the first entry that is NaN or -infinity, in row order.
template <class T>
CostRange check_costs(std::string_view function, const CostMatrix<T>& cost, int threads) {
  struct Part {
    double lowest, highest;
    std::vector<bool> column_reachable;
  };
  const Index n = cost.rows(), k = cost.cols();
  const Chunks chunks(n, 256);
  CostRange range;
  std::vector<Part> parts(static_cast<std::size_t>(chunks.count()),
                          {range.lowest, range.highest, std::vector<bool>(static_cast<std::size_t>(k), false)});
  std::vector<char> reachable(static_cast<std::size_t>(n), 0);
  parallel_for(threads, chunks.count(), [&](Index chunk) {
    Part& part = parts[static_cast<std::size_t>(chunk)];
    std::vector<T> buffer;
    for_each_cost_block(cost, chunks.begin(chunk), chunks.end(chunk), buffer,
                        [&](Index first, Index count, const T* costs, Index stride) {
                          for (Index i = 0; i < count; ++i)
                            for (Index j = 0; j < k; ++j) {
                              const double value = static_cast<double>(costs[i * stride + j]);
                              if (!(value > -std::numeric_limits<double>::infinity()))
                                reject(function, "cost(" + to_text(first + i) + ", " + to_text(j) +
                                                     ") = " + to_text(value) + " must be a number or +infinity");
                              if (std::isinf(value)) continue;
                              part.lowest = std::min(part.lowest, value);
                              part.highest = std::max(part.highest, value);
                              reachable[static_cast<std::size_t>(first + i)] = 1;
                              part.column_reachable[static_cast<std::size_t>(j)] = true;
                            }
                        });
  });
  range.row_reachable.assign(reachable.begin(), reachable.end());
  range.column_reachable.assign(static_cast<std::size_t>(k), false);
  for (const Part& part : parts) {
    range.lowest = std::min(range.lowest, part.lowest);
    range.highest = std::max(range.highest, part.highest);
    for (std::size_t j = 0; j < part.column_reachable.size(); ++j)
      if (part.column_reachable[j]) range.column_reachable[j] = true;
  }
  return range;
}

}  // namespace detail
CORYMB_END
