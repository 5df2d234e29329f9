#pragma once
// What a walk through a log finds.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "storage/log_position.h"
#include "storage/record.h"
#include "storage/segment_format.h"
#include "tools/log/segment_files.h"

namespace respublica::logtool {

/// A place where the log is not as it should be.
struct Damage {
  enum class Kind : std::uint8_t {
    /// Records are lost.
    loss,
    /// Something is wrong, and no record is lost by it.
    flaw,
    /// The end of a log: a frame that is being written, or that a crash cut short. Nobody was told that it is safe, and
    /// a broker that starts cuts it off.
    tail,
  };
  Kind kind = Kind::loss;
  /// Empty when no file has these positions.
  std::string file;
  /// In the file.
  std::uint64_t offset = 0;
  LogPosition begin;
  /// `begin` in a flaw.
  LogPosition end;
  std::string reason;
  /// Records there that are whole by their own checksums: they are shown after this.
  std::uint64_t kept = 0;
  /// As the records there say, whole or not.
  std::vector<ChannelNumber> channels;
  /// Whether records of other channels may have been there.
  bool may_concern_others = true;
  /// Entries that are lost, by what is left of their records. A hint only.
  struct Entry {
    ChannelNumber channel;
    EntryKey id;
  };
  std::vector<Entry> entries;
};

struct RecordPlace {
  LogPosition position;
  /// Where the frame of the record begins.
  LogPosition frame;
  std::string_view segment;
  /// Of the frame; of the last one before it that is known, when its header is damaged, or was not kept.
  std::uint64_t time_ms = 0;
  std::size_t bytes = 0;
  /// In the file of the segment.
  std::uint64_t offset = 0;
  /// False in a compact segment whose table is damaged: the record stood at `position` or somewhere behind it.
  bool is_placed = true;
};

/// Sees all that is in a log, in its order. An error ends the walk, with that error. What is passed lasts for the call.
class LogVisitor {
 public:
  virtual ~LogVisitor() = default;

  /// A segment begins that can be read.
  virtual Result<void> segment(const SegmentFile&) { return {}; }
  /// A whole frame; its records follow.
  virtual Result<void> frame(const FrameHeader&) { return {}; }
  /// The header of a frame that a compact segment keeps a part of. Nothing tells whether it is damaged.
  virtual Result<void> kept_frame(const FrameHeader&) { return {}; }
  virtual Result<void> record(const Record& record, const RecordPlace& place) = 0;
  virtual Result<void> damage(const Damage& damage) = 0;
};

}  // namespace respublica::logtool
