#pragma once
// Goes through the frames of one segment, also where only parts of them are kept.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "storage/extent_table.h"
#include "storage/log_position.h"
#include "storage/segment.h"
#include "storage/segment_format.h"

namespace respublica {

/// Finds pieces: records of one frame that stand one behind the other. In a plain segment each frame is one piece; in a
/// compact one, which keeps records and the headers of their frames, those between two gaps are one.
///
///     plain      [header|r1|r2|r3|r4][header|r5|r6]
///     compact    [header|r1]  [r3|r4]        ...         pieces: r1; r3 and r4
///
/// Thread: its owner's.
class FramePieces {
 public:
  /// Looks at another segment from now on. Nothing at or behind `end` is read, which is the end of a frame. The segment
  /// must outlive its use here.
  void enter(const Segment& segment, LogPosition end);
  const Segment* segment() const { return segment_; }

  /// Goes to the first piece at or behind `position`: where a frame begins or began, where the piece found last stands,
  /// or where it ends. False when there is none in the segment before the end.
  Result<bool> find(LogPosition position);

  /// The header of the piece's frame. That of a compact segment has no checksum that could be checked: the salt went
  /// with the segment that it was written to.
  const FrameHeader& header() const { return header_; }
  /// Where the header stands in the segment's file.
  std::uint64_t header_offset() const { return header_offset_; }
  /// Where find() finds the piece again: its frame for the first of a frame, its first record for others.
  LogPosition place() const { return begin_ == header_.payload_position() ? header_.position : begin_; }
  /// Its first record.
  LogPosition begin() const { return begin_; }
  /// Where the next piece is to be looked for.
  LogPosition end() const { return begin_ + bytes_ == payload_end() ? header_.end() : begin_ + bytes_; }
  /// Its records; they last until the next call of find(), records() or enter().
  Result<std::string_view> records();

 private:
  /// An extent of the table that is not before `position`, cut off there; none when there is no more.
  Result<std::optional<PlacedExtent>> extent_at(LogPosition position);
  Result<bool> find_in_plain(LogPosition position);
  Result<bool> find_in_compact(LogPosition position);
  Result<void> read_kept_header(const PlacedExtent& at);
  /// What stands at that place of the file.
  Result<std::string_view> bytes_at(LogPosition position, std::uint64_t offset, std::size_t count);
  LogPosition payload_end() const { return header_.payload_position() + header_.payload_bytes; }

  const Segment* segment_ = nullptr;
  LogPosition end_;
  /// A frame of this segment has been found.
  bool has_header_ = false;
  FrameHeader header_;
  std::uint64_t header_offset_ = 0;
  LogPosition begin_;
  std::size_t bytes_ = 0;
  /// Where the piece's records stand in the file.
  std::uint64_t offset_ = 0;
  /// Some that stand one behind the other in the table, and the one that was used last.
  std::vector<PlacedExtent> extents_;
  std::size_t extent_ = 0;
  /// What stands at buffer_begin_ of the file.
  std::string buffer_;
  std::uint64_t buffer_begin_ = 0;
};

}  // namespace respublica
