#include <corymb/datasets/generators.hpp>
#include <corymb/distance/pairwise.hpp>
#include <corymb/hierarchy/agglomerative.hpp>
#include <corymb/viz/dendrogram.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <span>

// The code of docs/agglomerative.md.

namespace hierarchy_page {
namespace {

#pragma GCC diagnostic ignored "-Wunused-value"  // the page names the members of a result

using corymb::RowMatrix;
using corymb::Vector;

TEST(HierarchyPage, Agglomerative) {
  const RowMatrix<double> X = corymb::make_blobs(200, 2, 3).points, D = corymb::pairwise_distances(X, X);
  // clang-format off
  auto tree = corymb::agglomerative(X, corymb::Linkage::ward);
  tree.merges;                                  // n - 1: the two nodes, the size, the height; ascending
  auto labels = corymb::cut_into(tree, 3);      // three clusters
  auto below = corymb::cut(tree, 2.5);          // those that merge at 2.5 at most
  auto scipy = corymb::merge_matrix(tree);      // (n - 1) × 4, as SciPy has it

  auto average = corymb::agglomerative(X, corymb::Linkage::average, {.metric = corymb::Metric::manhattan});
  auto own = corymb::agglomerative(X, corymb::Linkage::complete, [](std::span<const double> x, std::span<const double> y) { return std::abs(x[0] - y[0]); });
  auto of_matrix = corymb::agglomerative(corymb::DistanceMatrix(D), corymb::Linkage::single);  // n × n, or the upper triangle as a vector
  // clang-format on
  EXPECT_EQ(labels.maxCoeff(), 2);
  EXPECT_EQ(below.size(), 200);
  EXPECT_EQ(scipy.rows(), 199);
  EXPECT_EQ(own.merges.size(), 199u);
  EXPECT_EQ(average.merges.size(), of_matrix.merges.size());
}

TEST(HierarchyPage, Pictures) {
  const RowMatrix<double> X = corymb::make_blobs(200, 2, 3).points;
  const auto tree = corymb::agglomerative(X, corymb::Linkage::ward);
  const auto before = std::filesystem::current_path();
  std::filesystem::current_path(std::filesystem::temp_directory_path());
  // clang-format off
  corymb::write_svg("tree.svg", corymb::dendrogram_plot(tree, {.clusters = 3, .most_leaves = 30}));
  // clang-format on
  std::filesystem::remove("tree.svg");
  std::filesystem::current_path(before);
}

}  // namespace
}  // namespace hierarchy_page
