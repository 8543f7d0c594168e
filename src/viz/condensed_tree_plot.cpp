#include <corymb/viz/detail/condensed_tree_task.hpp>
#include <corymb/viz/picture.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <numeric>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "viz/frame.hpp"
#include "viz/legend.hpp"
#include "viz/marks.hpp"
#include "viz/palette.hpp"
#include "viz/room.hpp"
#include "viz/svg.hpp"
#include "viz/tree_axis.hpp"
#include "viz/tree_bodies.hpp"

namespace corymb::compiled {
namespace {

constexpr double font = svg::TextStyle{}.size;
constexpr double line_height = 1.2 * font;

std::size_t at(std::ptrdiff_t number) { return static_cast<std::size_t>(number); }

int channel_of(const char* colour, int number) {
  return static_cast<int>(std::strtol(std::string(colour + 1 + 2 * number, 2).c_str(), nullptr, 16));
}

/// Halfway to white.
std::string paler(const char* colour) {
  static constexpr const char* digits = "0123456789abcdef";
  std::string result = "#";
  for (int i = 0; i < 3; ++i) {
    const int value = (channel_of(colour, i) + 255) / 2;
    result.append(1, digits[value / 16]).append(1, digits[value % 16]);
  }
  return result;
}

/// The ink that reads better on the colour.
const char* ink_on(const char* colour) {
  const double light = 0.299 * channel_of(colour, 0) + 0.587 * channel_of(colour, 1) + 0.114 * channel_of(colour, 2);
  return light < 140 ? svg::paper : svg::ink;
}

/// What a cluster shows: the label that is selected here, or further up.
struct Role {
  std::int32_t label = -1;
  bool selected = false;
};

std::vector<Role> roles_of(const CondensedTreeTask& task) {
  std::vector<Role> roles(at(task.clusters));
  for (std::ptrdiff_t i = 0; i < task.labels; ++i) roles[at(task.selected[i])] = {static_cast<std::int32_t>(i), true};
  for (std::ptrdiff_t c = 1; c < task.clusters; ++c)  // parents come before their children
    if (!roles[at(c)].selected) roles[at(c)].label = roles[at(task.parent[c])].label;
  return roles;
}

std::string name_of(std::int32_t label, const CondensedTreeTask& task) {
  const auto i = static_cast<std::size_t>(label);
  return i < task.cluster_names.size() && !task.cluster_names[i].empty() ? task.cluster_names[i]
                                                                         : std::to_string(label);
}

/// The outline of a body as the commands of a path.
std::string outline(const Body& body) {
  const auto step = [](char command, double by) { return by == 0 ? "" : command + svg::number(by); };
  std::string path = "M" + svg::number(body[0].left) + " " + svg::number(body[0].top);
  path += step('h', body[0].width());
  for (std::size_t i = 0; i < body.size(); ++i) {
    path += step('v', body[i].height());
    path += step('h', i + 1 < body.size() ? body[i + 1].right - body[i].right : -body[i].width());
  }
  for (std::size_t i = body.size(); i-- > 1;)
    path += step('v', -body[i].height()) + step('h', body[i - 1].left - body[i].left);
  return path += 'z';
}

/// Bodies of one colour, in two paths: an edge in the colour of the paper keeps neighbours apart, but would cover small
/// ones.
class Group {
 public:
  void add(const Body& body) {
    if (body.empty()) return;
    const double height = body.back().bottom - body.front().top;
    (body.front().width() >= 4 && height >= 4 ? large_ : small_) += outline(body);
  }
  std::string draw(const std::string& colour, const std::string& tip = "") const {
    std::string result;
    for (const std::string* path : {&large_, &small_}) {
      if (path->empty()) continue;
      result.append("<path fill=\"").append(colour);
      if (path == &large_) result.append("\" stroke-width=\"0.7\" stroke=\"").append(svg::paper);
      result.append("\" d=\"").append(*path);
      result += tip.empty() ? "\"/>\n" : "\"><title>" + svg::escaped(tip) + "</title></path>\n";
    }
    return result;
  }

