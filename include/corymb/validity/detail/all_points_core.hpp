#pragma once

#include <corymb/core/types.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <limits>

CORYMB_BEGIN
namespace detail {

/// The core distances of rows by all others of their cluster (see dbcv.hpp), for clusters of one size.
///
/// (1/d)^D leaves the range of numbers for a large D, so all distances are taken in proportion to the row's nearest
/// one: the terms (nearest / d)^D are in [0, 1], and one of them is 1. Their sum does not depend on their order: rows
/// that see the same distances in another order, as on a lattice, have the same core distance to the last bit, and so
/// the same place in a spanning tree. For that, terms are split at fixed binary places, so that adding them rounds
/// nothing (J. Demmel, H. D. Nguyen, "Fast reproducible floating-point summation", ARITH 2013).
class AllPointsCore {
 public:
  /// @param size  of the cluster, ≥ 2
  AllPointsCore(Index size, Index dimensions)
      : others_(static_cast<double>(size - 1)), dimensions_(dimensions), root_(1 / static_cast<double>(dimensions)) {
    // Less than 2^digits terms: high parts are multiples of 2^(digits − 52), and all their sums have 53 digits.
    int digits = 1;
    while (std::ldexp(1.0, digits) < others_ + 1) ++digits;
    high_ = std::ldexp(1.5, digits);
    low_ = std::ldexp(1.5, 2 * digits - 52);
    // Terms below 1e-300 are as good as none, and numbers too small for all their digits are slow.
    least_ratio_ = std::pow(1e-300, root_);
  }

  /// @param distance  to all rows of the cluster; what stands at `own` changes
  template <class T>
  double operator()(T* distance, Index size, Index own) const {
    distance[own] = std::numeric_limits<T>::infinity();
    const auto nearest = static_cast<double>(*std::min_element(distance, distance + size));
    if (nearest == 0) return 0;
    return nearest * std::pow(others_ / sum(distance, size, nearest), root_);
  }

 private:
  static constexpr Index lanes = 32;
  using Lanes = std::array<double, lanes>;

  template <class T>
  double sum(const T* distance, Index size, double nearest) const {
    Lanes high{}, low{};
    for (Index first = 0; first < size; first += lanes) {
      const Index count = std::min(lanes, size - first);
      Lanes term{};
      for (Index j = 0; j < count; ++j)
        term[at(j)] = std::max(nearest / static_cast<double>(distance[first + j]), least_ratio_);
      raise(term);
      for (std::size_t j = 0; j < lanes; ++j) {
        const double high_part = (term[j] + high_) - high_;
        high[j] += high_part;
        low[j] += ((term[j] - high_part) + low_) - low_;
      }
    }
    double high_sum = 0, low_sum = 0;
    for (std::size_t j = 0; j < lanes; ++j) {
      high_sum += high[j];
      low_sum += low[j];
    }
    return high_sum + low_sum;
  }

  /// To the power of the dimensions, by squares.
  void raise(Lanes& term) const {
    Lanes square = term;
    term.fill(1);
    for (Index left = dimensions_;; left /= 2) {
      if (left % 2 == 1)
        for (std::size_t j = 0; j < lanes; ++j) term[j] *= square[j];
      if (left == 1) return;
      for (std::size_t j = 0; j < lanes; ++j) square[j] *= square[j];
    }
  }

  static std::size_t at(Index j) { return static_cast<std::size_t>(j); }

  double others_;
  Index dimensions_;
  double root_;
  double high_;         // adding and subtracting it rounds to the place where high parts end
  double low_;          // the same for what is left of them
  double least_ratio_;  // whose power counts as 0
};

}  // namespace detail
CORYMB_END
