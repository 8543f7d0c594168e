#include <corymb/distance/cluster_sums.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include "support/instruction_sets.hpp"
#include "support/kernel_shapes.hpp"
#include "support/matrices.hpp"

namespace cluster_sums_test {
namespace {

using namespace corymb_test;
using corymb::cluster_sums;
using corymb::ClusterSums;
using corymb::Vector;

Labels draw_labels(Random& random, Index n, Index k, bool with_noise) {
  Labels labels(n);
  for (Index i = 0; i < n; ++i)
    labels[i] = static_cast<std::int32_t>(with_noise ? random.below(k + 1) - 1 : random.below(k));
  return labels;
}

/// Row by row, in double.
template <class T>
ClusterSums sums_by_definition(const RowMatrix<T>& X, const Labels& labels, Index k, const Vector& weights = {}) {
  ClusterSums result{RowMatrix<double>::Zero(k, X.cols()), Vector::Zero(k)};
  for (Index i = 0; i < X.rows(); ++i) {
    if (labels[i] < 0) continue;
    const double weight = weights.size() > 0 ? weights[i] : 1;
    result.weights[labels[i]] += weight;
    for (Index j = 0; j < X.cols(); ++j) result.sums(labels[i], j) += weight * static_cast<double>(X(i, j));
  }
  return result;
}

void expect_same(const ClusterSums& actual, const ClusterSums& expected) {
  EXPECT_TRUE(same_matrix(actual.sums, expected.sums)) << "sums";
  EXPECT_TRUE(same_matrix(actual.weights, expected.weights)) << "weights";
}

/// Sums of n numbers of magnitude up to `size`, added in another order.
void expect_close(const ClusterSums& actual, const ClusterSums& expected, Index n, double size) {
  const double tolerance =
      std::numeric_limits<double>::epsilon() * static_cast<double>(n) * static_cast<double>(n) * size;
  EXPECT_LE((actual.sums - expected.sums).cwiseAbs().maxCoeff(), tolerance);
  EXPECT_LE((actual.weights - expected.weights).cwiseAbs().maxCoeff(), tolerance);
}

/// Whether k × d is so large that rows are grouped by label instead.
bool is_grouped(const Shape& shape) { return corymb::detail::SumsPlan(shape.n, shape.d, shape.k).grouped(); }

// Integers: every order of summation gives the same sums exactly.
TEST(ClusterSums, EqualTheDefinitionExactlyOnIntegers) {
  for_each_scalar([]<class T>(T) {
    std::uint64_t seed = 1;
    std::vector<Shape> shapes;
    for (const Index d : edge_dimensions()) shapes.push_back({40, 3, d});
    for (const Index n : {0, 1, 2, 63, 64, 65, 2047, 2048, 2049, 4095, 4096, 4097, 3 * 2048 + 5, 20000})
      shapes.push_back({n, 5, 3});
    shapes.insert(shapes.end(),
                  {{2500, 1000, 300}, {2049, 27000, 9}, {2048, 27000, 9}, {140000, 30000, 9}, {10, 500, 2}});
    for (const Shape& shape : shapes) {
      SCOPED_TRACE(::testing::Message() << shape << ", seed " << seed);
      Random random(seed++);
      const auto X = grid_matrix<T>(random, shape.n, shape.d, 100);
      const Vector weights = grid_matrix<double>(random, shape.n, 1, 5).cwiseAbs().array() + 1;
      for (const bool with_noise : {false, true}) {
        const Labels labels = draw_labels(random, shape.n, shape.k, with_noise);
        const auto expected = sums_by_definition(X, labels, shape.k);
        const auto expected_weighted = sums_by_definition(X, labels, shape.k, weights);
        on_every_instruction_set([&] {
          expect_same(cluster_sums(X, labels, shape.k, {}, {.threads = 1}), expected);
          expect_same(cluster_sums(X, labels, shape.k, weights, {.threads = 1}), expected_weighted);
        });
      }
      if (::testing::Test::HasFailure()) return;
    }
  });
}

TEST(ClusterSums, BothWaysOfSummingAreCloseToTheDefinition) {
  const Shape partial{9000, 20, 7}, grouped{9000, 3000, 90};
  ASSERT_FALSE(is_grouped(partial));
  ASSERT_TRUE(is_grouped(grouped));
  for_each_scalar([&]<class T>(T) {
    for (const Shape& shape : {partial, grouped}) {
      SCOPED_TRACE(::testing::Message() << shape);
      Random random(2);
      const auto X = normal_matrix<T>(random, shape.n, shape.d);
      const Vector weights = normal_matrix<double>(random, shape.n, 1).cwiseAbs();
      const Labels labels = draw_labels(random, shape.n, shape.k, true);
      expect_close(cluster_sums(X, labels, shape.k), sums_by_definition(X, labels, shape.k), shape.n, 6);
      expect_close(cluster_sums(X, labels, shape.k, weights), sums_by_definition(X, labels, shape.k, weights), shape.n,
                   36);
    }
  });
}

// The same sums asked for a few columns at a time, which does not group.
TEST(ClusterSums, GroupedEqualsPartialWithinRounding) {
  const Shape shape{5000, 3000, 90};
  Random random(3);
  const auto X = normal_matrix<double>(random, shape.n, shape.d);
  const Vector weights = normal_matrix<double>(random, shape.n, 1).cwiseAbs();
  const Labels labels = draw_labels(random, shape.n, shape.k, true);
  const auto whole = cluster_sums(X, labels, shape.k, weights);
  ASSERT_TRUE(is_grouped(shape));
  ASSERT_FALSE(is_grouped({shape.n, shape.k, 10}));
  for (Index first = 0; first < shape.d; first += 10) {
    const auto part = cluster_sums(X.middleCols(first, 10), labels, shape.k, weights);
    expect_close(part, {whole.sums.middleCols(first, 10), whole.weights}, shape.n, 36);
  }
}

TEST(ClusterSums, AnyNumberOfThreadsGivesTheSameBits) {
  for_each_scalar([]<class T>(T) {
    for (const Shape shape : {Shape{9000, 20, 7}, Shape{20000, 2, 1}, Shape{3000, 3000, 90}, Shape{140000, 30000, 9}}) {
      Random random(4);
      const auto X = normal_matrix<T>(random, shape.n, shape.d);
      const Vector weights = normal_matrix<double>(random, shape.n, 1).cwiseAbs();
      const Labels labels = draw_labels(random, shape.n, shape.k, true);
      const auto one = cluster_sums(X, labels, shape.k, weights, {.threads = 1});
      for (const int threads : {2, 3, 8}) {
        SCOPED_TRACE(::testing::Message() << shape << ", " << threads << " threads");
        expect_same(cluster_sums(X, labels, shape.k, weights, {.threads = threads}), one);
      }
    }
  });
}

// Float rows are summed in double: no digit of a float is lost beside a million others.
TEST(ClusterSums, FloatRowsAreSummedInDouble) {
  const Index n = 100000;
  const RowMatrix<float> X = RowMatrix<float>::Constant(n, 1, 0.1f);
  const auto result = cluster_sums(X, Labels::Zero(n), 1);
  EXPECT_NEAR(result.sums(0, 0), static_cast<double>(0.1f) * static_cast<double>(n), 1e-7);
  EXPECT_EQ(result.weights[0], static_cast<double>(n));
}

TEST(ClusterSums, EmptyClustersAndNoiseAreZero) {
  RowMatrix<double> X(3, 2);
  X << 1, 2, 3, 4, 5, 6;
  Labels labels(3);
  labels << 2, corymb::noise, 2;
  const auto result = cluster_sums(X, labels, 4);
  EXPECT_EQ(result.sums, (RowMatrix<double>(4, 2) << 0, 0, 0, 0, 6, 8, 0, 0).finished());
  EXPECT_EQ(result.weights, Eigen::Vector4d(0, 0, 2, 0));
  const auto none = cluster_sums(RowMatrix<double>(0, 2), Labels(0), 2);
  EXPECT_EQ(none.sums, (RowMatrix<double>::Zero(2, 2)));
  EXPECT_EQ(none.weights, Vector::Zero(2));
}

TEST(ClusterSums, AWeightIsThatManyCopies) {
  for (std::uint64_t seed = 0; seed < instances; ++seed) {
    Random random(seed, {5});
    const Index n = 1 + random.below(30), d = 1 + random.below(9), k = 1 + random.below(4);
    SCOPED_TRACE(::testing::Message() << "seed " << seed << ", n = " << n << ", d = " << d);
    const auto X = grid_matrix<float>(random, n, d, 50);
    const Labels labels = draw_labels(random, n, k, true);
    Vector weights = grid_matrix<double>(random, n, 1, 3).cwiseAbs();
    weights[0] = 2;
    std::vector<Index> copies;
    for (Index i = 0; i < n; ++i) copies.insert(copies.end(), static_cast<std::size_t>(weights[i]), i);
    expect_same(cluster_sums(X, labels, k, weights),
                cluster_sums(RowMatrix<float>(X(copies, Eigen::all)), labels(copies), k));
    if (::testing::Test::HasFailure()) return;
  }
}

}  // namespace
}  // namespace cluster_sums_test
