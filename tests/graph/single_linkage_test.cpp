#include <corymb/core/errors.hpp>
#include <corymb/core/union_find.hpp>
#include <corymb/distance/pairwise.hpp>
#include <corymb/graph/minimum_spanning_tree.hpp>
#include <corymb/graph/single_linkage.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <set>
#include <string>
#include <vector>

#include "support/matrices.hpp"
#include "support/message_of.hpp"

namespace single_linkage_test {
namespace {

using namespace corymb;
using namespace corymb_test;

/// The rows within a height of each other, by the definition.
Labels components_within(const RowMatrix<double>& D, double height) {
  UnionFind sets(D.rows());
  for (Index i = 0; i < D.rows(); ++i)
    for (Index j = 0; j < D.cols(); ++j)
      if (i != j && D(i, j) <= height) sets.unite(i, j);
  return sets.labels();
}

/// What is wrong with the form of a tree; "" = nothing.
std::string form_error(const SingleLinkage& tree) {
  const Index n = tree.rows, sets = tree.nodes() - n;
  if (static_cast<Index>(tree.height.size()) != sets || static_cast<Index>(tree.size.size()) != sets) return "shapes";
  std::vector<Index> children(tree.parent.size()), size(tree.parent.size(), 1), lowest(tree.parent.size(), n);
  for (Index node = 0; node < tree.nodes(); ++node) {
    const auto at = static_cast<std::size_t>(node);
    if (node < n) lowest[at] = node;
    if (node >= n) {
      const auto set = static_cast<std::size_t>(node - n);
      if (children[at] < 2) return "a set with fewer than two children";
      if (--size[at] != tree.size[set]) return "size";
      if (set > 0 && tree.height[set] < tree.height[set - 1]) return "heights descend";
      if (set > 0 && tree.height[set] == tree.height[set - 1] && lowest[at] < lowest[at - 1]) return "order";
    }
    const std::int32_t parent = tree.parent[at];
    if (parent < 0) continue;
    if (parent <= node || parent < n) return "a parent that is not above";
    const auto up = static_cast<std::size_t>(parent);
    if (node >= n && tree.height[up - static_cast<std::size_t>(n)] <= tree.height[at - static_cast<std::size_t>(n)])
      return "a parent that is not higher";
    ++children[up];
    size[up] += size[at];
    lowest[up] = std::min(lowest[up], lowest[at]);
  }
  return "";
}

TEST(SingleLinkage, IsThatOfTheDefinition) {
  for (std::uint64_t seed = 0; seed < instances; ++seed) {
    Random random(seed, {41});
    const Index n = 1 + random.below(60);
    const RowMatrix<double> X = random_rows<double>(random, seed, n, 1 + random.below(3));
    const RowMatrix<double> D = pairwise_distances(X, X);
    const SingleLinkage tree = single_linkage(n, minimum_spanning_tree(X));
    ASSERT_EQ(form_error(tree), "") << seed;
    std::set<double> heights(tree.height.begin(), tree.height.end());
    heights.insert({-1, 0, std::numeric_limits<double>::infinity()});
    for (const double height : heights) {
      ASSERT_EQ(cut(tree, height), components_within(D, height)) << seed << ", height " << height;
      const double below = std::nextafter(height, -1);
      ASSERT_EQ(cut(tree, below), components_within(D, below)) << seed << ", below " << height;
    }
  }
}

TEST(SingleLinkage, EqualHeightsJoinAtOnce) {
  // Two triples and a pair, each at height 1, then all at height 4.
  const std::vector<Edge> edges = {{0, 5, 1}, {2, 5, 1}, {1, 6, 1}, {3, 6, 1}, {4, 7, 1}, {0, 1, 4}, {1, 4, 4}};
  const SingleLinkage tree = single_linkage(8, edges);
  EXPECT_EQ(tree.parent, (std::vector<std::int32_t>{8, 9, 8, 9, 10, 8, 9, 10, 11, 11, 11, -1}));
  EXPECT_EQ(tree.height, (std::vector<double>{1, 1, 1, 4}));
  EXPECT_EQ(tree.size, (std::vector<std::int32_t>{3, 3, 2, 8}));
}

TEST(SingleLinkage, AnyMinimalTreeGivesTheSameHierarchy) {
  for (std::uint64_t seed = 0; seed < instances; ++seed) {
    Random random(seed, {42});
    const Index n = 2 + random.below(40);
    const RowMatrix<double> X = grid_matrix<double>(random, n, 2, 3);
    const RowMatrix<double> D = pairwise_distances(X, X);
    std::vector<Edge> all;
    for (std::int32_t i = 0; i < n; ++i)
      for (std::int32_t j = i + 1; j < n; ++j) all.push_back({i, j, D(i, j)});
    const auto shuffled = permutation(random, static_cast<Index>(all.size()));
    std::vector<Edge> other;
    for (const Index e : shuffled) other.push_back(all[static_cast<std::size_t>(e)]);
    std::stable_sort(other.begin(), other.end(), [](const Edge& x, const Edge& y) { return x.weight < y.weight; });
    const SingleLinkage tree = single_linkage(n, minimum_spanning_tree(X)), of_all = single_linkage(n, other);
    ASSERT_EQ(tree.parent, of_all.parent);
    ASSERT_EQ(tree.height, of_all.height);
    ASSERT_EQ(tree.size, of_all.size);
  }
}

TEST(SingleLinkage, WhatDoesNotMeetStaysApart) {
  const SingleLinkage tree = single_linkage(4, std::vector<Edge>{{1, 2, 3}});
  EXPECT_EQ(tree.parent, (std::vector<std::int32_t>{-1, 4, 4, -1, -1}));
  EXPECT_EQ(cut(tree, 1e300), (Labels(4) << 0, 1, 1, 2).finished());
  const SingleLinkage none = single_linkage(0, {});
  EXPECT_EQ(none.nodes(), 0);
  EXPECT_EQ(cut(none, 1).size(), 0);
}

TEST(SingleLinkage, RejectsWhatItCannotTake) {
  const auto message = [](Index n, const std::vector<Edge>& edges) {
    return message_of([&] { single_linkage(n, edges); });
  };
  constexpr double nan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(message(-1, {}), "corymb::single_linkage: n = -1 must be in [0, 2^30)");
  EXPECT_EQ(message(2, {{0, 2, 1}}), "corymb::single_linkage: edges[0] joins 0 and 2; rows are in [0, n = 2)");
  EXPECT_EQ(message(2, {{0, 1, nan}}), "corymb::single_linkage: edges[0].weight is not a number");
  EXPECT_EQ(message(3, {{0, 1, 2}, {1, 2, 1}}),
            "corymb::single_linkage: edges[1].weight = 1 is below that of the edge before it, 2; weights must be "
            "ascending");
  EXPECT_EQ(message_of([&] { cut(SingleLinkage(), nan); }), "corymb::cut: height is not a number");
}

}  // namespace
}  // namespace single_linkage_test
