#pragma once

#include <corymb/core/parallel.hpp>
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
using compiled::CountSettings;
using compiled::LabelsView;
using compiled::NoiseRule;

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
ValueRange label_range(const Label* labels, std::ptrdiff_t n, int threads) {
  if (n == 0) return {};
  const Chunks chunks(n, 1 << 16);
  std::vector<std::pair<Label, Label>> ends(static_cast<std::size_t>(chunks.count()));
  parallel_for(threads, chunks.count(), [&](std::ptrdiff_t chunk) {
    Label lowest = labels[chunks.begin(chunk)], highest = lowest;
    for (std::ptrdiff_t i = chunks.begin(chunk); i < chunks.end(chunk); ++i) {
      lowest = std::min(lowest, labels[i]);
      highest = std::max(highest, labels[i]);
    }
    ends[static_cast<std::size_t>(chunk)] = {lowest, highest};
  });
  auto [lowest, highest] = ends.front();
  for (const auto& [low, high] : ends) {
    lowest = std::min(lowest, low);
    highest = std::max(highest, high);
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

/// Labelings of the same points, with their ranges.
template <class Truth, class Predicted>
struct LabelPair {
  const Truth* truth;
  const Predicted* predicted;
  const double* weights;  // > 0; null = all one
  std::ptrdiff_t n;
  ValueRange truth_range;
  ValueRange predicted_range;
};

/// One increment per point, for less than 2^32 points. Small tables are several in turn: points of the same cell that
/// follow each other would wait for one another's increment.
template <class Truth, class Predicted>
void count_cells(const LabelPair<Truth, Predicted>& pair, std::ptrdiff_t begin, std::ptrdiff_t end, std::size_t columns,
                 std::vector<std::uint32_t>& counts) {
  constexpr std::size_t most_entries = 1 << 10;
  const auto cell = [&](std::ptrdiff_t i) {
    return offset_in(pair.truth_range, pair.truth[i]) * columns + offset_in(pair.predicted_range, pair.predicted[i]);
  };
  const std::size_t size = counts.size();
  std::ptrdiff_t i = begin;
  if (size <= most_entries) {
    std::vector<std::uint32_t> lanes(4 * size);
    std::uint32_t* const lane = lanes.data();
    for (; i + 4 <= end; i += 4) {
      ++lane[cell(i)];
      ++lane[cell(i + 1) + size];
      ++lane[cell(i + 2) + 2 * size];
      ++lane[cell(i + 3) + 3 * size];
    }
    for (std::size_t entry = 0; entry < size; ++entry)
      counts[entry] = lane[entry] + lane[entry + size] + lane[entry + 2 * size] + lane[entry + 3 * size];
  }
  std::uint32_t* const count = counts.data();
  for (; i < end; ++i) ++count[cell(i)];
}

/// Sums of whole numbers, which are the same in any order: a table for every thread.
template <class Truth, class Predicted>
std::vector<std::int64_t> count_in_parallel(const LabelPair<Truth, Predicted>& pair, std::size_t rows,
                                            std::size_t columns, int threads) {
  constexpr std::ptrdiff_t least_points = 1 << 17, most_points = std::ptrdiff_t{1} << 31;
  const auto entries = static_cast<std::ptrdiff_t>(rows * columns);
  const Chunks tasks(pair.n, std::min(std::max(least_points, 8 * entries), most_points),
                     std::max<std::ptrdiff_t>(threads, pair.n / most_points + 1));
  std::vector<std::vector<std::uint32_t>> counts(static_cast<std::size_t>(tasks.count()));
  parallel_for(threads, tasks.count(), [&](std::ptrdiff_t task) {
    auto& own = counts[static_cast<std::size_t>(task)];
    own.resize(rows * columns);
    count_cells(pair, tasks.begin(task), tasks.end(task), columns, own);
  });
  std::vector<std::int64_t> total(rows * columns);
  for (const auto& own : counts)
    for (std::size_t entry = 0; entry < total.size(); ++entry) total[entry] += own[entry];
  return total;
}

/// Counts in a table of all pairs of labels.
template <class Truth, class Predicted>
CountedLabels count_densely(const LabelPair<Truth, Predicted>& pair, int threads) {
  const auto rows = static_cast<std::size_t>(pair.truth_range.width + 1);
  const auto columns = static_cast<std::size_t>(pair.predicted_range.width + 1);
  CountedLabels result;
  const auto collect = [&](const auto& counts) {
    std::vector<bool> row_used(rows), column_used(columns);
    for (std::size_t row = 0; row < rows; ++row)
      for (std::size_t column = 0; column < columns; ++column)
        if (counts[row * columns + column] > 0) row_used[row] = column_used[column] = true;
    const auto row_number = number_used(pair.truth_range, row_used, result.row_labels);
    const auto column_number = number_used(pair.predicted_range, column_used, result.column_labels);
    for (std::size_t row = 0; row < rows; ++row)
      for (std::size_t column = 0; column < columns; ++column)
        if (const auto count = counts[row * columns + column]; count > 0)
          result.cells.push_back({row_number[row], column_number[column], static_cast<double>(count)});
  };
  if (pair.weights == nullptr) {
    collect(count_in_parallel(pair, rows, columns, threads));
    return result;
  }
  std::vector<double> sums(rows * columns);
  for (std::ptrdiff_t i = 0; i < pair.n; ++i)
    sums[offset_in(pair.truth_range, pair.truth[i]) * columns + offset_in(pair.predicted_range, pair.predicted[i])] +=
        pair.weights[i];
  collect(sums);
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
CountedLabels count_sparsely(const LabelPair<Truth, Predicted>& pair) {
  CountedLabels result;
  const auto row = number_labels(pair.truth, pair.truth_range, pair.n, result.row_labels);
  const auto column = number_labels(pair.predicted, pair.predicted_range, pair.n, result.column_labels);

  // The points and their columns, grouped by row. end[r] is the end of group r once the group is filled.
  using Entry = std::pair<std::ptrdiff_t, std::ptrdiff_t>;  // column, point
  std::vector<std::size_t> end(result.row_labels.size() + 1);
  for (const std::ptrdiff_t r : row) ++end[static_cast<std::size_t>(r) + 1];
  for (std::size_t r = 1; r < end.size(); ++r) end[r] += end[r - 1];
  std::vector<Entry> grouped(row.size());
  for (std::size_t i = 0; i < row.size(); ++i)
    grouped[end[static_cast<std::size_t>(row[i])]++] = {column[i], static_cast<std::ptrdiff_t>(i)};

  std::size_t begin = 0;
  for (std::size_t r = 0; r < result.row_labels.size(); begin = end[r++]) {
    std::sort(grouped.data() + begin, grouped.data() + end[r]);
    for (std::size_t at = begin; at < end[r]; ++at) {
      const auto [c, point] = grouped[at];
      if (at == begin || c != grouped[at - 1].first) result.cells.push_back({static_cast<std::ptrdiff_t>(r), c, 0.0});
      result.cells.back().count += pair.weights == nullptr ? 1 : pair.weights[point];
    }
  }
  return result;
}

template <class Truth, class Predicted>
CountedLabels count_points(const Truth* truth, const Predicted* predicted, const double* weights, std::ptrdiff_t n,
                           int threads) {
  if (n == 0) return {};
  const LabelPair<Truth, Predicted> pair{
      truth, predicted, weights, n, label_range(truth, n, threads), label_range(predicted, n, threads)};
  const auto most = std::max<std::uint64_t>(static_cast<std::uint64_t>(n), 65536);  // entries of a dense table
  const bool dense = pair.truth_range.width < most && pair.predicted_range.width < most / (pair.truth_range.width + 1);
  return dense ? count_densely(pair, threads) : count_sparsely(pair);
}

constexpr std::int64_t noise_label = -1;

/// Labels numbered from 0 in ascending order, and after them each noise point with a number of its own.
struct SplitNoise {
  std::vector<std::int64_t> distinct;
  std::vector<std::ptrdiff_t> number;

  template <class Label>
  SplitNoise(const Label* labels, std::ptrdiff_t n, int threads)
      : number(number_labels(labels, label_range(labels, n, threads), n, distinct)) {
    auto next = static_cast<std::ptrdiff_t>(distinct.size());
    for (std::ptrdiff_t i = 0; i < n; ++i)
      if (labels[i] == noise_label) number[static_cast<std::size_t>(i)] = next++;
  }

  void restore(std::vector<std::int64_t>& labels) const {
    for (std::int64_t& label : labels) {
      const auto place = static_cast<std::size_t>(label);
      label = place < distinct.size() ? distinct[place] : noise_label;
    }
  }
};

/// What is left when points of weight 0, and noise if it is to be dropped, are taken away.
template <class Truth, class Predicted>
struct KeptPoints {
  std::vector<Truth> truth;
  std::vector<Predicted> predicted;
  std::vector<double> weights;

  KeptPoints(const Truth* t, const Predicted* p, std::ptrdiff_t n, const CountSettings& settings) {
    for (std::ptrdiff_t i = 0; i < n; ++i) {
      if (settings.noise == NoiseRule::drop && (t[i] == noise_label || p[i] == noise_label)) continue;
      if (settings.weights != nullptr && settings.weights[i] == 0) continue;
      truth.push_back(t[i]);
      predicted.push_back(p[i]);
      if (settings.weights != nullptr) weights.push_back(settings.weights[i]);
    }
  }
};

template <class Truth, class Predicted>
CountedLabels count_labels(const Truth* truth, const Predicted* predicted, std::ptrdiff_t n,
                           const CountSettings& settings) {
  const auto is_zero = [](double weight) { return weight == 0; };
  if (settings.noise == NoiseRule::drop ||
      (settings.weights != nullptr && std::any_of(settings.weights, settings.weights + n, is_zero))) {
    const KeptPoints<Truth, Predicted> kept(truth, predicted, n, settings);
    const NoiseRule rest = settings.noise == NoiseRule::drop ? NoiseRule::cluster : settings.noise;
    return count_labels(kept.truth.data(), kept.predicted.data(), static_cast<std::ptrdiff_t>(kept.truth.size()),
                        {rest, settings.weights != nullptr ? kept.weights.data() : nullptr, settings.threads});
  }
  if (settings.noise == NoiseRule::singletons) {
    const SplitNoise rows(truth, n, settings.threads), columns(predicted, n, settings.threads);
    CountedLabels counted =
        count_points(rows.number.data(), columns.number.data(), settings.weights, n, settings.threads);
    rows.restore(counted.row_labels);
    columns.restore(counted.column_labels);
    return counted;
  }
  return count_points(truth, predicted, settings.weights, n, settings.threads);
}

/// Hands the table with its marginals, which follow from the cells, to receive().
inline void receive_table(const CountedLabels& counted, compiled::ReceiveContingency receive, void* context) {
  std::vector<double> row_sums(counted.row_labels.size()), column_sums(counted.column_labels.size());
  double total = 0;
  for (const ContingencyCell& cell : counted.cells) {
    row_sums[static_cast<std::size_t>(cell.row)] += cell.count;
    column_sums[static_cast<std::size_t>(cell.column)] += cell.count;
    total += cell.count;
  }
  receive(context, {.total = total,
                    .rows = static_cast<std::ptrdiff_t>(row_sums.size()),
                    .columns = static_cast<std::ptrdiff_t>(column_sums.size()),
                    .cells = static_cast<std::ptrdiff_t>(counted.cells.size()),
                    .row_labels = counted.row_labels.data(),
                    .column_labels = counted.column_labels.data(),
                    .row_sums = row_sums.data(),
                    .column_sums = column_sums.data(),
                    .cell = counted.cells.data()});
}

inline void count_labels(const LabelsView& truth, const LabelsView& predicted, const CountSettings& settings,
                         compiled::ReceiveContingency receive, void* context) {
  const auto count_against = [&](const auto* truth_labels) {
    return predicted.narrow != nullptr ? count_labels(truth_labels, predicted.narrow, truth.n, settings)
                                       : count_labels(truth_labels, predicted.wide, truth.n, settings);
  };
  receive_table(truth.narrow != nullptr ? count_against(truth.narrow) : count_against(truth.wide), receive, context);
}

}  // namespace detail
CORYMB_END
