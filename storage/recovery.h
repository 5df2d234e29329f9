#pragma once
// What is done to the files of a log before it is used.

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "base/result.h"
#include "storage/file_system.h"
#include "storage/log_position.h"
#include "storage/record.h"
#include "storage/segment.h"

namespace respublica {

/// What recovery found and did.
struct LogRecovery {
  /// All files of the log.
  std::uint64_t segments = 0;
  /// Those that were visited.
  std::uint64_t frames = 0;
  std::uint64_t records = 0;
  /// Bytes behind the last whole frame that were cut off: of commits that were never acknowledged. 0 almost always.
  std::uint64_t cut_bytes = 0;
  /// The time of the last frame; 0 in an empty log.
  std::uint64_t last_time_ms = 0;
};

/// Sees each record in order. Views in it last for the call. An error ends the recovery, with that error.
using RecordVisitor = std::function<Result<void>(const Record& record, LogPosition position, std::uint64_t time_ms)>;

/// A log whose files are in order. All of it is on the disk.
struct RecoveredLog {
  /// Sorted; the last one is to be written to.
  std::vector<std::shared_ptr<Segment>> segments;
  LogPosition end;
  /// header_crc of the last frame; 0 in an empty log.
  std::uint32_t previous_crc = 0;
};

/// Opens all segments of the locked directory, and checks that each begins where the one before ends. Reads the frames
/// from the segment on that holds `from`, which is the beginning of a frame or the end of the log, and shows the
/// records at and behind `from` to `visit`. It is an error when a compact segment stands there or behind. The log may
/// begin behind position 0.
///
/// Damage that judge() calls corrupt is an error: nothing has been changed. So is a record that does not decode in a
/// frame whose checksums are right: a crash does not leave that, but a later version may have written it.
///
/// Other damage is cut off. Then everything that may be in the operating system's cache alone is written again and
/// synced: after a sync that failed the cache shows what is not on the disk, and calls it clean. Segments that a
/// compact one has replaced are removed, and files that were never finished.
Result<RecoveredLog> recover_log(FileSystem& files, LogPosition from, const RecordVisitor& visit, LogRecovery& found);

}  // namespace respublica
