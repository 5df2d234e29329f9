#include "tools/dlq/options.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <cstdlib>

#include "tools/dlq/exit_code.h"

namespace respublica::dlqtool {
namespace {

constexpr const char* kDescription =
    "Shows the dead letters of a broker, sends them back to their groups, and discards them. DLQ is the channel of "
    "dead\n"
    "letters, `dlq` where none is given.";

constexpr const char* kFooter =
    "The password may stand in the environment variable REDISCLI_AUTH. A redrive or a discard goes on in the broker "
    "when\n"
    "this program is ended: DLQ TASKS shows it, DLQ CANCEL ends it.\n\n"
    "Exit codes: 0 fine; 1 not all was done: letters were skipped, or the task was cancelled or failed, or show has "
    "found\n"
    "nothing; 2 wrong use, nothing was done; 3 the broker cannot be reached, or has refused.\n\n"
    "  respublica-dlq list --channel orders --reason rejected\n"
    "  respublica-dlq redrive --channel orders --group billing --rate 100\n"
    "  respublica-dlq discard --id 1795472679994-0 --yes";

/// The command line as CLI11 fills it.
struct RawOptions {
  std::string dlq;
  std::string channel;
  std::string group;
  std::string reason;
  std::string to;
  bool json = false;
  bool progress = false;
  bool quiet = false;
};

CLI::App* add_command(CLI::App& app, const char* name, const char* what, RawOptions& raw, Options& options,
                      Options::Command command) {
  CLI::App* added = app.add_subcommand(name, what);
  added->fallthrough();
  if (command == Options::Command::show) added->add_option("ID", options.id, "Of the dead letter")->required();
  added->add_option("DLQ", raw.dlq, "The channel of the dead letters");
  added->add_flag("--json", raw.json, "Print a JSON object a line");
  added->callback([&options, command] { options.command = command; });
  return added;
}

void add_names(CLI::App& command, RawOptions& raw) {
  command.add_option("--channel", raw.channel, "Only of entries that died in this channel");
  command.add_option("--group", raw.group, "Only of entries that died in this group");
  command.add_option("--reason", raw.reason, "Only with this dlq.reason");
}

void add_filter(CLI::App& command, RawOptions& raw, Options& options) {
  add_names(command, raw);
  command.add_option("--id", options.filter.ids, "Only the dead letter with this ID; may be repeated")
      ->allow_extra_args(false);
  command.add_option("--origin", options.filter.origins, "Only of entries that had this ID; may be repeated")
      ->allow_extra_args(false);
}

void add_task(CLI::App& command, RawOptions& raw, Options& options) {
  add_filter(command, raw, options);
  command.add_option("--count", options.count, "How many, at most")->check(CLI::PositiveNumber);
  command.add_option("--rate", options.rate, "How many in a second")->check(CLI::PositiveNumber);
  command.add_flag("--dry-run", options.dry_run, "Change nothing: say what would be");
  command.add_flag("--progress", raw.progress, "Show progress also if stderr is no terminal");
  command.add_flag("--quiet", raw.quiet, "Never show progress");
}

void add_endpoint(CLI::App& app, Endpoint& endpoint) {
  // -h is the host, as with redis-cli.
  app.set_help_flag("--help", "Print this help");
  app.add_option("-h,--host", endpoint.host, "Of the broker")->capture_default_str();
  app.add_option("-p,--port", endpoint.port, "Of the broker")->capture_default_str()->check(CLI::Range(1, 65535));
  app.add_option("-s,--socket", endpoint.unix_socket, "Of the broker, in place of host and port");
  app.add_option("-a,--password", endpoint.password, "For AUTH")->envname("REDISCLI_AUTH");
  app.add_option("--user", endpoint.user, "For AUTH, with the password");
}

void add_commands(CLI::App& app, RawOptions& raw, Options& options) {
  using Command = Options::Command;
  const auto add = [&](const char* name, const char* what, Command command) {
    CLI::App* const added = add_command(app, name, what, raw, options, command);
    added->set_help_flag("--help", "Print this help");
    return added;
  };
  CLI::App* list = add("list", "Prints dead letters, a line each", Command::list);
  add_filter(*list, raw, options);
  list->add_option("--count", options.count, "How many, at most")->check(CLI::PositiveNumber);
  add("stats", "Counts dead letters by where and why they died; of all channels where no DLQ is given", Command::stats);
  add("show", "Prints one dead letter with all its fields", Command::show);
  CLI::App* redrive = add("redrive", "Sends dead letters back to their groups", Command::redrive);
  add_task(*redrive, raw, options);
  redrive->add_option("--to", raw.to, "Adds the entries to this channel instead");
  CLI::App* discard = add("discard", "Deletes dead letters; asks before it does", Command::discard);
  add_task(*discard, raw, options);
  discard->add_flag("--all", options.all, "All dead letters of DLQ: a filter or this must be given");
  discard->add_flag("--yes", options.yes, "Do not ask");
  CLI::App* watch =
      add("watch", "Prints dead letters as they come, until it is ended; of all channels where no DLQ is given",
          Command::watch);
  add_names(*watch, raw);
}

[[noreturn]] void end(const std::string& what) {
  fmt::print(stderr, "respublica-dlq: {} (see respublica-dlq --help)\n", what);
  std::exit(static_cast<int>(ExitCode::wrong_use));
}

}  // namespace

std::vector<std::string> Filter::words() const {
  std::vector<std::string> words;
  const auto add = [&words](const char* name, const std::vector<std::string>& values) {
    if (values.empty()) return;
    words.emplace_back(name);
    words.insert(words.end(), values.begin(), values.end());
  };
  if (channel) add("CHANNEL", {*channel});
  if (group) add("GROUP", {*group});
  if (reason) add("REASON", {*reason});
  add("ID", ids);
  add("ORIGIN", origins);
  return words;
}

Options parse_options(int argc, char** argv) {
  CLI::App app(kDescription, "respublica-dlq");
  RawOptions raw;
  Options options;
  app.require_subcommand(1);
  app.footer(kFooter);
  add_endpoint(app, options.endpoint);
  add_commands(app, raw, options);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) std::exit(app.exit(error));
    end(error.what());
  }
  const CLI::App& command = *app.get_subcommands().front();
  const auto given = [&command](const char* name, const std::string& value) {
    const CLI::Option* const option = command.get_option_no_throw(name);
    return option != nullptr && option->count() > 0 ? std::optional(value) : std::nullopt;
  };
  options.dlq = given("DLQ", raw.dlq);
  options.filter.channel = given("--channel", raw.channel);
  options.filter.group = given("--group", raw.group);
  options.filter.reason = given("--reason", raw.reason);
  options.to = given("--to", raw.to);
  if (raw.json) options.format = Options::Format::json;
  if (raw.progress) options.progress = ProgressLine::Use::always;
  if (raw.quiet) options.progress = ProgressLine::Use::never;
  if (options.command == Options::Command::discard && !options.filter.any() && !options.all) {
    end("discard needs a filter, or --all for all dead letters");
  }
  return options;
}

}  // namespace respublica::dlqtool
