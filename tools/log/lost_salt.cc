#include "tools/log/lost_salt.h"

#include <array>
#include <bit>
#include <string>

#include "storage/byte_codec.h"
#include "storage/crc32c.h"
#include "storage/file_window.h"
#include "storage/segment_format.h"
#include "storage/segment_tail.h"

namespace respublica::logtool {
namespace {

// Of a segment's header and of a frame's: docs/log-format.md.
constexpr std::size_t kSaltAt = 12;
constexpr std::size_t kFrameCrcAt = 4;
constexpr std::size_t kFrameCrcFrom = 8;

/// The seed that gives `bytes` the checksum `wanted`. A checksum is linear in its seed: each bit of the seed changes
/// the same bits of the checksum whatever the others are, and the 32 changes are independent.
std::uint32_t seed_for(std::uint32_t wanted, std::string_view bytes) {
  struct Change {
    std::uint32_t seed = 0;
    std::uint32_t crc = 0;
  };
  const std::uint32_t plain = crc32c(0, bytes);
  // By the highest bit of the checksum that it changes.
  std::array<Change, 32> changes{};
  const auto highest = [](std::uint32_t bits) { return static_cast<std::size_t>(std::bit_width(bits)) - 1; };
  for (unsigned bit = 0; bit < 32; ++bit) {
    Change change{std::uint32_t{1} << bit, crc32c(std::uint32_t{1} << bit, bytes) ^ plain};
    while (change.crc != 0 && changes[highest(change.crc)].crc != 0) {
      const Change& other = changes[highest(change.crc)];
      change = {change.seed ^ other.seed, change.crc ^ other.crc};
    }
    if (change.crc != 0) changes[highest(change.crc)] = change;
  }
  std::uint32_t seed = 0;
  for (std::uint32_t left = wanted ^ plain; left != 0;) {
    const Change& change = changes[highest(left)];
    if (change.crc == 0) return 0;
    seed ^= change.seed;
    left ^= change.crc;
  }
  return seed;
}

/// What the frame at the beginning of the segment tells, if both of its checksums agree.
Result<std::optional<std::uint32_t>> salt_of_first_frame(const Segment& segment, std::uint64_t file_bytes) {
  const std::optional<std::uint32_t> none;
  FileWindow window(*segment.file);
  const auto bytes = window.at(kSegmentHeaderBytes, kFrameHeaderBytes);
  if (!bytes) return bytes.error();
  if (bytes.value().size() < kFrameHeaderBytes) return none;
  const auto crc = ByteReader(bytes.value().substr(kFrameCrcAt)).fixed<std::uint32_t>();
  const std::uint32_t salt = seed_for(crc, bytes.value().substr(kFrameCrcFrom));
  const auto header = decode_frame_header(bytes.value(), salt);
  if (!header || header->position != segment.header.base) return none;
  if (header->frame_bytes() > file_bytes - kSegmentHeaderBytes) return none;
  const auto payload = window.at(kSegmentHeaderBytes + kFrameHeaderBytes, header->payload_bytes);
  if (!payload) return payload.error();
  return crc32c(salt, payload.value()) == header->payload_crc ? std::optional(salt) : none;
}

}  // namespace

Result<bool> restore_salt(Segment& segment, std::uint64_t file_bytes, std::string_view header) {
  if (file_bytes <= kSegmentHeaderBytes || header.size() < kSegmentHeaderBytes) return false;
  segment.header.salt = ByteReader(header.substr(kSaltAt)).fixed<std::uint32_t>();
  const LogPosition end = segment.header.base + (file_bytes - kSegmentHeaderBytes);
  const auto frame = find_frame(segment, segment.header.base, end);
  if (!frame) return frame.error();
  if (frame.value()) return true;
  const auto salt = salt_of_first_frame(segment, file_bytes);
  if (!salt) return salt.error();
  segment.header.salt = salt.value().value_or(0);
  return salt.value().has_value();
}

}  // namespace respublica::logtool
