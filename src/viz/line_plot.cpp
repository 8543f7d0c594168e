#include <corymb/viz/detail/line_plot_task.hpp>
#include <corymb/viz/picture.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "viz/frame.hpp"
#include "viz/legend.hpp"
#include "viz/marks.hpp"
#include "viz/palette.hpp"
#include "viz/svg.hpp"

namespace corymb::compiled {
namespace {

constexpr double mark_radius = 3.5, mark_cell = 0.1;  // pixels
constexpr double font = svg::TextStyle{}.size;

struct Point {
  double x, y;
};

using Segment = std::pair<Point, Point>;

double x_of(const LineTask& line, std::ptrdiff_t i) {
  return line.x != nullptr ? line.x[i] : static_cast<double>(i + 1);
}

/// The extents of all lines and guides.
struct Extent {
  double least = HUGE_VAL, greatest = -HUGE_VAL;

  void add(double value) {
    least = std::min(least, value);
    greatest = std::max(greatest, value);
  }
  Range range() const { return least <= greatest ? range_of(least, greatest) : Range{0, 1}; }
};

Frame frame_of(const LinePlotTask& task, double right_margin) {
  Extent x, y;
  const auto add_y = [&](double value) { y.add(task.logarithmic_y ? std::log10(value) : value); };
  for (const LineTask& line : task.lines)
    for (std::ptrdiff_t i = 0; i < line.n; ++i) {
      x.add(x_of(line, i));
      add_y(line.y[i]);
    }
  for (const GuideTask& guide : task.guides) guide.is_x ? x.add(guide.value) : add_y(guide.value);
  return make_frame({.title = task.title,
                     .x_name = task.x_name,
                     .y_name = task.y_name,
                     .x = x.range(),
                     .y = y.range(),
                     .logarithmic_y = task.logarithmic_y},
                    task.width, task.height, right_margin);
}

/// The points of a line in pixels: of those in one column half a pixel wide the first, the lowest, the highest and the
/// last, which look the same as all of them.
std::vector<Point> visible_points(const LineTask& line, const Frame& frame) {
  std::vector<Point> points;
  const auto at = [&](std::ptrdiff_t i) { return Point{frame.x.pixel(x_of(line, i)), frame.y.pixel(line.y[i])}; };
  for (std::ptrdiff_t i = 0; i < line.n;) {
    const long column = std::lround(2 * at(i).x);
    std::ptrdiff_t kept[4] = {i, i, i, i};
    for (; i < line.n && std::lround(2 * at(i).x) == column; ++i) {
      if (line.y[i] < line.y[kept[1]]) kept[1] = i;
      if (line.y[i] > line.y[kept[2]]) kept[2] = i;
      kept[3] = i;
    }
    std::sort(std::begin(kept), std::end(kept));
    const auto end = std::unique(std::begin(kept), std::end(kept));
    std::transform(std::begin(kept), end, std::back_inserter(points), at);
  }
  return points;
}

std::string draw_line(const std::vector<Point>& points, const char* colour) {
  if (points.empty()) return "";
  std::string path = "<path stroke-width=\"1.8\" stroke-linejoin=\"round\" stroke-linecap=\"round\" stroke=\"";
  path.append(colour).append("\" d=\"");
  char command = 'M';
  for (const Point& point : points) {
    path.append(1, command).append(svg::number(point.x)).append(1, ' ').append(svg::number(point.y));
    command = 'L';
  }
  if (points.size() == 1) path += "h0";  // a dot
  return path.append("\"/>\n");
}

std::string draw_marks(const LineTask& line, std::int32_t number, const Frame& frame) {
  std::vector<Cell> cells;
  const auto cell_of = [](double pixel) { return static_cast<std::int32_t>(std::lround(pixel / mark_cell)); };
  for (std::ptrdiff_t i = 0; i < line.n; ++i)
    cells.push_back({cell_of(frame.x.pixel(x_of(line, i))), cell_of(frame.y.pixel(line.y[i]))});
  std::sort(cells.begin(), cells.end());
  cells.erase(std::unique(cells.begin(), cells.end()), cells.end());
  return marks(cells, mark_cell, {shape_of(number), colour_of(number), mark_radius});
}

Segment place_of(const GuideTask& guide, const Frame& frame) {
  const Box& plot = frame.plot;
  if (guide.is_x) {
    const double x = frame.x.pixel(guide.value);
    return {{x, plot.top}, {x, plot.bottom}};
  }
  const double y = frame.y.pixel(guide.value);
  return {{plot.left, y}, {plot.right, y}};
}

/// Whether a segment has a point in a box (Liang and Barsky's clipping).
bool meets(const Segment& segment, const Box& box) {
  const auto& [from, to] = segment;
  double first = 0, last = 1;
  const auto clip = [&](double step, double room) {  // step · t ≤ room
    if (step == 0) return room >= 0;
    if (step > 0)
      last = std::min(last, room / step);
    else
      first = std::max(first, room / step);
    return first <= last;
  };
  const double dx = to.x - from.x, dy = to.y - from.y;
  return clip(-dx, from.x - box.left) && clip(dx, box.right - from.x) && clip(-dy, from.y - box.top) &&
         clip(dy, box.bottom - from.y);
}

bool overlap(const Box& a, const Box& b) {
  return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
}

/// What the labels of guides must leave free, and the places they take.
class GuideLabels {
 public:
  explicit GuideLabels(const Frame& frame) : plot_(frame.plot) {}

