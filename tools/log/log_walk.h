#pragma once
// Reads all of a log, over every damage.

#include <cstdint>
#include <functional>

#include "base/result.h"
#include "tools/log/log_files.h"
#include "tools/log/log_visitor.h"

namespace respublica::logtool {

/// Called with the bytes of files that have been passed since the call before.
using WalkProgress = std::function<void(std::uint64_t bytes)>;

/// Shows all frames and records of the log to `visitor`, those that are whole in damaged frames, too, and what is
/// damaged. Reads only. A broker may write to the log meanwhile: then the end is somewhere in what it writes.
///
/// Of a compact segment it shows what that keeps; see compact_walk.h. That the log begins behind position 0, and has
/// compact segments, is no damage when a checkpoint says what was there.
///
/// Where a frame should stand and none does, the walk goes on at the next header that is right; headers have a salted
/// checksum that no client can know. Memory: one frame, or one damaged stretch.
///
/// An error when a file cannot be read, or what the visitor returns.
Result<void> walk_log(const LogFiles& files, LogVisitor& visitor, const WalkProgress& progress);

}  // namespace respublica::logtool
