#pragma once

#include <corymb/metrics/contingency.hpp>

CORYMB_BEGIN

// Scores by information theory, in nats. Each takes a ContingencyTable, or two labelings (see contingency_table); none
// depends on the names of the clusters. All but variation_of_information are 1 for equal partitions, no points
// included. Time and memory beyond the table: O(cells) and nothing, but for what the adjusted ones say. Lengths that
// differ, or a table whose parts do not fit together, throw InvalidArgument.

/// Entropies of two labelings, in nats.
struct LabelInformation {
  double truth_entropy = 0;          ///< H(T)
  double predicted_entropy = 0;      ///< H(P)
  double truth_given_predicted = 0;  ///< H(T | P): what the prediction leaves open
  double predicted_given_truth = 0;  ///< H(P | T)
  double mutual_information = 0;     ///< I(T; P) = H(T) − H(T | P)
};

inline LabelInformation label_information(const ContingencyTable& table);
template <LabelRange Truth, LabelRange Predicted>
LabelInformation label_information(const Truth& truth, const Predicted& predicted);

/// What mutual information is divided by.
enum class Normalizer {
  arithmetic,  ///< (H(T) + H(P)) / 2
  geometric,   ///< √(H(T) H(P))
  min,         ///< min(H(T), H(P))
  max,         ///< max(H(T), H(P))
  joint,       ///< H(T, P)
};

/// Normalised mutual information in [0, 1]: I(T; P) over the normaliser; 0 if only one labeling has one cluster. Not
/// adjusted for chance: it grows with the number of clusters.
/// @see Vinh, Epps & Bailey (2010), JMLR 11, 2837-2854
inline double normalized_mutual_information(const ContingencyTable& table,
                                            Normalizer normalizer = Normalizer::arithmetic);
template <LabelRange Truth, LabelRange Predicted>
double normalized_mutual_information(const Truth& truth, const Predicted& predicted,
                                     Normalizer normalizer = Normalizer::arithmetic);

/// Mean of the mutual information over all pairs of labelings with these cluster sizes, in nats: exact, by the
/// hypergeometric distribution of every cell.
/// @throws InvalidArgument  also for counts that are not whole: the model draws points.
/// @note Cells with the same sums are computed once. Time O(r c √(n / (r c)) + r c) for r and c different cluster
/// sizes, each at most √(2 n); memory O(r + c).
inline double expected_mutual_information(const ContingencyTable& table);
template <LabelRange Truth, LabelRange Predicted>
double expected_mutual_information(const Truth& truth, const Predicted& predicted);

/// Adjusted mutual information: (I − E) / (normaliser − E) with E = expected_mutual_information; at most 1, mean 0 over
/// random labelings of these sizes. Errors and cost as of expected_mutual_information.
/// @see Vinh, Epps & Bailey (2010), JMLR 11, 2837-2854
inline double adjusted_mutual_information(const ContingencyTable& table,
                                          Normalizer normalizer = Normalizer::arithmetic);
template <LabelRange Truth, LabelRange Predicted>
double adjusted_mutual_information(const Truth& truth, const Predicted& predicted,
                                   Normalizer normalizer = Normalizer::arithmetic);

/// 1 − H(T | P) / H(T), in [0, 1]: each predicted cluster holds points of one class only.
/// @see Rosenberg & Hirschberg (2007), EMNLP-CoNLL, 410-420
inline double homogeneity(const ContingencyTable& table);
template <LabelRange Truth, LabelRange Predicted>
double homogeneity(const Truth& truth, const Predicted& predicted);

/// 1 − H(P | T) / H(P), in [0, 1]: the points of a class are in one predicted cluster.
inline double completeness(const ContingencyTable& table);
template <LabelRange Truth, LabelRange Predicted>
double completeness(const Truth& truth, const Predicted& predicted);

/// Harmonic mean of homogeneity and completeness, the latter weighted by beta ≥ 0, in [0, 1]. With beta = 1 the
/// normalised mutual information with the arithmetic normaliser.
inline double v_measure(const ContingencyTable& table, double beta = 1);
template <LabelRange Truth, LabelRange Predicted>
double v_measure(const Truth& truth, const Predicted& predicted, double beta = 1);

/// H(T | P) + H(P | T) in nats, ≥ 0 and at most log n; a metric on partitions, 0 for equal ones.
/// @see Meilă (2007) doi:10.1016/j.jmva.2006.11.013
inline double variation_of_information(const ContingencyTable& table);
template <LabelRange Truth, LabelRange Predicted>
double variation_of_information(const Truth& truth, const Predicted& predicted);

CORYMB_END

#include <corymb/metrics/detail/information.hpp>
