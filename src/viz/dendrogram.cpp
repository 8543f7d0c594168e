#include <corymb/viz/detail/dendrogram_task.hpp>
#include <corymb/viz/picture.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
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

constexpr double font = svg::TextStyle{}.size;
constexpr double most_name_height = 90;  // pixels, of a name that stands upright

std::size_t at(std::ptrdiff_t number) { return static_cast<std::size_t>(number); }

std::string name_of(std::int32_t label, const DendrogramTask& task) {
  const auto i = static_cast<std::size_t>(label);
  return i < task.cluster_names.size() && !task.cluster_names[i].empty() ? task.cluster_names[i]
                                                                         : std::to_string(label);
}

/// The part of a hierarchy that is shown: the last merges, and what they join.
class ShownTree {
 public:
  explicit ShownTree(const DendrogramTask& task) : task_(task) {
    const auto merges = static_cast<std::ptrdiff_t>(task.a.size());
    first_ = task.rows + std::max<std::ptrdiff_t>(merges - (task.most_leaves - 1), 0);
    place_.resize(at(task.rows + merges));
    find_labels();
    if (merges == 0) return;
    // From the root downwards, the left child first; a node is placed once its children are.
    std::vector<std::ptrdiff_t> open = {task.rows + merges - 1};
    while (!open.empty()) {
      const std::ptrdiff_t node = open.back();
      open.pop_back();
      if (is_leaf(node)) {
        place_[at(node)] = static_cast<double>(leaves_.size()) + 0.5;
        leaves_.push_back(node);
        continue;
      }
      open.push_back(right(node));
      open.push_back(left(node));
    }
    for (std::ptrdiff_t node = first_; node < task.rows + merges; ++node)
      place_[at(node)] = (place_[at(left(node))] + place_[at(right(node))]) / 2;
  }

  const std::vector<std::ptrdiff_t>& leaves() const { return leaves_; }  ///< from left to right
  bool is_leaf(std::ptrdiff_t node) const { return node < first_; }
  std::ptrdiff_t first() const { return first_; }  ///< node that is no leaf
  std::ptrdiff_t last() const { return static_cast<std::ptrdiff_t>(place_.size()) - 1; }
  std::ptrdiff_t left(std::ptrdiff_t node) const { return task_.a[at(node - task_.rows)]; }
  std::ptrdiff_t right(std::ptrdiff_t node) const { return task_.b[at(node - task_.rows)]; }
  double place(std::ptrdiff_t node) const { return place_[at(node)]; }
  double height(std::ptrdiff_t node) const { return node < task_.rows ? 0 : task_.merge_height[at(node - task_.rows)]; }
  std::int32_t size(std::ptrdiff_t node) const { return node < task_.rows ? 1 : task_.size[at(node - task_.rows)]; }
  /// −1 = rows of several labels, or of none.
  std::int32_t label(std::ptrdiff_t node) const { return label_[at(node)]; }

 private:
  void find_labels() {
    label_.assign(place_.size(), -1);
    if (task_.labels == nullptr) return;
    for (std::ptrdiff_t row = 0; row < task_.rows; ++row) label_[at(row)] = task_.labels[row];
    for (std::ptrdiff_t node = task_.rows; node <= last(); ++node)
      if (label(left(node)) == label(right(node))) label_[at(node)] = label(left(node));
  }

  const DendrogramTask& task_;
  std::ptrdiff_t first_ = 0;
  std::vector<double> place_;  // by node
  std::vector<std::int32_t> label_;
  std::vector<std::ptrdiff_t> leaves_;
};

/// What stands below the leaves.
struct LeafNames {
  std::vector<std::string> text;  // empty = there is no room for any
  bool upright = false;
  double height = 0;  // pixels
};

LeafNames leaf_names(const ShownTree& tree, const DendrogramTask& task, double width) {
  LeafNames names;
  double widest = 0;
  for (const std::ptrdiff_t leaf : tree.leaves()) {
    const std::size_t row = at(leaf);
    names.text.push_back(leaf >= task.rows        ? "(" + std::to_string(tree.size(leaf)) + ")"
                         : task.row_names.empty() ? std::to_string(leaf)
                                                  : task.row_names[row]);
    widest = std::max(widest, svg::text_width(names.text.back(), font));
  }
  const double apart = width / static_cast<double>(std::max<std::size_t>(names.text.size(), 1));
  names.height = font + 2;
  if (widest + 4 <= apart) return names;
  names.upright = true;
  names.height = std::min(widest, most_name_height);
  if (apart < font + 0.5) names = {};
  return names;
}

Legend legend_of(const DendrogramTask& task) {
  std::vector<LegendEntry> entries;
  if (task.legend)
    for (std::int32_t label = 0; label < task.clusters; ++label)
      entries.push_back({marks({{0, 0}}, 0.1, {shape_of(label), colour_of(label), 3.5}), name_of(label, task)});
  return make_legend(std::move(entries), task.width / 3, task.height - 80);
}

Frame frame_of(const DendrogramTask& task, const ShownTree& tree, double right_margin, double names_height) {
  const double highest = task.merge_height.empty() ? 0 : task.merge_height.back();
  const double shown = std::max(highest, task.cut && *task.cut <= 2 * highest ? *task.cut : 0);
  const auto leaves = static_cast<double>(std::max<std::size_t>(tree.leaves().size(), 1));
  Frame frame = make_frame(
      {.title = task.title, .x_name = "", .y_name = "height", .x = {0, leaves}, .y = {0, shown > 0 ? 1.06 * shown : 1}},
      task.width, task.height + 14 - names_height, right_margin);
  frame.x_ticks = {};
  return frame;
}

