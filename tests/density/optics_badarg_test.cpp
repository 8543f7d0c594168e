#include <corymb/density/optics.hpp>

#include <gtest/gtest.h>

#include <limits>
#include <span>

#include "support/message_of.hpp"

namespace optics_badarg_test {
namespace {

using namespace corymb;
using corymb_test::expect_message;

constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();
constexpr double infinity = std::numeric_limits<double>::infinity();

TEST(OpticsBadArguments, OfRows) {
  RowMatrix<double> X = RowMatrix<double>::Zero(4, 2);
  const auto call = [&](Index min_samples, const OpticsOptions& options = {}) {
    return [=] { optics(X, min_samples, options); };
  };
  expect_message(call(0), "corymb::optics: min_samples = 0 must be ≥ 1");
  expect_message(call(2, {.max_eps = -1}), "corymb::optics: max_eps = -1 must be ≥ 0");
  expect_message(call(2, {.max_eps = not_a_number}), "corymb::optics: max_eps = nan must be ≥ 0");
  expect_message(call(2, {.metric = Metric::cosine, .search = NeighborSearch::kd_tree}),
                 "corymb::optics: search = kd_tree needs the metric euclidean, manhattan or chebyshev, or haversine on "
                 "data in double");
  expect_message(call(2, {.search = NeighborSearch::ball_tree}),
                 "corymb::optics: search = ball_tree needs the metric manhattan, chebyshev, minkowski, canberra, "
                 "hamming or jaccard, or a callable that is a metric");
  expect_message(call(2, {.execution = {.threads = -1}}),
                 "corymb::optics: execution.threads = -1 must be in [0, 1024] (0 = all)");
  expect_message([&] { optics(RowMatrix<double>(4, 0), 2); }, "corymb::optics: X has 0 columns; at least 1 is needed");
  X(2, 1) = not_a_number;
  expect_message([&] { optics(X, 2); }, "corymb::optics: X(2, 1) = nan must be finite");
}

TEST(OpticsBadArguments, OfDistances) {
  const RowMatrix<double> X = RowMatrix<double>::Zero(4, 2);
  const auto f = [](std::span<const double>, std::span<const double>) { return -1.0; };
  expect_message([&] { optics(X, 2, f, {.metric = Metric::euclidean}); },
                 "corymb::optics: metric must be empty: the distances are those of the callable");
  expect_message([&] { optics(X, 0, f); }, "corymb::optics: min_samples = 0 must be ≥ 1");
  expect_message([&] { optics(X, 2, f); },
                 "corymb::optics: the distance of rows 0 and 0 is -1; it must be finite and ≥ 0");
  const RowMatrix<double> D = RowMatrix<double>::Ones(3, 3), zero = RowMatrix<double>::Zero(3, 3);
  expect_message([&] { optics(DistanceMatrix(D), 2); },
                 "corymb::optics: D(0, 0) = 1 must be 0: it is the distance of an object to itself");
  expect_message([&] { optics(DistanceMatrix(zero), 2, {.metric = Metric::euclidean}); },
                 "corymb::optics: metric must be empty: the distances are those of the matrix");
  expect_message([&] { optics(DistanceMatrix(zero), 2, {.max_eps = -2}); }, "corymb::optics: max_eps = -2 must be ≥ 0");
  const auto objects = dissimilarity(3, [](Index i, Index j) { return i == j ? 0.0 : not_a_number; });
  expect_message([&] { optics(objects, 0); }, "corymb::optics: min_samples = 0 must be ≥ 1");
  expect_message([&] { optics(objects, 1); },
                 "corymb::optics: the distance of objects 0 and 1 is nan; it must be finite and ≥ 0");
}

TEST(OpticsBadArguments, OfClusters) {
  const RowMatrix<double> X = RowMatrix<double>::Random(5, 2);
  const OpticsResult result = optics(X, 2), limited = optics(X, 2, {.max_eps = 0.5});
  expect_message([&] { cut(result, -1); }, "corymb::cut: eps = -1 must be finite and in [0, max_eps = inf]");
  expect_message([&] { cut(result, infinity); }, "corymb::cut: eps = inf must be finite and in [0, max_eps = inf]");
  expect_message([&] { cut(result, not_a_number); }, "corymb::cut: eps = nan must be finite and in [0, max_eps = inf]");
  expect_message([&] { cut(limited, 0.75); }, "corymb::cut: eps = 0.75 must be finite and in [0, max_eps = 0.5]");
  expect_message([&] { xi_clusters(result, {.xi = 0}); }, "corymb::xi_clusters: xi = 0 must be in (0, 1)");
  expect_message([&] { xi_clusters(result, {.xi = 1}); }, "corymb::xi_clusters: xi = 1 must be in (0, 1)");
  expect_message([&] { xi_clusters(result, {.xi = not_a_number}); }, "corymb::xi_clusters: xi = nan must be in (0, 1)");
  expect_message([&] { xi_clusters(result, {.min_cluster_size = 1}); },
                 "corymb::xi_clusters: min_cluster_size = 1 must be ≥ 2");

  OpticsResult wrong = result;
  wrong.predecessor.pop_back();
  expect_message([&] { cut(wrong, 1); },
                 "corymb::cut: result has 5 rows in its ordering, 5 reachabilities, 5 core distances and 4 "
                 "predecessors; they must agree");
  wrong = result;
  wrong.predecessor[2] = 5;
  expect_message([&] { xi_clusters(wrong); }, "corymb::xi_clusters: result.predecessor[2] = 5 must be in [-1, n = 5)");
  wrong = result;
  wrong.ordering[3] = wrong.ordering[0];
  expect_message([&] { cut(wrong, 1); },
                 "corymb::cut: result.ordering[3] = 0 must be a row that does not come before, in [0, n = 5)");
  // Reachabilities that no rows have do no harm.
  wrong = result;
  wrong.reachability.setZero();
  EXPECT_EQ(cut(wrong, 1).size(), 5);
}

}  // namespace
}  // namespace optics_badarg_test
