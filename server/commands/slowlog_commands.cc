// SLOWLOG: https://redis.io/docs/latest/commands/slowlog/

#include <array>
#include <limits>
#include <optional>

#include "protocol/error_replies.h"
#include "protocol/integer.h"
#include "server/command_context.h"
#include "server/commands/families.h"
#include "server/commands/help_reply.h"
#include "server/io_thread.h"

namespace respublica {
namespace {

constexpr std::int64_t kDefaultCount = 10;

void reply_entry(ReplyEncoder& reply, const SlowLog::Entry& entry) {
  reply.array(6);
  reply.integer(static_cast<std::int64_t>(entry.id));
  reply.integer(entry.unix_seconds);
  reply.integer(entry.microseconds);
  reply.array(entry.arguments.size());
  for (const std::string& argument : entry.arguments) reply.bulk_string(argument);
  reply.bulk_string(entry.address);
  reply.bulk_string(entry.client_name);
}

void run_get(CommandContext& context) {
  if (context.size() > 3) {
    context.reply.error(errors::unknown_subcommand_or_arity("slowlog", context[1]));
    return;
  }
  std::optional<std::int64_t> count = kDefaultCount;
  if (context.size() == 3) count = parse_integer(context[2]);
  if (!count || *count < -1) {
    context.reply.error(errors::kSlowLogCount);
    return;
  }
  if (*count == -1) count = std::numeric_limits<std::int64_t>::max();
  const std::vector<SlowLog::Entry> entries = context.server.slow_log().newest(static_cast<std::size_t>(*count));
  context.reply.array(entries.size());
  for (const SlowLog::Entry& entry : entries) reply_entry(context.reply, entry);
}

void run_len(CommandContext& context) {
  context.reply.integer(static_cast<std::int64_t>(context.server.slow_log().size()));
}

void run_reset(CommandContext& context) {
  context.server.slow_log().clear();
  context.reply.ok();
}

void run_help(CommandContext& context) {
  static constexpr std::array<std::string_view, 9> kHelp = {
      "GET [<count>]",
      "    Return top <count> entries from the slowlog (default: 10, -1 mean all).",
      "    Entries are made of:",
      "    id, timestamp, time in microseconds, arguments array, client IP and port,",
      "    client name",
      "LEN",
      "    Return the length of the slowlog.",
      "RESET",
      "    Reset the slowlog.",
  };
  reply_help(context, kHelp);
}

constexpr std::uint32_t kAdministering = kAdmin | kLoading | kStale;

constexpr CommandRow kRows[] = {
    {"slowlog",
     -2,
     kNone,
     kNoCategory,
     {},
     nullptr,
     "A container for slow log commands.",
     "2.2.12",
     "server",
     "Depends on subcommand."},
    {"slowlog|get",
     -2,
     kAdministering,
     kAclDangerous,
     {},
     run_get,
     "Returns the slow log's entries.",
     "2.2.12",
     "server",
     "O(N) where N is the number of entries returned"},
    {"slowlog|len",
     2,
     kAdministering,
     kAclDangerous,
     {},
     run_len,
     "Returns the number of entries in the slow log.",
     "2.2.12",
     "server",
     "O(1)"},
    {"slowlog|reset",
     2,
     kAdministering,
     kAclDangerous,
     {},
     run_reset,
     "Clears all entries from the slow log.",
     "2.2.12",
     "server",
     "O(N) where N is the number of entries in the slowlog"},
    {"slowlog|help",
     2,
     kLoading | kStale,
     kNoCategory,
     {},
     run_help,
     "Returns helpful text about the subcommands.",
     "6.2.0",
     "server",
     "O(1)"},
};

}  // namespace

CommandFamily slowlog_commands() { return kRows; }

}  // namespace respublica
