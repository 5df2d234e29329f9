#pragma once
// The segment files of a log, as far as they can be opened.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "storage/file_system.h"
#include "storage/segment.h"

namespace respublica::logtool {

/// A file with the name of a segment, plain or compact.
struct SegmentFile {
  /// As its header says it; where that of a plain one is damaged, the base by its name and the salt by its frames. A
  /// compact one has its part and its end only when header and table are right.
  std::shared_ptr<Segment> segment = std::make_shared<Segment>();
  /// Of a compact segment whose header is right.
  std::optional<CompactHeader> compact_header;
  std::uint64_t bytes = 0;
  /// What is wrong with the header, the table or the name; empty: nothing.
  std::string flaw;
  /// False when nothing tells its frames from other bytes, or when another file has its positions.
  bool is_readable = true;

  LogPosition base() const { return segment->header.base; }
  /// By its name.
  bool is_compact() const;
  /// Where it ends, by its own header or the size of its file; its base when nothing tells.
  LogPosition end() const;
};

struct SegmentFiles {
  /// In the order of their positions.
  std::vector<SegmentFile> segments;
  /// Names of those that lie in a compact one that is whole: it has replaced them, and a broker removes them.
  std::vector<std::string> replaced;
};

/// Opens those of the files that have the name of a segment. Kind not_found when one has gone since the names were
/// listed; other errors only when a file cannot be read.
Result<SegmentFiles> open_segment_files(FileSystem& files, const std::vector<std::string>& names);

}  // namespace respublica::logtool
