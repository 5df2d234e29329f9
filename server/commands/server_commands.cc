// The server as a whole: https://redis.io/docs/latest/commands/?group=server

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <optional>

#include "protocol/error_replies.h"
#include "protocol/integer.h"
#include "server/command_context.h"
#include "server/commands/families.h"
#include "server/durable_channels.h"
#include "server/io_thread.h"
#include "server/log.h"
#include "server/monitor_feed.h"

namespace respublica {
namespace {

void run_time(CommandContext& context) {
  constexpr std::int64_t kPerSecond = 1000000;
  const auto now = context.server.clock().wall_now().time_since_epoch();
  const std::int64_t microseconds = std::chrono::duration_cast<std::chrono::microseconds>(now).count();
  context.reply.array(2);
  context.reply.bulk_integer(microseconds / kPerSecond);
  context.reply.bulk_integer(microseconds % kPerSecond);
}

void run_role(CommandContext& context) {
  context.reply.array(3);
  context.reply.bulk_string("master");
  context.reply.integer(0);
  context.reply.array(0);
}

void run_lolwut(CommandContext& context) {
  context.reply.verbatim("txt",
                         "   ) ) )\n"
                         "  o-----<  one says it,\n"
                         "   ) ) )   all who listen hear it\n\n"
                         "Redis ver. " RESPUBLICA_REDIS_VERSION " (Respublica " RESPUBLICA_VERSION ")\n");
}

/// What SHUTDOWN was asked for. There is nothing to save, so SAVE and NOSAVE are alike; NOW and FORCE change nothing
/// either, for there are no replicas to wait for.
struct ShutdownOptions {
  bool save = false;
  bool nosave = false;
  bool hurry = false;
  bool abort = false;
};

std::optional<ShutdownOptions> parse_shutdown(const CommandContext& context) {
  ShutdownOptions options;
  for (std::size_t i = 1; i < context.size(); ++i) {
    if (context.is(i, "save")) {
      options.save = true;
    } else if (context.is(i, "nosave")) {
      options.nosave = true;
    } else if (context.is(i, "now") || context.is(i, "force")) {
      options.hurry = true;
    } else if (context.is(i, "abort")) {
      options.abort = true;
    } else {
      return std::nullopt;
    }
  }
  const bool contradictory =
      (options.save && options.nosave) || (options.abort && (options.save || options.nosave || options.hurry));
  if (contradictory) return std::nullopt;
  return options;
}

void run_shutdown(CommandContext& context) {
  const std::optional<ShutdownOptions> options = parse_shutdown(context);
  if (!options) {
    context.reply.error(errors::kSyntax);
  } else if (options->abort) {
    context.reply.error(errors::kNoShutdown);
  } else {
    log_event(LogLevel::notice, "SHUTDOWN received",
              {{"id", context.client.id}, {"addr", context.session.peer_address()}});
    // The connection's end is the answer; what the client has sent behind it is not executed.
    context.session.suspend();
    context.server.request_shutdown();
  }
}

void run_monitor(CommandContext& context) {
  if (context.client.in_exec()) {
    context.reply.error(errors::kMonitorInTransaction);
    return;
  }
  // A second MONITOR is not answered, as in Redis.
  if (context.client.monitor) return;
  start_monitor(context.io, context.session);
  context.reply.ok();
}

/// A steady clock's nanoseconds hold no more than this.
std::chrono::milliseconds length_of(std::int64_t timeout) {
  return std::chrono::milliseconds(std::min<std::int64_t>(timeout, std::int64_t{1} << 42));
}

void run_wait(CommandContext& context) {
  const std::optional<std::int64_t> replicas = parse_integer(context[1]);
  const std::optional<std::int64_t> timeout = parse_integer(context[2]);
  if (!replicas) {
    context.reply.error(errors::kNotAnInteger);
  } else if (!timeout || *timeout < 0) {
    context.reply.error(timeout ? errors::kTimeoutNegative : errors::kTimeoutNotAnInteger);
  } else if (*replicas <= 0) {
    context.reply.integer(0);
  } else {
    context.block(length_of(*timeout), [](CommandContext& later) { later.reply.integer(0); });
  }
}

/// The error that Redis finds first in the arguments of WAITAOF, or none.
std::optional<std::string_view> error_in_waitaof(const CommandContext& context) {
  const std::optional<std::int64_t> local = parse_integer(context[1]);
  const std::optional<std::int64_t> replicas = parse_integer(context[2]);
  const std::optional<std::int64_t> timeout = parse_integer(context[3]);
  if (!local) return errors::kNotAnInteger;
  if (*local != 0 && *local != 1) return errors::kNotZeroOrOne;
  if (!replicas || *replicas < 0) return errors::kNotPositive;
  if (!timeout) return errors::kTimeoutNotAnInteger;
  if (*timeout < 0) return errors::kTimeoutNegative;
  if (*local == 1 && !context.io.settings().appendonly) return errors::kWaitWithoutLog;
  return std::nullopt;
}

/// WAITAOF: has the log synced if nobody else does, so that what this client wrote is on the disk.
void run_waitaof(CommandContext& context) {
  if (const std::optional<std::string_view> error = error_in_waitaof(context)) return context.reply.error(*error);
  const Settings& settings = context.io.settings();
  const bool wants_local = parse_integer(context[1]) == 1;
  const bool wants_replicas = parse_integer(context[2]) != 0;
  const auto synced = std::make_shared<bool>(settings.appendonly && settings.appendfsync == AppendSync::always);
  const auto answer = [synced](CommandContext& later) {
    later.reply.array(2);
    later.reply.integer(*synced ? 1 : 0);
    // There are no replicas.
    later.reply.integer(0);
  };
  if (!wants_replicas && (!wants_local || *synced)) return answer(context);
  context.block(length_of(*parse_integer(context[3])), answer,
                {[synced, wants_replicas] { return *synced && !wants_replicas; }, nullptr});
  if (!settings.appendonly || context.client.in_exec()) return;
  context.server.durable().sync([io = &context.io, number = context.session.number(), synced] {
    io->post([io, number, synced] {
      *synced = true;
      if (Session* const session = io->find(number)) session->look_again();
    });
  });
}

void reply_without_cluster(CommandContext& context) { context.reply.error(errors::kClusterDisabled); }

void run_module_list(CommandContext& context) { context.reply.array(0); }

/// SCRIPT FLUSH and FUNCTION FLUSH: there are no scripts and functions, so all of them are gone.
void flush_scripts(CommandContext& context, std::string_view error) {
  if (context.size() == 2 || (context.size() == 3 && (context.is(2, "sync") || context.is(2, "async")))) {
    context.reply.ok();
  } else {
    context.reply.error(error);
  }
}

void run_script_flush(CommandContext& context) { flush_scripts(context, errors::kScriptFlush); }
void run_function_flush(CommandContext& context) { flush_scripts(context, errors::kFunctionFlush); }

constexpr std::uint32_t kConnectionState = kLoading | kStale | kFast;

constexpr CommandRow kRows[] = {
    {"time",
     1,
     kLoading | kStale | kFast,
     kNoCategory,
     {},
     run_time,
     "Returns the server time.",
     "2.6.0",
     "server",
     "O(1)"},
    {"role",
     1,
     kNoscript | kLoading | kStale | kFast,
     kAclDangerous,
     {},
     run_role,
     "Returns the replication role.",
     "2.8.12",
     "server",
     "O(1)"},
    {"lolwut",
     -1,
     kReadonly | kFast,
     kNoCategory,
     {},
     run_lolwut,
     "Displays computer art and the version.",
     "5.0.0",
     "server",
     "O(1)"},
    {"shutdown",
     -1,
     kAdmin | kNoscript | kLoading | kStale | kNoMulti | kAllowBusy,
     kAclDangerous,
     {},
     run_shutdown,
     "Ends the server.",
     "1.0.0",
     "server",
     "O(1)"},
    {"monitor",
     1,
     kAdmin | kNoscript | kLoading | kStale,
     kAclDangerous,
     {},
     run_monitor,
     "Listens for all requests received by the server in real-time.",
     "1.0.0",
     "server",
     "O(1)"},
    {"wait",
     3,
     kNoscript,
     kAclConnection,
     {},
     run_wait,
     "Blocks until the write commands sent by the connection have reached a number of replicas.",
     "3.0.0",
     "generic",
     "O(1)"},
    {"waitaof",
     4,
     kBlocking,
     kAclConnection,
     {},
     run_waitaof,
     "Blocks until all of the preceding write commands sent by the connection are written to the append-only file.",
     "7.2.0",
     "generic",
     "O(1)"},
    {"cluster",
     -2,
     kNone,
     kNoCategory,
     {},
     reply_without_cluster,
     "Refused: there is no cluster mode.",
     "3.0.0",
     "cluster",
     "O(1)"},
    {"readonly",
     1,
     kConnectionState,
     kAclConnection,
     {},
     reply_without_cluster,
     "Refused: there is no cluster mode.",
     "3.0.0",
     "cluster",
     "O(1)"},
    {"readwrite",
     1,
     kConnectionState,
     kAclConnection,
     {},
     reply_without_cluster,
     "Refused: there is no cluster mode.",
     "3.0.0",
     "cluster",
     "O(1)"},
    {"asking",
     1,
     kFast,
     kAclConnection,
     {},
     reply_without_cluster,
     "Refused: there is no cluster mode.",
     "3.0.0",
     "cluster",
     "O(1)"},
    {"module",
     -2,
     kNone,
     kNoCategory,
     {},
     nullptr,
     "A container for module commands.",
     "4.0.0",
     "server",
     "Depends on subcommand."},
    {"module|list",
     2,
     kAdmin | kNoscript,
     kAclDangerous,
     {},
     run_module_list,
     "Returns all loaded modules: none.",
     "4.0.0",
     "server",
     "O(1)"},
    {"script",
     -2,
     kNone,
     kNoCategory,
     {},
     nullptr,
     "A container for Lua scripts management commands.",
     "2.6.0",
     "scripting",
     "Depends on subcommand."},
    {"script|flush",
     -2,
     kNoscript,
     kAclScripting,
     {},
     run_script_flush,
     "Removes all scripts: there are none.",
     "2.6.0",
     "scripting",
     "O(1)"},
    {"function",
     -2,
     kNone,
     kNoCategory,
     {},
     nullptr,
     "A container for function commands.",
     "7.0.0",
     "scripting",
     "Depends on subcommand."},
    {"function|flush",
     -2,
     kWrite | kNoscript,
     kAclScripting,
     {},
     run_function_flush,
     "Deletes all functions: there are none.",
     "7.0.0",
     "scripting",
     "O(1)"},
};

}  // namespace

CommandFamily server_commands() { return kRows; }

}  // namespace respublica
