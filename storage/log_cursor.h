#pragma once
// Goes through the frames of the log, from anywhere.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "base/result.h"
#include "storage/frame_marks.h"
#include "storage/frame_pieces.h"
#include "storage/message_log.h"

namespace respublica {

/// Reads the records of the frames one after the other while the log grows, up to an end that was fixed before; in
/// compact segments what they keep of them. To find a place it reads headers from the last mark before it, which is one
/// segment of them at most.
///
/// Thread: its owner's.
class LogCursor {
 public:
  /// Nothing at or behind `end` is read, which is the end of a frame. All must outlive the cursor.
  LogCursor(const MessageLog& log, FrameMarks& marks, LogPosition end);

  /// next() will find the first piece with a byte at or behind `place`: of a later time, or of that time and so far.
  Result<void> seek(FramePlace place);
  /// The same by position alone.
  Result<void> seek(LogPosition position);
  /// Goes back to a place before `position`, the last one where a frame that is a mark begins or began, or a segment
  /// begins. What next() finds then may stand behind `position`, where nothing is kept before it. False when there is
  /// no such place.
  Result<bool> seek_mark_before(LogPosition position);

  /// Where next() will look.
  LogPosition position() const { return position_; }
  LogPosition end() const { return end_; }

  /// Goes to the next piece: all records of a frame, or in a compact segment those of a frame between two gaps. False
  /// at the end.
  Result<bool> next();
  /// When the frame of the piece found was committed.
  std::uint64_t time_ms() const { return pieces_.header().time_ms; }
  /// The records of the piece, and where they begin; they last until the cursor moves.
  LogPosition records_position() const { return pieces_.begin(); }
  std::string_view records() const { return records_; }

 private:
  /// The segment of a position before end_; null when it has been removed and no later one is there. A position in a
  /// gap goes to the segment behind it.
  const Segment* segment_at(LogPosition& position) const;
  LogPosition end_of(const Segment& segment) const;
  /// The first frame that there is in the segment or in those behind it; none when there is none before end_.
  Result<std::optional<FramePlace>> first_frame(std::size_t segment);
  /// Finds the first piece at or behind position_, in this segment, and remembers its frame.
  Result<bool> find(const Segment& segment);
  /// Goes on from a frame of `segment` while `before(end of the piece)`, at most to the segment's end.
  template <typename Before>
  Result<void> skip_from(const Segment& segment, LogPosition from, Before&& before);
  void remember();

  FrameMarks& marks_;
  const LogPosition end_;
  std::shared_ptr<const Segments> segments_;
  LogPosition position_;
  FramePieces pieces_;
  std::string_view records_;
  /// The next frame to be remembered stands at this place of the segment's file or later; none = not known, as none has
  /// been found since the cursor left a mark or the beginning of the segment.
  std::optional<std::uint64_t> mark_due_;
};

}  // namespace respublica
