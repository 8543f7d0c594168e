#pragma once

#include <corymb/metrics/detail/compiled.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

CORYMB_BEGIN
namespace detail {

using compiled::ContingencyCell;
using compiled::ContingencyView;
using compiled::LabelsView;

/// A contingency table while it is made. Marginals follow from the cells.
struct CountedLabels {
  std::vector<std::int64_t> row_labels;
  std::vector<std::int64_t> column_labels;
  std::vector<ContingencyCell> cells;
};

struct ValueRange {
  std::int64_t lowest = 0;
  std::uint64_t width = 0;  ///< highest − lowest, which may need 64 bits without a sign
};

template <class Label>
ValueRange label_range(const Label* labels, std::ptrdiff_t n) {
  if (n == 0) return {};
  Label lowest = labels[0], highest = labels[0];
  for (std::ptrdiff_t i = 1; i < n; ++i) {
    lowest = std::min(lowest, labels[i]);
    highest = std::max(highest, labels[i]);
  }
  return {lowest, static_cast<std::uint64_t>(highest) - static_cast<std::uint64_t>(lowest)};
}

/// The position of a label in its range.
inline std::size_t offset_in(const ValueRange& range, std::int64_t label) {
  return static_cast<std::size_t>(static_cast<std::uint64_t>(label) - static_cast<std::uint64_t>(range.lowest));
}

/// The label at a position of its range.
inline std::int64_t label_at(const ValueRange& range, std::size_t offset) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(range.lowest) + offset);
}

/// Numbers the positions that are in use from 0, ascending, and collects their labels: number[offset], -1 = not in use.
inline std::vector<std::ptrdiff_t> number_used(const ValueRange& range, const std::vector<bool>& used,
                                               std::vector<std::int64_t>& labels) {
  std::vector<std::ptrdiff_t> number(used.size(), -1);
  for (std::size_t offset = 0; offset < used.size(); ++offset)
    if (used[offset]) {
      number[offset] = static_cast<std::ptrdiff_t>(labels.size());
      labels.push_back(label_at(range, offset));
    }
  return number;
}

/// Counts in a table of all pairs of labels: one increment per point.
template <class Truth, class Predicted>
CountedLabels count_densely(const Truth* truth, const ValueRange& truth_range, const Predicted* predicted,
                            const ValueRange& predicted_range, std::ptrdiff_t n) {
  const auto rows = static_cast<std::size_t>(truth_range.width + 1);
  const auto columns = static_cast<std::size_t>(predicted_range.width + 1);
  std::vector<std::int64_t> counts(rows * columns);
  for (std::ptrdiff_t i = 0; i < n; ++i)
    ++counts[offset_in(truth_range, truth[i]) * columns + offset_in(predicted_range, predicted[i])];

  std::vector<bool> row_used(rows), column_used(columns);
  for (std::size_t row = 0; row < rows; ++row)
    for (std::size_t column = 0; column < columns; ++column)
      if (counts[row * columns + column] > 0) row_used[row] = column_used[column] = true;

  CountedLabels result;
  const auto row_number = number_used(truth_range, row_used, result.row_labels);
  const auto column_number = number_used(predicted_range, column_used, result.column_labels);
  for (std::size_t row = 0; row < rows; ++row)
    for (std::size_t column = 0; column < columns; ++column)
      if (const std::int64_t count = counts[row * columns + column]; count > 0)
        result.cells.push_back({row_number[row], column_number[column], static_cast<double>(count)});
  return result;
}

/// The number of each point's label among the distinct labels, which are appended to `distinct` in ascending order.
template <class Label>
std::vector<std::ptrdiff_t> number_labels(const Label* labels, const ValueRange& range, std::ptrdiff_t n,
                                          std::vector<std::int64_t>& distinct) {
  const auto size = static_cast<std::size_t>(n);
  std::vector<std::ptrdiff_t> result(size);
  if (range.width <= 4 * size + 1024) {
    std::vector<bool> used(static_cast<std::size_t>(range.width + 1));
    for (std::size_t i = 0; i < size; ++i) used[offset_in(range, labels[i])] = true;
    const auto number = number_used(range, used, distinct);
    for (std::size_t i = 0; i < size; ++i) result[i] = number[offset_in(range, labels[i])];
    return result;
  }
  std::vector<std::pair<Label, std::ptrdiff_t>> sorted(size);
  for (std::size_t i = 0; i < size; ++i) sorted[i] = {labels[i], static_cast<std::ptrdiff_t>(i)};
  std::sort(sorted.begin(), sorted.end());
  for (const auto& [label, point] : sorted) {
    if (distinct.empty() || distinct.back() != label) distinct.push_back(label);
    result[static_cast<std::size_t>(point)] = static_cast<std::ptrdiff_t>(distinct.size()) - 1;
  }
  return result;
}

