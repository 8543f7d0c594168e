#pragma once

#include <string>
#include <string_view>

// Pieces of SVG text. Everything that a caller names goes through these functions, so that a file is always well
// formed.
namespace corymb::compiled::svg {

inline constexpr const char* ink = "#333";  ///< text and axes
inline constexpr const char* grid_ink = "#e6e6e6";
inline constexpr const char* paper = "#fff";

/// At most two decimals, which is finer than any screen.
std::string number(double value);

/// Fit for the content of an element or attribute: special characters escaped, bytes that are no UTF-8 and control
/// characters replaced by '?'.
std::string escaped(std::string_view text);

/// An estimate for a sans-serif font, on the wide side.
double text_width(std::string_view text, double font_size);

/// The text, its end replaced by "…" where it would be wider.
std::string shortened(std::string_view text, double width, double font_size);

enum class Anchor { start, middle, end };

struct TextStyle {
  double size = 11;
  Anchor anchor = Anchor::start;
  bool bold = false;
  bool upwards = false;  ///< turned by 90° against the clock
  const char* colour = ink;
};

/// One line of text with its baseline at (x, y), shortened to `width`; the whole text is shown on pointing at it.
std::string text(double x, double y, std::string_view content, double width, const TextStyle& style);

std::string line(double x1, double y1, double x2, double y2, const char* colour);
std::string dashed_line(double x1, double y1, double x2, double y2, const char* colour);
std::string rectangle(double x, double y, double width, double height, const char* fill, const char* stroke);

}  // namespace corymb::compiled::svg
