#pragma once

#include <corymb/metrics/detail/label_score.hpp>
#include <corymb/metrics/pairs.hpp>

#if !defined(CORYMB_COMPILED)
#include <corymb/metrics/detail/pair_numbers.hpp>
#endif

#include <cmath>
#include <string_view>

CORYMB_BEGIN
namespace detail {

#if defined(CORYMB_COMPILED)
using compiled::pair_numbers;
#endif

inline compiled::PairNumbers pairs_of(std::string_view function, const ContingencyTable& table) {
  return detail::pair_numbers(checked_view(function, table));
}

/// part / (part + rest); 1 where there is nothing at all.
inline double share(double part, double rest) { return part + rest > 0 ? part / (part + rest) : 1; }

inline double rand_index(const compiled::PairNumbers& p) {
  return share(p.both + p.neither, p.truth_only + p.predicted_only);
}
inline double pair_precision(const compiled::PairNumbers& p) { return share(p.both, p.predicted_only); }
inline double pair_recall(const compiled::PairNumbers& p) { return share(p.both, p.truth_only); }
inline double pair_f_score(const compiled::PairNumbers& p) {
  return share(2 * p.both, p.truth_only + p.predicted_only);
}
inline double pair_jaccard(const compiled::PairNumbers& p) { return share(p.both, p.truth_only + p.predicted_only); }
inline double fowlkes_mallows_index(const compiled::PairNumbers& p) {
  return std::sqrt(pair_precision(p) * pair_recall(p));
}

}  // namespace detail

inline PairConfusion pair_confusion(const ContingencyTable& table) {
  const auto numbers = detail::pairs_of("pair_confusion", table);
  return {numbers.both, numbers.truth_only, numbers.predicted_only, numbers.neither};
}
inline double rand_index(const ContingencyTable& table) {
  return detail::rand_index(detail::pairs_of("rand_index", table));
}
inline double adjusted_rand_index(const ContingencyTable& table) {
  return detail::pairs_of("adjusted_rand_index", table).adjusted_rand_index;
}
inline double pair_precision(const ContingencyTable& table) {
  return detail::pair_precision(detail::pairs_of("pair_precision", table));
}
inline double pair_recall(const ContingencyTable& table) {
  return detail::pair_recall(detail::pairs_of("pair_recall", table));
}
inline double pair_f_score(const ContingencyTable& table) {
  return detail::pair_f_score(detail::pairs_of("pair_f_score", table));
}
inline double pair_jaccard(const ContingencyTable& table) {
  return detail::pair_jaccard(detail::pairs_of("pair_jaccard", table));
}
inline double fowlkes_mallows_index(const ContingencyTable& table) {
  return detail::fowlkes_mallows_index(detail::pairs_of("fowlkes_mallows_index", table));
}

CORYMB_SCORE_OF_LABELS(PairConfusion, pair_confusion)
CORYMB_SCORE_OF_LABELS(double, rand_index)
CORYMB_SCORE_OF_LABELS(double, adjusted_rand_index)
CORYMB_SCORE_OF_LABELS(double, pair_precision)
CORYMB_SCORE_OF_LABELS(double, pair_recall)
CORYMB_SCORE_OF_LABELS(double, pair_f_score)
CORYMB_SCORE_OF_LABELS(double, pair_jaccard)
CORYMB_SCORE_OF_LABELS(double, fowlkes_mallows_index)

CORYMB_END
