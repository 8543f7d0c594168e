#pragma once

#include <corymb/core/detail/validate.hpp>
#include <corymb/distance/detail/metric_values.hpp>
#include <corymb/metrics/detail/count_labels.hpp>
#include <corymb/metrics/detail/label_range.hpp>

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

CORYMB_BEGIN
namespace detail {

/// The clusters of a labeling, by ascending label, and the rows of those with several: one cluster after the other,
/// each in ascending order. Their positions are "places".
struct ClusterRows {
  std::vector<std::int64_t> label;
  std::vector<Index> size;
  std::vector<Index> begin;  // by cluster its first place; of a single row none, and it is the next cluster's
  std::vector<Index> row;    // by place

  Index count() const { return static_cast<Index>(label.size()); }
  RowRange places(Index cluster) const {
    return {begin[static_cast<std::size_t>(cluster)], begin[static_cast<std::size_t>(cluster) + 1]};
  }
  Index largest() const { return size.empty() ? 0 : *std::max_element(size.begin(), size.end()); }
};

template <class Label>
ClusterRows cluster_rows(const Label* labels, Index n, int threads) {
  std::vector<std::int64_t> distinct;
  const std::vector<std::ptrdiff_t> number = number_labels(labels, label_range(labels, n, threads), n, distinct);
  // Labels ascend, so those of noise stand first.
  const auto noise_labels = std::lower_bound(distinct.begin(), distinct.end(), 0) - distinct.begin();
  ClusterRows result;
  result.label.assign(distinct.begin() + noise_labels, distinct.end());
  result.size.resize(result.label.size());
  for (const std::ptrdiff_t label : number)
    if (label >= noise_labels) ++result.size[static_cast<std::size_t>(label - noise_labels)];
  result.begin.assign(result.label.size() + 1, 0);
  for (std::size_t c = 0; c < result.size.size(); ++c)
    result.begin[c + 1] = result.begin[c] + (result.size[c] > 1 ? result.size[c] : 0);
  result.row.resize(static_cast<std::size_t>(result.begin.back()));
  std::vector<Index> next(result.begin.begin(), result.begin.end() - 1);
  for (Index i = 0; i < n; ++i) {
    const auto cluster = static_cast<std::size_t>(number[static_cast<std::size_t>(i)] - noise_labels);
    if (number[static_cast<std::size_t>(i)] < noise_labels || result.size[cluster] < 2) continue;
    result.row[static_cast<std::size_t>(next[cluster]++)] = i;
  }
  return result;
}

/// @throws InvalidArgument  labels that are not one per row
template <LabelRange Range>
ClusterRows cluster_rows_of(std::string_view function, Index n, const Range& labels, int threads) {
  const LabelSource source(function, "labels", labels);
  const auto& view = source.view();
  if (view.n != n)
    reject(function, "labels has " + to_text(view.n) + " entries; one per row, n = " + to_text(n) + ", is needed");
  if (n == 0) return {{}, {}, {0}, {}};
  return view.narrow != nullptr ? cluster_rows(view.narrow, n, threads) : cluster_rows(view.wide, n, threads);
}

}  // namespace detail
CORYMB_END
