// Commands that read streams: https://redis.io/docs/latest/commands/?group=stream

#include <algorithm>

#include "protocol/error_replies.h"
#include "server/command_context.h"
#include "server/commands/entry_reading.h"
#include "server/commands/families.h"
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
  ReadCaps caps;
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
Result<Entries> read_wanted(IoThread& io, const Wanted& wanted, std::uint64_t count, ReadBudget& budget) {
  if (!wanted.first) return Entries();
  return ReadableChannel(io, wanted.channel).read_new(*wanted.first, count, budget);
}

/// Writes what there is, or why it cannot be read; false, and nothing written, when there is nothing.
bool reply_wanted(CommandContext& context, const ReadRequest& request) {
  std::vector<std::pair<const std::string*, Entries>> found;
  ReadBudget budget(request.caps);
  for (const Wanted& wanted : request.streams) {
    Result<Entries> entries = read_wanted(context.io, wanted, request.count, budget);
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
    ReadBudget one({1, 0});
    const Result<Entries> found = read_wanted(io, wanted, 1, one);
    return !found || found.value().count > 0;
  });
}

void run_xread(CommandContext& context) {
  const Result<ReadArguments> parsed = parse_read(context.arguments);
  if (!parsed) return context.reply.error(parsed.error().message);
  auto request = std::make_shared<ReadRequest>();
  request->count = parsed.value().count;
  request->caps = parsed.value().caps;
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
};

}  // namespace

CommandFamily stream_read_commands() { return kRows; }

}  // namespace respublica
