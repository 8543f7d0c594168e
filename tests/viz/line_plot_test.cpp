#include <corymb/viz/line_plot.hpp>

#include <corymb/core/errors.hpp>
#include <corymb/core/random.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "support/message_of.hpp"
#include "viz/palette.hpp"
#include "viz/svg.hpp"
#include "viz/svg_reader.hpp"

namespace line_plot_test {
namespace {

using namespace corymb;
using corymb_test::expect_message;
using corymb_test::read_marks;
using corymb_test::read_svg;
using corymb_test::SvgElement;
using corymb_test::SvgMark;

double attribute(const SvgElement& element, const std::string& name) { return std::stod(element.attributes.at(name)); }

struct Box {
  double left, top, right, bottom;
  std::string text;

  bool overlaps(const Box& other) const {
    return left < other.right && other.left < right && top < other.bottom && other.top < bottom;
  }
};

/// A text as a box, by the estimate of its width that the layout uses.
Box box_of(const SvgElement& element) {
  const double x = attribute(element, "x"), y = attribute(element, "y"), size = attribute(element, "font-size");
  const double width = compiled::svg::text_width(element.text, size);
  const auto anchor = element.attributes.find("text-anchor");
  const double before = anchor == element.attributes.end() ? 0 : anchor->second == "middle" ? width / 2 : width;
  if (element.attributes.contains("transform"))
    return {x - 0.75 * size, y - before, x + 0.2 * size, y - before + width, element.text};
  return {x - before, y - 0.75 * size, x - before + width, y + 0.2 * size, element.text};
}

using Polyline = std::vector<std::pair<double, double>>;

/// The points of "Mx yLx y…".
Polyline points_of(const std::string& path) {
  Polyline points;
  const char* at = path.c_str();
  while (*at == 'M' || *at == 'L') {
    char* end = nullptr;
    const double x = std::strtod(at + 1, &end), y = std::strtod(end, &end);
    points.emplace_back(x, y);
    at = end;
  }
  return points;
}

/// What a reader of a line plot sees, found from the file alone.
struct Seen {
  explicit Seen(const Picture& picture) : elements(read_svg(to_svg(picture))) {
    for (const SvgElement& element : elements)
      if (element.name == "rect") frame = element;  // the last one; the first is the paper
    left = attribute(frame, "x");
    top = attribute(frame, "y");
    right = left + attribute(frame, "width");
    bottom = top + attribute(frame, "height");
    for (const SvgElement& element : elements) {
      if (element.name == "path" && element.attributes.contains("stroke-dasharray"))
        guides.push_back(points_of(element.attributes.at("d")));
      else if (element.name == "path" && element.attributes.contains("stroke-linejoin") && element.left == 0) {
        lines.push_back(points_of(element.attributes.at("d")));
        colours.push_back(element.attributes.at("stroke"));
      }
      if (element.name != "text") continue;
      const double x = attribute(element, "x"), y = attribute(element, "y");
      texts.push_back(box_of(element));
      if (y == bottom + 16 && x <= right)
        x_ticks.emplace_back(x, value_of(element.text));
      else if (x == left - 7)
        y_ticks.emplace_back(y - 4, value_of(element.text));
      else if (x > right)
        legend.push_back(element.text);
      else if (x > left && y > top && y < bottom)
        labels.push_back(box_of(element));
    }
    for (const SvgMark& mark : read_marks(elements))
      if (mark.x <= right) marks.push_back(mark);
  }

  static double value_of(std::string label) {
    if (label.starts_with("−")) label.replace(0, std::string("−").size(), "-");
    return std::stod(label);
  }
  /// The pixel of a value, by the two outermost ticks.
  static double pixel(const std::vector<std::pair<double, double>>& ticks, double value, bool logarithmic = false) {
    const auto place = [&](double v) { return logarithmic ? std::log(v) : v; };
    const auto [p, v] = ticks.front();
    const auto [q, w] = ticks.back();
    return p + (place(value) - place(v)) / (place(w) - place(v)) * (q - p);
  }

