// corymb, the command-line tool. Exit codes: 0, 2 after a mistake, 130 after Ctrl-C.

#include <corymb/core/config.hpp>
#include <corymb/core/errors.hpp>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <exception>
#include <new>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "arguments.hpp"
#include "commands.hpp"
#include "help.hpp"
#include "interrupt.hpp"
#include "report.hpp"

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

std::vector<HelpEntry> entries_of(std::span<const Command> choices, CommandGroup group) {
  std::vector<HelpEntry> entries;
  for (const Command& command : choices)
    if (command.group == group) entries.push_back({command.name, command.summary});
  return entries;
}

std::string program_help() {
  return render(
      {.name = "corymb",
       .summary = "cluster points in files",
       .usage = "corymb COMMAND FILE [options]",
       .description = {"Each command has its own page: corymb COMMAND --help.",
                       "The format of an input file is seen from its content, and any of them may be compressed with "
                       "gzip. Output files are written under a temporary name first: they are complete, or not there."},
       .sections =
           {{"Clustering", entries_of(all_commands(), CommandGroup::clustering)},
            {"Data and scores", entries_of(all_commands(), CommandGroup::data)},
            {"Options", {{"-h, --help", "Print this page and exit"}, {"--version", "Print the version and exit"}}},
            {"Files",
             {{"CSV",
               "One point a line. The delimiter (comma, semicolon, tab, bar or blanks) and a header row are "
               "detected; lines that begin with # are comments"},
              {"NPY", "NumPy's arrays, of one or two dimensions"},
              {"IDX", "The format of the MNIST images; each image becomes a row"},
              {"labels", "One integer a line, or an NPY or IDX array of integers; -1 is noise"}}},
            {"Exit status",
             {{"0", "All went well"},
              {"2", "A mistake in the options or a file; one line on standard error says which, nothing was written"},
              {"130", "Stopped by Ctrl-C; iterative algorithms write the labels of their last complete iteration"}}}},
       .examples = {{"Make points with known classes, cluster them, and look at the picture:",
                     "corymb generate blobs points.csv -n 1000 -k 5 --labels classes.csv"},
                    {"", "corymb kmeans points.csv -k 5 --truth classes.csv --plot clusters.svg"}}});
}

std::string group_help(const std::string& name, const Command& group) {
  return render({.name = name,
                 .summary = group.summary,
                 .usage = name + " KIND FILE [options]",
                 .description = {"Each kind has its own page: " + name + " KIND --help."},
                 .sections = {{"Kinds", entries_of(group.commands, CommandGroup::data)}},
                 .examples = {}});
}

/// The command of that name. Throws where there is none; `what` says what the choices are, `name` what was read before.
const Command& find_command(std::span<const Command> choices, const std::string& word, const std::string& what,
                            const std::string& name) {
  std::string names;
  for (const Command& command : choices) {
    if (word == command.name) return command;
    names += (names.empty() ? "" : ", ") + std::string(command.name);
  }
  const std::string choice = names + " (see " + name + " --help)";
  if (word.empty() || word.front() == '-') throw InvalidArgument("a " + what + " is needed first: " + choice);
  throw InvalidArgument("there is no " + what + " '" + word + "'; there are " + choice);
}

/// Runs a command with the words that follow its name. Only its own arguments are defined.
int run_command(const Command& command, const std::string& name, std::span<char*> words) {
  CLI::App parser;
  Arguments arguments(parser);
  const Run runner = command.define(arguments);
  try {
    parser.parse(std::vector<std::string>(words.rbegin(), words.rend()));  // from the last one to the first
  } catch (const CLI::CallForHelp&) {
    print(arguments.help(name, command.summary));
    return 0;
  } catch (const CLI::ExtrasError&) {
    const std::string word = parser.remaining().front(), page = " (see " + name + " --help)";
    if (word.starts_with('-')) throw InvalidArgument("there is no option '" + word + "'" + page);
    throw InvalidArgument("'" + word + "' is one argument too many" + page);
  } catch (const CLI::ParseError& error) {
    return fail(error.what(), mistake);
  }
  arguments.check_files();
  return runner();
}

int run(std::span<char*> words) {
  const Command* command = nullptr;
  std::string name = "corymb";
  while (command == nullptr || command->define == nullptr) {
    const std::string word = words.empty() ? "" : words.front();
    if (word == "-h" || word == "--help") {
      print(command == nullptr ? program_help() : group_help(name, *command));
      return 0;
    }
    if (command == nullptr && word == "--version") {
      print("corymb " CORYMB_VERSION_STRING "\n");
      return 0;
    }
    command = command == nullptr ? &find_command(all_commands(), word, "command", name)
                                 : &find_command(command->commands, word, "kind", name);
    name += " " + word;
    words = words.subspan(1);
  }
  return run_command(*command, name, words);
}

}  // namespace
}  // namespace corymb::tool

int main(int argc, char** argv) {
  using namespace corymb::tool;
  try {
    handle_interrupts();
    return run(std::span(argv, static_cast<std::size_t>(argc)).subspan(argc > 0 ? 1 : 0));
  } catch (const corymb::Cancelled&) {
    return fail("stopped; nothing was written", interrupted);
  } catch (const std::bad_alloc&) {
    return fail("out of memory", mistake);
  } catch (const std::exception& error) {
    return fail(error.what(), mistake);
  }
}
