#pragma once

#include <cstdint>

namespace respublica {

/// The version of RESP that a connection speaks (HELLO 2 or HELLO 3).
enum class ProtocolVersion : std::uint8_t { resp2 = 2, resp3 = 3 };

}  // namespace respublica
