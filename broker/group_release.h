#pragma once
// Decides XNACK and DLQ MOVE.

#include <string>

#include "broker/group_edit.h"

namespace respublica {

/// https://redis.io/docs/latest/commands/xnack/: counts entries that were given back. Where a rule holds, those that
/// have failed wait as it says, and those that nobody can process, or that have failed too often, become dead letters.
/// What an operator moves becomes one without a rule, too, in the channel that a rule has if it does not say.
DurableOutcome decide(GroupEdit& edit, const std::string& channel, const ReleaseEntries& command);

/// The rule by which entries of the command die, where the channel has `rule`; null: they do not.
const GroupRule* dying_by(const GroupRule* rule, const ReleaseEntries& command);

/// Those of the entries that may become dead letters.
std::vector<StreamId> may_die(const ConsumerGroup& group, const GroupRule& rule, const ReleaseEntries& command);

}  // namespace respublica
