#pragma once

#include <corymb/core/types.hpp>

#include <cstdint>
#include <vector>

CORYMB_BEGIN

// Seeded generators of points with known classes.
//
// T is the scalar of the points, double or float; the float data are the double data rounded to the nearest float. The
// same seed gives the same data for any build mode; across machines, where their log, sqrt, sin, cos and pow agree and
// none fuses a multiplication with an addition, the same bits, else the same data up to rounding. Time and memory are
// O(n d). A size, a shape or a number out of its range throws InvalidArgument; legal arguments whose points would
// overflow T throw NumericalError.

/// Points and the classes they were drawn from.
template <class T = double>
struct Dataset {
  RowMatrix<T> points;   ///< n × d
  Labels labels;         ///< n, class of each row; `noise` for uniform noise
  RowMatrix<T> centers;  ///< k × d, row c = centre of class c; 0 × 0 where classes have none (all but blobs, circles)
};

/// Options of make_blobs.
struct BlobOptions {
  /// Standard deviation of every coordinate about the centre, ≥ 0: one value for all blobs or k values.
  std::vector<double> spread = {1.0};
  /// Centres, k × d. Empty: drawn uniformly from the box [box_low, box_high]^d.
  RowMatrix<double> centers = {};
  double box_low = -10;
  double box_high = 10;
  /// Ratio of the longest to the shortest axis of a blob, ≥ 1. Above 1 every blob gets a map of its own, M = Q D: Q a
  /// random rotation or reflection (uniform over all), D diagonal with axes in geometric progression and determinant 1,
  /// so that volumes stay as spread gives them. Without effect for d = 1.
  double elongation = 1;
  /// Linear maps M, d × d: none, one for all blobs or k maps. Not together with elongation.
  std::vector<RowMatrix<double>> maps = {};
  /// true: rows in random order; false: the same rows blob after blob.
  bool shuffle = true;
  std::uint64_t seed = 0;
};

/// Gaussian blobs: a point of blob c is centre_c + spread_c · M_c z with z standard normal in d dimensions and M_c the
/// identity unless `maps` or `elongation` say otherwise; its covariance is spread_c² M_c M_cᵀ. The random draws of
/// centres, maps, each blob's points and the order are separate streams, so changing one option leaves the draws of
/// the others as they were, and the points of a blob that grows begin with those it had. Time O(n d), with maps
/// O(n d²), and O(k d³) for making random ones.
/// @param n  number of points, ≥ 0. Blob sizes differ by at most one, the larger first.
/// @param d  dimension, ≥ 1.
/// @param k  number of blobs, in [1, 2^31 − 1].
template <class T = double>
Dataset<T> make_blobs(Index n, Index d, Index k, const BlobOptions& options = {});

/// The same with a chosen number of points, ≥ 0, for each blob; k = sizes.size().
template <class T = double>
Dataset<T> make_blobs(const std::vector<Index>& sizes, Index d, const BlobOptions& options = {});

/// Options of make_moons.
struct MoonOptions {
  /// Standard deviation of the normal noise added to every coordinate, ≥ 0.
  double noise = 0;
  /// true: rows in random order; false: the same rows class after class.
  bool shuffle = true;
  std::uint64_t seed = 0;
};

/// Two interleaved half circles of radius 1 in the plane, n × 2: class 0 at (cos t, sin t), class 1 at
/// (1 − cos t, 1/2 − sin t), t evenly spaced over [0, π] with both ends, plus noise.
/// @param n  number of points, ≥ 0; class 0 has the odd one.
template <class T = double>
Dataset<T> make_moons(Index n, const MoonOptions& options = {});

/// Options of make_circles.
struct CircleOptions {
  /// Standard deviation of the normal noise added to every coordinate, ≥ 0.
  double noise = 0;
  /// Radius of the inner circle, in [0, 1).
  double factor = 0.5;
  /// true: rows in random order; false: the same rows class after class.
  bool shuffle = true;
  std::uint64_t seed = 0;
};

/// Two circles about the origin in the plane, n × 2: class 0 of radius 1, class 1 of radius `factor`, angles evenly
/// spaced over [0, 2π) from 0, plus noise.
/// @param n  number of points, ≥ 0; class 0 has the odd one.
template <class T = double>
Dataset<T> make_circles(Index n, const CircleOptions& options = {});

/// Options of make_spirals.
struct SpiralOptions {
  /// Standard deviation of the normal noise added to every coordinate, ≥ 0.
  double noise = 0;
  /// Full turns of an arm from its inner to its outer end, ≥ 0; 0 gives straight rays.
  double turns = 1.5;
  /// Radius of the inner ends, in [0, 1); 0 joins all arms in the origin.
  double inner_radius = 0.1;
  /// true: rows in random order; false: the same rows class after class.
  bool shuffle = true;
  std::uint64_t seed = 0;
};

/// Interleaved Archimedean spirals about the origin in the plane, n × 2. A point of arm c at s in [0, 1] has the radius
/// inner_radius + (1 − inner_radius) s and the angle 2π (turns · s + c / k); the points of an arm are evenly spaced in
/// s with both ends, plus noise. The noise of each arm is a stream of its own.
/// @param n  number of points, ≥ 0. Sizes of the arms differ by at most one, the larger first.
/// @param k  number of arms, in [1, 2^31 − 1].
template <class T = double>
Dataset<T> make_spirals(Index n, Index k, const SpiralOptions& options = {});

/// Options of make_swiss_roll.
struct SwissRollOptions {
  /// Standard deviation of the normal noise added to every coordinate, ≥ 0.
  double noise = 0;
  /// Number of classes, in [1, 2^31 − 1].
  Index segments = 4;
  /// Width of the sheet that is rolled up, ≥ 0.
  double height = 21;
  /// true: rows in random order; false: the same rows class after class.
  bool shuffle = true;
  std::uint64_t seed = 0;
};

/// A rolled-up sheet, n × 3: the points (t cos t, height · v, t sin t), plus noise, with v uniform in [0, 1) and t in
/// [1.5π, 4.5π). The range of t is cut into `segments` equal parts; class c is part c, counted from the inside, and t
/// is uniform within it. Every segment's points are a stream of their own: those of a segment that grows begin with
/// those it had.
/// @param n  number of points, ≥ 0. Sizes of the classes differ by at most one, the larger first.
template <class T = double>
Dataset<T> make_swiss_roll(Index n, const SwissRollOptions& options = {});

/// Options of make_uniform.
struct UniformOptions {
  /// Range of every coordinate, low ≤ high.
  double low = 0;
  double high = 1;
  std::uint64_t seed = 0;
};

/// Uniform noise: independent coordinates, uniform in [low, high]; every label is `noise`.
/// @param n  number of points, ≥ 0.
/// @param d  dimension, ≥ 1.
template <class T = double>
Dataset<T> make_uniform(Index n, Index d, const UniformOptions& options = {});

CORYMB_END

#include <corymb/datasets/detail/generators.hpp>
