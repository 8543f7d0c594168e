#include <corymb/viz/condensed_tree_plot.hpp>

#include <corymb/core/random.hpp>
#include <corymb/datasets/generators.hpp>
#include <corymb/density/cluster_selection.hpp>
#include <corymb/graph/minimum_spanning_tree.hpp>
#include <corymb/neighbors/nearest_neighbors.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "support/message_of.hpp"
#include "viz/palette.hpp"
#include "viz/tree_reader.hpp"

namespace condensed_tree_plot_test {
namespace {

using namespace corymb;
using corymb_test::expect_message;
using corymb_test::infinity;
using corymb_test::Outline;
using corymb_test::Rectangle;
using corymb_test::Text;
using Seen = corymb_test::SeenTree;

const std::string grey = compiled::noise_colour;
const std::string blue = compiled::cluster_colours[0], orange = compiled::cluster_colours[1];
const std::string pale_blue = "#7fb8d8", pale_orange = "#f2cf7f";

/// Ten rows, of which two leave the root at λ = 1 and the others part at 2: five, of which one leaves at 3 and the
/// others at 4, and three, of which one leaves at 3 and the others at 5. The larger part comes second by number.
CondensedTree small_tree() {
  CondensedTree tree;
  tree.rows = 10;
  tree.parent = {-1, 0, 0};
  tree.birth = {0, 2, 2};
  tree.death = {2, 5, 4};
  tree.size = {10, 3, 5};
  tree.stability = {18, 7, 9};
  tree.persistence = {0.9, 0.46, 0.45};
  tree.row_cluster = {0, 1, 1, 1, 2, 2, 2, 2, 2, 0};
  tree.row_lambda = {1, 3, 5, 5, 4, 3, 4, 4, 4, 1};
  return tree;
}

/// The tree of data, as HDBSCAN builds it.
CondensedTree tree_of(const RowMatrix<double>& X, Index min_cluster_size, const Vector& weights = {}) {
  const Execution alone{.threads = 1};
  const auto neighbors = nearest_neighbors(X, std::min<Index>(min_cluster_size, X.rows()), {.execution = alone});
  const Vector core = neighbors.distances.rightCols(1);
  const SingleLinkage hierarchy =
      single_linkage(X.rows(), minimum_spanning_tree(X, {.core_distances = core, .execution = alone}));
  return condense(hierarchy, min_cluster_size, {.weights = weights, .core_distances = core});
}

/// Blobs of several sizes with scattered rows between.
RowMatrix<double> some_points(Index n, std::uint64_t seed) {
  Random random(seed);
  RowMatrix<double> X(n, 2);
  for (Index i = 0; i < n; ++i) {
    const double blob = std::floor(random.uniform() * 7), spread = i % 5 == 0 ? 4 : 0.1 + 0.1 * blob;
    X.row(i) << 5 * std::cos(blob) + spread * random.normal(), 5 * std::sin(blob) + spread * random.normal();
  }
  return X;
}

TEST(CondensedTreePlot, BodiesAreAsWideAsTheirRows) {
  for (const TreeAxis axis : {TreeAxis::lambda, TreeAxis::distance})
    for (const TreeScale scale : {TreeScale::linear, TreeScale::logarithmic}) {
      const Seen seen(condensed_tree_plot(small_tree(), {2, 1}, {.axis = axis, .scale = scale}));
      const auto y = [&](double lambda) {
        return Seen::pixel(seen.y_ticks, axis == TreeAxis::lambda ? lambda : 1 / lambda,
                           scale == TreeScale::logarithmic);
      };
      ASSERT_EQ(seen.bodies.size(), 3u);
      const Outline &root = seen.bodies[0], &large = seen.bodies[1], &small = seen.bodies[2];
      EXPECT_EQ(root.colour, grey);
      EXPECT_EQ(large.colour, blue);
      EXPECT_EQ(small.colour, orange);
      const double error = 0.3;  // rounding to 0.5 pixels, and that of the ticks
      EXPECT_NEAR(root.bottom, y(2), error);
      EXPECT_NEAR(large.top, y(2), error);
      EXPECT_NEAR(small.top, y(2), error);
      EXPECT_NEAR(large.bottom, y(4), error);
      EXPECT_NEAR(small.bottom, y(5), error);
      EXPECT_LT(y(2), y(4));
      const auto rows = [&](const Outline& body, double lambda) { return body.width(y(lambda)) / seen.per_row(); };
      const struct {
        double lambda, root, large, small;
      } expected[] = {{0.97, 10, 0, 0}, {1.03, 8, 0, 0}, {1.9, 8, 0, 0}, {2.1, 0, 5, 3}, {2.95, 0, 5, 3},
                      {3.05, 0, 4, 2},  {3.95, 0, 4, 2}, {4.1, 0, 0, 2}, {4.9, 0, 0, 2}, {5.1, 0, 0, 0}};
      for (const auto& at : expected) {
        EXPECT_NEAR(rows(root, at.lambda), at.root, 0.01) << at.lambda;
        EXPECT_NEAR(rows(large, at.lambda), at.large, 0.01) << at.lambda;
        EXPECT_NEAR(rows(small, at.lambda), at.small, 0.01) << at.lambda;
      }
      // Around the middle of what is theirs; below the parent, the larger one to the left.
      EXPECT_NEAR(root.middle(y(0.97)), Seen::pixel(seen.x_ticks, 5), 0.1);
      EXPECT_NEAR(root.middle(y(1.9)), Seen::pixel(seen.x_ticks, 5), 0.1);
      for (const double lambda : {2.1, 3.5}) {
        EXPECT_NEAR(large.middle(y(lambda)), Seen::pixel(seen.x_ticks, 3.5), 0.1);
        EXPECT_NEAR(small.middle(y(lambda)), Seen::pixel(seen.x_ticks, 7.5), 0.1);
      }
      EXPECT_NEAR(large.across(y(2.1)).first, root.across(y(1.9)).first, 1e-9);
      EXPECT_NEAR(large.across(y(2.1)).second, small.across(y(2.1)).first, 1e-9);
      EXPECT_NEAR(small.across(y(2.1)).second, root.across(y(1.9)).second, 1e-9);
    }
}

TEST(CondensedTreePlot, ColoursFollowTheLabels) {
  CondensedTree tree = small_tree();  // and the larger part splits at 4
  tree.parent.insert(tree.parent.end(), {2, 2});
  tree.birth.insert(tree.birth.end(), {4, 4});
  tree.death.insert(tree.death.end(), {6, 6});
  tree.size.insert(tree.size.end(), {2, 2});
  tree.stability.insert(tree.stability.end(), {4, 4});
  tree.persistence.insert(tree.persistence.end(), {0.3, 0.3});
  tree.row_cluster = {0, 1, 1, 1, 3, 2, 3, 4, 4, 0};
  tree.row_lambda = {1, 3, 5, 5, 6, 3, 6, 6, 6, 1};
  const auto count = [&](const std::vector<std::int32_t>& selected, const std::string& colour) {
    return Seen(condensed_tree_plot(tree, selected)).of_colour(colour).size();
  };
  EXPECT_EQ(count({}, grey), 5u);
  EXPECT_EQ(count({1, 2}, grey), 1u);
  EXPECT_EQ(count({1, 2}, blue), 1u);
  EXPECT_EQ(count({1, 2}, orange), 1u);
  EXPECT_EQ(count({1, 2}, pale_blue), 0u);
  EXPECT_EQ(count({1, 2}, pale_orange), 2u);
  EXPECT_EQ(count({4}, blue), 1u);
  EXPECT_EQ(count({4}, grey), 4u);
  EXPECT_EQ(count({0}, blue), 1u);
  EXPECT_EQ(count({0}, pale_blue), 4u);
}

TEST(CondensedTreePlot, NamesAndLegend) {
  const Seen seen(condensed_tree_plot(small_tree(), {2, 1}, {.title = "a < b", .cluster_names = {"", "reds & more"}}));
  EXPECT_EQ(seen.legend, (std::vector<std::string>{"0", "reds & more", "other"}));
  ASSERT_EQ(seen.names.size(), 2u);
  EXPECT_EQ(seen.names[0].text, "0");
  EXPECT_EQ(seen.names[0].colour, "#fff");  // on dark blue
  EXPECT_EQ(seen.names[1].text, "reds & more");
  EXPECT_EQ(seen.names[1].colour, "#333");  // on orange
  EXPECT_TRUE(std::any_of(seen.texts.begin(), seen.texts.end(), [](const Text& text) { return text.text == "a < b"; }));
  EXPECT_TRUE(Seen(condensed_tree_plot(small_tree(), {2, 1}, {.legend = false})).legend.empty());
  EXPECT_TRUE(Seen(condensed_tree_plot(small_tree())).legend.empty());
  EXPECT_EQ(Seen(condensed_tree_plot(small_tree(), {0})).legend, (std::vector<std::string>{"0"}));
}

// At every height the bodies are as wide together as there are rows left, and none covers another.
TEST(CondensedTreePlot, EveryRowIsSeenAsLongAsItIsThere) {
  Random random(1);
  for (int instance = 0; instance < 40; ++instance) {
    const Index n = 20 + static_cast<Index>(random.uniform() * 1500);
    const RowMatrix<double> X = some_points(n, static_cast<std::uint64_t>(instance));
    Vector weights;
    if (instance % 3 == 0) {
      weights.resize(n);
      for (double& weight : weights) weight = std::floor(random.uniform() * 4);
    }
    const CondensedTree tree = tree_of(X, 2 + static_cast<Index>(random.uniform() * 20), weights);
    const std::vector<std::int32_t> selected = instance % 2 == 0 ? select(tree).cluster : std::vector<std::int32_t>{};
    const bool logarithmic = instance % 4 < 2;
    const Seen seen(condensed_tree_plot(
        tree, selected,
        {.weights = weights, .scale = logarithmic ? TreeScale::logarithmic : TreeScale::linear, .height = 600}));
    SCOPED_TRACE(::testing::Message() << "instance " << instance);
    const double per_row = seen.per_row();
    const auto rows_at = [&](double y) {
      double rows = 0;
      for (std::size_t i = 0; i < tree.row_cluster.size(); ++i)
        if (tree.row_cluster[i] >= 0 && Seen::pixel(seen.y_ticks, tree.row_lambda[i], logarithmic) > y)
          rows += weights.size() > 0 ? weights[static_cast<Index>(i)] : 1;
      return rows;
    };
    for (double y = seen.plot.top + 1.75; y < seen.plot.bottom - 1; y += 9) {
      std::vector<std::pair<double, double>> spans;
      double width = 0;
      for (const Outline& body : seen.bodies)
        if (body.width(y) > 0) {
          spans.push_back(body.across(y));
          width += body.width(y);
        }
      // Edges are rounded to 0.1, narrower bodies left out, selected ones at least 1 wide.
      const double error = 0.11 * static_cast<double>(spans.size()) + (selected.empty() ? 0 : 4) + 1;
      ASSERT_LE(width, rows_at(y - 0.4) * per_row + error) << y;
      ASSERT_GE(width, rows_at(y + 0.4) * per_row - error) << y;
      std::sort(spans.begin(), spans.end());
      for (std::size_t i = 1; i < spans.size(); ++i)
        ASSERT_LE(spans[i - 1].second, spans[i].first + (selected.empty() ? 1e-6 : 1.01)) << y;
    }
  }
}

TEST(CondensedTreePlot, AWeightIsSoManyCopies) {
  CondensedTree once = small_tree();
  const Vector weights = (Vector(10) << 1, 2, 3, 0, 1, 1, 4, 1, 2, 1).finished();
  CondensedTree copied = once;
  copied.row_cluster.clear();
  copied.row_lambda.clear();
  for (std::size_t i = 0; i < 10; ++i)
    for (int copy = 0; copy < weights[static_cast<Index>(i)]; ++copy) {
      copied.row_cluster.push_back(once.row_cluster[i]);
      copied.row_lambda.push_back(once.row_lambda[i]);
    }
  copied.rows = static_cast<Index>(copied.row_cluster.size());
  const Seen a(condensed_tree_plot(once, {1, 2}, {.weights = weights})), b(condensed_tree_plot(copied, {1, 2}));
  ASSERT_EQ(a.bodies.size(), b.bodies.size());
  for (std::size_t i = 0; i < a.bodies.size(); ++i) EXPECT_EQ(a.bodies[i].points, b.bodies[i].points);
}

TEST(CondensedTreePlot, TextsNeitherOverlapNorLeaveThePictureNorCoverBodies) {
  Random random(10);
  for (int instance = 0; instance < 200; ++instance) {
    const Index n = 30 + static_cast<Index>(random.uniform() * 800);
    RowMatrix<double> X = some_points(n, static_cast<std::uint64_t>(instance));
    X *= std::pow(10.0, random.uniform(-8, 8));
    const CondensedTree tree = tree_of(X, 2 + static_cast<Index>(random.uniform() * 12));
    const auto name = [&] { return std::string(static_cast<std::size_t>(random.uniform(0, 30)), 'm'); };
    const CondensedTreePlotOptions options{.title = name(),
                                           .cluster_names = {name(), name()},
                                           .axis = instance % 2 == 0 ? TreeAxis::lambda : TreeAxis::distance,
                                           .legend = instance % 3 != 0,
                                           .width = random.uniform(160, 900),
                                           .height = random.uniform(120, 700)};
    const SelectionOptions how{.method = instance % 4 < 2 ? SelectionMethod::leaf : SelectionMethod::excess_of_mass};
    const Seen seen(condensed_tree_plot(tree, select(tree, how).cluster, options));
    SCOPED_TRACE(::testing::Message() << "instance " << instance << ", " << options.width << " x " << options.height);
    for (std::size_t i = 0; i < seen.texts.size(); ++i) {
      const Rectangle& a = seen.texts[i].box;
      EXPECT_TRUE(a.left >= -1 && a.top >= -1 && a.right <= options.width + 1 && a.bottom <= options.height + 1)
          << seen.texts[i].text;
      for (std::size_t j = 0; j < i; ++j)
        EXPECT_FALSE(a.overlaps(seen.texts[j].box))
            << "'" << seen.texts[i].text << "' and '" << seen.texts[j].text << "'";
    }
    for (const Text& shown : seen.names) {
      const Rectangle& box = shown.box;
      EXPECT_TRUE(box.left >= seen.plot.left && box.right <= seen.plot.right && box.top >= seen.plot.top &&
                  box.bottom <= seen.plot.bottom)
          << shown.text;
      for (const Outline& body : seen.bodies)
        for (double y = box.top; y <= box.bottom; y += 0.7) {
          const auto [left, right] = body.across(y);
          const bool apart = left > right || right <= box.left || left >= box.right;
          EXPECT_TRUE(apart || (left <= box.left && right >= box.right)) << shown.text << " at " << y;
        }
    }
    if (HasFailure()) return;
  }
}

TEST(CondensedTreePlot, BodiesStayWithinThePlot) {
  CondensedTree tree = small_tree();
  for (const double lambda : {5.0, 100.0, 1e200, infinity}) {
    tree.row_lambda[2] = tree.row_lambda[3] = lambda;
    tree.death[1] = lambda;
    for (const TreeAxis axis : {TreeAxis::lambda, TreeAxis::distance})
      for (const TreeScale scale : {TreeScale::automatic, TreeScale::linear, TreeScale::logarithmic}) {
        const Seen seen(condensed_tree_plot(tree, {1, 2}, {.axis = axis, .scale = scale}));
        EXPECT_GE(seen.bodies.size(), lambda == 1e200 ? 2u : 3u);  // the root may then be too low to be seen
        for (const Outline& body : seen.bodies) {
          EXPECT_GE(body.top, seen.plot.top);
          EXPECT_LE(body.bottom, seen.plot.bottom);
        }
        // What never ends goes on beyond the axis.
        if (std::isinf(lambda)) {
          EXPECT_EQ(seen.of_colour(blue)[0].bottom, seen.plot.bottom - 0.5);
        }
      }
  }
}

TEST(CondensedTreePlot, AFewDenseRowsDoNotStretchTheAxis) {
  CondensedTree tree = tree_of(some_points(1000, 3), 20);
  const auto ends = [&](TreeScale scale) {
    const Seen seen(condensed_tree_plot(tree, {}, {.scale = scale}));
    return std::pair(seen.y_ticks.front().second, seen.y_ticks.back().second);
  };
  const auto linear = ends(TreeScale::linear), logarithmic = ends(TreeScale::logarithmic);
  const std::int32_t leaf = static_cast<std::int32_t>(tree.clusters() - 1);
  for (const double lambda : {1e5, 1e100, infinity}) {
    int changed = 0;
    for (std::size_t i = 0; i < 1000 && changed < 5; ++i)
      if (tree.row_cluster[i] == leaf) {
        tree.row_lambda[i] = lambda;
        ++changed;
      }
    tree.death[static_cast<std::size_t>(leaf)] = lambda;
    EXPECT_LE(ends(TreeScale::linear).second, 1.5 * linear.second);
    EXPECT_LE(ends(TreeScale::logarithmic).second, 1.5 * logarithmic.second);
  }
  // Nor do rows that leave very early.
  for (std::size_t i = 0, changed = 0; i < 1000 && changed < 5; ++i)
    if (tree.row_cluster[i] == 0) {
      tree.row_lambda[i] = 1e-9;
      ++changed;
    }
  EXPECT_GE(ends(TreeScale::logarithmic).first, 0.3 * logarithmic.first);
}

TEST(CondensedTreePlot, TheAutomaticScaleIsTheMoreLegibleOne) {
  const auto chosen = [](const CondensedTree& tree) {
    const auto drawn = [&](TreeScale scale) { return to_svg(condensed_tree_plot(tree, {}, {.scale = scale})); };
    const std::string automatic = drawn(TreeScale::automatic);
    return automatic == drawn(TreeScale::linear)        ? TreeScale::linear
           : automatic == drawn(TreeScale::logarithmic) ? TreeScale::logarithmic
                                                        : TreeScale::automatic;
  };
  CondensedTree tree = small_tree();
  EXPECT_EQ(chosen(tree), TreeScale::linear);
  tree.birth = {0, 0.02, 0.02};
  tree.death = {0.02, 5, 0.2};
  tree.row_lambda = {0.01, 0.5, 5, 5, 0.2, 0.1, 0.2, 0.2, 0.2, 0.01};
  EXPECT_EQ(chosen(tree), TreeScale::logarithmic);
}

TEST(CondensedTreePlot, DegenerateTrees) {
  for (const TreeAxis axis : {TreeAxis::lambda, TreeAxis::distance})
    for (const TreeScale scale : {TreeScale::automatic, TreeScale::linear, TreeScale::logarithmic}) {
      const CondensedTreePlotOptions options{.axis = axis, .scale = scale};
      EXPECT_TRUE(Seen(condensed_tree_plot({}, {}, options)).bodies.empty());
      CondensedTree root;
      root.rows = 3;
      root.parent = {-1};
      root.birth = root.size = root.stability = root.persistence = {0};
      root.row_cluster = {0, 0, 0};
      // Rows that part at λ = 0, as far as they ever are, somewhere, and never.
      for (const double lambda : {0.0, 1e-300, 5e-324, 2.5, 1e300, infinity}) {
        root.death = {lambda};
        root.row_lambda = {lambda, lambda, lambda};
        const Seen seen(condensed_tree_plot(root, {0}, options));
        ASSERT_EQ(seen.bodies.size(), 1u) << lambda;
        EXPECT_EQ(seen.bodies[0].colour, blue);
        EXPECT_NEAR(seen.bodies[0].width(seen.bodies[0].top + 0.3) / seen.per_row(), 3, 0.01);
        EXPECT_GE(seen.y_ticks.size(), 2u);
        if (lambda >= 2.5) {
          EXPECT_GT(seen.bodies[0].bottom - seen.bodies[0].top, 20) << lambda;
        }
      }
      // Rows that are in no cluster.
      root.row_cluster = {-1, 0, -1};
      EXPECT_NEAR(Seen(condensed_tree_plot(root, {}, options)).per_row(), 540, 80);
    }
  for (const Index n : {0, 1, 2, 5}) {
    const SingleLinkage apart = single_linkage(n, std::vector<Edge>{});
    const CondensedTree tree = condense(apart, 2);
    EXPECT_NO_THROW(Seen(condensed_tree_plot(tree, select(tree).cluster)));
  }
  const RowMatrix<double> equal = RowMatrix<double>::Zero(20, 2);
  const CondensedTree tree = tree_of(equal, 5);
  const Seen seen(condensed_tree_plot(tree, select(tree, {.allow_single_cluster = true}).cluster));
  ASSERT_EQ(seen.bodies.size(), 1u);
  EXPECT_NEAR(seen.bodies[0].bottom, seen.plot.bottom, 1);
}

TEST(CondensedTreePlot, AMillionRowsAndThousandsOfClustersAreASmallFile) {
  Random random(4);
  CondensedTree tree;
  tree.rows = 1'000'000;
  tree.parent = {-1};
  tree.birth = {0};
  tree.death = {0.1};
  // Leaves split at λ that grow, so that births ascend.
  std::vector<std::int32_t> leaves = {0};
  double lambda = 0.1;
  while (tree.parent.size() < 20'001) {
    const std::size_t which = static_cast<std::size_t>(random.uniform() * static_cast<double>(leaves.size()));
    const std::int32_t parent = leaves[which];
    leaves.erase(leaves.begin() + static_cast<std::ptrdiff_t>(which));
    tree.death[static_cast<std::size_t>(parent)] = lambda;
    for (int child = 0; child < 2; ++child) {
      leaves.push_back(static_cast<std::int32_t>(tree.parent.size()));
      tree.parent.push_back(parent);
      tree.birth.push_back(lambda);
      tree.death.push_back(20);
    }
    lambda += 0.001;
  }
  tree.size = tree.stability = tree.persistence = std::vector<double>(tree.parent.size(), 0);
  for (Index i = 0; i < tree.rows; ++i) {
    const auto c = static_cast<std::size_t>(random.uniform() * static_cast<double>(tree.parent.size()));
    tree.row_cluster.push_back(static_cast<std::int32_t>(c));
    tree.row_lambda.push_back(random.uniform(tree.birth[c], tree.death[c]));
  }
  EXPECT_LT(to_svg(condensed_tree_plot(tree)).size(), 1'000'000u);
  EXPECT_LT(to_svg(condensed_tree_plot(tree, leaves)).size(), 4'000'000u);
  CondensedTree root;
  root.rows = tree.rows;
  root.parent = {-1};
  root.birth = {0};
  root.death = {20};
  root.row_cluster.assign(tree.row_cluster.size(), 0);
  root.row_lambda = tree.row_lambda;
  EXPECT_LT(to_svg(condensed_tree_plot(root, {0})).size(), 30'000u);
}

TEST(CondensedTreePlot, BadArguments) {
  const auto call = [](const auto& change, const std::vector<std::int32_t>& selected = {},
                       const CondensedTreePlotOptions& options = {}) {
    return [=] {
      CondensedTree tree = small_tree();
      change(tree);
      condensed_tree_plot(tree, selected, options);
    };
  };
  const auto same = [](CondensedTree&) {};
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const std::string name = "corymb::condensed_tree_plot: ";
  expect_message(call([](CondensedTree& tree) { tree.birth.pop_back(); }),
                 name + "tree.birth has 2 entries; one per cluster, 3, is needed");
  expect_message(call([](CondensedTree& tree) { tree.death.push_back(9); }),
                 name + "tree.death has 4 entries; one per cluster, 3, is needed");
  expect_message(call([](CondensedTree& tree) { tree.row_cluster.pop_back(); }),
                 name + "tree.row_cluster has 9 entries; one per row, 10, is needed");
  expect_message(call([](CondensedTree& tree) { tree.row_lambda.clear(); }),
                 name + "tree.row_lambda has 0 entries; one per row, 10, is needed");
  expect_message(call([](CondensedTree& tree) { tree.parent[0] = 1; }),
                 name + "tree.parent[0] = 1 must be -1, of the root");
  expect_message(call([](CondensedTree& tree) { tree.parent[2] = 2; }),
                 name + "tree.parent[2] = 2 must be a cluster before it");
  expect_message(call([](CondensedTree& tree) { tree.parent[1] = -1; }),
                 name + "tree.parent[1] = -1 must be a cluster before it");
  expect_message(call([](CondensedTree& tree) { tree.birth[0] = -1; }), name + "tree.birth[0] = -1 must be ≥ 0");
  expect_message(call([](CondensedTree& tree) { tree.birth[1] = 1; }),
                 name + "tree.birth[1] = 1 must be ≥ the death of its parent = 2");
  expect_message(call([=](CondensedTree& tree) { tree.death[1] = nan; }),
                 name + "tree.death[1] = nan must be ≥ its birth = 2");
  expect_message(call([](CondensedTree& tree) { tree.row_cluster[4] = 3; }),
                 name + "tree.row_cluster[4] = 3 must be in [-1, clusters = 3)");
  expect_message(call([](CondensedTree& tree) { tree.row_cluster[4] = -2; }),
                 name + "tree.row_cluster[4] = -2 must be in [-1, clusters = 3)");
  expect_message(call([=](CondensedTree& tree) { tree.row_lambda[9] = nan; }),
                 name + "tree.row_lambda[9] = nan must be ≥ 0");
  expect_message(call(same, {1, 3}), name + "selected[1] = 3 must be in [0, clusters = 3)");
  expect_message(call(same, {-1}), name + "selected[0] = -1 must be in [0, clusters = 3)");
  expect_message(call(same, {1, 2, 1}), name + "selected[2] = 1 is also selected[0]");
  expect_message(call(same, {1, 0}), name + "selected[0] = 1 is a part of selected[1] = 0; no two may share rows");
  expect_message(call(same, {}, {.weights = Vector::Ones(9)}),
                 name + "weights has 9 entries; one per row, n = 10, is needed");
  expect_message(call(same, {}, {.weights = Vector::Constant(10, -1)}),
                 name + "weights(0) = -1 must be finite and ≥ 0");
  expect_message(call(same, {}, {.width = 100}), name + "width = 100 must be in [160, 10000]");
  expect_message(call(same, {}, {.height = nan}), name + "height = nan must be in [120, 10000]");
}

}  // namespace
}  // namespace condensed_tree_plot_test
