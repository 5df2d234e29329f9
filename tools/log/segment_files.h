#pragma once
// The segment files of a log, as far as they can be opened.

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "storage/file_system.h"
#include "storage/segment.h"

namespace respublica::logtool {

/// A file with the name of a segment.
struct SegmentFile {
  /// As its header says it; where that is damaged, the base by its name and the salt by its frames.
  std::shared_ptr<Segment> segment = std::make_shared<Segment>();
  std::uint64_t bytes = 0;
  /// What is wrong with the header or the name; empty: nothing.
  std::string flaw;
  /// False when nothing tells its frames from other bytes, or when another file has its positions.
  bool is_readable = true;
  /// Everything before this place was on the disk when the newest checkpoint beside the segments was made.
  LogPosition known_durable;
};

/// Opens all of them, in the order of their positions. Files that a broker removes meanwhile are not among them; those
/// with other names are passed over. An error only when the directory or a file cannot be read.
Result<std::vector<SegmentFile>> open_segment_files(FileSystem& files);

}  // namespace respublica::logtool
