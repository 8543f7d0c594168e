#include <corymb/distance/cluster_sums.hpp>
#include <corymb/distance/nearest.hpp>
#include <corymb/distance/pairwise.hpp>

#include <gtest/gtest.h>

#include "support/distance_oracle.hpp"
#include "support/instruction_sets.hpp"
#include "support/matrices.hpp"

// The layout of the input in memory never changes a bit of the result, and the input is never written to.

namespace layouts_test {
namespace {

using namespace corymb_test;

TEST(Layouts, GiveTheSameBits) {
  for_each_scalar([]<class T>(T) {
    for (const Shape shape : {Shape{67, 13, 5}, Shape{70, 7, 130}, Shape{40, 5, 1}, Shape{1, 3, 4}}) {
      Random random(1);
      const auto X = normal_matrix<T>(random, shape.n, shape.d), C = normal_matrix<T>(random, shape.k, shape.d);
      Labels labels(shape.n);
      for (Index i = 0; i < shape.n; ++i) labels[i] = static_cast<std::int32_t>(i % 3);
      const auto expected = nearest_by_definition(Metric::euclidean, X, C);
      const auto distances = all_distances(Metric::euclidean, X, C);
      const auto sums = corymb::cluster_sums(X, labels, 3);
      for_each_layout(X, [&](const auto& view) {
        SCOPED_TRACE(::testing::Message() << "X, " << shape);
        const auto result = corymb::nearest(view, C);
        EXPECT_TRUE(same_matrix(result.labels, expected.labels));
        EXPECT_TRUE(same_matrix(result.distances, expected.distances));
        EXPECT_TRUE(same_matrix(corymb::cluster_sums(view, labels, 3).sums, sums.sums));
        EXPECT_TRUE(same_matrix(RowMatrix<T>(view), X)) << "the input has changed";
      });
      for_each_layout(C, [&](const auto& view) {
        SCOPED_TRACE(::testing::Message() << "Y, " << shape);
        EXPECT_TRUE(same_matrix(corymb::pairwise_distances(X, view), distances));
      });
    }
  });
}

TEST(Layouts, GiveTheSameBitsUnderEveryMetric) {
  for_each_scalar([]<class T>(T) {
    for (const Metric metric : all_metrics()) {
      Random random(2);
      const auto X = rows_for<T>(metric, random, 41, 6), C = rows_for<T>(metric, random, 9, 6);
      const auto distances = all_distances(metric, X, C);
      const auto expected = nearest_by_definition(metric, X, C);
      for_each_layout(X, [&](const auto& view) {
        SCOPED_TRACE("X, " + name_of(metric));
        const auto result = corymb::nearest(view, C, metric);
        EXPECT_TRUE(same_matrix(result.labels, expected.labels));
        EXPECT_TRUE(same_matrix(result.distances, expected.distances));
        EXPECT_TRUE(same_matrix(corymb::pairwise_distances(view, C, metric), distances));
        EXPECT_TRUE(same_matrix(RowMatrix<T>(view), X)) << "the input has changed";
      });
      for_each_layout(C, [&](const auto& view) {
        SCOPED_TRACE("Y, " + name_of(metric));
        EXPECT_TRUE(same_matrix(corymb::pairwise_distances(X, view, metric), distances));
      });
    }
  });
}

TEST(Layouts, MatricesOfFixedSize) {
  Eigen::Matrix<float, 3, 2> X;
  X << 0, 0, 3, 4, 6, 8;
  const Eigen::RowVector2f C(3, 4);
  EXPECT_EQ(corymb::nearest(X, C).distances, Eigen::Vector3f(5, 0, 5));
  EXPECT_EQ(corymb::pairwise_distances(X, C.replicate(2, 1)), (Eigen::Vector3f(5, 0, 5).replicate(1, 2)));
}

}  // namespace
}  // namespace layouts_test
