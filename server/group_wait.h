#pragma once
// Clients that wait for entries of consumer groups: XREADGROUP BLOCK.

#include <chrono>
#include <optional>

#include "broker/group_command.h"
#include "server/durable_run.h"

namespace respublica {

struct CommandContext;

/// Has the reading decided. While there is nothing to give, the client is blocked and the sequencer keeps the reading:
/// for `timeout` (0 = for ever; none = until all there is has been looked at: of a virtual channel), until CLIENT
/// UNBLOCK, or until the connection ends. Whether it was given something is the sequencer's to say alone, so that no
/// entry is given to a client that has been told that its time is over. Not inside EXEC. Thread: the session's io
/// thread.
void wait_for_entries(CommandContext& context, ReadGroup reading, std::optional<std::chrono::milliseconds> timeout,
                      DurableRun::Answer write_reply);

}  // namespace respublica
