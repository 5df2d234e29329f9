#pragma once
// All files of a log, as far as they can be opened.

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "broker/checkpoint.h"
#include "storage/file_system.h"
#include "storage/log_position.h"
#include "tools/log/segment_files.h"

namespace respublica::logtool {

struct DamagedCheckpoint {
  /// By its name.
  LogPosition position;
  std::string reason;
};

struct LogFiles {
  /// In the order of their positions.
  std::vector<SegmentFile> segments;
  /// Names of segments that a compact one has replaced, and that a crash left.
  std::vector<std::string> replaced;
  /// The newest that can be read; its position is 0, and it has no streams, when there is none.
  Checkpoint checkpoint;
  /// How many there are, those that cannot be read among them.
  std::uint64_t checkpoints = 0;
  std::vector<DamagedCheckpoint> damaged_checkpoints;
  /// Everything before this place was on the disk when the newest checkpoint was made.
  LogPosition known_durable;

  /// From here on all records should be there: behind what was removed at the front, and behind the compact segments.
  LogPosition complete_from() const;
  /// Whether the checkpoint says what the records before complete_from() led to.
  bool is_covered() const { return checkpoint.header.position >= complete_from(); }
};

/// Opens the files as they are at one moment, also while a broker changes them; those with other names are passed
/// over. An error only when the directory or a file cannot be read.
Result<LogFiles> open_log_files(FileSystem& files);

}  // namespace respublica::logtool
