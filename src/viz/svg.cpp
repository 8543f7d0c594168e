#include "viz/svg.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdio>

#include "io/utf8.hpp"

namespace corymb::compiled::svg {
namespace {

constexpr const char* ellipsis = "…";

bool continues(char c) { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; }

const char* name_of(Anchor anchor) {
  switch (anchor) {
    case Anchor::start: return "start";
    case Anchor::middle: return "middle";
    case Anchor::end: return "end";
  }
  return "";
}

}  // namespace

std::string number(double value) {
  char text[64];
  const int length = std::snprintf(text, sizeof text, "%.2f", value);
  std::string result(text, static_cast<std::size_t>(length));
  while (result.back() == '0') result.pop_back();
  if (result.back() == '.') result.pop_back();
  return result == "-0" ? "0" : result;
}

std::string escaped(std::string_view text) {
  std::string result;
  while (!text.empty()) {
    const auto [length, code] = first_character(text);
    // What XML has no place for, or only as white space.
    if (length == 0 || code < 0x20 || code == 0x7f || code == 0xfffe || code == 0xffff)
      result.append(std::max<std::size_t>(length, 1), '?');
    else if (code == '&')
      result += "&amp;";
    else if (code == '<')
      result += "&lt;";
    else if (code == '>')
      result += "&gt;";
    else if (code == '"')
      result += "&quot;";
    else
      result += text.substr(0, length);
    text.remove_prefix(std::max<std::size_t>(length, 1));
  }
  return result;
}

double text_width(std::string_view text, double font_size) {
  double width = 0;
  for (const char c : text) {
    if (continues(c)) continue;
    const bool wide = static_cast<unsigned char>(c) >= 0xe3;  // from U+3000 on: East Asian characters fill a square
    const bool narrow = c == ' ' || c == '.' || c == ',' || c == 'i' || c == 'l' || c == ':' || c == '|';
    width += wide ? 1.05 : narrow ? 0.33 : 0.62;
  }
  return width * font_size;
}

std::string shortened(std::string_view text, double width, double font_size) {
  if (text_width(text, font_size) <= width) return std::string(text);
  const double room = width - text_width("m", font_size);  // of the ellipsis
  std::size_t end = text.size();
  while (end > 0 && text_width(text.substr(0, end), font_size) > room) {
    --end;
    while (end > 0 && continues(text[end])) --end;
  }
  return std::string(text.substr(0, end)) + ellipsis;
}

std::string text(double x, double y, std::string_view content, double width, const TextStyle& style) {
  const std::string shown = shortened(content, width, style.size);
  std::string result = "<text x=\"" + number(x) + "\" y=\"" + number(y) + "\" font-size=\"" + number(style.size) + "\"";
  if (style.anchor != Anchor::start) result.append(" text-anchor=\"").append(name_of(style.anchor)).append("\"");
  if (style.bold) result += " font-weight=\"bold\"";
  if (style.upwards)
    result.append(" transform=\"rotate(-90 ").append(number(x)).append(" ").append(number(y)).append(")\"");
  result.append(" fill=\"").append(style.colour).append("\">");
  if (shown != content) result.append("<title>").append(escaped(content)).append("</title>");
  return result.append(escaped(shown)).append("</text>\n");
}

std::string line(double x1, double y1, double x2, double y2, const char* colour) {
  return "<path d=\"M" + number(x1) + " " + number(y1) + "L" + number(x2) + " " + number(y2) + "\" stroke=\"" + colour +
         "\"/>\n";
}

std::string dashed_line(double x1, double y1, double x2, double y2, const char* colour) {
  return "<path stroke-dasharray=\"5 4\"" + line(x1, y1, x2, y2, colour).substr(5);
}

std::string rectangle(double x, double y, double width, double height, const char* fill, const char* stroke) {
  return "<rect x=\"" + number(x) + "\" y=\"" + number(y) + "\" width=\"" + number(width) + "\" height=\"" +
         number(height) + "\" fill=\"" + fill + "\" stroke=\"" + stroke + "\"/>\n";
}

}  // namespace corymb::compiled::svg
