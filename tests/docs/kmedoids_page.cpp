#include <corymb/datasets/generators.hpp>
#include <corymb/distance/gower.hpp>
#include <corymb/distance/pairwise.hpp>
#include <corymb/partition/clara.hpp>
#include <corymb/partition/clarans.hpp>
#include <corymb/partition/kmedoids.hpp>
#include <corymb/partition/medoid_silhouette.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

// The code of docs/kmedoids.md and docs/medoid_silhouette.md.

namespace kmedoids_page {
namespace {

#pragma GCC diagnostic ignored "-Wunused-value"  // the pages name the members of a result

TEST(KMedoidsPage, Code) {
  const auto X = corymb::make_blobs(200, 3, 8).points, X_new = corymb::make_blobs(50, 3, 8).points;
  const auto D = corymb::pairwise_distances(X, X);
  const corymb::Index n = X.rows();
  const auto edit_distance = [](corymb::Index i, corymb::Index j) { return std::abs(static_cast<double>(i - j)); };

  auto r = corymb::kmedoids(X, 8, {.restarts = 4, .metric = corymb::Metric::manhattan, .seed = 42});
  r.medoids;  // 8 row numbers
  r.labels;   // n cluster numbers, each the nearest medoid
  r.loss;     // Σ distance to the medoid
  r.centers;  // 8 × d, the medoids themselves
  r.status;   // converged, iteration_limit or cancelled

  corymb::Labels y = corymb::predict(r, X_new);

  auto of_matrix = corymb::kmedoids(corymb::DistanceMatrix(D), 8);  // n × n, or the upper triangle as a vector
  auto of_function = corymb::kmedoids(X, 8, [](std::span<const double> object, std::span<const double> medoid) {
    return std::abs(object[0] - medoid[0]);
  });
  auto of_words = corymb::kmedoids(corymb::dissimilarity(n, edit_distance), 8);  // edit_distance(i, j)

  EXPECT_EQ(r.medoids.size(), 8U);
  EXPECT_EQ(r.centers.rows(), 8);
  EXPECT_EQ(y.size(), 50);
  EXPECT_EQ(of_matrix.labels.size(), 200);
  EXPECT_EQ(of_function.labels.size(), 200);
  EXPECT_EQ(of_words.labels.size(), 200);

  auto sampled = corymb::clara(X, 8, {.samples = 10, .sample_size = 500});  // medoids of samples
  auto searched = corymb::clarans(X, 8, {.max_tries = 1000});               // random exchanges
  EXPECT_EQ(sampled.labels.size(), 200);
  EXPECT_EQ(searched.labels.size(), 200);
}

TEST(KMedoidsPage, Table) {
  corymb::RowMatrix<double> table = corymb::make_blobs(100, 2, 3).points;
  for (corymb::Index i = 0; i < table.rows(); ++i) table(i, 1) = static_cast<double>(i % 4);
  table(7, 0) = std::numeric_limits<double>::quiet_NaN();

  const corymb::Gower gower(table, {.columns = {corymb::GowerColumn::numeric, corymb::GowerColumn::categorical}});
  auto mixed = corymb::kmedoids(table, 3, gower);
  EXPECT_EQ(mixed.labels.size(), 100);
}

TEST(MedoidSilhouettePage, Code) {
  const auto X = corymb::make_blobs(200, 3, 8).points, X_new = corymb::make_blobs(50, 3, 8).points;

  auto r = corymb::medoid_silhouette_clustering(X, 5, {.restarts = 4});
  r.silhouette;  // in [0, 1]
  r.medoids;     // 5 row numbers
  r.labels;      // n cluster numbers, each the nearest medoid

  auto selection = corymb::select_medoid_silhouette(X, {2, 10});
  selection.silhouettes;   // of k = 2, 3, …, 10
  selection.best.medoids;  // of the best k
  corymb::Labels y = corymb::predict(selection.best, X_new);

  EXPECT_EQ(r.medoids.size(), 5U);
  EXPECT_EQ(selection.silhouettes.size(), 9U);
  EXPECT_EQ(y.size(), 50);
}

}  // namespace
}  // namespace kmedoids_page
