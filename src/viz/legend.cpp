#include "viz/legend.hpp"

#include <algorithm>
#include <utility>

#include "viz/svg.hpp"

namespace corymb::compiled {
namespace {

constexpr double font = svg::TextStyle{}.size;
constexpr double row_height = 17, indent = 20, gap = 10, least_width = 40, width_of_count = 80;

}  // namespace

Legend make_legend(std::vector<LegendEntry> entries, double most_width, double height) {
  Legend legend{std::move(entries), 0, 0, 0};
  if (legend.entries.empty()) return legend;
  most_width = std::max(most_width, width_of_count);
  double width = least_width;
  for (const LegendEntry& entry : legend.entries)
    width = std::max(width, indent + svg::text_width(entry.text, font) + gap);
  legend.rows = static_cast<std::size_t>(std::max(2.0, height / row_height));
  const auto room_in = [&](double column_width) {
    return static_cast<std::size_t>(most_width / column_width) * legend.rows;
  };
  legend.column_width = std::min(width, most_width);
  if (legend.entries.size() > room_in(legend.column_width)) {
    legend.column_width = std::max(legend.column_width, width_of_count);
    const std::size_t shown = room_in(legend.column_width) - 1, left_out = legend.entries.size() - shown;
    legend.entries.resize(shown);
    legend.entries.push_back({"", "and " + std::to_string(left_out) + " more"});
  }
  const std::size_t used = (legend.entries.size() + legend.rows - 1) / legend.rows;
  legend.width = static_cast<double>(used) * legend.column_width;
  return legend;
}

std::string draw_legend(const Legend& legend, double left, double top) {
  std::string result;
  for (std::size_t i = 0; i < legend.entries.size(); ++i) {
    const auto& [symbol, text] = legend.entries[i];
    const double x = left + static_cast<double>(i / legend.rows) * legend.column_width;
    const double y = top + row_height * (static_cast<double>(i % legend.rows) + 0.5);
    if (!symbol.empty())
      result += "<g transform=\"translate(" + svg::number(x + 7) + " " + svg::number(y) + ")\">" + symbol + "</g>\n";
    const double text_at = symbol.empty() ? 0 : indent;
    result += svg::text(x + text_at, y + 4, text, legend.column_width - text_at, {});
  }
  return result;
}

}  // namespace corymb::compiled
