#pragma once
// What consumer groups answer, as the bytes of replies. The order of fields is Redis's; old clients fail on a field
// more.

#include "broker/group_command.h"
#include "protocol/reply_encoder.h"

namespace respublica {

/// XREADGROUP.
void write_reading(ReplyEncoder& reply, const GroupReading& reading);
/// XCLAIM.
void write_claimed(ReplyEncoder& reply, const ClaimedEntries& claimed);
/// XAUTOCLAIM.
void write_claimed_idle(ReplyEncoder& reply, const ClaimedEntries& claimed);
/// XPENDING key group.
void write_pending_summary(ReplyEncoder& reply, const PendingSummary& summary);
/// XPENDING with a range.
void write_pending_details(ReplyEncoder& reply, const PendingDetails& details);
/// XINFO GROUPS.
void write_groups(ReplyEncoder& reply, const GroupDetails& details);
/// XINFO CONSUMERS.
void write_consumers(ReplyEncoder& reply, const ConsumerDetails& details);
/// The groups of XINFO STREAM ... FULL.
void write_groups_in_full(ReplyEncoder& reply, const GroupDetails& details);
/// XACKDEL, XDELEX.
void write_fates(ReplyEncoder& reply, const EntryFates& fates);

}  // namespace respublica
