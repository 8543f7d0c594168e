#pragma once

#include <corymb/core/detail/validate.hpp>

#include <cmath>
#include <cstdint>
#include <string_view>

CORYMB_BEGIN
namespace detail {

/// What distances cost is added up in whole numbers: sums of them are exact, so they are the same in every order, on
/// any number of threads, and a swap that lowers the loss lowers it by at least one unit.
using Cost = std::int64_t;

/// Whole costs of distances. A unit is a power of two, so small that the costs of all objects at the largest distance
/// add up to less than 2^61: with n objects, a distance keeps 61 − log2 n bits, more than a float has and about as many
/// as a double.
class CostScale {
 public:
  /// @param weight   by object; null = all 1
  /// @throws InvalidArgument  distances so large that their sum overflows, or so small that no unit can be
  CostScale(std::string_view function, double largest_distance, Index n, const double* weight)
      : weight_(weight), largest_(largest_distance) {
    double total = static_cast<double>(n);
    if (weight != nullptr) {
      total = 0;
      for (Index o = 0; o < n; ++o) total += weight[o];
    }
    if (!(largest_distance > 0)) return;
    if (!std::isfinite(largest_distance * total))
      reject(function,
             "the sum of the distances overflows (the largest is " + to_text(largest_distance) + "); scale them down");
    const int exponent = 61 - (std::ilogb(largest_distance) + 1) - (std::ilogb(total) + 1);
    if (exponent > 1000)
      reject(function, "all distances are tiny (the largest is " + to_text(largest_distance) + "); scale them up");
    units_ = std::ldexp(1.0, exponent);
  }

  bool is_weighted() const { return weight_ != nullptr; }
  const double* weight() const { return weight_; }

  /// The cost of object o at a distance. Larger distances never cost less.
  template <class T>
  Cost operator()(Index o, T distance) const {
    const double units = weight_ != nullptr ? units_ * weight_[o] : units_;
    return static_cast<Cost>(static_cast<double>(distance) * units);
  }

  /// What object o costs at most.
  Cost most(Index o) const { return (*this)(o, largest_); }

  /// Costs per unit of distance and weight.
  double units() const { return units_; }

 private:
  const double* weight_;
  double largest_;
  double units_ = 1;
};

}  // namespace detail
CORYMB_END
