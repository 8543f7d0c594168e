#include <corymb/viz/dendrogram.hpp>

#include <corymb/core/random.hpp>
#include <corymb/hierarchy/agglomerative.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <limits>
#include <string>
#include <vector>

#include "support/message_of.hpp"
#include "viz/palette.hpp"
#include "viz/svg_reader.hpp"

namespace dendrogram_test {
namespace {

using namespace corymb;
using corymb_test::expect_message;
using corymb_test::read_svg;
using corymb_test::SvgElement;

Dendrogram small_tree() { return {5, {{0, 1, 2, 1}, {2, 3, 2, 2}, {4, 6, 3, 5}, {5, 7, 5, 9}}, {}}; }

std::vector<std::string> texts_of(const std::vector<SvgElement>& elements) {
  std::vector<std::string> texts;
  for (const SvgElement& element : elements)
    if (element.name == "text") texts.push_back(element.text);
  return texts;
}

bool has(const std::vector<std::string>& texts, const std::string& text) {
  return std::find(texts.begin(), texts.end(), text) != texts.end();
}

/// The paths of lines of a colour.
std::string lines_of(const std::vector<SvgElement>& elements, const std::string& colour) {
  std::string lines;
  for (const SvgElement& element : elements)
    if (element.name == "path" && element.attributes.count("stroke") > 0 && element.attributes.at("stroke") == colour)
      lines += element.attributes.at("d");
  return lines;
}

TEST(DendrogramPlot, ShowsAllRowsOfASmallTree) {
  const auto elements = read_svg(to_svg(dendrogram_plot(small_tree(), {.title = "five rows", .clusters = 2})));
  const auto texts = texts_of(elements);
  for (const char* text : {"0", "1", "2", "3", "4", "rows", "height", "five rows"})
    EXPECT_TRUE(has(texts, text)) << text;
  // Two clusters: the bar of rows 0 and 1 in one colour, those of 2, 3 and 4 in the other, the root in neither.
  const std::string blue = lines_of(elements, compiled::cluster_colours[0]);
  const std::string orange = lines_of(elements, compiled::cluster_colours[1]);
  EXPECT_EQ(std::count(blue.begin(), blue.end(), 'H'), 1);
  EXPECT_EQ(std::count(orange.begin(), orange.end(), 'H'), 2);
  const std::string above = lines_of(elements, "#777");
  EXPECT_EQ(std::count(above.begin(), above.end(), 'H'), 1);
}

TEST(DendrogramPlot, CountsWhatItLeavesOut) {
  const auto elements =
      read_svg(to_svg(dendrogram_plot(small_tree(), {.most_leaves = 3, .row_names = {"a", "b", "c", "d", "e"}})));
  const auto texts = texts_of(elements);
  EXPECT_TRUE(has(texts, "(2)"));
  EXPECT_TRUE(has(texts, "e"));
  EXPECT_FALSE(has(texts, "a"));
  EXPECT_FALSE(has(texts, "c"));
  EXPECT_TRUE(has(texts, "rows (in parentheses: how many)"));
}

TEST(DendrogramPlot, StaysWithinThePicture) {
  Random random(1, {701});
  for (const Index n : {0, 1, 2, 30, 400}) {
    RowMatrix<double> X(n, 2);
    for (Index i = 0; i < X.size(); ++i) X.data()[i] = random.normal();
    const Dendrogram tree = agglomerative(X, Linkage::average);
    for (const double width : {160.0, 640.0})
      for (const Index most : {2, 20, 1000}) {
        DendrogramPlotOptions options{.title = "some rows", .most_leaves = most, .width = width, .height = 200};
        if (n > 1) options.clusters = 2;
        const Picture picture = dendrogram_plot(tree, options);
        for (const SvgElement& element : read_svg(to_svg(picture))) {
          if (element.name != "text") continue;
          const double x = std::atof(element.attributes.at("x").c_str()),
                       y = std::atof(element.attributes.at("y").c_str());
          if (element.attributes.count("transform") > 0) continue;
          EXPECT_TRUE(x >= 0 && x <= width && y >= 0 && y <= 200) << element.text << " at " << x << ", " << y;
        }
      }
  }
}

TEST(DendrogramPlot, ChecksItsArguments) {
  const Dendrogram tree = small_tree();
  const auto of = [](const Dendrogram& drawn, const DendrogramPlotOptions& options, const std::string& message) {
    expect_message([&] { dendrogram_plot(drawn, options); }, "corymb::dendrogram_plot: " + message);
  };
  of(tree, {.clusters = 2, .cut_height = 1}, "clusters and cut_height exclude each other");
  of(tree, {.clusters = 6}, "clusters = 6 must be in [1, n = 5]");
  of(tree, {.cut_height = -1}, "cut_height = -1 must be ≥ 0");
  of(tree, {.most_leaves = 1}, "most_leaves = 1 must be ≥ 2");
  of(tree, {.row_names = {"a"}}, "row_names has 1 entries; one per row, 5, is needed");
  of(tree, {.width = 10}, "width = 10 must be in [160, 10000]");
  Dendrogram bad = tree;
  bad.merges[1].b = 7;
  of(bad, {}, "tree.merges[1] joins node 7, which there is not yet");
  bad = tree;
  bad.merges[2].a = 0;
  of(bad, {}, "tree.merges[2] joins node 0, which is joined already");
  bad = tree;
  bad.merges[3].height = 4;
  of(bad, {}, "tree.merges[3].height = 4 must be finite, ≥ 0 and not below the one before");
}

}  // namespace
}  // namespace dendrogram_test
