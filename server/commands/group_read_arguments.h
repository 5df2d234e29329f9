#pragma once
// The arguments of XREADGROUP.

#include <chrono>
#include <optional>

#include "server/commands/group_arguments.h"

namespace respublica {

struct GroupReadRequest {
  /// With a fault, `places` are those that Redis looks at before it says so: the last of them is the one that is wrong.
  GroupRequest<ReadGroup> reading;
  /// Absent: does not wait. 0: for ever.
  std::optional<std::chrono::milliseconds> block;
};

/// XREADGROUP GROUP group consumer [COUNT count] [MAXCOUNT count] [MAXSIZE bytes] [BLOCK milliseconds]
/// [CLAIM min-idle-time] [NOACK] STREAMS key [key ...] id|> [id|> ...]
Result<GroupReadRequest> parse_group_read(StreamArguments arguments);

}  // namespace respublica
