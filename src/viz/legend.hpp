#pragma once

#include <cstddef>
#include <string>
#include <vector>

// The explanation of symbols beside a plot.
namespace corymb::compiled {

struct LegendEntry {
  std::string symbol;  ///< SVG around (0, 0), at most 14 pixels wide; empty = the text takes its place
  std::string text;
};

struct Legend {
  std::vector<LegendEntry> entries;
  std::size_t rows = 0;     // in a column
  double column_width = 0;  // pixels
  double width = 0;         // of all columns; 0 = no legend
};

/// In as many columns as fit; entries that do not are counted in a last one.
Legend make_legend(std::vector<LegendEntry> entries, double most_width, double height);

std::string draw_legend(const Legend& legend, double left, double top);

}  // namespace corymb::compiled
