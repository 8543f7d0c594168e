// corymb, the command-line tool. Exit codes: 0, 2 after a mistake, 130 after Ctrl-C.

#include <corymb/core/config.hpp>
#include <corymb/core/errors.hpp>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <exception>
#include <memory>
#include <new>
#include <string>
#include <string_view>
#include <vector>

#include "arguments.hpp"
#include "commands.hpp"
#include "interrupt.hpp"

namespace corymb::tool {
namespace {

constexpr int mistake = 2;

/// One line on standard error, whatever the text contains.
int fail(std::string_view what, int exit_code) {
  // "corymb::kmeans: k = 0 ..." is how the library begins; the command is known here.
  if (const std::size_t end = what.find(": "); what.starts_with("corymb::") && end != what.npos)
    what.remove_prefix(end + 2);
  std::string line = "corymb: " + std::string(what);
  std::replace_if(
      line.begin(), line.end(), [](unsigned char c) { return c < ' ' || c == 0x7f; }, '?');
  std::fprintf(stderr, "%s\n", line.c_str());
  return exit_code;
}

struct DefinedCommand {
  CLI::App* parser;
  std::unique_ptr<Arguments> arguments;
  Run run;
};

/// The first word must be a command, or ask for help: what the parser says otherwise helps nobody.
void check_command(int argc, char** argv) {
  const std::string word = argc < 2 ? "" : argv[1];
  if (word == "-h" || word == "--help" || word == "--version") return;
  std::string names;
  for (const Command& command : commands) {
    if (word == command.name) return;
    names += (names.empty() ? "" : ", ") + std::string(command.name);
  }
  const std::string choice = names + " (see corymb --help)";
  if (word.empty() || word.front() == '-') throw InvalidArgument("a command is needed first: " + choice);
  throw InvalidArgument("there is no command '" + word + "'; there are " + choice);
}

int run(int argc, char** argv) {
  check_command(argc, argv);
  CLI::App program("Clusters points.", "corymb");
  program.set_version_flag("--version", "corymb " CORYMB_VERSION_STRING, "Print the version and exit");
  program.require_subcommand(1);
  program.get_formatter()->column_width(34);
  program.get_formatter()->label("SUBCOMMAND", "COMMAND");
  program.get_formatter()->label("Positionals", "Arguments");
  program.footer(
      "corymb COMMAND --help tells the options of a command. For example:\n"
      "  corymb kmeans points.csv -k 8 --labels labels.csv");

  std::vector<DefinedCommand> defined;
  for (const Command& command : commands) {
    CLI::App* parser = program.add_subcommand(command.name, command.summary)->group("Commands");
    parser->footer("");
    auto arguments = std::make_unique<Arguments>(*parser);
    Run runner = command.define(*arguments);
    defined.push_back({parser, std::move(arguments), std::move(runner)});
  }

  try {
    program.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() != 0) return fail(error.what(), mistake);
    return program.exit(error);  // prints the help or the version
  }
  const auto chosen = std::find_if(defined.begin(), defined.end(),
                                   [](const DefinedCommand& command) { return command.parser->parsed(); });
  chosen->arguments->check_files();
  return chosen->run();
}

}  // namespace
}  // namespace corymb::tool

int main(int argc, char** argv) {
  using namespace corymb::tool;
  try {
    handle_interrupts();
    return run(argc, argv);
  } catch (const corymb::Cancelled&) {
    return fail("stopped; nothing was written", interrupted);
  } catch (const std::bad_alloc&) {
    return fail("out of memory", mistake);
  } catch (const std::exception& error) {
    return fail(error.what(), mistake);
  }
}
