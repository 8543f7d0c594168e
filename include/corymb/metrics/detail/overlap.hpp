#pragma once

#include <corymb/metrics/detail/label_score.hpp>
#include <corymb/metrics/overlap.hpp>

#if !defined(CORYMB_COMPILED)
#include <corymb/metrics/detail/matching.hpp>
#include <corymb/metrics/detail/overlap_numbers.hpp>
#endif

#include <algorithm>
#include <cstddef>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

CORYMB_BEGIN
namespace detail {

#if defined(CORYMB_COMPILED)
using compiled::match_clusters;
using compiled::overlap_numbers;
#endif

inline compiled::OverlapNumbers overlaps_of(std::string_view function, const ContingencyTable& table) {
  return detail::overlap_numbers(checked_view(function, table));
}

inline BCubed bcubed(const compiled::OverlapNumbers& numbers) {
  return {numbers.bcubed_precision, numbers.bcubed_recall,
          harmonic_mean(numbers.bcubed_precision, numbers.bcubed_recall)};
}

inline LabelMatching match_labels(const compiled::ContingencyView& table) {
  std::vector<std::ptrdiff_t> row_of_column(static_cast<std::size_t>(table.columns));
  const double covered = detail::match_clusters(table, row_of_column.data());
  LabelMatching result;
  if (table.total > 0) result.accuracy = std::min(covered / table.total, 1.0);
  for (std::size_t column = 0; column < row_of_column.size(); ++column) {
    LabelMatch& match = result.mapping.emplace_back();
    match.predicted = table.column_labels[column];
    if (const std::ptrdiff_t row = row_of_column[column]; row >= 0) match.truth = table.row_labels[row];
  }
  return result;
}

/// The highest label, at least −1; throws for labels below −1.
template <LabelRange Range>
std::int64_t highest_label(std::string_view function, std::string_view name, const Range& labels) {
  std::int64_t highest = noise;
  std::size_t place = 0;
  for (const auto label : labels) {
    if (std::cmp_less(label, noise) || std::cmp_greater(label, std::numeric_limits<std::int32_t>::max()))
      reject(function, std::string(name) + "[" + std::to_string(place) + "] = " + std::to_string(label) +
                           " must be in [-1, 2147483647]");
    highest = std::max(highest, static_cast<std::int64_t>(label));
    ++place;
  }
  return highest;
}

}  // namespace detail

inline double purity(const ContingencyTable& table) { return detail::overlaps_of("purity", table).purity; }
inline double inverse_purity(const ContingencyTable& table) {
  return detail::overlaps_of("inverse_purity", table).inverse_purity;
}
inline double f_measure(const ContingencyTable& table) { return detail::overlaps_of("f_measure", table).f_measure; }
inline BCubed bcubed(const ContingencyTable& table) { return detail::bcubed(detail::overlaps_of("bcubed", table)); }
inline LabelMatching match_labels(const ContingencyTable& table) {
  return detail::match_labels(detail::checked_view("match_labels", table));
}
inline double clustering_accuracy(const ContingencyTable& table) {
  return detail::match_labels(detail::checked_view("clustering_accuracy", table)).accuracy;
}

CORYMB_SCORE_OF_LABELS(double, purity)
CORYMB_SCORE_OF_LABELS(double, inverse_purity)
CORYMB_SCORE_OF_LABELS(double, f_measure)
CORYMB_SCORE_OF_LABELS(BCubed, bcubed)
CORYMB_SCORE_OF_LABELS(LabelMatching, match_labels)
CORYMB_SCORE_OF_LABELS(double, clustering_accuracy)

template <LabelRange Reference, LabelRange Range>
Labels align_labels(const Reference& reference, const Range& labels) {
  constexpr std::string_view function = "align_labels";
  if (std::size(reference) != std::size(labels))
    detail::reject(function, "reference has " + std::to_string(std::size(reference)) + " labels, labels has " +
                                 std::to_string(std::size(labels)) + "; they must have the same length");
  std::int64_t next = 1 + std::max(detail::highest_label(function, "reference", reference),
                                   detail::highest_label(function, "labels", labels));
  // Every label of `labels`, also of points that are noise in the reference.
  std::vector<std::int64_t> own(std::begin(labels), std::end(labels));
  std::sort(own.begin(), own.end());
  own.erase(std::unique(own.begin(), own.end()), own.end());
  std::vector<std::int64_t> renamed(own.size(), noise);
  const auto place = [&](std::int64_t label) {
    return static_cast<std::size_t>(std::lower_bound(own.begin(), own.end(), label) - own.begin());
  };
  const auto matching = match_labels(contingency_table(reference, labels, {.noise = NoisePolicy::drop}));
  for (const LabelMatch& match : matching.mapping)
    if (match.truth) renamed[place(match.predicted)] = *match.truth;
  for (std::size_t i = 0; i < own.size(); ++i) {
    if (own[i] == noise || renamed[i] != noise) continue;
    if (next > std::numeric_limits<std::int32_t>::max())
      detail::reject(function, "a label without a match would exceed 2147483647");
    renamed[i] = next++;
  }
  Labels result(static_cast<Index>(std::size(labels)));
  Index at = 0;
  for (const auto label : labels)
    result[at++] = static_cast<std::int32_t>(renamed[place(static_cast<std::int64_t>(label))]);
  return result;
}

CORYMB_END
