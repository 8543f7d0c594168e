#pragma once

#include <corymb/distance/detail/nearest_rows.hpp>
#include <corymb/distance/detail/rounding.hpp>

#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

CORYMB_BEGIN
namespace detail {

/// A way of finding the nearest centroid of every row, iteration after iteration, that knows from the iterations before
/// which distances need not be computed. Labels are those of assign_nearest on every row, to the last tie.
template <class T>
class NearestFinder {
 public:
  virtual ~NearestFinder() = default;

  /// @param label  one per row. In the first call nothing is read; later they are those of the call before.
  virtual void find(const RowMatrix<T>& centroids, std::int32_t* label) = 0;

  /// Labels were changed from outside: the next call is a first one.
  virtual void forget() = 0;
};

/// Arithmetic of bounds on distances: every result is rounded to the safe side.
template <class T>
class BoundArithmetic {
 public:
  explicit BoundArithmetic(Index d)
      : value_error_(static_cast<T>(static_cast<double>(d + 4) * unit)),
        certain_(T(1) + static_cast<T>(4.5 * static_cast<double>(d + 4) * unit)) {}

  /// Whether the rounding of a sum of d squares is small enough for bounds to say anything.
  static bool holds_for(Index d) { return static_cast<double>(d + 4) * unit < 1.0 / 64; }

  static T above(T value) { return value * (T(1) + 4 * std::numeric_limits<T>::epsilon()); }
  static T below(T value) { return value * (T(1) - 4 * std::numeric_limits<T>::epsilon()); }

  /// Bounds of the real squared distance whose sum of d squares was computed as `value`, in any order.
  T squared_above(T value) const { return above(value * (T(1) + value_error_)) + std::numeric_limits<T>::min(); }
  T squared_below(T value) const { return below(value * (T(1) - value_error_)) - std::numeric_limits<T>::min(); }

  /// A point whose distance to one centroid is at most `distance` may have another nearer one, or one that ties by the
  /// defined value, only if that is within reach(distance). The same for squared distances.
  T certain() const { return certain_; }
  static T smallest() { return smallest_distance; }
  T reach(T distance) const { return distance * certain_ + smallest_distance; }
  T squared_reach(T squared) const { return squared * certain_ + std::numeric_limits<T>::min(); }

 private:
  static constexpr double unit = static_cast<double>(std::numeric_limits<T>::epsilon()) / 2;
  // Below it squares underflow: distances this small are never told apart.
  static constexpr T smallest_distance = sizeof(T) == 4 ? T(1e-18) : T(1e-150);
  T value_error_;
  T certain_;
};

/// Movement of every centroid, rounded up, and its largest.
template <class T>
std::vector<T> movements(const RowMatrix<T>& before, const RowMatrix<T>& now) {
  std::vector<T> result(static_cast<std::size_t>(now.rows()));
  for (Index c = 0; c < now.rows(); ++c) {
    double squares = 0;
    for (Index j = 0; j < now.cols(); ++j) {
      const double step = static_cast<double>(now(c, j)) - static_cast<double>(before(c, j));
      squares += step * step;
    }
    result[static_cast<std::size_t>(c)] = BoundArithmetic<T>::above(static_cast<T>(std::sqrt(squares)));
  }
  return result;
}

}  // namespace detail
CORYMB_END
