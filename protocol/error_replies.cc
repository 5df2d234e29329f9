#include "protocol/error_replies.h"

#include <algorithm>

namespace respublica::errors {

namespace {

/// Redis prints names with "%.128s".
constexpr std::size_t kShown = 128;

std::string_view cut(std::string_view text, std::size_t length) {
  text = text.substr(0, length);
  return text.substr(0, text.find('\0'));
}

template <typename... Parts>
std::string concat(Parts... parts) {
  std::string text;
  text.reserve((std::string_view(parts).size() + ...));
  (text.append(parts), ...);
  return text;
}

std::string upper_case(std::string_view text) {
  std::string upper(text);
  std::transform(upper.begin(), upper.end(), upper.begin(),
                 [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
  return upper;
}

}  // namespace

std::string unknown_command(const std::vector<std::string_view>& arguments) {
  std::string listed;
  for (std::size_t i = 1; i < arguments.size() && listed.size() < kShown; ++i) {
    listed += '\'';
    listed += cut(arguments[i], kShown - (listed.size() - 1));
    listed += "' ";
  }
  const std::string_view name = arguments.empty() ? std::string_view() : arguments[0];
  return concat("ERR unknown command '", cut(name, kShown), "', with args beginning with: ", listed);
}

std::string unknown_subcommand(std::string_view container, std::string_view subcommand) {
  return concat("ERR unknown subcommand '", cut(subcommand, kShown), "'. Try ", upper_case(container), " HELP.");
}

std::string unknown_subcommand_or_arity(std::string_view container, std::string_view subcommand) {
  return concat("ERR unknown subcommand or wrong number of arguments for '", cut(subcommand, kShown), "'. Try ",
                upper_case(container), " HELP.");
}

std::string wrong_number_of_arguments(std::string_view name) {
  return concat("ERR wrong number of arguments for '", name, "' command");
}

std::string out_of_range(std::int64_t lowest, std::int64_t highest) {
  return concat("ERR value is out of range, value must between ", std::to_string(lowest), " and ",
                std::to_string(highest));
}

std::string with_code(std::string_view sentence) { return concat("ERR ", sentence); }

std::string hello_syntax(std::string_view option) {
  return concat("ERR Syntax error in HELLO option '", cut(option, option.size()), "'");
}

std::string unknown_client_type(std::string_view type) {
  return concat("ERR Unknown client type '", cut(type, type.size()), "'");
}

std::string no_such_user(std::string_view user) { return concat("ERR No such user '", cut(user, user.size()), "'"); }

std::string client_attribute(std::string_view attribute) {
  return concat("ERR ", attribute, " cannot contain spaces, newlines or special characters.");
}

std::string unrecognized_option(std::string_view option) {
  return concat("ERR Unrecognized option '", cut(option, option.size()), "'");
}

std::string not_allowed_while_subscribed(std::string_view name) {
  return concat("ERR Can't execute '", name,
                "': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are allowed in this context");
}

std::string exec_aborted_because(std::string_view error) {
  if (error.starts_with("ERR ")) error.remove_prefix(4);
  return concat("EXECABORT Transaction discarded because of: ", error);
}

std::string unknown_setting(std::string_view name) {
  return concat("ERR Unknown option or number of arguments for CONFIG SET - '", cut(name, name.size()), "'");
}

std::string config_set_failed(std::string_view name, std::string_view reason) {
  return concat("ERR CONFIG SET failed (possibly related to argument '", cut(name, name.size()), "')",
                reason.empty() ? "" : " - ", reason);
}

std::string duplicate_setting(std::string_view name) { return config_set_failed(name, "duplicate parameter"); }

std::string tracking_prefixes_overlap(std::string_view prefix, std::string_view other) {
  return concat("ERR Prefix '", prefix, "' overlaps with another provided prefix '", other,
                "'. Prefixes for a single client must not overlap.");
}

std::string unknown_acl_category(std::string_view category) { return concat("ERR Unknown category '", category, "'"); }

std::string user_not_found(std::string_view user) { return concat("ERR User '", user, "' not found"); }

std::string command_not_found(std::string_view command) { return concat("ERR Command '", command, "' not found"); }

std::string unsupported_option(std::string_view option) { return concat("ERR Unsupported option ", option); }

std::string invalid_expire_time(std::string_view command) {
  return concat("ERR invalid expire time in '", command, "' command");
}

std::string log_not_writable(std::string_view reason) {
  return concat("MISCONF Errors writing to the AOF file: ", reason);
}

std::string log_not_readable(std::string_view reason) { return concat("ERR ", reason); }

std::string reserved_field(std::string_view reason) { return concat("ERR ", reason); }

std::string malformed_since(std::string_view name) {
  return concat(
      "ERR '", cut(name, name.size()),
      "' is not $since:<from>:<channel>, where <from> is an ID, milliseconds since 1970, a duration with ms, s, "
      "m, h or d, or 0");
}

std::string since_not_durable(std::string_view channel) {
  return concat("ERR no entries are kept of '", cut(channel, channel.size()), "': no durable rule matches it");
}

std::string no_such_group_to_read(std::string_view key, std::string_view group) {
  return concat(no_such_key_or_group(key, group), " in XREADGROUP with GROUP option");
}

std::string no_such_key_or_group(std::string_view key, std::string_view group) {
  return concat("NOGROUP No such key '", cut(key, key.size()), "' or consumer group '", cut(group, group.size()), "'");
}

std::string no_such_group_of_key(std::string_view key, std::string_view group) {
  return concat("NOGROUP No such consumer group '", cut(group, group.size()), "' for key name '", cut(key, key.size()),
                "'");
}

std::string invalid_claim_argument(std::string_view command, std::string_view argument) {
  return concat("ERR Invalid ", argument, " argument for ", command);
}

std::string unrecognized_command_option(std::string_view command, std::string_view option) {
  return concat("ERR Unrecognized ", command, " option '", cut(option, option.size()), "'");
}

std::string no_latency_samples(std::string_view event) {
  return concat("ERR No samples available for event '", event, "'");
}

}  // namespace respublica::errors
