#include "server/commands/command_description.h"

#include <algorithm>
#include <array>
#include <utility>

#include "server/commands/acl_categories.h"
#include "server/commands/command_arguments.h"
#include "server/commands/command_tips.h"
#include "server/setting_values.h"

namespace respublica {
namespace {

/// The flags that clients see, in Redis's order.
constexpr std::array<std::pair<CommandFlag, std::string_view>, 16> kFlagNames = {{
    {kWrite, "write"},
    {kReadonly, "readonly"},
    {kDenyOom, "denyoom"},
    {kAdmin, "admin"},
    {kPubsub, "pubsub"},
    {kNoscript, "noscript"},
    {kBlocking, "blocking"},
    {kLoading, "loading"},
    {kStale, "stale"},
    {kSkipMonitor, "skip_monitor"},
    {kSkipSlowlog, "skip_slowlog"},
    {kFast, "fast"},
    {kNoAuth, "no_auth"},
    {kNoMulti, "no_multi"},
    {kMovableKeys, "movablekeys"},
    {kAllowBusy, "allow_busy"},
}};

/// The keys of a command with movable keys (XREAD, XREADGROUP) are the first half of what stands behind this word.
constexpr std::string_view kKeysBehind = "STREAMS";

/// Where the word is looked for first: behind the names of XREADGROUP's group and consumer.
int search_begin(const Command& command) { return command.row.name == "xreadgroup" ? 4 : 1; }

std::string_view key_notes(const Command& command) {
  if (command.row.name == "xadd") return "UPDATE instead of INSERT because of the optional trimming feature";
  return {};
}

void reply_simple_strings(ReplyEncoder& reply, std::span<const std::string_view> strings,
                          std::string_view prefix = {}) {
  reply.set(strings.size());
  for (const std::string_view string : strings) reply.simple_string(std::string(prefix) += string);
}

void reply_flags(ReplyEncoder& reply, const Command& command) {
  std::vector<std::string_view> names;
  for (const auto& [flag, name] : kFlagNames) {
    if (command.has(flag)) names.push_back(name);
  }
  reply_simple_strings(reply, names);
}

/// Header of a key specification's begin_search or find_keys.
void reply_search(ReplyEncoder& reply, std::string_view name, std::string_view type, std::size_t values) {
  reply.bulk_string(name);
  reply.map(2);
  reply.bulk_string("type");
  reply.bulk_string(type);
  reply.bulk_string("spec");
  reply.map(values);
}

/// `limit` n: only an nth of the arguments are keys; 0 = all.
void reply_range(ReplyEncoder& reply, int last, int step, int limit) {
  reply_search(reply, "find_keys", "range", 3);
  reply.bulk_string("lastkey");
  reply.integer(last);
  reply.bulk_string("keystep");
  reply.integer(step);
  reply.bulk_string("limit");
  reply.integer(limit);
}

void reply_key_specifications(ReplyEncoder& reply, const Command& command) {
  const KeyPositions& keys = command.row.keys;
  const bool by_keyword = command.has(kMovableKeys);
  if (keys.first == 0 && !by_keyword) {
    reply.set(0);
    return;
  }
  const std::string_view notes = key_notes(command);
  reply.set(1);
  reply.map(notes.empty() ? 3 : 4);
  if (!notes.empty()) {
    reply.bulk_string("notes");
    reply.bulk_string(notes);
  }
  reply.bulk_string("flags");
  reply_simple_strings(reply, key_flags(command));
  if (by_keyword) {
    reply_search(reply, "begin_search", "keyword", 2);
    reply.bulk_string("keyword");
    reply.bulk_string(kKeysBehind);
    reply.bulk_string("startfrom");
    reply.integer(search_begin(command));
    reply_range(reply, -1, 1, 2);
    return;
  }
  reply_search(reply, "begin_search", "index", 1);
  reply.bulk_string("index");
  reply.integer(keys.first);
  reply_range(reply, keys.last < 0 ? keys.last : keys.last - keys.first, keys.step, 0);
}

void reply_arguments(ReplyEncoder& reply, const std::vector<CommandArgument>& arguments);

void reply_argument(ReplyEncoder& reply, const CommandArgument& argument) {
  std::vector<std::string_view> flags;
  if (argument.optional) flags.emplace_back("optional");
  if (argument.multiple) flags.emplace_back("multiple");
  if (argument.multiple_token) flags.emplace_back("multiple_token");
  const bool is_key = argument.type == "key";
  reply.map(2U + (is_key ? 1 : 0) + (argument.token.empty() ? 0 : 1) + (flags.empty() ? 0 : 1) +
            (argument.parts.empty() ? 0 : 1));
  reply.bulk_string("name");
  reply.bulk_string(argument.name);
  reply.bulk_string("type");
  reply.bulk_string(argument.type);
  if (is_key) {
    reply.bulk_string("key_spec_index");
    reply.integer(0);
  }
  if (!argument.token.empty()) {
    reply.bulk_string("token");
    reply.bulk_string(argument.token);
  }
  if (!flags.empty()) {
    reply.bulk_string("flags");
    reply_simple_strings(reply, flags);
  }
  if (!argument.parts.empty()) reply_arguments(reply, argument.parts);
}

void reply_arguments(ReplyEncoder& reply, const std::vector<CommandArgument>& arguments) {
  reply.bulk_string("arguments");
  reply.array(arguments.size());
  for (const CommandArgument& argument : arguments) reply_argument(reply, argument);
}

/// Redis's summaries end without a full stop.
std::string_view without_full_stop(std::string_view text) {
  return text.ends_with('.') ? text.substr(0, text.size() - 1) : text;
}

}  // namespace

void reply_command_info(ReplyEncoder& reply, const Command& command) {
  const CommandRow& row = command.row;
  const std::span<const std::string_view> tips = command_tips(row.name);
  reply.array(10);
  reply.bulk_string(row.name);
  reply.integer(row.arity);
  reply_flags(reply, command);
  reply.integer(row.keys.first);
  reply.integer(row.keys.last);
  reply.integer(row.keys.step);
  reply_simple_strings(reply, acl_categories_of(row), "@");
  reply.set(tips.size());
  for (const std::string_view tip : tips) reply.bulk_string(tip);
  reply_key_specifications(reply, command);
  if (!command.is_container()) {
    reply.set(0);
    return;
  }
  reply.array(command.subcommands.size());
  for (const Command* subcommand : command.subcommands) reply_command_info(reply, *subcommand);
}

void reply_command_docs(ReplyEncoder& reply, const Command& command) {
  const CommandRow& row = command.row;
  const std::vector<CommandArgument> arguments = parse_arguments(command_syntax(row.name));
  reply.bulk_string(row.name);
  reply.map(4U + (arguments.empty() ? 0 : 1) + (command.is_container() ? 1 : 0));
  reply.bulk_string("summary");
  reply.bulk_string(without_full_stop(row.summary));
  reply.bulk_string("since");
  reply.bulk_string(row.since);
  reply.bulk_string("group");
  reply.bulk_string(row.group);
  reply.bulk_string("complexity");
  reply.bulk_string(row.complexity);
  if (!arguments.empty()) reply_arguments(reply, arguments);
  if (!command.is_container()) return;
  reply.bulk_string("subcommands");
  reply.map(command.subcommands.size());
  for (const Command* subcommand : command.subcommands) reply_command_docs(reply, *subcommand);
}

bool has_keys(const Command& command) {
  return (command.row.keys.first != 0 && !command.has(kPubsub)) || command.has(kMovableKeys);
}

std::vector<std::string_view> keys_of(const Command& command, std::span<const std::string_view> arguments) {
  std::vector<std::string_view> keys;
  if (command.has(kMovableKeys)) {
    const auto size = static_cast<int>(arguments.size());
    const auto word = std::find_if(arguments.begin() + std::min(search_begin(command), size), arguments.end(),
                                   [](std::string_view each) { return equal_ignoring_case(each, kKeysBehind); });
    if (word == arguments.end()) return keys;
    const auto half = std::distance(word + 1, arguments.end()) / 2;
    keys.assign(word + 1, word + 1 + half);
    return keys;
  }
  const KeyPositions& positions = command.row.keys;
  if (positions.first == 0) return keys;
  const auto size = static_cast<int>(arguments.size());
  const int last = std::min(positions.last < 0 ? size + positions.last : positions.last, size - 1);
  for (int i = positions.first; i <= last; i += positions.step) keys.push_back(arguments[static_cast<std::size_t>(i)]);
  return keys;
}

std::span<const std::string_view> key_flags(const Command& command) {
  static constexpr std::array<std::string_view, 2> kDeletes = {"RM", "delete"};
  static constexpr std::array<std::string_view, 2> kRemoves = {"RW", "delete"};
  static constexpr std::array<std::string_view, 6> kRemovers = {"xautoclaim",         "xdel",           "xdelex",
                                                                "xgroup|delconsumer", "xgroup|destroy", "xtrim"};
  static constexpr std::array<std::string_view, 2> kUpdates = {"RW", "update"};
  static constexpr std::array<std::string_view, 3> kUpdatesAndRemoves = {"RW", "update", "delete"};
  static constexpr std::array<std::string_view, 2> kInserts = {"RW", "insert"};
  static constexpr std::array<std::string_view, 2> kReads = {"RO", "access"};
  static constexpr std::array<std::string_view, 1> kLooks = {"RO"};
  static constexpr std::array<std::string_view, 1> kNotKey = {"not_key"};
  const std::string_view name = command.row.name;
  if (command.has(kPubsub)) return kNotKey;
  if (name == "del" || name == "unlink") return kDeletes;
  if (name == "xackdel") return kUpdatesAndRemoves;
  if (std::ranges::find(kRemovers, name) != kRemovers.end()) return kRemoves;
  if (name == "xgroup|create" || name == "xgroup|createconsumer") return kInserts;
  if (name == "xreadgroup") return kReads;
  if (command.has(kWrite)) return kUpdates;
  if (name.ends_with("ttl") || name.ends_with("expiretime")) return kReads;
  if (name.starts_with('x') && name != "xlen") return kReads;
  return kLooks;
}

}  // namespace respublica
