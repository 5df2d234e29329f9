#include "server/commands/authentication.h"

#include <algorithm>

#include "protocol/error_replies.h"
#include "server/command_context.h"
#include "server/io_thread.h"

namespace respublica {
namespace {

/// Takes as long for a wrong password as for the right one, so that time tells nothing about it but its length.
bool secrets_equal(std::string_view given, std::string_view expected) {
  unsigned difference = given.size() == expected.size() ? 0 : 1;
  for (std::size_t i = 0; i < given.size(); ++i) {
    const char against = expected.empty() ? '\0' : expected[i % expected.size()];
    difference |= static_cast<unsigned char>(given[i] ^ against);
  }
  return difference == 0;
}

}  // namespace

bool authenticate(CommandContext& context, std::string_view user, std::string_view password) {
  const std::string& expected = context.io.settings().requirepass;
  const bool right_password = expected.empty() || secrets_equal(password, expected);
  if (user != kDefaultUser || !right_password) {
    context.reply.error(errors::kWrongPass);
    return false;
  }
  context.client.authenticated = true;
  return true;
}

bool is_valid_client_name(std::string_view name) {
  return std::all_of(name.begin(), name.end(), [](char c) { return c >= '!' && c <= '~'; });
}

void set_client_name(CommandContext& context, std::string_view name) {
  if (name.empty() && !context.client.details) return;
  context.client.ensure_details().name = name;
}

}  // namespace respublica
