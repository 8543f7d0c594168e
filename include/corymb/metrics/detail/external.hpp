#pragma once

#include <corymb/metrics/detail/contingency.hpp>
#include <corymb/metrics/external.hpp>

#include <cstddef>
#include <string_view>
#include <vector>

CORYMB_BEGIN
namespace detail {

inline LabelMatching match_labels(std::string_view function, const ContingencyTable& table) {
  const compiled::ContingencyView view = checked_view(function, table);
  std::vector<std::ptrdiff_t> row_of_column(table.column_labels.size());
  const double covered = detail::match_clusters(view, row_of_column.data());
  LabelMatching result;
  if (table.total > 0) result.accuracy = covered / table.total;
  for (std::size_t column = 0; column < row_of_column.size(); ++column) {
    LabelMatch& match = result.mapping.emplace_back();
    match.predicted = table.column_labels[column];
    if (const std::ptrdiff_t row = row_of_column[column]; row >= 0)
      match.truth = table.row_labels[static_cast<std::size_t>(row)];
  }
  return result;
}

}  // namespace detail

inline double adjusted_rand_index(const ContingencyTable& table) {
  return detail::adjusted_rand_index(detail::checked_view("adjusted_rand_index", table));
}
template <LabelRange Truth, LabelRange Predicted>
double adjusted_rand_index(const Truth& truth, const Predicted& predicted) {
  return adjusted_rand_index(detail::count_table("adjusted_rand_index", truth, predicted));
}

inline double normalized_mutual_information(const ContingencyTable& table) {
  return detail::normalized_mutual_information(detail::checked_view("normalized_mutual_information", table));
}
template <LabelRange Truth, LabelRange Predicted>
double normalized_mutual_information(const Truth& truth, const Predicted& predicted) {
  return normalized_mutual_information(detail::count_table("normalized_mutual_information", truth, predicted));
}

inline LabelMatching match_labels(const ContingencyTable& table) { return detail::match_labels("match_labels", table); }
template <LabelRange Truth, LabelRange Predicted>
LabelMatching match_labels(const Truth& truth, const Predicted& predicted) {
  return match_labels(detail::count_table("match_labels", truth, predicted));
}

inline double clustering_accuracy(const ContingencyTable& table) {
  return detail::match_labels("clustering_accuracy", table).accuracy;
}
template <LabelRange Truth, LabelRange Predicted>
double clustering_accuracy(const Truth& truth, const Predicted& predicted) {
  return clustering_accuracy(detail::count_table("clustering_accuracy", truth, predicted));
}

CORYMB_END
