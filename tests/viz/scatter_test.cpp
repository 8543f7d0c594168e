#include <corymb/viz/scatter.hpp>

#include <corymb/core/errors.hpp>
#include <corymb/core/random.hpp>
#include <corymb/datasets/bundled.hpp>
#include <corymb/preprocess/pca.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "support/message_of.hpp"
#include "viz/palette.hpp"
#include "viz/svg.hpp"
#include "viz/svg_reader.hpp"

namespace scatter_test {
namespace {

using namespace corymb;
using corymb_test::message_of;
using corymb_test::read_marks;
using corymb_test::read_svg;
using corymb_test::SvgElement;
using corymb_test::SvgMark;

double attribute(const SvgElement& element, const std::string& name) { return std::stod(element.attributes.at(name)); }

/// What a reader of a scatter sees, found from the file alone.
struct Seen {
  explicit Seen(const Picture& picture) : elements(read_svg(to_svg(picture))), width(picture.width) {
    for (const SvgElement& element : elements)
      if (element.name == "rect") frame = element;  // the last one; the first is the paper
    left = attribute(frame, "x");
    top = attribute(frame, "y");
    right = left + attribute(frame, "width");
    bottom = top + attribute(frame, "height");
    for (const SvgMark& mark : read_marks(elements)) (mark.x > right ? legend_marks : marks).push_back(mark);
    for (const SvgElement& element : elements) {
      if (element.name != "text") continue;
      const double x = attribute(element, "x"), y = attribute(element, "y");
      if (y == bottom + 16 && x <= right)
        x_ticks.emplace_back(x, value_of(element.text));
      else if (x == left - 7)
        y_ticks.emplace_back(y - 4, value_of(element.text));
      else if (x > right)
        legend.push_back(element.text);
      else
        others.push_back(element);
    }
  }

  static double value_of(std::string label) {
    if (label.starts_with("−")) label.replace(0, std::string("−").size(), "-");
    return std::stod(label);
  }
  /// The pixel of a value, by the two outermost ticks.
  static double pixel(const std::vector<std::pair<double, double>>& ticks, double value) {
    const auto [p, v] = ticks.front();
    const auto [q, w] = ticks.back();
    return p + (value - v) / (w - v) * (q - p);
  }

