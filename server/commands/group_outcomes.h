#pragma once
// What the sequencer answered to commands of consumer groups: refusals in the words of each command, and the parts of
// DurableRun's answers that they have in common.

#include <cassert>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "broker/durable_command.h"
#include "server/command_context.h"
#include "server/commands/group_arguments.h"
#include "server/durable_run.h"
#include "server/io_thread.h"

namespace respublica {

/// Who says that a group is missing: each says it in its own words.
enum class GroupSpeaker : std::uint8_t {
  /// XREADGROUP.
  reading,
  /// XPENDING, XCLAIM, XAUTOCLAIM, XNACK.
  pending,
  /// XGROUP.
  changing,
  /// XINFO.
  showing,
};

/// Why the command was refused.
std::string group_sentence_of(const DurableOutcome& outcome, GroupSpeaker speaker);

/// Writes why the first command that was refused was. False, and nothing written, when none was.
bool reply_group_refusal(CommandContext& context, std::span<const DurableOutcome> outcomes, GroupSpeaker speaker);

/// What a command that was not refused answers.
template <typename Answer>
const Answer& group_answer(const DurableOutcome& outcome) {
  assert(outcome.groups != nullptr && std::holds_alternative<Answer>(*outcome.groups));
  return *std::get_if<Answer>(outcome.groups.get());
}

/// Writes what the one command answers with `write`, or why it was refused.
template <typename Answer, void (*write)(ReplyEncoder&, const Answer&), GroupSpeaker speaker>
void reply_group_answer(CommandContext& context, std::span<const DurableOutcome> outcomes) {
  if (reply_group_refusal(context, outcomes, speaker)) return;
  write(context.reply, group_answer<Answer>(outcomes.front()));
}

/// Writes the one command's count, or why it was refused.
template <GroupSpeaker speaker>
void reply_group_count(CommandContext& context, std::span<const DurableOutcome> outcomes) {
  if (reply_group_refusal(context, outcomes, speaker)) return;
  context.reply.integer(static_cast<std::int64_t>(outcomes.front().count));
}

/// Has the request decided. One with a fault is answered with it, if nothing is missing that `look` looks for.
template <typename Change, typename Look>
void submit_request(CommandContext& context, std::string_view channel, GroupRequest<Change> request, Look look,
                    DurableRun::Answer write_reply) {
  DurableRun& run = context.io.durable_run();
  if (request.fault.empty()) {
    run.add(context, DurableCommand{std::string(channel), std::move(request.change)}, write_reply);
    return;
  }
  std::vector<DurableCommand> looks;
  looks.push_back({std::string(channel), std::move(look)});
  run.fail_behind(context, std::move(looks), write_reply, request.fault);
}

}  // namespace respublica
