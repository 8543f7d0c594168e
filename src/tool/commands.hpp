#pragma once

#include <functional>
#include <span>

namespace corymb::tool {

class Arguments;

/// A command defines its arguments, and returns what runs it once they are parsed. The number is the exit code.
using Run = std::function<int()>;

/// Where a command stands in the help.
enum class CommandGroup { clustering, data };

/// A word on the command line: either it is run, or it is followed by one of several other commands.
struct Command {
  const char* name;
  const char* summary;  ///< a phrase for the list of commands
  Run (*define)(Arguments& arguments) = nullptr;
  std::span<const Command> commands = {};
  CommandGroup group = CommandGroup::data;
};

/// All commands of the program, by group and name.
std::span<const Command> all_commands();

/// A file that defines a command makes one of these, and nothing else has to know of it.
struct RegisterCommand {
  explicit RegisterCommand(const Command& command);
};

}  // namespace corymb::tool
