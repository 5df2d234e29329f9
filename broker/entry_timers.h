#pragma once
// Entries whose time comes: those that wait, and those that expire by themselves.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "broker/entry_departure.h"
#include "broker/group_edit.h"

namespace respublica {

/// Times are kept as delays of pending entries of a group that the broker has of its own, kTimerGroup: so they are in
/// the log and in checkpoints, and SweepSchedule knows which is next. The group is one of a stream with a name of the
/// broker's own, which goes when it keeps nothing any more:
///
///     $delayed:<channel>   the entries that wait for their time, under the IDs that XADD has answered
///     $ttl:<channel>       no entries: its pending IDs are those of entries of <channel> that have a ttl of their own
inline constexpr std::string_view kDelayedPrefix = "$delayed:";
inline constexpr std::string_view kTtlPrefix = "$ttl:";
inline constexpr std::string_view kTimerGroup = "due";

/// The name is of such a stream.
inline bool is_timers(std::string_view name) {
  return name.starts_with(kDelayedPrefix) || name.starts_with(kTtlPrefix);
}

/// Has the entry of `append` wait until `due_ms`, milliseconds since 1970: the ID is that of the waiting entry.
DurableOutcome delay_entry(GroupEdit& edit, const std::string& channel, const AppendEntry& append,
                           std::uint64_t due_ms);
/// What is done for an entry that has just been appended: it may have a ttl of its own, and nobody may have heard it.
void act_on_new(GroupEdit& edit, const Stream& stream, StreamId id, const AppendEntry& append);

/// The entry has a ttl of its own that the broker will act on.
bool has_ttl_timer(GroupEdit& edit, std::string_view channel, StreamId id);

/// The stream that the entries of such a stream's timers are in.
std::string timed_channel(const std::string& timers);
/// IDs whose time has come, at most kLettersAtOnce.
std::vector<StreamId> due_ids(const ConsumerGroup& group, std::uint64_t now_ms);
/// Entries that waited are appended to their channel, and go where they waited; those that are too old go, and become
/// dead letters of the groups that want them. Counts the timers that are over.
DurableOutcome ring(GroupEdit& edit, const std::string& timers, const SweepGroup& command);

}  // namespace respublica
