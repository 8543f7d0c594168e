#pragma once

#include <corymb/metrics/contingency.hpp>

#include <cstdint>
#include <optional>
#include <vector>

CORYMB_BEGIN

// Scores of a labeling against the known classes. Each takes two labelings of n points (any integers, see
// contingency_table; -1 is a cluster like any other), or their ContingencyTable, which then serves several scores. None
// depends on the names of the clusters. All are 1 where the two labelings are one partition, n = 0 included.
// Lengths that differ, or a table whose parts do not fit together, throw InvalidArgument. Time and memory are those of
// contingency_table, and O(cells of the table) beyond; the exception is stated.

/// Adjusted Rand index: agreement on pairs of points, in [-0.5, 1], with mean 0 over random labelings of these sizes.
/// The pairs are counted exactly, for any n up to 1e10.
/// @see Hubert & Arabie (1985) doi:10.1007/BF01908075
inline double adjusted_rand_index(const ContingencyTable& table);
template <LabelRange Truth, LabelRange Predicted>
double adjusted_rand_index(const Truth& truth, const Predicted& predicted);

/// Normalised mutual information in [0, 1]: I(T; P) / ((H(T) + H(P)) / 2). 0 if only one labeling has one cluster.
/// Not adjusted for chance: it grows with the number of clusters.
/// @see Vinh, Epps & Bailey (2010), JMLR 11, 2837-2854
inline double normalized_mutual_information(const ContingencyTable& table);
template <LabelRange Truth, LabelRange Predicted>
double normalized_mutual_information(const Truth& truth, const Predicted& predicted);

/// What became of one predicted label.
struct LabelMatch {
  std::int64_t predicted = 0;
  std::optional<std::int64_t> truth;  ///< no value where all classes that it meets are better matched elsewhere
};

struct LabelMatching {
  double accuracy = 1;              ///< share of the points in matched pairs, in [0, 1]
  std::vector<LabelMatch> mapping;  ///< one per predicted label, ascending
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

CORYMB_END

#include <corymb/metrics/detail/external.hpp>
