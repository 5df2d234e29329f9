#pragma once
// Answers XPENDING and XINFO: nothing changes.

#include <string>

#include "broker/group_edit.h"

namespace respublica {

/// https://redis.io/docs/latest/commands/xpending/
DurableOutcome decide(GroupEdit& edit, const std::string& channel, const CountPending& command);
DurableOutcome decide(GroupEdit& edit, const std::string& channel, const ListPending& command);
/// https://redis.io/docs/latest/commands/xinfo-groups/ and its like.
DurableOutcome decide(GroupEdit& edit, const std::string& channel, const ShowGroups& command);
DurableOutcome decide(GroupEdit& edit, const std::string& channel, const ShowConsumers& command);
DurableOutcome decide(GroupEdit& edit, const std::string& channel, const ShowGroupsInFull& command);

}  // namespace respublica
