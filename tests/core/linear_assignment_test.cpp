#include <corymb/core/errors.hpp>
#include <corymb/core/linear_assignment.hpp>
#include <corymb/core/random.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include "support/message_of.hpp"
#include "support/slow_tests.hpp"

namespace linear_assignment_test {
namespace {

using corymb::Index;
using corymb::linear_assignment;
using corymb::LinearAssignment;
using corymb::Random;
using corymb_test::message_of;
using Eigen::MatrixXd;

constexpr double infinity = std::numeric_limits<double>::infinity();

const int instances = corymb_test::slow_tests() ? 5000 : 300;

/// The cheapest of all matchings of min(n, m) pairs, one by one; infinity if none is allowed.
double cheapest(const MatrixXd& cost) {
  if (cost.rows() > cost.cols()) return cheapest(cost.transpose());
  std::vector<Index> columns(static_cast<std::size_t>(cost.cols()));
  std::iota(columns.begin(), columns.end(), Index{0});
  double best = infinity;
  do {
    double sum = 0;
    for (Index i = 0; i < cost.rows(); ++i) sum += cost(i, columns[static_cast<std::size_t>(i)]);
    best = std::min(best, sum);
  } while (std::next_permutation(columns.begin(), columns.end()));
  return best;
}

/// That the result is a matching of min(n, m) pairs and that its potentials prove it to be optimal.
void expect_optimal(const MatrixXd& cost, const LinearAssignment& result, bool maximize = false) {
  const double sign = maximize ? -1 : 1;
  const Index n = cost.rows(), m = cost.cols();
  ASSERT_EQ(result.row_to_column.size(), n);
  ASSERT_EQ(result.column_to_row.size(), m);
  ASSERT_EQ(result.row_potential.size(), n);
  ASSERT_EQ(result.column_potential.size(), m);
  double scale = 0;
  for (const double value : cost.reshaped())
    if (std::isfinite(value)) scale = std::max(scale, std::abs(value));
  const double tolerance = 1e-13 * scale * static_cast<double>(n + m);

  Index pairs = 0;
  double sum = 0;
  for (Index i = 0; i < n; ++i) {
    const Index j = result.row_to_column[i];
    if (j < 0) {
      EXPECT_EQ(result.row_potential[i], 0);
      continue;
    }
    ASSERT_LT(j, m);
    EXPECT_EQ(result.column_to_row[j], i);
    EXPECT_NEAR(result.row_potential[i] + result.column_potential[j], cost(i, j), tolerance);
    sum += cost(i, j);
    ++pairs;
  }
  EXPECT_EQ(pairs, std::min(n, m));
  EXPECT_EQ(pairs, (result.column_to_row.array() >= 0).count());
  EXPECT_DOUBLE_EQ(result.cost, sum);
  EXPECT_NEAR(result.row_potential.sum() + result.column_potential.sum(), sum, tolerance);
  for (Index i = 0; i < n; ++i)
    for (Index j = 0; j < m; ++j)
      EXPECT_LE(sign * (result.row_potential[i] + result.column_potential[j]), sign * cost(i, j) + tolerance);
  const corymb::Vector& longer = n <= m ? result.column_potential : result.row_potential;
  for (const double potential : longer) EXPECT_LE(sign * potential, 0);
  for (Index j = 0; n <= m && j < m; ++j) {
    if (result.column_to_row[j] < 0) {
      EXPECT_EQ(result.column_potential[j], 0);
    }
  }
}

MatrixXd random_matrix(Random& random, Index n, Index m) {
  MatrixXd cost(n, m);
  const std::int64_t kind = random.below(3);
  for (double& value : cost.reshaped()) {
    if (kind == 0) value = static_cast<double>(random.below(4));  // many ties
    if (kind == 1) value = static_cast<double>(random.below(1000) - 500);
    if (kind == 2) value = random.normal();
  }
  return cost;
}

TEST(LinearAssignment, CheapestOfAllMatchings) {
  Random random(1);
  for (int instance = 0; instance < instances; ++instance) {
    SCOPED_TRACE(instance);
    const MatrixXd cost = random_matrix(random, random.below(7) + 1, random.below(7) + 1);
    const LinearAssignment result = linear_assignment(cost);
    EXPECT_NEAR(result.cost, cheapest(cost), 1e-12 * (1 + cost.cwiseAbs().sum()));
    expect_optimal(cost, result);
  }
}

TEST(LinearAssignment, LargestOfAllMatchings) {
  Random random(2);
  for (int instance = 0; instance < instances; ++instance) {
    SCOPED_TRACE(instance);
    const MatrixXd cost = random_matrix(random, random.below(6) + 1, random.below(6) + 1);
    const LinearAssignment result = linear_assignment(cost, {.maximize = true});
    EXPECT_NEAR(result.cost, -cheapest(-cost), 1e-12 * (1 + cost.cwiseAbs().sum()));
    expect_optimal(cost, result, true);
  }
}

TEST(LinearAssignment, LargerOnesByTheirPotentials) {
  Random random(3);
  for (const auto& [n, m] : {std::pair<Index, Index>{60, 60}, {30, 100}, {100, 30}, {1, 200}, {200, 1}, {97, 98}})
    for (int repeat = 0; repeat < 6; ++repeat) {
      const MatrixXd cost = random_matrix(random, n, m);
      expect_optimal(cost, linear_assignment(cost));
      expect_optimal(cost, linear_assignment(cost, {.maximize = true}), true);
    }
}

TEST(LinearAssignment, Scales) {
  Random random(4);
  for (const double scale : {1e-300, 1e-9, 1e9, 1e290})
    for (int instance = 0; instance < instances / 10; ++instance) {
      SCOPED_TRACE(scale);
      const MatrixXd cost = scale * random_matrix(random, random.below(6) + 1, random.below(6) + 1);
      const LinearAssignment result = linear_assignment(cost);
      EXPECT_NEAR(result.cost, cheapest(cost), 1e-12 * cost.cwiseAbs().sum());
      expect_optimal(cost, result);
    }
  // Small differences on a large offset: every value is exact.
  for (int instance = 0; instance < instances / 10; ++instance) {
    const MatrixXd cost = random_matrix(random, 5, 6).array().floor() + 1e12;
    EXPECT_EQ(linear_assignment(cost).cost, cheapest(cost));
  }
}

TEST(LinearAssignment, ForbiddenPairs) {
  Random random(5);
  int without_answer = 0;
  for (int instance = 0; instance < instances; ++instance) {
    SCOPED_TRACE(instance);
    MatrixXd cost = random_matrix(random, random.below(6) + 1, random.below(6) + 1);
    for (double& value : cost.reshaped())
      if (random.uniform() < 0.4) value = infinity;
    const double best = cheapest(cost);
    if (best == infinity) {
      ++without_answer;
      EXPECT_THROW(linear_assignment(cost), corymb::NumericalError);
      EXPECT_THROW(linear_assignment(-cost, {.maximize = true}), corymb::NumericalError);
    } else {
      const LinearAssignment result = linear_assignment(cost);
      EXPECT_NEAR(result.cost, best, 1e-12 * (1 + std::abs(best)));
      expect_optimal(cost, result);
      expect_optimal(-cost, linear_assignment(-cost, {.maximize = true}), true);
    }
  }
  EXPECT_GT(without_answer, instances / 20);
  EXPECT_LT(without_answer, instances / 2);
}

TEST(LinearAssignment, ByHand) {
  MatrixXd cost(3, 4);
  cost << 4, 1, 3, 9,  //
      2, 0, 5, 9,      //
      3, 2, 2, 9;
  const LinearAssignment result = linear_assignment(cost);
  EXPECT_EQ(result.cost, 5);
  EXPECT_EQ(result.row_to_column, (Eigen::Matrix<Index, 3, 1>(1, 0, 2)));
  EXPECT_EQ(result.column_to_row, (Eigen::Matrix<Index, 4, 1>(1, 0, 2, -1)));
  const LinearAssignment tall = linear_assignment(cost.transpose());
  EXPECT_EQ(tall.cost, 5);
  EXPECT_EQ(tall.row_to_column, result.column_to_row);
}

TEST(LinearAssignment, AnyMatrixExpression) {
  Random random(6);
  MatrixXd cost(4, 6);
  for (double& value : cost.reshaped()) value = static_cast<double>(random.below(50));
  const LinearAssignment expected = linear_assignment(cost);
  const auto expect_same = [&](const LinearAssignment& result) {
    EXPECT_EQ(result.row_to_column, expected.row_to_column);
    EXPECT_EQ(result.cost, expected.cost);
  };
  expect_same(linear_assignment(corymb::RowMatrix<double>(cost)));
  expect_same(linear_assignment(cost.cast<float>()));
  expect_same(linear_assignment(cost.cast<int>()));
  expect_same(linear_assignment(cost.array()));
  expect_same(linear_assignment(Eigen::ArrayXXf(cost.cast<float>().array())));
  MatrixXd padded = MatrixXd::Constant(9, 9, -1);
  padded.block(2, 1, 4, 6) = cost;
  expect_same(linear_assignment(padded.block(2, 1, 4, 6)));
  expect_same(linear_assignment(MatrixXd(cost.transpose()).transpose()));
}

TEST(LinearAssignment, Empty) {
  for (const auto& [n, m] : {std::pair<Index, Index>{0, 0}, {0, 3}, {3, 0}}) {
    const LinearAssignment result = linear_assignment(MatrixXd(n, m));
    expect_optimal(MatrixXd(n, m), result);
    EXPECT_EQ(result.cost, 0);
    EXPECT_TRUE((result.row_to_column.array() == -1).all());
    EXPECT_TRUE((result.column_to_row.array() == -1).all());
  }
}

TEST(LinearAssignment, WrongInput) {
  MatrixXd cost = MatrixXd::Ones(3, 2);
  cost(2, 1) = -infinity;
  EXPECT_EQ(
      message_of([&] { linear_assignment(cost); }),
      "corymb::linear_assignment: cost(2, 1) = -inf must be in [-1e300, 1e300], or +infinity for a forbidden pair");
  cost(1, 1) = std::numeric_limits<double>::quiet_NaN();
  cost(2, 0) = infinity;
  EXPECT_NE(message_of([&] { linear_assignment(cost); }).find("cost(1, 1) = nan must be in"), std::string::npos);
  EXPECT_NE(message_of([&] { linear_assignment(-cost, {.maximize = true}); }).find("cost(1, 1) = nan must be in"),
            std::string::npos);
  cost(1, 1) = 1e301;
  EXPECT_NE(message_of([&] { linear_assignment(cost); }).find("cost(1, 1) = a number beyond 1e300 must be in"),
            std::string::npos);
  cost(1, 1) = 1;
  EXPECT_EQ(
      message_of([&] { linear_assignment(cost, {.maximize = true}); }),
      "corymb::linear_assignment: cost(2, 0) = inf must be in [-1e300, 1e300], or -infinity for a forbidden pair");
  MatrixXd forbidden = MatrixXd::Constant(3, 4, infinity);
  forbidden.col(1).setZero();
  EXPECT_EQ(message_of([&] { linear_assignment(forbidden.transpose()); }),
            "another exception: corymb::linear_assignment: the forbidden pairs of the 4 x 3 matrix leave no matching "
            "of 3 pairs");
}

}  // namespace
}  // namespace linear_assignment_test
