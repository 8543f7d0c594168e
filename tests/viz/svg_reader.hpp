#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

// Reads back what the pictures are made of, strictly: anything else fails.
namespace corymb_test {

struct SvgElement {
  std::string name;
  std::map<std::string, std::string> attributes;
  std::string text;  // unescaped, of the element itself
  std::string tip;   // of a <title> within it
  double left = 0;   // sum of the translations of the groups around it
  double top = 0;
};

/// The elements in order of their beginnings, <g> and <title> left out.
/// @throws std::runtime_error  The file is not well-formed.
std::vector<SvgElement> read_svg(std::string_view file);

/// A mark of a scatter, in pixels.
struct SvgMark {
  double x;
  double y;
  std::string colour;
  std::string shape;  // the path of one mark, from its position and back to it
};

/// The marks of all paths that are drawn in cells, in drawing order.
std::vector<SvgMark> read_marks(const std::vector<SvgElement>& elements);

}  // namespace corymb_test
