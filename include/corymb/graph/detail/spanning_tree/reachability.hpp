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

/// What the edges between rows weigh.
template <class T>
class Reachability {
 public:
  /// No core distances: an edge weighs what its distance does.
  Reachability() = default;

  /// @param core      n distances; empty = none. Kept by reference.
  /// @param distance  distance(value), over alpha
  template <class Distance>
  Reachability(const Vector& core, const Distance& distance, int threads)
      : core_(core.data()), value_(static_cast<std::size_t>(core.size())) {
    const Chunks chunks(core.size());
    parallel_for(threads, chunks.count(), [&](Index chunk) {
      for (Index i = chunks.begin(chunk); i < chunks.end(chunk); ++i)
        value_[static_cast<std::size_t>(i)] = value_of(core[i], distance);
    });
  }

  bool has_cores() const { return !value_.empty(); }
  /// The smallest value that reaches a row's core distance.
  T core_value(Index row) const { return has_cores() ? value_[static_cast<std::size_t>(row)] : T(0); }
  double core(Index row) const { return has_cores() ? core_[row] : 0.0; }

  T weight(Index i, Index j, T value) const {
    return has_cores() ? std::max({core_value(i), core_value(j), value}) : value;
  }

  EdgeKey<T> key(Index i, Index j, T value) const {
    const T all = weight(i, j, value);
    const double core_part = value < all ? std::max(core(i), core(j)) : std::numeric_limits<double>::infinity();
    return {all, core_part, value, static_cast<std::int32_t>(std::min(i, j)),
            static_cast<std::int32_t>(std::max(i, j))};
  }

 private:
  // Most values are distances or their squares.
  template <class Distance>
  static T value_of(double core, const Distance& distance) {
    const T plain = static_cast<T>(core), square = static_cast<T>(core * core);
    const auto error = [&](T guess) { return std::abs(static_cast<double>(distance(guess)) - core); };
    return smallest_value_reaching(core, error(plain) < error(square) ? plain : square, distance);
  }

  const double* core_ = nullptr;
  std::vector<T> value_;
};

}  // namespace detail
CORYMB_END
