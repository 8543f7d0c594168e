#include <corymb/distance/metric.hpp>
#include <corymb/distance/nearest.hpp>
#include <corymb/distance/pairwise.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <numbers>
#include <vector>

#include "support/distance_oracle.hpp"
#include "support/instruction_sets.hpp"
#include "support/matrices.hpp"

// Each metric against other implementations, against its textbook formula in long double, and by its laws.

namespace metrics_test {
namespace {

using namespace corymb_test;
using corymb::nearest;
using corymb::pairwise_distances;

template <class T>
T distance(Metric metric, const std::vector<double>& x, const std::vector<double>& y) {
  const auto d = static_cast<Index>(x.size());
  RowMatrix<T> X(1, d), Y(1, d);
  for (Index j = 0; j < d; ++j) {
    X(0, j) = static_cast<T>(x[static_cast<std::size_t>(j)]);
    Y(0, j) = static_cast<T>(y[static_cast<std::size_t>(j)]);
  }
  return pairwise_distances(X, Y, metric)(0, 0);
}

/// The textbook formula, without any care for overflow or cancellation: for moderate rows only.
template <class T>
long double textbook(Metric metric, const T* x, const T* y, Index d) {
  using Long = long double;
  Long sum = 0, other = 0, xx = 0, yy = 0, x_mean = 0, y_mean = 0;
  if (metric == Metric::haversine) {
    constexpr Long degree = std::numbers::pi_v<Long> / 180;
    const Long half_latitude = std::sin((Long{x[0]} - Long{y[0]}) * degree / 2);
    const Long half_longitude = std::sin((Long{x[1]} - Long{y[1]}) * degree / 2);
    const Long h = half_latitude * half_latitude +
                   std::cos(Long{x[0]} * degree) * std::cos(Long{y[0]} * degree) * half_longitude * half_longitude;
    return 2 * 6371.0088L * std::asin(std::min(Long{1}, std::sqrt(h)));
  }
  if (metric == Metric::correlation) {
    for (Index j = 0; j < d; ++j) {
      x_mean += x[j] / static_cast<Long>(d);
      y_mean += y[j] / static_cast<Long>(d);
    }
  }
  for (Index j = 0; j < d; ++j) {
    const Long a = x[j], b = y[j], difference = std::abs(a - b);
    switch (metric.kind()) {
      case Metric::Kind::euclidean: sum += difference * difference; break;
      case Metric::Kind::manhattan: sum += difference; break;
      case Metric::Kind::chebyshev: sum = std::max(sum, difference); break;
      case Metric::Kind::minkowski: sum += std::pow(difference, static_cast<Long>(metric.p())); break;
      case Metric::Kind::canberra: sum += difference == 0 ? 0 : difference / (std::abs(a) + std::abs(b)); break;
      case Metric::Kind::bray_curtis:
        sum += difference;
        other += a + b;
        break;
      case Metric::Kind::cosine:
      case Metric::Kind::correlation:
        sum += (a - x_mean) * (b - y_mean);
        xx += (a - x_mean) * (a - x_mean);
        yy += (b - y_mean) * (b - y_mean);
        break;
      case Metric::Kind::hamming: sum += difference != 0; break;
      case Metric::Kind::jaccard:
        sum += a != 0 && b != 0;
        other += a != 0 || b != 0;
        break;
      case Metric::Kind::haversine: break;
    }
  }
  switch (metric.kind()) {
    case Metric::Kind::euclidean: return std::sqrt(sum);
    case Metric::Kind::minkowski: return std::pow(sum, 1 / static_cast<Long>(metric.p()));
    case Metric::Kind::bray_curtis: return other == 0 ? 0 : sum / other;
    case Metric::Kind::cosine:
    case Metric::Kind::correlation: return 1 - sum / std::sqrt(xx * yy);
    case Metric::Kind::hamming: return sum / static_cast<Long>(d);
    case Metric::Kind::jaccard: return other == 0 ? 0 : 1 - sum / other;
    default: return sum;
  }
}

/// Sums of d terms and few roundings more, relative to the distance; absolute where it is a difference from 1.
template <class T>
long double bound(Metric metric, Index d, long double distance) {
  const long double u = std::numeric_limits<T>::epsilon() / 2;
  if (metric == Metric::cosine || metric == Metric::correlation) return static_cast<long double>(2 * d + 8) * u;
  if (metric == Metric::haversine) return 4 * u * distance + 1e-9L;  // a micrometre
  return static_cast<long double>(2 * d + 8) * u * distance;
}

TEST(Metric, IsAValue) {
  constexpr Metric three = Metric::minkowski(3);
  static_assert(three == Metric::minkowski(3.0) && three != Metric::minkowski(4) && three.p() == 3);
  static_assert(three.kind() == Metric::Kind::minkowski && Metric::cosine.p() == 0);
  EXPECT_EQ(Metric::euclidean, Metric::euclidean);
  EXPECT_EQ(Metric::chebyshev.kind(), Metric::Kind::chebyshev);
  for (std::size_t i = 0; i < all_metrics().size(); ++i)
    for (std::size_t j = 0; j < i; ++j) EXPECT_NE(all_metrics()[i], all_metrics()[j]) << i << ", " << j;
}

TEST(Metric, MinkowskiOfOneTwoAndInfinityAreTheOthers) {
  static_assert(Metric::minkowski(1) == Metric::manhattan && Metric::minkowski(2) == Metric::euclidean);
  EXPECT_EQ(Metric::minkowski(std::numeric_limits<double>::infinity()), Metric::chebyshev);
  EXPECT_NE(Metric::minkowski(std::nextafter(2.0, 3.0)), Metric::euclidean);
  EXPECT_NE(Metric::minkowski(std::numeric_limits<double>::max()), Metric::chebyshev);
}

// scipy 1.10.1: cdist([[1, 2, -3, 0.5, 0]], [[3, -1, 3, 0.5, 0]], metric, p=p), absolute values for braycurtis.
TEST(Metric, ValuesOfScipy) {
  const std::vector<double> x = {1, 2, -3, 0.5, 0}, y = {3, -1, 3, 0.5, 0};
  for_each_scalar([&]<class T>(T) {
    const double tolerance = 8 * static_cast<double>(std::numeric_limits<T>::epsilon());
    const auto near = [&](double actual, double expected) { EXPECT_NEAR(actual, expected, tolerance * expected); };
    near(distance<T>(Metric::euclidean, x, y), 7);
    near(distance<T>(Metric::manhattan, x, y), 11);
    near(distance<T>(Metric::chebyshev, x, y), 6);
    near(distance<T>(Metric::minkowski(3), x, y), 6.307993548663267);
    near(distance<T>(Metric::minkowski(4), x, y), 6.109248334536995);
    near(distance<T>(Metric::minkowski(7), x, y), 6.00706336035761);
    near(distance<T>(Metric::minkowski(1.5), x, y), 8.022164474945832);
    near(distance<T>(Metric::canberra, x, y), 2.5);
    near(distance<T>(Metric::cosine, x, y), 1.4679278599467838);
    near(distance<T>(Metric::correlation, x, y), 1.6062433036621258);
    near(distance<T>(Metric::hamming, x, y), 0.6);
    near(distance<T>(Metric::bray_curtis, {1, 2, 3, 0.5, 0}, {3, 1, 3, 0.5, 0}), 0.21428571428571427);
    // cdist of booleans, 'jaccard'
    near(distance<T>(Metric::jaccard, {1, -7, 0, 0, 0.5, 0}, {3, 0, 2, 0, 1, 0}), 0.5);
  });
}

TEST(Metric, EqualsTheTextbook) {
  for_each_scalar([]<class T>(T) {
    for (const Metric metric : all_metrics()) {
      for (const Index d : {1, 2, 3, 5, 8, 17, 33, 129}) {
        Random random(1, {static_cast<std::uint64_t>(d)});
        const auto X = rows_for<T>(metric, random, 30, d), Y = rows_for<T>(metric, random, 20, d);
        const auto D = pairwise_distances(X, Y, metric);
        for (Index i = 0; i < 30; ++i)
          for (Index j = 0; j < 20; ++j) {
            const auto expected = textbook(metric, X.data() + i * X.cols(), Y.data() + j * X.cols(), X.cols());
            ASSERT_LE(std::abs(static_cast<long double>(D(i, j)) - expected), bound<T>(metric, d, expected))
                << name_of(metric) << ", d = " << d << ": " << D(i, j) << " instead of " << expected;
          }
      }
    }
  });
}

TEST(Metric, StaysInItsRange) {
  for_each_scalar([]<class T>(T) {
    for (std::uint64_t seed = 0; seed < instances; ++seed) {
      SCOPED_TRACE(::testing::Message() << "seed " << seed);
      Random random(seed, {2});
      const Index d = 1 + random.below(40);
      const auto within = [&](Metric metric, const RowMatrix<T>& X, const RowMatrix<T>& Y, T most) {
        const auto D = pairwise_distances(X, Y, metric);
        EXPECT_GE(D.minCoeff(), T(0)) << name_of(metric);
        EXPECT_LE(D.maxCoeff(), most) << name_of(metric);
      };
      for (const Metric metric : {Metric::cosine, Metric::correlation}) {
        const auto X = rows_for<T>(metric, random, 6, d);
        within(metric, X, X * T(3), T(2));
        within(metric, X, X * T(-3), T(2));
      }
      const auto flowers = rows_for<T>(Metric::bray_curtis, random, 6, 2 * d);
      RowMatrix<T> left = flowers, right = flowers;  // nothing in common
      left.rightCols(d).setZero();
      right.leftCols(d).setZero();
      within(Metric::bray_curtis, flowers, flowers, T(1));
      within(Metric::bray_curtis, left, right, T(1));
      EXPECT_GE(pairwise_distances(left, right, Metric::bray_curtis).minCoeff(),
                1 - static_cast<T>(2 * d) * std::numeric_limits<T>::epsilon());
      for (const Metric metric : {Metric::hamming, Metric::jaccard})
        within(metric, rows_for<T>(metric, random, 6, d), rows_for<T>(metric, random, 6, d), T(1));
      within(Metric::canberra, flowers, -flowers, static_cast<T>(2 * d));
    }
  });
}

TEST(Metric, TriangleInequality) {
  for_each_scalar([]<class T>(T) {
    for (const Metric metric : all_metrics()) {
      if (metric == Metric::bray_curtis || metric == Metric::cosine || metric == Metric::correlation) continue;
      for (std::uint64_t seed = 0; seed < 10; ++seed) {
        SCOPED_TRACE(::testing::Message() << name_of(metric) << ", seed " << seed);
        Random random(seed, {3});
        const auto X = seed % 2 == 0 ? rows_for<T>(metric, random, 25, 4) : tied_rows_for<T>(metric, random, 25, 4);
        const auto D = pairwise_distances(X, X, metric);
        const T far = metric == Metric::haversine ? T(1e-3) : T(0);  // opposite places: 0.2 m each, and room for float
        for (Index i = 0; i < 25; ++i)
          for (Index j = 0; j < 25; ++j)
            for (Index l = 0; l < 25; ++l)
              ASSERT_LE(D(i, l), (D(i, j) + D(j, l)) * (1 + 32 * std::numeric_limits<T>::epsilon()) + far)
                  << i << ", " << j << ", " << l;
      }
    }
  });
}

TEST(Metric, ZeroBesideZero) {
  for_each_scalar([]<class T>(T) {
    const std::vector<double> zeros(5, 0.0), minus(5, -0.0), rows = {0, 3, 0, 0, 1};
    for (const Metric metric : {Metric::canberra, Metric::bray_curtis, Metric::jaccard, Metric::hamming}) {
      EXPECT_EQ(distance<T>(metric, zeros, zeros), T(0)) << name_of(metric);
      EXPECT_EQ(distance<T>(metric, zeros, minus), T(0)) << name_of(metric);
      EXPECT_EQ(distance<T>(metric, rows, rows), T(0)) << name_of(metric);
    }
    EXPECT_EQ(distance<T>(Metric::canberra, rows, zeros), T(2));
    EXPECT_EQ(distance<T>(Metric::bray_curtis, rows, zeros), T(1));
    EXPECT_EQ(distance<T>(Metric::jaccard, rows, zeros), T(1));
    EXPECT_EQ(distance<T>(Metric::hamming, rows, zeros), T(0.4));
    // The smallest numbers are numbers too.
    const double smallest = static_cast<double>(std::numeric_limits<T>::denorm_min());
    EXPECT_EQ(distance<T>(Metric::canberra, {smallest}, {0}), T(1));
    EXPECT_EQ(distance<T>(Metric::canberra, {smallest}, {3 * smallest}), T(0.5));
    EXPECT_EQ(distance<T>(Metric::bray_curtis, {smallest}, {3 * smallest}), T(0.5));
    EXPECT_EQ(distance<T>(Metric::jaccard, {smallest, 1}, {0, 1}), T(0.5));
    EXPECT_EQ(distance<T>(Metric::hamming, {smallest, 1}, {0, 1}), T(0.5));
  });
}

TEST(Minkowski, PowersThatOverflowOrUnderflow) {
  for_each_scalar([]<class T>(T) {
    const int large = sizeof(T) == 4 ? 55 : 440, least = std::numeric_limits<T>::min_exponent - 1;
    for (const double p : {1.25, 3.0, 4.0, 5.0, 12.0, 64.0, 65.0, 300.5, 1e6}) {
      const Metric metric = Metric::minkowski(p);
      SCOPED_TRACE(name_of(metric));
      for (const int exponent :
           {least, least + 20, -large, -large / 2, -large / 4, -8, 0, 8, large / 4, large / 2, large}) {
        SCOPED_TRACE(::testing::Message() << "2^" << exponent);
        Random random(4);
        const T scale = static_cast<T>(std::ldexp(1.0, exponent));
        const RowMatrix<T> X = grid_matrix<T>(random, 9, 5, 1000, 1.0 / 128) * scale;
        const RowMatrix<T> Y = grid_matrix<T>(random, 8, 5, 1000, 1.0 / 128) * scale;
        const auto D = pairwise_distances(X, Y, metric);
        EXPECT_TRUE(same_matrix(D, all_distances(metric, X, Y)));
        for (Index i = 0; i < 9; ++i)
          for (Index j = 0; j < 8; ++j) {
            long double most = 0, sum = 0;
            for (Index l = 0; l < 5; ++l)
              most = std::max(most, std::abs(static_cast<long double>(X(i, l)) - static_cast<long double>(Y(j, l))));
            for (Index l = 0; l < 5; ++l)
              sum += std::pow(std::abs(static_cast<long double>(X(i, l)) - static_cast<long double>(Y(j, l))) / most,
                              static_cast<long double>(p));
            const long double expected = most * std::pow(sum, 1 / static_cast<long double>(p));
            // 1/p in double beside a sum near the end of the range: its logarithm, up to 710, enlarges the rounding.
            const long double tolerance = sizeof(T) == 4 ? 16 : 16 + 710 / p;
            const long double allowed =
                tolerance * std::numeric_limits<T>::epsilon() * expected + std::numeric_limits<T>::denorm_min();
            ASSERT_LE(std::abs(static_cast<long double>(D(i, j)) - expected), allowed) << D(i, j) << ", " << expected;
          }
      }
    }
  });
}

TEST(Minkowski, OneCoordinateFarBeyondTheOthers) {
  for_each_scalar([]<class T>(T) {
    const double big = sizeof(T) == 4 ? 1e17 : 1e150;
    for (const double p : {3.0, 4.0, 7.0, 2.5})
      EXPECT_NEAR(distance<T>(Metric::minkowski(p), {big, 1, 2}, {0, 2, 1}) / big, 1,
                  4 * std::numeric_limits<T>::epsilon());
    for (const double p : {3.0, 7.0, 2.5}) EXPECT_EQ(distance<T>(Metric::minkowski(p), {1, 2, 3}, {1, 2, 3}), T(0));
  });
}

TEST(Correlation, AnOffsetOfAMillionCostsNothing) {
  for_each_scalar([]<class T>(T) {
    for (std::uint64_t seed = 0; seed < instances; ++seed) {
      SCOPED_TRACE(::testing::Message() << "seed " << seed);
      Random random(seed, {5});
      const Index d = 2 + random.below(30);
      const auto X = accepted_by(Metric::correlation, grid_matrix<T>(random, 7, d, 30, 0.125));
      const auto Y = accepted_by(Metric::correlation, grid_matrix<T>(random, 5, d, 30, 0.125));
      const auto D = pairwise_distances(X, Y, Metric::correlation);
      const RowMatrix<T> far_x = X.array() + T(1e6), far_y = Y.array() - T(1e6);
      EXPECT_TRUE(same_matrix(pairwise_distances(far_x, far_y, Metric::correlation), D));
      const auto labels = nearest(far_x, far_y, Metric::correlation).labels;
      EXPECT_TRUE(same_matrix(labels, nearest_by_definition(Metric::correlation, X, Y).labels));
    }
  });
}

TEST(Correlation, OfRowsThatAreAlmostConstantOrOfAnySize) {
  for_each_scalar([]<class T>(T) {
    const double next = static_cast<double>(std::nextafter(T(1e6), T(2e6)));
    const double smallest = static_cast<double>(std::numeric_limits<T>::denorm_min());
    const double largest = static_cast<double>(corymb::detail::largest_safe_magnitude<T>(3)) * 0.99;
    const std::vector<double> up = {1, 1, 2}, down = {5, 5, 1};
    const double tolerance = 4 * static_cast<double>(std::numeric_limits<T>::epsilon());
    for (const auto& row : {std::vector<double>{1e6, 1e6, next},
                            {0, 0, smallest},
                            {-smallest, -smallest, 0},
                            {-largest, -largest, largest},
                            {largest, largest, -largest}}) {
      const bool rises = row[2] > row[0];
      EXPECT_NEAR(distance<T>(Metric::correlation, row, up), rises ? 0 : 2, tolerance);
      EXPECT_NEAR(distance<T>(Metric::correlation, row, down), rises ? 2 : 0, tolerance);
      EXPECT_EQ(distance<T>(Metric::correlation, row, row), T(0));
    }
  });
}

// By the formula with half angles, in double: 2 · 6371.0088 · asin √(sin²(Δφ/2) + cos φ cos φ′ sin²(Δλ/2)).
TEST(Haversine, KnownDistances) {
  const std::vector<double> berlin = {52.52, 13.405}, tokyo = {35.6762, 139.6503}, sydney = {-33.8688, 151.2093},
                            lima = {-12.0464, -77.0428};
  EXPECT_NEAR(distance<double>(Metric::haversine, berlin, tokyo), 8915.538859822807, 1e-9);
  EXPECT_NEAR(distance<double>(Metric::haversine, sydney, lima), 12799.86272365425, 1e-9);
  EXPECT_NEAR(distance<float>(Metric::haversine, berlin, tokyo), 8915.5389, 2e-3);  // the angles are rounded
  constexpr double half = 6371.0088 * std::numbers::pi;
  for_each_scalar([&]<class T>(T) {
    const T near_half = static_cast<T>(half);
    EXPECT_EQ(distance<T>(Metric::haversine, {90, 0}, {-90, 77}), near_half);
    EXPECT_EQ(distance<T>(Metric::haversine, {0, 0}, {0, 180}), near_half);
    EXPECT_NEAR(distance<T>(Metric::haversine, {0, 0}, {0, 90}), near_half / 2,
                near_half * std::numeric_limits<T>::epsilon());
    EXPECT_NEAR(distance<T>(Metric::haversine, {30, 20}, {-30, -160}), near_half, 4e-4 + 1e-7 * half);
  });
}

TEST(Haversine, TheSamePlaceHasDistanceZero) {
  for_each_scalar([]<class T>(T) {
    for (const double latitude : {-90.0, -33.25, 0.0, 12.5, 90.0})
      for (const double longitude : {-180.0, -90.0, 0.0, 7.125, 90.0, 180.0})
        for (const double turn : {-720.0, -360.0, 0.0, 360.0, 36000.0})
          EXPECT_EQ(distance<T>(Metric::haversine, {latitude, longitude}, {latitude, longitude + turn}), T(0))
              << latitude << ", " << longitude << ", " << turn;
    EXPECT_EQ(distance<T>(Metric::haversine, {12.5, 180}, {12.5, -180}), T(0));
    EXPECT_EQ(distance<T>(Metric::haversine, {90, 12}, {90, -100}), T(0)) << "a pole has every longitude";
    EXPECT_EQ(distance<T>(Metric::haversine, {-90, 12}, {-90, -100}), T(0));
  });
}

TEST(Haversine, NearPlacesAcrossTheDateLine) {
  constexpr double per_degree = 6371.0088 * std::numbers::pi / 180;
  for (const double step : {1.0, 1e-3, 1e-6, 1e-9}) {
    const double away = distance<double>(Metric::haversine, {0, 180 - step}, {0, -180 + step});
    EXPECT_NEAR(away, 2 * step * per_degree, 1e-9 + 1e-9 * step) << step;
    EXPECT_NEAR(distance<double>(Metric::haversine, {step, 5}, {-step, 5}), 2 * step * per_degree, 1e-9) << step;
  }
}

}  // namespace
}  // namespace metrics_test
