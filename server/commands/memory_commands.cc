// MEMORY: https://redis.io/docs/latest/commands/memory-stats/

#include <malloc.h>

#include <algorithm>
#include <array>
#include <optional>

#include "protocol/error_replies.h"
#include "protocol/integer.h"
#include "server/command_context.h"
#include "server/commands/families.h"
#include "server/commands/help_reply.h"
#include "server/io_thread.h"
#include "server/stats_memory.h"

namespace respublica {
namespace {

/// There are no keys, so none has a size; only the options are checked.
void run_usage(CommandContext& context) {
  for (std::size_t i = 3; i < context.size(); i += 2) {
    if (!context.is(i, "samples") || i + 1 == context.size()) {
      context.reply.error(errors::kSyntax);
      return;
    }
    const std::optional<std::int64_t> samples = parse_integer(context[i + 1]);
    if (!samples || *samples < 0) {
      context.reply.error(samples ? errors::kSyntax : errors::kNotAnInteger);
      return;
    }
  }
  const std::shared_ptr<const Stream> stream = context.io.streams().find(context[2]);
  if (stream == nullptr) return context.reply.null();
  // Its entries are in the log.
  const std::size_t bytes =
      sizeof(Stream) + stream->name().capacity() + stream->windows().size() * sizeof(StreamWindow);
  context.reply.integer(static_cast<std::int64_t>(bytes));
}

double ratio(std::uint64_t part, std::uint64_t whole) {
  return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
}

/// The map's elements, one by one.
class StatsReply {
 public:
  explicit StatsReply(ReplyEncoder& reply) : reply_(reply) {}

  void integer(std::string_view name, std::uint64_t value) {
    reply_.bulk_string(name);
    reply_.integer(static_cast<std::int64_t>(value));
  }
  void ratio(std::string_view name, double value) {
    reply_.bulk_string(name);
    reply_.double_value(value);
  }

 private:
  ReplyEncoder& reply_;
};

void run_stats(CommandContext& context) {
  constexpr double kPercent = 100;
  const std::uint64_t used = allocated_bytes();
  const std::uint64_t active = std::max(allocator_bytes(), used);
  const std::uint64_t resident = resident_bytes();
  const std::uint64_t peak = context.server.stats().note_memory(used);
  context.reply.map(27);
  StatsReply stats(context.reply);
  stats.integer("peak.allocated", peak);
  stats.integer("total.allocated", used);
  for (const std::string_view name : {"startup.allocated", "replication.backlog", "clients.slaves", "clients.normal",
                                      "cluster.links", "aof.buffer", "lua.caches", "functions.caches"}) {
    stats.integer(name, 0);
  }
  stats.integer("overhead.total", used);
  stats.integer("keys.count", 0);
  stats.integer("keys.bytes-per-key", 0);
  stats.integer("dataset.bytes", 0);
  stats.ratio("dataset.percentage", 0);
  stats.ratio("peak.percentage", kPercent * ratio(used, peak));
  stats.integer("allocator.allocated", used);
  stats.integer("allocator.active", active);
  stats.integer("allocator.resident", resident);
  stats.ratio("allocator-fragmentation.ratio", ratio(active, used));
  stats.integer("allocator-fragmentation.bytes", active - used);
  stats.ratio("allocator-rss.ratio", ratio(resident, active));
  stats.integer("allocator-rss.bytes", resident - active);
  stats.ratio("rss-overhead.ratio", 1);
  stats.integer("rss-overhead.bytes", 0);
  stats.ratio("fragmentation", ratio(resident, used));
  stats.integer("fragmentation.bytes", resident - used);
}

void run_doctor(CommandContext& context) {
  context.reply.verbatim("txt",
                         "Nothing to report: the broker keeps no data. What takes memory are connections, "
                         "subscriptions and messages that wait for slow clients: see CLIENT LIST (omem, tot-mem).\n");
}

void run_purge(CommandContext& context) {
  ::malloc_trim(0);
  context.reply.ok();
}

void run_malloc_stats(CommandContext& context) {
  context.reply.verbatim("txt", "Stats not supported for the current allocator");
}

void run_help(CommandContext& context) {
  static constexpr std::array<std::string_view, 11> kHelp = {
      "DOCTOR",
      "    Return memory problems reports.",
      "MALLOC-STATS",
      "    Return internal statistics report from the memory allocator.",
      "PURGE",
      "    Attempt to purge dirty pages for reclamation by the allocator.",
      "STATS",
      "    Return information about the memory usage of the server.",
      "USAGE <key> [SAMPLES <count>]",
      "    Return memory in bytes used by <key> and its value. Nested values are",
      "    sampled up to <count> times (default: 5, 0 means sample all).",
  };
  reply_help(context, kHelp);
}

constexpr CommandRow kRows[] = {
    {"memory",
     -2,
     kNone,
     kNoCategory,
     {},
     nullptr,
     "A container for memory diagnostics commands.",
     "4.0.0",
     "server",
     "Depends on subcommand."},
    {"memory|usage",
     -3,
     kReadonly,
     kNoCategory,
     {2, 2, 1},
     run_usage,
     "Estimates the memory usage of a key.",
     "4.0.0",
     "server",
     "O(N) where N is the number of samples."},
    {"memory|stats",
     2,
     kNone,
     kNoCategory,
     {},
     run_stats,
     "Returns details about memory usage.",
     "4.0.0",
     "server",
     "O(1)"},
    {"memory|doctor",
     2,
     kNone,
     kNoCategory,
     {},
     run_doctor,
     "Outputs a memory problems report.",
     "4.0.0",
     "server",
     "O(1)"},
    {"memory|purge",
     2,
     kNone,
     kNoCategory,
     {},
     run_purge,
     "Asks the allocator to release memory.",
     "4.0.0",
     "server",
     "Depends on how much memory is allocated, could be slow"},
    {"memory|malloc-stats",
     2,
     kNone,
     kNoCategory,
     {},
     run_malloc_stats,
     "Returns the allocator statistics.",
     "4.0.0",
     "server",
     "O(1)"},
    {"memory|help",
     2,
     kLoading | kStale,
     kNoCategory,
     {},
     run_help,
     "Returns helpful text about the subcommands.",
     "4.0.0",
     "server",
     "O(1)"},
};

}  // namespace

CommandFamily memory_commands() { return kRows; }

}  // namespace respublica
