#pragma once
// Decides XCLAIM, XAUTOCLAIM and XNACK.

#include <string>

#include "broker/group_edit.h"

namespace respublica {

/// https://redis.io/docs/latest/commands/xclaim/
DurableOutcome decide(GroupEdit& edit, const std::string& channel, const ClaimEntries& command);
/// https://redis.io/docs/latest/commands/xautoclaim/
DurableOutcome decide(GroupEdit& edit, const std::string& channel, const ClaimIdle& command);
/// https://redis.io/docs/latest/commands/xnack/: counts entries that were given back.
DurableOutcome decide(GroupEdit& edit, const std::string& channel, const ReleaseEntries& command);

}  // namespace respublica
