// Keys: https://redis.io/docs/latest/commands/?group=generic
// The keys of the broker are its streams.

#include <array>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <optional>
#include <random>
#include <set>

#include "broker/glob_pattern.h"
#include "broker/virtual_channel.h"
#include "protocol/error_replies.h"
#include "protocol/integer.h"
#include "server/command_context.h"
#include "server/commands/durable_replies.h"
#include "server/commands/families.h"
#include "server/commands/help_reply.h"
#include "server/io_thread.h"
#include "server/setting_values.h"

namespace respublica {
namespace {

constexpr std::string_view kStreamType = "stream";

const StreamTable& table(const CommandContext& context) { return context.io.streams().table(); }

void run_dbsize(CommandContext& context) {
  context.reply.integer(static_cast<std::int64_t>(table(context).size() - table(context).own_size()));
}

void run_type(CommandContext& context) {
  context.reply.simple_string(context.io.streams().find(context[1]) != nullptr ? kStreamType : "none");
}

/// EXISTS, TOUCH: a key that is named twice counts twice.
void count_keys(CommandContext& context) {
  std::int64_t count = 0;
  for (const std::string_view key : context.arguments.subspan(1)) {
    if (context.io.streams().find(key) != nullptr) ++count;
  }
  context.reply.integer(count);
}

void run_del(CommandContext& context) {
  std::vector<DurableCommand> commands;
  for (const std::string_view key : context.arguments.subspan(1)) {
    if (!context.io.streams().may_exist(key)) continue;
    if (context.io.streams().append_only(key)) return context.io.durable_run().fail(context, errors::kAppendOnly);
    commands.push_back({std::string(key), DropStream{}});
  }
  context.io.durable_run().add(context, std::move(commands), reply_count);
}

void run_flush(CommandContext& context) {
  const bool valid = context.size() == 1 || (context.size() == 2 && (context.is(1, "sync") || context.is(1, "async")));
  if (!valid) {
    context.io.durable_run().fail(context, errors::kSyntax);
    return;
  }
  std::set<std::string> names;
  for (const std::shared_ptr<const Stream>& stream : table(context).all()) names.insert(stream->name());
  // Those that the same EXEC makes are not there yet.
  if (context.io.durable_run().gathering()) {
    for (const DurableCommand& command : context.io.durable_run().commands()) names.insert(command.channel);
  }
  std::vector<DurableCommand> commands;
  for (const std::string& name : names) {
    if (context.io.streams().append_only(name)) {
      return context.io.durable_run().fail(context, errors::kAppendOnly);
    }
    commands.push_back({name, DropStream{DropStream::Cause::flushed}});
  }
  context.io.durable_run().add(context, std::move(commands), reply_done);
}

using Streams = std::vector<std::shared_ptr<const Stream>>;

/// Those of the streams whose time is not over, and that are not the broker's own.
Streams living(const CommandContext& context, Streams streams) {
  const std::uint64_t now_ms = unix_ms(context.server.clock().wall_now());
  std::erase_if(streams,
                [now_ms](const auto& stream) { return is_broker_name(stream->name()) || stream->expired(now_ms); });
  return streams;
}

void run_keys(CommandContext& context) {
  Streams streams = living(context, table(context).all());
  std::erase_if(streams, [&](const auto& stream) { return !glob_match(context[1], stream->name()); });
  context.reply.array(streams.size());
  for (const std::shared_ptr<const Stream>& stream : streams) context.reply.bulk_string(stream->name());
}

void run_randomkey(CommandContext& context) {
  const Streams streams = living(context, table(context).all());
  if (streams.empty()) {
    context.reply.null();
    return;
  }
  std::random_device random;
  context.reply.bulk_string(streams[std::uniform_int_distribution<std::size_t>(0, streams.size() - 1)(random)]->name());
}

/// OBJECT: null for a key that is not there.
void run_object(CommandContext& context) {
  const std::string_view name = context.command.row.name;
  if (context.io.streams().find(context[2]) == nullptr) {
    context.reply.null();
  } else if (name == "object|encoding") {
    context.reply.bulk_string(kStreamType);
  } else if (name == "object|freq") {
    context.reply.error(errors::kFrequencyNotTracked);
  } else {
    // Nobody notes when a stream was read: as if just now.
    context.reply.integer(name == "object|refcount" ? 1 : 0);
  }
}

/// The part of the table at which a scan goes on; none when the text is no cursor.
std::optional<std::size_t> parse_cursor(std::string_view text) {
  if (text.empty() || text.front() == ' ') return std::nullopt;
  const std::string copy(text);
  char* end = nullptr;
  errno = 0;
  const unsigned long long cursor = std::strtoull(copy.c_str(), &end, 10);
  if (errno != 0 || end != copy.c_str() + copy.size()) return std::nullopt;
  return cursor;
}

struct ScanOptions {
  std::size_t count = 10;
  std::optional<std::string_view> pattern;
  std::optional<std::string_view> type;
};

Result<ScanOptions> parse_scan(const CommandContext& context) {
  ScanOptions options;
  for (std::size_t i = 2; i < context.size(); i += 2) {
    if (i + 1 == context.size()) return Error{std::string(errors::kSyntax)};
    if (context.is(i, "count")) {
      const std::optional<std::int64_t> count = parse_integer(context[i + 1]);
      if (!count) return Error{std::string(errors::kNotAnInteger)};
      if (*count < 1) return Error{std::string(errors::kSyntax)};
      options.count = static_cast<std::size_t>(*count);
    } else if (context.is(i, "match")) {
      options.pattern = context[i + 1];
    } else if (context.is(i, "type")) {
      options.type = context[i + 1];
    } else {
      return Error{std::string(errors::kSyntax)};
    }
  }
  return options;
}

/// Goes through the parts of the table: whatever is there all the time is returned once.
void run_scan(CommandContext& context) {
  const std::optional<std::size_t> cursor = parse_cursor(context[1]);
  const Result<ScanOptions> parsed = parse_scan(context);
  if (!cursor) return context.reply.error(errors::kInvalidCursor);
  if (!parsed) return context.reply.error(parsed.error().message);
  const ScanOptions& options = parsed.value();
  Streams found;
  std::size_t seen = 0;
  std::size_t part = *cursor;
  for (; part < StreamTable::kParts && seen < options.count; ++part) {
    for (std::shared_ptr<const Stream>& stream : living(context, table(context).part(part))) {
      ++seen;
      if (!options.pattern || glob_match(*options.pattern, stream->name())) found.push_back(std::move(stream));
    }
  }
  if (options.type && !equal_ignoring_case(*options.type, kStreamType)) found.clear();
  context.reply.array(2);
  context.reply.bulk_string(part < StreamTable::kParts ? std::to_string(part) : "0");
  context.reply.array(found.size());
  for (const std::shared_ptr<const Stream>& stream : found) context.reply.bulk_string(stream->name());
}

void run_object_help(CommandContext& context) {
  static constexpr std::array<std::string_view, 12> kHelp = {
      "ENCODING <key>",
      "    Return the kind of internal representation used in order to store the value",
      "    associated with a <key>.",
      "FREQ <key>",
      "    Return the access frequency index of the <key>. The returned integer is",
      "    proportional to the logarithm of the recent access frequency of the key.",
      "IDLETIME <key>",
      "    Return the idle time of the <key>, that is the approximated number of",
      "    seconds elapsed since the last access to the key.",
      "REFCOUNT <key>",
      "    Return the number of references of the value associated with the specified",
      "    <key>.",
  };
  reply_help(context, kHelp);
}

constexpr std::uint32_t kReads = kReadonly | kFast;
constexpr std::uint32_t kWrites = kWrite | kFast;
constexpr KeyPositions kOneKey{1, 1, 1};
constexpr KeyPositions kAllKeys{1, -1, 1};
constexpr KeyPositions kSubcommandKey{2, 2, 1};

constexpr CommandRow kRows[] = {
    {"dbsize",
     1,
     kReads,
     kAclKeyspace,
     {},
     run_dbsize,
     "Returns the number of keys in the database.",
     "1.0.0",
     "server",
     "O(1)"},
    {"keys",
     2,
     kReadonly,
     kAclKeyspace | kAclDangerous,
     {},
     run_keys,
     "Returns all key names that match a pattern.",
     "1.0.0",
     "generic",
     "O(N) with N being the number of keys"},
    {"scan",
     -2,
     kReadonly,
     kAclKeyspace,
     {},
     run_scan,
     "Iterates over the key names in the database.",
     "2.8.0",
     "generic",
     "O(1) for every call"},
    {"randomkey",
     1,
     kReadonly,
     kAclKeyspace,
     {},
     run_randomkey,
     "Returns a random key name from the database.",
     "1.0.0",
     "generic",
     "O(1)"},
    {"exists", -2, kReads, kAclKeyspace, kAllKeys, count_keys, "Determines whether one or more keys exist.", "1.0.0",
     "generic", "O(N) where N is the number of keys to check."},
    {"type", 2, kReads, kAclKeyspace, kOneKey, run_type, "Determines the type of value stored at a key.", "1.0.0",
     "generic", "O(1)"},
    {"del", -2, kWrite, kAclKeyspace, kAllKeys, run_del, "Deletes one or more keys.", "1.0.0", "generic",
     "O(N) where N is the number of keys that will be removed"},
    {"unlink", -2, kWrites, kAclKeyspace, kAllKeys, run_del, "Asynchronously deletes one or more keys.", "4.0.0",
     "generic", "O(1) for each key removed"},
    {"touch", -2, kReads, kAclKeyspace, kAllKeys, count_keys,
     "Returns the number of existing keys out of those specified after updating the time they were last accessed.",
     "3.2.1", "generic", "O(N) where N is the number of keys that will be touched."},
    {"flushdb",
     -1,
     kWrite,
     kAclKeyspace | kAclDangerous,
     {},
     run_flush,
     "Removes all keys from the current database.",
     "1.0.0",
     "server",
     "O(N) where N is the number of keys in the selected database"},
    {"flushall",
     -1,
     kWrite,
     kAclKeyspace | kAclDangerous,
     {},
     run_flush,
     "Removes all keys from all databases.",
     "1.0.0",
     "server",
     "O(N) where N is the total number of keys in all databases"},
    {"object",
     -2,
     kNone,
     kNoCategory,
     {},
     nullptr,
     "A container for object introspection commands.",
     "2.2.3",
     "generic",
     "Depends on subcommand."},
    {"object|encoding", 3, kReadonly, kAclKeyspace, kSubcommandKey, run_object,
     "Returns the internal encoding of a Redis object.", "2.2.3", "generic", "O(1)"},
    {"object|freq", 3, kReadonly, kAclKeyspace, kSubcommandKey, run_object,
     "Returns the logarithmic access frequency counter of a Redis object.", "4.0.0", "generic", "O(1)"},
    {"object|idletime", 3, kReadonly, kAclKeyspace, kSubcommandKey, run_object,
     "Returns the time since the last access to a Redis object.", "2.2.3", "generic", "O(1)"},
    {"object|refcount", 3, kReadonly, kAclKeyspace, kSubcommandKey, run_object,
     "Returns the reference count of a value of a key.", "2.2.3", "generic", "O(1)"},
    {"object|help",
     2,
     kLoading | kStale,
     kAclKeyspace,
     {},
     run_object_help,
     "Returns helpful text about the subcommands.",
     "6.2.0",
     "generic",
     "O(1)"},
};

}  // namespace

CommandFamily keyspace_commands() { return kRows; }

}  // namespace respublica
