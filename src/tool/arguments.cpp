#include "arguments.hpp"

#include <corymb/core/errors.hpp>

#include <unistd.h>
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <system_error>
#include <type_traits>

namespace corymb::tool {
namespace {

namespace fs = std::filesystem;

template <class T>
struct Value {
  using type = T;
};
template <class T>
struct Value<std::optional<T>> {
  using type = T;
};

template <class T>
T parse_number(const std::string& name, const std::string& text) {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc::result_out_of_range) throw InvalidArgument(name + ": " + text + " is out of range");
  if (error != std::errc() || end != text.data() + text.size()) {
    const char* expected = std::is_floating_point_v<T> ? "a number" : "an integer";
    if (std::is_unsigned_v<T>) expected = "an integer of at least 0";
    throw InvalidArgument(name + ": '" + text + "' is not " + expected);
  }
  return value;
}

template <class T>
std::string default_of(const T& value) {
  char text[40];
  return " [" + std::string(text, std::to_chars(text, text + sizeof text, value).ptr) + "]";
}
template <class T>
std::string default_of(const std::optional<T>&) {
  return "";
}

/// Where a file of this name is, or would be: absolute, links followed.
fs::path location(const std::string& path) {
  std::error_code failed;
  const fs::path resolved = fs::weakly_canonical(fs::absolute(path), failed);
  return failed ? fs::absolute(path) : resolved;
}

void require_writable(const std::string& path) {
  const auto fail = [&](const std::string& reason) { throw IoError(path, 0, 0, "cannot be written: " + reason); };
  std::error_code ignored;
  const fs::file_status status = fs::status(path, ignored);
  if (fs::is_directory(status)) fail("it is a folder");
  // A file is replaced by a new one, which only its folder must allow; a pipe or device is written to.
  const bool replaced = !fs::exists(status) || fs::is_regular_file(status);
  const fs::path target = replaced ? location(path).parent_path() : fs::path(path);
  if (!fs::exists(target, ignored)) fail("there is no folder " + target.string());
  if (replaced && !fs::is_directory(target, ignored)) fail(target.string() + " is no folder");
  if (access(target.c_str(), replaced ? W_OK | X_OK : W_OK) != 0) fail(std::generic_category().message(errno));
}

}  // namespace

CLI::Option* Arguments::add(const std::string& name, const std::function<void(const std::string&)>& set,
                            const std::string& placeholder, const std::string& help) {
  CLI::Option* option = command_.add_option_function<std::string>(name, set);
  if (name.front() == '-') {
    option->type_name(placeholder);  // for messages
    section(group_).entries.push_back({name + " " + placeholder, help});
  } else {
    option->required();
    section("Arguments").entries.push_back({name, help});
  }
  return option;
}

HelpSection& Arguments::section(const std::string& title) {
  const auto found = std::find_if(help_.sections.begin(), help_.sections.end(),
                                  [&](const HelpSection& section) { return section.title == title; });
  return found != help_.sections.end() ? *found : help_.sections.emplace_back(HelpSection{title, {}});
}

std::string Arguments::help(const std::string& name, const std::string& summary) const {
  HelpPage page = help_;
  page.name = name;
  page.summary = summary;
  // What is required stands first, whatever the order of definition was.
  std::stable_partition(page.sections.begin(), page.sections.end(),
                        [](const HelpSection& section) { return section.title == "Arguments"; });
  if (page.usage.empty()) {
    for (const HelpEntry& argument : page.sections.front().entries) page.usage += argument.name + " ";
    page.usage += "[options]";
  }
  page.usage = name + " " + page.usage;
  page.sections.push_back({"Help", {{"-h, --help", "Print this page and exit"}}});
  return render(page);
}

template <class T>
void Arguments::number(const std::string& name, T& value, const std::string& placeholder, const std::string& help) {
  const auto set = [name, &value](const std::string& text) {
    value = parse_number<typename Value<T>::type>(name, text);
  };
  add(name, set, placeholder, help + default_of(value));
}
template void Arguments::number(const std::string&, int&, const std::string&, const std::string&);
template void Arguments::number(const std::string&, std::ptrdiff_t&, const std::string&, const std::string&);
template void Arguments::number(const std::string&, std::uint64_t&, const std::string&, const std::string&);
template void Arguments::number(const std::string&, double&, const std::string&, const std::string&);
template void Arguments::number(const std::string&, std::optional<std::int32_t>&, const std::string&,
                                const std::string&);
