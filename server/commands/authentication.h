#pragma once

#include <string_view>

namespace respublica {

struct CommandContext;

/// The one user there is.
inline constexpr std::string_view kDefaultUser = "default";

/// Takes name and password from AUTH or HELLO: marks the client as authenticated, or answers WRONGPASS and returns
/// false. Without a password in the settings every password is right, as in Redis.
bool authenticate(CommandContext& context, std::string_view user, std::string_view password);

/// A client's name has only printable ASCII characters other than the space; it may be empty.
bool is_valid_client_name(std::string_view name);

/// Names the client, or takes its name away when `name` is empty.
void set_client_name(CommandContext& context, std::string_view name);

}  // namespace respublica
