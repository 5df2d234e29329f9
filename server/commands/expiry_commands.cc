// How long a stream lives: https://redis.io/docs/latest/commands/?group=generic

#include <chrono>
#include <limits>
#include <optional>

#include "protocol/error_replies.h"
#include "protocol/integer.h"
#include "server/command_context.h"
#include "server/commands/durable_replies.h"
#include "server/commands/families.h"
#include "server/io_thread.h"

namespace respublica {
namespace {

constexpr std::int64_t kNoKey = -2;
constexpr std::int64_t kStays = -1;

std::int64_t now_ms(const CommandContext& context) {
  return static_cast<std::int64_t>(unix_ms(context.server.clock().wall_now()));
}

/// TTL, PTTL, EXPIRETIME, PEXPIRETIME.
void run_ttl(CommandContext& context) {
  const std::shared_ptr<const Stream> stream = context.io.streams().find(context[1]);
  if (stream == nullptr) return context.reply.integer(kNoKey);
  if (!stream->expires_ms()) return context.reply.integer(kStays);
  const std::string_view name = context.command.row.name;
  auto value = static_cast<std::int64_t>(*stream->expires_ms());
  const bool relative = name.ends_with("ttl");
  if (relative) value = std::max<std::int64_t>(value - now_ms(context), 0);
  if (!name.starts_with('p')) value = value / 1000 + (value % 1000 >= 500 ? 1 : 0);
  context.reply.integer(value);
}

Result<ExpiryConditions> parse_conditions(const CommandContext& context) {
  ExpiryConditions conditions;
  for (std::size_t i = 3; i < context.size(); ++i) {
    if (context.is(i, "nx")) {
      conditions.if_stays = true;
    } else if (context.is(i, "xx")) {
      conditions.if_goes = true;
    } else if (context.is(i, "gt")) {
      conditions.if_earlier = true;
    } else if (context.is(i, "lt")) {
      conditions.if_later = true;
    } else {
      return Error{errors::unsupported_option(context[i])};
    }
  }
  if (conditions.if_stays && (conditions.if_goes || conditions.if_earlier || conditions.if_later)) {
    return Error{std::string(errors::kExpireNxWithOthers)};
  }
  if (conditions.if_earlier && conditions.if_later) return Error{std::string(errors::kExpireGtWithLt)};
  return conditions;
}

/// The time that EXPIRE, PEXPIRE, EXPIREAT or PEXPIREAT names, in milliseconds since 1970.
Result<std::int64_t> parse_moment(const CommandContext& context) {
  const std::string_view name = context.command.row.name;
  const std::optional<std::int64_t> when = parse_integer(context[2]);
  if (!when) return Error{std::string(errors::kNotAnInteger)};
  constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
  const bool in_seconds = !name.starts_with('p');
  const std::int64_t base = name.ends_with("at") ? 0 : now_ms(context);
  if (in_seconds && (*when > kMax / 1000 || *when < -(kMax / 1000))) return Error{errors::invalid_expire_time(name)};
  const std::int64_t ms = *when * (in_seconds ? 1000 : 1);
  if (ms > kMax - base) return Error{errors::invalid_expire_time(name)};
  return base + ms;
}

void run_expire(CommandContext& context) {
  DurableRun& run = context.io.durable_run();
  const Result<ExpiryConditions> conditions = parse_conditions(context);
  if (!conditions) return run.fail(context, conditions.error().message);
  const Result<std::int64_t> when = parse_moment(context);
  if (!when) return run.fail(context, when.error().message);
  if (!context.io.streams().may_exist(context[1])) return run.add(context, std::vector<DurableCommand>(), reply_count);
  if (context.io.streams().append_only(context[1])) return run.fail(context, errors::kAppendOnly);
  // A time before 1970 is over like any other.
  const auto at_ms = static_cast<std::uint64_t>(std::max<std::int64_t>(when.value(), 0));
  const ExpireStream expire{at_ms, conditions.value(), when.value() > now_ms(context)};
  run.add(context, DurableCommand{std::string(context[1]), expire}, reply_count);
}

void run_persist(CommandContext& context) {
  DurableRun& run = context.io.durable_run();
  if (!context.io.streams().may_exist(context[1])) return run.add(context, std::vector<DurableCommand>(), reply_count);
  run.add(context, DurableCommand{std::string(context[1]), KeepStream{}}, reply_count);
}

constexpr std::uint32_t kReads = kReadonly | kFast;
constexpr std::uint32_t kWrites = kWrite | kFast;
constexpr KeyPositions kOneKey{1, 1, 1};

constexpr CommandRow kRows[] = {
    {"ttl", 2, kReads, kAclKeyspace, kOneKey, run_ttl, "Returns the expiration time in seconds of a key.", "1.0.0",
     "generic", "O(1)"},
    {"pttl", 2, kReads, kAclKeyspace, kOneKey, run_ttl, "Returns the expiration time in milliseconds of a key.",
     "2.6.0", "generic", "O(1)"},
    {"expiretime", 2, kReads, kAclKeyspace, kOneKey, run_ttl,
     "Returns the expiration time of a key as a Unix timestamp.", "7.0.0", "generic", "O(1)"},
    {"pexpiretime", 2, kReads, kAclKeyspace, kOneKey, run_ttl,
     "Returns the expiration time of a key as a Unix milliseconds timestamp.", "7.0.0", "generic", "O(1)"},
    {"expire", -3, kWrites, kAclKeyspace, kOneKey, run_expire, "Sets the expiration time of a key in seconds.", "1.0.0",
     "generic", "O(1)"},
    {"pexpire", -3, kWrites, kAclKeyspace, kOneKey, run_expire, "Sets the expiration time of a key in milliseconds.",
     "2.6.0", "generic", "O(1)"},
    {"expireat", -3, kWrites, kAclKeyspace, kOneKey, run_expire,
     "Sets the expiration time of a key to a Unix timestamp.", "1.2.0", "generic", "O(1)"},
    {"pexpireat", -3, kWrites, kAclKeyspace, kOneKey, run_expire,
     "Sets the expiration time of a key to a Unix milliseconds timestamp.", "2.6.0", "generic", "O(1)"},
    {"persist", 2, kWrites, kAclKeyspace, kOneKey, run_persist, "Removes the expiration time of a key.", "2.2.0",
     "generic", "O(1)"},
};

}  // namespace

CommandFamily expiry_commands() { return kRows; }

}  // namespace respublica
