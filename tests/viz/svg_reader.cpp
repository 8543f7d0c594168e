#include "viz/svg_reader.hpp"

#include <cctype>
#include <cstdlib>
#include <stdexcept>

namespace corymb_test {
namespace {

class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}

  std::vector<SvgElement> read() {
    expect("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    element(0, 0, nullptr);
    if (rest_ != "\n") fail("something follows the last element");
    return std::move(elements_);
  }

 private:
  [[noreturn]] void fail(const std::string& what) const {
    throw std::runtime_error(what + " before: " + std::string(rest_.substr(0, 60)));
  }
  bool accept(std::string_view word) {
    if (!rest_.starts_with(word)) return false;
    rest_.remove_prefix(word.size());
    return true;
  }
  void expect(std::string_view word) {
    if (!accept(word)) fail("'" + std::string(word) + "' is missing");
  }
  std::string name() {
    std::size_t end = 0;
    while (end < rest_.size() && (std::isalnum(static_cast<unsigned char>(rest_[end])) || rest_[end] == '-')) ++end;
    if (end == 0) fail("a name is missing");
    const std::string result(rest_.substr(0, end));
    rest_.remove_prefix(end);
    return result;
  }
  /// Up to the stop character, references resolved.
  std::string content(char stop) {
    std::string result;
    while (true) {
      if (rest_.empty()) fail("the text ends");
      const char c = rest_.front();
      if (c == stop) return result;
      if (c == '<' || (static_cast<unsigned char>(c) < ' ' && c != '\n') || c == '\x7f') fail("a bare character");
      if (accept("&amp;"))
        result += '&';
      else if (accept("&lt;"))
        result += '<';
      else if (accept("&gt;"))
        result += '>';
      else if (accept("&quot;"))
        result += '"';
      else if (c == '&')
        fail("a bare ampersand");
      else {
        result += c;
        rest_.remove_prefix(1);
      }
    }
  }

  void element(double left, double top, SvgElement* parent) {
    expect("<");
    SvgElement self{name(), {}, "", "", left, top};
    while (accept(" ")) {
      const std::string attribute = name();
      expect("=\"");
      if (!self.attributes.emplace(attribute, content('"')).second) fail("an attribute is given twice");
      expect("\"");
    }
    const bool is_group = self.name == "g" || self.name == "svg", is_title = self.name == "title";
    const std::size_t place = elements_.size();
    if (!is_group && !is_title) elements_.push_back(self);
    if (accept("/>")) return;
    expect(">");
    if (is_group) {
      if (const auto found = self.attributes.find("transform"); found != self.attributes.end()) {
        char* end = nullptr;
        if (!found->second.starts_with("translate(")) fail("a group is transformed otherwise");
        left += std::strtod(found->second.c_str() + 10, &end);
        top += std::strtod(end, nullptr);
      }
      accept("\n");
      while (!rest_.starts_with("</")) {
        element(left, top, nullptr);
        accept("\n");
      }
    } else {
      SvgElement inner = self;
      if (rest_.starts_with("<title>")) element(left, top, &inner);
      const std::string text = content('<');
      if (is_title) {
        if (parent == nullptr) fail("a title of nothing");
        parent->tip = text;
      } else {
        elements_[place].tip = inner.tip;
        elements_[place].text = text;
      }
    }
    expect("</" + self.name + ">");
  }

  std::string_view rest_;
  std::vector<SvgElement> elements_;
};

}  // namespace

std::vector<SvgElement> read_svg(std::string_view file) { return Reader(file).read(); }

std::vector<SvgMark> read_marks(const std::vector<SvgElement>& elements) {
  std::vector<SvgMark> marks;
  for (const SvgElement& element : elements) {
    const auto transform = element.attributes.find("transform");
    if (element.name != "path" || transform == element.attributes.end()) continue;
    const double scale = std::strtod(transform->second.c_str() + std::string("scale(").size(), nullptr);
    const std::string colour = element.attributes.at(
        element.attributes.contains("fill") && element.attributes.at("fill") != "none" ? "fill" : "stroke");
    const std::string& path = element.attributes.at("d");
    // The pen, moved by every command; a mark ends where the pen is back at its beginning.
    double x = 0, y = 0;
    const char* at = path.c_str();
    const auto number = [&] {
      char* end = nullptr;
      const double value = std::strtod(at, &end);
      if (end == at) throw std::runtime_error("a number is missing in a path");
      at = end;
      return value;
    };
    while (*at != '\0') {
      if (*at++ != 'm') throw std::runtime_error("a mark begins with a move");
      x += number();
      y += number();
      double dx = 0, dy = 0;  // from the position of the mark
      double begin_dx = 0, begin_dy = 0;
      const char* begin = at;
      while (*at != '\0') {
        const char* command = at++;
        switch (*command) {
          case 'm':
            dx += number();
            dy += number();
            begin_dx = dx;
            begin_dy = dy;
            break;
          case 'l':
            dx += number();
            dy += number();
            break;
          case 'h': dx += number(); break;
          case 'v': dy += number(); break;
          case 'z':
            dx = begin_dx;
            dy = begin_dy;
            break;
          default: throw std::runtime_error(std::string("an unknown command ") + *command);
        }
        if (*command == 'm' && dx == 0 && dy == 0) break;  // back after an outline
        if (*command == 'h' && command == begin) break;    // a dot
      }
      if (dx != 0 || dy != 0) throw std::runtime_error("a mark does not come back to its position");
      marks.push_back({element.left + scale * x, element.top + scale * y, colour, std::string(begin, at)});
    }
  }
  return marks;
}

}  // namespace corymb_test
