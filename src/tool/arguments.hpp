#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "help.hpp"

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace corymb::tool {

/// What may be written to an output file.
enum class OutputFormat {
  text,         ///< text, whatever the name
  text_or_npy,  ///< NPY where the name ends in .npy, else text
  svg,          ///< a picture; the name must end in .svg
};

/// The arguments of one command. A name that begins with a dash is an option, any other one a required argument.
/// What is bound to an argument must live until the command has run. All mistakes throw: InvalidArgument where an
/// argument is wrong, IoError where a file is.
class Arguments {
 public:
  explicit Arguments(CLI::App& command) : command_(command) {}

  /// What follows the name of the command in its help, where it is not just the required arguments.
  void usage(const std::string& words) { help_.usage = words; }

  /// A paragraph about the command for its help.
  void describe(const std::string& paragraph) { help_.description.push_back(paragraph); }
  void example(const std::string& text, const std::string& command) { help_.examples.push_back({text, command}); }

  /// The options that follow stand under this title in the help.
  void group(const std::string& title) { group_ = title; }

  void input_file(const std::string& name, std::string& path, const std::string& help);
  void output_file(const std::string& name, std::string& path, OutputFormat format, const std::string& help);
  void flag(const std::string& name, bool& value, const std::string& help);

  /// T: an integer or double, whose present value is the default, or an optional of one. Decimal, and nothing but the
  /// number. `placeholder` stands for it in the help.
  template <class T>
  void number(const std::string& name, T& value, const std::string& placeholder, const std::string& help);

  /// One of several words.
  template <class E>
  void choice(const std::string& name, E& value, const std::vector<std::pair<std::string, E>>& choices,
              const std::string& help) {
    std::vector<std::string> words;
    std::string present;
    for (const auto& [word, meaning] : choices) {
      words.push_back(word);
      if (meaning == value) present = word;
    }
    add_choice(
        name, words, present, [&value, choices](std::size_t chosen) { value = choices[chosen].second; }, help);
  }

  /// Words separated by commas, at least one.
  void list(const std::string& name, std::vector<std::string>& values, const std::string& help);

  /// At most one of these options may be given.
  void exclusive(const std::vector<std::string>& names);

  /// The first option is a mistake without the other one.
  void needs(const std::string& name, const std::string& other);

  /// To be called once the arguments are parsed: the output files can be written as far as can be seen, and none is
  /// another one or an input file.
  void check_files() const;

  /// The help of the command, whose name and summary are given.
  std::string help(const std::string& name, const std::string& summary) const;

 private:
  struct File {
    std::string name;
    const std::string* path;
    bool is_output;
    OutputFormat format;
  };

  CLI::Option* add(const std::string& name, const std::function<void(const std::string&)>& set,
                   const std::string& placeholder, const std::string& help);
  void add_file(const File& file, std::string& path, const std::string& help);
  void add_choice(const std::string& name, const std::vector<std::string>& words, const std::string& present,
                  const std::function<void(std::size_t)>& choose, const std::string& help);

  HelpSection& section(const std::string& title);

  CLI::App& command_;
  std::string group_ = "Options";
  HelpPage help_ = {};
  std::vector<File> files_;
};

}  // namespace corymb::tool
