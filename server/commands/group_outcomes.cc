#include "server/commands/group_outcomes.h"

#include <algorithm>

#include "protocol/error_replies.h"
#include "server/commands/durable_replies.h"

namespace respublica {
namespace {

std::string sentence_of_missing(const MissingGroup& missing, GroupSpeaker speaker) {
  switch (speaker) {
    case GroupSpeaker::reading:
      return errors::no_such_group_to_read(missing.channel, missing.group);
    case GroupSpeaker::pending:
      return errors::no_such_key_or_group(missing.channel, missing.group);
    case GroupSpeaker::changing:
    case GroupSpeaker::showing:
      break;
  }
  return errors::no_such_group_of_key(missing.channel, missing.group);
}

}  // namespace

std::string group_sentence_of(const DurableOutcome& outcome, GroupSpeaker speaker) {
  if (outcome.refusal == Refusal::no_such_group) {
    return sentence_of_missing(group_answer<MissingGroup>(outcome), speaker);
  }
  if (outcome.refusal == Refusal::group_exists) return std::string(errors::kGroupExists);
  const bool needs_stream = outcome.refusal == Refusal::no_such_stream && speaker == GroupSpeaker::changing;
  return needs_stream ? std::string(errors::kGroupNeedsStream) : sentence_of(outcome);
}

bool reply_group_refusal(CommandContext& context, std::span<const DurableOutcome> outcomes, GroupSpeaker speaker) {
  const auto refused = std::find_if(outcomes.begin(), outcomes.end(),
                                    [](const DurableOutcome& outcome) { return outcome.refusal != Refusal::none; });
  if (refused == outcomes.end()) return false;
  context.reply.error(group_sentence_of(*refused, speaker));
  return true;
}

}  // namespace respublica
