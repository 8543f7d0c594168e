#pragma once

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "bench/command_line.hpp"

namespace bench {

/// What programs that time named tasks are asked for.
struct TaskSettings {
  std::vector<std::string> tasks;
  std::vector<int> threads = {1, 2};
  int repeats = 3;
  std::vector<std::string> files = {};

  bool runs(const std::string& task) const { return std::find(tasks.begin(), tasks.end(), task) != tasks.end(); }

  /// Takes --threads, --repeats, --tasks and files.
  /// @param others  others(word, words) -> bool takes an option of the program's own, or leaves the word
  template <class Others>
  void parse(int argc, char** argv, const Others& others) {
    Words words(argc, argv);
    for (std::string word; words.next(word);) {
      if (word == "--threads")
        threads = words.numbers_of(word);
      else if (word == "--repeats")
        repeats = std::stoi(words.value_of(word));
      else if (word == "--tasks")
        tasks = split(words.value_of(word));
      else if (!others(word, words))
        files.push_back(word);
    }
  }
  void parse(int argc, char** argv) {
    parse(argc, argv, [](const std::string&, Words&) { return false; });
  }
};

}  // namespace bench
