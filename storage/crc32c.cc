#include "storage/crc32c.h"

#include <isa-l/crc.h>

#include <algorithm>

namespace respublica {

std::uint32_t crc32c(std::uint32_t seed, std::string_view bytes) {
  // The library takes an int for the length, and a pointer that it does not write through.
  constexpr std::size_t kPart = std::size_t{1} << 30;
  std::uint32_t crc = ~seed;
  while (!bytes.empty()) {
    const std::string_view part = bytes.substr(0, std::min(bytes.size(), kPart));
    crc = crc32_iscsi(reinterpret_cast<unsigned char*>(const_cast<char*>(part.data())), static_cast<int>(part.size()),
                      crc);
    bytes.remove_prefix(part.size());
  }
  return ~crc;
}

}  // namespace respublica
