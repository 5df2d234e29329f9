#pragma once

#include <span>
#include <string_view>

namespace respublica {

/// The tips of COMMAND INFO for a command (full name in lower case): what proxies should know of it.
/// https://redis.io/docs/latest/develop/reference/command-tips/
std::span<const std::string_view> command_tips(std::string_view name);

}  // namespace respublica
