#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "base/result.h"

namespace respublica::bench {

/// The length in bytes of the RESP2 or RESP3 value at the start of `bytes`, with everything nested in it; no value
/// if it is not complete yet. Error: this is no RESP. Used for the few replies of a run's preparation.
Result<std::optional<std::size_t>> reply_length(std::string_view bytes);

}  // namespace respublica::bench
