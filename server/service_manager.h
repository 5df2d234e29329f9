#pragma once
// systemd's notification protocol: https://www.freedesktop.org/software/systemd/man/latest/sd_notify.html

#include <chrono>
#include <string_view>

namespace respublica {

/// Sends `state` ("READY=1\n") to the service manager that started the process; does nothing when there is none.
/// Thread: any.
void notify_service_manager(std::string_view state);

/// How often the service manager wants to hear WATCHDOG=1, from WATCHDOG_USEC; 0 = it does not watch.
std::chrono::microseconds watchdog_interval();

}  // namespace respublica
