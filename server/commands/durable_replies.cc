#include "server/commands/durable_replies.h"

#include <algorithm>

#include "protocol/error_replies.h"
#include "server/command_context.h"

namespace respublica {

std::string sentence_of(const DurableOutcome& outcome) {
  switch (outcome.refusal) {
    case Refusal::id_too_small:
      return std::string(errors::kAddIdTooSmall);
    case Refusal::ids_exhausted:
      return std::string(errors::kAddIdsExhausted);
    case Refusal::no_such_stream:
      return std::string(errors::kNoSuchKey);
    case Refusal::last_id_too_small:
      return std::string(errors::kSetIdTooSmall);
    case Refusal::last_id_below_deleted:
      return std::string(errors::kSetIdBelowMaxDeleted);
    case Refusal::entries_added_too_small:
      return std::string(errors::kSetIdEntriesAddedTooSmall);
    case Refusal::disk_full:
    case Refusal::log_unavailable:
      return errors::log_not_writable(outcome.detail);
    case Refusal::too_large:
      return std::string(errors::kWriteTooLarge);
    // The commands of groups have sentences of their own.
    case Refusal::no_such_group:
    case Refusal::group_exists:
    case Refusal::log_unreadable:
    case Refusal::watched_changed:
    case Refusal::none:
      break;
  }
  return errors::log_not_readable(outcome.detail);
}

bool reply_refusal(CommandContext& context, std::span<const DurableOutcome> outcomes) {
  const auto refused = std::find_if(outcomes.begin(), outcomes.end(),
                                    [](const DurableOutcome& outcome) { return outcome.refusal != Refusal::none; });
  if (refused == outcomes.end()) return false;
  context.reply.error(sentence_of(*refused));
  return true;
}

void reply_count(CommandContext& context, std::span<const DurableOutcome> outcomes) {
  if (reply_refusal(context, outcomes)) return;
  std::uint64_t count = 0;
  for (const DurableOutcome& outcome : outcomes) count += outcome.count;
  context.reply.integer(static_cast<std::int64_t>(count));
}

void reply_done(CommandContext& context, std::span<const DurableOutcome> outcomes) {
  if (!reply_refusal(context, outcomes)) context.reply.ok();
}

}  // namespace respublica
