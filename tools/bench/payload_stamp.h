#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace respublica::bench {

/// What a publisher writes at the start of every payload and a subscriber checks: who sent it, which of this
/// publisher's messages it is, and when it was meant to be sent. Binary, in the byte order of the machine: both ends
/// are this program.
struct PayloadStamp {
  std::uint32_t magic = kMagic;
  std::uint32_t publisher = 0;
  std::uint64_t sequence = 0;
  std::int64_t sent_ns = 0;  ///< CLOCK_MONOTONIC

  static constexpr std::uint32_t kMagic = 0x7e5b0b11;
};

/// Bytes of a stamp; the smallest payload.
inline constexpr std::size_t kStampSize = sizeof(PayloadStamp);
static_assert(kStampSize == 24);

/// What follows the stamp, up to the payload's size.
inline constexpr char kPadding = 'x';

inline PayloadStamp read_stamp(const char* bytes) {
  PayloadStamp stamp;
  std::memcpy(&stamp, bytes, kStampSize);
  return stamp;
}

inline void write_stamp(const PayloadStamp& stamp, char* bytes) { std::memcpy(bytes, &stamp, kStampSize); }

}  // namespace respublica::bench