  std::vector<SvgElement> elements;
  double width;
  SvgElement frame;
  double left = 0, top = 0, right = 0, bottom = 0;
  std::vector<SvgMark> marks, legend_marks;
  std::vector<std::pair<double, double>> x_ticks, y_ticks;  // pixel, value
  std::vector<std::string> legend;
  std::vector<SvgElement> others;  // title and names of the axes
};

/// Whether each point has a mark in the colour of its label within `error` pixels, and each mark a point.
template <class Points>
::testing::AssertionResult shows_every_point(const Seen& seen, const Points& X, const std::vector<int>& labels,
                                             double error) {
  std::map<std::string, std::set<std::pair<long, long>>> places;  // in cells of 2 · error
  const auto cell = [&](double pixel) { return std::lround(pixel / (2 * error)); };
  for (const SvgMark& mark : seen.marks) places[mark.colour].insert({cell(mark.x), cell(mark.y)});
  std::size_t used = 0;
  std::map<std::string, std::set<std::pair<long, long>>> needed;
  for (Index i = 0; i < X.rows(); ++i) {
    const double x = Seen::pixel(seen.x_ticks, static_cast<double>(X(i, 0)));
    const double y = Seen::pixel(seen.y_ticks, static_cast<double>(X(i, 1)));
    const std::string colour = compiled::colour_of(labels[static_cast<std::size_t>(i)]);
    bool found = false;
    for (const double dx : {0.0, -error / 4, error / 4})  // the ticks themselves are rounded
      for (const double dy : {0.0, -error / 4, error / 4}) {
        const std::pair place{cell(x + dx), cell(y + dy)};
        if (!places[colour].contains(place)) continue;
        found = true;
        needed[colour].insert(place);
      }
    if (!found) return ::testing::AssertionFailure() << "no mark for point " << i << " at " << x << ", " << y;
    ++used;
  }
  for (const auto& [colour, cells] : places)
    if (cells.size() != needed[colour].size())
      return ::testing::AssertionFailure() << cells.size() - needed[colour].size() << " marks without a point";
  return ::testing::AssertionSuccess() << used << " points";
}

RowMatrix<double> normal_points(Index n, Index d, std::uint64_t seed) {
  Random random(seed);
  RowMatrix<double> X(n, d);
  for (double& value : X.reshaped<Eigen::RowMajor>()) value = random.normal();
  return X;
}

std::vector<int> some_labels(Index n, int k, bool with_noise) {
  std::vector<int> labels(static_cast<std::size_t>(n));
  for (std::size_t i = 0; i < labels.size(); ++i)
    labels[i] = static_cast<int>(i % static_cast<std::size_t>(k + with_noise)) - with_noise;
  return labels;
}

TEST(Scatter, ShowsEveryPointWhereTheAxesSay) {
  for (const Index n : {2, 10, 150, 3000, 30000}) {
    const RowMatrix<double> X = normal_points(n, 2, 1) * 3;
    const auto labels = some_labels(n, 5, true);
    const Seen seen(scatter(X, labels));
    EXPECT_TRUE(shows_every_point(seen, X, labels, n > 20000 ? 0.25 : 0.05)) << n;
    for (const SvgMark& mark : seen.marks) {
      ASSERT_GE(mark.x - 3.5, seen.left);
      ASSERT_LE(mark.x + 3.5, seen.right);
      ASSERT_GE(mark.y - 3.5, seen.top);
      ASSERT_LE(mark.y + 3.5, seen.bottom);
    }
  }
}

TEST(Scatter, TheCheckFindsAMissingPoint) {
  RowMatrix<double> X = normal_points(100, 2, 1);
  const auto labels = some_labels(100, 3, false);
  const Seen seen(scatter(X, labels));
  ASSERT_TRUE(shows_every_point(seen, X, labels, 0.05));
  EXPECT_FALSE(shows_every_point(seen, X.topRows(99), labels, 0.05));
  X(7, 0) += 0.05;
  EXPECT_FALSE(shows_every_point(seen, X, labels, 0.05));
}

TEST(Scatter, AHundredThousandPointsTakeLessThanFiveMegabytes) {
  for (const int k : {1, 8, 40, 1000}) {
    const RowMatrix<double> X = normal_points(100'000, 2, 2);
    const auto labels = some_labels(X.rows(), k, true);
    const Picture picture = scatter(X, labels);
    EXPECT_LT(to_svg(picture).size(), 5'000'000u) << k;
    EXPECT_TRUE(shows_every_point(Seen(picture), X, labels, 0.25)) << k;
  }
}

TEST(Scatter, NoiseIsBehind) {
  const Seen seen(scatter(normal_points(2000, 2, 3), some_labels(2000, 4, true)));
  bool others = false;
  for (const SvgMark& mark : seen.marks) {
    const bool is_noise = mark.colour == compiled::noise_colour;
    EXPECT_FALSE(is_noise && others);
    others = others || !is_noise;
  }
  EXPECT_TRUE(others);
}

TEST(Scatter, NoClusterHidesTheOthers) {
  // Everything at few places: the last marks drawn belong to every cluster about as often.
  const Index n = 40'000;
  const Seen seen(scatter(normal_points(n, 2, 4), some_labels(n, 4, false)));
  std::map<std::string, int> last;
  for (std::size_t i = seen.marks.size() - 4000; i < seen.marks.size(); ++i) ++last[seen.marks[i].colour];
  ASSERT_EQ(last.size(), 4u);
  for (const auto& [colour, count] : last) EXPECT_GT(count, 500) << colour;
}

TEST(Scatter, ColoursAndShapesFollowTheLabel) {
  RowMatrix<double> X(2, 2);
  X << 0, 0, 1, 1;
  std::set<std::string> shapes;
  for (const int label : {0, 8, 16, 24}) {
    const Seen seen(scatter(X, std::vector<int>{label, -1}));
    ASSERT_EQ(seen.marks.size(), 2u);
    EXPECT_EQ(seen.marks[0].colour, compiled::noise_colour);
    EXPECT_EQ(seen.marks[1].colour, compiled::cluster_colours[0]);
    shapes.insert(seen.marks[1].shape);
  }
  EXPECT_EQ(shapes.size(), 4u);
}

TEST(Scatter, LegendNamesTheClustersPresent) {
  const RowMatrix<double> X = normal_points(5, 2, 5);
  const std::vector<int> labels = {3, 0, -1, 3, 2};
  ScatterOptions options{.cluster_names = {"a & b", "absent", ""}, .centers = RowMatrix<double>::Zero(1, 2)};
  const Seen seen(scatter(X, labels, options));
  EXPECT_EQ(seen.legend, (std::vector<std::string>{"a & b", "2", "3", "noise", "center"}));
  EXPECT_EQ(seen.legend_marks.size(), 4u);
  options.legend = false;
  EXPECT_TRUE(Seen(scatter(X, labels, options)).legend.empty());
  EXPECT_TRUE(Seen(scatter(X, std::vector<int>(5, 0))).legend.empty());  // nothing to tell apart
}

TEST(Scatter, LegendCountsWhatDoesNotFit) {
  const RowMatrix<double> X = normal_points(500, 2, 6);
  const Seen seen(scatter(X, some_labels(500, 500, false)));
  ASSERT_GT(seen.legend.size(), 40u);
  EXPECT_EQ(seen.legend.back(), "and " + std::to_string(500 - (seen.legend.size() - 1)) + " more");
}

TEST(Scatter, MoreColumnsAreProjectedOnPrincipalComponents) {
  const BundledData data = iris();
  const Seen seen(
      scatter(data.points, data.labels, {.cluster_names = data.class_names, .centers = data.points.topRows(3)}));
  const auto components = pca(data.points, 2);
  EXPECT_TRUE(shows_every_point(seen, components.points, {data.labels.begin(), data.labels.end()}, 0.05));
  ASSERT_EQ(seen.others.size(), 2u);
  EXPECT_EQ(seen.others[0].text, "principal component 1 (92 %)");
  EXPECT_EQ(seen.others[1].text, "principal component 2 (5 %)");
  // The centers are points here, so their crosses must be on marks.
  std::vector<std::pair<double, double>> crosses;
  for (const SvgElement& element : seen.elements)
    if (element.name == "path" && element.attributes.at("stroke") == "#000") {
      char* end = nullptr;
      const double x = std::strtod(element.attributes.at("d").c_str() + 1, &end) + 5;
      crosses.emplace_back(x, std::strtod(end, nullptr) + 5);
    }
  ASSERT_EQ(crosses.size(), 4u);  // and the one in the legend
  for (std::size_t c = 0; c < 3; ++c) {
    EXPECT_NEAR(crosses[c].first, Seen::pixel(seen.x_ticks, components.points(static_cast<Index>(c), 0)), 0.1);
    EXPECT_NEAR(crosses[c].second, Seen::pixel(seen.y_ticks, components.points(static_cast<Index>(c), 1)), 0.1);
  }
}

TEST(Scatter, SharesOfTheVarianceAreNotRoundedToNothingOrAll) {
  RowMatrix<double> X = normal_points(100, 3, 7);
  X.col(0) *= 1000;
  const Seen seen(scatter(X, std::vector<int>(100, 0)));
  EXPECT_EQ(seen.others[0].text, "principal component 1 (over 99 %)");
  EXPECT_EQ(seen.others[1].text, "principal component 2 (under 1 %)");
}

TEST(Scatter, OneColumnIsDrawnAgainstTheLabel) {
  const RowMatrix<double> X = normal_points(50, 1, 8);
  const auto labels = some_labels(50, 3, true);
  const Seen seen(scatter(X, labels, {.axis_names = {"length (mm)"}}));
  RowMatrix<double> expected(50, 2);
  for (Index i = 0; i < 50; ++i) expected.row(i) << X(i, 0), labels[static_cast<std::size_t>(i)];
  EXPECT_TRUE(shows_every_point(seen, expected, labels, 0.05));
  EXPECT_EQ(seen.others[0].text, "length (mm)");
  EXPECT_EQ(seen.others[1].text, "label");
  for (const auto& [pixel, value] : seen.y_ticks) EXPECT_EQ(value, std::round(value));
}

TEST(Scatter, ScalesOfTheAxes) {
  const auto pixels_per_unit = [](const Seen& seen) {
    const auto slope = [](const auto& ticks) {
      return std::abs((ticks.back().first - ticks.front().first) / (ticks.back().second - ticks.front().second));
    };
    return std::pair(slope(seen.x_ticks), slope(seen.y_ticks));
  };
  RowMatrix<double> X(4, 2);
  const auto labels = std::vector<int>(4, 0);
  for (const double stretch : {2.0, 10.0}) {
    X << 0, 0, stretch, 0, 0, 1, stretch, 1;
    for (const AxisScales scales : {AxisScales::automatic, AxisScales::equal, AxisScales::independent}) {
      const auto [x, y] = pixels_per_unit(Seen(scatter(X, labels, {.scales = scales})));
      const bool equal = scales == AxisScales::equal || (scales == AxisScales::automatic && stretch <= 3);
      if (equal)
        EXPECT_NEAR(x / y, 1, 1e-3);
      else
        EXPECT_GT(std::abs(x / y - 1), 0.1);
    }
  }
}

TEST(Scatter, SameForEveryStorageScalarAndNumberOfThreads) {
  const RowMatrix<float> X = normal_points(500, 5, 9).cast<float>();
  const auto labels = some_labels(500, 3, true);
  const std::string expected = to_svg(scatter(X, labels, {.execution = {.threads = 1}}));
  EXPECT_EQ(to_svg(scatter(X, labels, {.execution = {.threads = 2}})), expected);
  EXPECT_EQ(to_svg(scatter(Eigen::MatrixXf(X), labels)), expected);
  RowMatrix<float> wide = RowMatrix<float>::Zero(500, 9);
  wide.middleCols(2, 5) = X;
  EXPECT_EQ(to_svg(scatter(wide.middleCols(2, 5), labels)), expected);
  Labels eigen_labels(500);
  for (Index i = 0; i < 500; ++i) eigen_labels[i] = labels[static_cast<std::size_t>(i)];
  EXPECT_EQ(to_svg(scatter(X, eigen_labels)), expected);
  EXPECT_EQ(to_svg(scatter(X.cast<double>(), labels)).size(), expected.size());
}

TEST(Scatter, DegenerateData) {
  const auto seen = [](const RowMatrix<double>& X, const std::vector<int>& labels) { return Seen(scatter(X, labels)); };
  EXPECT_EQ(seen(RowMatrix<double>(0, 2), {}).marks.size(), 0u);
  EXPECT_EQ(seen(RowMatrix<double>(0, 7), {}).marks.size(), 0u);
  for (const Index d : {1, 2, 3, 10}) {
    EXPECT_EQ(seen(normal_points(1, d, 1), {0}).marks.size(), 1u) << d;
    EXPECT_EQ(seen(RowMatrix<double>::Constant(20, d, 1e6), std::vector<int>(20, 0)).marks.size(), 1u) << d;
    EXPECT_EQ(seen(normal_points(2, d, 1), {0, 1}).marks.size(), 2u) << d;
  }
  for (const double offset : {1e6, -1e9, 1e100}) {
    const RowMatrix<double> X = normal_points(40, 2, 2).array() + offset;
    EXPECT_NO_THROW(seen(X, std::vector<int>(40, 0)));
  }
  const RowMatrix<double> offset = normal_points(40, 2, 2).array() * 1e-3 + 1e6;
  EXPECT_GT(seen(offset, std::vector<int>(40, 0)).marks.size(), 30u);
  const RowMatrix<double> huge = normal_points(40, 2, 2).array() * 1e150;
  EXPECT_EQ(seen(huge, std::vector<int>(40, 0)).marks.size(), 40u);
}

// Texts as boxes, by the estimate of their width that the layout uses.
TEST(Scatter, TextsNeitherOverlapNorLeaveThePicture) {
  Random random(10);
  for (int instance = 0; instance < 1000; ++instance) {
    const int k = 1 + static_cast<int>(random.uniform() * (instance % 5 == 0 ? 200 : 12));
    RowMatrix<double> X = normal_points(200, 2, static_cast<std::uint64_t>(instance));
    for (Index j = 0; j < 2; ++j) {
      X.col(j) *= std::pow(10.0, random.uniform(-8, 8));
      if (random.uniform() < 0.5) X.col(j).array() += std::pow(10.0, random.uniform(-6, 9));
    }
    const auto name = [&](double least) {
      return std::string(static_cast<std::size_t>(random.uniform(least, 60)), 'm');
    };
    ScatterOptions options{.title = name(0),
                           .axis_names = {name(1), name(1)},
                           .cluster_names = {name(1), name(1)},
                           .width = random.uniform(160, 900),
                           .height = random.uniform(120, 700)};
    const Picture picture = scatter(X, some_labels(200, k, instance % 2 == 0), options);
    struct Box {
      double left, top, right, bottom;
      std::string text;
    };
    std::vector<Box> boxes;
    for (const SvgElement& element : read_svg(to_svg(picture))) {
      if (element.name != "text") continue;
      const double x = attribute(element, "x"), y = attribute(element, "y"), size = attribute(element, "font-size");
      const double width = compiled::svg::text_width(element.text, size);
      const auto anchor = element.attributes.find("text-anchor");
      const double before = anchor == element.attributes.end() ? 0 : anchor->second == "middle" ? width / 2 : width;
      if (element.attributes.contains("transform"))
        boxes.push_back({x - 0.75 * size, y - before, x + 0.2 * size, y - before + width, element.text});
      else
        boxes.push_back({x - before, y - 0.75 * size, x - before + width, y + 0.2 * size, element.text});
    }
    SCOPED_TRACE(::testing::Message() << "instance " << instance << ", " << options.width << " x " << options.height);
    for (std::size_t i = 0; i < boxes.size(); ++i) {
      const Box& a = boxes[i];
      EXPECT_TRUE(a.left >= -1 && a.top >= -1 && a.right <= options.width + 1 && a.bottom <= options.height + 1)
          << a.text;
      for (std::size_t j = 0; j < i; ++j) {
        const Box& b = boxes[j];
        EXPECT_FALSE(a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom)
            << "'" << a.text << "' and '" << b.text << "'";
      }
    }
    if (HasFailure()) return;
  }
}

TEST(Scatter, LongTextsAreShortenedAndShownOnPointing) {
  const std::string title(300, 'x');
  const Seen seen(scatter(normal_points(5, 2, 1), std::vector<int>(5, 0), {.title = title}));
  const auto found = std::find_if(seen.others.begin(), seen.others.end(),
                                  [](const SvgElement& element) { return element.text.starts_with("xx"); });
  ASSERT_NE(found, seen.others.end());
  EXPECT_TRUE(found->text.ends_with("…"));
  EXPECT_EQ(found->tip, title);
}

TEST(Scatter, EllipsesAreWhereTheMahalanobisDistanceIsTwo) {
  Eigen::MatrixXd S(2, 2), flat(2, 2);
  S << 4, -3, -3, 9;
  flat << 1, 2, 2, 4;
  RowMatrix<double> centers(2, 2);
  centers << 0, 0, 30, -20;
  const RowMatrix<double> X = normal_points(50, 2, 3);
  const std::vector<int> labels = some_labels(50, 2, false);
  const Seen seen(scatter(X, labels, {.centers = centers, .covariances = {S, flat}}));
  std::size_t ellipses = 0;
  for (const SvgElement& element : seen.elements) {
    if (element.name != "path" || element.attributes.at("d").find('C') == std::string::npos) continue;
    if (element.attributes.at("stroke") != "#000") continue;  // what sets it off
    const Index c = static_cast<Index>(ellipses++);
    // The curve begins and ends at points of the ellipse: a number pair after M, and each third one after C.
    const std::string& d = element.attributes.at("d");
    std::vector<std::pair<double, double>> pairs;
    for (const char* at = d.c_str(); *at != '\0' && *at != 'Z';) {
      if (*at == 'M' || *at == 'C' || *at == ' ') ++at;
      char* end = nullptr;
      const double x = std::strtod(at, &end);
      const double y = std::strtod(end, &end);
      pairs.emplace_back(x, y);
      at = end;
    }
    ASSERT_EQ(pairs.size(), 13u);
    for (std::size_t i = 0; i < pairs.size(); i += 3) {
      const auto [x, y] = pairs[i];
      EXPECT_GE(x, seen.left);
      EXPECT_LE(x, seen.right);
      EXPECT_GE(y, seen.top);
      EXPECT_LE(y, seen.bottom);
      const auto value = [](const auto& ticks, double pixel) {
        const auto [p, v] = ticks.front();
        const auto [q, w] = ticks.back();
        return v + (pixel - p) / (q - p) * (w - v);
      };
      const Eigen::Vector2d at(value(seen.x_ticks, x) - centers(c, 0), value(seen.y_ticks, y) - centers(c, 1));
      if (c == 0)
        EXPECT_NEAR(std::sqrt(at.dot(S.inverse() * at)), 2, 0.05);
      else
        EXPECT_NEAR(at[1], 2 * at[0], 0.2);  // on the line that is left of it
    }
  }
  EXPECT_EQ(ellipses, 2u);
  // More columns: the covariances are projected as the points are. One matrix for all.
  const RowMatrix<double> Y = normal_points(40, 5, 4);
  const std::string file = to_svg(scatter(Y, some_labels(40, 2, false),
                                          {.centers = Y.topRows(3), .covariances = {Eigen::MatrixXd::Identity(5, 5)}}));
  std::size_t curves = 0;
  for (const char c : file) curves += c == 'C';
  EXPECT_GE(curves, 2u * 3u * 4u);
}

TEST(Scatter, AnyTitleGivesAWellFormedFile) {
  const RowMatrix<double> X = normal_points(5, 2, 1);
  const auto title_of = [&](const std::string& title) {
    const Seen seen(scatter(X, std::vector<int>(5, 0), {.title = title}));
    return seen.others.back().text;
  };
  EXPECT_EQ(title_of("a<b> & \"c\""), "a<b> & \"c\"");
  EXPECT_EQ(title_of("größe 中"), "größe 中");
  EXPECT_EQ(title_of("a\nb\x01\xff\xc3("), std::string("a?b") + "?" + "?" + "?(");
  EXPECT_EQ(title_of(std::string("\xed\xa0\x80\xf4\x90\x80\x80\xef\xbf\xbf", 10)), "??????????");
}

/// The opacity of each path of marks within the plot, with its colour and how many marks it has.
struct Painted {
  std::string colour;
  double opacity;
  std::vector<SvgMark> marks;
};

std::vector<Painted> painted(const Seen& seen) {
  std::vector<Painted> result;
  for (const SvgElement& element : seen.elements) {
    const std::vector<SvgMark> marks = read_marks({element});
    if (marks.empty() || marks[0].x > seen.right) continue;
    const bool opaque = !element.attributes.contains("opacity");
    result.push_back({marks[0].colour, opaque ? 1 : attribute(element, "opacity"), marks});
  }
  return result;
}

TEST(Scatter, OpacityOfPoints) {
  RowMatrix<double> X(12, 2);
  std::vector<int> labels(12, 0);
  Vector opacity(12);
  for (Index i = 0; i < 12; ++i) {
    X.row(i) << static_cast<double>(i), 0;
    opacity[i] = std::min(1.0, 0.1 * static_cast<double>(i));
  }
  labels[3] = -1;
  const Seen seen(scatter(X, labels, {.opacity = opacity}));
  EXPECT_TRUE(shows_every_point(seen, X, labels, 0.05));
  std::vector<double> shown(12, 0);
  for (const Painted& path : painted(seen))
    for (const SvgMark& mark : path.marks)
      shown[static_cast<std::size_t>(
          std::lround((mark.x - seen.x_ticks[0].first) / (Seen::pixel(seen.x_ticks, 1) - Seen::pixel(seen.x_ticks, 0)) +
                      seen.x_ticks[0].second))] = path.opacity;
  for (std::size_t i = 0; i < 12; ++i) {
    // In fifths, a fifth at least; noise as ever.
    const double expected = labels[i] < 0 ? 1 : std::max(0.2, opacity[static_cast<Index>(i)]);
    EXPECT_NEAR(shown[i], expected, 0.1 + 1e-9) << i;
    EXPECT_NEAR(shown[i] * 5, std::round(shown[i] * 5), 1e-9) << i;
  }
}

TEST(Scatter, OpacityOnlyChangesOpacity) {
  const RowMatrix<double> X = normal_points(30000, 2, 11);
  const auto labels = some_labels(X.rows(), 6, true);
  Vector opacity(X.rows());
  Random random(12);
  for (double& value : opacity) value = random.uniform();
  EXPECT_EQ(to_svg(scatter(X, labels, {.opacity = Vector::Ones(X.rows())})).find("opacity"), std::string::npos);
  const Picture plain = scatter(X, labels), picture = scatter(X, labels, {.opacity = opacity});
  const Seen seen(picture);
  EXPECT_TRUE(shows_every_point(seen, X, labels, 0.25));
  EXPECT_EQ(seen.marks.size(), Seen(plain).marks.size());
  EXPECT_EQ(seen.legend, Seen(plain).legend);
  EXPECT_LT(picture.body.size(), 2 * plain.body.size());
  for (const Painted& path : painted(seen))
    if (path.colour == compiled::noise_colour) {
      EXPECT_EQ(path.opacity, 1);
    }
}

TEST(Scatter, OfPointsThatCoincideTheMostOpaqueOneIsSeen) {
  const RowMatrix<double> X = RowMatrix<double>::Zero(4, 2);
  const Seen seen(scatter(X, std::vector<int>{0, 0, 0, 0}, {.opacity = (Vector(4) << 0.2, 0.8, 0.4, 0).finished()}));
  const auto paths = painted(seen);
  ASSERT_EQ(paths.size(), 1u);
  EXPECT_EQ(paths[0].marks.size(), 1u);
  EXPECT_EQ(paths[0].opacity, 0.8);
}

TEST(Scatter, BadArguments) {
  const RowMatrix<double> X = normal_points(3, 2, 1);
  const std::vector<int> labels = {0, 1, 0};
  const auto expect = [](const std::string& message, const auto& call) { EXPECT_EQ(message_of(call), message); };
  expect("corymb::scatter: X has 0 columns; at least 1 is needed", [&] { scatter(RowMatrix<double>(3, 0), labels); });
  expect("corymb::scatter: labels has 2 entries; one per row of X, n = 3, is needed", [&] {
    scatter(X, std::vector<int>{0, 1});
  });
  expect("corymb::scatter: labels(1) = -2 must be -1, which is noise, or a number of a cluster", [&] {
    scatter(X, std::vector<int>{0, -2, 0});
  });
  expect("corymb::scatter: labels(2) = 4294967296 must be -1, which is noise, or a number of a cluster", [&] {
    scatter(X, std::vector<std::int64_t>{0, 1, std::int64_t{1} << 32});
  });
  expect("corymb::scatter: centers has 3 columns, X has 2; they must agree",
         [&] { scatter(X, labels, {.centers = RowMatrix<double>::Zero(1, 3)}); });
  expect("corymb::scatter: width = 100 must be in [160, 10000]", [&] { scatter(X, labels, {.width = 100}); });
  expect("corymb::scatter: height = nan must be in [120, 10000]",
         [&] { scatter(X, labels, {.height = std::numeric_limits<double>::quiet_NaN()}); });
  expect("corymb::scatter: point_radius = -1 must be in [0, 100]", [&] { scatter(X, labels, {.point_radius = -1}); });
  expect("corymb::scatter: opacity has 2 entries; one per row of X, n = 3, is needed",
         [&] { scatter(X, labels, {.opacity = Vector::Ones(2)}); });
  expect("corymb::scatter: opacity(1) = 1.5 must be in [0, 1]",
         [&] { scatter(X, labels, {.opacity = Vector::LinSpaced(3, 1, 2)}); });
  expect("corymb::scatter: opacity(0) = nan must be in [0, 1]",
         [&] { scatter(X, labels, {.opacity = Vector::Constant(3, std::numeric_limits<double>::quiet_NaN())}); });
  RowMatrix<double> bad = X;
  bad(1, 1) = std::numeric_limits<double>::quiet_NaN();
  expect("corymb::scatter: X(1, 1) = nan must be finite", [&] { scatter(bad, labels); });
  expect("corymb::scatter: covariances has 2 matrices; one per row of centers, 3, or one for all is needed", [&] {
    scatter(X, labels, {.centers = X, .covariances = {Eigen::MatrixXd(2, 2), Eigen::MatrixXd(2, 2)}});
  });
  expect("corymb::scatter: covariances[0] must be finite and d x d, d = 2",
         [&] { scatter(X, labels, {.centers = X, .covariances = {Eigen::MatrixXd::Zero(2, 3)}}); });
  expect("corymb::scatter: centers(1, 1) = nan must be finite", [&] { scatter(X, labels, {.centers = bad}); });
}

}  // namespace
}  // namespace scatter_test
