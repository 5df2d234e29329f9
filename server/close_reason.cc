#include "server/close_reason.h"

namespace respublica {

std::string_view to_string(CloseReason reason) {
  switch (reason) {
    case CloseReason::peer_closed:
      return "closed by the client";
    case CloseReason::read_error:
      return "read error";
    case CloseReason::write_error:
      return "write error";
    case CloseReason::quit:
      return "quit";
    case CloseReason::protocol_error:
      return "protocol error";
    case CloseReason::killed:
      return "killed";
    case CloseReason::idle_timeout:
      return "idle timeout";
    case CloseReason::output_hard_limit:
      return "hard output buffer limit";
    case CloseReason::output_soft_limit:
      return "soft output buffer limit";
    case CloseReason::query_buffer_limit:
      return "query buffer limit";
    case CloseReason::log_unreadable:
      return "the log cannot be read";
    case CloseReason::shutdown:
      return "shutdown";
  }
  return "unknown";
}

}  // namespace respublica
