#include <corymb/datasets/generators.hpp>
#include <corymb/metrics/external.hpp>
#include <corymb/partition/kmeans.hpp>
#include <corymb/transport/partial_assignment.hpp>
#include <corymb/transport/semantic_assignment.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "support/matrices.hpp"
#include "support/message_of.hpp"

namespace partial_assignment_test {
namespace {

using namespace corymb;
using namespace corymb_test;

constexpr double infinity = std::numeric_limits<double>::infinity();

/// The scaling iterations of the paper, as they are written, in long double: the plan without its virtual column.
Eigen::MatrixXd oracle(const Eigen::MatrixXd& cost, const Vector& row_mass, const Vector& prior, double mass,
                       double strength, double epsilon) {
  using Matrix = Eigen::Matrix<long double, Eigen::Dynamic, Eigen::Dynamic>;
  const Index n = cost.rows(), k = cost.cols();
  Matrix kernel = Matrix::Ones(n, k + 1);
  for (Index i = 0; i < n; ++i)
    for (Index j = 0; j < k; ++j) kernel(i, j) = std::exp(static_cast<long double>(-cost(i, j)) / epsilon);
  Matrix beta(k + 1, 1), b = Matrix::Ones(k + 1, 1), a(n, 1);
  for (Index j = 0; j < k; ++j) beta(j) = mass * prior[j];
  beta(k) = 1 - static_cast<long double>(mass);
  const long double power = std::isinf(strength) ? 1 : strength / (strength + static_cast<long double>(epsilon));
  for (int sweep = 0; sweep < 100000; ++sweep) {
    const Matrix before = b;
    a = row_mass.cast<long double>().cwiseQuotient((kernel * b).col(0));
    b = beta.cwiseQuotient(kernel.transpose() * a);
    for (Index j = 0; j < k; ++j) b(j) = std::pow(b(j), power);
    if ((b - before).cwiseAbs().maxCoeff() < 1e-16L * b.cwiseAbs().maxCoeff()) break;
  }
  a = row_mass.cast<long double>().cwiseQuotient((kernel * b).col(0));
  return (a.asDiagonal() * kernel * b.asDiagonal()).leftCols(k).cast<double>();
}

RowMatrix<double> random_costs(Random& random, Index n, Index k) {
  return softmax_costs(normal_matrix<double>(random, n, k), 2);
}

TEST(PartialAssignment, IsThePlanOfTheDefinition) {
  for (std::uint64_t seed = 0; seed < instances; ++seed) {
    Random random(seed);
    const Index n = 2 + random.below(20), k = 1 + random.below(6);
    const RowMatrix<double> cost = random_costs(random, n, k);
    Vector weights = Vector::Ones(n), prior = Vector::Constant(k, 1.0 / static_cast<double>(k));
    for (double& w : weights) w = 0.2 + random.uniform();
    for (double& p : prior) p = 0.1 + random.uniform();
    prior /= prior.sum();
    const double mass = seed % 5 == 0 ? 1 : 0.05 + 0.9 * random.uniform(), strength = seed % 3 == 0 ? infinity : 1;
    for (const auto algorithm : {SinkhornAlgorithm::log_domain, SinkhornAlgorithm::scaling}) {
      const auto result = progressive_partial_assignment(cost, mass,
                                                         {.strength = strength,
                                                          .prior = prior,
                                                          .prior_order = PriorOrder::as_given,
                                                          .weights = weights,
                                                          .algorithm = algorithm,
                                                          .tolerance = 1e-13,
                                                          .max_iterations = 20000});
      const Vector row_mass = weights / weights.sum();
      const Eigen::MatrixXd expected = oracle(cost, row_mass, prior, mass, strength, 0.1);
      ASSERT_LE((row_mass.asDiagonal() * result.memberships - expected).cwiseAbs().maxCoeff(), 1e-9) << "seed " << seed;
      EXPECT_NEAR(result.cluster_mass.sum(), mass, 1e-6);
      EXPECT_LE(result.memberships.rowwise().sum().maxCoeff(), 1 + 1e-9);
      EXPECT_LE((result.memberships.rowwise().sum() - result.confidence).cwiseAbs().maxCoeff(), 1e-9);
      for (Index i = 0; i < n; ++i)
        EXPECT_EQ(result.memberships(i, result.labels[i]), result.memberships.row(i).maxCoeff());
    }
  }
}

TEST(PartialAssignment, ThePriorGoesToTheClustersByTheirPredictedMass) {
  RowMatrix<double> logits(6, 3);
  logits << 0, 9, 0, 0, 9, 0, 0, 9, 0, 0, 0, 9, 0, 0, 9, 9, 0, 0;  // three rows of cluster 1, two of 2, one of 0
  const RowMatrix<double> cost = softmax_costs(logits);
  PartialAssignmentOptions options{.prior = Vector(3)};
  options.prior << 30, 10, 20;
  const auto sorted = progressive_partial_assignment(cost, 1, options);
  EXPECT_NEAR(sorted.prior[1], 1.0 / 2, 1e-12);
  EXPECT_NEAR(sorted.prior[2], 1.0 / 3, 1e-12);
  EXPECT_NEAR(sorted.prior[0], 1.0 / 6, 1e-12);
  options.prior_order = PriorOrder::as_given;
  EXPECT_NEAR(progressive_partial_assignment(cost, 1, options).prior[0], 1.0 / 2, 1e-12);
}

TEST(PartialAssignment, SureRowsAreAssignedFirst) {
  RowMatrix<double> logits = RowMatrix<double>::Zero(10, 2);
  for (Index i = 0; i < 5; ++i) logits(i, i % 2) = 8;  // sure; the others are not
  const auto result = progressive_partial_assignment(softmax_costs(logits), 0.5);
  EXPECT_GT(result.confidence.head(5).minCoeff(), 0.9);
  EXPECT_LT(result.confidence.tail(5).maxCoeff(), 0.1);
}

TEST(PartialAssignment, GoesOnFromAnEarlierOne) {
  Random random(4);
  const RowMatrix<double> cost = random_costs(random, 60, 5);
  const auto first = progressive_partial_assignment(cost, 0.4);
  const auto again = progressive_partial_assignment(cost, 0.4, {.initial_column_potential = first.column_potential});
  EXPECT_GT(first.iterations, 3);
  EXPECT_LE(again.iterations, 2);
  EXPECT_LE((again.memberships - first.memberships).cwiseAbs().maxCoeff(), 1e-6);
}

TEST(PartialAssignment, FloatThreadsAndComputedCosts) {
  Random random(5);
  const RowMatrix<double> cost = random_costs(random, 20000, 5);
  const auto one = progressive_partial_assignment(cost, 0.4, {.execution = {.threads = 1}});
  const auto two = progressive_partial_assignment(cost, 0.4, {.execution = {.threads = 2}});
  EXPECT_TRUE(same_matrix(one.memberships, two.memberships));
  const auto narrow = progressive_partial_assignment(cost.cast<float>(), 0.4);
  EXPECT_LE((narrow.memberships.cast<double>() - one.memberships).cwiseAbs().maxCoeff(), 1e-4);
}

TEST(PartialAssignment, ProgressiveMass) {
  EXPECT_DOUBLE_EQ(progressive_mass(10, 10), 1);
  EXPECT_DOUBLE_EQ(progressive_mass(0, 10), 0.1 + 0.9 * std::exp(-5));
  EXPECT_DOUBLE_EQ(progressive_mass(5, 10), 0.1 + 0.9 * std::exp(-1.25));
  EXPECT_DOUBLE_EQ(progressive_mass(5, 10, 0.2, MassRamp::linear), 0.6);
  expect_message([] { progressive_mass(11, 10); }, "corymb::progressive_mass: step = 11 must be in [0, steps = 10]");
  expect_message([] { progressive_mass(0, 0); }, "corymb::progressive_mass: steps = 0 must be ≥ 1");
}

TEST(PartialAssignment, SoftmaxCosts) {
  RowMatrix<double> logits(1, 2);
  logits << 1000, 1001;
  const RowMatrix<double> cost = softmax_costs(logits);
  EXPECT_NEAR(std::exp(-cost(0, 0)) + std::exp(-cost(0, 1)), 1, 1e-12);
  EXPECT_NEAR(cost(0, 0) - cost(0, 1), 1, 1e-12);
}

TEST(PartialAssignment, BadArguments) {
  const RowMatrix<double> cost = RowMatrix<double>::Zero(4, 2);
  const auto with = [&](double mass, const PartialAssignmentOptions& options) {
    return message_of([&] { progressive_partial_assignment(cost, mass, options); });
  };
  const std::string name = "corymb::progressive_partial_assignment: ";
  EXPECT_EQ(with(0, {}), name + "mass = 0 must be in (0, 1]");
  EXPECT_EQ(with(1.5, {}), name + "mass = 1.5 must be in (0, 1]");
  EXPECT_EQ(with(0.5, {.strength = 0}), name + "strength = 0 must be > 0");
  EXPECT_EQ(with(0.5, {.epsilon = 0}), name + "epsilon = 0 must be finite and > 0");
  EXPECT_EQ(with(0.5, {.prior = Vector::Ones(3)}), name + "prior has 3 entries; one per cluster, k = 2, is needed");
  EXPECT_EQ(with(0.5, {.prior = Vector::Zero(2)}), name + "prior is 0 altogether");
  EXPECT_EQ(with(0.5, {.weights = Vector::Ones(3)}), name + "weights has 3 entries; one per row, n = 4, is needed");
  EXPECT_EQ(with(0.5, {.algorithm = SinkhornAlgorithm::greenkhorn}),
            name + "algorithm must be log_domain or scaling: greenkhorn needs exact masses");
  EXPECT_EQ(with(0.5, {.initial_column_potential = Vector::Zero(2)}),
            name + "initial_column_potential has 2 entries; k + 1 = 3 are needed, or none");
}

// ---- uneven clusters ----

/// Blobs of which the largest has 100 times the points of the smallest, and costs of an imperfect model of them.
struct LongTail {
  explicit LongTail(std::uint64_t seed) {
    Random random(seed);
    constexpr Index k = 8;
    std::vector<Index> sizes;
    Index n = 0;
    for (Index c = 0; c < k; ++c) {
      sizes.push_back(static_cast<Index>(std::round(1000 * std::pow(0.01, static_cast<double>(c) / (k - 1)))));
      n += sizes.back();
    }
    X.resize(n, 2);
    labels.resize(n);
    RowMatrix<double> centres(k, 2);
    for (Index c = 0, i = 0; c < k; ++c) {
      const double angle = 2 * 3.14159265358979 * static_cast<double>(c) / k;
      centres.row(c) << 4 * std::cos(angle), 4 * std::sin(angle);
      for (Index m = 0; m < sizes[static_cast<std::size_t>(c)]; ++m, ++i) {
        X.row(i) << centres(c, 0) + random.normal(), centres(c, 1) + random.normal();
        labels[i] = static_cast<std::int32_t>(c);
      }
    }
    logits.resize(n, k);
    for (Index i = 0; i < n; ++i)
      for (Index c = 0; c < k; ++c) logits(i, c) = -0.5 * (X.row(i) - centres.row(c)).squaredNorm();
  }
  RowMatrix<double> X, logits;
  Labels labels;
};

double macro_f1(const Labels& truth, const Labels& predicted, Index k) {
  double sum = 0;
  for (Index c = 0; c < k; ++c) {
    double both = 0, either = 0;
    for (Index i = 0; i < truth.size(); ++i) {
      both += truth[i] == c && predicted[i] == c;
      either += (truth[i] == c) + (predicted[i] == c);
    }
    sum += either > 0 ? 2 * both / either : 0;
  }
  return sum / static_cast<double>(k);
}

TEST(PartialAssignment, BeatsEqualPartitionOnALongTail) {
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    const LongTail data(seed);
    const RowMatrix<double> cost = softmax_costs(data.logits);
    const auto equal = sinkhorn(cost, {}, {}, {.epsilon = 0.1, .algorithm = SinkhornAlgorithm::scaling});
    const Labels of_equal = predict(equal, cost);
    const auto partial = progressive_partial_assignment(cost, 0.9);
    const auto accuracy = [&](const Labels& labels) {
      return (labels.array() == data.labels.array()).cast<double>().mean();
    };
    EXPECT_GT(accuracy(partial.labels), accuracy(of_equal) + 0.2);
    EXPECT_GT(macro_f1(data.labels, partial.labels, 8), macro_f1(data.labels, of_equal, 8) + 0.1);
  }
}

// ---- SP²OT ----

TEST(SemanticAssignment, TheObjectiveNeverRises) {
  for (std::uint64_t seed = 0; seed < instances / 20; ++seed) {
    Random random(seed);
    const Index n = 10 + random.below(40), k = 2 + random.below(4);
    const RowMatrix<double> X = random_rows<double>(random, seed, n, 3);
    const RowMatrix<double> cost = random_costs(random, n, k);
    const auto similarity = semantic_similarity(X, {.neighbors = 5});
    const double mass = 0.2 + 0.7 * random.uniform();
    const auto result = semantic_progressive_partial_assignment(
        cost, similarity, mass,
        {.assignment = {.tolerance = 1e-10, .max_iterations = 10000}, .similarity_weight = random.uniform()});
    ASSERT_EQ(result.status, Status::converged);
    for (std::size_t i = 1; i < result.history.size(); ++i)
      ASSERT_LE(result.history[i], result.history[i - 1]) << "seed " << seed << ", iteration " << i;
    EXPECT_NEAR(result.assignment.cluster_mass.sum(), mass, 1e-6);
    EXPECT_LE(result.assignment.memberships.rowwise().sum().maxCoeff(), 1 + 1e-9);
  }
}

TEST(SemanticAssignment, WithoutWeightItIsThePartialAssignment) {
  Random random(2);
  const RowMatrix<double> X = normal_matrix<double>(random, 50, 2), cost = random_costs(random, 50, 4);
  const auto semantic = semantic_progressive_partial_assignment(
      cost, semantic_similarity(X), 0.6,
      SemanticAssignmentOptions{.assignment = {.tolerance = 1e-10}, .similarity_weight = 0.0});
  const auto partial = progressive_partial_assignment(cost, 0.6, {.tolerance = 1e-10});
  EXPECT_LE((semantic.assignment.memberships - partial.memberships).cwiseAbs().maxCoeff(), 1e-6);
  EXPECT_NEAR(semantic.objective, partial.objective, 1e-8);
}

TEST(SemanticAssignment, SimilarRowsAgreeMore) {
  Random random(3);
  RowMatrix<double> X(60, 2);
  for (Index i = 0; i < 60; ++i) X.row(i) << (i < 30 ? 0 : 20) + random.normal(), random.normal();
  const RowMatrix<double> cost = softmax_costs(normal_matrix<double>(random, 60, 2));
  const auto agreement = [&](const Labels& labels) {
    const double first = labels.head(30).cast<double>().mean(), second = labels.tail(30).cast<double>().mean();
    return std::max(first, 1 - first) + std::max(second, 1 - second);
  };
  SemanticAssignmentOptions options;
  options.similarity_weight = 0.2;
  const auto semantic = semantic_progressive_partial_assignment(cost, semantic_similarity(X), 0.9, options);
  const auto partial = progressive_partial_assignment(cost, 0.9);
  EXPECT_GT(agreement(semantic.assignment.labels), agreement(partial.labels) + 0.1);
}

TEST(SemanticAssignment, Similarities) {
  RowMatrix<double> X(4, 1);
  X << 0, 1, 3, 3;
  const auto similarity = semantic_similarity(X, {.neighbors = 1, .sigma = 1});
  EXPECT_EQ(similarity.nonZeros(), 4);
  EXPECT_DOUBLE_EQ(similarity.coeff(0, 1), std::exp(-0.5));
  EXPECT_DOUBLE_EQ(similarity.coeff(1, 0), std::exp(-0.5));
  EXPECT_DOUBLE_EQ(similarity.coeff(2, 3), 1);
  EXPECT_EQ(similarity.coeff(0, 0), 0);
  EXPECT_EQ(semantic_similarity(X.topRows(1)).nonZeros(), 0);
  EXPECT_EQ(semantic_similarity(X).nonZeros(), 12);  // all others
  expect_message([&] { semantic_similarity(X, {.sigma = 0}); },
                 "corymb::semantic_similarity: sigma = 0 must be finite and > 0");
  expect_message([&] { semantic_progressive_partial_assignment(RowMatrix<double>::Zero(3, 2), similarity, 0.5); },
                 "corymb::semantic_progressive_partial_assignment: similarity is 4 x 4; n x n, n = 3, is needed");
}

}  // namespace
}  // namespace partial_assignment_test
