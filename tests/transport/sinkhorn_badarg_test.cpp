// Every mistake of a caller of sinkhorn gets its message, and nothing is computed.
#include <corymb/transport/sinkhorn.hpp>

#include <gtest/gtest.h>

#include <initializer_list>
#include <limits>
#include <stdexcept>
#include <string>

#include "support/message_of.hpp"

namespace sinkhorn_badarg_test {
namespace {

using namespace corymb;
using corymb_test::message_of;

constexpr double infinity = std::numeric_limits<double>::infinity();

RowMatrix<double> costs() { return RowMatrix<double>::Ones(3, 2); }

std::string with(const SinkhornOptions& options, const Vector& a = {}, const Vector& b = {},
                 const RowMatrix<double>& cost = costs()) {
  const std::string name = "corymb::sinkhorn: ", message = message_of([&] { sinkhorn(cost, a, b, options); });
  return message.starts_with(name) ? message.substr(name.size()) : message;
}

Vector numbers(std::initializer_list<double> values) {
  return Eigen::Map<const Vector>(values.begin(), static_cast<Index>(values.size()));
}

TEST(SinkhornBadArguments, Costs) {
  RowMatrix<double> cost = costs();
  cost(1, 1) = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(with({}, {}, {}, cost), "cost(1, 1) = nan must be a number or +infinity");
  cost(1, 0) = -infinity;
  EXPECT_EQ(with({}, {}, {}, cost), "cost(1, 0) = -inf must be a number or +infinity");
  EXPECT_EQ(with({}, {}, {}, RowMatrix<double>(0, 2)), "cost has 0 rows; at least 1 is needed");
  EXPECT_EQ(with({}, {}, {}, RowMatrix<double>(2, 0)), "cost has 0 columns; at least 1 is needed");
  cost = costs();
  cost.row(2).setConstant(infinity);
  EXPECT_EQ(with({}, {}, {}, cost),
            "row 2 of cost has no finite cost to a column with mass, but must carry 0.3333333333333333");
  cost = costs();
  cost(2, 0) = infinity;
  EXPECT_EQ(with({}, {}, numbers({1, 0}), cost),
            "row 2 of cost has no finite cost to a column with mass, but must carry 0.3333333333333333");
  cost = costs();
  cost.col(1).setConstant(infinity);
  EXPECT_EQ(with({.rows = FreeMass{}}, {}, {}, cost),
            "column 1 of cost has no finite cost to a row with mass, but must carry 0.5");
}

TEST(SinkhornBadArguments, Masses) {
  EXPECT_EQ(with({}, numbers({1, 2})), "row_mass has 2 entries, cost has 3 rows; they must agree (or be empty)");
  EXPECT_EQ(with({}, {}, numbers({1})), "column_mass has 1 entries, cost has 2 columns; they must agree (or be empty)");
  EXPECT_EQ(with({}, numbers({1, -1, 1})), "row_mass(1) = -1 must be finite and ≥ 0");
  EXPECT_EQ(with({}, numbers({1, infinity, 1})), "row_mass(1) = inf must be finite and ≥ 0");
  EXPECT_EQ(with({}, numbers({0, 0, 0})), "row_mass is 0 altogether; some mass is needed");
  EXPECT_EQ(with({}, numbers({1, 1, 1}), numbers({1, 1})),
            "row_mass adds up to 3, column_mass to 2: they differ by 1 and must agree (or be relaxed)");
  EXPECT_EQ(with({.columns = BoundedMass{}}, numbers({1, 1, 1}), numbers({1, 1})),
            "rows and columns must carry at least 3 and can carry at most 2: short by 1");
  EXPECT_EQ(with({.columns = BoundedMass{numbers({0.5, 2})}}, numbers({1, 1, 1}), numbers({2, 1})),
            "columns.lower(1) = 2 must be ≥ 0 and at most the mass, 1");
  EXPECT_EQ(with({.columns = RelaxedMass{-1}}), "columns.strength = -1 must be ≥ 0");
  EXPECT_EQ(with({.rows = RelaxedMass{1, numbers({1, 2})}}), "rows.strengths has 2 entries; 3 are needed, or none");
  EXPECT_EQ(with({.total_mass = 0.5}), "total_mass = 0.5 goes with relaxed, bounded or free masses, not exact ones");
  EXPECT_EQ(with({.rows = BoundedMass{}, .columns = BoundedMass{}, .total_mass = 2}),
            "total_mass = 2 must be in [0, 1], what the masses of rows and columns allow");
}

TEST(SinkhornBadArguments, Options) {
  EXPECT_EQ(with({.epsilon = 0}), "epsilon = 0 must be finite and > 0");
  EXPECT_EQ(with({.epsilon = std::numeric_limits<double>::quiet_NaN()}), "epsilon = nan must be finite and > 0");
  EXPECT_EQ(with({.tolerance = -1}), "tolerance = -1 must be ≥ 0");
  EXPECT_EQ(with({.max_iterations = 0}), "max_iterations = 0 must be ≥ 1");
  EXPECT_EQ(with({.relaxation = 2}), "relaxation = 2 must be in [1, 2)");
  EXPECT_EQ(with({.rows = RelaxedMass{1}, .relaxation = 1.5}),
            "relaxation = 1.5 needs exact masses of rows and columns");
  EXPECT_EQ(with({.initial_epsilon = 0.01}), "initial_epsilon = 0.01 must be 0, or finite and at least epsilon");
  EXPECT_EQ(with({.epsilon_factor = 1}), "epsilon_factor = 1 must be in (0, 1)");
  EXPECT_EQ(with({.algorithm = SinkhornAlgorithm::greenkhorn, .rows = FreeMass{}}),
            "greenkhorn needs exact masses of rows and columns");
  EXPECT_EQ(with({.algorithm = SinkhornAlgorithm::greenkhorn, .initial_epsilon = 1}),
            "initial_epsilon = 1 must be 0 with greenkhorn");
  EXPECT_EQ(with({.initial_column_potential = numbers({1})}),
            "initial_column_potential has 1 entries, cost has 2 columns; they must agree (or be empty)");
  EXPECT_EQ(with({.execution = {.threads = -1}}), "execution.threads = -1 must be in [0, 1024] (0 = all)");
}

TEST(SinkhornBadArguments, Memory) {
  const RowMatrix<double> cost = RowMatrix<double>::Ones(1000, 100);
  EXPECT_THROW(sinkhorn(cost, {}, {}, {.execution = {.memory_limit = 700'000}}), MemoryLimitExceeded);
  EXPECT_NO_THROW(sinkhorn(cost, {}, {}, {.plan = false, .execution = {.threads = 1, .memory_limit = 700'000}}));
}

TEST(SinkhornBadArguments, NewRowsAndPointCosts) {
  const auto model = sinkhorn(costs(), {}, {});
  EXPECT_EQ(message_of([&] { predict(model, RowMatrix<double>(2, 3)); }),
            "corymb::predict: cost_new has 3 columns, the fit has 2; they must agree");
  RowMatrix<double> cost = costs();
  cost.row(1).setConstant(infinity);
  EXPECT_EQ(message_of([&] { predict_proba(model, cost); }),
            "corymb::predict_proba: row 1 of cost_new has no finite cost to a column that receives mass");
  EXPECT_EQ(message_of([] { point_costs(costs(), costs(), {.power = 3}); }),
            "corymb::point_costs: power = 3 must be 1 or 2");
  EXPECT_EQ(message_of([] { CostMatrix<double>(-1, 2, [](Index, Index, double*) {}); }),
            "corymb::CostMatrix: n = -1 must be ≥ 0");
  // What computes costs may throw.
  const CostMatrix<double> bad(3, 2, [](Index, Index, double*) { throw std::logic_error("mine"); });
  EXPECT_THROW(sinkhorn(bad, {}, {}), std::logic_error);
}

}  // namespace
}  // namespace sinkhorn_badarg_test
