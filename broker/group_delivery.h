#pragma once
// Decides XREADGROUP.

#include <string>

#include "broker/group_edit.h"

namespace respublica {

/// Entries of a group that nobody has, above which no new ones are passed over for their keys (`order-by`).
inline constexpr std::size_t kMostParked = 1000;

/// As https://redis.io/docs/latest/commands/xreadgroup/ has it, without the waiting: a GroupReading without channels
/// says that there was nothing to give.
DurableOutcome decide(GroupEdit& edit, const std::string& channel, const ReadGroup& command);

}  // namespace respublica
