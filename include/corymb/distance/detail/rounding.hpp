#pragma once

#include <corymb/core/config.hpp>

#include <cstddef>
#include <limits>

CORYMB_BEGIN
namespace detail {

/// How far the expanded score and the defined value of a pair can be from the real numbers they stand for.
///
/// u is the unit roundoff of T; a = x − μ and b = c − μ are the centred row and centroid. The score is computed from
/// a(1 + δ), b(1 + δ), |δ| ≤ u, which moves the squared distance by at most 2u(‖a‖ + ‖b‖)². The norm and the products
/// add at most (m + 1)u(‖a‖ + ‖b‖)², where m is the longest chain of additions: the length of a block of coordinates
/// plus the number of blocks (all d for the norm in double, which is summed in double itself). The defined value has
/// d + 1 roundings of non-negative terms: a relative error of at most (d + 2)u. With (‖a‖ + ‖b‖)² ≤ 2(‖a‖² + ‖b‖²),
/// the nearest centroid is certain if the gap of the two lowest scores exceeds
///   score_factor · (‖a‖² + max ‖b‖²) + value_factor · (squared distance) + absolute,
/// where both factors count two centroids; a few roundings more than these are allowed for. `absolute` covers
/// underflow. See Higham, Accuracy and Stability of Numerical Algorithms, 2nd ed., section 3.1.
struct ScoreBound {
  double score_factor;
  double value_factor;
  double absolute;

  constexpr ScoreBound(std::size_t scalar_size, std::ptrdiff_t d, std::ptrdiff_t block_length, std::ptrdiff_t blocks)
      : score_factor(0), value_factor(0), absolute(0) {
    const bool is_double = scalar_size == sizeof(double);
    const double u = is_double ? std::numeric_limits<double>::epsilon() / 2
                               : static_cast<double>(std::numeric_limits<float>::epsilon()) / 2;
    const double dim = static_cast<double>(d);
    const double chain = static_cast<double>(block_length + blocks) + (is_double ? dim : 0) + 4;
    // Covers the roundings of this arithmetic itself, the 1/(1 − nu) of the bounds, and the norm ‖a‖², summed in T.
    const double slack = 1.01 + 8 * dim * u;
    score_factor = 2 * u * (2 * chain + 4) * slack;
    value_factor = 2 * u * (dim + 3) * slack;
    absolute =
        8 * (dim + 4) *
        (is_double ? std::numeric_limits<double>::min() : static_cast<double>(std::numeric_limits<float>::min()));
    // The norm's own error, d·u·‖a‖², enters the squared distance; it is of second order, but not for huge d.
    score_factor += value_factor * 2 * dim * u;
    if (8 * dim * u > 1) score_factor = std::numeric_limits<double>::infinity();  // no bound: the defined value decides
  }
};

}  // namespace detail
CORYMB_END
