#include <corymb/neighbors/nearest_neighbors.hpp>

#include <gtest/gtest.h>

#include <limits>

#include "support/matrices.hpp"
#include "support/message_of.hpp"

// When a tree is taken. Whatever is, the result is the same.

namespace tree_estimate_test {
namespace {

using namespace corymb;
using namespace corymb_test;
using detail::TreeEstimate;

constexpr double enough_memory = 1e12;

/// Normal rows around centres that are far apart.
RowMatrix<float> clusters(Index n, Index d, Index count, double apart) {
  Random random(41);
  RowMatrix<float> X = normal_matrix<float>(random, n, d);
  const RowMatrix<float> centres = normal_matrix<float>(random, count, d) * static_cast<float>(apart);
  for (Index i = 0; i < n; ++i) X.row(i) += centres.row(i % count);
  return X;
}

TEST(TreeEstimate, TellsRowsThatATreeLeavesOutFromOthers) {
  const RowMatrix<float> one = clusters(20'000, 16, 1, 0), many = clusters(20'000, 16, 100, 10);
  const Points<float> of_one(one), of_many(many);
  EXPECT_GT(TreeEstimate<float>(of_one).share_of_nearest(10), 0.95);
  EXPECT_LT(TreeEstimate<float>(of_many).share_of_nearest(10), 0.7);
  EXPECT_FALSE(detail::tree_pays_for_nearest(of_one, 10, enough_memory));
  EXPECT_TRUE(detail::tree_pays_for_nearest(of_many, 10, enough_memory));
  EXPECT_FALSE(detail::tree_pays_for_nearest(of_many, 10, 1e4)) << "too little memory for a sample";
  EXPECT_EQ(TreeEstimate<float>(of_many).share_within(std::numeric_limits<float>::max()), 1);
  EXPECT_LT(TreeEstimate<float>(of_many).share_within(0), 0.1);
  EXPECT_TRUE(detail::tree_pays_within(of_many, 1.0f, enough_memory));
  EXPECT_FALSE(detail::tree_pays_within(of_one, 16.0f, enough_memory));
}

TEST(TreeEstimate, AutomaticIsTheSame) {
  for (const double apart : {0.0, 10.0}) {
    const RowMatrix<float> X = clusters(5000, 10, 50, apart);
    const auto expected = nearest_neighbors(X, 5, {.search = NeighborSearch::kd_tree});
    const auto result = nearest_neighbors(X, 5);
    EXPECT_TRUE(result.indices == expected.indices);
    EXPECT_TRUE(same_matrix(result.distances, expected.distances));
    expect_message([&] { nearest_neighbors(X, 0); }, "corymb::nearest_neighbors: k = 0 must be in [1, n - 1 = 4999]");
    expect_message([&] { nearest_neighbors(X, 5000); },
                   "corymb::nearest_neighbors: k = 5000 must be in [1, n - 1 = 4999]");
  }
}

}  // namespace
}  // namespace tree_estimate_test
