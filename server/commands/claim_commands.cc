// Commands that take pending entries from a consumer: https://redis.io/docs/latest/commands/xclaim/

#include "server/commands/claim_arguments.h"
#include "server/commands/families.h"
#include "server/commands/group_outcomes.h"
#include "server/commands/group_replies.h"

namespace respublica {
namespace {

void run_xclaim(CommandContext& context) {
  GroupRequest<ClaimEntries> request = parse_claim(context.arguments);
  CountPending look{request.change.group};
  submit_request(context, context[1], std::move(request), std::move(look),
                 reply_group_answer<ClaimedEntries, write_claimed, GroupSpeaker::pending>);
}

void run_xautoclaim(CommandContext& context) {
  DurableRun& run = context.io.durable_run();
  Result<ClaimIdle> parsed = parse_claim_idle(context.arguments);
  if (!parsed) return run.fail(context, parsed.error().message);
  run.add(context, DurableCommand{std::string(context[1]), std::move(parsed.value())},
          reply_group_answer<ClaimedEntries, write_claimed_idle, GroupSpeaker::pending>);
}

void run_xnack(CommandContext& context) {
  GroupRequest<ReleaseEntries> request = parse_release(context.arguments);
  CountPending look{request.change.group};
  submit_request(context, context[1], std::move(request), std::move(look), reply_group_count<GroupSpeaker::pending>);
}

constexpr KeyPositions kOneKey{1, 1, 1};

constexpr CommandRow kRows[] = {
    {"xclaim", -6, kWrite | kFast | kChangesGroups, kAclStream, kOneKey, run_xclaim,
     "Changes, or acquires, ownership of a message in a consumer group, as if the message was delivered to a consumer "
     "group member.",
     "5.0.0", "stream", "O(log N) with N being the number of messages in the PEL of the consumer group."},
    {"xautoclaim", -6, kWrite | kFast | kChangesGroups, kAclStream, kOneKey, run_xautoclaim,
     "Changes, or acquires, ownership of messages in a consumer group, as if the messages were delivered to a consumer "
     "group member.",
     "6.2.0", "stream", "O(1) if COUNT is small."},
    {"xnack", -7, kWrite | kFast | kChangesGroups, kAclStream, kOneKey, run_xnack,
     "Gives pending messages back to their consumer group without acknowledging them, for others to be delivered to.",
     "8.8.0", "stream", "O(1) for each message ID processed."},
};

}  // namespace

CommandFamily claim_commands() { return kRows; }

}  // namespace respublica
