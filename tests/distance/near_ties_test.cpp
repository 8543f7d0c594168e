#include <corymb/distance/nearest.hpp>
#include <corymb/distance/pairwise.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <vector>

#include "support/distance_oracle.hpp"
#include "support/instruction_sets.hpp"
#include "support/matrices.hpp"

// One value per pair: constructed ties and near-ties, where only the defined value can decide.

namespace near_ties_test {
namespace {

using namespace corymb_test;
using corymb::nearest;

/// nearest on every instruction set, and the row minima of pairwise_distances, against the definition.
template <class T>
void expect_exact(const RowMatrix<T>& X, const RowMatrix<T>& C) {
  const auto expected = nearest_by_definition(Metric::euclidean, X, C);
  const auto matrix = all_distances(Metric::euclidean, X, C);
  on_every_instruction_set([&] {
    const auto result = nearest(X, C);
    EXPECT_TRUE(same_matrix(result.labels, expected.labels)) << "labels";
    EXPECT_TRUE(same_matrix(result.distances, expected.distances)) << "distances";
    EXPECT_TRUE(same_matrix(corymb::pairwise_distances(X, C), matrix)) << "pairwise_distances";
    EXPECT_TRUE(same_bits(result.distances.data(), ColumnVector<T>(matrix.rowwise().minCoeff()).data(), X.rows()));
  });
}

/// A point p of integers and centroids p + a permutation of one v, signs changed too. All real distances are equal and
/// every coordinate is exact; the defined values differ by the rounding of sums in different orders, or not at all.
template <class T>
struct Equidistant {
  RowMatrix<T> X;
  RowMatrix<T> C;
  RowMatrix<T> offsets;  // C − p

