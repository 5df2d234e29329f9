#pragma once
// Decides what becomes of pending entries when time passes, though no consumer asks for anything.

#include <string>
#include <vector>

#include "broker/group_edit.h"

namespace respublica {

/// Entries that a sweep changes at once.
inline constexpr std::size_t kSweptAtOnce = 256;

/// Entries whose delay is over may be had again; those that were delivered as often as the rule allows and whose
/// consumer has let `ack-wait` pass become dead letters. Counts what it has changed: kSweptAtOnce at most, and then
/// there may be more. Who waits for entries is woken.
DurableOutcome decide(GroupEdit& edit, const std::string& channel, const SweepGroup& command);

/// Those that become dead letters, at most kSweptAtOnce.
std::vector<StreamId> dying(const ConsumerGroup& group, const GroupRule& rule, const SweepGroup& command);

}  // namespace respublica
