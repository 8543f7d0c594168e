#pragma once

#include <corymb/core/points.hpp>
#include <corymb/preprocess/detail/column_statistics.hpp>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <span>
#include <vector>

CORYMB_BEGIN
namespace detail {

/// Rows in which the same columns are observed.
template <class T>
struct RowGroup {
  const Points<T>& X;
  const double* weight;            // by row of X, or null for all one
  std::span<const Index> numbers;  // of the rows, for groups of a list; else they are [begin, begin + size)
  Index begin;
  Index size;
  std::span<const Index> columns;  // that are observed; unless `complete`, which is all of them
  bool complete;

  Index row(Index i) const { return numbers.empty() ? begin + i : numbers[static_cast<std::size_t>(i)]; }
  Index cols() const { return complete ? X.cols() : static_cast<Index>(columns.size()); }
};

/// The rows of X in the order in which the passes take them: as they stand, or, where entries are missing, those
/// together that miss the same columns.
template <class T>
class MixtureRows {
 public:
  /// @param weight   by row, or null for all one
  /// @param missing  whether NaN is a missing value; else there is none
  MixtureRows(const Points<T>& X, const double* weight, bool missing) : X_(X), weight_(weight) {
    if (!missing) return;
    const auto is_complete = [&](Index i) { return std::none_of(X_[i].begin(), X_[i].end(), is_missing); };
    Index first = 0;
    while (first < X.rows() && is_complete(first)) ++first;
    if (first == X.rows()) return;
    order_.resize(static_cast<std::size_t>(X.rows()));
    std::iota(order_.begin(), order_.end(), 0);
    std::stable_sort(order_.begin(), order_.end(), [&](Index a, Index b) { return missing_before(a, b); });
  }

  /// No entry is missing.
  bool complete() const { return order_.empty(); }

  /// The chunks for partial results of `size` doubles each; groups may be divided.
  Chunks chunks(Index size) const {
    if (complete()) return chunks_of_rows(X_.rows(), size);
    return chunks_of_rows(X_.rows(), size, 16);  // few rows take long where each misses other columns
  }

  /// Calls use(group) for the rows at [begin, end) of the order, a group after the other.
  template <class Use>
  void for_each_group(Index begin, Index end, const Use& use) const {
    if (complete()) {
      use(RowGroup<T>{X_, weight_, {}, begin, end - begin, {}, true});
      return;
    }
    std::vector<Index> columns;
    for (Index first = begin, last; first < end; first = last) {
      const Index pattern = order_[static_cast<std::size_t>(first)];
      for (last = first + 1; last < end && same_columns(pattern, order_[static_cast<std::size_t>(last)]);) ++last;
      columns.clear();
      for (Index j = 0; j < X_.cols(); ++j)
        if (!is_missing(X_(pattern, j))) columns.push_back(j);
      use(RowGroup<T>{
          X_, weight_,
          std::span(order_).subspan(static_cast<std::size_t>(first), static_cast<std::size_t>(last - first)), first,
          last - first, columns, static_cast<Index>(columns.size()) == X_.cols()});
    }
  }

 private:
  static bool is_missing(T entry) { return std::isnan(entry); }
  bool missing_before(Index a, Index b) const {
    return std::lexicographical_compare(X_[a].begin(), X_[a].end(), X_[b].begin(), X_[b].end(),
                                        [](T x, T y) { return is_missing(x) < is_missing(y); });
  }
  bool same_columns(Index a, Index b) const {
    return std::equal(X_[a].begin(), X_[a].end(), X_[b].begin(),
                      [](T x, T y) { return is_missing(x) == is_missing(y); });
  }

  const Points<T>& X_;
  const double* weight_;
  std::vector<Index> order_;  // of the rows, ascending within a group; empty where no entry is missing
};

}  // namespace detail
CORYMB_END
