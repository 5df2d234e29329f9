#pragma once

#include <cstdint>
#include <string_view>

namespace respublica {

/// Why a session ends; its text goes into the log and into counters.
enum class CloseReason : std::uint8_t {
  peer_closed,
  read_error,
  write_error,
  quit,
  protocol_error,
  killed,
  idle_timeout,
  output_hard_limit,
  output_soft_limit,
  query_buffer_limit,
  log_unreadable,
  shutdown,
};

std::string_view to_string(CloseReason reason);

}  // namespace respublica
