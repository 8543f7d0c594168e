#pragma once

#include <corymb/metrics/detail/contingency.hpp>

#include <cmath>

// Every score takes a table, or two labelings.
#define CORYMB_SCORE_OF_LABELS(Type, name)                     \
  template <LabelRange Truth, LabelRange Predicted>            \
  Type name(const Truth& truth, const Predicted& predicted) {  \
    return name(detail::count_table(#name, truth, predicted)); \
  }
#define CORYMB_SCORE_OF_LABELS_AND(Type, name, Parameter)                          \
  template <LabelRange Truth, LabelRange Predicted>                                \
  Type name(const Truth& truth, const Predicted& predicted, Parameter parameter) { \
    return name(detail::count_table(#name, truth, predicted), parameter);          \
  }

CORYMB_BEGIN
namespace detail {

inline double harmonic_mean(double a, double b) { return a + b > 0 ? 2 * a * b / (a + b) : 0; }

}  // namespace detail
CORYMB_END
