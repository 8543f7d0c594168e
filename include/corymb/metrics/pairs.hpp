#pragma once

#include <corymb/metrics/contingency.hpp>

CORYMB_BEGIN

// Scores that count pairs of points: the two points of a pair are in one cluster, or they are not, in the truth and in
// the prediction. Each takes a ContingencyTable, or two labelings (see contingency_table); none depends on the names of
// the clusters. Time and memory beyond the table: O(cells) and nothing. Lengths that differ, or a table whose parts do
// not fit together, throw InvalidArgument.
//
// Pairs are counted exactly for any n up to 1e10. Points with weights count as so many copies. Where a score is 0/0,
// nothing that it asks for exists: it is 1 (no predicted pair is wrong where none is predicted).

/// Unordered pairs of points.
struct PairConfusion {
  double both = 0;            ///< in one cluster in the truth and in the prediction
  double truth_only = 0;      ///< in the truth only: missed
  double predicted_only = 0;  ///< in the prediction only: wrong
  double neither = 0;
};

inline PairConfusion pair_confusion(const ContingencyTable& table);
template <LabelRange Truth, LabelRange Predicted>
PairConfusion pair_confusion(const Truth& truth, const Predicted& predicted);

/// Share of the pairs on which the labelings agree, in [0, 1]. Not adjusted for chance: near 1 for any two labelings
/// with many clusters.
/// @see Rand (1971) doi:10.1080/01621459.1971.10482356
inline double rand_index(const ContingencyTable& table);
template <LabelRange Truth, LabelRange Predicted>
double rand_index(const Truth& truth, const Predicted& predicted);

/// Adjusted Rand index: agreement on pairs beyond chance, in [-0.5, 1]; 1 for equal partitions, mean 0 over random
/// labelings of these sizes.
/// @see Hubert & Arabie (1985) doi:10.1007/BF01908075
inline double adjusted_rand_index(const ContingencyTable& table);
template <LabelRange Truth, LabelRange Predicted>
double adjusted_rand_index(const Truth& truth, const Predicted& predicted);

/// Share of the predicted pairs that are pairs in the truth, in [0, 1].
inline double pair_precision(const ContingencyTable& table);
template <LabelRange Truth, LabelRange Predicted>
double pair_precision(const Truth& truth, const Predicted& predicted);

/// Share of the true pairs that are predicted, in [0, 1].
inline double pair_recall(const ContingencyTable& table);
template <LabelRange Truth, LabelRange Predicted>
double pair_recall(const Truth& truth, const Predicted& predicted);

/// Harmonic mean of pair_precision and pair_recall, in [0, 1].
inline double pair_f_score(const ContingencyTable& table);
template <LabelRange Truth, LabelRange Predicted>
double pair_f_score(const Truth& truth, const Predicted& predicted);

/// Pairs in both labelings among those in any, in [0, 1].
inline double pair_jaccard(const ContingencyTable& table);
template <LabelRange Truth, LabelRange Predicted>
double pair_jaccard(const Truth& truth, const Predicted& predicted);

/// Fowlkes-Mallows index: geometric mean of pair_precision and pair_recall, in [0, 1].
/// @see Fowlkes & Mallows (1983) doi:10.1080/01621459.1983.10478008
inline double fowlkes_mallows_index(const ContingencyTable& table);
template <LabelRange Truth, LabelRange Predicted>
double fowlkes_mallows_index(const Truth& truth, const Predicted& predicted);

CORYMB_END

#include <corymb/metrics/detail/pairs.hpp>
