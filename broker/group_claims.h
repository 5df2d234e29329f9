#pragma once
// Decides XCLAIM and XAUTOCLAIM.

#include <string>

#include "broker/group_edit.h"

namespace respublica {

/// https://redis.io/docs/latest/commands/xclaim/
DurableOutcome decide(GroupEdit& edit, const std::string& channel, const ClaimEntries& command);
/// https://redis.io/docs/latest/commands/xautoclaim/
DurableOutcome decide(GroupEdit& edit, const std::string& channel, const ClaimIdle& command);

}  // namespace respublica
