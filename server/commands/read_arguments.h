#pragma once
// How much is read: what the arguments of XREAD and XREADGROUP have in common.

#include <cstdint>
#include <string_view>

#include "base/result.h"
#include "broker/read_caps.h"

namespace respublica {

/// COUNT, MAXCOUNT or MAXSIZE.
bool is_read_limit(std::string_view option);
/// Reads one of these. COUNT is of each stream, 0 = all; the others are of all streams together.
Result<void> read_limit(std::string_view option, std::string_view value, std::uint64_t& count, ReadCaps& caps);
/// An error when they do not go together.
Result<void> check_read_limits(std::uint64_t count, const ReadCaps& caps);

}  // namespace respublica
