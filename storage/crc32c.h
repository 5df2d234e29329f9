#pragma once
// The checksum of everything in the log.

#include <cstdint>
#include <string_view>

namespace respublica {

/// CRC-32C (Castagnoli; RFC 3720, appendix B.4) of `bytes`, begun with `seed`: 0 for the plain checksum, or a salt,
/// with which the bytes of another file do not pass for this one's. Thread: any.
std::uint32_t crc32c(std::uint32_t seed, std::string_view bytes);

}  // namespace respublica
