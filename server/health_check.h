#pragma once
// `respublica --ping`: is the broker with these settings well? For a container's health check.

#include "base/result.h"
#include "server/settings.h"

namespace respublica {

/// Connects to the first address of `bind` (or to `unixsocket` where there is no TCP port to name), logs in when
/// `requirepass` is set, and sends PING. Blocks for at most two seconds a step. On error, says in one line what is
/// wrong.
///
/// A broker that wants a password which these settings do not know is well too: it answered.
Result<void> ping_broker(const Settings& settings);

/// The same as an exit code: 0 = well, else 1 and the reason on standard error.
int check_health(const Settings& settings);

}  // namespace respublica
