#pragma once
// What a segment holds, piece by piece, whatever kind of segment it is.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "storage/frame_scanner.h"
#include "storage/record.h"
#include "storage/segment.h"

namespace respublica {

/// Goes through the frame headers and records of a segment that has been left. In a plain one all checksums are
/// checked; a compact one has records with their own, and headers whose salt is not known any more: what is no whole
/// record, but has the beginning of a header and its own position, is one.
///
/// Thread: its owner's.
class SegmentPieces {
 public:
  /// The segment must outlive the reader.
  explicit SegmentPieces(const Segment& segment);

  /// Goes to the next piece; false at the end. An error when the segment cannot be read, or is damaged.
  Result<bool> next();

  /// Of the piece found. The bytes last until next().
  LogPosition position() const { return position_; }
  std::string_view bytes() const { return bytes_; }
  /// The record; null when the piece is the header of a frame.
  const Record* record() const { return is_record_ ? &record_ : nullptr; }

 private:
  Result<bool> next_of_frames();
  Result<bool> next_of_extents();
  /// What stands at `position`, `count` bytes or as many as are kept there.
  Result<std::string_view> kept_at(LogPosition position, std::size_t count);
  Error damaged(LogPosition position) const;

  const Segment& segment_;
  LogPosition position_;
  std::string_view bytes_;
  bool is_record_ = false;
  Record record_;

  /// Of a plain segment, and what is left of the payload of its frame.
  std::optional<FrameScanner> frames_;
  std::string_view rest_;
  std::string header_;

  /// Of a compact segment: the stretch that is being read, and what has been read of it.
  Extent extent_;
  std::string buffer_;
  LogPosition buffer_begin_;
};

}  // namespace respublica
