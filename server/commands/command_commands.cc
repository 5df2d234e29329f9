// COMMAND: https://redis.io/docs/latest/commands/command/

#include <algorithm>
#include <array>

#include "broker/glob_pattern.h"
#include "protocol/error_replies.h"
#include "server/command_context.h"
#include "server/commands/acl_categories.h"
#include "server/commands/command_description.h"
#include "server/commands/families.h"
#include "server/commands/help_reply.h"
#include "server/io_thread.h"

namespace respublica {
namespace {

/// A command or, as "client|setname", a subcommand; null if there is none.
const Command* find_by_full_name(const CommandTable& table, std::string_view name) {
  const std::size_t bar = name.find('|');
  const Command* command = table.find(name.substr(0, bar));
  if (command == nullptr || bar == std::string_view::npos) return command;
  return CommandTable::find_subcommand(*command, name.substr(bar + 1));
}

void reply_all(CommandContext& context) {
  const auto& commands = context.server.commands().commands();
  context.reply.array(commands.size());
  for (const Command* command : commands) reply_command_info(context.reply, *command);
}

void run_command(CommandContext& context) { reply_all(context); }

void run_count(CommandContext& context) {
  context.reply.integer(static_cast<std::int64_t>(context.server.commands().commands().size()));
}

void run_info(CommandContext& context) {
  if (context.size() == 2) {
    reply_all(context);
    return;
  }
  context.reply.array(context.size() - 2);
  for (const std::string_view name : context.arguments.subspan(2)) {
    const Command* command = find_by_full_name(context.server.commands(), name);
    if (command != nullptr) {
      reply_command_info(context.reply, *command);
    } else {
      context.reply.null();
    }
  }
}

void run_docs(CommandContext& context) {
  std::vector<const Command*> commands;
  if (context.size() == 2) commands = context.server.commands().commands();
  for (const std::string_view name : context.arguments.subspan(2)) {
    const Command* command = find_by_full_name(context.server.commands(), name);
    if (command != nullptr) commands.push_back(command);
  }
  context.reply.map(commands.size());
  for (const Command* command : commands) reply_command_docs(context.reply, *command);
}

std::string lower_case(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return lower;
}

void run_list(CommandContext& context) {
  const bool filtered = context.size() == 5 && context.is(2, "filterby");
  const bool known = filtered && (context.is(3, "module") || context.is(3, "aclcat") || context.is(3, "pattern"));
  if (context.size() != 2 && !known) {
    context.reply.error(errors::kSyntax);
    return;
  }
  const std::string category = known && context.is(3, "aclcat") ? lower_case(context[4]) : std::string();
  const auto wanted = [&](const Command* command) {
    if (!known) return true;
    if (context.is(3, "aclcat")) return is_in_acl_category(command->row, category);
    return context.is(3, "pattern") && glob_match(context[4], command->row.name, GlobCase::insensitive);
  };
  std::vector<const Command*> commands;
  const auto& all = context.server.commands().all();
  std::copy_if(all.begin(), all.end(), std::back_inserter(commands), wanted);
  context.reply.array(commands.size());
  for (const Command* command : commands) context.reply.bulk_string(command->row.name);
}

/// The call that stands behind GETKEYS, which has keys; null when an error has been answered.
const Command* call_with_keys(CommandContext& context, std::span<const std::string_view> call) {
  const Command* command = context.server.commands().find(call[0]);
  if (command != nullptr && command->is_container() && call.size() > 1) {
    command = CommandTable::find_subcommand(*command, call[1]);
  }
  if (command == nullptr) {
    context.reply.error(errors::kInvalidCommand);
  } else if (!has_keys(*command)) {
    context.reply.error(errors::kCommandWithoutKeys);
  } else if (!command->arity_accepts(call.size())) {
    context.reply.error(errors::kInvalidCommandArity);
  } else if (keys_of(*command, call).empty()) {
    context.reply.error(errors::kInvalidCommandArguments);
  } else {
    return command;
  }
  return nullptr;
}

void run_getkeys(CommandContext& context) {
  const std::span<const std::string_view> call = context.arguments.subspan(2);
  const Command* command = call_with_keys(context, call);
  if (command == nullptr) return;
  const std::vector<std::string_view> keys = keys_of(*command, call);
  context.reply.array(keys.size());
  for (const std::string_view key : keys) context.reply.bulk_string(key);
}

void run_getkeysandflags(CommandContext& context) {
  const std::span<const std::string_view> call = context.arguments.subspan(2);
  const Command* command = call_with_keys(context, call);
  if (command == nullptr) return;
  const std::vector<std::string_view> keys = keys_of(*command, call);
  const std::span<const std::string_view> flags = key_flags(*command);
  context.reply.array(keys.size());
  for (const std::string_view key : keys) {
    context.reply.array(2);
    context.reply.bulk_string(key);
    context.reply.set(flags.size());
    for (const std::string_view flag : flags) context.reply.simple_string(flag);
  }
}

void run_help(CommandContext& context) {
  static constexpr std::array<std::string_view, 18> kHelp = {
      "(no subcommand)",
      "    Return details about all Redis commands.",
      "COUNT",
      "    Return the total number of commands in this Redis server.",
      "LIST",
      "    Return a list of all commands in this Redis server.",
      "INFO [<command-name> ...]",
      "    Return details about multiple Redis commands.",
      "    If no command names are given, documentation details for all",
      "    commands are returned.",
      "DOCS [<command-name> ...]",
      "    Return documentation details about multiple Redis commands.",
      "    If no command names are given, documentation details for all",
      "    commands are returned.",
      "GETKEYS <full-command>",
      "    Return the keys from a full Redis command.",
      "GETKEYSANDFLAGS <full-command>",
      "    Return the keys and the access flags from a full Redis command.",
  };
  reply_help(context, kHelp);
}

constexpr std::uint32_t kAsking = kLoading | kStale;

constexpr CommandRow kRows[] = {
    {"command",
     -1,
     kAsking,
     kAclConnection,
     {},
     run_command,
     "Returns detailed information about all commands.",
     "2.8.13",
     "server",
     "O(N) where N is the total number of Redis commands"},
    {"command|count",
     2,
     kAsking,
     kAclConnection,
     {},
     run_count,
     "Returns a count of commands.",
     "2.8.13",
     "server",
     "O(1)"},
    {"command|info",
     -2,
     kAsking,
     kAclConnection,
     {},
     run_info,
     "Returns information about one, multiple or all commands.",
     "2.8.13",
     "server",
     "O(N) where N is the number of commands to look up"},
    {"command|docs",
     -2,
     kAsking,
     kAclConnection,
     {},
     run_docs,
     "Returns documentary information about one, multiple or all commands.",
     "7.0.0",
     "server",
     "O(N) where N is the number of commands to look up"},
    {"command|list",
     -2,
     kAsking,
     kAclConnection,
     {},
     run_list,
     "Returns a list of command names.",
     "7.0.0",
     "server",
     "O(N) where N is the total number of Redis commands"},
    {"command|getkeys",
     -3,
     kAsking,
     kAclConnection,
     {},
     run_getkeys,
     "Extracts the key names from an arbitrary command.",
     "2.8.13",
     "server",
     "O(N) where N is the number of arguments to the command"},
    {"command|getkeysandflags",
     -3,
     kAsking,
     kAclConnection,
     {},
     run_getkeysandflags,
     "Extracts the key names and access flags for an arbitrary command.",
     "7.0.0",
     "server",
     "O(N) where N is the number of arguments to the command"},
    {"command|help",
     2,
     kAsking,
     kAclConnection,
     {},
     run_help,
     "Returns helpful text about the subcommands.",
     "5.0.0",
     "server",
     "O(1)"},
};

}  // namespace

CommandFamily command_commands() { return kRows; }

}  // namespace respublica
