#pragma once

#include <corymb/partition/detail/nearest_finder.hpp>

#include <algorithm>
#include <vector>

CORYMB_BEGIN
namespace detail {

/// The last step of the searches that find which centroids may be nearest to the rows of a block: pairs of a row and a
/// centroid. All others are certainly farther.
template <class T>
class ContestedRows {
 public:
  std::vector<std::int32_t> row, centroid;  // by pair; a row by its number in the block

  /// @param rows   of a block.
  /// @param pairs  as many as are written at a time.
  void reserve(Index rows, Index pairs) {
    // A row more than there are pairs is written by branchless loops; every row may join with its own centroid.
    row.resize(static_cast<std::size_t>(pairs + rows + 1));
    centroid.resize(row.size());
    state_.resize(static_cast<std::size_t>(rows));
  }

  /// Labels the rows of x that the first `pairs` pairs are about.
  /// @param labelled  Whether rows have a label: then that centroid may be the nearest as well, and is not among the
  ///                  pairs. Else every row has at least one pair.
  void settle(const RowsView<T>& x, const RowsView<T>& c, Index pairs, bool labelled,
              const BoundArithmetic<T>& arithmetic, std::int32_t* label) {
    auto contested = static_cast<std::size_t>(pairs);
    contested = labelled ? join_own(contested, label) : leave_out_sure_rows(contested, label);
    if (contested == 0) return;
    if (value_.size() < contested) value_.resize(2 * contested);
    kernels::pair_values(
        compiled::PairsTask<T>{x, c, row.data(), centroid.data(), static_cast<Index>(contested), value_.data()});
    for (std::size_t p = 0; p < contested; ++p) {
      State& state = state_of(p);
      if (value_[p] < state.nearest) {
        state.second = state.nearest;
        state.nearest = value_[p];
        label[row[p]] = centroid[p];
      } else {
        state.second = std::min(state.second, value_[p]);
      }
    }
    for (std::size_t p = 0; p < contested; ++p) {
      State& state = state_of(p);
      const T limit = arithmetic.squared_reach(state.nearest);
      if (state.second > limit || state.pairs == 0) continue;
      label[row[p]] = decide(x, row[p], contested, c, limit);
      state.pairs = 0;
    }
  }

 private:
  struct State {
    std::int32_t pairs;  // 0 = decided
    T nearest, second;   // squared distances, not yet the defined ones
  };

  State& state_of(std::size_t pair) { return state_[static_cast<std::size_t>(row[pair])]; }

  std::size_t join_own(std::size_t pairs, const std::int32_t* label) {
    constexpr T infinity = std::numeric_limits<T>::infinity();
    for (std::size_t p = 0; p < pairs; ++p) state_of(p).pairs = 0;
    std::size_t all = pairs;
    for (std::size_t p = 0; p < pairs; ++p) {
      if (state_of(p).pairs != 0) continue;
      state_of(p) = {1, infinity, infinity};
      row[all] = row[p];
      centroid[all++] = label[row[p]];
    }
    return all;
  }

  std::size_t leave_out_sure_rows(std::size_t pairs, std::int32_t* label) {
    constexpr T infinity = std::numeric_limits<T>::infinity();
    for (std::size_t p = 0; p < pairs; ++p) state_of(p) = {0, infinity, infinity};
    for (std::size_t p = 0; p < pairs; ++p) {
      ++state_of(p).pairs;
      label[row[p]] = centroid[p];
    }
    std::size_t left = 0;
    for (std::size_t p = 0; p < pairs; ++p) {
      row[left] = row[p];
      centroid[left] = centroid[p];
      left += state_of(p).pairs > 1 ? 1U : 0U;
    }
    return left;
  }

  /// The nearest by the defined value, of the pairs that are too close to tell.
  std::int32_t decide(const RowsView<T>& x, std::int32_t i, std::size_t pairs, const RowsView<T>& c, T limit) {
    close_.clear();
    for (std::size_t p = 0; p < pairs; ++p)
      if (row[p] == i && !(value_[p] > limit)) close_.push_back(centroid[p]);
    std::sort(close_.begin(), close_.end());
    defined_.resize(close_.size());
    const auto count = static_cast<Index>(close_.size());
    kernels::squared_to_assigned({x.data + i * x.stride, count, x.d, 0}, c, close_.data(), defined_.data());
    const auto least = std::min_element(defined_.begin(), defined_.end());  // the lower one on ties
    return close_[static_cast<std::size_t>(least - defined_.begin())];
  }

  std::vector<State> state_;  // by row
  std::vector<T> value_;      // by pair
  std::vector<std::int32_t> close_;
  std::vector<T> defined_;  // by place in close_
};

}  // namespace detail
CORYMB_END
