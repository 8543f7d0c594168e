#include "viz/frame.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "viz/svg.hpp"

namespace corymb::compiled {
namespace {

constexpr double font = svg::TextStyle{}.size;
constexpr double tick_width = 60;  // of the label of a tick, at most

void place_axes(Frame& frame) {
  const Box& plot = frame.plot;
  Range x = frame.content.x, y = frame.content.y;
  if (std::max(x.size() / y.size(), y.size() / x.size()) <= frame.content.most_unequal_ranges) {
    const double per_pixel = std::max(x.size() / plot.width(), y.size() / plot.height());
    x = x.resized(per_pixel * plot.width());
    y = y.resized(per_pixel * plot.height());
  }
  frame.x = {x, plot.left, plot.right};
  frame.y = {y, plot.bottom, plot.top, frame.content.logarithmic_y};
  if (frame.content.y_downwards) std::swap(frame.y.from, frame.y.to);
  frame.x_ticks = make_ticks(x, std::max(3, static_cast<int>(plot.width() / tick_width)));
  const int most = std::max(3, static_cast<int>(plot.height() / 36));
  frame.y_ticks =
      frame.content.logarithmic_y ? make_logarithmic_ticks(y, most) : make_ticks(y, most, frame.content.whole_y);
}

}  // namespace

Frame make_frame(FrameContent content, double picture_width, double picture_height, double right_margin) {
  const double top = content.title.empty() ? 12.0 : 34.0;
  Frame frame{
      std::move(content), {52, top, picture_width - right_margin, picture_height - 44}, picture_width, {}, {}, {}, {}};
  place_axes(frame);
  // The labels on the left decide how much room there is across, which may change the ticks.
  for (int attempt = 0; attempt < 3; ++attempt) {
    double widest = 0;
    for (const Tick& tick : frame.y_ticks.ticks) widest = std::max(widest, svg::text_width(tick.label, font));
    const double left = 29 + widest;
    if (left <= frame.plot.left) break;
    frame.plot.left = left;
    place_axes(frame);
  }
  return frame;
}

std::string draw_lines(const Frame& frame) {
  const Box& plot = frame.plot;
  std::string result;
  for (const Tick& tick : frame.x_ticks.ticks)
    result += svg::line(frame.x.pixel(tick.value), plot.top, frame.x.pixel(tick.value), plot.bottom, svg::grid_ink);
  for (const Tick& tick : frame.y_ticks.ticks)
    result += svg::line(plot.left, frame.y.pixel(tick.value), plot.right, frame.y.pixel(tick.value), svg::grid_ink);
  result += svg::rectangle(plot.left, plot.top, plot.width(), plot.height(), "none", svg::ink);
  for (const Tick& tick : frame.x_ticks.ticks)
    result += svg::line(frame.x.pixel(tick.value), plot.bottom, frame.x.pixel(tick.value), plot.bottom + 4, svg::ink);
  for (const Tick& tick : frame.y_ticks.ticks)
    result += svg::line(plot.left - 4, frame.y.pixel(tick.value), plot.left, frame.y.pixel(tick.value), svg::ink);
  return result;
}

std::string draw_texts(const Frame& frame) {
  using svg::Anchor;
  const Box& plot = frame.plot;
  const FrameContent& content = frame.content;
  std::string result;
  double free_from = -HUGE_VAL;  // where the picture is very narrow, some ticks stay without a label
  for (const Tick& tick : frame.x_ticks.ticks) {
    const double x = frame.x.pixel(tick.value), half = svg::text_width(tick.label, font) / 2;
    if (x - half < free_from || x + half > frame.picture_width) continue;
    free_from = x + half + 4;
    result += svg::text(x, plot.bottom + 16, tick.label, tick_width, {.anchor = Anchor::middle});
  }
  for (const Tick& tick : frame.y_ticks.ticks)
    result += svg::text(plot.left - 7, frame.y.pixel(tick.value) + 4, tick.label, tick_width, {.anchor = Anchor::end});
  const double across = (plot.left + plot.right) / 2, up = (plot.top + plot.bottom) / 2;
  if (!content.x_name.empty())
    result += svg::text(across, plot.bottom + 34, content.x_name + frame.x_ticks.note(), plot.width(),
                        {.size = font + 1, .anchor = Anchor::middle});
  result += svg::text(12, up, content.y_name + frame.y_ticks.note(), plot.height(),
                      {.size = font + 1, .anchor = Anchor::middle, .upwards = true});
  if (!content.title.empty())
    result += svg::text(across, 22, content.title, 2 * std::min(across, frame.picture_width - across) - 8,
                        {.size = font + 3, .anchor = Anchor::middle, .bold = true});
  return result;
}

}  // namespace corymb::compiled