  void avoid(const Segment& segment) { segments_.push_back(segment); }
  void avoid(const std::vector<Point>& line) {
    for (std::size_t i = 0; i < line.size(); ++i) avoid(Segment{line[i], line[i + 1 < line.size() ? i + 1 : i]});
  }

  /// The label at the first of several places beside the guide that is free, or at the one that covers the least.
  std::string draw(const GuideTask& guide, const Segment& line) {
    if (guide.label.empty()) return "";
    const double width = std::min(svg::text_width(guide.label, font), plot_.width() - 2 * gap);
    Box best{};
    std::size_t least = segments_.size() + boxes_.size() + 1;
    for (const Box& box : places(guide, line, width)) {
      if (box.left < plot_.left || box.right > plot_.right || box.top < plot_.top || box.bottom > plot_.bottom)
        continue;
      const std::size_t covered = count_in(box);
      if (covered >= least) continue;
      least = covered;
      best = box;
    }
    if (best.width() <= 0) return "";  // a plot too small for any text
    boxes_.push_back(best);
    return svg::text(best.left, best.bottom - 0.3 * font, guide.label, width, {});
  }

 private:
  static constexpr double gap = 6, height = 1.3 * font;

  std::vector<Box> places(const GuideTask& guide, const Segment& line, double width) const {
    std::vector<Box> result;
    const auto add = [&](double left, double top) { result.push_back({left, top, left + width, top + height}); };
    constexpr int steps = 12;
    for (int step = 0; step <= steps; ++step) {
      const double part = static_cast<double>(step) / steps;
      if (guide.is_x) {
        const double top = plot_.top + gap + part * (plot_.height() - height - 2 * gap);
        add(line.first.x + gap, top);
        add(line.first.x - gap - width, top);
      } else {
        // Above from the left and below from the right, where a line that rises leaves room.
        const double room = plot_.width() - width - 2 * gap;
        add(plot_.left + gap + part * room, line.first.y - height - 2);
        add(plot_.right - gap - width - part * room, line.first.y + 2);
      }
    }
    return result;
  }

  std::size_t count_in(const Box& box) const {
    const auto segments =
        std::count_if(segments_.begin(), segments_.end(), [&](const Segment& s) { return meets(s, box); });
    const auto boxes = std::count_if(boxes_.begin(), boxes_.end(), [&](const Box& b) { return overlap(b, box); });
    return static_cast<std::size_t>(segments + boxes);
  }

  Box plot_;
  std::vector<Segment> segments_;
  std::vector<Box> boxes_;
};

std::vector<LegendEntry> legend_entries(const LinePlotTask& task) {
  std::vector<LegendEntry> entries;
  if (!task.legend) return entries;
  for (std::size_t c = 0; c < task.lines.size(); ++c) {
    const LineTask& line = task.lines[c];
    const auto number = static_cast<std::int32_t>(c);
    if (line.name.empty()) continue;
    std::string symbol = line.n == 1 && line.marks ? "" : draw_line({{-7, 0}, {7, 0}}, colour_of(number));
    if (line.marks) symbol += marks({{0, 0}}, mark_cell, {shape_of(number), colour_of(number), mark_radius});
    entries.push_back({std::move(symbol), line.name});
  }
  return entries;
}

}  // namespace

Picture line_plot(const LinePlotTask& task) {
  const Legend legend = make_legend(legend_entries(task), task.width / 3, task.height - 80);
  const Frame frame = frame_of(task, legend.width > 0 ? legend.width + 12 : 14);
  GuideLabels labels(frame);
  Picture picture{task.width, task.height, "<g fill=\"none\">\n"};
  picture.body += draw_lines(frame);
  for (const GuideTask& guide : task.guides) {
    const auto [from, to] = place_of(guide, frame);
    picture.body += svg::dashed_line(from.x, from.y, to.x, to.y, svg::ink);
    labels.avoid(Segment{from, to});
  }
  for (std::size_t c = 0; c < task.lines.size(); ++c) {
    const auto number = static_cast<std::int32_t>(c);
    const std::vector<Point> points = visible_points(task.lines[c], frame);
    labels.avoid(points);
    picture.body += draw_line(points, colour_of(number));
  }
  for (std::size_t c = 0; c < task.lines.size(); ++c)
    if (task.lines[c].marks) picture.body += draw_marks(task.lines[c], static_cast<std::int32_t>(c), frame);
  for (const GuideTask& guide : task.guides) picture.body += labels.draw(guide, place_of(guide, frame));
  picture.body += draw_legend(legend, frame.plot.right + 10, frame.plot.top);
  picture.body += draw_texts(frame);
  picture.body += "</g>\n";
  return picture;
}

}  // namespace corymb::compiled
