#pragma once

#include <corymb/core/config.hpp>

#include <algorithm>
#include <cmath>

CORYMB_BEGIN
namespace detail {

/// Two clusters that a triangle joins.
template <class T>
struct JoinedClusters {
  T value;  // of their distance
  T size_a;
  T size_b;
};

// How a triangle keeps distances of clusters: as values, which change when clusters join.
//   is_mean                the distance is value / (size · size), else it is the value, up to height()
//   begins_with_distances  the values of single rows are their distances
//   first(d, x, y)         the value of clusters of sizes x and y whose rows all have distance d
//   join(x, y, pair, s)    the value of a cluster of size s and a joined pair, where those of a and b were x and y
//   height(distance)       the distance that a linkage reports
// None of them brings a joined pair nearer to another cluster than the nearer one of the two was.

template <class T>
struct CompleteRule {
  static constexpr bool is_mean = false;
  static constexpr bool begins_with_distances = true;
  static T first(T d, T, T) { return d; }
  static T join(T x, T y, const JoinedClusters<T>&, T) { return std::max(x, y); }
  static double height(double distance) { return distance; }
};

/// Keeps sums over pairs of rows: whole numbers stay exact, and ties are ties.
template <class T>
struct AverageRule {
  static constexpr bool is_mean = true;
  static constexpr bool begins_with_distances = true;
  static T first(T d, T x, T y) { return d * (x * y); }
  static T join(T x, T y, const JoinedClusters<T>&, T) { return x + y; }
  static double height(double distance) { return distance; }
};

template <class T>
struct WeightedRule {
  static constexpr bool is_mean = false;
  static constexpr bool begins_with_distances = true;
  static T first(T d, T, T) { return d; }
  static T join(T x, T y, const JoinedClusters<T>&, T) { return x + (y - x) / 2; }
  static double height(double distance) { return distance; }
};

/// Keeps squares. Lance and Williams: d²(ab, s) = ((a + s) d²(a, s) + (b + s) d²(b, s) − s d²(a, b)) / (a + b + s).
template <class T>
struct WardRule {
  static constexpr bool is_mean = false;
  static constexpr bool begins_with_distances = false;
  static T first(T d, T x, T y) { return x == y ? d * d * x : d * d * (2 * x * y / (x + y)); }
  static T join(T x, T y, const JoinedClusters<T>& pair, T s) {
    const T all = pair.size_a + pair.size_b + s;
    const T value = ((pair.size_a + s) / all) * x + (((pair.size_b + s) / all) * y - (s / all) * pair.value);
    return std::max(value, std::min(x, y));
  }
  static double height(double distance) { return std::sqrt(distance); }
};

}  // namespace detail
CORYMB_END
