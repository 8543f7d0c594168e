#pragma once

#include <corymb/core/config.hpp>
#include <corymb/core/detail/validate.hpp>

#include <limits>

CORYMB_BEGIN

/// A built-in distance between two rows x and y of d values. A small value: pass it by value, compare it with ==.
///
/// | metric       | distance                                                                                      |
/// |--------------|-----------------------------------------------------------------------------------------------|
/// | euclidean    | √ Σ (x_j − y_j)²                                                                              |
/// | manhattan    | Σ |x_j − y_j|                                                                                 |
/// | chebyshev    | max |x_j − y_j|                                                                               |
/// | minkowski(p) | (Σ |x_j − y_j|^p)^(1/p), p in [1, ∞]                                                          |
/// | canberra     | Σ |x_j − y_j| / (|x_j| + |y_j|), where 0/0 counts 0                                           |
/// | bray_curtis  | Σ |x_j − y_j| / Σ (x_j + y_j), in [0, 1], for entries ≥ 0; two rows of zeros have distance 0  |
/// | cosine       | 1 − x·y / √(x·x · y·y), in [0, 2]; rows of zeros have no direction: an error                  |
/// | correlation  | 1 − Pearson's correlation of x and y, in [0, 2]; rows of equal entries have none: an error    |
/// | hamming      | the share of coordinates that differ, in [0, 1]                                               |
/// | jaccard      | 1 − |both| / |either|, in [0, 1]: the coordinates that are not 0 in both rows, and in either; |
/// |              | only zero or not counts, two rows of zeros have distance 0                                    |
/// | haversine    | great-circle distance in kilometres of (latitude, longitude) in degrees, d = 2                |
///
/// Each distance is one defined number: summed in the type of the data, in ascending j, in one accumulator, so that it
/// is the same however it is asked for. Quotients are formed in double and kept within the range above.
/// euclidean, manhattan, chebyshev, minkowski, canberra, hamming, jaccard and haversine obey the triangle inequality;
/// bray_curtis, cosine and correlation do not.
class Metric {
 public:
  enum class Kind {
    euclidean,
    manhattan,
    chebyshev,
    minkowski,
    canberra,
    bray_curtis,
    cosine,
    correlation,
    hamming,
    jaccard,
    haversine
  };

  static const Metric euclidean;
  static const Metric manhattan;
  static const Metric chebyshev;
  static const Metric canberra;
  static const Metric bray_curtis;
  static const Metric cosine;

  /// The cosine distance of the rows minus their means. Entries are taken relative to the row's first one, scaled by a
  /// power of two, averaged in double and rounded to the type of the data once the mean is subtracted, so that neither
  /// an offset nor a scale of the data costs precision.
  static const Metric correlation;

  /// Counts coordinates in the type of the data: float takes rows of at most 2^24.
  static const Metric hamming;

  /// Counts coordinates in the type of the data: float takes rows of at most 2^24.
  static const Metric jaccard;

  /// On a sphere with the mean radius of the earth, 6371.0088 km. Latitudes are in [−90, 90]; longitudes that differ by
  /// a whole number of turns are the same, and at a pole all are. Computed in double, also for float, as the chord
  /// between points of the unit sphere: to a micrometre for near points, about 0.2 m for opposite ones.
  static const Metric haversine;

  /// p in [1, ∞]. minkowski(1) is manhattan, minkowski(2) is euclidean, minkowski(∞) is chebyshev. Differences whose
  /// powers overflow or underflow are scaled by the largest of them. Whole p up to 64 are fast; others take a power per
  /// coordinate.
  /// @throws InvalidArgument  p < 1, or not a number.
  static constexpr Metric minkowski(double p) {
    if (!(p >= 1)) detail::reject("Metric::minkowski", "p = " + detail::to_text(p) + " must be at least 1");
    if (p == 1) return Metric(Kind::manhattan);
    if (p == 2) return Metric(Kind::euclidean);
    if (p == std::numeric_limits<double>::infinity()) return Metric(Kind::chebyshev);
    return Metric(Kind::minkowski, p);
  }

  constexpr Kind kind() const { return kind_; }
  /// The p of minkowski(p); 0 for every other kind.
  constexpr double p() const { return p_; }
  friend constexpr bool operator==(Metric, Metric) = default;

 private:
  constexpr explicit Metric(Kind kind, double p = 0) : kind_(kind), p_(p) {}
  Kind kind_;
  double p_;
};

inline constexpr Metric Metric::euclidean{Metric::Kind::euclidean};
inline constexpr Metric Metric::manhattan{Metric::Kind::manhattan};
inline constexpr Metric Metric::chebyshev{Metric::Kind::chebyshev};
inline constexpr Metric Metric::canberra{Metric::Kind::canberra};
inline constexpr Metric Metric::bray_curtis{Metric::Kind::bray_curtis};
inline constexpr Metric Metric::cosine{Metric::Kind::cosine};
inline constexpr Metric Metric::correlation{Metric::Kind::correlation};
inline constexpr Metric Metric::hamming{Metric::Kind::hamming};
inline constexpr Metric Metric::jaccard{Metric::Kind::jaccard};
inline constexpr Metric Metric::haversine{Metric::Kind::haversine};

CORYMB_END
