#include <corymb/viz/detail/reachability_plot_task.hpp>
#include <corymb/viz/picture.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "viz/frame.hpp"
#include "viz/legend.hpp"
#include "viz/palette.hpp"
#include "viz/svg.hpp"

namespace corymb::compiled {
namespace {

constexpr double least_bar = 0.5;  // pixels

/// Rows that stand next to each other, drawn as one bar.
struct Bar {
  double left, right;  // pixels
  double mean, highest;
  std::int32_t label;
};

std::int32_t label_of(const ReachabilityPlotTask& task, std::ptrdiff_t place) {
  return task.label != nullptr ? task.label[place] : 0;
}

/// The highest finite bar, or the cut if that is higher; 0 where nothing is.
double highest_shown(const ReachabilityPlotTask& task) {
  double highest = std::max(task.eps, 0.0);
  for (std::ptrdiff_t p = 0; p < task.n; ++p)
    if (!std::isinf(task.height[p])) highest = std::max(highest, task.height[p]);
  return highest;
}

Frame frame_of(const ReachabilityPlotTask& task, double right_margin) {
  const double highest = std::min(highest_shown(task), 1e300);
  const double rows = std::max(static_cast<double>(task.n), 1.0);
  return make_frame({.title = task.title,
                     .x_name = "rows in their order",
                     .y_name = task.y_name,
                     .x = {0, rows},
                     .y = {0, highest > 0 ? 1.08 * highest : 1}},
                    task.width, task.picture_height, right_margin);
}

/// The label that most of some rows have, of equally many the lower one.
std::int32_t most_common(const ReachabilityPlotTask& task, std::ptrdiff_t first, std::ptrdiff_t last) {
  std::map<std::int32_t, std::ptrdiff_t> count;
  for (std::ptrdiff_t p = first; p < last; ++p) ++count[label_of(task, p)];
  const auto fewer = [](const auto& a, const auto& b) { return a.second < b.second; };
  return std::max_element(count.begin(), count.end(), fewer)->first;
}

std::vector<Bar> bars_of(const ReachabilityPlotTask& task, const Frame& frame) {
  std::vector<Bar> bars;
  const double top = frame.y.range.high;
  const auto pixel = [&](std::ptrdiff_t place) { return frame.x.pixel(static_cast<double>(place)); };
  for (std::ptrdiff_t first = 0; first < task.n;) {
    std::ptrdiff_t last = first + 1;
    while (last < task.n && pixel(last + 1) - pixel(first) <= least_bar) ++last;
    double sum = 0, highest = 0;
    for (std::ptrdiff_t p = first; p < last; ++p) {
      const double height = std::min(task.height[p], top);
      sum += height / static_cast<double>(last - first);
      highest = std::max(highest, height);
    }
    bars.push_back({pixel(first), pixel(last), std::min(sum, highest), highest, most_common(task, first, last)});
    first = last;
  }
  return bars;
}

/// One path for each colour: the outlines of neighbouring bars that share it.
/// @param height  height(bar)
template <class Height>
std::string draw_bars(const std::vector<Bar>& bars, const Frame& frame, const char* attributes, const Height& height) {
  std::map<std::string, std::string> paths;  // by colour
  for (std::size_t i = 0; i < bars.size();) {
    const std::string colour = colour_of(bars[i].label);
    std::string& path = paths[colour];
    path.append("M").append(svg::number(bars[i].left)).append(" ").append(svg::number(frame.plot.bottom));
    for (; i < bars.size() && colour == colour_of(bars[i].label); ++i)
      path.append("V")
          .append(svg::number(frame.y.pixel(height(bars[i]))))
          .append("H")
          .append(svg::number(bars[i].right));
    path.append("V").append(svg::number(frame.plot.bottom)).append("Z");
  }
  std::string result;
  for (const auto& [colour, path] : paths)
    result.append("<path fill=\"")
        .append(colour)
        .append("\"")
        .append(attributes)
        .append(" d=\"")
        .append(path)
        .append("\"/>\n");
  return result;
}

std::vector<LegendEntry> legend_entries(const ReachabilityPlotTask& task) {
  std::vector<LegendEntry> entries;
  if (!task.legend) return entries;
  if (task.label != nullptr) {
    std::vector<std::int32_t> labels(task.label, task.label + task.n);
    std::sort(labels.begin(), labels.end());
    labels.erase(std::unique(labels.begin(), labels.end()), labels.end());
    if (!labels.empty() && labels.front() < 0) std::rotate(labels.begin(), labels.begin() + 1, labels.end());
    for (const std::int32_t label : labels)
      entries.push_back({"<path fill=\"" + std::string(colour_of(label)) + "\" d=\"M-5 -5H5V5H-5Z\"/>",
                         label < 0 ? "noise" : std::to_string(label)});
  }
  if (task.eps >= 0) {
    char text[40];
    std::snprintf(text, sizeof text, "eps = %.4g", task.eps);
    entries.push_back({svg::dashed_line(-7, 0, 7, 0, svg::ink), text});
  }
  return entries;
}

}  // namespace

Picture reachability_plot(const ReachabilityPlotTask& task) {
  const Legend legend = make_legend(legend_entries(task), task.width / 3, task.picture_height - 80);
  const Frame frame = frame_of(task, legend.width > 0 ? legend.width + 12 : 14);
  const std::vector<Bar> bars = bars_of(task, frame);
  Picture picture{task.width, task.picture_height, "<g fill=\"none\">\n"};
  picture.body += draw_lines(frame);
  if (static_cast<std::ptrdiff_t>(bars.size()) < task.n)
    picture.body += draw_bars(bars, frame, " fill-opacity=\"0.35\"", [](const Bar& bar) { return bar.highest; });
  picture.body += draw_bars(bars, frame, "", [](const Bar& bar) { return bar.mean; });
  if (task.eps >= 0) {
    const double y = frame.y.pixel(task.eps);
    picture.body += svg::dashed_line(frame.plot.left, y, frame.plot.right, y, svg::ink);
  }
  picture.body += draw_legend(legend, frame.plot.right + 10, frame.plot.top);
  picture.body += draw_texts(frame);
  picture.body += "</g>\n";
  return picture;
}

}  // namespace corymb::compiled