/// Lines of one colour, as one path.
std::string path_of(const std::string& commands, const char* colour) {
  return "<path stroke-width=\"1.4\" stroke=\"" + std::string(colour) + "\" d=\"" + commands + "\"/>\n";
}

class Drawing {
 public:
  Drawing(const ShownTree& tree, const Frame& frame) : tree_(tree), frame_(frame) {
    for (const std::ptrdiff_t leaf : tree.leaves())
      if (tree.height(leaf) > 0 || tree.size(leaf) > 1) add_wedge(leaf);
    for (std::ptrdiff_t node = tree.first(); node <= tree.last(); ++node) add_bar(node);
    if (!tree.leaves().empty())
      lines_[tree.label(tree.last())] +=
          "M" + point(tree.last()) + "V" + svg::number(std::max(y(tree.last()) - 8, frame.plot.top));
  }

  std::string draw() const {
    std::string result;
    for (const auto& [label, path] : wedges_)
      result += "<path fill=\"" + std::string(colour(label)) + "\" fill-opacity=\"0.45\" d=\"" + path + "\"/>\n";
    for (const auto& [label, path] : lines_) result += path_of(path, colour(label));
    return result;
  }

 private:
  static const char* colour(std::int32_t label) { return label < 0 ? "#777" : colour_of(label); }
  double x(std::ptrdiff_t node) const { return frame_.x.pixel(tree_.place(node)); }
  double y(std::ptrdiff_t node) const { return frame_.y.pixel(tree_.height(node)); }
  std::string point(std::ptrdiff_t node) const { return svg::number(x(node)) + " " + svg::number(y(node)); }

  void add_wedge(std::ptrdiff_t leaf) {
    const double half = std::min(0.36 * frame_.x.pixel(1) - 0.36 * frame_.x.pixel(0), 9.0);
    wedges_[tree_.label(leaf)] += "M" + point(leaf) + "L" + svg::number(x(leaf) - half) + " " +
                                  svg::number(frame_.plot.bottom) + "H" + svg::number(x(leaf) + half) + "z";
  }
  // A child's own line goes down to it in its colour where the bar has another.
  void add_bar(std::ptrdiff_t node) {
    const std::ptrdiff_t left = tree_.left(node), right = tree_.right(node);
    std::string& path = lines_[tree_.label(node)];
    if (tree_.label(node) >= 0 || (tree_.label(left) < 0 && tree_.label(right) < 0)) {
      path +=
          "M" + point(left) + "V" + svg::number(y(node)) + "H" + svg::number(x(right)) + "V" + svg::number(y(right));
      return;
    }
    path += "M" + svg::number(x(left)) + " " + svg::number(y(node)) + "H" + svg::number(x(right));
    for (const std::ptrdiff_t child : {left, right})
      lines_[tree_.label(child)] += "M" + point(child) + "V" + svg::number(y(node));
  }

  const ShownTree& tree_;
  const Frame& frame_;
  std::map<std::int32_t, std::string> lines_;   // by label
  std::map<std::int32_t, std::string> wedges_;  // likewise
};

std::string draw_names(const LeafNames& names, const ShownTree& tree, const Frame& frame) {
  std::string result;
  for (std::size_t i = 0; i < names.text.size(); ++i) {
    const double x = frame.x.pixel(tree.place(tree.leaves()[i]));
    if (names.upright)
      result += svg::text(x + 0.36 * font, frame.plot.bottom + 5, names.text[i], most_name_height,
                          {.anchor = svg::Anchor::end, .upwards = true});
    else
      result +=
          svg::text(x, frame.plot.bottom + 5 + font, names.text[i], most_name_height, {.anchor = svg::Anchor::middle});
  }
  return result;
}

std::string axis_name(const ShownTree& tree, const LeafNames& names) {
  const bool has_several =
      std::any_of(tree.leaves().begin(), tree.leaves().end(), [&](std::ptrdiff_t leaf) { return tree.size(leaf) > 1; });
  if (names.text.empty()) return std::to_string(tree.leaves().size()) + (has_several ? " clusters" : " rows");
  return has_several ? "rows (in parentheses: how many)" : "rows";
}

}  // namespace

Picture dendrogram_plot(const DendrogramTask& task) {
  const ShownTree tree(task);
  const Legend legend = legend_of(task);
  const double right_margin = legend.width > 0 ? legend.width + 12 : 14;
  const LeafNames names = leaf_names(tree, task, task.width - right_margin - 60);
  const Frame frame = frame_of(task, tree, right_margin, names.height);

  Picture picture{task.width, task.height, "<g fill=\"none\">\n"};
  picture.body += draw_lines(frame);
  picture.body += Drawing(tree, frame).draw();
  if (task.cut && frame.y.range.low <= *task.cut && *task.cut <= frame.y.range.high)
    picture.body += svg::dashed_line(frame.plot.left, frame.y.pixel(*task.cut), frame.plot.right,
                                     frame.y.pixel(*task.cut), svg::ink);
  picture.body += draw_names(names, tree, frame);
  picture.body += svg::text((frame.plot.left + frame.plot.right) / 2, task.height - 8, axis_name(tree, names),
                            frame.plot.width(), {.size = font + 1, .anchor = svg::Anchor::middle});
  picture.body += draw_legend(legend, frame.plot.right + 10, frame.plot.top);
  picture.body += draw_texts(frame);
  picture.body += "</g>\n";
  return picture;
}

}  // namespace corymb::compiled
