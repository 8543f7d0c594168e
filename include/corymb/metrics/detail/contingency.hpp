#pragma once

#include <corymb/core/errors.hpp>
#include <corymb/metrics/contingency.hpp>
#include <corymb/metrics/detail/compiled.hpp>

#if !defined(CORYMB_COMPILED)
#include <corymb/metrics/detail/count_labels.hpp>
#include <corymb/metrics/detail/matching.hpp>
#include <corymb/metrics/detail/scores.hpp>
#endif

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

CORYMB_BEGIN
namespace detail {

#if defined(CORYMB_COMPILED)
using compiled::adjusted_rand_index;
using compiled::count_labels;
using compiled::match_clusters;
using compiled::normalized_mutual_information;
#endif

inline void copy_table(void* context, const compiled::ContingencyView& view) {
  auto& table = *static_cast<ContingencyTable*>(context);
  table.total = view.total;
  table.row_labels.assign(view.row_labels, view.row_labels + view.rows);
  table.column_labels.assign(view.column_labels, view.column_labels + view.columns);
  table.row_sums.assign(view.row_sums, view.row_sums + view.rows);
  table.column_sums.assign(view.column_sums, view.column_sums + view.columns);
  table.cells.assign(view.cell, view.cell + view.cells);
}

inline ContingencyTable count_table(std::string_view function, const compiled::LabelsView& truth,
                                    const compiled::LabelsView& predicted) {
  if (truth.n != predicted.n)
    throw InvalidArgument("corymb::" + std::string(function) + ": truth has " + std::to_string(truth.n) +
                          " labels, predicted has " + std::to_string(predicted.n) + "; they must have the same length");
  ContingencyTable table;
  detail::count_labels(truth, predicted, copy_table, &table);
  return table;
}

template <LabelRange Truth, LabelRange Predicted>
ContingencyTable count_table(std::string_view function, const Truth& truth, const Predicted& predicted) {
  const LabelSource truth_source(function, "truth", truth), predicted_source(function, "predicted", predicted);
  return count_table(function, truth_source.view(), predicted_source.view());
}

/// Throws InvalidArgument unless the parts of the table fit together, as they do unless it was filled by hand.
inline void check_table(std::string_view function, const ContingencyTable& table) {
  const auto require = [&](bool rule, const char* text) {
    if (!rule) throw InvalidArgument("corymb::" + std::string(function) + ": the contingency table " + text);
  };
  const auto rows = static_cast<std::ptrdiff_t>(table.row_labels.size());
  const auto columns = static_cast<std::ptrdiff_t>(table.column_labels.size());
  require(table.row_sums.size() == table.row_labels.size() && table.column_sums.size() == table.column_labels.size(),
          "must have one sum for every label");
  double total = 0;
  std::vector<double> row_sums(table.row_sums.size()), column_sums(table.column_sums.size());
  const ContingencyCell* before = nullptr;
  for (const ContingencyCell& cell : table.cells) {
    require(cell.row >= 0 && cell.row < rows && cell.column >= 0 && cell.column < columns,
            "has a cell outside of its rows and columns");
    require(cell.count > 0 && std::isfinite(cell.count), "must have positive counts in its cells");
    require(before == nullptr || before->row < cell.row || (before->row == cell.row && before->column < cell.column),
            "must have its cells in ascending order, each one once");
    before = &cell;
    row_sums[static_cast<std::size_t>(cell.row)] += cell.count;
    column_sums[static_cast<std::size_t>(cell.column)] += cell.count;
    total += cell.count;
  }
  const auto equal = [](double counted, double stated) { return std::abs(counted - stated) <= 1e-9 * stated; };
  const auto positive = [](double sum) { return sum > 0; };
  require(std::all_of(row_sums.begin(), row_sums.end(), positive) &&
              std::all_of(column_sums.begin(), column_sums.end(), positive),
          "must have a cell in every row and column");
  require(std::equal(row_sums.begin(), row_sums.end(), table.row_sums.begin(), equal) &&
              std::equal(column_sums.begin(), column_sums.end(), table.column_sums.begin(), equal) &&
              equal(total, table.total),
          "must have the sums of its cells as row sums, column sums and total");
}

/// The table as the metrics take it.
inline compiled::ContingencyView checked_view(std::string_view function, const ContingencyTable& table) {
  check_table(function, table);
  return {.total = table.total,
          .rows = static_cast<std::ptrdiff_t>(table.row_labels.size()),
          .columns = static_cast<std::ptrdiff_t>(table.column_labels.size()),
          .cells = static_cast<std::ptrdiff_t>(table.cells.size()),
          .row_labels = table.row_labels.data(),
          .column_labels = table.column_labels.data(),
          .row_sums = table.row_sums.data(),
          .column_sums = table.column_sums.data(),
          .cell = table.cells.data()};
}

}  // namespace detail

template <LabelRange Truth, LabelRange Predicted>
ContingencyTable contingency_table(const Truth& truth, const Predicted& predicted) {
  return detail::count_table("contingency_table", truth, predicted);
}

CORYMB_END
