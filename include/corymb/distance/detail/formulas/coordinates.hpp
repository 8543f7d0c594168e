#pragma once

#include <corymb/distance/detail/formulas/formula.hpp>

// Metrics that compare coordinate by coordinate: the kernel does it all.

CORYMB_BEGIN
namespace detail {

template <class T>
struct EuclideanFormula : PlainFormula<T> {
  static constexpr PairValue value = PairValue::squared_euclidean;
  static constexpr bool finishes = true;
  void finish(T* squared, Index count) const { kernels::square_roots(squared, count); }
};

template <class T>
struct ManhattanFormula : PlainFormula<T> {
  static constexpr PairValue value = PairValue::manhattan;
};

template <class T>
struct ChebyshevFormula : PlainFormula<T> {
  static constexpr PairValue value = PairValue::chebyshev;
};

template <class T>
struct CanberraFormula : PlainFormula<T> {
  static constexpr PairValue value = PairValue::canberra;
};

template <class T>
struct HammingFormula : PlainFormula<T> {
  static void check(std::string_view function, std::string_view name, const Points<T>& X, int) {
    require_countable(function, name, X);
  }
  static constexpr PairValue value = PairValue::mismatches;
  static constexpr bool finishes = true;
  void finish(T* mismatches, Index count) const {
    const auto all = static_cast<double>(columns);
    for (Index i = 0; i < count; ++i) mismatches[i] = static_cast<T>(static_cast<double>(mismatches[i]) / all);
  }

  Index columns;
};

}  // namespace detail
CORYMB_END
