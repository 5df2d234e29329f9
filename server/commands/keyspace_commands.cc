// Keys: https://redis.io/docs/latest/commands/?group=generic
// The broker stores nothing, so its keyspace is empty; these are the answers that an empty Redis gives. Tools and test
// harnesses ask for them when they connect.

#include <array>
#include <cerrno>
#include <chrono>
#include <cstdlib>
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

void reply_zero(CommandContext& context) { context.reply.integer(0); }
void reply_null(CommandContext& context) { context.reply.null(); }
void reply_empty(CommandContext& context) { context.reply.array(0); }
void run_type(CommandContext& context) { context.reply.simple_string("none"); }

/// TTL and its like: the key does not exist.
void reply_no_key(CommandContext& context) { context.reply.integer(-2); }

void run_flush(CommandContext& context) {
  if (context.size() == 1 || (context.size() == 2 && (context.is(1, "sync") || context.is(1, "async")))) {
    context.reply.ok();
  } else {
    context.reply.error(errors::kSyntax);
  }
}

bool is_cursor(std::string_view text) {
  if (text.empty() || text.front() == ' ') return false;
  const std::string copy(text);
  char* end = nullptr;
  errno = 0;
  std::strtoull(copy.c_str(), &end, 10);
  return errno == 0 && end == copy.c_str() + copy.size();
}

void run_scan(CommandContext& context) {
  if (!is_cursor(context[1])) {
    context.reply.error(errors::kInvalidCursor);
    return;
  }
  for (std::size_t i = 2; i < context.size(); i += 2) {
    const bool has_value = i + 1 < context.size();
    std::string_view error;
    if (has_value && context.is(i, "count")) {
      const std::optional<std::int64_t> count = parse_integer(context[i + 1]);
      if (!count) error = errors::kNotAnInteger;
      if (count && *count < 1) error = errors::kSyntax;
    } else if (!has_value || !(context.is(i, "match") || context.is(i, "type"))) {
      error = errors::kSyntax;
    }
    if (error.empty()) continue;
    context.reply.error(error);
    return;
  }
  context.reply.array(2);
  context.reply.bulk_string("0");
  context.reply.array(0);
}

/// EXPIRE's NX, XX, GT and LT. Returns an error sentence, or an empty one.
std::string check_expire_options(const CommandContext& context) {
  bool nx = false;
  bool xx = false;
  bool gt = false;
  bool lt = false;
  for (std::size_t i = 3; i < context.size(); ++i) {
    if (context.is(i, "nx")) {
      nx = true;
    } else if (context.is(i, "xx")) {
      xx = true;
    } else if (context.is(i, "gt")) {
      gt = true;
    } else if (context.is(i, "lt")) {
      lt = true;
    } else {
      return errors::unsupported_option(context[i]);
    }
  }
  if (nx && (xx || gt || lt)) return std::string(errors::kExpireNxWithOthers);
  return std::string(gt && lt ? errors::kExpireGtWithLt : std::string_view());
}

