#include <corymb/datasets/generators.hpp>
#include <corymb/transport/balanced_assignment.hpp>
#include <corymb/transport/balanced_kmeans.hpp>
#include <corymb/transport/doubly_stochastic.hpp>
#include <corymb/transport/exact_transport.hpp>
#include <corymb/transport/online_prototypes.hpp>
#include <corymb/transport/prototype_alignment.hpp>
#include <corymb/transport/semantic_assignment.hpp>
#include <corymb/transport/sinkhorn.hpp>
#include <corymb/transport/sinkhorn_batch.hpp>
#include <corymb/transport/soft_balanced_kmeans.hpp>

#include <gtest/gtest.h>

#include <vector>

// The code of docs/transport.md and docs/balanced_kmeans.md.

namespace transport_page {
namespace {

#pragma GCC diagnostic ignored "-Wunused-value"  // the pages name the members of a result

using corymb::RowMatrix;
using corymb::Vector;

TEST(TransportPage, Plans) {
  const RowMatrix<double> X = corymb::make_blobs(60, 2, 3).points, X_new = corymb::make_blobs(10, 2, 3).points;
  const RowMatrix<double> centroids = X.topRows(3);
  RowMatrix<double> cost(60, 3);
  corymb::point_costs(X, centroids).block(0, 60, 0, 3, cost.data());
  cost /= cost.maxCoeff();
  const Vector row_mass = Vector::Constant(60, 1.0 / 60), column_mass = Vector::Constant(3, 1.0 / 3);

  // clang-format off
  auto p = corymb::sinkhorn(cost, row_mass, column_mass, {.epsilon = 0.05});
  p.plan;                            // n × k, with these masses
  p.cost;                            // Σ plan · cost
  p.row_potential;                   // n; plan = exp((row + column potential − cost) / ε)
  p.column_error;                    // by how much the columns are missed
  auto exact = corymb::exact_transport(cost, row_mass, column_mass);  // the cheapest plan, and the proof
  // clang-format on
  EXPECT_GE(p.cost, exact.cost - 1e-5);

  // clang-format off
  auto streamed = corymb::sinkhorn(corymb::point_costs(X, centroids), {}, {}, {.epsilon = 1, .plan = false});
  auto shares = corymb::predict_proba(streamed, corymb::point_costs(X_new, centroids));
  // clang-format on
  EXPECT_EQ(shares.rows(), 10);

  // clang-format off
  auto unbalanced = corymb::sinkhorn(cost, row_mass, column_mass,
                                     {.rows = corymb::RelaxedMass{1}, .columns = corymb::RelaxedMass{1}});
  auto partial = corymb::sinkhorn(cost, row_mass, column_mass,
                                  {.rows = corymb::BoundedMass{}, .columns = corymb::BoundedMass{}, .total_mass = 0.5});
  // clang-format on
  EXPECT_GT(unbalanced.row_error, 0);
  EXPECT_NEAR(partial.plan.sum(), 0.5, 1e-5);
}

TEST(TransportPage, Assignments) {
  const RowMatrix<double> X = corymb::make_blobs(90, 2, 3).points, X_new = corymb::make_blobs(10, 2, 3).points;
  const RowMatrix<double> centroids = X.topRows(3), cost = RowMatrix<double>::Random(90, 3),
                          cost_new = RowMatrix<double>::Random(5, 3), scores = cost, logits = cost;
  const corymb::Index step = 3, steps = 10;
  const Vector sizes = Vector::Ones(3);
  std::vector<corymb::TransportProblem<double>> problems(4);
  for (auto& problem : problems) problem.cost = cost;

  // clang-format off
  auto b = corymb::balanced_assignment(cost, {.min_size = {10}, .max_size = {60}});
  b.labels;       // every cluster has 10 to 60 rows
  b.memberships;  // the soft plan
  b.prices;       // a new row goes where cost − price is least
  auto y = corymb::predict(b, cost_new);
  auto equal = corymb::balanced_assignment(-scores);  // equal partition, as in SwAV; scores are to be high
  // clang-format on
  EXPECT_EQ(y.size(), 5);
  EXPECT_EQ(equal.sizes.maxCoeff(), 30);

  // clang-format off
  auto labelled = corymb::progressive_partial_assignment(corymb::softmax_costs(logits, 10),
                                                         corymb::progressive_mass(step, steps), {.strength = 1});
  labelled.memberships;  // n × k
  labelled.confidence;   // n, in [0, 1]: a weight for the row
  auto semantic = corymb::semantic_progressive_partial_assignment(corymb::softmax_costs(logits, 10),
                                                                  corymb::semantic_similarity(X), 0.5);
  // clang-format on
  EXPECT_LE(labelled.confidence.maxCoeff(), 1);
  EXPECT_EQ(semantic.assignment.labels.size(), 90);

  // clang-format off
  auto results = corymb::sinkhorn_batch(problems, {.epsilon = 0.1});      // many small problems, in parallel
  auto gamma = corymb::doubly_stochastic(corymb::coding_similarity(X));   // rows and columns sum to one
  auto moved = corymb::align_prototypes(centroids, X_new);                // prototypes that follow their queries
  auto soft = corymb::soft_balanced_kmeans(X, 3, {.sizes = sizes});       // clusters of given sizes, soft
  corymb::OnlinePrototypes model(X, 3);                                   // rows in batches: each shared out equally
  auto batch_labels = model.partial_fit(X_new);
  // clang-format on
  EXPECT_EQ(results.size(), 4u);
  EXPECT_NEAR(gamma.matrix.sum(), 90, 1e-3);
  EXPECT_EQ(moved.labels.size(), 10);
  EXPECT_NEAR(soft.sizes.sum(), 90, 1e-3);
  EXPECT_EQ(batch_labels.size(), 10);
}

TEST(BalancedKMeansPage, Code) {
  const RowMatrix<double> X = corymb::make_blobs(200, 3, 8).points, X_new = corymb::make_blobs(50, 3, 8).points;

  // clang-format off
  auto r = corymb::balanced_kmeans(X, 8, {.min_size = {20}, .max_size = {30}, .restarts = 4, .seed = 42});
  r.labels;     // n cluster numbers
  r.centroids;  // 8 × d
  r.sizes;      // rows of each cluster, 20 to 30
  r.prices;     // what it is worth that a cluster may have one row more
  r.inertia;    // sum of squared distances

  auto equal = corymb::balanced_kmeans(X, 8);    // 25 rows each
  corymb::Labels y = corymb::predict(r, X_new);  // least squared distance − price
  auto distances = corymb::transform(r, X_new);  // m × 8
  // clang-format on
  EXPECT_EQ(equal.sizes.maxCoeff(), 25);
  EXPECT_EQ(y.size(), distances.rows());

  const RowMatrix<double> cost = corymb::transform(r, X).leftCols(3);
  // clang-format off
  auto a = corymb::capacity_assignment(cost, {.min_size = {0, 0, 10}, .max_size = {50, 50, 200}});
  a.labels;  // the column of each row
  a.cost;    // the least sum that the bounds allow
  a.prices;  // which prove it
  // clang-format on
  EXPECT_LE(a.sizes[0], 50);
}

}  // namespace
}  // namespace transport_page
