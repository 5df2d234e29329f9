#pragma once
// One file of the log, and how it comes into being.

#include <cstdint>
#include <memory>
#include <string>

#include "base/result.h"
#include "storage/file_system.h"
#include "storage/log_position.h"
#include "storage/segment_format.h"

namespace respublica {

/// An open segment. It ends where the next one begins.
struct Segment {
  SegmentHeader header;
  std::string name;
  std::unique_ptr<LogFile> file;

  /// Where in the file a position is that is in this segment.
  std::uint64_t offset_of(LogPosition position) const { return kSegmentHeaderBytes + (position - header.base); }
};

/// The name that the segment has until it is complete: what has such a name when the log is opened is rubbish.
std::string unfinished_segment_name(LogPosition base);
/// Whether it is such a name.
bool is_unfinished_segment_name(std::string_view name);

/// Makes the file of a segment under its unfinished name: header written, `bytes` set aside, synced. On error there is
/// no such file, as far as it could be removed.
Result<std::unique_ptr<Segment>> prepare_segment(FileSystem& files, LogPosition base, std::uint64_t bytes);

}  // namespace respublica
