#pragma once
// The row of a command: the only truth about it. The gates, COMMAND, INFO commandstats and the docs test read it.

#include <cstdint>
#include <span>
#include <string_view>

namespace respublica {

struct CommandContext;

/// A command's work: reads context.arguments, calls the broker, writes context.reply.
using CommandHandler = void (*)(CommandContext& context);

/// What the gates and COMMAND INFO want to know of a command; combine with |.
enum CommandFlag : std::uint32_t {
  kNone = 0,
  /// COMMAND INFO's flags, with Redis's meaning.
  kWrite = 1U << 0,
  kReadonly = 1U << 1,
  kAdmin = 1U << 2,
  kPubsub = 1U << 3,
  kNoscript = 1U << 4,
  kLoading = 1U << 5,
  kStale = 1U << 6,
  kSkipMonitor = 1U << 7,
  kSkipSlowlog = 1U << 8,
  kFast = 1U << 9,
  kNoAuth = 1U << 10,
  kNoMulti = 1U << 11,
  kAllowBusy = 1U << 12,
  kMayReplicate = 1U << 13,
  kDenyOom = 1U << 14,
  kBlocking = 1U << 15,
  kMovableKeys = 1U << 16,
  /// Not shown to clients: may be used by a RESP2 client that has subscriptions.
  kAllowedWhileSubscribed = 1U << 20,
  /// Not shown: consecutive calls are gathered into one run (PUBLISH, SPUBLISH); see publish_run.h.
  kJoinsPublishRun = 1U << 21,
  /// Not shown: runs at once inside MULTI instead of being queued (EXEC, DISCARD, MULTI, WATCH, QUIT, RESET).
  kRunsInsideMulti = 1U << 22,
  /// Not shown: what it writes are pushes, which CLIENT REPLY OFF does not hold back (SUBSCRIBE and the like).
  kRepliesWithPushes = 1U << 23,
  /// Not shown: reads what only the sequencer knows (consumer groups), through a DurableRun.
  kAsksSequencer = 1U << 24,
  /// Not shown: changes consumer groups alone, which virtual channels have, too.
  kChangesGroups = 1U << 25,
};

/// ACL categories beyond those that follow from the flags (@fast or @slow, @admin, @pubsub, @read, @write):
/// for COMMAND INFO and ACL CAT.
enum AclCategory : std::uint32_t {
  kNoCategory = 0,
  kAclKeyspace = 1U << 0,
  kAclConnection = 1U << 1,
  kAclTransaction = 1U << 2,
  kAclDangerous = 1U << 3,
  kAclScripting = 1U << 4,
  kAclStream = 1U << 5,
};

/// Where a command has its keys (COMMAND INFO, COMMAND GETKEYS): first, last (negative: from the end), step; 0 = none.
struct KeyPositions {
  int first = 0;
  int last = 0;
  int step = 0;
};

struct CommandRow {
  /// Lower case; a subcommand's row is "client|setname" and its container's row is "client".
  std::string_view name;
  /// As Redis counts: with the name (and the subcommand's); -n means at least n.
  int arity;
  std::uint32_t flags;
  std::uint32_t acl_categories;
  KeyPositions keys;
  /// Null for a container, which only has subcommands.
  CommandHandler handler;
  /// One sentence, the Redis version in which it appeared, and the group of COMMAND DOCS ("pubsub", "connection").
  std::string_view summary;
  std::string_view since;
  std::string_view group;
  /// As COMMAND DOCS has it, e.g. "O(1)".
  std::string_view complexity;
};

/// A family's rows, declared at the foot of its file in server/commands/ and listed in command_table.cc.
using CommandFamily = std::span<const CommandRow>;

}  // namespace respublica
