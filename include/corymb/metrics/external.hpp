#pragma once

#include <corymb/metrics/information.hpp>
#include <corymb/metrics/overlap.hpp>
#include <corymb/metrics/pairs.hpp>

CORYMB_BEGIN

/// All scores of a labeling against the known classes.
struct ExternalScores {
  double rand_index = 1;
  double adjusted_rand_index = 1;
  double pair_precision = 1;
  double pair_recall = 1;
  double pair_f_score = 1;
  double pair_jaccard = 1;
  double fowlkes_mallows_index = 1;
  double mutual_information = 0;             ///< nats
  double normalized_mutual_information = 1;  ///< arithmetic normaliser
  double adjusted_mutual_information = 1;    ///< arithmetic normaliser; NaN where the counts are not whole
  double homogeneity = 1;
  double completeness = 1;
  double v_measure = 1;
  double variation_of_information = 0;  ///< nats
  double clustering_accuracy = 1;
  double purity = 1;
  double inverse_purity = 1;
  double f_measure = 1;
  BCubed bcubed;
};

/// Computes them all from one table. What each is stands in the headers pairs, information and overlap.
inline ExternalScores external_scores(const ContingencyTable& table);
template <LabelRange Truth, LabelRange Predicted>
ExternalScores external_scores(const Truth& truth, const Predicted& predicted);

CORYMB_END

#include <corymb/metrics/detail/external.hpp>
