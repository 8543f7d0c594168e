#pragma once

#include <corymb/metrics/detail/information.hpp>
#include <corymb/metrics/detail/overlap.hpp>
#include <corymb/metrics/detail/pairs.hpp>
#include <corymb/metrics/external.hpp>

#include <limits>
#include <string_view>

CORYMB_BEGIN

inline ExternalScores external_scores(const ContingencyTable& table) {
  constexpr std::string_view function = "external_scores";
  const compiled::ContingencyView view = detail::checked_view(function, table);
  const auto pairs = detail::pair_numbers(view);
  const auto h = detail::information_numbers(view);
  const auto overlaps = detail::overlap_numbers(view);
  const bool same = detail::same_partition(table);
  ExternalScores scores;
  scores.rand_index = detail::rand_index(pairs);
  scores.adjusted_rand_index = pairs.adjusted_rand_index;
  scores.pair_precision = detail::pair_precision(pairs);
  scores.pair_recall = detail::pair_recall(pairs);
  scores.pair_f_score = detail::pair_f_score(pairs);
  scores.pair_jaccard = detail::pair_jaccard(pairs);
  scores.fowlkes_mallows_index = detail::fowlkes_mallows_index(pairs);
  scores.mutual_information = h.mutual_information;
  scores.normalized_mutual_information = same ? 1 : detail::normalized_information(h, Normalizer::arithmetic);
  scores.adjusted_mutual_information =
      !detail::has_whole_counts(table) ? std::numeric_limits<double>::quiet_NaN()
      : same                           ? 1
             : detail::adjusted_information(h, detail::expected_mutual_information(view), Normalizer::arithmetic);
  scores.homogeneity = detail::known_share(h.truth_entropy, h.truth_given_predicted);
  scores.completeness = detail::known_share(h.predicted_entropy, h.predicted_given_truth);
  scores.v_measure = detail::v_measure(scores.homogeneity, scores.completeness, 1);
  scores.variation_of_information = h.truth_given_predicted + h.predicted_given_truth;
  scores.clustering_accuracy = detail::match_labels(function, table).accuracy;
  scores.purity = overlaps.purity;
  scores.inverse_purity = overlaps.inverse_purity;
  scores.f_measure = overlaps.f_measure;
  scores.bcubed = detail::bcubed(overlaps);
  return scores;
}
CORYMB_SCORE_OF_LABELS(ExternalScores, external_scores)

CORYMB_END
