// Commands with which consumers get entries, acknowledge them, and see what is pending:
// https://redis.io/docs/latest/commands/xreadgroup/

#include <algorithm>

#include "broker/virtual_channel.h"
#include "protocol/error_replies.h"
#include "server/commands/families.h"
#include "server/commands/group_outcomes.h"
#include "server/commands/group_read_arguments.h"
#include "server/commands/group_replies.h"
#include "server/group_wait.h"

namespace respublica {
namespace {

constexpr auto kReplyReading = reply_group_answer<GroupReading, write_reading, GroupSpeaker::reading>;

bool reads_virtual(const ReadGroup& reading) {
  return std::ranges::any_of(reading.places,
                             [](const ReadGroup::Place& place) { return VirtualChannel::is_name(place.channel); });
}

/// Why the places cannot be read by one command; empty: they can.
std::string_view fault_of_places(const ReadGroup& reading) {
  const auto is_foreign = [](const ReadGroup::Place& place) {
    return is_broker_name(place.channel) && !VirtualChannel::is_name(place.channel);
  };
  if (std::ranges::any_of(reading.places, is_foreign)) return errors::kBrokerName;
  if (reading.places.size() > 1 && reads_virtual(reading)) return errors::kVirtualChannelAlone;
  return {};
}

/// Has the reading decided. `block` is how long it may wait for something to read; none = not at all.
void submit_reading(CommandContext& context, ReadGroup reading, std::optional<std::chrono::milliseconds> block) {
  DurableRun& run = context.io.durable_run();
  const bool is_looked_for = !reading.places.front().after && reads_virtual(reading);
  if (is_looked_for && run.gathering()) return run.fail(context, errors::kVirtualChannelInExec);
  if ((block || is_looked_for) && !run.gathering()) {
    return wait_for_entries(context, std::move(reading), block, kReplyReading);
  }
  run.add(context, DurableCommand{{}, std::move(reading)}, kReplyReading);
}

void run_xreadgroup(CommandContext& context) {
  DurableRun& run = context.io.durable_run();
  Result<GroupReadRequest> parsed = parse_group_read(context.arguments);
  if (!parsed) return run.fail(context, parsed.error().message);
  GroupRequest<ReadGroup>& request = parsed.value().reading;
  const std::vector<ReadGroup::Place>& places = request.change.places;
  if (const std::string_view fault = fault_of_places(request.change); !fault.empty()) return run.fail(context, fault);
  if (request.fault.empty()) return submit_reading(context, std::move(request.change), parsed.value().block);
  std::vector<DurableCommand> looks;
  for (const ReadGroup::Place& place : places) looks.push_back({place.channel, CountPending{request.change.group}});
  run.fail_behind(context, std::move(looks), kReplyReading, request.fault);
}

/// Where the stream or the group is missing, nothing can be acknowledged.
void reply_acknowledged(CommandContext& context, std::span<const DurableOutcome> outcomes) {
  if (outcomes.front().refusal == Refusal::no_such_group) return context.reply.integer(0);
  reply_group_count<GroupSpeaker::pending>(context, outcomes);
}

void run_xack(CommandContext& context) {
  GroupRequest<Acknowledge> request = parse_acknowledge(context.arguments);
  CountPending look{request.change.group};
  submit_request(context, context[1], std::move(request), std::move(look), reply_acknowledged);
}

void run_xpending(CommandContext& context) {
  DurableRun& run = context.io.durable_run();
  Result<std::variant<CountPending, ListPending>> parsed = parse_pending(context.arguments);
  if (!parsed) return run.fail(context, parsed.error().message);
  std::string channel(context[1]);
  if (auto* const count = std::get_if<CountPending>(&parsed.value())) {
    return run.add(context, DurableCommand{std::move(channel), std::move(*count)},
                   reply_group_answer<PendingSummary, write_pending_summary, GroupSpeaker::pending>);
  }
  run.add(context, DurableCommand{std::move(channel), std::move(std::get<ListPending>(parsed.value()))},
          reply_group_answer<PendingDetails, write_pending_details, GroupSpeaker::pending>);
}

constexpr KeyPositions kOneKey{1, 1, 1};

constexpr CommandRow kRows[] = {
    {"xreadgroup",
     -7,
     kWrite | kBlocking | kMovableKeys,
     kAclStream,
     {},
     run_xreadgroup,
     "Returns new or historical messages from a stream for a consumer in a group. Blocks until a message is available "
     "otherwise.",
     "5.0.0",
     "stream",
     "For each stream mentioned: O(M) with M being the number of elements returned. If M is constant (e.g. always "
     "asking for the first 10 elements with COUNT), you can consider it O(1). On the other side when XREADGROUP "
     "blocks, "
     "XADD will pay the O(N) time in order to serve the N clients blocked on the stream getting new data."},
    {"xack", -4, kWrite | kFast | kChangesGroups, kAclStream, kOneKey, run_xack,
     "Returns the number of messages that were successfully acknowledged by the consumer group member of a stream.",
     "5.0.0", "stream", "O(1) for each message ID processed."},
    {"xpending", -3, kReadonly | kAsksSequencer, kAclStream, kOneKey, run_xpending,
     "Returns the information and entries from a stream consumer group's pending entries list.", "5.0.0", "stream",
     "O(N) with N being the number of elements returned, so asking for a small fixed number of entries per call is "
     "O(1). O(M), where M is the total number of entries scanned when used with the IDLE filter. When the command "
     "returns just the summary and the list of consumers is small, it runs in O(1) time; otherwise, an additional O(N) "
     "time for iterating every consumer."},
};

}  // namespace

CommandFamily group_read_commands() { return kRows; }

}  // namespace respublica
