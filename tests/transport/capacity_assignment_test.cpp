#include <corymb/core/errors.hpp>
#include <corymb/core/random.hpp>
#include <corymb/transport/capacity_assignment.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <stdexcept>
#include <string>
#include <vector>

#include "support/matrices.hpp"
#include "support/message_of.hpp"
#include "support/verify_capacity_assignment.hpp"

namespace capacity_assignment_test {
namespace {

using corymb::capacity_assignment;
using corymb::CapacityAssignment;
using corymb::CapacityAssignmentOptions;
using corymb::CostMatrix;
using corymb::Index;
using corymb::Random;
using corymb::RowMatrix;
using corymb::Vector;
using corymb_test::instances;
using corymb_test::message_of;
using verify::Bounds;
using verify::capacity_error;

constexpr double infinity = std::numeric_limits<double>::infinity();

/// Bounds that can be met: around sizes drawn at random, more or less tight.
Bounds random_bounds(Random& random, Index n, Index k) {
  Bounds bounds{std::vector<Index>(static_cast<std::size_t>(k), 0), {}};
  for (Index i = 0; i < n; ++i) ++bounds.min[static_cast<std::size_t>(random.below(k))];
  bounds.max = bounds.min;
  const std::int64_t kind = random.below(4);
  for (std::size_t j = 0; j < bounds.min.size(); ++j) {
    if (kind == 1 || kind == 3) bounds.min[j] = random.below(bounds.min[j] + 1);
    if (kind == 2 || kind == 3) bounds.max[j] += random.below(3);
  }
  return bounds;
}

RowMatrix<double> random_costs(Random& random, Index n, Index k) {
  RowMatrix<double> cost(n, k);
  const std::int64_t kind = random.below(6);
  for (double& value : cost.reshaped()) {
    if (kind == 0) value = static_cast<double>(random.below(3));  // many ties
    if (kind == 1) value = static_cast<double>(random.below(1000) - 500);
    if (kind >= 2) value = random.normal();
  }
  if (kind == 3) cost.array() += 1e6;
  if (kind == 4) cost.bottomRows(n / 2) = cost.topRows(n / 2);
  if (kind == 5) cost.col(0).array() -= 2;  // where all rows would like to be
  return cost;
}

CapacityAssignmentOptions with(const Bounds& bounds) {
  CapacityAssignmentOptions options;
  options.min_size = bounds.min;
  options.max_size = bounds.max;
  return options;
}

TEST(CapacityAssignment, LeastOfAllAssignments) {
  Random random(1);
  for (std::uint64_t instance = 0; instance < instances; ++instance) {
    SCOPED_TRACE(instance);
    const Index k = 1 + random.below(4), n = 1 + random.below(k > 2 ? 7 : 9);
    const RowMatrix<double> cost = random_costs(random, n, k);
    const Bounds bounds = random_bounds(random, n, k);
    CapacityAssignmentOptions options = with(bounds);
    const auto result = capacity_assignment(cost, options);
    ASSERT_EQ(capacity_error(cost, bounds, result), "");
    const double least = verify::least_cost_by_trying(cost, bounds);
    ASSERT_NEAR(result.cost, least, 1e-13 * (1 + cost.cwiseAbs().sum()));
    // Any prices lead there.
    options.initial_prices = Vector::NullaryExpr(k, [&] { return 3 * random.normal(); });
    const auto other = capacity_assignment(cost, options);
    ASSERT_EQ(capacity_error(cost, bounds, other), "");
    ASSERT_NEAR(other.cost, least, 1e-13 * (1 + cost.cwiseAbs().sum()));
  }
}

TEST(CapacityAssignment, AsLinearAssignmentOfCopiedColumns) {
  Random random(2);
  for (std::uint64_t instance = 0; instance < instances / 2; ++instance) {
    SCOPED_TRACE(instance);
    const Index k = 1 + random.below(12), n = 1 + random.below(60);
    const RowMatrix<double> cost = random_costs(random, n, k);
    const Bounds bounds = random_bounds(random, n, k);
    const auto result = capacity_assignment(cost, with(bounds));
    ASSERT_EQ(capacity_error(cost, bounds, result), "");
    ASSERT_NEAR(result.cost, verify::least_cost_by_matching(cost, bounds), 1e-13 * (1 + cost.cwiseAbs().sum()));
  }
}

// Many rows: prices come from parts of them first, and lists of moves run out.
TEST(CapacityAssignment, LargerOnesByTheirPrices) {
  Random random(3);
  for (const Index k : {1, 2, 7, 40})
    for (const Index n : {1000, 6000}) {
      SCOPED_TRACE(testing::Message() << "n = " << n << ", k = " << k);
      for (int repeat = 0; repeat < 4; ++repeat) {
        const RowMatrix<double> cost = random_costs(random, n, k);
        const Bounds bounds = random_bounds(random, n, k);
        ASSERT_EQ(capacity_error(cost, bounds, capacity_assignment(cost, with(bounds))), "");
        CapacityAssignmentOptions options = with(bounds);
        options.initial_prices = Vector::Zero(k);
        ASSERT_EQ(capacity_error(cost, bounds, capacity_assignment(cost, options)), "");
      }
    }
}

TEST(CapacityAssignment, ForbiddenPairs) {
  Random random(4);
  std::uint64_t without_answer = 0;
  for (std::uint64_t instance = 0; instance < instances; ++instance) {
    SCOPED_TRACE(instance);
    const Index k = 1 + random.below(4), n = 1 + random.below(7);
    RowMatrix<double> cost = random_costs(random, n, k);
    for (double& value : cost.reshaped())
      if (random.uniform() < 0.4) value = infinity;
    const Bounds bounds = random_bounds(random, n, k);
    const double least = verify::least_cost_by_trying(cost, bounds);
    if (least == infinity) {
      ++without_answer;
      ASSERT_THROW(capacity_assignment(cost, with(bounds)), corymb::NumericalError);
    } else {
      const auto result = capacity_assignment(cost, with(bounds));
      ASSERT_EQ(capacity_error(cost, bounds, result), "");
      ASSERT_NEAR(result.cost, least, 1e-9);
    }
  }
  EXPECT_GT(without_answer, instances / 10);
  EXPECT_LT(without_answer, instances * 9 / 10);
}

TEST(CapacityAssignment, SaysWhatForbiddenPairsLeave) {
  RowMatrix<double> cost = RowMatrix<double>::Zero(6, 3);
  cost.col(2).setConstant(infinity);
  EXPECT_EQ(message_of([&] { capacity_assignment(cost); }),
            "another exception: corymb::capacity_assignment: the forbidden pairs leave no assignment with these sizes; "
            "they are missed by 2 rows at least");
  cost.row(4).setConstant(infinity);
  EXPECT_EQ(message_of([&] { capacity_assignment(cost); }),
            "another exception: corymb::capacity_assignment: row 4 is forbidden in all 3 columns");
  // The part of the rows that prices are taken from need not be possible.
  RowMatrix<double> many = RowMatrix<double>::Constant(8000, 2, 1);
  for (Index i = 0; i < many.rows(); i += 4) many(i, 0) = infinity;
  const auto result = capacity_assignment(many);
  EXPECT_EQ(capacity_error(many, {{4000, 4000}, {4000, 4000}}, result), "");
}

TEST(CapacityAssignment, EqualPartsByDefault) {
  Random random(5);
  for (const Index n : {1, 2, 3, 10, 11, 12, 100})
    for (const Index k : {1, 2, 3, 5, 11}) {
      const RowMatrix<double> cost = random_costs(random, n, k);
      const auto result = capacity_assignment(cost);
      const Bounds bounds{std::vector<Index>(static_cast<std::size_t>(k), n / k),
                          std::vector<Index>(static_cast<std::size_t>(k), (n + k - 1) / k)};
      EXPECT_EQ(capacity_error(cost, bounds, result), "") << n << " " << k;
    }
}

TEST(CapacityAssignment, BoundsOfOneSideOnly) {
  RowMatrix<double> cost(5, 3);
  cost << 0, 1, 5,  //
      0, 1, 5,      //
      0, 2, 5,      //
      0, 3, 5,      //
      0, 4, 9;
  EXPECT_EQ(capacity_assignment(cost, {.min_size = {0}}).labels, (corymb::Labels::Zero(5)));
  const auto at_least_one = capacity_assignment(cost, {.min_size = {1}});
  EXPECT_EQ(at_least_one.cost, 6);
  EXPECT_EQ(at_least_one.sizes, (Eigen::Matrix<Index, 3, 1>(3, 1, 1)));
  EXPECT_EQ(capacity_error(cost, {{1, 1, 1}, {5, 5, 5}}, at_least_one), "");
  const auto at_most_two = capacity_assignment(cost, {.max_size = {2}});
  EXPECT_EQ(at_most_two.cost, 7);
  EXPECT_EQ(capacity_error(cost, {{0, 0, 0}, {2, 2, 2}}, at_most_two), "");
  const auto each = capacity_assignment(cost, {.min_size = {0, 2, 2}, .max_size = {1, 4, 2}});
  EXPECT_EQ(capacity_error(cost, {{0, 2, 2}, {1, 4, 2}}, each), "");
}

TEST(CapacityAssignment, AllCostsEqual) {
  const RowMatrix<double> cost = RowMatrix<double>::Constant(20000, 20, 0.7);
  Index moved = 0;
  CapacityAssignmentOptions options;
  options.execution.on_progress = [&](const corymb::Progress& progress) {
    moved = std::max(moved, progress.step);
    return true;
  };
  const auto result = capacity_assignment(cost, options);
  EXPECT_EQ(result.sizes, (Eigen::Matrix<Index, Eigen::Dynamic, 1>::Constant(20, 1000)));
  EXPECT_EQ(moved, 0);  // rows with a choice go where there is room at once
}

TEST(CapacityAssignment, SameBitsForAnyThreadsAndAnyKindOfCosts) {
  Random random(6);
  corymb_test::for_each_scalar([&](auto scalar) {
    using T = decltype(scalar);
    const RowMatrix<T> X = corymb_test::normal_matrix<T>(random, 5000, 3), C = X.topRows(12);
    const CostMatrix<T> computed = corymb::point_costs(X, C);
    RowMatrix<T> stored(X.rows(), C.rows());
    computed.block(0, X.rows(), 0, C.rows(), stored.data());
    const auto expected = capacity_assignment(computed, {.execution = {.threads = 1}});
    EXPECT_EQ(capacity_error(stored.template cast<double>(), {std::vector<Index>(12, 416), std::vector<Index>(12, 417)},
                             expected),
              "");
    const auto expect_same = [&](const CapacityAssignment<T>& result) {
      EXPECT_EQ(result.labels, expected.labels);
      EXPECT_TRUE(corymb_test::same_matrix(result.prices, expected.prices));
      EXPECT_TRUE(corymb_test::same_bits(&result.cost, &expected.cost, 1));
    };
    for (const int threads : {2, 3, 8}) expect_same(capacity_assignment(computed, {.execution = {.threads = threads}}));
    const CapacityAssignmentOptions two{.execution = {.threads = 2}};
    corymb_test::for_each_layout(stored, [&](const auto& cost) { expect_same(capacity_assignment(cost, two)); });
    const typename CostMatrix<T>::Rows rows = [&](Index first, Index count, T* out) {
      std::copy_n(stored.row(first).data(), count * stored.cols(), out);
    };
    expect_same(capacity_assignment(CostMatrix<T>(stored.rows(), stored.cols(), rows), two));
  });
}

TEST(CapacityAssignment, PricesOfTheResultNeedNoMoves) {
  Random random(7);
  const RowMatrix<double> cost = corymb_test::normal_matrix<double>(random, 3000, 10).array() + 1e6;
  const auto first = capacity_assignment(cost);
  Index moved = 0;
  CapacityAssignmentOptions options;
  options.initial_prices = first.prices;
  options.execution.on_progress = [&](const corymb::Progress& progress) {
    EXPECT_EQ(progress.stage, "augment");
    moved = std::max(moved, progress.step);
    return true;
  };
  const auto again = capacity_assignment(cost, options);
  EXPECT_LE(moved, 20);  // the rows at the border have a choice
  EXPECT_NEAR(again.cost, first.cost, 1e-15 * first.cost);
}

TEST(CapacityAssignment, Predict) {
  Random random(8);
  const RowMatrix<double> cost = corymb_test::normal_matrix<double>(random, 2000, 9);
  const auto model = capacity_assignment(cost);
  const corymb::Labels labels = corymb::predict(model, cost);
  Index other = 0;
  for (Index i = 0; i < cost.rows(); ++i) {
    const auto value = [&](Index j) { return cost(i, j) - model.prices[j]; };
    for (Index j = 0; j < cost.cols(); ++j) ASSERT_LE(value(labels[i]), value(j));
    EXPECT_NEAR(value(labels[i]), value(model.labels[i]), 1e-13);
    other += labels[i] != model.labels[i];
  }
  EXPECT_LE(other, cost.cols());
  EXPECT_EQ(corymb::predict(model, RowMatrix<double>(0, 9)).size(), 0);
}

TEST(CapacityAssignment, CancellationAndExceptionsOfTheCallback) {
  Random random(9);
  RowMatrix<double> cost = corymb_test::normal_matrix<double>(random, 500, 5);
  cost.col(1).array() -= 3;
  int calls = 0;
  CapacityAssignmentOptions options;
  options.execution.on_progress = [&](const corymb::Progress&) { return ++calls < 2; };
  EXPECT_THROW(capacity_assignment(cost, options), corymb::Cancelled);
  EXPECT_EQ(calls, 2);
  options.execution.on_progress = [&](const corymb::Progress&) -> bool { throw std::logic_error("stop"); };
  EXPECT_THROW(capacity_assignment(cost, options), std::logic_error);
  const CostMatrix<double>::Rows throwing = [](Index, Index, double*) { throw std::domain_error("no cost"); };
  EXPECT_THROW(capacity_assignment(CostMatrix<double>(500, 5, throwing)), std::domain_error);
}

TEST(CapacityAssignment, VerifierRejectsWrongAnswers) {
  RowMatrix<double> cost(4, 2);
  cost << 0, 1,  //
      0, 2,      //
      0, 3,      //
      0, 4;
  const Bounds bounds{{2, 2}, {2, 2}};
  const auto right = capacity_assignment(cost);
  ASSERT_EQ(capacity_error(cost, bounds, right), "");
  ASSERT_EQ(right.cost, 3);
  EXPECT_EQ(verify::least_cost_by_trying(cost, bounds), 3);
  EXPECT_EQ(verify::least_cost_by_matching(cost, bounds), 3);
  auto wrong = right;
  std::swap(wrong.labels[0], wrong.labels[3]);
  EXPECT_NE(capacity_error(cost, bounds, wrong).find("cost - price"), std::string::npos);
  wrong = right;
  wrong.labels[0] = 0;
  EXPECT_NE(capacity_error(cost, bounds, wrong), "");
  wrong = right;
  wrong.labels[0] = 2;
  EXPECT_EQ(capacity_error(cost, bounds, wrong), "row 0 has label 2");
  wrong = right;
  wrong.cost = 4;
  EXPECT_EQ(capacity_error(cost, bounds, wrong), "cost 4 must be 3");
  wrong = right;
  wrong.prices[1] += 5;
  EXPECT_NE(capacity_error(cost, bounds, wrong), "");
  EXPECT_NE(capacity_error(cost, {{3, 0}, {4, 4}}, right).find("column 0 has 2 rows"), std::string::npos);
  EXPECT_NE(capacity_error(cost, {{0, 0}, {4, 4}}, right).find("of price"), std::string::npos);
  wrong = right;
  wrong.prices.conservativeResize(1);
  EXPECT_EQ(capacity_error(cost, bounds, wrong), "shapes");
}

TEST(CapacityAssignmentBadArguments, Bounds) {
  const RowMatrix<double> cost = RowMatrix<double>::Zero(10, 3);
  const auto given = [&](std::vector<Index> min, std::vector<Index> max) {
    return message_of([&] { capacity_assignment(cost, with({std::move(min), std::move(max)})); });
  };
  const std::string start = "corymb::capacity_assignment: ";
  EXPECT_EQ(given({1, 2}, {}),
            start + "min_size has 2 entries; one for all clusters, or one per cluster, k = 3, is needed");
  EXPECT_EQ(given({-1}, {}), start + "min_size = -1 must be ≥ 0");
  EXPECT_EQ(given({}, {4, 4, -4}), start + "max_size[2] = -4 must be ≥ 0");
  EXPECT_EQ(given({3}, {2}), start + "min_size = 3 must be ≤ max_size = 2");
  EXPECT_EQ(given({3}, {9, 2, 9}), start + "min_size[1] = 3 must be ≤ max_size[1] = 2");
  EXPECT_EQ(given({4}, {}), start + "min_size = 4 for 3 clusters needs more than n = 10 rows");
  EXPECT_EQ(given({11, 0, 0}, {}), start + "min_size[0] = 11 must be ≤ max_size[0] = 10");
  EXPECT_EQ(given({6, 5, 0}, {}), start + "min_size needs more than n = 10 rows");
  EXPECT_EQ(given({}, {3}), start + "max_size = 3 for 3 clusters leaves room for 9 of n = 10 rows");
  EXPECT_EQ(given({}, {3, 2, 4}), start + "max_size leaves room for 9 of n = 10 rows");
  EXPECT_EQ(given({}, {std::numeric_limits<Index>::max()}), "nothing was thrown");
}

TEST(CapacityAssignmentBadArguments, Others) {
  RowMatrix<double> cost = RowMatrix<double>::Zero(3, 2);
  const std::string start = "corymb::capacity_assignment: ";
  EXPECT_EQ(message_of([] { capacity_assignment(RowMatrix<double>(0, 2)); }),
            start + "cost has 0 rows; at least 1 is needed");
  EXPECT_EQ(message_of([] { capacity_assignment(RowMatrix<double>(2, 0)); }),
            start + "cost has 0 columns; at least 1 is needed");
  EXPECT_EQ(message_of([&] { capacity_assignment(cost, {.initial_prices = Vector::Zero(3)}); }),
            start + "initial_prices has 3 entries; k = 2 are needed");
  EXPECT_EQ(message_of([&] { capacity_assignment(cost, {.initial_prices = Vector::Constant(2, infinity)}); }),
            start + "initial_prices(0) = inf must be finite");
  EXPECT_EQ(message_of([&] { capacity_assignment(cost, {.execution = {.threads = -1}}); }),
            start + "execution.threads = -1 must be in [0, 1024] (0 = all)");
  EXPECT_THROW(capacity_assignment(cost, {.execution = {.memory_limit = 100}}), corymb::MemoryLimitExceeded);
  EXPECT_THROW(
      capacity_assignment(Eigen::MatrixXd(RowMatrix<double>::Zero(1000, 50)), {.execution = {.memory_limit = 300'000}}),
      corymb::MemoryLimitExceeded);
  const auto model = capacity_assignment(cost);
  EXPECT_EQ(message_of([&] { corymb::predict(model, RowMatrix<double>(1, 3)); }),
            "corymb::predict: cost has 3 columns, the model has 2; they must agree");
  EXPECT_EQ(message_of([&] { corymb::predict(CapacityAssignment<double>{}, cost); }),
            "corymb::predict: the model has no prices");
  EXPECT_EQ(message_of([&] { corymb::predict(model, RowMatrix<double>::Constant(1, 2, infinity)); }),
            "another exception: corymb::predict: row 0 is forbidden in all 2 columns");
  cost(1, 0) = -infinity;
  EXPECT_EQ(message_of([&] { capacity_assignment(cost); }), start + "cost(1, 0) = -inf must be a number or +infinity");
  cost(0, 1) = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(message_of([&] { capacity_assignment(cost); }), start + "cost(0, 1) = nan must be a number or +infinity");
}

}  // namespace
}  // namespace capacity_assignment_test