  std::vector<SvgElement> elements;
  SvgElement frame;
  double left = 0, top = 0, right = 0, bottom = 0;
  std::vector<Polyline> lines, guides;
  std::vector<std::string> colours;
  std::vector<SvgMark> marks;
  std::vector<std::pair<double, double>> x_ticks, y_ticks;  // pixel, value
  std::vector<std::string> legend;
  std::vector<Box> labels;  // of the guides
  std::vector<Box> texts;   // all of them
};

Vector random_walk(Random& random, Index n) {
  Vector y(n);
  double at = 0;
  for (double& value : y) value = at += random.normal();
  return y;
}

/// Whether a box has a point of a line in it, found by walking along the line.
bool covers(const Box& box, const Polyline& line) {
  for (std::size_t i = 0; i + 1 < line.size(); ++i) {
    const auto [x, y] = line[i];
    const double dx = line[i + 1].first - x, dy = line[i + 1].second - y;
    const int steps = 1 + static_cast<int>(2 * std::hypot(dx, dy));
    for (int s = 0; s <= steps; ++s) {
      const double part = static_cast<double>(s) / steps, px = x + part * dx, py = y + part * dy;
      if (px > box.left && px < box.right && py > box.top && py < box.bottom) return true;
    }
  }
  return false;
}

TEST(LinePlot, ShowsEveryPointWhereTheAxesSay) {
  for (const bool logarithmic : {false, true}) {
    Vector x(5), y(5);
    x << -3, 0, 10, 20.5, 31;
    y << 2, 0.5, 80, 33, 4;
    const Seen seen(line_plot({{.x = x, .y = y, .marks = true}}, {.logarithmic_y = logarithmic}));
    ASSERT_EQ(seen.lines.size(), 1u);
    ASSERT_EQ(seen.lines[0].size(), 5u);
    ASSERT_EQ(seen.marks.size(), 5u);
    EXPECT_EQ(seen.colours[0], compiled::cluster_colours[0]);
    for (Index i = 0; i < 5; ++i) {
      const auto [px, py] = seen.lines[0][static_cast<std::size_t>(i)];
      const double at_x = Seen::pixel(seen.x_ticks, x[i]), at_y = Seen::pixel(seen.y_ticks, y[i], logarithmic);
      EXPECT_NEAR(px, at_x, 0.02);
      EXPECT_NEAR(py, at_y, 0.02);
      EXPECT_TRUE(std::any_of(seen.marks.begin(), seen.marks.end(), [&](const SvgMark& mark) {
        return std::abs(mark.x - at_x) < 0.06 && std::abs(mark.y - at_y) < 0.06;
      }));
      EXPECT_TRUE(px > seen.left + 3 && px < seen.right - 3 && py > seen.top + 3 && py < seen.bottom - 3);
    }
  }
}

TEST(LinePlot, PlacesCountFromOneWithoutX) {
  const Vector y = Vector::LinSpaced(7, 0, 1);
  const Seen seen(line_plot({{.y = y}}));
  for (std::size_t i = 0; i < 7; ++i)
    EXPECT_NEAR(seen.lines[0][i].first, Seen::pixel(seen.x_ticks, static_cast<double>(i + 1)), 0.02);
}

TEST(LinePlot, ManyPointsLookTheSameAndAreASmallFile) {
  Random random(1);
  const Vector y = random_walk(random, 300'000);
  const Picture picture = line_plot({{.y = y}});
  EXPECT_LT(to_svg(picture).size(), 100'000u);
  const Seen seen(picture);
  // Every point is within half a pixel of one that is drawn, or between two that are above each other.
  std::vector<std::pair<double, double>> extent(2000, {HUGE_VAL, -HUGE_VAL});  // by column half a pixel wide
  for (const auto& [px, py] : seen.lines[0]) {
    auto& [low, high] = extent[static_cast<std::size_t>(std::lround(2 * px))];
    low = std::min(low, py);
    high = std::max(high, py);
  }
  for (Index i = 0; i < y.size(); i += 7) {
    const auto column =
        static_cast<std::size_t>(std::lround(2 * Seen::pixel(seen.x_ticks, static_cast<double>(i + 1))));
    const double py = Seen::pixel(seen.y_ticks, y[i]);
    double low = HUGE_VAL, high = -HUGE_VAL;
    for (std::size_t c = column - 1; c <= column + 1; ++c) {
      low = std::min(low, extent[c].first);
      high = std::max(high, extent[c].second);
    }
    ASSERT_TRUE(py > low - 0.1 && py < high + 0.1) << i;
  }
}

TEST(LinePlot, GuidesStandAtTheirValues) {
  Random random(2);
  const Vector y = random_walk(random, 50);
  const Seen seen(line_plot(
      {{.y = y}}, {.guides = {{.value = 12, .label = "k = 12", .is_x = true}, {.value = 40, .label = "far above"}}}));
  ASSERT_EQ(seen.guides.size(), 2u);
  EXPECT_NEAR(seen.guides[0][0].first, Seen::pixel(seen.x_ticks, 12), 0.02);
  EXPECT_NEAR(seen.guides[0][1].first, seen.guides[0][0].first, 0);
  EXPECT_NEAR(seen.guides[1][0].second, Seen::pixel(seen.y_ticks, 40), 0.02);
  EXPECT_GT(seen.guides[1][0].second, seen.top);
  ASSERT_EQ(seen.labels.size(), 2u);
  EXPECT_EQ(seen.labels[0].text, "k = 12");
  EXPECT_EQ(seen.labels[1].text, "far above");
}

TEST(LinePlot, LabelsOfGuidesCoverNothingWhereThereIsRoom) {
  Random random(3);
  for (int instance = 0; instance < 300; ++instance) {
    // Ascending, as sorted distances are: both sides of the line are free somewhere.
    Vector y = random_walk(random, 200).cwiseAbs();
    std::sort(y.begin(), y.end());
    const Index knee = static_cast<Index>(random.uniform() * 200);
    const Seen seen(line_plot({{.y = y}}, {.guides = {{.value = y[knee], .label = "eps = 0.1234"}}}));
    ASSERT_EQ(seen.labels.size(), 1u);
    EXPECT_FALSE(covers(seen.labels[0], seen.lines[0])) << instance;
    EXPECT_FALSE(covers(seen.labels[0], seen.guides[0])) << instance;
  }
}

TEST(LinePlot, LegendNamesTheLinesThatHaveNames) {
  const Vector y = Vector::LinSpaced(5, 0, 1);
  const std::vector<PlotLine> lines = {
      {.y = y, .name = "full"}, {.y = 2 * y}, {.y = 3 * y, .name = "tied", .marks = true}};
  const Seen seen(line_plot(lines));
  EXPECT_EQ(seen.legend, (std::vector<std::string>{"full", "tied"}));
  EXPECT_EQ(seen.lines.size(), 3u);
  EXPECT_EQ(seen.colours[2], compiled::cluster_colours[2]);
  EXPECT_EQ(seen.marks.size(), 5u);
  EXPECT_EQ(seen.marks[0].colour, compiled::cluster_colours[2]);
  EXPECT_TRUE(Seen(line_plot(lines, {.legend = false})).legend.empty());
}

TEST(LinePlot, DegenerateData) {
  EXPECT_TRUE(Seen(line_plot({})).lines.empty());
  EXPECT_TRUE(Seen(line_plot({{}})).lines.empty());
  const Seen dot(line_plot({{.y = Vector::Constant(1, 3)}}));
  ASSERT_EQ(dot.lines.size(), 1u);
  EXPECT_EQ(dot.lines[0].size(), 1u);
  for (const bool logarithmic : {false, true})
    for (const double value : {1e-300, 1e-5, 1.0, 1e5, 1e300}) {
      const Seen flat(line_plot({{.y = Vector::Constant(4, value)}}, {.logarithmic_y = logarithmic}));
      EXPECT_GE(flat.y_ticks.size(), 2u) << value;
      const Seen wide(line_plot({{.y = (Vector(2) << value, 1.0).finished()}}, {.logarithmic_y = logarithmic}));
      EXPECT_GE(wide.y_ticks.size(), 2u) << value;
    }
  EXPECT_NO_THROW(Seen(line_plot({{.y = (Vector(2) << -1e300, 1e300).finished()}})));
}

TEST(LinePlot, TextsNeitherOverlapNorLeaveThePicture) {
  Random random(10);
  for (int instance = 0; instance < 1000; ++instance) {
    const bool logarithmic = instance % 2 == 0;
    const auto name = [&](double least) {
      return std::string(static_cast<std::size_t>(random.uniform(least, 60)), 'm');
    };
    std::vector<PlotLine> lines;
    for (int c = 0; c < 1 + instance % 4; ++c) {
      Vector y = random_walk(random, 40) * std::pow(10.0, random.uniform(-8, 8));
      if (logarithmic) y = (y.array() / y.cwiseAbs().maxCoeff() * random.uniform(0.01, 30)).exp();
      if (!logarithmic && random.uniform() < 0.5) y.array() += std::pow(10.0, random.uniform(-6, 9));
      lines.push_back({.y = y, .name = name(0), .marks = instance % 3 == 0});
    }
    LinePlotOptions options{.title = name(0),
                            .x_name = name(1),
                            .y_name = name(1),
                            .logarithmic_y = logarithmic,
                            .width = random.uniform(160, 900),
                            .height = random.uniform(120, 700)};
    if (options.width > 400 && options.height > 300)  // in smaller ones there may be no room beside the line
      options.guides = {{.value = lines[0].y[10], .label = "one"}, {.value = 5, .label = "two", .is_x = true}};
    const Seen seen(line_plot(lines, options));
    SCOPED_TRACE(::testing::Message() << "instance " << instance << ", " << options.width << " x " << options.height);
    EXPECT_EQ(seen.labels.size(), options.guides.size());
    for (std::size_t i = 0; i < seen.texts.size(); ++i) {
      const Box& a = seen.texts[i];
      EXPECT_TRUE(a.left >= -1 && a.top >= -1 && a.right <= options.width + 1 && a.bottom <= options.height + 1)
          << a.text;
      for (std::size_t j = 0; j < i; ++j)
        EXPECT_FALSE(a.overlaps(seen.texts[j])) << "'" << a.text << "' and '" << seen.texts[j].text << "'";
    }
    if (HasFailure()) return;
  }
}

TEST(LinePlot, BadArguments) {
  const Vector y = Vector::LinSpaced(3, 0, 1);
  const auto call = [&](const PlotLine& line, const LinePlotOptions& options = {}) {
    return [=] { line_plot({{.y = y}, line}, options); };
  };
  const double nan = std::numeric_limits<double>::quiet_NaN();
  expect_message(call({.x = Vector::Zero(2), .y = y}),
                 "corymb::line_plot: lines[1] has 2 values of x and 3 of y; they must agree");
  expect_message(call({.y = (Vector(2) << 0, nan).finished()}),
                 "corymb::line_plot: lines[1].y(1) = nan must be within ±1e+300");
  expect_message(call({.x = Vector::Constant(1, HUGE_VAL), .y = Vector::Zero(1)}),
                 "corymb::line_plot: lines[1].x(0) = inf must be within ±1e+300");
  expect_message(call({}, {.guides = {{.value = nan}}}),
                 "corymb::line_plot: guides[0].value = nan must be within ±1e+300");
  expect_message(call({}, {.logarithmic_y = true}),
                 "corymb::line_plot: lines[0].y(0) = 0 must be > 0 on a logarithmic axis");
  expect_message(
      [] {
        line_plot({}, {.guides = {{.value = 0, .is_x = true}, {.value = -1}}, .logarithmic_y = true});
      },
      "corymb::line_plot: guides[1].value = -1 must be > 0 on a logarithmic axis");
  expect_message(call({}, {.width = 100}), "corymb::line_plot: width = 100 must be in [160, 10000]");
  expect_message(call({}, {.height = nan}), "corymb::line_plot: height = nan must be in [120, 10000]");
}

}  // namespace
}  // namespace line_plot_test
