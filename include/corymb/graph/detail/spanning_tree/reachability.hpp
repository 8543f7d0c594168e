#pragma once

#include <corymb/core/parallel.hpp>
#include <corymb/core/types.hpp>
#include <corymb/distance/detail/value_thresholds.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <tuple>
#include <vector>

CORYMB_BEGIN
namespace detail {

/// Edges in the order in which they are taken: by weight, then by the value of the distance, then by rows. Weights are
/// compared as values: a core distance stands for the smallest value that reaches it. Of two edges that have the same
/// weight as a value, one that owes it to a core distance is not the heavier one; of two such the core distances
/// decide.
template <class T>
struct EdgeKey {
  T weight;
  double core;  // the larger core distance if the weight is owed to it, else infinite
  T value;
  std::int32_t a;
  std::int32_t b;

  friend bool operator<(const EdgeKey& x, const EdgeKey& y) {
    return std::tie(x.weight, x.core, x.value, x.a, x.b) < std::tie(y.weight, y.core, y.value, y.a, y.b);
  }
};

/// What the edges between rows weigh. Rows stand in an order, at positions, if one is given: near rows have their
/// numbers in near memory then.
template <class T>
class Reachability {
 public:
  /// @param core      n distances, by row; empty = none
  /// @param order     by position: the row; null = rows stand where they are. Kept by reference
  /// @param distance  distance(value), over alpha
  template <class Distance>
  Reachability(const Vector& core, const std::vector<std::int32_t>* order, const Distance& distance, int threads)
      : order_(order ? order->data() : nullptr), core_(static_cast<std::size_t>(core.size())), value_(core_.size()) {
    const Chunks chunks(core.size());
    parallel_for(threads, chunks.count(), [&](Index chunk) {
      for (Index p = chunks.begin(chunk); p < chunks.end(chunk); ++p) {
        core_[static_cast<std::size_t>(p)] = core[row(p)];
        value_[static_cast<std::size_t>(p)] = value_of(core[row(p)], distance);
      }
    });
  }

  bool has_cores() const { return !value_.empty(); }
  std::int32_t row(Index p) const { return order_ ? order_[p] : static_cast<std::int32_t>(p); }
  /// The smallest value that reaches a row's core distance.
  T core_value(Index p) const { return has_cores() ? value_[static_cast<std::size_t>(p)] : T(0); }
  double core(Index p) const { return has_cores() ? core_[static_cast<std::size_t>(p)] : 0.0; }

  T weight(Index p, Index q, T value) const {
    return has_cores() ? std::max({core_value(p), core_value(q), value}) : value;
  }

  EdgeKey<T> key(Index p, Index q, T value) const {
    const T all = weight(p, q, value);
    const double core_part = value < all ? std::max(core(p), core(q)) : std::numeric_limits<double>::infinity();
    return {all, core_part, value, std::min(row(p), row(q)), std::max(row(p), row(q))};
  }

 private:
  // Most values are distances or their squares.
  template <class Distance>
  static T value_of(double core, const Distance& distance) {
    const T plain = static_cast<T>(core), square = static_cast<T>(core * core);
    const auto error = [&](T guess) { return std::abs(static_cast<double>(distance(guess)) - core); };
    return smallest_value_reaching(core, error(plain) < error(square) ? plain : square, distance);
  }

  const std::int32_t* order_;
  std::vector<double> core_;
  std::vector<T> value_;
};

}  // namespace detail
CORYMB_END
