#pragma once
// Reads what a compact segment keeps, over every damage.

#include <cstdint>

#include "base/result.h"
#include "storage/log_position.h"
#include "tools/log/log_visitor.h"
#include "tools/log/log_walk.h"
#include "tools/log/segment_files.h"

namespace respublica::logtool {

/// Shows the records of a compact segment that stand before `limit`, and the headers of their frames, to `visitor`.
/// `time_ms` is the time of the last frame before, and afterwards that of the last one here.
///
/// A header is one that stands at its own position: its checksum cannot be checked. Behind a damaged record the next
/// one is looked for where the next extent begins, or where the frame leads to that is kept whole; never by what looks
/// like one. Where the table is damaged, the bytes are read one behind the other, up to the first damage.
Result<void> walk_compact(const SegmentFile& file, LogPosition limit, LogVisitor& visitor, const WalkProgress& progress,
                          std::uint64_t& time_ms);

}  // namespace respublica::logtool
