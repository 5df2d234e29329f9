#include "storage/segment_format.h"

#include <charconv>

#include "storage/byte_codec.h"
#include "storage/crc32c.h"

namespace respublica {
namespace {

constexpr std::string_view kSegmentMagic = "RPUBLOG1";
constexpr std::string_view kCompactMagic = "RPUBCMP1";
constexpr std::uint32_t kFrameMagic = 0x31465052;  // "RPF1"
constexpr std::size_t kSegmentCrcAt = 8;
constexpr std::size_t kSegmentCrcFrom = 12;
constexpr std::size_t kFrameCrcFrom = 8;
constexpr std::size_t kPositionDigits = 20;
constexpr std::string_view kSegmentSuffix = ".log";
constexpr std::string_view kCompactSuffix = ".compact";
/// No part of a file is longer: with it, lengths can be added without fear.
constexpr std::uint64_t kMaxPartBytes = std::uint64_t{1} << 61;

/// What both kinds of headers begin with.
std::string begin_header(std::string_view magic, const SegmentHeader& header) {
  std::string bytes(magic);
  put_fixed(bytes, std::uint32_t{0});
  put_fixed(bytes, header.salt);
  put_fixed(bytes, header.base.value);
  put_fixed(bytes, header.created_ms);
  return bytes;
}

void finish_header(std::string& bytes) {
  bytes.resize(kSegmentHeaderBytes, '\0');
  set_fixed(bytes.data() + kSegmentCrcAt, crc32c(0, std::string_view(bytes).substr(kSegmentCrcFrom)));
}

/// Reads what begin_header() wrote, and leaves `reader` behind it.
Result<SegmentHeader> read_header(ByteReader& reader, std::string_view magic) {
  if (reader.rest().size() < kSegmentHeaderBytes) return Error{"the file is shorter than the header of a segment"};
  reader = ByteReader(reader.rest().substr(0, kSegmentHeaderBytes));
  if (reader.take(magic.size()) != magic) return Error{"the file does not begin as a segment does"};
  const auto crc = reader.fixed<std::uint32_t>();
  if (crc != crc32c(0, reader.rest())) return Error{"the header of the segment is damaged (checksum)"};
  SegmentHeader header;
  header.salt = reader.fixed<std::uint32_t>();
  header.base.value = reader.fixed<std::uint64_t>();
  header.created_ms = reader.fixed<std::uint64_t>();
  return header;
}

}  // namespace

std::string encode_segment_header(const SegmentHeader& header) {
  std::string bytes = begin_header(kSegmentMagic, header);
  finish_header(bytes);
  return bytes;
}

Result<SegmentHeader> decode_segment_header(std::string_view bytes) {
  ByteReader reader(bytes);
  return read_header(reader, kSegmentMagic);
}

std::string position_name(LogPosition position, std::string_view suffix) {
  const std::string digits = std::to_string(position.value);
  return std::string(kPositionDigits - digits.size(), '0') + digits + std::string(suffix);
}

std::optional<LogPosition> parse_position_name(std::string_view name, std::string_view suffix) {
  if (name.size() != kPositionDigits + suffix.size() || !name.ends_with(suffix)) return std::nullopt;
  LogPosition position;
  const char* end = name.data() + kPositionDigits;
  const auto [stopped, error] = std::from_chars(name.data(), end, position.value);
  if (error != std::errc() || stopped != end) return std::nullopt;
  return position;
}

std::string segment_name(LogPosition base) { return position_name(base, kSegmentSuffix); }

std::optional<LogPosition> parse_segment_name(std::string_view name) {
  return parse_position_name(name, kSegmentSuffix);
}

std::string encode_compact_header(const CompactHeader& header) {
  std::string bytes = begin_header(kCompactMagic, header.segment);
  put_fixed(bytes, header.end.value);
  put_fixed(bytes, header.last_frame_crc);
  put_fixed(bytes, header.table_crc);
  put_fixed(bytes, header.kept_bytes);
  put_fixed(bytes, header.table_bytes);
  finish_header(bytes);
  return bytes;
}

Result<CompactHeader> decode_compact_header(std::string_view bytes) {
  ByteReader reader(bytes);
  const auto segment = read_header(reader, kCompactMagic);
  if (!segment) return segment.error();
  CompactHeader header;
  header.segment = segment.value();
  header.end.value = reader.fixed<std::uint64_t>();
  header.last_frame_crc = reader.fixed<std::uint32_t>();
  header.table_crc = reader.fixed<std::uint32_t>();
  header.kept_bytes = reader.fixed<std::uint64_t>();
  header.table_bytes = reader.fixed<std::uint64_t>();
  const LogPosition base = header.segment.base;
  const bool is_possible = base < header.end && header.kept_bytes <= header.end - base &&
                           header.kept_bytes <= kMaxPartBytes && header.table_bytes <= kMaxPartBytes;
  if (!is_possible) return Error{"the header of the segment contradicts itself"};
  return header;
}

std::string compact_segment_name(LogPosition base) { return position_name(base, kCompactSuffix); }

std::optional<LogPosition> parse_compact_segment_name(std::string_view name) {
  return parse_position_name(name, kCompactSuffix);
}

void encode_frame_header(FrameHeader& header, std::uint32_t salt, char* at) {
  set_fixed(at, kFrameMagic);
  set_fixed(at + 8, header.payload_bytes);
  set_fixed(at + 12, header.records);
  set_fixed(at + 16, header.position.value);
  set_fixed(at + 24, header.durable.value);
  set_fixed(at + 32, header.time_ms);
  set_fixed(at + 40, header.previous_crc);
  set_fixed(at + 44, header.payload_crc);
  header.header_crc = crc32c(salt, {at + kFrameCrcFrom, kFrameHeaderBytes - kFrameCrcFrom});
  set_fixed(at + 4, header.header_crc);
}

std::optional<FrameHeader> decode_frame_header(std::string_view bytes, std::uint32_t salt) {
  const std::optional<FrameHeader> header = decode_kept_frame_header(bytes);
  if (!header) return std::nullopt;
  const std::string_view checked = bytes.substr(kFrameCrcFrom, kFrameHeaderBytes - kFrameCrcFrom);
  if (header->header_crc != crc32c(salt, checked)) return std::nullopt;
  return header;
}

std::optional<FrameHeader> decode_kept_frame_header(std::string_view bytes) {
  if (bytes.size() < kFrameHeaderBytes) return std::nullopt;
  ByteReader reader(bytes.substr(0, kFrameHeaderBytes));
  if (reader.fixed<std::uint32_t>() != kFrameMagic) return std::nullopt;
  FrameHeader header;
  header.header_crc = reader.fixed<std::uint32_t>();
  header.payload_bytes = reader.fixed<std::uint32_t>();
  header.records = reader.fixed<std::uint32_t>();
  header.position.value = reader.fixed<std::uint64_t>();
  header.durable.value = reader.fixed<std::uint64_t>();
  header.time_ms = reader.fixed<std::uint64_t>();
  header.previous_crc = reader.fixed<std::uint32_t>();
  header.payload_crc = reader.fixed<std::uint32_t>();
  return header;
}

}  // namespace respublica
