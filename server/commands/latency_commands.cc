// LATENCY: https://redis.io/docs/latest/operate/oss_and_stack/management/optimization/latency-monitor/
// HISTOGRAM shows how long commands took. The events of the latency monitor are those of a server that forks, expires
// and saves: the broker has none of them, so nothing is ever recorded.

#include <array>

#include "protocol/error_replies.h"
#include "server/command_context.h"
#include "server/commands/families.h"
#include "server/commands/help_reply.h"
#include "server/io_thread.h"
#include "server/stats_latency.h"

namespace respublica {
namespace {

void run_latest(CommandContext& context) { context.reply.array(0); }
void run_history(CommandContext& context) { context.reply.array(0); }
void run_reset(CommandContext& context) { context.reply.integer(0); }
void run_graph(CommandContext& context) { context.reply.error(errors::no_latency_samples(context[2])); }

void run_doctor(CommandContext& context) {
  context.reply.verbatim("txt",
                         "Nothing to report: no latency events are recorded here. LATENCY HISTOGRAM says how long "
                         "commands take, SLOWLOG GET which of them took longest.\n");
}

/// The commands that HISTOGRAM was asked for, with their subcommands; all when none is named.
std::vector<const Command*> wanted_commands(const CommandContext& context) {
  const CommandTable& table = context.server.commands();
  if (context.size() == 2) return table.all();
  std::vector<const Command*> wanted;
  for (const std::string_view name : context.arguments.subspan(2)) {
    const std::size_t bar = name.find('|');
    const Command* command = table.find(name.substr(0, bar));
    if (command != nullptr && bar != std::string_view::npos) {
      command = CommandTable::find_subcommand(*command, name.substr(bar + 1));
    }
    if (command == nullptr) continue;
    wanted.push_back(command);
    wanted.insert(wanted.end(), command->subcommands.begin(), command->subcommands.end());
  }
  return wanted;
}

void run_histogram(CommandContext& context) {
  if (!context.server.settings()->latency_tracking) {
    context.reply.map(0);
    return;
  }
  const StatsTotals totals = context.server.stats().since_reset(
      sum_counters(context.server.counters(), context.server.commands().all().size()));
  std::vector<const Command*> commands = wanted_commands(context);
  std::erase_if(commands, [&](const Command* command) { return totals.per_command[command->number].calls == 0; });
  context.reply.map(commands.size());
  for (const Command* command : commands) {
    const CommandTotals& counted = totals.per_command[command->number];
    const auto histogram = latency_histogram(counted.latency);
    context.reply.bulk_string(command->row.name);
    context.reply.map(2);
    context.reply.bulk_string("calls");
    context.reply.integer(static_cast<std::int64_t>(counted.calls));
    context.reply.bulk_string("histogram_usec");
    context.reply.map(histogram.size());
    for (const auto& [microseconds, calls] : histogram) {
      context.reply.integer(static_cast<std::int64_t>(microseconds));
      context.reply.integer(static_cast<std::int64_t>(calls));
    }
  }
}

void run_help(CommandContext& context) {
  static constexpr std::array<std::string_view, 14> kHelp = {
      "DOCTOR",
      "    Return a human readable latency analysis report.",
      "GRAPH <event>",
      "    Return an ASCII latency graph for the <event> class.",
      "HISTORY <event>",
      "    Return time-latency samples for the <event> class.",
      "LATEST",
      "    Return the latest latency samples for all events.",
      "RESET [<event> ...]",
      "    Reset latency data of one or more <event> classes.",
      "    (default: reset all data for all event classes)",
      "HISTOGRAM [COMMAND ...]",
      "    Return a cumulative distribution of latencies in the format of a histogram for the specified command names.",
      "    If no commands are specified then all histograms are replied.",
  };
  reply_help(context, kHelp);
}

constexpr std::uint32_t kAdministering = kAdmin | kNoscript | kLoading | kStale;

constexpr CommandRow kRows[] = {
    {"latency",
     -2,
     kNone,
     kNoCategory,
     {},
     nullptr,
     "A container for latency diagnostics commands.",
     "2.8.13",
     "server",
     "Depends on subcommand."},
    {"latency|latest",
     2,
     kAdministering,
     kAclDangerous,
     {},
     run_latest,
     "Returns the latest latency samples for all events.",
     "2.8.13",
     "server",
     "O(1)"},
    {"latency|history",
     3,
     kAdministering,
     kAclDangerous,
     {},
     run_history,
     "Returns timestamp-latency samples for an event.",
     "2.8.13",
     "server",
     "O(1)"},
    {"latency|reset",
     -2,
     kAdministering,
     kAclDangerous,
     {},
     run_reset,
     "Resets the latency data for events.",
     "2.8.13",
     "server",
     "O(1)"},
    {"latency|graph",
     3,
     kAdministering,
     kAclDangerous,
     {},
     run_graph,
     "Returns a latency graph for an event.",
     "2.8.13",
     "server",
     "O(1)"},
    {"latency|doctor",
     2,
     kAdministering,
     kAclDangerous,
     {},
     run_doctor,
     "Returns a human-readable latency analysis report.",
     "2.8.13",
     "server",
     "O(1)"},
    {"latency|histogram",
     -2,
     kAdministering,
     kAclDangerous,
     {},
     run_histogram,
     "Returns the cumulative distribution of latencies of a subset or all commands.",
     "7.0.0",
     "server",
     "O(N) where N is the number of commands with latency information being retrieved."},
    {"latency|help",
     2,
     kLoading | kStale,
     kNoCategory,
     {},
     run_help,
     "Returns helpful text about the subcommands.",
     "2.8.13",
     "server",
     "O(1)"},
};

}  // namespace

CommandFamily latency_commands() { return kRows; }

}  // namespace respublica
