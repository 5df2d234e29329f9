#pragma once
// The files of a log as they are found in its directory.

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "storage/file_system.h"
#include "storage/segment.h"

namespace respublica {

/// What there is. Nothing has been changed.
struct SegmentFiles {
  /// Sorted by position, without a gap: each begins where the one before ends. The last one is plain.
  std::vector<std::shared_ptr<Segment>> segments;
  /// How long the last one's file is.
  std::uint64_t last_file_bytes = 0;
  /// Names of segments that were never finished.
  std::vector<std::string> unfinished;
  /// Names of segments that were left when a compact one had taken their place.
  std::vector<std::string> replaced;
};

/// Opens all segments. It checks the header of each, the table of each compact one, and that none is missing; what it
/// finds wrong is an error as damage_error() makes it. A segment that lies in a compact one has been replaced by it.
Result<SegmentFiles> open_segment_files(FileSystem& files);

}  // namespace respublica
