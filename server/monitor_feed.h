#pragma once
// MONITOR.

#include <span>
#include <string>
#include <string_view>

namespace respublica {

class IoThread;
class Session;

/// The line that MONITOR shows for a command, without CRLF: `+<unix time> [<db> <address>] "<argument>" ...`.
std::string monitor_line(double unix_time, std::size_t database, std::string_view address,
                         std::span<const std::string_view> arguments);

/// Sends the line to every client in MONITOR, on all io threads.
/// Thread: the session's io thread.
void feed_monitors(IoThread& io, Session& session, std::span<const std::string_view> arguments);

}  // namespace respublica
