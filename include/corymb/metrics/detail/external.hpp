#pragma once

#include <corymb/metrics/detail/information.hpp>
#include <corymb/metrics/detail/overlap.hpp>
#include <corymb/metrics/detail/pairs.hpp>
#include <corymb/metrics/external.hpp>

#include <limits>

CORYMB_BEGIN

inline ExternalScores external_scores(const ContingencyTable& table) {
  const compiled::ContingencyView view = detail::checked_view("external_scores", table);
  const auto pairs = detail::pair_numbers(view);
  const auto h = detail::information_numbers(view);
  const auto overlaps = detail::overlap_numbers(view);
  ExternalScores scores;
  scores.rand_index = detail::rand_index(pairs);
  scores.adjusted_rand_index = pairs.adjusted_rand_index;
  scores.pair_precision = detail::pair_precision(pairs);
  scores.pair_recall = detail::pair_recall(pairs);
  scores.pair_f_score = detail::pair_f_score(pairs);
  scores.pair_jaccard = detail::pair_jaccard(pairs);
  scores.fowlkes_mallows_index = detail::fowlkes_mallows_index(pairs);
  scores.mutual_information = h.mutual_information;
  scores.normalized_mutual_information = detail::normalized_mutual_information(view, h, Normalizer::arithmetic);
  scores.adjusted_mutual_information = detail::has_whole_counts(view)
                                           ? detail::adjusted_mutual_information(view, h, Normalizer::arithmetic)
                                           : std::numeric_limits<double>::quiet_NaN();
  scores.homogeneity = detail::known_share(h.truth_entropy, h.truth_given_predicted);
  scores.completeness = detail::known_share(h.predicted_entropy, h.predicted_given_truth);
  scores.v_measure = detail::v_measure(scores.homogeneity, scores.completeness, 1);
  scores.variation_of_information = h.truth_given_predicted + h.predicted_given_truth;
  scores.clustering_accuracy = detail::match_labels(view).accuracy;
  scores.purity = overlaps.purity;
  scores.inverse_purity = overlaps.inverse_purity;
  scores.f_measure = overlaps.f_measure;
  scores.bcubed = detail::bcubed(overlaps);
  return scores;
}
CORYMB_SCORE_OF_LABELS(ExternalScores, external_scores)

CORYMB_END
