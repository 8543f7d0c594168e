#include "commands.hpp"

#include <algorithm>
#include <string_view>
#include <tuple>
#include <vector>

namespace corymb::tool {
namespace {

// Made when the first file registers, in whatever order they do.
std::vector<Command>& registered() {
  static std::vector<Command> commands;
  return commands;
}

}  // namespace

RegisterCommand::RegisterCommand(const Command& command) {
  std::vector<Command>& commands = registered();
  const auto place = [](const Command& c) { return std::tuple(c.group, std::string_view(c.name)); };
  const auto after = std::find_if(commands.begin(), commands.end(),
                                  [&](const Command& other) { return place(command) < place(other); });
  commands.insert(after, command);
}

std::span<const Command> all_commands() { return registered(); }

}  // namespace corymb::tool
