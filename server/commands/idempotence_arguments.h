#pragma once
// The arguments that make adding to a stream idempotent. Every error is the whole error reply, in Redis's words.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/result.h"
#include "server/commands/argument_values.h"

namespace respublica {

/// Who sends a message, and which one it is; without `iid` it is known by what is in it.
struct ProducerWords {
  std::string_view producer;
  std::optional<std::string_view> iid;
};

/// Reads IDMPAUTO producer-id, or IDMP producer-id idempotent-id, at `at` of an XADD, and moves `at` to its last
/// argument. False when there is neither, or too little behind it.
Result<bool> read_producer(StreamArguments arguments, std::size_t& at, std::optional<ProducerWords>& words);

/// What XCFGSET sets, as IdempotenceLimits has it. At least one.
struct StreamSettings {
  std::optional<std::uint32_t> duration_s;
  std::optional<std::uint32_t> most;
};

/// XCFGSET key [IDMP-DURATION seconds] [IDMP-MAXSIZE count]
Result<StreamSettings> parse_stream_settings(StreamArguments arguments);

}  // namespace respublica
