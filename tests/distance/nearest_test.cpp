#include <corymb/distance/nearest.hpp>
#include <corymb/distance/pairwise.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <span>
#include <vector>

#include "support/distance_oracle.hpp"
#include "support/instruction_sets.hpp"
#include "support/kernel_shapes.hpp"
#include "support/matrices.hpp"

// nearest and nearest_many against all pairs by definition: labels and distances are the same bits, not close.

namespace nearest_test {
namespace {

using namespace corymb_test;
using corymb::nearest;
using corymb::nearest_many;
using corymb::NearestManyResult;
using corymb::NearestResult;

template <class T>
void expect_same(const NearestResult<T>& actual, const NearestByDefinition<T>& expected) {
  EXPECT_TRUE(same_matrix(actual.labels, expected.labels)) << "labels";
  EXPECT_TRUE(same_matrix(actual.distances, expected.distances)) << "distances";
}

template <class T>
void expect_same(const NearestManyResult<T>& actual, const Neighbours<T>& expected) {
  EXPECT_TRUE(same_matrix(actual.indices, expected.indices)) << "indices";
  EXPECT_TRUE(same_matrix(actual.distances, expected.distances)) << "distances";
}

TEST(Nearest, EqualsTheDefinitionOnEverySizeAndInstructionSet) {
  for_each_scalar([]<class T>(T) {
    std::uint64_t seed = 1;
    for (const Shape& shape : kernel_shapes()) {
      SCOPED_TRACE(::testing::Message() << shape << ", seed " << seed);
      Random random(seed++);
      const auto X = normal_matrix<T>(random, shape.n, shape.d), C = normal_matrix<T>(random, shape.k, shape.d);
      const auto expected = nearest_by_definition(Metric::euclidean, X, C);
      on_every_instruction_set([&] { expect_same(nearest(X, C), expected); });
      if (::testing::Test::HasFailure()) return;
    }
  });
}

TEST(Nearest, TheLowerIndexWinsExactTiesOnEverySize) {
  for_each_scalar([]<class T>(T) {
    std::uint64_t seed = 1000;
    for (const Shape& shape : kernel_shapes()) {
      SCOPED_TRACE(::testing::Message() << shape << ", seed " << seed);
      Random random(seed++);
      const auto X = grid_matrix<T>(random, shape.n, shape.d, 1), C = grid_matrix<T>(random, shape.k, shape.d, 1);
      const auto expected = nearest_by_definition(Metric::euclidean, X, C);
      on_every_instruction_set([&] { expect_same(nearest(X, C), expected); });
      if (::testing::Test::HasFailure()) return;
    }
  });
}

TEST(Nearest, OtherMetricsEqualTheDefinition) {
  for_each_scalar([]<class T>(T) {
    std::uint64_t seed = 2000;
    for (const Shape shape : {Shape{70, 13, 5}, Shape{33, 6, 129}, Shape{300, 253, 3}, Shape{1, 1, 1}}) {
      for (const Metric metric : all_metrics()) {
        Random random(seed++);
        const auto X = rows_for<T>(metric, random, shape.n, shape.d), C = rows_for<T>(metric, random, shape.k, shape.d);
        SCOPED_TRACE(::testing::Message() << shape << ", " << name_of(metric));
        const auto expected = nearest_by_definition(metric, X, C);
        on_every_instruction_set([&] { expect_same(nearest(X, C, metric), expected); });
      }
    }
  });
}

TEST(Nearest, TiesOfEveryMetric) {
  for_each_scalar([]<class T>(T) {
    for (const Metric metric : all_metrics()) {
      Index tied = 0;
      for (std::uint64_t seed = 0; seed < 20; ++seed) {
        SCOPED_TRACE(::testing::Message() << "seed " << seed << ", " << name_of(metric));
        Random random(seed, {7});
        const auto X = tied_rows_for<T>(metric, random, 50, 3), C = tied_rows_for<T>(metric, random, 20, 3);
        const auto values = all_deciding_values(metric, X, C);
        const auto neighbours = neighbours_by_definition(metric, values, 9, X.cols());
        for (Index i = 0; i < 50; ++i)
          tied += values(i, neighbours.indices(i, 0)) == values(i, neighbours.indices(i, 1));
        on_every_instruction_set([&] {
          expect_same(nearest(X, C, metric), nearest_by_definition(metric, X, C));
          expect_same(nearest_many(X, C, 9, metric), neighbours);
        });
      }
      EXPECT_GT(tied, 20) << name_of(metric) << ": the instances must have ties";
    }
  });
}

TEST(NearestMany, EqualsTheDefinition) {
  for_each_scalar([]<class T>(T) {
    std::uint64_t seed = 3000;
    for (const Shape shape :
         {Shape{70, 13, 5}, Shape{33, 6, 129}, Shape{100, 253, 3}, Shape{5, 1, 2}, Shape{0, 4, 2}}) {
      for (const Metric metric : all_metrics()) {
        Random random(seed++);
        const auto X = rows_for<T>(metric, random, shape.n, shape.d), C = rows_for<T>(metric, random, shape.k, shape.d);
        const auto values = all_deciding_values(metric, X, C);
        for (const Index m : {Index{1}, Index{2}, Index{5}, shape.k}) {
          if (m > shape.k) continue;
          SCOPED_TRACE(::testing::Message() << shape << ", m = " << m << ", " << name_of(metric));
          const auto expected = neighbours_by_definition(metric, values, m, X.cols());
          on_every_instruction_set([&] { expect_same(nearest_many(X, C, m, metric), expected); });
        }
      }
    }
  });
}

TEST(NearestMany, FirstColumnIsNearest) {
  for_each_scalar([]<class T>(T) {
    for (const Metric metric : all_metrics()) {
      SCOPED_TRACE(name_of(metric));
      Random random(11);
      const auto X = tied_rows_for<T>(metric, random, 300, 4), C = tied_rows_for<T>(metric, random, 40, 4);
      const auto many = nearest_many(X, C, 2, metric);
      const auto one = nearest(X, C, metric);
      EXPECT_TRUE(same_matrix(Labels(many.indices.col(0)), one.labels));
      EXPECT_TRUE(same_matrix(ColumnVector<T>(many.distances.col(0)), one.distances));
    }
  });
}

TEST(Nearest, CallableGetsTheRowsAndDecides) {
  for_each_scalar([]<class T>(T) {
    Random random(12);
    const auto X = grid_matrix<T>(random, 300, 3, 3), C = grid_matrix<T>(random, 20, 3, 3);
    const auto manhattan = [](std::span<const T> x, std::span<const T> y) {
      T sum = 0;
      for (std::size_t j = 0; j < x.size(); ++j) sum += std::abs(x[j] - y[j]);
      return sum;
    };
    const auto values = all_deciding_values(Metric::manhattan, X, C);
    expect_same(nearest(X, C, manhattan), nearest_by_definition(Metric::manhattan, X, C));
    expect_same(nearest_many(X, C, 3, manhattan), neighbours_by_definition(Metric::manhattan, values, 3, 3));
    const auto asymmetric = [](std::span<const T> x, std::span<const T> y) { return x[0] > y[0] ? T(2) : T(1); };
    Eigen::Matrix<T, 2, 1> one_x(1, 5), two_c(3, 0);
    const auto result = nearest(one_x, two_c, asymmetric);
    EXPECT_EQ(result.labels, (Labels(2) << 0, 0).finished());
    EXPECT_EQ(result.distances, (ColumnVector<T>(2) << 1, 2).finished());
  });
}

TEST(Nearest, AnyNumberOfThreadsGivesTheSameBits) {
  for_each_scalar([]<class T>(T) {
    for (const Metric metric : all_metrics()) {
      Random random(14);
      const auto X = rows_for<T>(metric, random, 3 * 2048 + 17, 6), C = rows_for<T>(metric, random, 31, 6);
      const auto one = nearest(X, C, metric, {.threads = 1});
      const auto one_many = nearest_many(X, C, 3, metric, {.threads = 1});
      for (const int threads : {2, 3, 8}) {
        SCOPED_TRACE(::testing::Message() << threads << " threads, " << name_of(metric));
        const auto result = nearest(X, C, metric, {.threads = threads});
        EXPECT_TRUE(same_matrix(result.labels, one.labels));
        EXPECT_TRUE(same_matrix(result.distances, one.distances));
        const auto many = nearest_many(X, C, 3, metric, {.threads = threads});
        EXPECT_TRUE(same_matrix(many.indices, one_many.indices));
        EXPECT_TRUE(same_matrix(many.distances, one_many.distances));
      }
    }
  });
}

TEST(Nearest, NeitherOrderNorNumberOfRowsMatters) {
  for_each_scalar([]<class T>(T) {
    for (std::uint64_t seed = 0; seed < instances; ++seed) {
      Random random(seed, {15});
      const Shape shape{1 + random.below(200), 1 + random.below(20), 1 + random.below(12)};
      SCOPED_TRACE(::testing::Message() << shape << ", seed " << seed);
      const auto X = grid_matrix<T>(random, shape.n, shape.d, 2), C = grid_matrix<T>(random, shape.k, shape.d, 2);
      const auto whole = nearest(X, C);
      const auto order = permutation(random, shape.n);
      const auto permuted = nearest(RowMatrix<T>(X(order, Eigen::all)), C);
      EXPECT_TRUE(same_matrix(permuted.labels, Labels(whole.labels(order))));
      EXPECT_TRUE(same_matrix(permuted.distances, ColumnVector<T>(whole.distances(order))));
      const Index block = 1 + random.below(shape.n);
      for (Index first = 0; first < shape.n; first += block) {
        const Index count = std::min(block, shape.n - first);
        const auto part = nearest(X.middleRows(first, count), C);
        EXPECT_TRUE(same_matrix(part.labels, Labels(whole.labels.segment(first, count))));
        EXPECT_TRUE(same_matrix(part.distances, ColumnVector<T>(whole.distances.segment(first, count))));
      }
      if (::testing::Test::HasFailure()) return;
    }
  });
}

// The data are multiples of 1/8 below 100, so that they stay exact beside an offset of 1e6, also in float.
TEST(Nearest, AnOffsetOfAMillionChangesNothing) {
  for_each_scalar([]<class T>(T) {
    for (std::uint64_t seed = 0; seed < instances; ++seed) {
      Random random(seed, {16});
      const Shape shape{1 + random.below(150), 1 + random.below(30), 1 + random.below(seed % 10 == 0 ? 300 : 20)};
      SCOPED_TRACE(::testing::Message() << shape << ", seed " << seed);
      const auto X = grid_matrix<T>(random, shape.n, shape.d, 800, 0.125);
      const auto C = grid_matrix<T>(random, shape.k, shape.d, 800, 0.125);
      const auto expected = nearest_by_definition(Metric::euclidean, X, C);
      for (const double offset : {1e6, -1e6}) {
        const RowMatrix<T> far_x = X.array() + static_cast<T>(offset), far_c = C.array() + static_cast<T>(offset);
        ASSERT_EQ(RowMatrix<T>(far_x.array() - static_cast<T>(offset)), X);
        on_every_instruction_set([&] { expect_same(nearest(far_x, far_c), expected); });
      }
      if (::testing::Test::HasFailure()) return;
    }
  });
}

TEST(Nearest, TinyAndHugeScales) {
  for_each_scalar([]<class T>(T) {
    const bool is_float = sizeof(T) == 4;
    const double scales[] = {is_float ? 1e-15 : 1e-100, is_float ? 1e-19 : 1e-154, is_float ? 1e-21 : 1e-161,
                             is_float ? 1e16 : 1e151};
    for (const double scale : scales) {
      for (std::uint64_t seed = 0; seed < 20; ++seed) {
        Random random(seed, {17});
        const Shape shape{1 + random.below(100), 1 + random.below(20), 1 + random.below(140)};
        SCOPED_TRACE(::testing::Message() << shape << ", seed " << seed << ", scale " << scale);
        const RowMatrix<T> X = normal_matrix<T>(random, shape.n, shape.d) * static_cast<T>(scale);
        const RowMatrix<T> C = normal_matrix<T>(random, shape.k, shape.d) * static_cast<T>(scale);
        const auto expected = nearest_by_definition(Metric::euclidean, X, C);
        on_every_instruction_set([&] { expect_same(nearest(X, C), expected); });
        if (::testing::Test::HasFailure()) return;
      }
    }
  });
}

// The largest entries that the functions accept, with all signs: no sum on the way may overflow.
TEST(Nearest, TheLargestEntries) {
  for_each_scalar([]<class T>(T) {
    for (const Index d : {1, 2, 5, 16, 129, 300}) {
      SCOPED_TRACE(::testing::Message() << "d = " << d);
      Random random(19, {static_cast<std::uint64_t>(d)});
      const T most = corymb::detail::largest_safe_magnitude<T>(d);
      RowMatrix<T> X = grid_matrix<T>(random, 60, d, 1) * most, C = grid_matrix<T>(random, 9, d, 1) * most;
      X.row(0).setConstant(most);
      X.row(1).setConstant(-most);
      C.row(7).setConstant(most);
      C.row(8).setConstant(-most);
      const auto expected = nearest_by_definition(Metric::euclidean, X, C);
      ASSERT_TRUE(expected.distances.allFinite());
      on_every_instruction_set([&] { expect_same(nearest(X, C), expected); });
    }
  });
}

TEST(Nearest, AScaleByAPowerOfTwoChangesNoLabel) {
  for_each_scalar([]<class T>(T) {
    const int exponents[] = {sizeof(T) == 4 ? -50 : -332, sizeof(T) == 4 ? 50 : 332};  // 1e∓15, 1e∓100
    for (const int exponent : exponents)
      for (const Metric metric : all_metrics()) {
        if (metric == Metric::haversine) continue;
        SCOPED_TRACE(::testing::Message() << "2^" << exponent << ", " << name_of(metric));
        Random random(18);
        const auto X = rows_for<T>(metric, random, 200, 5), C = rows_for<T>(metric, random, 12, 5);
        const T scale = static_cast<T>(std::ldexp(1.0, exponent));
        auto expected = nearest_by_definition(metric, X, C);
        if (scales_with_the_rows(metric)) expected.distances *= scale;
        const auto result = nearest(X * scale, C * scale, metric);
        if (metric.kind() != Metric::Kind::minkowski) {
          expect_same(result, expected);
          continue;
        }
        EXPECT_TRUE(same_matrix(result.labels, expected.labels));  // powers overflow: other roundings, not other roots
        const T tolerance = 64 * std::numeric_limits<T>::epsilon();
        for (Index i = 0; i < 200; ++i)
          EXPECT_NEAR(result.distances[i], expected.distances[i], tolerance * expected.distances[i]);
      }
  });
}

TEST(Nearest, NoRowsIsAnEmptyResult) {
  for (const Metric metric : all_metrics()) {
    Random random(20);
    const auto C = rows_for<double>(metric, random, 2, 3), X = RowMatrix<double>(0, C.cols());
    EXPECT_EQ(nearest(X, C, metric).labels.size(), 0);
    EXPECT_EQ(nearest(X, C, metric).distances.size(), 0);
    const auto many = nearest_many(X, C, 2, metric);
    EXPECT_EQ(many.indices.rows(), 0);
    EXPECT_EQ(many.indices.cols(), 2);
  }
}

}  // namespace
}  // namespace nearest_test
