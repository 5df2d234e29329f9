#pragma once
// The bytes of a segment file around its records: the header of the file and the header of each frame.
// docs/log-format.md shows them with an example.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "storage/log_position.h"

namespace respublica {

/// Where a file's frames begin.
inline constexpr std::uint64_t kSegmentHeaderBytes = 4096;
inline constexpr std::size_t kFrameHeaderBytes = 48;
/// Frames begin at multiples of this, counted from the beginning of the file.
inline constexpr std::uint64_t kFrameAlignment = 8;

/// The first bytes of a segment file.
struct SegmentHeader {
  /// The position of the first frame.
  LogPosition base;
  /// The checksums of the frames are seeded with it, so that bytes of another file never pass for a frame of this one.
  std::uint32_t salt = 0;
  /// Milliseconds since 1970.
  std::uint64_t created_ms = 0;
};

/// kSegmentHeaderBytes of them.
std::string encode_segment_header(const SegmentHeader& header);
/// An error when the bytes are no header, or damaged.
Result<SegmentHeader> decode_segment_header(std::string_view bytes);

/// The name of a file of the log: a position in 20 digits, and what kind of file it is.
std::string position_name(LogPosition position, std::string_view suffix);
/// The position in such a name; none when it is another file's name.
std::optional<LogPosition> parse_position_name(std::string_view name, std::string_view suffix);

/// "00000000000000004096.log": the file that begins at this position.
std::string segment_name(LogPosition base);
/// The position in a segment's name; none when it is another file's name.
std::optional<LogPosition> parse_segment_name(std::string_view name);

/// The first bytes of a compact segment's file: what it covers, and where its parts stand. Behind it are the bytes that
/// the segment keeps, one behind the other, then the table of their places (extent_table.h).
struct CompactHeader {
  /// base: the first position that is covered. The salt seeds the checksum of the table.
  SegmentHeader segment;
  /// The first position behind.
  LogPosition end;
  /// header_crc of the last frame that is covered: the next frame is chained to it.
  std::uint32_t last_frame_crc = 0;
  std::uint32_t table_crc = 0;
  std::uint64_t kept_bytes = 0;
  std::uint64_t table_bytes = 0;

  std::uint64_t table_offset() const { return kSegmentHeaderBytes + kept_bytes; }
  std::uint64_t file_bytes() const { return table_offset() + table_bytes; }
};

/// kSegmentHeaderBytes of them.
std::string encode_compact_header(const CompactHeader& header);
/// An error when the bytes are no header, or damaged, or contradict themselves.
Result<CompactHeader> decode_compact_header(std::string_view bytes);

/// "00000000000000004096.compact", and the position in such a name.
std::string compact_segment_name(LogPosition base);
std::optional<LogPosition> parse_compact_segment_name(std::string_view name);

/// What stands before the records of one commit. Its own checksum covers it, so that a length is never believed that
/// is not what was written.
struct FrameHeader {
  /// Bytes of records behind the header; padding is not counted.
  std::uint32_t payload_bytes = 0;
  std::uint32_t records = 0;
  /// The position of this header.
  LogPosition position;
  /// Everything before this place was on the disk when the frame was built.
  LogPosition durable;
  /// Milliseconds since 1970; never less than in the frame before.
  std::uint64_t time_ms = 0;
  /// header_crc of the frame before, also across files; 0 in the first frame of all.
  std::uint32_t previous_crc = 0;
  std::uint32_t payload_crc = 0;
  /// Of the header itself: set by encode_frame_header() and decode_frame_header().
  std::uint32_t header_crc = 0;

  LogPosition payload_position() const { return position + kFrameHeaderBytes; }
  /// Header, payload and padding.
  std::uint64_t frame_bytes() const {
    return (kFrameHeaderBytes + payload_bytes + kFrameAlignment - 1) / kFrameAlignment * kFrameAlignment;
  }
  LogPosition end() const { return position + frame_bytes(); }
};

/// Writes kFrameHeaderBytes to `at`, and sets header.header_crc.
void encode_frame_header(FrameHeader& header, std::uint32_t salt, char* at);
/// None when the bytes are no frame header of a file with this salt, or damaged.
std::optional<FrameHeader> decode_frame_header(std::string_view bytes, std::uint32_t salt);
/// The header of a frame that a compact segment keeps. The salt of the segment that it was written to is gone: whether
/// the checksum is right is not known, and the caller checks that it stands at its own position.
std::optional<FrameHeader> decode_kept_frame_header(std::string_view bytes);

}  // namespace respublica