 private:
  std::string large_, small_;
};

/// Where the name of a selected cluster stands: within its body, or else below all that hangs from it, or beside it.
std::string draw_name(const std::string& name, const char* colour, const Body& body, double end, Room& room) {
  if (body.empty()) return "";
  const double width = svg::text_width(name, font);
  constexpr double apart = 1.5;  // pixels to either side
  const auto with_gap = [](const Box& box) { return Box{box.left - apart, box.top, box.right + apart, box.bottom}; };
  const auto text_in = [&](const Box& box, const char* ink) {
    room.take(with_gap(box));
    return svg::text(box.left, box.bottom - 0.25 * line_height, name, width + 1, {.colour = ink});
  };
  const double middle = (body[0].left + body[0].right) / 2, top = body[0].top + 3;
  double wide_until = body[0].top;
  for (const Box& box : body)
    if (box.width() >= width + 4) wide_until = box.bottom;
  const Box inside{middle - width / 2, top, middle + width / 2, top + line_height};
  if (inside.bottom + 1 <= wide_until && room.holds(inside)) return text_in(inside, ink_on(colour));
  const Box below{middle - width / 2, end + 2, middle + width / 2, end + 2 + line_height};
  if (room.is_free(with_gap(below))) return text_in(below, svg::ink);
  for (const Box& box : body)
    for (const bool right : {true, false}) {
      const double left = right ? box.right + 3 : box.left - 3 - width;
      const Box beside{left, box.top, left + width, box.top + line_height};
      if (beside.bottom <= body.back().bottom + 4 && room.is_free(with_gap(beside))) return text_in(beside, svg::ink);
    }
  return "";
}

std::vector<LegendEntry> legend_entries(const CondensedTreeTask& task, bool others) {
  std::vector<LegendEntry> entries;
  if (!task.legend) return entries;
  for (std::ptrdiff_t i = 0; i < task.labels; ++i) {
    const auto label = static_cast<std::int32_t>(i);
    entries.push_back({marks({{0, 0}}, 0.1, {shape_of(label), colour_of(label), 3.5}), name_of(label, task)});
  }
  if (!entries.empty() && others) entries.push_back({svg::rectangle(-5, -4, 10, 8, noise_colour, "none"), "other"});
  return entries;
}

Frame frame_of(const CondensedTreeTask& task, const TreeRange& range, double weight, double right_margin) {
  weight = weight > 0 ? weight : 1;
  return make_frame({.title = task.title,
                     .x_name = task.weights != nullptr ? "weight of the rows" : "rows",
                     .y_name = task.distance ? "distance" : "λ = 1 / distance",
                     .x = {-0.02 * weight, 1.02 * weight},
                     .y = range.shown(),
                     .logarithmic_y = range.scaling.logarithmic,
                     .y_downwards = !task.distance},
                    task.width, task.height, right_margin);
}

}  // namespace

Picture condensed_tree_plot(const CondensedTreeTask& task) {
  const std::vector<Role> roles = roles_of(task);
  const bool others = std::any_of(roles.begin(), roles.end(), [](const Role& role) { return role.label < 0; });
  const Legend legend = make_legend(legend_entries(task, others), task.width / 3, task.height - 80);
  const TreeLayout layout(task);
  const TreeRange range = tree_range(task, layout.sizes());
  const double weight = task.clusters > 0 ? layout.sizes()[0] : 0;
  const Frame frame = frame_of(task, range, weight, legend.width > 0 ? legend.width + 12 : 14);
  // Bodies that go on beyond the axis leave its border to be seen.
  const auto pixel = [&](double lambda) {
    return std::clamp(pixel_of(lambda, range, frame.y), frame.plot.top + 0.5, frame.plot.bottom - 0.5);
  };

  Group unselected;
  std::vector<Group> below(at(task.labels));
  std::vector<Body> bodies(at(task.labels));  // of selected clusters
  std::vector<double> end(at(task.labels));   // by label: the lowest pixel of its cluster and those below
  Room room(frame.plot);
  for (const std::int32_t c : layout.order()) {
    const Role role = roles[at(c)];
    Body body = layout.body(c, frame.x, pixel, role.selected);
    for (const Box& box : body) room.take(box);
    if (role.label < 0) {
      unselected.add(body);
      continue;
    }
    if (!body.empty()) end[at(role.label)] = std::max(end[at(role.label)], body.back().bottom);
    if (role.selected)
      bodies[at(role.label)] = std::move(body);
    else
      below[at(role.label)].add(body);
  }

  Picture picture{task.width, task.height, "<g fill=\"none\">\n"};
  picture.body += draw_lines(frame);
  picture.body += unselected.draw(noise_colour);
  std::vector<std::int32_t> labels(at(task.labels));
  std::iota(labels.begin(), labels.end(), 0);
  for (const std::int32_t label : labels) picture.body += below[at(label)].draw(paler(colour_of(label)));
  for (const std::int32_t label : labels) {
    Group own;
    own.add(bodies[at(label)]);
    picture.body += own.draw(colour_of(label), name_of(label, task));
  }
  // Large clusters have the first choice of a place for their names.
  std::stable_sort(labels.begin(), labels.end(), [&](std::int32_t a, std::int32_t b) {
    return layout.sizes()[at(task.selected[a])] > layout.sizes()[at(task.selected[b])];
  });
  for (const std::int32_t label : labels)
    picture.body += draw_name(name_of(label, task), colour_of(label), bodies[at(label)], end[at(label)], room);
  picture.body += draw_legend(legend, frame.plot.right + 10, frame.plot.top);
  picture.body += draw_texts(frame);
  picture.body += "</g>\n";
  return picture;
}

}  // namespace corymb::compiled
