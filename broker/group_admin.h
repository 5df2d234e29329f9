#pragma once
// Decides XGROUP.

#include <string>

#include "broker/group_edit.h"

namespace respublica {

/// As https://redis.io/docs/latest/commands/xgroup-create/ and its like have it.
DurableOutcome decide(GroupEdit& edit, const std::string& channel, const MakeGroup& command);
DurableOutcome decide(GroupEdit& edit, const std::string& channel, const SetGroup& command);
DurableOutcome decide(GroupEdit& edit, const std::string& channel, const DropGroup& command);
DurableOutcome decide(GroupEdit& edit, const std::string& channel, const MakeConsumer& command);
DurableOutcome decide(GroupEdit& edit, const std::string& channel, const DropConsumer& command);

/// The consumer goes, with what it has pending; where a rule holds, others may have that.
void drop_consumer(GroupEdit& edit, const GroupEdit::Place& place, const Consumer& consumer);

}  // namespace respublica
