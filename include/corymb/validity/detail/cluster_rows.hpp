#pragma once

#include <corymb/core/detail/validate.hpp>
#include <corymb/distance/detail/metric_values.hpp>
#include <corymb/metrics/detail/label_range.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
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
ClusterRows cluster_rows(const Label* labels, Index n) {
  std::vector<std::pair<Label, Index>> sorted;  // without noise
  for (Index i = 0; i < n; ++i)
    if (labels[i] >= 0) sorted.emplace_back(labels[i], i);
  std::sort(sorted.begin(), sorted.end());
  ClusterRows result;
  result.begin.push_back(0);
  for (std::size_t first = 0, last = 0; first < sorted.size(); first = last) {
    while (last < sorted.size() && sorted[last].first == sorted[first].first) ++last;
    result.label.push_back(sorted[first].first);
    result.size.push_back(static_cast<Index>(last - first));
    for (std::size_t at = first; at < last && last - first > 1; ++at) result.row.push_back(sorted[at].second);
    result.begin.push_back(static_cast<Index>(result.row.size()));
  }
  return result;
}

/// @throws InvalidArgument  labels that are not one per row
template <LabelRange Range>
ClusterRows cluster_rows_of(std::string_view function, Index n, const Range& labels) {
  const LabelSource source(function, "labels", labels);
  const auto& view = source.view();
  if (view.n != n)
    reject(function, "labels has " + to_text(view.n) + " entries; one per row, n = " + to_text(n) + ", is needed");
  return view.narrow != nullptr ? cluster_rows(view.narrow, n) : cluster_rows(view.wide, n);
}

}  // namespace detail
CORYMB_END
