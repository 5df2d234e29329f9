#pragma once
// The frames of one segment, checked one after the other.

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/result.h"
#include "storage/file_window.h"
#include "storage/log_position.h"
#include "storage/segment.h"
#include "storage/segment_format.h"

namespace respublica {

/// Reads frames from the beginning of a segment. A frame is whole when its header is right and stands at its own
/// position, it is chained to the frame before, it ends within the file, and its payload has the right checksum. What
/// the records say is not looked at.
///
/// Thread: its owner's.
class FrameScanner {
 public:
  enum class Found : std::uint8_t {
    frame,
    /// The file ends behind the frame before.
    end,
    /// There are bytes behind the frame before that are no whole frame. Asking again finds the same.
    damage,
  };

  /// The segment's file has `file_bytes`. `previous_crc` is the header_crc of the frame before this segment; none when
  /// it is not known. The segment must outlive the scanner.
  FrameScanner(const Segment& segment, std::uint64_t file_bytes, std::optional<std::uint32_t> previous_crc);

  /// Goes to the next frame; an error only when the file cannot be read.
  Result<Found> next();

  /// Behind damage: next() looks at `position`, at bytes that are read anew. `previous_crc` as the constructor has it.
  void resume(LogPosition position, std::optional<std::uint32_t> previous_crc);

  /// Where the frame stands, or what next() found instead.
  LogPosition position() const { return position_; }
  std::uint64_t offset() const { return segment_.offset_of(position_); }
  /// Of the frame found.
  const FrameHeader& header() const { return header_; }
  /// Of the frame found; lasts until next().
  std::string_view payload() const { return payload_; }
  /// What is wrong, when damage was found.
  std::string_view reason() const { return reason_; }
  /// header_crc of the last whole frame, or what the scanner was given.
  std::optional<std::uint32_t> previous_crc() const { return previous_crc_; }

 private:
  Found damaged(std::string_view reason);

  const Segment& segment_;
  const std::uint64_t file_bytes_;
  FileWindow window_;
  LogPosition position_;
  LogPosition next_;
  std::optional<std::uint32_t> previous_crc_;
  FrameHeader header_;
  std::string_view payload_;
  std::string_view reason_;
};

}  // namespace respublica
