#pragma once

#include <corymb/metrics/contingency.hpp>

#include <cstdint>
#include <optional>
#include <vector>

CORYMB_BEGIN

// Scores by the clusters that overlap most. Each takes a ContingencyTable, or two labelings (see contingency_table);
// none depends on the names of the clusters, and all are 1 for equal partitions, no points included. Time O(cells) and
// memory O(clusters) beyond the table; the exception is stated. Lengths that differ, or a table whose parts do not fit
// together, throw InvalidArgument.

/// Share of the points that are in the majority class of their predicted cluster, in (0, 1]. Grows with the number of
/// predicted clusters.
inline double purity(const ContingencyTable& table);
template <LabelRange Truth, LabelRange Predicted>
double purity(const Truth& truth, const Predicted& predicted);

/// Share of the points that are in the predicted cluster that holds most of their class, in (0, 1]. 1 for a single
/// predicted cluster.
inline double inverse_purity(const ContingencyTable& table);
template <LabelRange Truth, LabelRange Predicted>
double inverse_purity(const Truth& truth, const Predicted& predicted);

/// The F-measure of clustering, in (0, 1]: the mean over the classes, weighted by their sizes, of the best F-score that
/// a predicted cluster has for the class.
/// @see Larsen & Aone (1999) doi:10.1145/312129.312186
inline double f_measure(const ContingencyTable& table);
template <LabelRange Truth, LabelRange Predicted>
double f_measure(const Truth& truth, const Predicted& predicted);

/// Means over the points.
struct BCubed {
  double precision = 1;  ///< share of the point's predicted cluster that is in its class
  double recall = 1;     ///< share of the point's class that is in its predicted cluster
  double f_score = 1;    ///< harmonic mean of the two
};

/// @see Bagga & Baldwin (1998) doi:10.3115/980845.980859; Amigó et al. (2009) doi:10.1007/s10791-008-9066-8
inline BCubed bcubed(const ContingencyTable& table);
template <LabelRange Truth, LabelRange Predicted>
BCubed bcubed(const Truth& truth, const Predicted& predicted);

/// What became of one predicted label.
struct LabelMatch {
  std::int64_t predicted = 0;
  std::optional<std::int64_t> truth;  ///< no value where all classes that it meets are better matched elsewhere
};

struct LabelMatching {
  double accuracy = 1;              ///< share of the points in matched pairs, in [0, 1]
  std::vector<LabelMatch> mapping;  ///< one per predicted label, in the order of the table's columns
};

/// The one-to-one matching of predicted labels and classes that covers the most points: the accuracy of clustering, and
/// which cluster stands for which class. The numbers of clusters and classes may differ; labels that have no point in
/// common are not matched. Of several best matchings one is chosen by the table alone.
/// @note Beyond the table, time O(k · cells · log k) at worst, k = number of classes; mostly near O(cells).
/// @see Kuhn (1955) doi:10.1002/nav.3800020109
inline LabelMatching match_labels(const ContingencyTable& table);
template <LabelRange Truth, LabelRange Predicted>
LabelMatching match_labels(const Truth& truth, const Predicted& predicted);

/// match_labels(...).accuracy.
inline double clustering_accuracy(const ContingencyTable& table);
template <LabelRange Truth, LabelRange Predicted>
double clustering_accuracy(const Truth& truth, const Predicted& predicted);

/// Renumbers a labeling after another one of the same points, so that numbers and colours stay from run to run: a
/// cluster gets the label of the cluster in `reference` that match_labels gives it. Clusters without one get labels
/// that neither labeling has, ascending from one above the highest (from 0 where that is negative), in the order of
/// their own labels. Noise (−1) stays noise and is matched with nothing.
/// @param reference, labels  n labels ≥ −1 each, in any range of integers.
/// @return  n labels.
/// @throws InvalidArgument  lengths that differ, a label below −1, or one that would exceed 2^31 − 1.
template <LabelRange Reference, LabelRange Range>
Labels align_labels(const Reference& reference, const Range& labels);

CORYMB_END

#include <corymb/metrics/detail/overlap.hpp>
