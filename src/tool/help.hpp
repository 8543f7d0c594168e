#pragma once

#include <string>
#include <vector>

// The pages that --help prints.
namespace corymb::tool {

struct HelpEntry {
  std::string name;
  std::string text;
};

struct HelpSection {
  std::string title;
  std::vector<HelpEntry> entries;
};

struct HelpExample {
  std::string text;  ///< what the command is for; empty where it belongs to the example before
  std::string command;
};

struct HelpPage {
  std::string name;     ///< e.g. "corymb kmeans"
  std::string summary;  ///< a phrase
  std::string usage;
  std::vector<std::string> description;  ///< paragraphs
  std::vector<HelpSection> sections;
  std::vector<HelpExample> examples;
};

/// The page as text, 80 columns wide.
std::string render(const HelpPage& page);

}  // namespace corymb::tool
