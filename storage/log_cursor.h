#pragma once
// Goes through the frames of the log, from anywhere.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "storage/frame_marks.h"
#include "storage/message_log.h"

namespace respublica {

/// Reads frames one after the other while the log grows, up to an end that was fixed before. To find a place it reads
/// headers from the last mark before it, which is one segment of them at most.
///
/// Thread: its owner's.
class LogCursor {
 public:
  /// Nothing at or behind `end` is read, which is the end of a frame. All must outlive the cursor.
  LogCursor(const MessageLog& log, FrameMarks& marks, LogPosition end);

  /// next() will find the first frame with a byte at or behind `place`: of a later time, or of that time and so far.
  Result<void> seek(FramePlace place);
  /// The same by position alone.
  Result<void> seek(LogPosition position);
  /// next() will find a frame that begins before `position`, the last one that is a mark or begins a segment. False
  /// when there is none.
  Result<bool> seek_mark_before(LogPosition position);

  /// Where next() will look.
  LogPosition position() const { return position_; }
  LogPosition end() const { return end_; }

  /// Goes to the next frame; false at the end.
  Result<bool> next();
  /// The frame found; the payload lasts until the cursor moves.
  std::uint64_t time_ms() const { return header_.time_ms; }
  LogPosition payload_position() const { return header_.payload_position(); }
  std::string_view payload() const { return payload_; }

 private:
  /// The segment of a position before end_; null when it has been removed and no later one is there. A position in a
  /// gap goes to the segment behind it.
  const Segment* segment_at(LogPosition& position) const;
  LogPosition end_of(const Segment& segment) const;
  Result<std::string_view> bytes_at(const Segment& segment, LogPosition position, std::size_t count);
  /// Reads the header at position_.
  Result<void> read_header(const Segment& segment);
  /// Goes on from a frame of `segment` while `before(header)`, at most to the segment's end.
  template <typename Before>
  Result<void> skip_from(const Segment& segment, LogPosition from, Before&& before);
  void remember(const Segment& segment);

  FrameMarks& marks_;
  const LogPosition end_;
  std::shared_ptr<const Segments> segments_;
  LogPosition position_;
  FrameHeader header_;
  std::string_view payload_;
  /// What stands at buffer_begin_.
  std::string buffer_;
  LogPosition buffer_begin_;
  /// The next frame to be remembered begins here or later.
  LogPosition mark_due_;
};

}  // namespace respublica
