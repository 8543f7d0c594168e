#include <corymb/distance/pairwise.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "support/distance_oracle.hpp"
#include "support/instruction_sets.hpp"
#include "support/kernel_shapes.hpp"
#include "support/matrices.hpp"

// pairwise_distances against the definition, bit by bit.

namespace pairwise_test {
namespace {

using namespace corymb_test;
using corymb::pairwise_distances;

TEST(Pairwise, KnownDistances) {
  for_each_scalar([]<class T>(T) {
    RowMatrix<T> x(1, 3), y(1, 3);
    x << 1, 2, -3;
    y << 3, -1, 3;
    EXPECT_EQ(pairwise_distances(x, y)(0, 0), T(7));
    EXPECT_EQ(pairwise_distances(x, y, Metric::manhattan)(0, 0), T(11));
    EXPECT_EQ(pairwise_distances(x, y, Metric::chebyshev)(0, 0), T(6));
    EXPECT_EQ(pairwise_distances(x, y, Metric::cosine)(0, 0), static_cast<T>(1 + 8 / std::sqrt(14.0 * 19.0)));
    EXPECT_EQ(pairwise_distances(x, -2 * x, Metric::cosine)(0, 0), T(2));
  });
}

TEST(Pairwise, EqualsTheDefinitionOnEverySizeAndInstructionSet) {
  for_each_scalar([]<class T>(T) {
    std::uint64_t seed = 1;
    std::vector<Shape> shapes;
    for (const Index d : edge_dimensions()) shapes.push_back({11, 35, d});
    for (Index m = 0; m <= 130; ++m) shapes.push_back({9, m, 3});  // panels hold the rows of Y
    for (Index n = 0; n <= 20; ++n) shapes.push_back({n, 67, 5});  // tiles the rows of X
    for (const Index n : {255, 256, 257, 513}) shapes.push_back({n, 9, 4});
    shapes.insert(shapes.end(), {{20, 2049, 2}, {9, 8193, 1}});
    for (const Shape& shape : shapes) {
      for (const Metric metric : all_metrics()) {
        Random random(seed++);
        const auto X = rows_for<T>(metric, random, shape.n, shape.d), Y = rows_for<T>(metric, random, shape.k, shape.d);
        SCOPED_TRACE(::testing::Message() << shape << ", " << name_of(metric));
        const auto expected = all_distances(metric, X, Y);
        on_every_instruction_set(
            [&] { EXPECT_TRUE(same_matrix(pairwise_distances(X, Y, metric, {.threads = 1}), expected)); });
      }
      if (::testing::Test::HasFailure()) return;
    }
  });
}

TEST(Pairwise, SymmetricWithZeroDiagonal) {
  for_each_scalar([]<class T>(T) {
    for (const Metric metric : all_metrics()) {
      SCOPED_TRACE(name_of(metric));
      Random random(2);
      const auto X = rows_for<T>(metric, random, 75, 21);
      const auto D = pairwise_distances(X, X, metric);
      EXPECT_TRUE(same_matrix(D, RowMatrix<T>(D.transpose())));
      EXPECT_EQ(D.diagonal(), ColumnVector<T>::Zero(75));
      EXPECT_GE(D.minCoeff(), T(0));
    }
  });
}

TEST(Pairwise, CosineStaysInItsRange) {
  for_each_scalar([]<class T>(T) {
    for (std::uint64_t seed = 0; seed < instances; ++seed) {
      Random random(seed, {3});
      const auto X = normal_matrix<T>(random, 8, 1 + random.below(9));
      const auto near = pairwise_distances(X, X * T(3), Metric::cosine);
      const auto far = pairwise_distances(X, X * T(-3), Metric::cosine);
      EXPECT_GE(near.minCoeff(), T(0)) << "seed " << seed;
      EXPECT_LE(far.maxCoeff(), T(2)) << "seed " << seed;
      EXPECT_LE(near.diagonal().maxCoeff(), 4 * std::numeric_limits<T>::epsilon()) << "seed " << seed;
    }
  });
}

TEST(Pairwise, AScaleByAPowerOfTwoScalesTheDistances) {
  for_each_scalar([]<class T>(T) {
    const int large = sizeof(T) == 4 ? 50 : 332;  // 1e±15, 1e±100
    for (const int exponent : {-large, large})
      for (const Metric metric : all_metrics()) {
        if (metric == Metric::haversine || metric.kind() == Metric::Kind::minkowski) continue;
        SCOPED_TRACE(::testing::Message() << "2^" << exponent << ", " << name_of(metric));
        Random random(4);
        const auto X = rows_for<T>(metric, random, 20, 7), Y = rows_for<T>(metric, random, 30, 7);
        const T scale = static_cast<T>(std::ldexp(1.0, exponent));
        RowMatrix<T> expected = all_distances(metric, X, Y);
        if (scales_with_the_rows(metric)) expected *= scale;
        EXPECT_TRUE(same_matrix(pairwise_distances(X * scale, Y * scale, metric), expected));
      }
  });
}

TEST(Pairwise, AnyNumberOfThreadsGivesTheSameBits) {
  for_each_scalar([]<class T>(T) {
    for (const Metric metric : all_metrics()) {
      SCOPED_TRACE(name_of(metric));
      Random random(5);
      const auto X = rows_for<T>(metric, random, 1000, 6), Y = rows_for<T>(metric, random, 70, 6);
      const auto one = pairwise_distances(X, Y, metric, {.threads = 1});
      for (const int threads : {2, 3, 8})
        EXPECT_TRUE(same_matrix(pairwise_distances(X, Y, metric, {.threads = threads}), one)) << threads << " threads";
    }
  });
}

TEST(Pairwise, Callable) {
  for_each_scalar([]<class T>(T) {
    Random random(6);
    const auto X = normal_matrix<T>(random, 300, 3), Y = normal_matrix<T>(random, 5, 3);
    const auto first_only = [](std::span<const T> x, std::span<const T> y) {
      return x.size() == 3 && y.size() == 3 ? std::abs(x[0] - 2 * y[0]) : T(-1);
    };
    const auto D = pairwise_distances(X, Y, first_only, {.threads = 3});
    for (Index i = 0; i < 300; ++i)
      for (Index j = 0; j < 5; ++j) ASSERT_EQ(D(i, j), std::abs(X(i, 0) - 2 * Y(j, 0)));
  });
}

TEST(Pairwise, NoRowsOnEitherSide) {
  for (const Metric metric : all_metrics()) {
    Random random(7);
    const auto two = rows_for<float>(metric, random, 2, 3), none = RowMatrix<float>(0, two.cols());
    EXPECT_EQ(pairwise_distances(none, two, metric).rows(), 0);
    EXPECT_EQ(pairwise_distances(none, two, metric).cols(), 2);
    EXPECT_EQ(pairwise_distances(two, none, metric).rows(), 2);
    EXPECT_EQ(pairwise_distances(two, none, metric).cols(), 0);
  }
}

}  // namespace
}  // namespace pairwise_test
