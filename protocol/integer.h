#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace respublica {

/// A decimal number exactly as Redis reads one, in headers and in arguments: an optional "-", then digits without
/// leading zeros. No "+", no "-0", no blanks, nothing beyond int64.
std::optional<std::int64_t> parse_integer(std::string_view text);

}  // namespace respublica
