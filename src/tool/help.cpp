#include "help.hpp"

#include <algorithm>
#include <cstddef>
#include <sstream>

namespace corymb::tool {
namespace {

constexpr std::size_t page_width = 80, text_column = 28;

/// Appends the words of a paragraph, the lines after the first one indented. `column` is where the first line stands.
void wrap(std::string& page, const std::string& paragraph, std::size_t indent, std::size_t column) {
  std::istringstream words(paragraph);
  bool first = true;
  for (std::string word; words >> word;) {
    // Characters, not bytes.
    const auto width = static_cast<std::size_t>(
        std::count_if(word.begin(), word.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
    if (!first && column + 1 + width > page_width) {
      page.append("\n").append(indent, ' ');
      column = indent;
    } else if (!first) {
      page += ' ';
      ++column;
    }
    page += word;
    column += width;
    first = false;
  }
  page += '\n';
}

void append_entry(std::string& page, const HelpEntry& entry) {
  page.append("  ").append(entry.name);
  std::size_t column = 2 + entry.name.size();
  if (column + 2 > text_column) {
    page += '\n';
    column = 0;
  }
  page.append(text_column - column, ' ');
  wrap(page, entry.text, text_column, text_column);
}

}  // namespace

std::string render(const HelpPage& page) {
  std::string text = page.name + " - ";
  wrap(text, page.summary, 4, text.size());
  text.append("\nUsage: ").append(page.usage).append("\n");
  for (const std::string& paragraph : page.description) {
    text += '\n';
    wrap(text, paragraph, 0, 0);
  }
  for (const HelpSection& section : page.sections) {
    if (section.entries.empty()) continue;
    text.append("\n").append(section.title).append(":\n");
    for (const HelpEntry& entry : section.entries) append_entry(text, entry);
  }
  if (!page.examples.empty()) text += "\nExamples:\n";
  for (const HelpExample& example : page.examples) {
    if (!example.text.empty()) wrap(text.append("  "), example.text, 2, 2);
    text.append("    ").append(example.command).append("\n");
  }
  return text;
}

}  // namespace corymb::tool
