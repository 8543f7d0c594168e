#pragma once

#include <corymb/metrics/detail/label_range.hpp>

#include <cstdint>
#include <vector>

CORYMB_BEGIN

/// One pair of clusters that have points in common: {row, column, count}. Row and column are positions in row_labels
/// and column_labels.
using ContingencyCell = compiled::ContingencyCell;

/// How two labelings of the same points overlap, stored sparsely: the pairs of clusters without common points are left
/// out. Every metric can be computed from it. contingency_table() makes it; it may also be filled by hand, e.g. from a
/// confusion matrix.
struct ContingencyTable {
  double total = 0;                         ///< number of points
  std::vector<std::int64_t> row_labels;     ///< distinct labels of the truth, ascending
  std::vector<std::int64_t> column_labels;  ///< distinct labels of the prediction, ascending
  std::vector<double> row_sums;             ///< points of each row, > 0
  std::vector<double> column_sums;          ///< points of each column, > 0
  std::vector<ContingencyCell> cells;       ///< ascending by row, then column; counts > 0
};

/// Counts the points of every pair of true and predicted cluster.
/// @param truth      n labels in any range of integers that fit into 64 bits with sign; gaps and negative ones may
///                   be. -1 (noise) is a label like any other.
/// @param predicted  n labels of the same points.
/// @return           the table; empty for n = 0.
/// @throws InvalidArgument  the lengths differ, or a label exceeds 2^63 - 1.
/// @note One increment per point where the table of all pairs has at most max(n, 65536) entries (a label range of the
///       truth times one of the prediction), else O(n log n). Memory O(n) at most.
template <LabelRange Truth, LabelRange Predicted>
ContingencyTable contingency_table(const Truth& truth, const Predicted& predicted);

CORYMB_END

#include <corymb/metrics/detail/contingency.hpp>