template void Arguments::number(const std::string&, std::optional<std::ptrdiff_t>&, const std::string&,
                                const std::string&);
template void Arguments::number(const std::string&, std::optional<double>&, const std::string&, const std::string&);

void Arguments::flag(const std::string& name, bool& value, const std::string& help) {
  command_.add_flag(name, value);
  section(group_).entries.push_back({name, help});
}

void Arguments::list(const std::string& name, std::vector<std::string>& values, const std::string& help) {
  const auto set = [name, &values](const std::string& text) {
    values.clear();
    for (std::size_t begin = 0; begin <= text.size();) {
      const std::size_t end = std::min(text.find(',', begin), text.size());
      if (end == begin) throw InvalidArgument(name + ": '" + text + "' has an empty entry");
      values.push_back(text.substr(begin, end - begin));
      begin = end + 1;
    }
  };
  add(name, set, "LIST", help);
}

void Arguments::add_choice(const std::string& name, const std::vector<std::string>& words, const std::string& present,
                           const std::function<void(std::size_t)>& choose, const std::string& help) {
  std::string all, marked;
  for (const std::string& word : words) {
    const char* separator = all.empty() ? "" : ", ";
    all += separator + word;
    marked += separator + (word == present ? "[" + word + "]" : word);
  }
  const auto set = [name, words, all, choose](const std::string& text) {
    const auto found = std::find(words.begin(), words.end(), text);
    if (found == words.end()) throw InvalidArgument(name + ": '" + text + "' is not one of " + all);
    choose(static_cast<std::size_t>(found - words.begin()));
  };
  add(name, set, "WORD", help + ": " + marked);
}

void Arguments::add_file(const File& file, std::string& path, const std::string& help) {
  const auto set = [name = file.name, &path](const std::string& text) {
    // More likely an option after a forgotten value than a name.
    if (text.empty() || (text.front() == '-' && name.front() == '-'))
      throw InvalidArgument(name + ": the name of a file is needed, not '" + text + "'");
    path = text;
  };
  add(file.name, set, "FILE", help);
  files_.push_back(file);
}

void Arguments::input_file(const std::string& name, std::string& path, const std::string& help) {
  add_file({name, &path, false, {}}, path, help);
}

void Arguments::output_file(const std::string& name, std::string& path, OutputFormat format, const std::string& help) {
  add_file({name, &path, true, format}, path, help);
}

void Arguments::exclusive(const std::vector<std::string>& names) {
  for (const std::string& name : names)
    for (const std::string& other : names)
      if (name != other) command_.get_option(name)->excludes(command_.get_option(other));
}

void Arguments::needs(const std::string& name, const std::string& other) {
  command_.get_option(name)->needs(command_.get_option(other));
}

void Arguments::check_files() const {
  for (const File& output : files_) {
    if (!output.is_output || output.path->empty()) continue;
    if ((output.format != OutputFormat::svg && output.path->ends_with(".gz")) ||
        (output.format == OutputFormat::text && output.path->ends_with(".npy")))
      throw InvalidArgument(output.name + ": " + *output.path + " would hold plain text; choose another ending");
    std::error_code ignored;
    const bool is_device = fs::is_other(*output.path, ignored);
    if (output.format == OutputFormat::svg && !is_device && !output.path->ends_with(".svg"))
      throw InvalidArgument(output.name + ": " + *output.path + " would hold a picture; its name must end in .svg");
    require_writable(*output.path);
    if (is_device) continue;
    for (const File& other : files_)
      if (&other != &output && !other.path->empty() && location(*other.path) == location(*output.path))
        throw InvalidArgument(output.name + " and " + other.name + " are the same file, " + *output.path);
  }
}

}  // namespace corymb::tool
