#pragma once
// Decides XREADGROUP.

#include <string>

#include "broker/group_edit.h"

namespace respublica {

/// Entries of a group that nobody has, above which no new ones are passed over for their keys (`order-by`).
inline constexpr std::size_t kMostParked = 1000;

/// How far a look for new entries of a virtual channel goes: so many entries, or bytes of the log.
inline constexpr std::size_t kMostOfLook = 1000;
inline constexpr std::uint64_t kLookBytes = 256 * 1024;

/// As https://redis.io/docs/latest/commands/xreadgroup/ has it, without the waiting: a GroupReading without channels
/// says that there was nothing to give. New entries of a virtual channel are given by looks alone.
DurableOutcome decide(GroupEdit& edit, const std::string& channel, const ReadGroup& command);

}  // namespace respublica
