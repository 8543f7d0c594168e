#include "report.hpp"

#include <corymb/core/errors.hpp>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstdio>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

namespace corymb::tool {
namespace {

std::string readable(const Json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (!value.is_number_float()) return value.dump();
  char text[40];
  const double number = value.get<double>();
  std::snprintf(text, sizeof text, std::abs(number) < 1e5 ? "%.5g" : "%.10g", number);
  return text;
}

void collect_lines(const Json& object, std::vector<std::pair<std::string, std::string>>& lines) {
  for (const auto& [key, value] : object.items()) {
    if (value.is_object())
      collect_lines(value, lines);
    else if (!value.is_null())
      lines.emplace_back(key + ":", readable(value));
  }
}

}  // namespace

Json to_json(const Scores& scores) { return {{"ari", scores.ari}, {"nmi", scores.nmi}, {"accuracy", scores.accuracy}}; }

void print(const std::string& text) {
  if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size() || std::fflush(stdout) != 0)
    throw IoError("standard output", 0, 0, "cannot be written: " + std::generic_category().message(errno));
}

void print_report(const Json& report, bool as_json) {
  std::string text;
  if (as_json) {
    text = report.dump() + "\n";
  } else {
    std::vector<std::pair<std::string, std::string>> lines;
    collect_lines(report, lines);
    std::size_t width = 0;
    for (const auto& [key, value] : lines) width = std::max(width, key.size());
    for (const auto& [key, value] : lines) text += key + std::string(width + 1 - key.size(), ' ') + value + "\n";
  }
  print(text);
}

}  // namespace corymb::tool
