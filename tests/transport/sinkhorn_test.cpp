#include <corymb/core/linear_assignment.hpp>
#include <corymb/transport/sinkhorn.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "support/matrices.hpp"
#include "support/verify_sinkhorn.hpp"
#include "transport/sinkhorn_golden_values.hpp"

namespace sinkhorn_test {
namespace {

using namespace corymb;
using namespace corymb_test;

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr SinkhornAlgorithm parallel_algorithms[] = {SinkhornAlgorithm::log_domain, SinkhornAlgorithm::scaling};

Vector random_masses(Random& random, Index size) {
  Vector mass(size);
  for (double& m : mass) m = random.below(6) == 0 ? 0 : 0.1 + random.uniform();
  if (!(mass.sum() > 0)) mass[0] = 1;
  return mass / mass.sum();
}

/// Costs in [0, 1] with some pairs forbidden, but none of the first row and column.
RowMatrix<double> random_costs(Random& random, Index n, Index k, bool forbid) {
  RowMatrix<double> cost(n, k);
  for (Index i = 0; i < n; ++i)
    for (Index j = 0; j < k; ++j)
      cost(i, j) = forbid && i > 0 && j > 0 && random.below(8) == 0 ? infinity : random.uniform();
  return cost;
}

/// The most precise answer that the type allows.
SinkhornOptions precise(SinkhornOptions options) {
  options.tolerance = 1e-11;
  options.max_iterations = 200000;
  return options;
}

template <class T>
TransportProblemToVerify to_verify(const RowMatrix<T>& cost, Vector a, Vector b, const SinkhornOptions& options) {
  return {cost.template cast<double>(), std::move(a), std::move(b), options};
}

// ---- the verifier itself ----

TEST(VerifySinkhorn, RefusesWrongAnswers) {
  Random random(1);
  const RowMatrix<double> cost = random_costs(random, 6, 4, false);
  const Vector a = Vector::Constant(6, 1.0 / 6), b = Vector::Constant(4, 0.25);
  const SinkhornOptions options = precise({.epsilon = 0.1});
  const auto good = sinkhorn(cost, a, b, options);
  const auto problem = to_verify(cost, a, b, options);
  ASSERT_TRUE(verify_sinkhorn(good, problem, 1e-9));
  auto bad = good;
  bad.plan(2, 1) *= 1.001;
  EXPECT_FALSE(verify_sinkhorn(bad, problem, 1e-9));
  bad = good;
  bad.plan = a * b.transpose();
  EXPECT_FALSE(verify_sinkhorn(bad, problem, 1e-9));
  bad = good;
  bad.cost += 1e-6;
  EXPECT_FALSE(verify_sinkhorn(bad, problem, 1e-9));
  bad = good;
  bad.dual_value -= 1e-6;
  EXPECT_FALSE(verify_sinkhorn(bad, problem, 1e-9));
  // A plan of the right form that misses its masses: after one sweep only.
  auto early = options;
  early.max_iterations = 1;
  EXPECT_FALSE(verify_sinkhorn(sinkhorn(cost, a, b, early), problem, 1e-9));
  // The solution of another problem.
  auto other = options;
  other.rows = RelaxedMass{1};
  EXPECT_FALSE(verify_sinkhorn(sinkhorn(cost, a, b, other), problem, 1e-9));
  EXPECT_FALSE(verify_sinkhorn(good, to_verify(cost, a, b, other), 1e-9));
  other.rows = BoundedMass{};
  other.total_mass = 0.9;
  EXPECT_FALSE(verify_sinkhorn(good, to_verify(cost, a, b, other), 1e-9));
}

// ---- solutions ----

TEST(Sinkhorn, BalancedPlansAreOptimal) {
  for (std::uint64_t seed = 0; seed < instances; ++seed) {
    Random random(seed);
    const Index n = 1 + random.below(12), k = 1 + random.below(9);
    const RowMatrix<double> cost = random_costs(random, n, k, false).array() + (seed % 7 == 0 ? 1e6 : 0.0);
    const Vector a = random_masses(random, n) * 3, b = random_masses(random, k) * 3;
    for (const auto algorithm :
         {SinkhornAlgorithm::log_domain, SinkhornAlgorithm::scaling, SinkhornAlgorithm::greenkhorn}) {
      const SinkhornOptions options = precise({.epsilon = seed % 3 == 0 ? 0.02 : 0.2, .algorithm = algorithm});
      const auto result = sinkhorn(cost, a, b, options);
      ASSERT_EQ(result.status, Status::converged) << "seed " << seed << ", algorithm " << static_cast<int>(algorithm)
                                                  << result.row_error << " " << result.column_error;
      const double relative = seed % 7 == 0 ? 1e-6 : 1e-9;
      ASSERT_TRUE(verify_sinkhorn(result, to_verify(cost, a, b, options), 1e-9, relative))
          << "seed " << seed << ", algorithm " << static_cast<int>(algorithm);
      ASSERT_LE(result.row_error + result.column_error, 1e-8);
    }
  }
}

MassConstraint random_constraint(Random& random, const Vector& mass) {
  switch (random.below(5)) {
    case 0: return ExactMass{};
    case 1: return RelaxedMass{.strength = std::pow(10.0, 2 * random.uniform() - 1)};
    case 2: {
      RelaxedMass relaxed{.strengths = Vector(mass.size())};
      for (double& s : relaxed.strengths) s = random.below(3) == 0 ? infinity : 0.1 + random.uniform();
      return relaxed;
    }
    case 3: return BoundedMass{.lower = random.below(2) == 0 ? Vector() : Vector(mass * random.uniform())};
    default: return FreeMass{};
  }
}

TEST(Sinkhorn, EveryKindOfConstraintGivesTheOptimum) {
  Index solved = 0;
  for (std::uint64_t seed = 0; seed < 2 * instances; ++seed) {
    Random random(seed, {7});
    const Index n = 2 + random.below(10), k = 2 + random.below(7);
    const bool forbid = seed % 4 == 0;
    const RowMatrix<double> cost = random_costs(random, n, k, forbid);
    Vector a = random_masses(random, n), b = random_masses(random, k);
    SinkhornOptions options{.epsilon = 0.1};
    options.rows = random_constraint(random, a);
    options.columns = random_constraint(random, b);
    const auto exact = [](const MassConstraint& c) { return std::holds_alternative<ExactMass>(c); };
    const auto loose = [](const MassConstraint& c) {
      return std::holds_alternative<FreeMass>(c) || std::holds_alternative<BoundedMass>(c);
    };
    if (exact(options.rows) && exact(options.columns)) options.columns = RelaxedMass{1};
    // Room for what the other side must carry.
    if (std::holds_alternative<BoundedMass>(options.columns)) b *= 2;
    if (std::holds_alternative<BoundedMass>(options.rows)) a *= 2;
    if (auto* bounded = std::get_if<BoundedMass>(&options.columns)) bounded->lower *= 0.5;
    if (auto* bounded = std::get_if<BoundedMass>(&options.rows)) bounded->lower *= 0.5;
    if (!exact(options.rows) && !exact(options.columns) &&
        (loose(options.rows) || loose(options.columns) || seed % 2 == 0))
      options.total_mass = 0.75;
    // Forbidden pairs, all in all, may leave no plan of exact masses.
    if (forbid && (exact(options.rows) || exact(options.columns))) continue;
    if (forbid &&
        (std::holds_alternative<RelaxedMass>(options.rows) || std::holds_alternative<RelaxedMass>(options.columns)))
      continue;
    for (const auto algorithm : parallel_algorithms) {
      options = precise(options);
      options.algorithm = algorithm;
      options.max_iterations = 10000;
      const auto result = sinkhorn(cost, a, b, options);
      if (result.status != Status::converged) continue;  // of contradictory strengths and bounds
      ++solved;
      ASSERT_TRUE(verify_sinkhorn(result, to_verify(cost, a, b, options), 2e-8, 1e-7))
          << "seed " << seed << " rows " << options.rows.index() << " columns " << options.columns.index();
    }
  }
  EXPECT_GT(solved, 3 * static_cast<Index>(instances));
}

// ---- against POT ----

RowMatrix<double> golden_cost() {
  RowMatrix<double> cost(sinkhorn_golden::n, sinkhorn_golden::k);
  for (int i = 0; i < cost.rows(); ++i)
    for (int j = 0; j < cost.cols(); ++j) {
      const double dx = (7 * i % 11) / 11.0 - (3 * j % 5) / 5.0, dy = (5 * i % 13) / 13.0 - (2 * j % 7) / 7.0;
      cost(i, j) = dx * dx + dy * dy;
    }
  return cost;
}

std::pair<Vector, Vector> golden_masses() {
  Vector a(sinkhorn_golden::n), b(sinkhorn_golden::k);
  for (int i = 0; i < a.size(); ++i) a[i] = 1 + i % 3;
  for (int j = 0; j < b.size(); ++j) b[j] = 1 + j % 2;
  return {a / a.sum(), b / b.sum()};
}

double difference(const RowMatrix<double>& plan, const double* golden) {
  return (plan - Eigen::Map<const RowMatrix<double>>(golden, plan.rows(), plan.cols())).cwiseAbs().maxCoeff();
}

TEST(Sinkhorn, AgreesWithPot) {
  const RowMatrix<double> cost = golden_cost();
  const auto [a, b] = golden_masses();
  for (const auto algorithm : parallel_algorithms) {
    SinkhornOptions options = precise({.epsilon = 0.05, .algorithm = algorithm});
    EXPECT_LE(difference(sinkhorn(cost, a, b, options).plan, sinkhorn_golden::balanced), 1e-10);
    options.epsilon = 0.002;
    EXPECT_LE(difference(sinkhorn(cost, a, b, options).plan, sinkhorn_golden::log_domain_of_small_epsilon), 1e-8);
    options.epsilon = 0.05;
    options.rows = options.columns = RelaxedMass{0.5};
    EXPECT_LE(difference(sinkhorn(cost, a, 1.5 * b, options).plan, sinkhorn_golden::unbalanced), 1e-9);
    options.rows = options.columns = RelaxedMass{20};
    const auto strong = sinkhorn(cost, a, 1.5 * b, options);
    EXPECT_LE(difference(strong.plan, sinkhorn_golden::strongly_unbalanced), 1e-8);
    EXPECT_LE(strong.iterations, 300);  // thousands without the shifts
    options.rows = options.columns = BoundedMass{};
    options.total_mass = 0.6;
    EXPECT_LE(difference(sinkhorn(cost, a, b, options).plan, sinkhorn_golden::partial), 1e-9);
  }
}

TEST(Sinkhorn, ApproachesTheCheapestPlan) {
  Random random(5);
  const RowMatrix<double> cost = random_costs(random, 9, 9, false);
  const double cheapest = linear_assignment(cost).cost / 9;
  double before = infinity;
  for (const double epsilon : {0.3, 0.1, 0.03, 0.01, 0.003, 0.001}) {
    const auto result = sinkhorn(cost, {}, {}, precise({.epsilon = epsilon, .initial_epsilon = 0.3}));
    EXPECT_GE(result.cost, cheapest - 1e-9);
    EXPECT_LT(result.cost, before);
    EXPECT_LE(result.cost, cheapest + 2 * std::log(9.0) * epsilon);
    before = result.cost;
  }
  EXPECT_NEAR(before, cheapest, 1e-4);
}

// ---- hard cases ----

TEST(Sinkhorn, SurvivesTinyEpsilonAndHugeCosts) {
  Random random(3);
  const RowMatrix<double> cost = random_costs(random, 40, 8, false) * 1e3;
  for (const auto algorithm : parallel_algorithms)
    for (const double start : {0.0, 1e3}) {
      const auto result = sinkhorn(
          cost, {}, {}, {.epsilon = 1e-4, .algorithm = algorithm, .max_iterations = 500, .initial_epsilon = start});
      ASSERT_TRUE(result.plan.allFinite());
      EXPECT_LE(result.row_error, 1e-6);  // rows are met, exponents of 10⁷ and all
      EXPECT_LE(result.column_error, 2);
      EXPECT_TRUE(std::isfinite(result.cost) && std::isfinite(result.dual_value));
      EXPECT_TRUE(result.epsilon >= 1e-4);
    }
  // Negative costs whose kernel overflows.
  const auto result = sinkhorn(RowMatrix<double>(-cost), {}, {}, {.epsilon = 0.1, .max_iterations = 2000});
  EXPECT_TRUE(result.plan.allFinite());
  EXPECT_LE(result.row_error, 1e-9);
}

TEST(Sinkhorn, LeavesOutWhatHasNoMass) {
  Random random(4);
  RowMatrix<double> cost = random_costs(random, 7, 5, false);
  Vector a = Vector::Constant(7, 0.25), b = Vector::Constant(5, 1.0 / 3);
  a[1] = a[4] = a[6] = 0;
  b[0] = b[3] = 0;
  cost.row(4).setConstant(infinity);  // forbidden altogether, but nothing is to be sent
  cost.col(3).setConstant(infinity);
  for (const auto algorithm :
       {SinkhornAlgorithm::log_domain, SinkhornAlgorithm::scaling, SinkhornAlgorithm::greenkhorn}) {
    const SinkhornOptions options = precise({.epsilon = 0.1, .algorithm = algorithm});
    const auto result = sinkhorn(cost, a, b, options);
    EXPECT_TRUE(verify_sinkhorn(result, to_verify(cost, a, b, options), 1e-9));
    EXPECT_EQ(result.plan.row(4).sum(), 0);
    EXPECT_EQ(result.plan.col(0).sum(), 0);
    EXPECT_EQ(result.row_potential[1], -infinity);
    EXPECT_EQ(result.column_potential[3], -infinity);
  }
}

TEST(Sinkhorn, OnePair) {
  for (const auto algorithm :
       {SinkhornAlgorithm::log_domain, SinkhornAlgorithm::scaling, SinkhornAlgorithm::greenkhorn}) {
    const auto result = sinkhorn(RowMatrix<double>::Constant(1, 1, 3.0), Vector::Constant(1, 2.0),
                                 Vector::Constant(1, 2.0), {.epsilon = 0.5, .algorithm = algorithm});
    EXPECT_NEAR(result.plan(0, 0), 2, 1e-12);
    EXPECT_NEAR(result.cost, 6, 1e-12);
    EXPECT_EQ(result.status, Status::converged);
  }
}

TEST(Sinkhorn, EqualCostsShareTheMassesOut) {
  Random random(6);
  const Vector a = random_masses(random, 8), b = random_masses(random, 5);
  for (const auto algorithm : parallel_algorithms) {
    const auto result =
        sinkhorn(RowMatrix<double>::Constant(8, 5, 1e6), a, b, {.epsilon = 1e-3, .algorithm = algorithm});
    EXPECT_LE((result.plan - a * b.transpose()).cwiseAbs().maxCoeff(), 1e-8);
  }
}

// ---- promises ----

TEST(Sinkhorn, SameBitsForAllThreadsAndLayouts) {
  for_each_scalar([](auto scalar) {
    using T = decltype(scalar);
    Random random(8);
    const RowMatrix<T> cost = normal_matrix<T>(random, 9000, 13).cwiseAbs();  // several chunks
    for (const auto algorithm : parallel_algorithms)
      for (const bool relaxed : {false, true}) {
        const MassConstraint mass = relaxed ? MassConstraint(RelaxedMass{2}) : MassConstraint(ExactMass{});
        SinkhornOptions options{
            .epsilon = 0.1, .algorithm = algorithm, .rows = mass, .columns = mass, .max_iterations = 25};
        options.execution.threads = 1;
        const auto one = sinkhorn(cost, {}, {}, options);
        for (const int threads : {2, 3, 8}) {
          options.execution.threads = threads;
          const auto other = sinkhorn(cost, {}, {}, options);
          EXPECT_TRUE(same_matrix(other.plan, one.plan));
          EXPECT_TRUE(same_matrix(other.column_potential, one.column_potential));
          EXPECT_EQ(other.dual_value, one.dual_value);
        }
        for_each_layout(cost,
                        [&](const auto& X) { EXPECT_TRUE(same_matrix(sinkhorn(X, {}, {}, options).plan, one.plan)); });
      }
  });
}

TEST(Sinkhorn, ComputedCostsAreAsGoodAsStoredOnes) {
  for_each_scalar([](auto scalar) {
    using T = decltype(scalar);
    Random random(9);
    const RowMatrix<T> X = normal_matrix<T>(random, 500, 3), C = normal_matrix<T>(random, 11, 3);
    for (const int power : {1, 2})
      for (const Metric metric : {Metric(Metric::euclidean), Metric(Metric::manhattan)}) {
        const CostMatrix<T> computed = point_costs(X, C, {.metric = metric, .power = power});
        RowMatrix<T> stored(500, 11);
        computed.block(0, 500, 0, 11, stored.data());
        EXPECT_NEAR(stored(3, 4),
                    std::pow(metric == Metric::euclidean ? (X.row(3) - C.row(4)).norm()
                                                         : (X.row(3) - C.row(4)).template lpNorm<1>(),
                             static_cast<T>(power)),
                    1e-5);
        const CostMatrix<T> rows(500, 11, [&](Index first, Index count, T* out) {
          std::copy_n(stored.data() + first * 11, count * 11, out);
        });
        const SinkhornOptions options{.epsilon = 0.5, .max_iterations = 20};
        SinkhornOptions without = options;
        without.plan = false;
        const auto expected = sinkhorn(stored, {}, {}, options);
        for (const auto& cost : {computed, rows}) {
          EXPECT_TRUE(same_matrix(sinkhorn(cost, {}, {}, options).plan, expected.plan));
          const auto potentials = sinkhorn(cost, {}, {}, without);
          EXPECT_EQ(potentials.plan.size(), 0);
          EXPECT_TRUE(same_matrix(potentials.row_potential, expected.row_potential));
          EXPECT_EQ(potentials.cost, expected.cost);
          EXPECT_NEAR(potentials.column_error, expected.column_error, 1e-6);
        }
      }
  });
}

TEST(Sinkhorn, FloatAgreesWithDouble) {
  Random random(10);
  const RowMatrix<double> cost = normal_matrix<float>(random, 60, 9).cwiseAbs().cast<double>();
  const RowMatrix<float> narrow = cost.cast<float>();
  for (const auto algorithm : parallel_algorithms) {
    const SinkhornOptions options{.epsilon = 0.05, .algorithm = algorithm, .tolerance = 2e-6, .max_iterations = 5000};
    const auto wide = sinkhorn(cost, {}, {}, options);
    const auto result = sinkhorn(narrow, {}, {}, options);
    EXPECT_EQ(result.status, Status::converged);
    EXPECT_LE((result.plan.cast<double>() - wide.plan).cwiseAbs().sum(), 2e-5);
    EXPECT_TRUE(verify_sinkhorn(
        result, to_verify(narrow, Vector::Constant(60, 1.0 / 60), Vector::Constant(9, 1.0 / 9), options), 1e-5, 1e-3));
  }
}

TEST(Sinkhorn, AMassIsAsManyCopies) {
  Random random(11);
  const RowMatrix<double> cost = random_costs(random, 5, 4, false);
  Vector a(5);
  a << 1, 3, 0, 2, 1;
  RowMatrix<double> copies(7, 4);
  copies << cost.row(0), cost.row(1), cost.row(1), cost.row(1), cost.row(3), cost.row(3), cost.row(4);
  const Vector b = Vector::Constant(4, 1.75);
  for (const bool relaxed : {false, true}) {
    SinkhornOptions options = precise({.epsilon = 0.1});
    if (relaxed) options.rows = options.columns = RelaxedMass{1};
    const auto weighted = sinkhorn(cost, a, b, options).plan;
    const auto copied = sinkhorn(copies, Vector::Ones(7), b, options).plan;
    EXPECT_LE((weighted.row(1) - copied.middleRows(1, 3).colwise().sum()).cwiseAbs().maxCoeff(), relaxed ? 1e-1 : 1e-9);
    EXPECT_LE((copied.row(1) - copied.row(3)).cwiseAbs().maxCoeff(), 1e-12);
    if (!relaxed) {
      EXPECT_LE((weighted.row(3) - 2 * copied.row(4)).cwiseAbs().maxCoeff(), 1e-9);
    }
  }
}

// ---- ways to get there ----

TEST(Sinkhorn, RelaxationAndEpsilonScalingReachTheSamePlan) {
  Random random(12);
  const RowMatrix<double> cost = random_costs(random, 50, 20, false);
  for (const auto algorithm : parallel_algorithms) {
    const auto plain = sinkhorn(cost, {}, {}, precise({.epsilon = 0.01, .algorithm = algorithm}));
    const auto relaxed = sinkhorn(cost, {}, {}, precise({.epsilon = 0.01, .algorithm = algorithm, .relaxation = 1.7}));
    const auto scaled =
        sinkhorn(cost, {}, {}, precise({.epsilon = 0.01, .algorithm = algorithm, .initial_epsilon = 1}));
    EXPECT_LE((relaxed.plan - plain.plan).cwiseAbs().maxCoeff(), 1e-9);
    EXPECT_LE((scaled.plan - plain.plan).cwiseAbs().maxCoeff(), 1e-9);
    EXPECT_LT(relaxed.iterations, plain.iterations * 3 / 4);
    EXPECT_EQ(relaxed.status, Status::converged);
  }
}

TEST(Sinkhorn, StartsFromGivenPotentials) {
  Random random(13);
  const RowMatrix<double> cost = random_costs(random, 30, 6, false);
  const auto first = sinkhorn(cost, {}, {}, {.epsilon = 0.05, .tolerance = 1e-8});
  EXPECT_GT(first.iterations, 5);
  const auto again =
      sinkhorn(cost, {}, {}, {.epsilon = 0.05, .tolerance = 1e-7, .initial_column_potential = first.column_potential});
  EXPECT_EQ(again.iterations, 1);
  EXPECT_LE((again.plan - first.plan).cwiseAbs().maxCoeff(), 1e-9);
}

TEST(Sinkhorn, StopsWhenAsked) {
  Random random(14);
  const RowMatrix<double> cost = random_costs(random, 30, 6, false);
  for (const auto algorithm : {SinkhornAlgorithm::log_domain, SinkhornAlgorithm::greenkhorn}) {
    SinkhornOptions options{.epsilon = 0.01, .algorithm = algorithm, .tolerance = 0};
    std::vector<double> moved;
    options.execution.on_progress = [&](const Progress& progress) {
      EXPECT_EQ(progress.stage, "sinkhorn");
      EXPECT_EQ(progress.step, static_cast<std::int64_t>(moved.size()) + 1);
      EXPECT_EQ(progress.steps, 1000);
      moved.push_back(progress.objective);
      return progress.step < 4;
    };
    const auto stopped = sinkhorn(cost, {}, {}, options);
    EXPECT_EQ(stopped.status, Status::cancelled);
    EXPECT_EQ(stopped.iterations, 4);
    EXPECT_LT(moved[3], moved[0]);
    options.execution.on_progress = {};
    options.max_iterations = 4;
    const auto limited = sinkhorn(cost, {}, {}, options);
    EXPECT_EQ(limited.status, Status::iteration_limit);
    EXPECT_TRUE(same_matrix(limited.plan, stopped.plan));
  }
}

// ---- new rows ----

TEST(Sinkhorn, PredictsAsThePlanSharesRows) {
  Random random(15);
  const RowMatrix<double> cost = random_costs(random, 40, 7, false);
  Vector b = random_masses(random, 7);
  b[2] = 0;
  b /= b.sum();
  const auto model = sinkhorn(cost, {}, b, precise({.epsilon = 0.05}));
  const RowMatrix<double> shares = predict_proba(model, cost);
  EXPECT_LE((shares - model.plan * 40).cwiseAbs().maxCoeff(), 1e-9);
  const Labels labels = predict(model, cost);
  for (Index i = 0; i < 40; ++i) {
    Index largest = 0;
    model.plan.row(i).maxCoeff(&largest);
    EXPECT_EQ(labels[i], largest);
  }
  EXPECT_EQ(predict(model, RowMatrix<double>(0, 7)).size(), 0);
  // The lower column on ties.
  EXPECT_EQ(predict(sinkhorn(RowMatrix<double>::Zero(4, 3), {}, {}), RowMatrix<double>::Zero(2, 3)), Labels::Zero(2));
}

}  // namespace
}  // namespace sinkhorn_test
