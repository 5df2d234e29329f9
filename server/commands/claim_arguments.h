#pragma once
// The arguments of the commands that take pending entries from a consumer: XCLAIM, XAUTOCLAIM, XNACK.

#include "server/commands/group_arguments.h"

namespace respublica {

/// XCLAIM key group consumer min-idle-time id [id ...] [IDLE ms] [TIME unix-time-ms] [RETRYCOUNT count] [FORCE]
/// [JUSTID] [LASTID id]. What is no ID ends the IDs.
GroupRequest<ClaimEntries> parse_claim(StreamArguments arguments);

/// XAUTOCLAIM key group consumer min-idle-time start [COUNT count] [JUSTID]
Result<ClaimIdle> parse_claim_idle(StreamArguments arguments);

/// XNACK key group SILENT|FAIL|FATAL IDS numids id [id ...] [RETRYCOUNT count] [FORCE] [REASON text] [DELAY ms]
GroupRequest<ReleaseEntries> parse_release(StreamArguments arguments);

}  // namespace respublica
