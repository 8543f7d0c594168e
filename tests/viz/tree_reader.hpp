#pragma once

#include <corymb/viz/picture.hpp>

#include <algorithm>
#include <cstdlib>
#include <limits>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "viz/svg.hpp"
#include "viz/svg_reader.hpp"

// Reads back pictures of condensed trees.
namespace corymb_test {

inline double number_of(const SvgElement& element, const std::string& name) {
  return std::stod(element.attributes.at(name));
}

inline constexpr double infinity = std::numeric_limits<double>::infinity();

struct Rectangle {
  double left, top, right, bottom;

  bool overlaps(const Rectangle& other) const {
    return left < other.right && other.left < right && top < other.bottom && other.top < bottom;
  }
};

struct Text {
  std::string text;
  Rectangle box;  // by the estimate of its width that the layout uses
  std::string colour;
};

inline Text text_of(const SvgElement& element) {
  const double x = number_of(element, "x"), y = number_of(element, "y"), size = number_of(element, "font-size");
  const double width = corymb::compiled::svg::text_width(element.text, size);
  const auto anchor = element.attributes.find("text-anchor");
  const double before = anchor == element.attributes.end() ? 0 : anchor->second == "middle" ? width / 2 : width;
  Rectangle box{x - before, y - 0.75 * size, x - before + width, y + 0.2 * size};
  if (element.attributes.contains("transform")) box = {x - 0.75 * size, y - before, x + 0.2 * size, y - before + width};
  return {element.text, box, element.attributes.at("fill")};
}

/// The outline of a body: a closed path of steps.
struct Outline {
  std::string colour;
  std::vector<std::pair<double, double>> points;
  double top = infinity, bottom = -infinity;

  /// From where to where it reaches at a height that is none of its edges; an empty one where it is not.
  std::pair<double, double> across(double y) const {
    std::pair<double, double> result{infinity, -infinity};
    if (y < top || y > bottom) return result;
    for (std::size_t i = 0; i < points.size(); ++i) {
      const auto [x, from] = points[i];
      const double to = points[(i + 1) % points.size()].second;
      if ((from < y) == (to < y)) continue;
      result = {std::min(result.first, x), std::max(result.second, x)};
    }
    return result;
  }
  double width(double y) const {
    const auto [left, right] = across(y);
    return std::max(0.0, right - left);
  }
  double middle(double y) const {
    const auto [left, right] = across(y);
    return (left + right) / 2;
  }
};

/// The outlines of "Mx yhdxvdy…zMx y…".
inline std::vector<Outline> outlines_of(const SvgElement& element) {
  std::vector<Outline> outlines;
  const std::string& path = element.attributes.at("d");
  const char* at = path.c_str();
  const auto number = [&] {
    char* end = nullptr;
    const double value = std::strtod(at, &end);
    if (end == at) throw std::runtime_error("a number is missing in a path");
    at = end;
    return value;
  };
  double x = 0, y = 0;
  while (*at != '\0') {
    const char command = *at++;
    switch (command) {
      case 'M':
        x = number();
        y = number();
        outlines.push_back({element.attributes.at("fill"), {}});
        break;
      case 'h': x += number(); break;
      case 'v': y += number(); break;
      case 'z': continue;
      default: throw std::runtime_error(std::string("an unknown command ") + command);
    }
    Outline& outline = outlines.back();
    outline.points.emplace_back(x, y);
    outline.top = std::min(outline.top, y);
    outline.bottom = std::max(outline.bottom, y);
  }
  return outlines;
}

/// What a reader of the picture sees, found from the file alone.
struct SeenTree {
  explicit SeenTree(const corymb::Picture& picture) : elements(read_svg(corymb::to_svg(picture))) {
    for (const SvgElement& element : elements)
      if (element.name == "rect" && element.attributes.at("fill") == "none")
        plot = {number_of(element, "x"), number_of(element, "y"), number_of(element, "x") + number_of(element, "width"),
                number_of(element, "y") + number_of(element, "height")};
    for (const SvgElement& element : elements) {
      if (element.name == "path" && element.left == 0 && element.attributes.contains("fill"))
        for (Outline& outline : outlines_of(element)) bodies.push_back(std::move(outline));
      if (element.name != "text") continue;
      const double x = number_of(element, "x"), y = number_of(element, "y");
      texts.push_back(text_of(element));
      if (y == plot.bottom + 16 && x <= plot.right)
        x_ticks.emplace_back(x, value_of(element.text));
      else if (x == plot.left - 7)
        y_ticks.emplace_back(y - 4, value_of(element.text));
      else if (x > plot.right)
        legend.push_back(element.text);
      else if (x > plot.left && y > plot.top && y < plot.bottom)
        names.push_back(text_of(element));
    }
  }

  static double value_of(std::string label) {
    if (label.starts_with("−")) label.replace(0, std::string("−").size(), "-");
    return std::stod(label);
  }
  static double pixel(const std::vector<std::pair<double, double>>& ticks, double value, bool logarithmic = false) {
    const auto place = [&](double v) { return logarithmic ? std::log(v) : v; };
    const auto [p, v] = ticks.front();
    const auto [q, w] = ticks.back();
    return p + (place(value) - place(v)) / (place(w) - place(v)) * (q - p);
  }
  double per_row() const { return pixel(x_ticks, 1) - pixel(x_ticks, 0); }
  std::vector<Outline> of_colour(const std::string& colour) const {
    std::vector<Outline> result;
    for (const Outline& body : bodies)
      if (body.colour == colour) result.push_back(body);
    return result;
  }

  std::vector<SvgElement> elements;
  Rectangle plot{};
  std::vector<Outline> bodies;
  std::vector<std::pair<double, double>> x_ticks, y_ticks;  // pixel, value
  std::vector<std::string> legend;
  std::vector<Text> names;  // of clusters
  std::vector<Text> texts;  // all of them
};

}  // namespace corymb_test