/// EXPIRE, PEXPIRE, EXPIREAT, PEXPIREAT: checks what a key would be given, then finds no key.
void run_expire(CommandContext& context) {
  const std::string_view name = context.command.row.name;
  const std::string error = check_expire_options(context);
  const std::optional<std::int64_t> when = parse_integer(context[2]);
  constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
  const bool in_seconds = !name.starts_with('p');
  const bool relative = !name.ends_with("at");
  const auto now = context.server.clock().wall_now().time_since_epoch();
  const std::int64_t base = relative ? std::chrono::duration_cast<std::chrono::milliseconds>(now).count() : 0;
  if (!error.empty()) {
    context.reply.error(error);
  } else if (!when) {
    context.reply.error(errors::kNotAnInteger);
  } else if ((in_seconds && (*when > kMax / 1000 || *when < -(kMax / 1000))) ||
             (*when > 0 && *when * (in_seconds ? 1000 : 1) > kMax - base)) {
    context.reply.error(errors::invalid_expire_time(name));
  } else {
    context.reply.integer(0);
  }
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
     reply_zero,
     "Returns the number of keys in the database.",
     "1.0.0",
     "server",
     "O(1)"},
    {"keys",
     2,
     kReadonly,
     kAclKeyspace | kAclDangerous,
     {},
     reply_empty,
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
     reply_null,
     "Returns a random key name from the database.",
     "1.0.0",
     "generic",
     "O(1)"},
    {"exists", -2, kReads, kAclKeyspace, kAllKeys, reply_zero, "Determines whether one or more keys exist.", "1.0.0",
     "generic", "O(N) where N is the number of keys to check."},
    {"type", 2, kReads, kAclKeyspace, kOneKey, run_type, "Determines the type of value stored at a key.", "1.0.0",
     "generic", "O(1)"},
    {"del", -2, kWrite, kAclKeyspace, kAllKeys, reply_zero, "Deletes one or more keys.", "1.0.0", "generic",
     "O(N) where N is the number of keys that will be removed"},
    {"unlink", -2, kWrites, kAclKeyspace, kAllKeys, reply_zero, "Asynchronously deletes one or more keys.", "4.0.0",
     "generic", "O(1) for each key removed"},
    {"touch", -2, kReads, kAclKeyspace, kAllKeys, reply_zero,
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
    {"ttl", 2, kReads, kAclKeyspace, kOneKey, reply_no_key, "Returns the expiration time in seconds of a key.", "1.0.0",
     "generic", "O(1)"},
    {"pttl", 2, kReads, kAclKeyspace, kOneKey, reply_no_key, "Returns the expiration time in milliseconds of a key.",
     "2.6.0", "generic", "O(1)"},
    {"expiretime", 2, kReads, kAclKeyspace, kOneKey, reply_no_key,
     "Returns the expiration time of a key as a Unix timestamp.", "7.0.0", "generic", "O(1)"},
    {"pexpiretime", 2, kReads, kAclKeyspace, kOneKey, reply_no_key,
     "Returns the expiration time of a key as a Unix milliseconds timestamp.", "7.0.0", "generic", "O(1)"},
    {"expire", -3, kWrites, kAclKeyspace, kOneKey, run_expire, "Sets the expiration time of a key in seconds.", "1.0.0",
     "generic", "O(1)"},
    {"pexpire", -3, kWrites, kAclKeyspace, kOneKey, run_expire, "Sets the expiration time of a key in milliseconds.",
     "2.6.0", "generic", "O(1)"},
    {"expireat", -3, kWrites, kAclKeyspace, kOneKey, run_expire,
     "Sets the expiration time of a key to a Unix timestamp.", "1.2.0", "generic", "O(1)"},
    {"pexpireat", -3, kWrites, kAclKeyspace, kOneKey, run_expire,
     "Sets the expiration time of a key to a Unix milliseconds timestamp.", "2.6.0", "generic", "O(1)"},
    {"persist", 2, kWrites, kAclKeyspace, kOneKey, reply_zero, "Removes the expiration time of a key.", "2.2.0",
     "generic", "O(1)"},
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
    {"object|encoding", 3, kReadonly, kAclKeyspace, kSubcommandKey, reply_null,
     "Returns the internal encoding of a Redis object.", "2.2.3", "generic", "O(1)"},
    {"object|freq", 3, kReadonly, kAclKeyspace, kSubcommandKey, reply_null,
     "Returns the logarithmic access frequency counter of a Redis object.", "4.0.0", "generic", "O(1)"},
    {"object|idletime", 3, kReadonly, kAclKeyspace, kSubcommandKey, reply_null,
     "Returns the time since the last access to a Redis object.", "2.2.3", "generic", "O(1)"},
    {"object|refcount", 3, kReadonly, kAclKeyspace, kSubcommandKey, reply_null,
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
