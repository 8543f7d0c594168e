#include <corymb/core/errors.hpp>
#include <corymb/core/linear_assignment.hpp>
#include <corymb/core/random.hpp>
#include <corymb/datasets/bundled.hpp>
#include <corymb/transport/exact_transport.hpp>

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
#include "support/verify_transport.hpp"
#include "transport/exact_transport_golden_values.hpp"

namespace exact_transport_test {
namespace {

using corymb::CostMatrix;
using corymb::dense_plan;
using corymb::exact_transport;
using corymb::ExactTransport;
using corymb::Index;
using corymb::Random;
using corymb::RowMatrix;
using corymb::Vector;
using corymb_test::instances;
using corymb_test::message_of;

constexpr double infinity = std::numeric_limits<double>::infinity();

RowMatrix<double> random_costs(Random& random, Index n, Index k) {
  RowMatrix<double> cost(n, k);
  const std::int64_t kind = random.below(5);
  for (double& value : cost.reshaped()) {
    if (kind == 0) value = static_cast<double>(random.below(3));  // many ties
    if (kind == 1) value = static_cast<double>(random.below(1000) - 500);
    if (kind >= 2) value = random.normal();
  }
  if (kind == 3) cost.bottomRows(n / 2) = cost.topRows(n / 2);
  if (kind == 4) cost.setConstant(cost(0, 0));
  return cost;
}

/// Masses of sum 1: equal ones, whole numbers with zeros, or any.
Vector random_masses(Random& random, Index n) {
  Vector mass(n);
  const std::int64_t kind = random.below(4);
  for (double& value : mass) {
    if (kind == 0) value = 1;
    if (kind == 1) value = static_cast<double>(random.below(4));
    if (kind == 2) value = random.uniform();
    if (kind == 3) value = std::exp(20 * random.normal());
  }
  if (!(mass.sum() > 0)) mass[random.below(n)] = 1;
  return mass / mass.sum();
}

Vector even(Index n) { return Vector::Constant(n, 1 / static_cast<double>(n)); }

std::string error_of(const RowMatrix<double>& cost, const Vector& a, const Vector& b, const ExactTransport& result) {
  for (std::size_t e = 1; e < result.plan.size(); ++e) {
    const auto &before = result.plan[e - 1], &entry = result.plan[e];
    if (before.row > entry.row || (before.row == entry.row && before.column >= entry.column)) return "order of entries";
  }
  if (static_cast<Index>(result.plan.size()) > cost.rows() + cost.cols() - 1) return "number of entries";
  return verify::optimality_error(cost, dense_plan(result), a, b, result.row_potential, result.column_potential,
                                  result.cost);
}

TEST(ExactTransport, OptimalByItsPotentials) {
  Random random(1);
  for (std::uint64_t instance = 0; instance < instances; ++instance) {
    SCOPED_TRACE(instance);
    const Index n = 1 + random.below(instance % 10 == 0 ? 60 : 8), k = 1 + random.below(instance % 10 == 0 ? 60 : 8);
    const RowMatrix<double> cost = random_costs(random, n, k);
    const Vector a = random_masses(random, n), b = random_masses(random, k);
    const ExactTransport result = exact_transport(cost, a, b);
    ASSERT_EQ(error_of(cost, a, b, result), "");
    ASSERT_EQ(result.status, corymb::Status::converged);
    ASSERT_NEAR(result.column_potential.dot(b), 0, 1e-12 * (1 + cost.cwiseAbs().maxCoeff()));
    const ExactTransport turned = exact_transport(RowMatrix<double>(cost.transpose()), b, a);
    ASSERT_NEAR(turned.cost, result.cost, 1e-12 * (1 + cost.cwiseAbs().maxCoeff()));
  }
}

TEST(ExactTransport, LargerOnes) {
  Random random(2);
  for (const auto& [n, k] : {std::pair<Index, Index>{150, 150}, {1, 300}, {300, 1}, {20, 400}, {400, 20}, {2, 500}})
    for (int repeat = 0; repeat < 5; ++repeat) {
      SCOPED_TRACE(testing::Message() << "n = " << n << ", k = " << k << ", repeat " << repeat);
      const RowMatrix<double> cost = random_costs(random, n, k);
      const Vector a = random_masses(random, n), b = random_masses(random, k);
      EXPECT_EQ(error_of(cost, a, b, exact_transport(cost, a, b)), "");
      EXPECT_EQ(error_of(cost, even(n), even(k), exact_transport(cost)), "");
    }
}

TEST(ExactTransport, EvenMassesAreAnAssignment) {
  Random random(3);
  for (std::uint64_t instance = 0; instance < instances / 4; ++instance) {
    SCOPED_TRACE(instance);
    const Index n = 1 + random.below(40);
    const RowMatrix<double> cost = random_costs(random, n, n);
    const ExactTransport result = exact_transport(cost);
    const double least = corymb::linear_assignment(cost).cost / static_cast<double>(n);
    ASSERT_NEAR(result.cost, least, 1e-13 * (1 + cost.cwiseAbs().maxCoeff()));
    ASSERT_EQ(result.plan.size(), static_cast<std::size_t>(n));
    for (const auto& entry : result.plan) ASSERT_EQ(entry.mass, 1 / static_cast<double>(n));
    // Each row twice: two to a column.
    RowMatrix<double> twice(2 * n, n);
    twice << cost, cost;
    const ExactTransport doubled = exact_transport(twice);
    ASSERT_NEAR(doubled.cost, least, 1e-13 * (1 + cost.cwiseAbs().maxCoeff()));
    ASSERT_EQ(doubled.plan.size(), static_cast<std::size_t>(2 * n));
  }
}

TEST(ExactTransport, ForbiddenPairs) {
  Random random(4);
  std::uint64_t without_answer = 0;
  for (std::uint64_t instance = 0; instance < instances; ++instance) {
    SCOPED_TRACE(instance);
    const Index n = 1 + random.below(7), k = 1 + random.below(7);
    RowMatrix<double> cost = random_costs(random, n, k);
    for (double& value : cost.reshaped())
      if (random.uniform() < 0.3) value = infinity;
    const Vector a = random_masses(random, n), b = random_masses(random, k);
    // What cannot arrive is what it would take if forbidden pairs cost 1, all others 0.
    const double missing = exact_transport(cost.array().isInf().cast<double>().matrix(), a, b).cost;
    if (missing > 1e-12) {
      ++without_answer;
      const std::string message = message_of([&] { exact_transport(cost, a, b); });
      const std::string start = "another exception: corymb::exact_transport: the forbidden pairs let a mass of ";
      ASSERT_EQ(message.substr(0, start.size()), start);
      ASSERT_NEAR(std::stod(message.substr(start.size())), missing, 1e-12);
    } else if (missing == 0) {
      ASSERT_EQ(error_of(cost, a, b, exact_transport(cost, a, b)), "");
    }
  }
  EXPECT_GT(without_answer, instances / 10);
  EXPECT_LT(without_answer, instances * 9 / 10);
  EXPECT_EQ(message_of([] { exact_transport(RowMatrix<double>::Constant(2, 2, infinity)); }),
            "another exception: corymb::exact_transport: the forbidden pairs let a mass of 1 of 1 not arrive");
  // A chain of detours: row i may send to columns i and i + 1 only.
  const Index n = 40;
  RowMatrix<double> chain = RowMatrix<double>::Constant(n, n, infinity);
  for (Index i = 0; i < n; ++i) {
    chain(i, i) = 1;
    if (i + 1 < n) chain(i, i + 1) = 0;
  }
  EXPECT_DOUBLE_EQ(exact_transport(chain).cost, 1);
}

TEST(ExactTransport, MassesOfZero) {
  Random random(5);
  const RowMatrix<double> cost = corymb_test::normal_matrix<double>(random, 5, 4);
  Vector a(5), b(4);
  a << 0, 1, 0, 2, 0;
  b << 1.5, 0, 0, 1.5;
  const ExactTransport result = exact_transport(cost, a, b);
  EXPECT_EQ(error_of(cost, a, b, result), "");
  for (const auto& entry : result.plan) EXPECT_TRUE(a[entry.row] > 0 && b[entry.column] > 0);
  RowMatrix<double> smaller(2, 2);
  smaller << cost(1, 0), cost(1, 3), cost(3, 0), cost(3, 3);
  EXPECT_NEAR(exact_transport(smaller, Vector(Eigen::Vector2d(1, 2)), Vector(Eigen::Vector2d(1.5, 1.5))).cost,
              result.cost, 1e-14);
  RowMatrix<double> nowhere = cost;
  nowhere.row(0).setConstant(infinity);
  nowhere.col(2).setConstant(infinity);
  const ExactTransport other = exact_transport(nowhere, a, b);
  EXPECT_EQ(error_of(nowhere, a, b, other), "");
  EXPECT_TRUE(other.row_potential.allFinite() && other.column_potential.allFinite());
}

TEST(ExactTransport, OffsetsAndScales) {
  Random random(6);
  for (int instance = 0; instance < 20; ++instance) {
    const RowMatrix<double> cost = corymb_test::grid_matrix<double>(random, 30, 20, 1000, 0x1p-10);
    const Vector a = random_masses(random, 30), b = random_masses(random, 20);
    const ExactTransport expected = exact_transport(cost, a, b);
    const ExactTransport offset = exact_transport(RowMatrix<double>(cost.array() + 1048576), a, b);
    EXPECT_TRUE(corymb_test::same_matrix(dense_plan(offset), dense_plan(expected)));
    for (const double scale : {0x1p-900, 0x1p-20, 0x1p900}) {
      const ExactTransport scaled = exact_transport(RowMatrix<double>(cost * scale), a, b);
      EXPECT_TRUE(corymb_test::same_matrix(dense_plan(scaled), dense_plan(expected)));
      EXPECT_NEAR(scaled.cost / scale, expected.cost, 1e-12);
    }
    const ExactTransport heavier = exact_transport(cost, 1024 * a, 1024 * b);
    EXPECT_NEAR(heavier.cost, 1024 * expected.cost, 1e-9);
  }
}

TEST(ExactTransport, OneDimension) {
  // On the line the sorted orders are matched.
  Random random(7);
  Vector x(200), y(200);
  for (double& value : x) value = random.normal();
  for (double& value : y) value = 3 + 2 * random.normal();
  const RowMatrix<double> cost = (x.replicate(1, 200) - y.transpose().replicate(200, 1)).array().square();
  std::sort(x.begin(), x.end());
  std::sort(y.begin(), y.end());
  EXPECT_NEAR(exact_transport(cost).cost, (x - y).squaredNorm() / 200, 1e-12);
}

TEST(ExactTransport, AsOtherPrograms) {
  for (const auto& expected : exact_transport_golden::cases) {
    SCOPED_TRACE(expected.data);
    const RowMatrix<double> points = expected.data == "iris"   ? corymb::iris().points
                                     : expected.data == "wine" ? corymb::wine().points
                                                               : corymb::digits().points.topRows(300);
    const Index n = expected.first, k = points.rows() - n;
    const auto masses = [](Index size, Index factor) {
      Vector mass(size);
      for (Index i = 0; i < size; ++i) mass[i] = static_cast<double>(1 + factor * i % 5);
      return Vector(mass / mass.sum());
    };
    const auto cost = corymb::point_costs(points.topRows(n), points.bottomRows(k), {.power = expected.power});
    EXPECT_NEAR(exact_transport(cost).cost, expected.even, 1e-12 * expected.even);
    EXPECT_NEAR(exact_transport(cost, masses(n, 7), masses(k, 3)).cost, expected.uneven, 1e-12 * expected.uneven);
  }
}

TEST(ExactTransport, SameBitsForAnyThreadsAndAnyKindOfCosts) {
  Random random(8);
  corymb_test::for_each_scalar([&](auto scalar) {
    using T = decltype(scalar);
    const RowMatrix<T> X = corymb_test::normal_matrix<T>(random, 90, 3),
                       C = corymb_test::normal_matrix<T>(random, 70, 3);
    const CostMatrix<T> computed = corymb::point_costs(X, C);
    RowMatrix<T> stored(X.rows(), C.rows());
    computed.block(0, X.rows(), 0, C.rows(), stored.data());
    const ExactTransport expected = exact_transport(computed, {}, {}, {.execution = {.threads = 1}});
    EXPECT_EQ(error_of(stored.template cast<double>(), even(90), even(70), expected), "");
    const auto expect_same = [&](const ExactTransport& result) {
      EXPECT_TRUE(corymb_test::same_matrix(dense_plan(result), dense_plan(expected)));
      EXPECT_TRUE(corymb_test::same_matrix(result.row_potential, expected.row_potential));
      EXPECT_TRUE(corymb_test::same_matrix(result.column_potential, expected.column_potential));
      EXPECT_TRUE(corymb_test::same_bits(&result.cost, &expected.cost, 1));
      EXPECT_EQ(result.pivots, expected.pivots);
    };
    expect_same(exact_transport(computed, {}, {}, {.execution = {.threads = 2}}));
    corymb_test::for_each_layout(stored, [&](const auto& cost) { expect_same(exact_transport(cost)); });
  });
}

TEST(ExactTransport, Cancellation) {
  Random random(9);
  const RowMatrix<double> cost = corymb_test::normal_matrix<double>(random, 300, 300);
  corymb::ExactTransportOptions options;
  int calls = 0;
  double present = infinity;
  options.execution.on_progress = [&](const corymb::Progress& progress) {
    EXPECT_EQ(progress.stage, "pivots");
    EXPECT_LE(progress.objective, present);
    present = progress.objective;
    return ++calls < 2;
  };
  const ExactTransport result = exact_transport(cost, {}, {}, options);
  EXPECT_EQ(result.status, corymb::Status::cancelled);
  EXPECT_EQ(calls, 2);
  EXPECT_NEAR(result.cost, present, 1e-12);
  EXPECT_EQ(verify::plan_error(cost, dense_plan(result), even(300), even(300)), "");
  const double least = exact_transport(cost).cost;
  EXPECT_LT(least, result.cost);
  EXPECT_LE((result.row_potential.sum() + result.column_potential.sum()) / 300, least + 1e-12);
  options.execution.on_progress = [&](const corymb::Progress&) -> bool { throw std::logic_error("stop"); };
  EXPECT_THROW(exact_transport(cost, {}, {}, options), std::logic_error);
}

TEST(ExactTransport, VerifierRejectsWrongAnswers) {
  RowMatrix<double> cost(2, 2), plan(2, 2);
  cost << 0, 1, 1, 0;
  plan << 0.5, 0, 0, 0.5;
  const Vector half = even(2), f = Vector::Zero(2), g = Vector::Zero(2);
  const auto error = [&](const RowMatrix<double>& other, const Vector& row, const Vector& column, double stated) {
    return verify::optimality_error(cost, other, half, half, row, column, stated);
  };
  EXPECT_EQ(error(plan, f, g, 0), "");
  EXPECT_EQ(error(plan, f, g, 0.1), "the cost is 0, stated is 0.1");
  EXPECT_EQ(error(plan, f, Vector::Constant(2, 0.5), 0), "the potentials of row 0 and column 0 exceed the cost by 0.5");
  EXPECT_EQ(error(plan, Vector::Constant(2, -0.5), g, 0),
            "row 0 sends to column 0, whose cost exceeds the potentials by 0.5");
  RowMatrix<double> other = RowMatrix<double>::Constant(2, 2, 0.25);
  EXPECT_EQ(error(other, f, g, 0.5), "row 0 sends to column 1, whose cost exceeds the potentials by 1");
  other << 0.5, 0, 0, 0.4;
  EXPECT_EQ(error(other, f, g, 0), "row 1 sends 0.4 instead of 0.5");
  other << 0.5, 0, 0.5, 0;
  EXPECT_EQ(error(other, f, g, 0.5), "column 0 gets 1 instead of 0.5");
  other << 0.6, -0.1, -0.1, 0.6;
  EXPECT_EQ(error(other, f, g, 0), "plan(0, 1) is -0.1 at a cost of 1");
  cost(0, 0) = infinity;
  EXPECT_EQ(error(plan, f, g, 0), "plan(0, 0) is 0.5 at a cost of inf");
  EXPECT_EQ(error(RowMatrix<double>(plan.topRows(1)), f, g, 0), "shapes");
  EXPECT_EQ(error(plan, f, even(1), 0), "shapes of the potentials");
}

TEST(ExactTransportBadArguments, Masses) {
  const RowMatrix<double> cost = RowMatrix<double>::Zero(2, 3);
  const auto given = [&](std::vector<double> a, std::vector<double> b) {
    return message_of([&] {
      exact_transport(cost, Eigen::Map<const Vector>(a.data(), static_cast<Index>(a.size())),
                      Eigen::Map<const Vector>(b.data(), static_cast<Index>(b.size())));
    });
  };
  const std::string start = "corymb::exact_transport: ";
  EXPECT_EQ(given({1}, {}), start + "row_mass has 1 entries; 2 are needed, or none for equal masses");
  EXPECT_EQ(given({}, {1, 1}), start + "column_mass has 2 entries; 3 are needed, or none for equal masses");
  EXPECT_EQ(given({2, -1}, {}), start + "row_mass(1) = -1 must be finite and ≥ 0");
  EXPECT_EQ(given({}, {0, infinity, 0}), start + "column_mass(1) = inf must be finite and ≥ 0");
  EXPECT_EQ(given({}, {0, 0, std::numeric_limits<double>::quiet_NaN()}),
            start + "column_mass(2) = nan must be finite and ≥ 0");
  EXPECT_EQ(given({0, 0}, {}), start + "row_mass is all 0; some mass is needed");
  EXPECT_EQ(given({1e308, 1e308}, {}), start + "the sum of row_mass overflows; scale the masses down");
  EXPECT_EQ(given({1, 1}, {1, 0.5, 1}), start +
                                            "the sum of row_mass, 2, and that of column_mass, 2.5, differ by 0.5; they "
                                            "must agree within 1e-9 of them");
  EXPECT_EQ(given({1, 1}, {1, 1, 1e-10}), "nothing was thrown");
}

TEST(ExactTransportBadArguments, Others) {
  RowMatrix<double> cost = RowMatrix<double>::Zero(3, 2);
  const std::string start = "corymb::exact_transport: ";
  EXPECT_EQ(message_of([] { exact_transport(RowMatrix<double>(0, 2)); }),
            start + "cost has 0 rows; at least 1 is needed");
  EXPECT_EQ(message_of([] { exact_transport(RowMatrix<double>(2, 0)); }),
            start + "cost has 0 columns; at least 1 is needed");
  EXPECT_EQ(message_of([&] { exact_transport(cost, {}, {}, {.execution = {.threads = -1}}); }),
            start + "execution.threads = -1 must be in [0, 1024] (0 = all)");
  EXPECT_THROW(exact_transport(cost, {}, {}, {.execution = {.memory_limit = 100}}), corymb::MemoryLimitExceeded);
  cost(0, 0) = 1.5e300;
  EXPECT_EQ(message_of([&] { exact_transport(cost); }),
            start + "costs from 0 to 1.5e+300 are too far apart; scale them down");
  cost(1, 0) = -infinity;
  EXPECT_EQ(message_of([&] { exact_transport(cost); }), start + "cost(1, 0) = -inf must be a number or +infinity");
  cost(0, 1) = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(message_of([&] { exact_transport(cost); }), start + "cost(0, 1) = nan must be a number or +infinity");
}

}  // namespace
}  // namespace exact_transport_test
