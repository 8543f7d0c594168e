#include <corymb/mixture/detail/digamma.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace digamma_test {
namespace {

using corymb::detail::digamma;
using corymb::detail::trigamma;

struct Value {
  double x;
  double digamma;
  double trigamma;
};

// By the recurrences and 24 terms of the asymptotic series in arithmetic of 60 digits.
constexpr Value values[] = {
    {1e-100, -9.9999999999999998001e+99, 9.9999999999999996002e+199},
    {9.5367431640625e-07, -1048576.5772140961713, 1099511627777.6449318},
    {0.0625, -16.478853490060104367, 257.50642004291541426},
    {0.25, -4.2274535333762654081, 17.197329154507110739},
    {0.5, -1.9635100260214234794, 4.9348022005446793094},
    {1.0, -0.57721566490153286061, 1.6449340668482264365},
    {1.25, -0.22745353337626540809, 1.1973291545071107393},
    {1.4616241455078125, -0.0000077408842857882479105, 0.96767932923025318085},
    {1.5, 0.036489973978576520559, 0.93480220054467930942},
    {2.0, 0.42278433509846713939, 0.64493406684822643647},
    {3.0, 0.92278433509846713939, 0.39493406684822643647},
    {7.5, 1.9467574842460867881, 0.14261589669670379977},
    {9.984375, 2.2501080147381181003, 0.10533927300902051884},
    {10.0, 2.2517525890667211076, 0.10516633568168574612},
    {11.984375, 2.4413029160886903182, 0.087019958096187864134},
    {12.0, 2.4426616799758120167, 0.086901872871768390750},
    {33.25, 3.4889418035209386936, 0.030531979535421604308},
    {1000.0, 6.9072551956488120521, 0.0010005001666666333334},
    {1048576.5, 13.862943611198944084, 9.5367431640617771986e-7},
    {1000000000000000.0, 34.538776394910684760, 1.0000000000000005000e-15},
};

constexpr double epsilon = std::numeric_limits<double>::epsilon();

TEST(Digamma, ValuesOfManyDigits) {
  for (const Value& value : values) {
    SCOPED_TRACE(value.x);
    EXPECT_NEAR(digamma(value.x), value.digamma, 8 * epsilon * std::max(1.0, std::abs(value.digamma)));
    EXPECT_NEAR(trigamma(value.x), value.trigamma, 8 * epsilon * value.trigamma);
  }
}

TEST(Digamma, IsTheDerivativeOfTheLogarithmOfTheGammaFunction) {
  for (double x = 0.125; x < 40; x += 0.37) {
    const long double h = 0x1p-12L, at = static_cast<long double>(x);
    const long double slope =
        (std::lgamma(at - 2 * h) - 8 * std::lgamma(at - h) + 8 * std::lgamma(at + h) - std::lgamma(at + 2 * h)) /
        (12 * h);
    EXPECT_NEAR(digamma(x), static_cast<double>(slope), 1e-9) << x;
    EXPECT_NEAR(trigamma(x), (digamma(x + 0x1p-12) - digamma(x - 0x1p-12)) * 0x1p11, 1e-4 * trigamma(x)) << x;
  }
}

TEST(Digamma, RecurrencesAndDuplication) {
  for (double x = 0.03125; x < 25; x += 0.109375) {
    EXPECT_NEAR(digamma(x + 1), digamma(x) + 1 / x, 1e-14 * (1 + 1 / x)) << x;
    EXPECT_NEAR(trigamma(x + 1), trigamma(x) - 1 / (x * x), 1e-14 * trigamma(x)) << x;
    EXPECT_NEAR(digamma(2 * x), (digamma(x) + digamma(x + 0.5)) / 2 + std::log(2.0), 1e-14 * (1 + 1 / x)) << x;
  }
}

}  // namespace
}  // namespace digamma_test
