#pragma once
// The arguments of XACKDEL and XDELEX, which say what becomes of the references that groups have to an entry.

#include <optional>
#include <string_view>

#include "server/commands/group_arguments.h"

namespace respublica {

/// KEEPREF, DELREF, ACKED in any case; none when it is another word.
std::optional<References> parse_references(std::string_view word);

/// XACKDEL key group [KEEPREF|DELREF|ACKED] IDS numids id [id ...]. With a fault, `ids` are as many as there were, each
/// 0-0, which no entry has.
Result<GroupRequest<AcknowledgeAndDelete>> parse_acknowledge_and_delete(StreamArguments arguments);

/// XDELEX key [KEEPREF|DELREF|ACKED] IDS numids id [id ...]. The same; Redis looks for the stream.
Result<GroupRequest<DeleteReferenced>> parse_delete_referenced(StreamArguments arguments);

}  // namespace respublica