/// Counts by sorting, for labels whose table of all pairs would be mostly empty: memory O(n).
template <class Truth, class Predicted>
CountedLabels count_sparsely(const Truth* truth, const ValueRange& truth_range, const Predicted* predicted,
                             const ValueRange& predicted_range, std::ptrdiff_t n) {
  CountedLabels result;
  const auto row = number_labels(truth, truth_range, n, result.row_labels);
  const auto column = number_labels(predicted, predicted_range, n, result.column_labels);

  // The columns of all points, grouped by row. end[r] is the end of group r once the group is filled.
  std::vector<std::size_t> end(result.row_labels.size() + 1);
  for (const std::ptrdiff_t r : row) ++end[static_cast<std::size_t>(r) + 1];
  for (std::size_t r = 1; r < end.size(); ++r) end[r] += end[r - 1];
  std::vector<std::ptrdiff_t> grouped(row.size());
  for (std::size_t i = 0; i < row.size(); ++i) grouped[end[static_cast<std::size_t>(row[i])]++] = column[i];

  std::size_t begin = 0;
  for (std::size_t r = 0; r < result.row_labels.size(); begin = end[r++]) {
    std::sort(grouped.data() + begin, grouped.data() + end[r]);
    for (std::size_t at = begin; at < end[r]; ++at) {
      if (at == begin || grouped[at] != grouped[at - 1])
        result.cells.push_back({static_cast<std::ptrdiff_t>(r), grouped[at], 0.0});
      result.cells.back().count += 1;
    }
  }
  return result;
}

template <class Truth, class Predicted>
CountedLabels count_labels(const Truth* truth, const Predicted* predicted, std::ptrdiff_t n) {
  if (n == 0) return {};
  const ValueRange truth_range = label_range(truth, n);
  const ValueRange predicted_range = label_range(predicted, n);
  const auto most = std::max<std::uint64_t>(static_cast<std::uint64_t>(n), 65536);  // entries of a dense table
  const bool dense = truth_range.width < most && predicted_range.width < most / (truth_range.width + 1);
  return dense ? count_densely(truth, truth_range, predicted, predicted_range, n)
               : count_sparsely(truth, truth_range, predicted, predicted_range, n);
}

inline void count_labels(const LabelsView& truth, const LabelsView& predicted, compiled::ReceiveContingency receive,
                         void* context) {
  const auto count_against = [&](const auto* truth_labels) {
    return predicted.narrow != nullptr ? count_labels(truth_labels, predicted.narrow, truth.n)
                                       : count_labels(truth_labels, predicted.wide, truth.n);
  };
  const CountedLabels counted = truth.narrow != nullptr ? count_against(truth.narrow) : count_against(truth.wide);

  std::vector<double> row_sums(counted.row_labels.size()), column_sums(counted.column_labels.size());
  for (const ContingencyCell& cell : counted.cells) {
    row_sums[static_cast<std::size_t>(cell.row)] += cell.count;
    column_sums[static_cast<std::size_t>(cell.column)] += cell.count;
  }
  receive(context, {.total = static_cast<double>(truth.n),
                    .rows = static_cast<std::ptrdiff_t>(row_sums.size()),
                    .columns = static_cast<std::ptrdiff_t>(column_sums.size()),
                    .cells = static_cast<std::ptrdiff_t>(counted.cells.size()),
                    .row_labels = counted.row_labels.data(),
                    .column_labels = counted.column_labels.data(),
                    .row_sums = row_sums.data(),
                    .column_sums = column_sums.data(),
                    .cell = counted.cells.data()});
}

}  // namespace detail
CORYMB_END
