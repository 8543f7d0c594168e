#include "viz/marks.hpp"

#include <algorithm>
#include <cmath>

#include "viz/svg.hpp"

namespace corymb::compiled {
namespace {

/// "dx dy" as the arguments of a relative command, a minus serving as the separator.
void append_pair(std::string& path, std::int64_t dx, std::int64_t dy) {
  path += std::to_string(dx);
  if (dy >= 0) path += ' ';
  path += std::to_string(dy);
}

/// What is drawn around a position, and brings the pen back to it. Areas agree between shapes; lengths in cells.
std::string outline(Shape shape, double radius) {
  const auto cells = [](double length) { return std::max<std::int64_t>(1, std::llround(length)); };
  std::string path;
  const auto move = [&](char command, std::int64_t dx, std::int64_t dy) {
    path += command;
    append_pair(path, dx, dy);
  };
  switch (shape) {
    case Shape::circle: return "h0";  // a line of no length with round ends
    case Shape::square: {
      const std::int64_t half = cells(0.89 * radius);
      move('m', -half, -half);
      path.append("h").append(std::to_string(2 * half)).append("v").append(std::to_string(2 * half));
      path.append("h").append(std::to_string(-2 * half)).append("z");
      move('m', half, half);
      return path;
    }
    case Shape::triangle: {
      const std::int64_t half = cells(1.25 * radius), above = cells(1.45 * radius), below = cells(0.8 * radius);
      move('m', 0, -above);
      move('l', half, above + below);
      path.append("h").append(std::to_string(-2 * half)).append("z");
      move('m', 0, above);
      return path;
    }
    case Shape::diamond: {
      const std::int64_t half = cells(1.25 * radius);
      move('m', 0, -half);
      move('l', half, half);
      move('l', -half, half);
      move('l', -half, -half);
      path += 'z';
      move('m', 0, half);
      return path;
    }
  }
  return path;
}

}  // namespace

std::string marks(const std::vector<Cell>& cells, double cell_size, const MarkStyle& style) {
  const bool stroked = style.shape == Shape::circle;
  const std::string around = outline(style.shape, style.radius / cell_size);
  std::string path = "<path transform=\"scale(" + svg::number(cell_size) + ")\" ";
  path.append(stroked ? "fill=\"none\" stroke-linecap=\"round\" stroke=\"" : "stroke=\"none\" fill=\"")
      .append(style.colour);
  if (stroked) path.append("\" stroke-width=\"").append(svg::number(2 * style.radius / cell_size));
  if (style.opacity < 1) path.append("\" opacity=\"").append(svg::number(style.opacity));
  path += "\" d=\"";
  Cell pen{0, 0};
  for (const Cell& cell : cells) {
    path += 'm';
    append_pair(path, cell.x - pen.x, cell.y - pen.y);
    path += around;
    pen = cell;
  }
  return path.append("\"/>\n");
}

}  // namespace corymb::compiled
