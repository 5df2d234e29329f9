// CONFIG: https://redis.io/docs/latest/commands/config/

#include <fmt/format.h>

#include <array>
#include <utility>

#include "protocol/error_replies.h"
#include "server/command_context.h"
#include "server/commands/families.h"
#include "server/commands/help_reply.h"
#include "server/descriptor_limit.h"
#include "server/io_thread.h"
#include "server/log.h"
#include "server/setting_rewrite.h"
#include "server/setting_table.h"

namespace respublica {
namespace {

void run_get(CommandContext& context) {
  const std::vector<SettingPair> found = SettingTable::get(*context.server.settings(), context.arguments.subspan(2));
  context.reply.map(found.size());
  for (const auto& [name, value] : found) {
    context.reply.bulk_string(name);
    context.reply.bulk_string(value);
  }
}

/// The descriptors that a larger maxclients needs. Returns an error sentence, or an empty one.
std::string make_room_for_clients(const Settings& from, const Settings& to) {
  if (to.maxclients <= from.maxclients) return {};
  const std::int64_t possible = reserve_descriptors(to);
  if (possible >= to.maxclients) return {};
  return errors::config_set_failed(
      "maxclients",
      fmt::format("The operating system is not able to handle the specified number of clients, try with {}", possible));
}

/// Puts the changed settings in force for this process, or returns an error sentence and changes nothing.
std::string change_settings(ServerState& server, const std::vector<SettingPair>& pairs) {
  MutexLock lock(server.settings_change());
  const std::shared_ptr<const Settings> current = server.settings();
  Result<Settings> changed = SettingTable::set(*current, pairs);
  if (!changed) return changed.error().message;
  std::string error = make_room_for_clients(*current, changed.value());
  if (!error.empty()) return error;
  set_log_level(changed.value().loglevel);
  server.replace_settings(std::move(changed.value()));
  return {};
}

void run_set(CommandContext& context) {
  if (context.size() % 2 != 0) {
    context.reply.error(errors::kSyntax);
    return;
  }
  std::vector<SettingPair> pairs;
  for (std::size_t i = 2; i < context.size(); i += 2) pairs.emplace_back(context[i], context[i + 1]);
  const std::string error = change_settings(context.server, pairs);
  if (!error.empty()) {
    context.reply.error(error);
    return;
  }
  // Whoever has seen OK may rely on it: a connection accepted after that needs the new password.
  const auto adopt = [](IoThread& io) {
    io.refresh_settings();
    return std::string();
  };
  context.ask_io_threads(adopt, [](CommandContext& later, const std::vector<std::string>&) { later.reply.ok(); });
}

void run_resetstat(CommandContext& context) {
  for (const auto& counters : context.server.counters()) counters->reset_errors();
  context.server.stats().reset(sum_counters(context.server.counters(), context.server.commands().all().size()));
  context.reply.ok();
}

void run_rewrite(CommandContext& context) {
  const Result<void> written = rewrite_config_file(*context.server.settings(), context.server.config_file());
  if (!written) {
    log_event(LogLevel::warning, "configuration file not rewritten", {{"reason", written.error().message}});
    context.reply.error(written.error().message);
    return;
  }
  log_event(LogLevel::notice, "configuration file rewritten", {{"file", context.server.config_file()}});
  context.reply.ok();
}

void run_help(CommandContext& context) {
  static constexpr std::array<std::string_view, 8> kHelp = {
      "GET <pattern>",
      "    Return parameters matching the glob-like <pattern> and their values.",
      "SET <directive> <value>",
      "    Set the configuration <directive> to <value>.",
      "RESETSTAT",
      "    Reset statistics reported by the INFO command.",
      "REWRITE",
      "    Rewrite the configuration file.",
  };
  reply_help(context, kHelp);
}

constexpr std::uint32_t kAdministering = kAdmin | kNoscript | kLoading | kStale;

constexpr CommandRow kRows[] = {
    {"config",
     -2,
     kNone,
     kNoCategory,
     {},
     nullptr,
     "A container for server configuration commands.",
     "2.0.0",
     "server",
     "Depends on subcommand."},
    {"config|get",
     -3,
     kAdministering,
     kAclDangerous,
     {},
     run_get,
     "Returns the effective values of configuration parameters.",
     "2.0.0",
     "server",
     "O(N) when N is the number of configuration parameters provided"},
    {"config|set",
     -4,
     kAdministering,
     kAclDangerous,
     {},
     run_set,
     "Sets configuration parameters in-flight.",
     "2.0.0",
     "server",
     "O(N) when N is the number of configuration parameters provided"},
    {"config|resetstat",
     2,
     kAdministering,
     kAclDangerous,
     {},
     run_resetstat,
     "Resets the server's statistics.",
     "2.0.0",
     "server",
     "O(1)"},
    {"config|rewrite",
     2,
     kAdministering,
     kAclDangerous,
     {},
     run_rewrite,
     "Persists the effective configuration to file.",
     "2.8.0",
     "server",
     "O(1)"},
    {"config|help",
     2,
     kLoading | kStale,
     kNoCategory,
     {},
     run_help,
     "Returns helpful text about the subcommands.",
     "5.0.0",
     "server",
     "O(1)"},
};

}  // namespace

CommandFamily config_commands() { return kRows; }

}  // namespace respublica
