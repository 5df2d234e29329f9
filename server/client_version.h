#pragma once
// What a client is known to understand, by what it says of itself (CLIENT SETINFO).

#include <string_view>

namespace respublica {

/// It takes the fields about idempotent producers that Redis 8.6 added to XINFO STREAM. A client that is not known
/// takes those of Redis 7 alone: some fail on others. `lib_name` may have a suffix in brackets, `lib_ver` is numbers
/// and dots.
bool takes_idempotence_fields(std::string_view lib_name, std::string_view lib_ver);

}  // namespace respublica
