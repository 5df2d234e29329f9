// XINFO: https://redis.io/docs/latest/commands/xinfo/

#include <array>
#include <optional>

#include "protocol/error_replies.h"
#include "server/client_version.h"
#include "server/commands/entry_reading.h"
#include "server/commands/families.h"
#include "server/commands/group_outcomes.h"
#include "server/commands/group_replies.h"
#include "server/commands/help_reply.h"
#include "server/commands/info_fields.h"

namespace respublica {
namespace {

/// The entries that XINFO STREAM with FULL [COUNT n] shows (0 = all); none without FULL.
struct InfoRequest {
  std::optional<std::uint64_t> full;
  /// What is wrong, where the stream is there; empty: nothing.
  std::string fault;
};

InfoRequest parse_info(const CommandContext& context) {
  constexpr std::uint64_t kShown = 10;
  if (context.size() == 3) return {};
  const bool counted = context.size() == 6 && context.is(4, "count");
  if (!context.is(3, "full") || (context.size() != 4 && !counted)) {
    return {{}, errors::unknown_subcommand_or_arity("xinfo", context[1])};
  }
  if (!counted) return {kShown, {}};
  const Result<std::int64_t> count = parse_number(context[5]);
  if (!count) return {{}, count.error().message};
  return {count.value() < 0 ? kShown : static_cast<std::uint64_t>(count.value()), {}};
}

/// Entries of the stream that XINFO STREAM shows.
struct ShownEntries {
  std::shared_ptr<const Stream> stream;
  Entries oldest;
  Entries newest;
};

/// Reads them of a stream as it was between the commands of an EXEC, or now.
Result<ShownEntries> read_shown(CommandContext& context, const std::string& name,
                                std::shared_ptr<const StreamTable> shown, std::uint64_t count) {
  context.io.streams().show(std::move(shown));
  const ReadableChannel channel(context.io, name);
  Result<Entries> oldest = channel.read({}, count, RangeOrder::forward);
  Result<Entries> newest = channel.read({}, 1, RangeOrder::backward);
  context.io.streams().show(nullptr);
  if (!oldest) return oldest.error();
  if (!newest) return newest.error();
  return ShownEntries{channel.stream(), std::move(oldest.value()), std::move(newest.value())};
}

/// The one entry that was read, or null.
void write_one(CommandContext& context, const Entries& entries) {
  if (entries.count == 0) {
    context.reply.null();
  } else {
    reply_elements(context, entries);
  }
}

/// The fields that Redis 8.6 has more than Redis 7.
constexpr std::size_t kProducerFields = 6;

void write_producers(ReplyEncoder& reply, const ProducerDetails& details) {
  write_field(reply, "idmp-duration", std::uint64_t{details.limits.duration_s});
  write_field(reply, "idmp-maxsize", std::uint64_t{details.limits.most});
  write_field(reply, "pids-tracked", details.producers);
  write_field(reply, "iids-tracked", details.ids);
  write_field(reply, "iids-added", details.added);
  write_field(reply, "iids-duplicates", details.duplicates);
}

/// `outcomes` are of a look at the groups, one at the producers if the client takes what it shows, and one at the
/// stream.
void reply_stream(CommandContext& context, std::span<const DurableOutcome> outcomes, const std::string& name,
                  std::optional<std::uint64_t> full) {
  if (reply_group_refusal(context, outcomes, GroupSpeaker::showing)) return;
  // All is read before anything is written: what cannot be read is an error, and not an empty stream.
  const Result<ShownEntries> read = read_shown(context, name, outcomes.back().shown, full.value_or(1));
  if (!read) return context.reply.error(read.error().message);
  const Stream& stream = *read.value().stream;
  const Entries& oldest = read.value().oldest;
  const auto& groups = group_answer<GroupDetails>(outcomes.front());
  ReplyEncoder& reply = context.reply;
  const ProducerDetails* const producers = outcomes[1].producers.get();
  reply.map((full ? 9 : 10) + (producers != nullptr ? kProducerFields : 0));
  write_field(reply, "length", stream.length());
  write_field(reply, "radix-tree-keys", std::uint64_t{stream.windows().size()});
  write_field(reply, "radix-tree-nodes", std::uint64_t{stream.windows().size() + 1});
  write_field(reply, "last-generated-id", stream.last_id());
  write_field(reply, "max-deleted-entry-id", stream.max_deleted_id());
  write_field(reply, "entries-added", stream.entries_added());
  write_field(reply, "recorded-first-entry-id", oldest.first);
  if (producers != nullptr) write_producers(reply, *producers);
  if (full) {
    reply.bulk_string("entries");
    reply_entries(context, oldest);
    reply.bulk_string("groups");
    write_groups_in_full(reply, groups);
    return;
  }
  write_field(reply, "groups", std::uint64_t{groups.groups.size()});
  reply.bulk_string("first-entry");
  write_one(context, oldest);
  reply.bulk_string("last-entry");
  write_one(context, read.value().newest);
}

/// XINFO of a virtual channel has been answered with an error.
bool refuse_virtual(CommandContext& context) {
  if (!VirtualChannel::named(context[2])) return false;
  context.io.durable_run().fail(context, errors::kVirtualChannelInfo);
  return true;
}

bool takes_producers(const ClientState& client) {
  return client.details != nullptr && takes_idempotence_fields(client.details->lib_name, client.details->lib_ver);
}

void run_xinfo_stream(CommandContext& context) {
  if (refuse_virtual(context)) return;
  const InfoRequest request = parse_info(context);
  const std::string name(context[2]);
  // Whose time is over is dropped by the first look.
  std::vector<DurableCommand> looks;
  if (request.full) {
    looks.push_back({name, ShowGroupsInFull{*request.full}});
  } else {
    looks.push_back({name, ShowGroups()});
  }
  DurableRun& run = context.io.durable_run();
  if (!request.fault.empty()) {
    const auto reply_missing = [](CommandContext& late, std::span<const DurableOutcome> outcomes) {
      reply_group_refusal(late, outcomes, GroupSpeaker::showing);
    };
    return run.fail_behind(context, std::move(looks), reply_missing, request.fault);
  }
  if (takes_producers(context.client)) looks.push_back({name, ShowProducers{context.io.streams().idempotence()}});
  looks.push_back({{}, ShowStreams{{name}}});
  run.add(context, std::move(looks),
          [name, full = request.full](CommandContext& late, std::span<const DurableOutcome> outcomes) {
            reply_stream(late, outcomes, name, full);
          });
}

void run_xinfo_groups(CommandContext& context) {
  context.io.durable_run().add(context, DurableCommand{std::string(context[2]), ShowGroups()},
                               reply_group_answer<GroupDetails, write_groups, GroupSpeaker::showing>);
}

void run_xinfo_consumers(CommandContext& context) {
  context.io.durable_run().add(context, DurableCommand{std::string(context[2]), ShowConsumers{std::string(context[3])}},
                               reply_group_answer<ConsumerDetails, write_consumers, GroupSpeaker::showing>);
}

void run_xinfo_help(CommandContext& context) {
  static constexpr std::array<std::string_view, 6> kHelp = {
      "CONSUMERS <key> <groupname>",
      "    Show consumers of <groupname>.",
      "GROUPS <key>",
      "    Show the stream consumer groups.",
      "STREAM <key> [FULL [COUNT <count>]]",
      "    Show information about the stream.",
  };
  reply_help(context, kHelp);
}

constexpr KeyPositions kSubcommandKey{2, 2, 1};

constexpr CommandRow kRows[] = {
    {"xinfo",
     -2,
     kNone,
     kNoCategory,
     {},
     nullptr,
     "A container for stream introspection commands.",
     "5.0.0",
     "stream",
     "Depends on subcommand."},
    {"xinfo|stream", -3, kReadonly | kAsksSequencer, kAclStream, kSubcommandKey, run_xinfo_stream,
     "Returns information about a stream.", "5.0.0", "stream", "O(1)"},
    {"xinfo|groups", 3, kReadonly | kAsksSequencer, kAclStream, kSubcommandKey, run_xinfo_groups,
     "Returns a list of the consumer groups of a stream.", "5.0.0", "stream", "O(1)"},
    {"xinfo|consumers", 4, kReadonly | kAsksSequencer, kAclStream, kSubcommandKey, run_xinfo_consumers,
     "Returns a list of the consumers in a consumer group.", "5.0.0", "stream", "O(1)"},
    {"xinfo|help",
     2,
     kLoading | kStale,
     kAclStream,
     {},
     run_xinfo_help,
     "Returns helpful text about the different subcommands.",
     "5.0.0",
     "stream",
     "O(1)"},
};

}  // namespace

CommandFamily stream_info_commands() { return kRows; }

}  // namespace respublica
