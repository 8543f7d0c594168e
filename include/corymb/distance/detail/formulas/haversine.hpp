#pragma once

#include <corymb/distance/detail/formulas/formula.hpp>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <type_traits>

CORYMB_BEGIN
namespace detail {

struct SineCosine {
  double sine;
  double cosine;
};

/// Reduced to [−45, 45] degrees without rounding: multiples of 90 degrees give exactly 0 and ±1, and whole turns change
/// nothing.
inline SineCosine sine_cosine_of_degrees(double degrees) {
  int quarters = 0;
  const double angle = std::remquo(degrees, 90.0, &quarters) * (std::numbers::pi / 180);
  const double sine = std::sin(angle), cosine = std::cos(angle);
  switch (quarters & 3) {
    case 0: return {sine, cosine};
    case 1: return {cosine, -sine};
    case 2: return {-sine, -cosine};
    default: return {-cosine, sine};
  }
}

inline double great_circle_kilometres(double squared_chord) {
  constexpr double earth_radius = 6371.0088;
  return 2 * earth_radius * std::asin(std::min(1.0, std::sqrt(squared_chord) / 2));
}

/// By the chord between points of the unit sphere, in double. In float, where squares near 4 would be too coarse, the
/// distance itself decides.
template <class T>
struct HaversineFormula : PlainFormula<T> {
  static void check(std::string_view function, std::string_view name, const Points<T>& X, int threads) {
    if (X.cols() != 2)
      reject(function, std::string(name) + " has " + to_text(X.cols()) +
                           " columns; the haversine distance needs 2, latitude and longitude in degrees");
    check_rows(X, threads, [&](Index i) {
      if (!(std::abs(X(i, 0)) <= T(90)))
        reject(function, std::string(name) + "(" + to_text(i) + ", 0) = " + to_text(X(i, 0)) +
                             " must be a latitude in [-90, 90] degrees");
    });
  }

  using Scalar = double;
  static constexpr bool embeds = true;
  Index width(Index) const { return 3; }
  void embed(const T* row, Index, double* to) const {
    const auto latitude = sine_cosine_of_degrees(static_cast<double>(row[0]));
    const auto longitude = sine_cosine_of_degrees(static_cast<double>(row[1]));
    to[0] = latitude.cosine * longitude.cosine;
    to[1] = latitude.cosine * longitude.sine;
    to[2] = latitude.sine;
  }

  static constexpr PairValue value = PairValue::squared_euclidean;

  static constexpr bool is_double = std::is_same_v<T, double>;
  static constexpr bool adjusts = !is_double;
  T decide(double squared_chord, typename PlainFormula<T>::Number, typename PlainFormula<T>::Number) const {
    return static_cast<T>(great_circle_kilometres(squared_chord));
  }
  static constexpr bool finishes = is_double;
  void finish(T* squared_chords, Index count) const {
    for (Index i = 0; i < count; ++i) squared_chords[i] = static_cast<T>(great_circle_kilometres(squared_chords[i]));
  }
};

}  // namespace detail
CORYMB_END
