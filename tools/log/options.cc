#include "tools/log/options.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <cstdlib>

#include "tools/log/exit_code.h"

namespace respublica::logtool {
namespace {

constexpr const char* kDescription =
    "Looks into the log of durable channels (the directory `appenddirname` in `dir`), checks it, and copies what is\n"
    "whole of a damaged one. Nothing in DIR is ever changed; all but salvage work beside a running broker.";

constexpr const char* kFooter =
    "Exit codes: 0 fine; 1 damage was found, or the copy is not complete; 2 wrong use, nothing was done;\n"
    "3 a file could not be read or written.\n\n"
    "  respublica-log verify /data/appendonlydir\n"
    "  respublica-log dump /data/appendonlydir --channel orders | jq -r .id\n"
    "  respublica-log salvage /data/appendonlydir /data/salvaged > missing.json";

/// The command line as CLI11 fills it.
struct RawOptions {
  std::string channel;
  bool checkpoint = false;
  bool json = false;
  bool progress = false;
  bool quiet = false;
};

CLI::App* add_command(CLI::App& app, const char* name, const char* what, Options& options, Options::Command command) {
  CLI::App* added = app.add_subcommand(name, what);
  added->add_option("DIR", options.directory, "The directory of the log")->required();
  added->callback([&options, command] { options.command = command; });
  return added;
}

void add_progress(CLI::App& command, RawOptions& raw) {
  command.add_flag("--progress", raw.progress, "Show progress also if stderr is no terminal");
  command.add_flag("--quiet", raw.quiet, "Never show progress");
}

void add_commands(CLI::App& app, RawOptions& raw, Options& options) {
  using Command = Options::Command;
  CLI::App* dump = add_command(app, "dump", "Prints every record as a line of JSON", options, Command::dump);
  dump->add_option("--channel", raw.channel, "Only records of the channel with this name");
  dump->add_option("--from", options.dump.from.value, "Only records at or behind this position");
  dump->add_flag("--checkpoint", raw.checkpoint, "Print the streams of the newest checkpoint instead of records");
  CLI::App* verify = add_command(app, "verify", "Checks all of the log", options, Command::verify);
  add_progress(*verify, raw);
  CLI::App* salvage = add_command(app, "salvage", "Copies what is whole to a new log, and says what is missing",
                                  options, Command::salvage);
  salvage->add_option("NEWDIR", options.new_directory, "The directory of the new log: not there, or empty")->required();
  add_progress(*salvage, raw);
  CLI::App* stats = add_command(app, "stats", "Counts what is in the log", options, Command::stats);
  stats->add_flag("--json", raw.json, "Print a JSON object instead of a table");
  stats->add_option("--top", options.stats.top, "How many channels to list, those with the most bytes")
      ->capture_default_str();
  add_progress(*stats, raw);
}

}  // namespace

Options parse_options(int argc, char** argv) {
  CLI::App app(kDescription, "respublica-log");
  RawOptions raw;
  Options options;
  app.require_subcommand(1);
  app.footer(kFooter);
  add_commands(app, raw, options);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) std::exit(app.exit(error));
    fmt::print(stderr, "respublica-log: {} (see respublica-log --help)\n", error.what());
    std::exit(static_cast<int>(ExitCode::wrong_use));
  }
  if (app.get_subcommand("dump")->count("--channel") > 0) options.dump.channel = raw.channel;
  if (raw.checkpoint) options.dump.what = DumpOptions::What::checkpoint;
  if (raw.json) options.stats.format = StatsOptions::Format::json;
  if (raw.progress) options.progress = ProgressLine::Use::always;
  if (raw.quiet) options.progress = ProgressLine::Use::never;
  return options;
}

}  // namespace respublica::logtool
