// What is built on sinkhorn: batches, doubly stochastic matrices, prototypes, soft k-means of given sizes.
#include <corymb/datasets/bundled.hpp>
#include <corymb/metrics/external.hpp>
#include <corymb/transport/doubly_stochastic.hpp>
#include <corymb/transport/online_prototypes.hpp>
#include <corymb/transport/prototype_alignment.hpp>
#include <corymb/transport/sinkhorn_batch.hpp>
#include <corymb/transport/soft_balanced_kmeans.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "support/matrices.hpp"
#include "support/message_of.hpp"

namespace transport_uses_test {
namespace {

using namespace corymb;
using namespace corymb_test;

// ---- batches ----

std::vector<TransportProblem<float>> random_problems(Index count) {
  Random random(1);
  std::vector<TransportProblem<float>> problems;
  for (Index p = 0; p < count; ++p) {
    const Index n = 1 + random.below(20), k = 1 + random.below(20);
    problems.push_back({normal_matrix<float>(random, n, k).cwiseAbs(), {}, {}});
    if (p % 3 == 0) problems.back().row_mass = Vector::Constant(n, 1.0 / static_cast<double>(n));
  }
  return problems;
}

TEST(SinkhornBatch, IsOneProblemAfterTheOther) {
  const auto problems = random_problems(60);
  for (const auto algorithm : {SinkhornAlgorithm::log_domain, SinkhornAlgorithm::scaling})
    for (const int threads : {1, 3}) {
      SinkhornOptions options{.epsilon = 0.1, .algorithm = algorithm};
      options.execution.threads = threads;
      const auto results = sinkhorn_batch(problems, options);
      ASSERT_EQ(results.size(), problems.size());
      for (std::size_t p = 0; p < problems.size(); ++p) {
        const auto one = sinkhorn(problems[p].cost, problems[p].row_mass, problems[p].column_mass, options);
        ASSERT_TRUE(same_matrix(results[p].plan, one.plan)) << p;
        ASSERT_EQ(results[p].dual_value, one.dual_value);
        ASSERT_EQ(results[p].iterations, one.iterations);
      }
    }
  EXPECT_TRUE(sinkhorn_batch(std::vector<TransportProblem<double>>{}).empty());
}

TEST(SinkhornBatch, NamesTheBadProblem) {
  auto problems = random_problems(20);
  problems[7].cost(0, 0) = std::numeric_limits<float>::quiet_NaN();
  problems[9].row_mass = Vector::Ones(99);
  for (const int threads : {1, 4})
    expect_message([&] { sinkhorn_batch(problems, {.execution = {.threads = threads}}); },
                   "corymb::sinkhorn_batch: problem 7: cost(0, 0) = nan must be a number or +infinity");
}

TEST(SinkhornBatch, StopsWhenAsked) {
  const auto problems = random_problems(60);
  SinkhornOptions options;
  options.execution.on_progress = [](const Progress& progress) { return progress.step < 16; };
  const auto results = sinkhorn_batch(problems, options);
  EXPECT_GT(results[15].plan.size(), 0);
  EXPECT_EQ(results[16].plan.size(), 0);
  EXPECT_EQ(results[59].status, Status::cancelled);
}

// ---- doubly stochastic matrices ----

TEST(DoublyStochastic, RowsAndColumnsSumToOne) {
  for_each_scalar([](auto scalar) {
    using T = decltype(scalar);
    Random random(2);
    const RowMatrix<T> similarity = coding_similarity(normal_matrix<T>(random, 40, 5));
    const auto result = doubly_stochastic(similarity);
    EXPECT_EQ(result.status, Status::converged);
    EXPECT_LE((result.matrix.rowwise().sum().array() - 1).abs().maxCoeff(), 1e-5);
    EXPECT_LE((result.matrix.colwise().sum().array() - 1).abs().sum(), 1e-3);
    // A symmetric matrix has a symmetric scaling.
    EXPECT_LE((result.matrix - result.matrix.transpose()).cwiseAbs().maxCoeff(), 1e-4);
  });
}

TEST(DoublyStochastic, FiveHalfSweepsAreThoseOfTheDefinition) {
  Random random(3);
  const RowMatrix<double> A = coding_similarity(normal_matrix<double>(random, 12, 4));
  Eigen::ArrayXXd K = (A.array() / 0.15).exp();
  Eigen::ArrayXd u = Eigen::ArrayXd::Ones(12), v = u;
  for (int half = 0; half < 5; ++half) {
    if (half % 2 == 0)
      u = 1 / (K.matrix() * v.matrix()).array();
    else
      v = 1 / (K.matrix().transpose() * u.matrix()).array();
  }
  const Eigen::MatrixXd expected = u.matrix().asDiagonal() * K.matrix() * v.matrix().asDiagonal();
  const auto result = doubly_stochastic(A, {.tolerance = 0, .max_iterations = 3});
  EXPECT_LE((result.matrix - expected).cwiseAbs().maxCoeff(), 1e-12);
}

TEST(DoublyStochastic, CodingSimilarity) {
  RowMatrix<double> codes(3, 2);
  codes << 3, 0, -5, 0, 1, 1;
  const RowMatrix<double> similarity = coding_similarity(codes);
  EXPECT_NEAR(similarity(0, 1), 1, 1e-12);
  EXPECT_NEAR(similarity(0, 2), std::sqrt(0.5), 1e-12);
  expect_message([] { doubly_stochastic(RowMatrix<double>::Zero(2, 3)); },
                 "corymb::doubly_stochastic: similarity is 2 x 3; a square matrix is needed");
  expect_message([] { doubly_stochastic(RowMatrix<double>::Zero(2, 2), {.temperature = 0}); },
                 "corymb::doubly_stochastic: temperature = 0 must be finite and > 0");
}

// ---- prototypes ----

/// Two classes of queries, both moved away from where their prototypes were found.
struct MovedClasses {
  MovedClasses() : prototypes(2, 2), queries(80, 2), labels(80) {
    Random random(4);
    prototypes << 0, 0, 4, 0;
    for (Index i = 0; i < 80; ++i) {
      labels[i] = i % 2 == 0 ? 0 : 1;
      queries.row(i) << (i % 2 == 0 ? 2.5 : 6.5) + 0.5 * random.normal(), random.normal();
    }
  }
  RowMatrix<double> prototypes, queries;
  Labels labels;
};

TEST(AlignPrototypes, FollowsItsClasses) {
  const MovedClasses data;
  const auto stay = align_prototypes(data.prototypes, data.queries, {.passes = 0});
  const auto aligned = align_prototypes(data.prototypes, data.queries);
  EXPECT_LT((stay.labels.array() == data.labels.array()).cast<double>().mean(), 0.9);
  EXPECT_EQ(aligned.labels, data.labels);
  EXPECT_EQ(aligned.passes, 10);
  EXPECT_NEAR(aligned.prototypes(0, 0), 2.5, 0.3);
}

TEST(AlignPrototypes, APassIsThatOfTheDefinition) {
  Random random(5);
  const RowMatrix<double> S = normal_matrix<double>(random, 3, 2), Q = normal_matrix<double>(random, 20, 2);
  const auto result = align_prototypes(S, Q, {.passes = 1, .tolerance = 1e-12});
  RowMatrix<double> cost(20, 3);
  for (Index i = 0; i < 20; ++i)
    for (Index j = 0; j < 3; ++j) cost(i, j) = (Q.row(i) - S.row(j)).squaredNorm();
  cost /= cost.maxCoeff();
  const Eigen::MatrixXd plan = sinkhorn(cost, {}, {}, {.epsilon = 0.05, .tolerance = 1e-12}).plan.transpose();
  const Eigen::VectorXd mass = plan.rowwise().sum();
  const Eigen::MatrixXd expected = mass.cwiseInverse().asDiagonal() * plan * Q;
  EXPECT_LE((result.prototypes - expected).cwiseAbs().maxCoeff(), 1e-9);
  expect_message([&] { align_prototypes(S, Q.leftCols(1)); },
                 "corymb::align_prototypes: prototypes has 2 columns, queries has 1; they must agree");
  expect_message([&] { align_prototypes(S, Q, {.passes = -1}); }, "corymb::align_prototypes: passes = -1 must be ≥ 0");
}

// ---- prototypes of a stream ----

/// Batches of rows in three directions, which turn a little from batch to batch.
RowMatrix<double> batch_of_directions(Random& random, int batch, Labels& truth) {
  RowMatrix<double> rows(60, 2);
  truth.resize(60);
  for (Index i = 0; i < 60; ++i) {
    truth[i] = static_cast<std::int32_t>(i % 3);
    const double angle = 2.1 * static_cast<double>(i % 3) + 0.02 * batch + 0.2 * random.normal();
    rows.row(i) << std::cos(angle), std::sin(angle);
  }
  return rows;
}

TEST(OnlinePrototypes, FollowAStream) {
  Random random(8);
  Labels truth;
  OnlinePrototypes model(batch_of_directions(random, 0, truth), 3, {.memory = 120});
  for (int batch = 1; batch <= 100; ++batch) {
    const RowMatrix<double> rows = batch_of_directions(random, batch, truth);
    const Labels labels = model.partial_fit(rows);
    EXPECT_GT(adjusted_rand_index(truth, labels), 0.9) << "batch " << batch;
    for (std::int32_t j = 0; j < 3; ++j) EXPECT_GE((labels.array() == j).count(), 18);  // equal parts
  }
  EXPECT_EQ(model.batches(), 100);
  EXPECT_EQ(model.restarts(), 0);
  // They have turned by two radians.
  EXPECT_EQ(model.partial_fit(RowMatrix<double>(0, 2)).size(), 0);
}

TEST(OnlinePrototypes, APrototypeMovesByTheMeanOfItsMemory) {
  RowMatrix<double> first(4, 1), batch(2, 1);
  first << 0, 2, 10, 12;
  batch << 4, 14;
  OnlinePrototypes model(first, 2, {.memory = 4, .momentum = 0.5, .metric = Metric::euclidean, .epsilon = 0.5});
  const bool low_first = model.prototypes()(0, 0) < 5;
  EXPECT_EQ(model.prototypes()(low_first ? 0 : 1, 0), 1);
  model.partial_fit(batch);  // the memory then holds 4, 14, 10, 12
  EXPECT_DOUBLE_EQ(model.prototypes()(low_first ? 0 : 1, 0), 0.5 * 1 + 0.5 * 4);
  EXPECT_DOUBLE_EQ(model.prototypes()(low_first ? 1 : 0, 0), 0.5 * 11 + 0.5 * 12);
}

TEST(OnlinePrototypes, StartAnewWhenAllAreOne) {
  Random random(9);
  const RowMatrix<double> rows = normal_matrix<double>(random, 8, 2);
  OnlinePrototypes model(rows, 3, {.memory = 3, .metric = Metric::euclidean});
  // Equal rows have equal plans, and so one label, which fills the memory.
  model.partial_fit(rows.topRows(1).replicate(3, 1));
  EXPECT_EQ(model.restarts(), 1);
}

TEST(OnlinePrototypes, BadArguments) {
  const RowMatrix<double> rows = RowMatrix<double>::Identity(4, 4);
  expect_message([&] { OnlinePrototypes(rows, 2, {.memory = 0}); }, "corymb::OnlinePrototypes: memory = 0 must be ≥ 1");
  expect_message([&] { OnlinePrototypes(rows, 2, {.momentum = 1}); },
                 "corymb::OnlinePrototypes: momentum = 1 must be in [0, 1)");
  OnlinePrototypes model(rows, 2);
  const RowMatrix<double> before = model.prototypes();
  expect_message([&] { model.partial_fit(rows.leftCols(2)); },
                 "corymb::OnlinePrototypes::partial_fit: batch has 2 columns, the model has 4; they must agree");
  RowMatrix<double> bad = rows;
  bad(1, 2) = std::numeric_limits<double>::infinity();
  expect_message([&] { model.partial_fit(bad); },
                 "corymb::OnlinePrototypes::partial_fit: batch(1, 2) = inf must be finite");
  EXPECT_TRUE(same_matrix(model.prototypes(), before));
}

// ---- soft k-means of given sizes ----

TEST(SoftBalancedKMeans, MeetsTheSizes) {
  for_each_scalar([](auto scalar) {
    using T = decltype(scalar);
    const RowMatrix<T> X = iris().points.template cast<T>();
    Vector sizes(3);
    sizes << 1, 2, 3;
    const auto result = soft_balanced_kmeans(X, 3, {.sizes = sizes, .seed = 1});
    EXPECT_EQ(result.status, Status::converged);
    EXPECT_LE((result.sizes - sizes * 25).cwiseAbs().sum(), 150 * result.transport.column_error * 1.01 + 1e-4);
    EXPECT_LE(result.transport.column_error, 1e-3);
    EXPECT_LE((result.memberships.rowwise().sum().array() - 1).abs().maxCoeff(), 1e-5);
    EXPECT_TRUE(same_matrix(predict(result, X), result.labels));
    EXPECT_TRUE(same_matrix(predict_proba(result, X), result.memberships));
    // Centroids are the means of what they receive.
    const auto means =
        (result.memberships.transpose() * X).array().colwise() / result.memberships.colwise().sum().transpose().array();
    EXPECT_LE((means - result.centroids.array()).abs().maxCoeff(), 0.05);
  });
}

TEST(SoftBalancedKMeans, TheObjectiveFalls) {
  Random random(6);
  for (std::uint64_t seed = 0; seed < 10; ++seed) {
    const RowMatrix<double> X = grouped_rows<double>(random, seed, 60, 2);
    double before = std::numeric_limits<double>::infinity();
    SoftBalancedKMeansOptions options{.transport_tolerance = 1e-10, .transport_max_iterations = 20000, .seed = seed};
    options.execution.on_progress = [&](const Progress& progress) {
      if (progress.stage == "seeding") return true;
      EXPECT_LE(progress.objective, before + 1e-9 * std::abs(before)) << "seed " << seed;
      before = progress.objective;
      return true;
    };
    soft_balanced_kmeans(X, 4, options);
  }
}

TEST(SoftBalancedKMeans, ThreadsLayoutsWeights) {
  Random random(7);
  const RowMatrix<double> X = normal_matrix<double>(random, 12000, 3);
  const auto one = soft_balanced_kmeans(X, 4, {.seed = 3, .execution = {.threads = 1}});
  EXPECT_TRUE(
      same_matrix(soft_balanced_kmeans(X, 4, {.seed = 3, .execution = {.threads = 3}}).centroids, one.centroids));
  EXPECT_TRUE(same_matrix(soft_balanced_kmeans(Eigen::MatrixXd(X), 4, {.seed = 3}).centroids, one.centroids));
  // A row without weight moves nothing and still gets memberships.
  RowMatrix<double> more(12001, 3);
  more << X, RowMatrix<double>::Constant(1, 3, 50);
  Vector weights = Vector::Ones(12001);
  weights[12000] = 0;
  const auto with = soft_balanced_kmeans(more, 4, {.weights = weights, .seed = 3});
  EXPECT_NEAR(with.memberships.row(12000).sum(), 1, 1e-9);
  EXPECT_LE(with.centroids.cwiseAbs().maxCoeff(), 5);
}

TEST(SoftBalancedKMeans, EdgesAndErrors) {
  const RowMatrix<double> same = RowMatrix<double>::Ones(5, 2);
  const auto result = soft_balanced_kmeans(same, 2);
  EXPECT_TRUE(result.memberships.isApproxToConstant(0.5, 1e-9));
  EXPECT_EQ(soft_balanced_kmeans(RowMatrix<double>(RowMatrix<double>::Random(1, 2)), 1).labels[0], 0);
  const auto with = [&](Index k, const SoftBalancedKMeansOptions& options) {
    return message_of([&] { soft_balanced_kmeans(same, k, options); });
  };
  EXPECT_EQ(with(6, {}), "corymb::soft_balanced_kmeans: k = 6 must be in [1, n = 5]");
  EXPECT_EQ(with(2, {.sizes = Vector::Ones(3)}),
            "corymb::soft_balanced_kmeans: sizes has 3 entries; one per cluster, k = 2, is needed");
  EXPECT_EQ(with(2, {.relative_epsilon = 0}),
            "corymb::soft_balanced_kmeans: relative_epsilon = 0 must be finite and > 0");
  SoftBalancedKMeansOptions cancel;
  cancel.execution.on_progress = [](const Progress&) { return false; };
  EXPECT_EQ(soft_balanced_kmeans(same, 2, cancel).status, Status::cancelled);
}

}  // namespace
}  // namespace transport_uses_test
