// Commands that read streams: https://redis.io/docs/latest/commands/?group=stream

#include <algorithm>

#include "protocol/error_replies.h"
#include "protocol/integer.h"
#include "server/command_context.h"
#include "server/commands/entry_reading.h"
#include "server/commands/families.h"
#include "server/commands/help_reply.h"
#include "server/commands/stream_arguments.h"
#include "server/durable_channels.h"
#include "server/io_thread.h"

namespace respublica {
namespace {

void range(CommandContext& context, RangeOrder order) {
  const Result<RangeArguments> parsed = parse_range(context.arguments, order);
  if (!parsed) return context.reply.error(parsed.error().message);
  const RangeArguments& arguments = parsed.value();
  const ReadableChannel channel(context.io, arguments.key);
  if (!channel.exists()) return context.reply.array(0);
  if (arguments.count == std::uint64_t{0}) return context.reply.null_array();
  const Result<Entries> entries = channel.read(arguments.range, arguments.count.value_or(0), order);
  if (!entries) return context.reply.error(entries.error().message);
  reply_entries(context, entries.value());
}

void run_xrange(CommandContext& context) { range(context, RangeOrder::forward); }
void run_xrevrange(CommandContext& context) { range(context, RangeOrder::backward); }

void run_xlen(CommandContext& context) {
  context.reply.integer(static_cast<std::int64_t>(ReadableChannel(context.io, context[1]).length()));
}

/// One stream of an XREAD: the entries from `first` on.
struct Wanted {
  std::string channel;
  /// None: nothing can come behind the last ID there is.
  std::optional<StreamId> first;
};

/// An XREAD whose `$` and `+` have been looked up.
struct ReadRequest {
  std::uint64_t count = 0;
  std::vector<Wanted> streams;
};

Result<std::optional<StreamId>> first_wanted(CommandContext& context, const ReadPosition& position) {
  if (position.kind == ReadPosition::Kind::after) return position.after.next();
  const ReadableChannel channel(context.io, position.key);
  if (position.kind == ReadPosition::Kind::last_entry) {
    const Result<Entries> last = channel.read({}, 1, RangeOrder::backward);
    if (!last) return last.error();
    if (last.value().count > 0) return std::optional(last.value().first);
  }
  return channel.next_id();
}

/// Reads what there is of one stream.
Result<Entries> read_wanted(IoThread& io, const Wanted& wanted, std::uint64_t count) {
  if (!wanted.first) return Entries();
  return ReadableChannel(io, wanted.channel).read({*wanted.first, kMaxStreamId}, count, RangeOrder::forward);
}

/// Writes what there is, or why it cannot be read; false, and nothing written, when there is nothing.
bool reply_wanted(CommandContext& context, const ReadRequest& request) {
  std::vector<std::pair<const std::string*, Entries>> found;
  for (const Wanted& wanted : request.streams) {
    Result<Entries> entries = read_wanted(context.io, wanted, request.count);
    if (!entries) {
      context.reply.error(entries.error().message);
      return true;
    }
    if (entries.value().count > 0) found.emplace_back(&wanted.channel, std::move(entries.value()));
  }
  if (found.empty()) return false;
  const bool as_map = context.client.protocol == ProtocolVersion::resp3;
  if (as_map) {
    context.reply.map(found.size());
  } else {
    context.reply.array(found.size());
  }
  for (const auto& [channel, entries] : found) {
    if (!as_map) context.reply.array(2);
    context.reply.bulk_string(*channel);
    reply_entries(context, entries);
  }
  return true;
}

/// A blocked reader need not wait any more: there is an entry for it, or an error.
bool is_served(IoThread& io, const ReadRequest& request) {
  return std::any_of(request.streams.begin(), request.streams.end(), [&io](const Wanted& wanted) {
    const Result<Entries> found = read_wanted(io, wanted, 1);
    return !found || found.value().count > 0;
  });
}

void run_xread(CommandContext& context) {
  const Result<ReadArguments> parsed = parse_read(context.arguments);
  if (!parsed) return context.reply.error(parsed.error().message);
  auto request = std::make_shared<ReadRequest>();
  request->count = parsed.value().count;
  std::vector<std::string> channels;
  for (const ReadPosition& position : parsed.value().streams) {
    const Result<std::optional<StreamId>> first = first_wanted(context, position);
    if (!first) return context.reply.error(first.error().message);
    request->streams.push_back({std::string(position.key), first.value()});
    channels.emplace_back(position.key);
  }
  if (reply_wanted(context, *request)) return;
  if (!parsed.value().block || context.client.in_exec()) return context.reply.null_array();
  std::shared_ptr<void> registration = context.server.durable().blocked_readers().wait(
      {context.io.index(), context.session.number()}, std::move(channels));
  // What was appended before the registration is not announced.
  if (reply_wanted(context, *request)) return;
  const auto ready = [&io = context.io, request] { return is_served(io, *request); };
  const auto answer = [request](CommandContext& late) {
    if (!reply_wanted(late, *request)) late.reply.null_array();
  };
  context.block(*parsed.value().block, answer, {ready, std::move(registration)});
}

/// The one entry that was read, or null.
void write_one(CommandContext& context, const Entries& entries) {
  if (entries.count == 0) {
    context.reply.null();
  } else {
    reply_elements(context, entries);
  }
}

/// The entries that XINFO STREAM with FULL [COUNT n] shows (0 = all); none without FULL.
Result<std::optional<std::uint64_t>> parse_full(const CommandContext& context) {
  constexpr std::uint64_t kShown = 10;
  if (context.size() == 3) return std::optional<std::uint64_t>();
  const bool counted = context.size() == 6 && context.is(4, "count");
  if (!context.is(3, "full") || (context.size() != 4 && !counted)) {
    return Error{errors::unknown_subcommand_or_arity("xinfo", context[1])};
  }
  if (!counted) return std::optional(kShown);
  const std::optional<std::int64_t> count = parse_integer(context[5]);
  if (!count) return Error{std::string(errors::kNotAnInteger)};
  return std::optional(*count < 0 ? kShown : static_cast<std::uint64_t>(*count));
}

void run_xinfo_stream(CommandContext& context) {
  const ReadableChannel channel(context.io, context[2]);
  if (channel.virtual_channel()) return context.reply.error(errors::kVirtualChannelInfo);
  const std::shared_ptr<const Stream>& stream = channel.stream();
  if (stream == nullptr) return context.reply.error(errors::kNoSuchKey);
  const Result<std::optional<std::uint64_t>> full = parse_full(context);
  if (!full) return context.reply.error(full.error().message);
  // All is read before anything is written: what cannot be read is an error, and not an empty stream.
  const Result<Entries> oldest = channel.read({}, full.value().value_or(1), RangeOrder::forward);
  if (!oldest) return context.reply.error(oldest.error().message);
  const Result<Entries> newest = channel.read({}, 1, RangeOrder::backward);
  if (!newest) return context.reply.error(newest.error().message);
  ReplyEncoder& reply = context.reply;
  const auto number = [&reply](std::string_view name, std::uint64_t value) {
    reply.bulk_string(name);
    reply.integer(static_cast<std::int64_t>(value));
  };
  const auto id = [&reply](std::string_view name, StreamId value) {
    reply.bulk_string(name);
    reply.bulk_string(format_stream_id(value));
  };
  reply.map(full.value() ? 9 : 10);
  number("length", stream->length());
  number("radix-tree-keys", stream->windows().size());
  number("radix-tree-nodes", stream->windows().size() + 1);
  id("last-generated-id", stream->last_id());
  id("max-deleted-entry-id", stream->max_deleted_id());
  number("entries-added", stream->entries_added());
  id("recorded-first-entry-id", oldest.value().first);
  if (full.value()) {
    reply.bulk_string("entries");
    reply_entries(context, oldest.value());
    // No stream has consumer groups.
    reply.bulk_string("groups");
    reply.array(0);
    return;
  }
  number("groups", 0);
  reply.bulk_string("first-entry");
  write_one(context, oldest.value());
  reply.bulk_string("last-entry");
  write_one(context, newest.value());
}

void run_xinfo_help(CommandContext& context) {
  static constexpr std::array<std::string_view, 2> kHelp = {
      "STREAM <key> [FULL [COUNT <count>]]",
      "    Show information about the stream.",
  };
  reply_help(context, kHelp);
}

constexpr KeyPositions kOneKey{1, 1, 1};

constexpr CommandRow kRows[] = {
    {"xlen", 2, kReadonly | kFast, kAclStream, kOneKey, run_xlen, "Return the number of messages in a stream.", "5.0.0",
     "stream", "O(1)"},
    {"xrange", -4, kReadonly, kAclStream, kOneKey, run_xrange,
     "Returns the messages from a stream within a range of IDs.", "5.0.0", "stream",
     "O(N) with N being the number of elements being returned. If N is constant (e.g. always asking for the first 10 "
     "elements with COUNT), you can consider it O(1)."},
    {"xrevrange", -4, kReadonly, kAclStream, kOneKey, run_xrevrange,
     "Returns the messages from a stream within a range of IDs in reverse order.", "5.0.0", "stream",
     "O(N) with N being the number of elements returned. If N is constant (e.g. always asking for the first 10 "
     "elements with COUNT), you can consider it O(1)."},
    {"xread",
     -4,
     kReadonly | kBlocking | kMovableKeys,
     kAclStream,
     {},
     run_xread,
     "Returns messages from multiple streams with IDs greater than the ones requested. Blocks until a message is "
     "available otherwise.",
     "5.0.0",
     "stream",
     "For each stream mentioned: O(N) with N being the number of elements being returned."},
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
    {"xinfo|stream",
     -3,
     kReadonly,
     kAclStream,
     {2, 2, 1},
     run_xinfo_stream,
     "Returns information about a stream.",
     "5.0.0",
     "stream",
     "O(1)"},
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

CommandFamily stream_read_commands() { return kRows; }

}  // namespace respublica
