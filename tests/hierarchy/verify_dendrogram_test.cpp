#include <corymb/hierarchy/agglomerative.hpp>

#include <gtest/gtest.h>

#include <cmath>

#include "support/verify_dendrogram.hpp"

// The verifier of dendrograms, on right and on wrong answers.
namespace verify_dendrogram_test {
namespace {

using namespace corymb;

// Rows at 0, 1, 5 and 7 of a line.
RowMatrix<double> line() {
  const double place[] = {0, 1, 5, 7};
  RowMatrix<double> D(4, 4);
  for (Index i = 0; i < 4; ++i)
    for (Index j = 0; j < 4; ++j) D(i, j) = std::abs(place[i] - place[j]);
  return D;
}

Dendrogram tree_with(double last) { return {4, {{0, 1, 2, 1}, {2, 3, 2, 2}, {4, 5, 4, last}}, {}}; }

std::string error_of(Linkage linkage, const Dendrogram& tree) {
  return verify::dendrogram_error(linkage, line(), {}, tree, 1e-12);
}

TEST(VerifyDendrogram, AcceptsRightOnes) {
  EXPECT_EQ(error_of(Linkage::single, tree_with(4)), "");
  EXPECT_EQ(error_of(Linkage::complete, tree_with(7)), "");
  EXPECT_EQ(error_of(Linkage::average, tree_with(5.5)), "");
  EXPECT_EQ(error_of(Linkage::weighted, tree_with(5.5)), "");
  EXPECT_EQ(error_of(Linkage::ward, tree_with(std::sqrt(2.0 * 2 * 2 / 4) * 5.5)), "");
}

TEST(VerifyDendrogram, RejectsWrongOnes) {
  EXPECT_NE(error_of(Linkage::single, tree_with(5)), "");  // the height of another linkage
  EXPECT_NE(error_of(Linkage::complete, tree_with(4)), "");
  EXPECT_NE(error_of(Linkage::average, tree_with(5.6)), "");
  EXPECT_NE(error_of(Linkage::ward, tree_with(5.5)), "");
  // The two middle rows first: their distance is right, but others are nearer.
  EXPECT_NE(error_of(Linkage::single, {4, {{1, 2, 2, 4}, {0, 4, 3, 4}, {3, 5, 4, 4}}, {}}), "");
  Dendrogram tree = tree_with(4);
  tree.merges[1].size = 3;
  EXPECT_EQ(error_of(Linkage::single, tree), "merge 1: size");
  tree = tree_with(4);
  tree.merges[2] = {1, 5, 3, 4};
  EXPECT_EQ(error_of(Linkage::single, tree), "merge 2: a node that is used already");
  tree = tree_with(4);
  tree.merges[1].b = 6;
  EXPECT_EQ(error_of(Linkage::single, tree), "merge 1: nodes");
  tree = tree_with(0.5);
  EXPECT_EQ(error_of(Linkage::single, tree), "merge 2: heights descend");
  tree = tree_with(4);
  tree.merges.pop_back();
  EXPECT_EQ(error_of(Linkage::single, tree), "number of merges");
}

// Weighted averages by hand: two rows of weights 1 and 3 against a third.
TEST(VerifyDendrogram, KnowsWeights) {
  RowMatrix<double> D(3, 3);
  D << 0, 1, 8, 1, 0, 4, 8, 4, 0;
  const Vector weights = Eigen::Vector3d(1, 3, 1);
  EXPECT_EQ(verify::dendrogram_error(Linkage::average, D, weights, {3, {{0, 1, 2, 1}, {2, 3, 3, 5}}, {}}, 1e-12), "");
  EXPECT_NE(verify::dendrogram_error(Linkage::average, D, weights, {3, {{0, 1, 2, 1}, {2, 3, 3, 6}}, {}}, 1e-12), "");
}

}  // namespace
}  // namespace verify_dendrogram_test
