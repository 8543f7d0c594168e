#pragma once

#include <corymb/core/config.hpp>

CORYMB_BEGIN

/// A built-in distance between two rows x and y of d values. A small value: pass it by value, compare it with ==.
///
/// | metric      | distance                                                                        |
/// |-------------|---------------------------------------------------------------------------------|
/// | euclidean   | √ Σ (x_j − y_j)²                                                                |
/// | manhattan   | Σ |x_j − y_j|                                                                   |
/// | chebyshev   | max |x_j − y_j|                                                                 |
/// | cosine      | 1 − x·y / √(x·x · y·y), in [0, 2]; rows of zeros have no direction: an error    |
///
/// Each distance is one defined number: summed in the type of the data, in ascending j, in one accumulator, so that it
/// is the same however it is asked for. The quotient of the cosine distance is formed in double and clamped.
class Metric {
 public:
  enum class Kind { euclidean, manhattan, chebyshev, cosine };

  static const Metric euclidean;
  static const Metric manhattan;
  static const Metric chebyshev;
  static const Metric cosine;

  constexpr Kind kind() const { return kind_; }
  friend constexpr bool operator==(Metric, Metric) = default;

 private:
  constexpr explicit Metric(Kind kind) : kind_(kind) {}
  Kind kind_;
};

inline constexpr Metric Metric::euclidean{Metric::Kind::euclidean};
inline constexpr Metric Metric::manhattan{Metric::Kind::manhattan};
inline constexpr Metric Metric::chebyshev{Metric::Kind::chebyshev};
inline constexpr Metric Metric::cosine{Metric::Kind::cosine};

CORYMB_END
