#include "server/commands/durable_errors.h"

#include "protocol/error_replies.h"

namespace respublica {

std::string durable_error(const DurableOutcome& outcome) {
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
    case Refusal::log_unreadable:
    case Refusal::none:
      break;
  }
  return errors::log_not_readable(outcome.detail);
}

}  // namespace respublica
