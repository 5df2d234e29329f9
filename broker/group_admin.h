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

}  // namespace respublica
