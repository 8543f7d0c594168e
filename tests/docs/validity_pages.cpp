#include <corymb/datasets/generators.hpp>
#include <corymb/density/dbscan.hpp>
#include <corymb/distance/pairwise.hpp>
#include <corymb/validity/dbcv.hpp>

#include <gtest/gtest.h>

#include <iostream>
#include <tuple>
#include <utility>

// The code of docs/dbcv.md.

namespace validity_pages {
namespace {

#pragma GCC diagnostic ignored "-Wunused-value"  // the page names the members of a result

TEST(DbcvPage, Code) {
  const auto moons = corymb::make_moons(200);
  const auto &X = moons.points, D = corymb::pairwise_distances(X, X);
  const auto& labels = moons.labels;
  testing::internal::CaptureStdout();

  auto v = corymb::dbcv(X, labels);  // any range of integers; negative ones are noise
  v.score;                           // in [−1, 1]; the higher the better
  for (const auto& cluster : v.clusters)
    std::cout << cluster.label << ": " << cluster.size << " rows, validity " << cluster.validity << '\n';

  auto by_manhattan = corymb::dbcv(X, labels, {.metric = corymb::Metric::manhattan});
  auto of_matrix = corymb::dbcv(corymb::DistanceMatrix(D), labels, {.dimensions = 2});  // which a matrix does not tell

  EXPECT_EQ(testing::internal::GetCapturedStdout().find("0: 100 rows, validity 0."), 0u);
  EXPECT_EQ(of_matrix.score, v.score);
  EXPECT_GT(by_manhattan.score, 0.5);
}

TEST(DbcvPage, Choosing) {
  const auto X = corymb::make_moons(500, {.noise = 0.05}).points;

  double best = -1, best_eps = 0;
  for (const double eps : {0.05, 0.1, 0.2, 0.4, 0.8}) {
    const double score = corymb::dbcv(X, corymb::dbscan(X, eps, 5).labels).score;
    if (score > best) std::tie(best, best_eps) = std::pair(score, eps);
  }

  EXPECT_EQ(best_eps, 0.1);
}

}  // namespace
}  // namespace validity_pages
