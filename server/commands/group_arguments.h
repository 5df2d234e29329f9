#pragma once
// The arguments of XGROUP, XACK and XPENDING, read into what the sequencer is asked for. Every error is the whole error
// reply, in Redis's words, and the one that Redis finds first.

#include <string>
#include <variant>

#include "broker/group_command.h"
#include "server/commands/argument_values.h"

namespace respublica {

/// A change that a request asks for, or what is wrong with the request.
template <typename Change>
struct GroupRequest {
  Change change;
  /// Not empty: an error that Redis only says where the group is there (XGROUP CREATE: the stream); `change` counts no
  /// more. It has read these arguments behind a look at the group.
  std::string fault;
};

/// XGROUP CREATE key group id|$ [MKSTREAM] [ENTRIESREAD entries-read]
Result<GroupRequest<MakeGroup>> parse_make_group(StreamArguments arguments);

/// XGROUP SETID key group id|$ [ENTRIESREAD entries-read]
Result<GroupRequest<SetGroup>> parse_set_group(StreamArguments arguments);

/// XACK key group id [id ...]
GroupRequest<Acknowledge> parse_acknowledge(StreamArguments arguments);

/// XPENDING key group [[IDLE min-idle-time] start end count [consumer]]
Result<std::variant<CountPending, ListPending>> parse_pending(StreamArguments arguments);

}  // namespace respublica
