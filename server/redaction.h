#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "server/command_table.h"

namespace respublica {

/// The arguments of a request as MONITOR and SLOWLOG may show them: users and passwords of AUTH, HELLO ... AUTH and
/// CONFIG SET requirepass are replaced by "(redacted)". The views point into `arguments` or to constants.
std::vector<std::string_view> redacted(const Command& command, std::span<const std::string_view> arguments);

}  // namespace respublica
