#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "viz/palette.hpp"

namespace corymb::compiled {

/// A position in cells of a grid.
struct Cell {
  std::int32_t x;
  std::int32_t y;

  friend bool operator==(const Cell&, const Cell&) = default;
  friend auto operator<=>(const Cell& a, const Cell& b) {
    if (const auto order = a.y <=> b.y; order != 0) return order;
    return a.x <=> b.x;
  }
};

struct MarkStyle {
  Shape shape;
  const char* colour;
  double radius;       ///< in pixels
  double opacity = 1;  ///< of the path: where its marks overlap, nothing changes
};

/// One mark for each cell, as a single path: `cell_size` pixels wide cells whose origin is (0, 0). Cells that are near
/// their predecessor take fewer bytes.
std::string marks(const std::vector<Cell>& cells, double cell_size, const MarkStyle& style);

}  // namespace corymb::compiled
