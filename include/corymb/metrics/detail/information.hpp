#pragma once

#include <corymb/metrics/detail/label_score.hpp>
#include <corymb/metrics/information.hpp>

#if !defined(CORYMB_COMPILED)
#include <corymb/metrics/detail/expected_information.hpp>
#include <corymb/metrics/detail/information_numbers.hpp>
#endif

#include <algorithm>
#include <cmath>
#include <string_view>

CORYMB_BEGIN
namespace detail {

#if defined(CORYMB_COMPILED)
using compiled::expected_mutual_information;
using compiled::information_numbers;
#endif

using compiled::InformationNumbers;

inline InformationNumbers information_of(std::string_view function, const ContingencyTable& table) {
  return detail::information_numbers(checked_view(function, table));
}

inline double normalizer_value(const InformationNumbers& h, Normalizer normalizer) {
  switch (normalizer) {
    case Normalizer::arithmetic: break;
    case Normalizer::geometric: return std::sqrt(h.truth_entropy * h.predicted_entropy);
    case Normalizer::min: return std::min(h.truth_entropy, h.predicted_entropy);
    case Normalizer::max: return std::max(h.truth_entropy, h.predicted_entropy);
    case Normalizer::joint: return h.truth_given_predicted + h.predicted_given_truth + h.mutual_information;
  }
  return (h.truth_entropy + h.predicted_entropy) / 2;
}

/// Of tables that are not one partition. A normaliser of 0 means that one labeling has one cluster, and tells nothing.
inline double normalized_information(const InformationNumbers& h, Normalizer normalizer) {
  const double scale = normalizer_value(h, normalizer);
  return scale > 0 ? std::min(h.mutual_information / scale, 1.0) : 0;
}

/// The same, beyond chance. One cluster on one side, or only singletons, leave no room for chance: the information is
/// what is expected.
inline double adjusted_information(const InformationNumbers& h, double expected, Normalizer normalizer) {
  const double beyond_chance = h.mutual_information - expected, room = normalizer_value(h, normalizer) - expected;
  constexpr double rounding = 1e-14;
  if (std::abs(beyond_chance) <= rounding * std::max(h.mutual_information, expected)) return 0;
  return room > 0 ? std::min(beyond_chance / room, 1.0) : 0;
}

/// What part of an entropy is known.
inline double known_share(double entropy, double unknown) {
  return entropy > 0 ? std::max(1 - unknown / entropy, 0.0) : 1;
}

inline double v_measure(double homogeneity, double completeness, double beta) {
  const double scale = beta * homogeneity + completeness;
  return scale > 0 ? (1 + beta) * homogeneity * completeness / scale : 0;
}

inline bool has_whole_counts(const compiled::ContingencyView& table) {
  return std::all_of(table.cell, table.cell + table.cells,
                     [](const ContingencyCell& cell) { return cell.count == std::floor(cell.count); });
}

inline compiled::ContingencyView checked_whole_counts(std::string_view function, const ContingencyTable& table) {
  const compiled::ContingencyView view = checked_view(function, table);
  if (!has_whole_counts(view)) reject(function, "the contingency table must have whole counts");
  return view;
}

inline double normalized_mutual_information(const compiled::ContingencyView& table, const InformationNumbers& h,
                                            Normalizer normalizer) {
  return compiled::same_partition(table) ? 1 : normalized_information(h, normalizer);
}

inline double adjusted_mutual_information(const compiled::ContingencyView& table, const InformationNumbers& h,
                                          Normalizer normalizer) {
  if (compiled::same_partition(table)) return 1;
  return adjusted_information(h, detail::expected_mutual_information(table), normalizer);
}

}  // namespace detail

inline LabelInformation label_information(const ContingencyTable& table) {
  const auto h = detail::information_of("label_information", table);
  return {h.truth_entropy, h.predicted_entropy, h.truth_given_predicted, h.predicted_given_truth, h.mutual_information};
}
inline double normalized_mutual_information(const ContingencyTable& table, Normalizer normalizer) {
  const auto view = detail::checked_view("normalized_mutual_information", table);
  return detail::normalized_mutual_information(view, detail::information_numbers(view), normalizer);
}
inline double expected_mutual_information(const ContingencyTable& table) {
  return detail::expected_mutual_information(detail::checked_whole_counts("expected_mutual_information", table));
}
inline double adjusted_mutual_information(const ContingencyTable& table, Normalizer normalizer) {
  const auto view = detail::checked_whole_counts("adjusted_mutual_information", table);
  return detail::adjusted_mutual_information(view, detail::information_numbers(view), normalizer);
}
inline double homogeneity(const ContingencyTable& table) {
  const auto h = detail::information_of("homogeneity", table);
  return detail::known_share(h.truth_entropy, h.truth_given_predicted);
}
inline double completeness(const ContingencyTable& table) {
  const auto h = detail::information_of("completeness", table);
  return detail::known_share(h.predicted_entropy, h.predicted_given_truth);
}
inline double v_measure(const ContingencyTable& table, double beta) {
  constexpr std::string_view function = "v_measure";
  if (!(beta >= 0) || std::isinf(beta))
    detail::reject(function, "beta = " + detail::to_text(beta) + " must be finite and ≥ 0");
  const auto h = detail::information_of(function, table);
  return detail::v_measure(detail::known_share(h.truth_entropy, h.truth_given_predicted),
                           detail::known_share(h.predicted_entropy, h.predicted_given_truth), beta);
}
inline double variation_of_information(const ContingencyTable& table) {
  const auto h = detail::information_of("variation_of_information", table);
  return h.truth_given_predicted + h.predicted_given_truth;
}

CORYMB_SCORE_OF_LABELS(LabelInformation, label_information)
CORYMB_SCORE_OF_LABELS_AND(double, normalized_mutual_information, Normalizer)
CORYMB_SCORE_OF_LABELS(double, expected_mutual_information)
CORYMB_SCORE_OF_LABELS_AND(double, adjusted_mutual_information, Normalizer)
CORYMB_SCORE_OF_LABELS(double, homogeneity)
CORYMB_SCORE_OF_LABELS(double, completeness)
CORYMB_SCORE_OF_LABELS_AND(double, v_measure, double)
CORYMB_SCORE_OF_LABELS(double, variation_of_information)

CORYMB_END
