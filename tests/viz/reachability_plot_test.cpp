#include <corymb/viz/reachability_plot.hpp>

#include <corymb/core/random.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include "support/message_of.hpp"
#include "viz/palette.hpp"
#include "viz/svg_reader.hpp"

namespace reachability_plot_test {
namespace {

using namespace corymb;
using corymb_test::expect_message;
using corymb_test::read_svg;
using corymb_test::SvgElement;

constexpr double infinity = std::numeric_limits<double>::infinity();

OpticsResult result_of(const Vector& heights) {
  OpticsResult result;
  result.ordering.resize(static_cast<std::size_t>(heights.size()));
  std::iota(result.ordering.begin(), result.ordering.end(), 0);
  result.reachability = heights;
  return result;
}

/// A bar as it is drawn, in pixels.
struct Bar {
  double left, right, top;
  std::string colour;
};

struct Seen {
  explicit Seen(const Picture& picture) : elements(read_svg(to_svg(picture))) {
    for (const SvgElement& element : elements)
      if (element.name == "rect") frame = element;  // the last one; the first is the paper
    left = number("x");
    top = number("y");
    right = left + number("width");
    bottom = top + number("height");
    for (const SvgElement& element : elements) {
      if (element.name == "text" && std::stod(element.attributes.at("x")) > right) legend.push_back(element.text);
      if (element.name == "path" && element.attributes.contains("stroke-dasharray") && element.left == 0)
        dashes.push_back(element.attributes.at("d"));
      if (element.name != "path" || !element.attributes.contains("fill") || element.left > 0) continue;
      if (!element.attributes.contains("fill-opacity")) read_bars(element);
    }
    std::sort(bars.begin(), bars.end(), [](const Bar& a, const Bar& b) { return a.left < b.left; });
  }

  double number(const char* name) const { return std::stod(frame.attributes.at(name)); }

  void read_bars(const SvgElement& element) {
    const std::string& path = element.attributes.at("d");
    double x = 0, y = 0;
    for (const char* at = path.c_str(); *at != '\0';) {
      const char command = *at++;
      char* end = const_cast<char*>(at);
      if (command == 'M') {
        x = std::strtod(at, &end);
        y = std::strtod(end, &end);
      } else if (command == 'V') {
        y = std::strtod(at, &end);
      } else if (command == 'H') {
        const double to = std::strtod(at, &end);
        bars.push_back({x, to, y, element.attributes.at("fill")});
        x = to;
      }
      at = end;
    }
  }

  std::vector<SvgElement> elements;
  SvgElement frame;
  double left = 0, top = 0, right = 0, bottom = 0;
  std::vector<Bar> bars;
  std::vector<std::string> legend, dashes;
};

TEST(ReachabilityPlot, EveryRowHasABar) {
  OpticsResult result = result_of((Vector(6) << infinity, 1, 2, infinity, 4, 0).finished());
  result.ordering = {0, 2, 1, 3, 5, 4};
  const Labels labels = (Labels(6) << 0, 0, -1, 1, 1, -1).finished();
  const Seen seen(reachability_plot(result, labels, {.eps = 3}));
  ASSERT_EQ(seen.bars.size(), 6u);
  const double heights[] = {4.32, 2, 1, 4.32, 0, 4};  // infinite ones to the top
  for (std::size_t i = 0; i < 6; ++i) {
    const double width = (seen.right - seen.left) / 6, at = static_cast<double>(i);
    EXPECT_NEAR(seen.bars[i].left, seen.left + at * width, 0.02);
    EXPECT_NEAR(seen.bars[i].right, seen.left + (at + 1) * width, 0.02);
    EXPECT_NEAR(seen.bars[i].top, seen.bottom - heights[i] / 4.32 * (seen.bottom - seen.top), 0.02);
    EXPECT_EQ(seen.bars[i].colour, compiled::colour_of(labels[result.ordering[i]]));
  }
  EXPECT_EQ(seen.legend, (std::vector<std::string>{"0", "1", "noise", "eps = 3"}));
  ASSERT_EQ(seen.dashes.size(), 1u);
  EXPECT_TRUE(Seen(reachability_plot(result)).legend.empty());
  EXPECT_TRUE(Seen(reachability_plot(result, labels, {.legend = false})).legend.empty());
}

TEST(ReachabilityPlot, ManyRowsAreASmallFile) {
  Random random(1);
  const Index n = 1'000'000;
  Vector heights(n);
  Labels labels(n);
  for (Index i = 0; i < n; ++i) {
    heights[i] = (i / 1000) % 100 == 0 ? 5 : random.uniform();
    labels[i] = static_cast<std::int32_t>(i / 100'000);
  }
  const Picture picture = reachability_plot(result_of(heights), labels);
  EXPECT_LT(to_svg(picture).size(), 100'000u);
  const Seen seen(picture);
  for (const Bar& bar : seen.bars) {
    ASSERT_GT(bar.right - bar.left, 0.4);
    ASSERT_LT(bar.right - bar.left, 0.6);
  }
  EXPECT_NEAR(seen.bars[150].top, seen.bottom - 0.5 / 5.4 * (seen.bottom - seen.top), 3);  // means
}

TEST(ReachabilityPlot, DegenerateData) {
  EXPECT_TRUE(Seen(reachability_plot(OpticsResult())).bars.empty());
  EXPECT_EQ(Seen(reachability_plot(result_of(Vector::Constant(1, infinity)))).bars.size(), 1u);
  EXPECT_EQ(Seen(reachability_plot(result_of(Vector::Zero(3)))).bars.size(), 3u);
  for (const double height : {1e-300, 1e300})
    EXPECT_EQ(Seen(reachability_plot(result_of(Vector::Constant(3, height)))).bars.size(), 3u);
}

TEST(ReachabilityPlot, BadArguments) {
  const OpticsResult result = result_of(Vector::Ones(3));
  const double nan = std::numeric_limits<double>::quiet_NaN();
  expect_message([&] { reachability_plot(result, Labels::Zero(2)); },
                 "corymb::reachability_plot: labels has 2 entries; one per row, n = 3, is needed");
  expect_message([&] { reachability_plot(result, Labels::Constant(3, -2)); },
                 "corymb::reachability_plot: labels(0) = -2 must be -1, which is noise, or a number of a cluster");
  expect_message([&] { reachability_plot(result, {}, {.eps = nan}); },
                 "corymb::reachability_plot: eps = nan must be finite and ≥ 0");
  expect_message([&] { reachability_plot(result, {}, {.width = 100}); },
                 "corymb::reachability_plot: width = 100 must be in [160, 10000]");
  OpticsResult wrong = result;
  wrong.reachability[1] = nan;
  expect_message([&] { reachability_plot(wrong); },
                 "corymb::reachability_plot: result.reachability(1) = nan must be ≥ 0");
  wrong = result;
  wrong.ordering[1] = 3;
  expect_message([&] { reachability_plot(wrong); },
                 "corymb::reachability_plot: result.ordering has the row 3; it must be in [0, n = 3)");
  wrong.ordering.pop_back();
  expect_message([&] { reachability_plot(wrong); },
                 "corymb::reachability_plot: result has 2 rows in its ordering and 3 reachabilities; they must agree");
}

}  // namespace
}  // namespace reachability_plot_test
