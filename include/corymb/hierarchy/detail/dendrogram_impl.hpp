#pragma once

#include <corymb/core/detail/memory.hpp>
#include <corymb/core/detail/validate.hpp>
#include <corymb/hierarchy/dendrogram.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <numeric>
#include <vector>

CORYMB_BEGIN
namespace detail {

/// The labels after some merges, the first ones.
inline Labels labels_after(const Dendrogram& tree, std::size_t merges) {
  const auto n = static_cast<std::size_t>(tree.rows);
  std::vector<std::int32_t> top(n + merges);  // by node: the highest one above it
  std::iota(top.begin(), top.end(), 0);
  for (std::size_t i = merges; i-- > 0;)
    for (const std::int32_t child : {tree.merges[i].a, tree.merges[i].b})
      top[static_cast<std::size_t>(child)] = top[n + i];
  Labels labels(tree.rows);
  std::vector<std::int32_t> number(top.size(), -1);
  std::int32_t next = 0;
  auto absent = tree.absent.begin();
  for (std::size_t row = 0; row < n; ++row) {
    if (absent != tree.absent.end() && *absent == static_cast<std::int32_t>(row)) {
      labels[static_cast<Index>(row)] = noise;
      ++absent;
      continue;
    }
    std::int32_t& of = number[static_cast<std::size_t>(top[row])];
    if (of < 0) of = next++;
    labels[static_cast<Index>(row)] = of;
  }
  return labels;
}

}  // namespace detail

inline RowMatrix<double> merge_matrix(const Dendrogram& tree) {
  RowMatrix<double> matrix(static_cast<Index>(tree.merges.size()), 4);
  for (Index i = 0; i < matrix.rows(); ++i) {
    const Merge& merge = tree.merges[static_cast<std::size_t>(i)];
    matrix.row(i) << merge.a, merge.b, merge.height, merge.size;
  }
  return matrix;
}

inline Labels cut(const Dendrogram& tree, double height) {
  if (std::isnan(height)) detail::reject("cut", "height is not a number");
  const auto above =
      std::partition_point(tree.merges.begin(), tree.merges.end(), [&](const Merge& m) { return m.height <= height; });
  return detail::labels_after(tree, static_cast<std::size_t>(above - tree.merges.begin()));
}

inline Labels cut_into(const Dendrogram& tree, Index k) {
  const Index most = tree.rows - static_cast<Index>(tree.absent.size());
  if (k < 1 || k > most)
    detail::reject("cut_into", "k = " + detail::to_text(k) + " must be in [1, n = " + detail::to_text(most) + "]");
  return detail::labels_after(tree, static_cast<std::size_t>(most - k));
}

inline Vector cophenetic_distances(const Dendrogram& tree, const Execution& execution) {
  const Index n = tree.rows;
  detail::require_memory("cophenetic_distances", 4.0 * static_cast<double>(n) * static_cast<double>(n - 1),
                         execution.memory_limit, "take a sample of the rows");
  if (n < 2) return {};
  // By node: its rows stand side by side in a list, as circles that merges join.
  std::vector<std::int32_t> next(static_cast<std::size_t>(n));
  std::iota(next.begin(), next.end(), 0);
  std::vector<std::int32_t> some_row(next);
  Vector distances = Vector::Constant(n * (n - 1) / 2, std::numeric_limits<double>::infinity());
  for (const Merge& merge : tree.merges) {
    const std::int32_t of_a = some_row[static_cast<std::size_t>(merge.a)];
    const std::int32_t of_b = some_row[static_cast<std::size_t>(merge.b)];
    std::int32_t i = of_a;
    do {
      std::int32_t j = of_b;
      do {
        const Index low = std::min(i, j), high = std::max(i, j);
        distances[low * (2 * n - low - 3) / 2 - 1 + high] = merge.height;
        j = next[static_cast<std::size_t>(j)];
      } while (j != of_b);
      i = next[static_cast<std::size_t>(i)];
    } while (i != of_a);
    std::swap(next[static_cast<std::size_t>(of_a)], next[static_cast<std::size_t>(of_b)]);
    some_row.push_back(of_a);
  }
  return distances;
}

CORYMB_END
