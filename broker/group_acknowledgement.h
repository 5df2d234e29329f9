#pragma once
// Decides XACK, XACKDEL and XDELEX.

#include <string>

#include "broker/group_edit.h"

namespace respublica {

/// https://redis.io/docs/latest/commands/xack/: counts entries that were pending.
DurableOutcome decide(GroupEdit& edit, const std::string& channel, const Acknowledge& command);
/// https://redis.io/docs/latest/commands/xackdel/
DurableOutcome decide(GroupEdit& edit, const std::string& channel, const AcknowledgeAndDelete& command);
/// https://redis.io/docs/latest/commands/xdelex/
DurableOutcome decide(GroupEdit& edit, const std::string& channel, const DeleteReferenced& command);

/// Makes the entries pending in no group of the stream.
void drop_references(GroupEdit& edit, const Stream& stream, const std::vector<StreamId>& ids);
/// A group has the entry pending, or has not been given it yet.
bool is_referenced(GroupEdit& edit, const Stream& stream, StreamId id);

}  // namespace respublica
