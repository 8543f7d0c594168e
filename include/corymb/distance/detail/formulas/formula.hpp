#pragma once

#include <corymb/core/detail/validate.hpp>
#include <corymb/core/parallel.hpp>
#include <corymb/distance/detail/kernels.hpp>

#include <limits>
#include <string>
#include <string_view>

CORYMB_BEGIN
namespace detail {

/// How the distance of two rows is computed for blocks of them. A formula says, one after the other, which rows the
/// kernel sees, what is kept per row, which value the kernel computes for a pair, what becomes of it, and how the value
/// that decides between neighbours turns into a distance. This is the plainest one: the kernel sees the rows as they
/// are, and its value is the distance. Formulas say where they differ.
template <class T>
struct PlainFormula {
  /// Throws for the first row that has no distance to others. Before any work.
  static void check(std::string_view, std::string_view, const Points<T>&, int) {}

  /// The kernel sees rows of another length or type: `width` values in place of d, written by embed().
  using Scalar = T;
  static constexpr bool embeds = false;

  /// What numbers(rows, to) keeps per row, as the kernel sees it. check_number() throws for a row that has no distance
  /// to others, where its number says so.
  struct Number {};
  static constexpr bool keeps_numbers = false;
  template <class AnyNumber>
  static void check_number(std::string_view, std::string_view, Index, const AnyNumber&) {}

  /// The power of PairValue::powers.
  static constexpr int power = 0;

  /// Whether decide(value, x's number, c's number) turns the kernel's value into the one that decides.
  static constexpr bool adjusts = false;

  /// Whether finish(values, count) turns values that decide into distances, in place; it never changes an order.
  static constexpr bool finishes = false;
};

/// Calls check_row(i) for all rows; the error of the first row that throws wins, on any number of threads.
template <class T, class CheckRow>
void check_rows(const Points<T>& X, int threads, const CheckRow& check_row) {
  const Chunks chunks(X.rows());
  parallel_for(threads, chunks.count(), [&](Index chunk) {
    for (Index i = chunks.begin(chunk); i < chunks.end(chunk); ++i) check_row(i);
  });
}

template <class T>
void require_countable(std::string_view function, std::string_view name, const Points<T>& X) {
  constexpr auto most = Index{1} << std::numeric_limits<T>::digits;
  if (X.cols() > most)
    reject(function, std::string(name) + " has " + to_text(X.cols()) + " columns; at most " + to_text(most) +
                         " can be counted in float (use double)");
}

}  // namespace detail
CORYMB_END
