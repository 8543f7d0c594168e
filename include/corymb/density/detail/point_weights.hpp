#pragma once

#include <corymb/core/types.hpp>

#include <cmath>
#include <cstdint>
#include <limits>
#include <numeric>
#include <vector>

CORYMB_BEGIN
namespace detail {

/// What rows count, in whole numbers: sums of them are exact, so they are the same in every order. A unit of a weight
/// is a power of two, so small that all weights together are less than 2^61; a row of the weight 0 counts nothing.
class PointWeights {
 public:
  using Count = std::int64_t;

  /// @param weights  n, checked; empty = all 1
  PointWeights(const Vector& weights, Index min_points) : needed_(min_points) {
    if (weights.size() == 0) return;
    double total = 0;
    for (const double weight : weights) total += weight;
    exponent_ = total > 0 ? 60 - std::ilogb(total) : 0;
    units_.reserve(static_cast<std::size_t>(weights.size()));
    for (const double weight : weights) units_.push_back(std::llround(std::ldexp(weight, exponent_)));
    const double needed = std::ldexp(static_cast<double>(min_points), exponent_);
    constexpr Count most = std::numeric_limits<Count>::max();
    needed_ = needed < 0x1p62 ? static_cast<Count>(std::ceil(needed)) : most;
  }

  bool is_weighted() const { return !units_.empty(); }
  Count operator()(Index row) const { return is_weighted() ? units_[static_cast<std::size_t>(row)] : 1; }
  /// What a row and its neighbours must count for it to be core.
  Count needed() const { return needed_; }
  /// What n rows count, all there are.
  Count total(Index n) const {
    return is_weighted() ? std::accumulate(units_.begin(), units_.end(), Count{0}) : static_cast<Count>(n);
  }
  /// The weight of a sum.
  double weight_of(Count units) const { return std::ldexp(static_cast<double>(units), -exponent_); }

 private:
  int exponent_ = 0;
  std::vector<Count> units_;
  Count needed_;
};

}  // namespace detail
CORYMB_END
