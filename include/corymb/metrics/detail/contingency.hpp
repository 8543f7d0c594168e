#pragma once

#include <corymb/core/detail/validate.hpp>
#include <corymb/core/errors.hpp>
#include <corymb/core/parallel.hpp>
#include <corymb/metrics/contingency.hpp>
#include <corymb/metrics/detail/compiled.hpp>

#if !defined(CORYMB_COMPILED)
#include <corymb/metrics/detail/count_labels.hpp>
#endif

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

CORYMB_BEGIN
namespace detail {

#if defined(CORYMB_COMPILED)
using compiled::count_labels;
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

inline compiled::NoiseRule noise_rule(NoisePolicy policy) {
  switch (policy) {
    case NoisePolicy::cluster: break;
    case NoisePolicy::drop: return compiled::NoiseRule::drop;
    case NoisePolicy::singletons: return compiled::NoiseRule::singletons;
  }
  return compiled::NoiseRule::cluster;
}

inline ContingencyTable count_table(std::string_view function, const compiled::LabelsView& truth,
                                    const compiled::LabelsView& predicted, const ContingencyOptions& options) {
  if (truth.n != predicted.n)
    reject(function, "truth has " + to_text(truth.n) + " labels, predicted has " + to_text(predicted.n) +
                         "; they must have the same length");
  require_threads(function, options.execution.threads);
  check_weights(function, options.weights, truth.n);
  ContingencyTable table;
  detail::count_labels(truth, predicted,
                       {noise_rule(options.noise), options.weights.size() > 0 ? options.weights.data() : nullptr,
                        resolve_threads(options.execution.threads)},
                       copy_table, &table);
  table.noise = options.noise;
  return table;
}

template <LabelRange Truth, LabelRange Predicted>
ContingencyTable count_table(std::string_view function, const Truth& truth, const Predicted& predicted,
                             const ContingencyOptions& options = {}) {
  const LabelSource truth_source(function, "truth", truth), predicted_source(function, "predicted", predicted);
  return count_table(function, truth_source.view(), predicted_source.view(), options);
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

/// The table of the cells, whose rows and columns are positions in the labels. Cells may be in any order, and several
/// of one place; labels without points are left out.
inline ContingencyTable table_of_cells(std::vector<ContingencyCell> cells, const std::vector<std::int64_t>& row_labels,
                                       const std::vector<std::int64_t>& column_labels, NoisePolicy noise) {
  std::stable_sort(cells.begin(), cells.end(), [](const ContingencyCell& a, const ContingencyCell& b) {
    return a.row != b.row ? a.row < b.row : a.column < b.column;
  });
  ContingencyTable table;
  table.noise = noise;
  std::vector<std::ptrdiff_t> row_place(row_labels.size(), -1), column_place(column_labels.size(), -1);
  for (const ContingencyCell& cell : cells) {
    row_place[static_cast<std::size_t>(cell.row)] = 0;
    column_place[static_cast<std::size_t>(cell.column)] = 0;
  }
  const auto number = [](const std::vector<std::int64_t>& labels, std::vector<std::ptrdiff_t>& place,
                         std::vector<std::int64_t>& kept) {
    for (std::size_t i = 0; i < labels.size(); ++i) {
      if (place[i] < 0) continue;
      place[i] = static_cast<std::ptrdiff_t>(kept.size());
      kept.push_back(labels[i]);
    }
  };
  number(row_labels, row_place, table.row_labels);
  number(column_labels, column_place, table.column_labels);
  table.row_sums.resize(table.row_labels.size());
  table.column_sums.resize(table.column_labels.size());
  for (const ContingencyCell& cell : cells) {
    const std::ptrdiff_t row = row_place[static_cast<std::size_t>(cell.row)];
    const std::ptrdiff_t column = column_place[static_cast<std::size_t>(cell.column)];
    if (table.cells.empty() || table.cells.back().row != row || table.cells.back().column != column)
      table.cells.push_back({row, column, 0});
    table.cells.back().count += cell.count;
    table.row_sums[static_cast<std::size_t>(row)] += cell.count;
    table.column_sums[static_cast<std::size_t>(column)] += cell.count;
    table.total += cell.count;
  }
  return table;
}

/// The labels of two tables together, and where those of each are among them: equal labels are one, but noise points
/// that are clusters of their own stay apart, at the end.
struct MergedLabels {
  std::vector<std::int64_t> labels;
  std::vector<std::ptrdiff_t> place_of_a, place_of_b;

  MergedLabels(const std::vector<std::int64_t>& a, const std::vector<std::int64_t>& b, bool noise_apart) {
    const auto shared = [&](const std::vector<std::int64_t>& list) {
      const std::vector<std::int64_t>::difference_type own =
          noise_apart ? std::count(list.begin(), list.end(), std::int64_t{-1}) : 0;
      return list.end() - own;
    };
    std::set_union(a.begin(), shared(a), b.begin(), shared(b), std::back_inserter(labels));
    const auto sorted = static_cast<std::ptrdiff_t>(labels.size());
    const auto place = [&](const std::vector<std::int64_t>& list, std::vector<std::ptrdiff_t>& places) {
      for (auto label = list.begin(); label != shared(list); ++label)
        places.push_back(std::lower_bound(labels.begin(), labels.begin() + sorted, *label) - labels.begin());
      for (auto label = shared(list); label != list.end(); ++label) {
        places.push_back(static_cast<std::ptrdiff_t>(labels.size()));
        labels.push_back(*label);
      }
    };
    place(a, place_of_a);
    place(b, place_of_b);
  }
};

}  // namespace detail

template <LabelRange Truth, LabelRange Predicted>
ContingencyTable contingency_table(const Truth& truth, const Predicted& predicted, const ContingencyOptions& options) {
  return detail::count_table("contingency_table", truth, predicted, options);
}

inline ContingencyTable merge_contingency_tables(const ContingencyTable& a, const ContingencyTable& b) {
  constexpr std::string_view function = "merge_contingency_tables";
  detail::check_table(function, a);
  detail::check_table(function, b);
  if (a.noise != b.noise) detail::reject(function, "the tables have different noise policies");
  const bool noise_apart = a.noise == NoisePolicy::singletons;
  const detail::MergedLabels rows(a.row_labels, b.row_labels, noise_apart);
  const detail::MergedLabels columns(a.column_labels, b.column_labels, noise_apart);
  std::vector<ContingencyCell> cells;
  cells.reserve(a.cells.size() + b.cells.size());
  for (const auto& [row, column, count] : a.cells)
    cells.push_back(
        {rows.place_of_a[static_cast<std::size_t>(row)], columns.place_of_a[static_cast<std::size_t>(column)], count});
  for (const auto& [row, column, count] : b.cells)
    cells.push_back(
        {rows.place_of_b[static_cast<std::size_t>(row)], columns.place_of_b[static_cast<std::size_t>(column)], count});
  return detail::table_of_cells(std::move(cells), rows.labels, columns.labels, a.noise);
}

CORYMB_END
