#pragma once

#include <corymb/distance/detail/formulas/formula.hpp>

#include <algorithm>
#include <vector>

// Metrics that divide what is different in two rows by what they have together.

CORYMB_BEGIN
namespace detail {

template <class T>
struct BrayCurtisFormula : PlainFormula<T> {
  static void check(std::string_view function, std::string_view name, const Points<T>& X, int threads) {
    check_rows(X, threads, [&](Index i) {
      const auto row = X[i];
      const auto negative = std::find_if(row.begin(), row.end(), [](T entry) { return entry < T(0); });
      if (negative != row.end())
        reject(function, std::string(name) + "(" + to_text(i) + ", " + to_text(Index{negative - row.begin()}) +
                             ") = " + to_text(*negative) + " must be ≥ 0 for the Bray-Curtis distance");
    });
  }

  // The sum of a row by the same kernel as the sum of differences: the distance to a row of zeros is exactly 1.
  using Number = T;
  static constexpr bool keeps_numbers = true;
  void numbers(const RowsView<T>& rows, Number* sums) const {
    Scratch<T> scratch(kernels::defined_scratch_size(T(), rows.d));
    kernels::distances(compiled::DistancesTask<T>{PairValue::manhattan, RowsView<T>{zeros.data(), 1, rows.d, rows.d},
                                                  rows, nullptr, sums, rows.n, scratch.data()});
  }

  static constexpr PairValue value = PairValue::manhattan;

  static constexpr bool adjusts = true;
  T decide(T differences, Number x, Number c) const {
    const double total = static_cast<double>(x) + static_cast<double>(c);
    return total > 0 ? static_cast<T>(std::min(1.0, static_cast<double>(differences) / total)) : T(0);
  }

  explicit BrayCurtisFormula(Index columns) : zeros(static_cast<std::size_t>(columns), T(0)) {}
  std::vector<T> zeros;
};

template <class T>
struct JaccardFormula : PlainFormula<T> {
  static void check(std::string_view function, std::string_view name, const Points<T>& X, int) {
    require_countable(function, name, X);
  }

  // Rows of 0 and 1, so that a dot product counts.
  static constexpr bool embeds = true;
  Index width(Index d) const { return d; }
  void embed(const T* row, Index d, T* to) const {
    for (Index j = 0; j < d; ++j) to[j] = row[j] != T(0) ? T(1) : T(0);
  }

  using Number = T;
  static constexpr bool keeps_numbers = true;
  void numbers(const RowsView<T>& rows, Number* counts) const {
    for (Index i = 0; i < rows.n; ++i) {
      const T* row = rows.data + i * rows.stride;
      counts[i] = static_cast<T>(std::count(row, row + rows.d, T(1)));
    }
  }

  static constexpr PairValue value = PairValue::dot_product;

  static constexpr bool adjusts = true;
  T decide(T both, Number x, Number c) const {
    const double either = static_cast<double>(x) + static_cast<double>(c) - static_cast<double>(both);
    return either > 0 ? static_cast<T>((either - static_cast<double>(both)) / either) : T(0);
  }
};

}  // namespace detail
CORYMB_END
