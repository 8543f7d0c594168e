#pragma once

#include <functional>
#include <span>

namespace corymb::tool {

class Arguments;

/// A command defines its arguments, and returns what runs it once they are parsed. The number is the exit code.
using Run = std::function<int()>;

/// A word on the command line: either it is run, or it is followed by one of several other commands.
struct Command {
  const char* name;
  const char* summary;  ///< a phrase for the list of commands
  Run (*define)(Arguments& arguments) = nullptr;
  std::span<const Command> commands = {};
};

// A new command is a file that defines one such function, and a line in the table of main.cpp.
Run define_kmeans(Arguments& arguments);
Run define_score(Arguments& arguments);

/// The data sets that `corymb generate` writes.
std::span<const Command> data_sets();

}  // namespace corymb::tool
