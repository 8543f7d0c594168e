#include <corymb/datasets/bundled.hpp>
#include <corymb/transport/balanced_assignment.hpp>

#include <gtest/gtest.h>

#include <limits>

#include "support/matrices.hpp"
#include "support/message_of.hpp"

namespace balanced_assignment_test {
namespace {

using namespace corymb;
using namespace corymb_test;

RowMatrix<double> random_costs(Random& random, Index n, Index k) {
  return normal_matrix<double>(random, n, k).cwiseAbs();
}

TEST(BalancedAssignment, PartitionsEqually) {
  for (std::uint64_t seed = 0; seed < instances / 4; ++seed) {
    Random random(seed);
    const Index k = 1 + random.below(6), n = k + random.below(40);
    RowMatrix<double> cost = random_costs(random, n, k);
    if (seed % 3 == 0) cost = grid_matrix<double>(random, n, k, 2);  // ties
    const auto result = balanced_assignment(cost, {.epsilon = 0.3, .max_iterations = 20000});
    ASSERT_EQ(result.status, Status::converged);
    EXPECT_GE(result.sizes.minCoeff(), n / k);
    EXPECT_LE(result.sizes.maxCoeff(), (n + k - 1) / k);
    EXPECT_EQ(result.sizes.sum(), n);
    EXPECT_LE((result.memberships.rowwise().sum().array() - 1).abs().maxCoeff(), 1e-9);
    EXPECT_LE(
        (result.memberships.colwise().sum().array() - static_cast<double>(n) / static_cast<double>(k)).abs().sum(),
        1e-5 * static_cast<double>(n));
    // The labels of least cost, however they are found.
    const auto direct = capacity_assignment(cost);
    EXPECT_NEAR(result.cost, direct.cost, 1e-9 * (1 + std::abs(direct.cost)));
  }
}

TEST(BalancedAssignment, KeepsBounds) {
  for (std::uint64_t seed = 0; seed < instances / 4; ++seed) {
    Random random(seed, {3});
    const Index k = 2 + random.below(4), n = 4 * k + random.below(20);
    const RowMatrix<double> cost = random_costs(random, n, k);
    BalancedAssignmentOptions options{.epsilon = 0.2, .tolerance = 1e-9, .max_iterations = 20000};
    for (Index j = 0; j < k; ++j) {
      options.min_size.push_back(random.below(n / k));
      options.max_size.push_back(options.min_size.back() + n / k + random.below(4) * 2);
    }
    options.max_size[0] = n;
    const auto result = balanced_assignment(cost, options);
    ASSERT_EQ(result.status, Status::converged);
    const Vector soft = result.memberships.colwise().sum();
    for (Index j = 0; j < k; ++j) {
      const auto at = static_cast<std::size_t>(j);
      EXPECT_TRUE(result.sizes[j] >= options.min_size[at] && result.sizes[j] <= options.max_size[at]);
      EXPECT_GE(soft[j], static_cast<double>(options.min_size[at]) - 1e-5);
      EXPECT_LE(soft[j], static_cast<double>(options.max_size[at]) + 1e-5);
    }
  }
}

TEST(BalancedAssignment, ScoresComputedCostsAndNewRows) {
  const RowMatrix<double> X = iris().points;
  RowMatrix<double> prototypes(3, 4);
  prototypes << X.row(0), X.row(60), X.row(120);
  const auto result = balanced_assignment(point_costs(X, prototypes), {.epsilon = 1, .max_iterations = 10000});
  EXPECT_EQ(result.sizes, (Eigen::Matrix<Index, 3, 1>(50, 50, 50)));
  EXPECT_GE((predict(result, point_costs(X, prototypes)).array() == result.labels.array()).count(), 147);
  EXPECT_LE((predict_proba(result, point_costs(X, prototypes)) - result.memberships).cwiseAbs().maxCoeff(), 1e-9);
  // Scores that are to be high, as an expression.
  const RowMatrix<double> scores = X * prototypes.transpose();
  const auto of_scores = balanced_assignment(-scores, {.epsilon = 5, .max_iterations = 10000});
  EXPECT_EQ(of_scores.sizes.maxCoeff(), 50);
  EXPECT_TRUE(of_scores.memberships.allFinite());
}

TEST(BalancedAssignment, AClusterThatTakesNothingAndErrors) {
  Random random(5);
  const RowMatrix<double> cost = random_costs(random, 10, 3);
  const auto result = balanced_assignment(cost, {.max_size = {0, 6, 6}});
  EXPECT_EQ(result.sizes[0], 0);
  EXPECT_EQ(result.memberships.col(0).sum(), 0);
  const auto with = [&](const BalancedAssignmentOptions& options) {
    return message_of([&] { balanced_assignment(cost, options); });
  };
  EXPECT_EQ(with({.max_size = {3}}),
            "corymb::balanced_assignment: max_size = 3 for 3 clusters leaves room for 9 of n = 10 rows");
  EXPECT_EQ(with({.min_size = {4}}),
            "corymb::balanced_assignment: min_size = 4 for 3 clusters needs more than n = 10 rows");
  EXPECT_EQ(with({.epsilon = -1}), "corymb::balanced_assignment: epsilon = -1 must be finite and > 0");
  EXPECT_EQ(message_of([] { balanced_assignment(RowMatrix<double>(0, 2)); }),
            "corymb::balanced_assignment: cost has 0 rows; at least 1 is needed");
}

}  // namespace
}  // namespace balanced_assignment_test
