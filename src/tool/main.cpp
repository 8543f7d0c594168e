// corymb, the command-line tool. Exit codes: 0, 2 after a mistake, 130 after Ctrl-C.

#include <corymb/core/config.hpp>
#include <corymb/core/errors.hpp>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <exception>
#include <functional>
#include <memory>
#include <new>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "arguments.hpp"
#include "commands.hpp"
#include "help.hpp"
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

/// Prints a page that was made elsewhere.
class Page : public CLI::Formatter {
 public:
  explicit Page(std::function<std::string()> text) : text_(std::move(text)) {}
  std::string make_help(const CLI::App*, std::string, CLI::AppFormatMode) const override { return text_(); }

 private:
  std::function<std::string()> text_;
};

/// The first words must be a command, or ask for help: what the parser says otherwise helps nobody.
void check_command(std::span<const Command> choices, std::span<char*> words, const std::string& what,
                   const std::string& help) {
  const std::string word = words.empty() ? "" : words.front();
  if (word == "-h" || word == "--help" || word == "--version") return;
  std::string names;
  for (const Command& command : choices) {
    if (word == command.name) {
      if (!command.commands.empty())
        check_command(command.commands, words.subspan(1), "kind", "corymb " + word + " --help");
      return;
    }
    names += (names.empty() ? "" : ", ") + std::string(command.name);
  }
  const std::string choice = names + " (see " + help + ")";
  if (word.empty() || word.front() == '-') throw InvalidArgument("a " + what + " is needed first: " + choice);
  throw InvalidArgument("there is no " + what + " '" + word + "'; there are " + choice);
}

struct DefinedCommand {
  std::string name;
  CLI::App* parser;
  std::unique_ptr<Arguments> arguments;
  Run run;
};

void define(std::span<const Command> choices, CLI::App& parent, const std::string& prefix,
            std::vector<DefinedCommand>& defined) {
  parent.require_subcommand(1);
  for (const Command& command : choices) {
    const std::string name = prefix + " " + command.name;
    CLI::App* parser = parent.add_subcommand(command.name);
    if (!command.commands.empty()) {
      parser->formatter(std::make_shared<Page>([=] { return group_help(name, command); }));
      define(command.commands, *parser, name, defined);
      continue;
    }
    auto arguments = std::make_unique<Arguments>(*parser);
    Run runner = command.define(*arguments);
    parser->formatter(
        std::make_shared<Page>([name, &command, page = arguments.get()] { return page->help(name, command.summary); }));
    defined.push_back({name, parser, std::move(arguments), std::move(runner)});
  }
}

int run(int argc, char** argv) {
  check_command(all_commands(), std::span(argv, static_cast<std::size_t>(argc)).subspan(1), "command", "corymb --help");
  CLI::App program("", "corymb");
  program.set_version_flag("--version", "corymb " CORYMB_VERSION_STRING);
  program.formatter(std::make_shared<Page>(program_help));
  std::vector<DefinedCommand> defined;
  define(all_commands(), program, "corymb", defined);

  const auto chosen = [&] {
    return std::find_if(defined.begin(), defined.end(),
                        [](const DefinedCommand& command) { return command.parser->parsed(); });
  };
  try {
    program.parse(argc, argv);
  } catch (const CLI::ExtrasError&) {
    const std::string word = chosen()->parser->remaining().front(), page = " (see " + chosen()->name + " --help)";
    if (word.starts_with('-')) throw InvalidArgument("there is no option '" + word + "'" + page);
    throw InvalidArgument("'" + word + "' is one argument too many" + page);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() != 0) return fail(error.what(), mistake);
    return program.exit(error);  // prints the help or the version
  }
  chosen()->arguments->check_files();
  return chosen()->run();
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
