#include "protocol/stream_error_replies.h"

namespace respublica::errors {

namespace {

template <typename... Parts>
std::string concat(Parts... parts) {
  std::string text;
  text.reserve((std::string_view(parts).size() + ...));
  (text.append(parts), ...);
  return text;
}

}  // namespace

std::string no_such_group(std::string_view key, std::string_view group) {
  return concat("NOGROUP No such key '", key, "' or consumer group '", group, "'");
}

std::string no_such_group_in_xreadgroup(std::string_view key, std::string_view group) {
  return concat("NOGROUP No such key '", key, "' or consumer group '", group, "' in XREADGROUP with GROUP option");
}

std::string no_such_group_for_key(std::string_view key, std::string_view group) {
  return concat("NOGROUP No such consumer group '", group, "' for key name '", key, "'");
}

std::string invalid_min_idle_time(std::string_view command) {
  return concat("ERR Invalid min-idle-time argument for ", command);
}

std::string invalid_xclaim_value(std::string_view option) {
  return concat("ERR Invalid ", option, " option argument for XCLAIM");
}

std::string unrecognized_xclaim_option(std::string_view option) {
  return concat("ERR Unrecognized XCLAIM option '", option, "'");
}

std::string unrecognized_xnack_option(std::string_view option) {
  return concat("ERR Unrecognized XNACK option '", option, "'");
}

std::string log_unavailable(std::string_view reason) {
  return concat("MISCONF Errors writing to the AOF file: ", reason);
}

}  // namespace respublica::errors
