#include <corymb/core/random.hpp>
#include <corymb/viz/detail/scatter_task.hpp>
#include <corymb/viz/picture.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "viz/frame.hpp"
#include "viz/legend.hpp"
#include "viz/marks.hpp"
#include "viz/palette.hpp"
#include "viz/svg.hpp"

namespace corymb::compiled {
namespace {

/// The different labels, noise last.
std::vector<std::int32_t> labels_present(const ScatterTask& task) {
  std::vector<std::int32_t> labels(task.label, task.label + task.n);
  std::sort(labels.begin(), labels.end());
  labels.erase(std::unique(labels.begin(), labels.end()), labels.end());
  if (!labels.empty() && labels.front() < 0) std::rotate(labels.begin(), labels.begin() + 1, labels.end());
  return labels;
}

std::string name_of(std::int32_t label, const ScatterTask& task) {
  if (label < 0) return "noise";
  const auto c = static_cast<std::size_t>(label);
  if (c < task.cluster_names.size() && !task.cluster_names[c].empty()) return task.cluster_names[c];
  return std::to_string(label);
}

/// A range that holds the coordinates of all points, centers and ellipses; axis 0 is x, 1 is y.
Range extent(const ScatterTask& task, int axis) {
  double least = HUGE_VAL, greatest = -HUGE_VAL;
  const auto add = [&](double value, double radius) {
    least = std::min(least, value - radius);
    greatest = std::max(greatest, value + radius);
  };
  for (std::ptrdiff_t i = 0; i < task.n; ++i) add((axis == 0 ? task.x : task.y)[i], 0);
  for (std::ptrdiff_t c = 0; c < task.centers; ++c) {
    const double* radii = task.ellipses == nullptr ? nullptr : task.ellipses + 4 * c + axis;
    add((axis == 0 ? task.center_x : task.center_y)[c], radii == nullptr ? 0 : std::hypot(radii[0], radii[2]));
  }
  return least <= greatest ? range_of(least, greatest) : Range{0, 1};
}

/// 3.5 pixels up to 200 points, 2.6 for 1000, 1.1 for 100 000.
double automatic_radius(std::ptrdiff_t n) {
  return std::clamp(3.5 * std::pow(200 / std::max(static_cast<double>(n), 1.0), 0.19), 0.7, 3.5);
}

double cell_size_for(std::ptrdiff_t n) { return n > 200'000 ? 1 : n > 20'000 ? 0.5 : 0.1; }

/// So many that the topmost one is thin, and not so many that their beginnings make up the file.
std::uint32_t layers_for(std::ptrdiff_t n, std::size_t clusters) {
  if (clusters < 2) return 1;
  const auto wanted = std::clamp<std::size_t>(static_cast<std::size_t>(n) / 1000, 8, 100);
  return static_cast<std::uint32_t>(std::clamp<std::size_t>(10'000 / clusters, 1, wanted));
}

std::string cross(double x, double y) {
  const std::string d =
      "<path d=\"M" + svg::number(x - 5) + " " + svg::number(y - 5) + "l10 10m0 -10l-10 10\" stroke-width=\"";
  return d + "5\" stroke=\"" + svg::paper + "\"/>\n" + d + "2\" stroke=\"#000\"/>\n";
}

/// The ellipse around center c: four Bézier curves through the ends of its conjugate radii.
std::string ellipse(const ScatterTask& task, std::ptrdiff_t c, const Frame& frame) {
  constexpr double bend = 0.5522847498307936;  // of the control points of a quarter of a circle, 4/3 (√2 − 1)
  const double* radii = task.ellipses + 4 * c;
  const auto at = [&](double first, double second) {  // in radii
    return svg::number(frame.x.pixel(task.center_x[c] + first * radii[0] + second * radii[2])) + " " +
           svg::number(frame.y.pixel(task.center_y[c] + first * radii[1] + second * radii[3]));
  };
  std::string d = "M" + at(1, 0);
  double u = 1, v = 0;
  for (int quarter = 0; quarter < 4; ++quarter) {
    const double next_u = -v, next_v = u;
    d += "C" + at(u + bend * next_u, v + bend * next_v) + " " + at(next_u + bend * u, next_v + bend * v) + " " +
         at(next_u, next_v);
    u = next_u;
    v = next_v;
  }
  const std::string path = "<path d=\"" + d + "Z\" stroke-width=\"";
  return path + "3.5\" stroke=\"" + svg::paper + "\" stroke-opacity=\"0.8\"/>\n" + path + "1.5\" stroke=\"#000\"/>\n";
}

std::vector<LegendEntry> legend_entries(const ScatterTask& task, const std::vector<std::int32_t>& labels,
                                        double radius) {
  std::vector<LegendEntry> entries;
  if (!task.legend || (labels.size() < 2 && task.centers == 0 && task.cluster_names.empty())) return entries;
  for (const std::int32_t label : labels)
    entries.push_back(
        {marks({{0, 0}}, 0.1, {shape_of(label), colour_of(label), std::max(radius, 3.5)}), name_of(label, task)});
  if (task.centers > 0) entries.push_back({cross(0, 0), "center"});
  return entries;
}

constexpr int opacity_levels = 5;

/// A mark that is to be drawn.
struct Mark {
  std::uint32_t layer;
  std::int32_t label;
  int level;  // of opacity, 1 to opacity_levels
  Cell cell;

  /// Whether they are in one path.
  static bool same_path(const Mark& a, const Mark& b) {
    return a.layer == b.layer && a.label == b.label && a.level == b.level;
  }
  static bool same_place(const Mark& a, const Mark& b) {
    return a.layer == b.layer && a.label == b.label && a.cell == b.cell;
  }
  /// By place, of one place the most opaque first.
  static bool place_before(const Mark& a, const Mark& b) {
    if (a.layer != b.layer) return a.layer < b.layer;
    if (a.label != b.label) return a.label < b.label;
    if (a.cell != b.cell) return a.cell < b.cell;
    return a.level > b.level;
  }
  /// By path, the most opaque ones of a cluster in front.
  static bool path_before(const Mark& a, const Mark& b) {
    if (a.layer != b.layer) return a.layer < b.layer;
    if (a.label != b.label) return a.label < b.label;
    return a.level < b.level;
  }
};

int level_of(const ScatterTask& task, std::ptrdiff_t i) {
  if (task.opacity == nullptr || task.label[i] < 0) return opacity_levels;
  return std::max(1, static_cast<int>(std::lround(opacity_levels * task.opacity[i])));
}

std::string draw_points(const ScatterTask& task, std::size_t clusters, double radius, const Frame& frame) {
  const double size = cell_size_for(task.n);
  // Layers keep clusters that overlap from hiding one another; noise has the lowest one to itself.
  const std::size_t paths = clusters * (task.opacity != nullptr ? opacity_levels : 1);
  const std::uint32_t layers = clusters < 2 ? 1 : layers_for(task.n, paths);
  const auto cell_of = [&](double pixel) { return static_cast<std::int32_t>(std::lround(pixel / size)); };
  std::vector<Mark> marks_to_draw;
  marks_to_draw.reserve(static_cast<std::size_t>(task.n));
  for (std::ptrdiff_t i = 0; i < task.n; ++i) {
    const Cell cell{cell_of(frame.x.pixel(task.x[i])), cell_of(frame.y.pixel(task.y[i]))};
    const std::int32_t label = task.label[i];
    const std::uint64_t place = static_cast<std::uint64_t>(cell.y) << 32 | static_cast<std::uint32_t>(cell.x);
    const std::uint64_t number = detail::mix_bits(place + static_cast<std::uint64_t>(label) * 0x9e3779b97f4a7c15u);
    marks_to_draw.push_back(
        {label < 0 ? 0 : 1 + static_cast<std::uint32_t>(number % layers), label, level_of(task, i), cell});
  }
  std::sort(marks_to_draw.begin(), marks_to_draw.end(), Mark::place_before);
  marks_to_draw.erase(std::unique(marks_to_draw.begin(), marks_to_draw.end(), Mark::same_place), marks_to_draw.end());
  std::stable_sort(marks_to_draw.begin(), marks_to_draw.end(), Mark::path_before);

  std::string result;
  std::vector<Cell> cells;
  for (std::size_t i = 0; i < marks_to_draw.size(); ++i) {
    const Mark& mark = marks_to_draw[i];
    cells.push_back(mark.cell);
    if (i + 1 < marks_to_draw.size() && Mark::same_path(marks_to_draw[i + 1], mark)) continue;
    result += marks(cells, size,
                    {shape_of(mark.label), colour_of(mark.label), mark.label < 0 ? 0.8 * radius : radius,
                     static_cast<double>(mark.level) / opacity_levels});
    cells.clear();
  }
  return result;
}

}  // namespace

Picture scatter(const ScatterTask& task) {
  const double radius = task.radius > 0 ? task.radius : automatic_radius(task.n);
  const std::vector<std::int32_t> labels = labels_present(task);
  const Legend legend = make_legend(legend_entries(task, labels, radius), task.width / 3, task.height - 80);
  const Frame frame = make_frame({.title = task.title,
                                  .x_name = task.x_name,
                                  .y_name = task.y_name,
                                  .x = extent(task, 0),
                                  .y = extent(task, 1),
                                  .most_unequal_ranges = task.most_unequal_ranges,
                                  .whole_y = task.y_is_label},
                                 task.width, task.height, legend.width > 0 ? legend.width + 12 : 14);

  Picture picture{task.width, task.height, "<g fill=\"none\">\n"};
  picture.body += draw_lines(frame);
  picture.body += draw_points(task, labels.size(), radius, frame);
  for (std::ptrdiff_t c = 0; c < task.centers && task.ellipses != nullptr; ++c) picture.body += ellipse(task, c, frame);
  for (std::ptrdiff_t c = 0; c < task.centers; ++c)
    picture.body += cross(frame.x.pixel(task.center_x[c]), frame.y.pixel(task.center_y[c]));
  picture.body += draw_legend(legend, frame.plot.right + 10, frame.plot.top);
  picture.body += draw_texts(frame);
  picture.body += "</g>\n";
  return picture;
}

}  // namespace corymb::compiled
