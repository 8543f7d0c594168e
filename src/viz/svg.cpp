#include "viz/svg.hpp"

#include <cmath>
#include <cstddef>
#include <cstdio>

namespace corymb::compiled::svg {
namespace {

constexpr const char* ellipsis = "…";

bool continues(char c) { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; }

/// Bytes of the UTF-8 character at the beginning of the text; 0 where there is none.
std::size_t character_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u; };
  const unsigned first = byte(0);
  if (first < 0x80) return 1;
  const std::size_t length = first < 0xc2 ? 0u : first < 0xe0 ? 2u : first < 0xf0 ? 3u : first < 0xf5 ? 4u : 0u;
  for (std::size_t i = 1; i < length; ++i)
    if ((byte(i) & 0xc0) != 0x80) return 0;
  const bool overlong = (first == 0xe0 && byte(1) < 0xa0) || (first == 0xf0 && byte(1) < 0x90);
  const bool surrogate = first == 0xed && byte(1) > 0x9f;
  const bool beyond = first == 0xf4 && byte(1) > 0x8f;
  const bool no_xml = first == 0xef && byte(1) == 0xbf && byte(2) >= 0xbe;  // U+FFFE and U+FFFF
  return overlong || surrogate || beyond || no_xml ? 0 : length;
}

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
    const std::size_t length = character_length(text);
    const char c = text.front();
    if (length == 0 || (length == 1 && (static_cast<unsigned char>(c) < ' ' || c == '\x7f')))
      result += '?';
    else if (c == '&')
      result += "&amp;";
    else if (c == '<')
      result += "&lt;";
    else if (c == '>')
      result += "&gt;";
    else if (c == '"')
      result += "&quot;";
    else
      result += text.substr(0, length);
    text.remove_prefix(length == 0 ? 1 : length);
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
  result.append(" fill=\"").append(ink).append("\">");
  if (shown != content) result.append("<title>").append(escaped(content)).append("</title>");
  return result.append(escaped(shown)).append("</text>\n");
}

std::string line(double x1, double y1, double x2, double y2, const char* colour) {
  return "<path d=\"M" + number(x1) + " " + number(y1) + "L" + number(x2) + " " + number(y2) + "\" stroke=\"" + colour +
         "\"/>\n";
}

std::string rectangle(double x, double y, double width, double height, const char* fill, const char* stroke) {
  return "<rect x=\"" + number(x) + "\" y=\"" + number(y) + "\" width=\"" + number(width) + "\" height=\"" +
         number(height) + "\" fill=\"" + fill + "\" stroke=\"" + stroke + "\"/>\n";
}

}  // namespace corymb::compiled::svg