  Equidistant(Random& random, Index k, Index d) : X(grid_matrix<T>(random, 1, d, 4)), C(k, d), offsets(k, d) {
    constexpr int bits = std::numeric_limits<T>::digits - 4;
    const RowMatrix<T> v = grid_matrix<T>(random, 1, d, std::int64_t{1} << bits, std::ldexp(1.0, -bits));
    for (Index i = 0; i < k; ++i) {
      const auto order = permutation(random, d);
      for (Index j = 0; j < d; ++j)
        offsets(i, j) = v(0, order[static_cast<std::size_t>(j)]) * (random.below(2) == 0 ? T(1) : T(-1));
    }
    C = offsets.rowwise() + X.row(0);
  }
};

/// How many representable numbers lie between two positive ones.
template <class T>
std::int64_t steps_between(T a, T b) {
  using Bits = std::conditional_t<sizeof(T) == 4, std::int32_t, std::int64_t>;
  return std::abs(std::int64_t{std::bit_cast<Bits>(a)} - std::int64_t{std::bit_cast<Bits>(b)});
}

TEST(NearTies, EqualRealDistancesInAnotherOrderOfSummation) {
  for_each_scalar([]<class T>(T) {
    Index equal = 0, one_step = 0, few_steps = 0;
    for (std::uint64_t seed = 0; seed < instances; ++seed) {
      Random random(seed, {1});
      const Index k = 2 + random.below(14), d = 2 + random.below(seed % 8 == 0 ? 300 : 30);
      SCOPED_TRACE(::testing::Message() << "seed " << seed << ", k = " << k << ", d = " << d);
      Equidistant<T> tie(random, k, d);
      ASSERT_EQ(RowMatrix<T>(tie.C.rowwise() - tie.X.row(0)), tie.offsets) << "the coordinates must be exact";
      auto values = all_deciding_values(Metric::euclidean, tie.X, tie.C);
      std::sort(values.data(), values.data() + k);
      const auto steps = steps_between(values(0, 0), values(0, 1));
      equal += steps == 0;
      one_step += steps == 1;
      few_steps += steps > 1 && steps < 8;
      RowMatrix<T> X(20, d);  // the point among others of the same kind
      for (Index i = 0; i < 20; ++i) X.row(i) = i % 3 == 0 ? tie.X.row(0) : tie.C.row(random.below(k));
      expect_exact(X, tie.C);
      if (::testing::Test::HasFailure()) return;
    }
    // The instances are what they claim to be.
    EXPECT_GT(equal, 5);
    EXPECT_GT(one_step, 5);
    EXPECT_GT(few_steps, 2);
  });
}

TEST(NearTies, OneCoordinateMovedByTheSmallestSteps) {
  for_each_scalar([]<class T>(T) {
    for (std::uint64_t seed = 0; seed < instances; ++seed) {
      Random random(seed, {2});
      const Index k = 2 + random.below(14), d = 1 + random.below(seed % 8 == 0 ? 300 : 30);
      SCOPED_TRACE(::testing::Message() << "seed " << seed << ", k = " << k << ", d = " << d);
      Equidistant<T> tie(random, k, d);
      for (Index i = 0; i < k; ++i) {
        T& value = tie.C(i, random.below(d));
        for (std::int64_t steps = random.below(4); steps > 0; --steps)
          value = std::nextafter(value, random.below(2) == 0 ? T(100) : T(-100));
      }
      expect_exact(tie.X, tie.C);
      if (::testing::Test::HasFailure()) return;
    }
  });
}

TEST(NearTies, OfDuplicatedCentroidsTheFirstWins) {
  for_each_scalar([]<class T>(T) {
    for (const Index d : {1, 3, 17, 130}) {
      for (const Index copies : {2, 5, 6, 7, 12, 50}) {
        SCOPED_TRACE(::testing::Message() << "d = " << d << ", copies = " << copies);
        Random random(3, {static_cast<std::uint64_t>(d), static_cast<std::uint64_t>(copies)});
        const auto X = normal_matrix<T>(random, 70, d), distinct = normal_matrix<T>(random, 5, d);
        const RowMatrix<T> C = distinct.replicate(copies, 1);
        on_every_instruction_set([&] { EXPECT_LT(nearest(X, C).labels.maxCoeff(), 5); });
        expect_exact(X, C);
      }
    }
  });
}

TEST(NearTies, PointsHalfWay) {
  for_each_scalar([]<class T>(T) {
    Random random(4);
    const auto order = permutation(random, 40);
    RowMatrix<T> C(40, 1), X(39, 1);
    for (Index i = 0; i < 40; ++i) C(i, 0) = static_cast<T>(2 * order[static_cast<std::size_t>(i)]);
    for (Index i = 0; i < 39; ++i) X(i, 0) = static_cast<T>(2 * i + 1);
    Labels expected(39);
    for (Index i = 0; i < 39; ++i) {
      const auto at = [&](Index value) { return std::find(order.begin(), order.end(), value) - order.begin(); };
      expected[i] = static_cast<std::int32_t>(std::min(at(i), at(i + 1)));
    }
    on_every_instruction_set([&] { EXPECT_TRUE(same_matrix(nearest(X, C).labels, expected)); });

    for (std::uint64_t seed = 0; seed < instances; ++seed) {  // middles of pairs of centroids, in more dimensions
      SCOPED_TRACE(::testing::Message() << "seed " << seed);
      Random draw(seed, {5});
      const Index k = 2 + draw.below(12), d = 1 + draw.below(40);
      const auto centroids = grid_matrix<T>(draw, k, d, 100, 2);
      RowMatrix<T> middles(k * k, d);
      for (Index a = 0; a < k; ++a)
        for (Index b = 0; b < k; ++b) middles.row(a * k + b) = (centroids.row(a) + centroids.row(b)) / 2;
      expect_exact(middles, centroids);
      if (::testing::Test::HasFailure()) return;
    }
  });
}

TEST(NearTies, AllEqual) {
  for_each_scalar([]<class T>(T) {
    for (const double value : {0.0, 0.1, -1e6, 1e-15}) {
      const RowMatrix<T> X = RowMatrix<T>::Constant(100, 7, static_cast<T>(value)), C = X.topRows(20);
      on_every_instruction_set([&] {
        const auto result = nearest(X, C);
        EXPECT_EQ(result.labels, Labels::Zero(100));
        EXPECT_EQ(result.distances, ColumnVector<T>::Zero(100));
      });
      const RowMatrix<T> other = X.array() + T(1);
      expect_exact(other, C);
    }
  });
}

TEST(NearTies, EveryPointIsItsOwnCentroid) {
  for_each_scalar([]<class T>(T) {
    Random random(6);
    for (const Index d : {1, 2, 16, 131}) {
      const auto X = normal_matrix<T>(random, 300, d);
      Labels own(300);
      std::iota(own.begin(), own.end(), 0);
      on_every_instruction_set([&] {
        const auto result = nearest(X, X);
        EXPECT_EQ(result.labels, own);
        EXPECT_EQ(result.distances, ColumnVector<T>::Zero(300));
      });
    }
  });
}

TEST(NearTies, SecondNearestToo) {
  for_each_scalar([]<class T>(T) {
    for (std::uint64_t seed = 0; seed < instances; ++seed) {
      SCOPED_TRACE(::testing::Message() << "seed " << seed);
      Random random(seed, {7});
      const Equidistant<T> tie(random, 3 + random.below(12), 2 + random.below(20));
      const auto values = all_deciding_values(Metric::euclidean, tie.X, tie.C);
      const auto expected = neighbours_by_definition(Metric::euclidean, values, 3, tie.X.cols());
      const auto result = corymb::nearest_many(tie.X, tie.C, 3);
      ASSERT_TRUE(same_matrix(result.indices, expected.indices));
      ASSERT_TRUE(same_matrix(result.distances, expected.distances));
    }
  });
}

}  // namespace
}  // namespace near_ties_test
