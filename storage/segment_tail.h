#pragma once
// What stands in a segment behind its last whole frame.

#include <cstdint>
#include <optional>

#include "base/result.h"
#include "storage/log_position.h"
#include "storage/segment.h"

namespace respublica {

struct SegmentTail {
  /// From the last whole frame to the last byte that is not zero. 0: nothing was ever written there, or only zeros.
  std::uint64_t bytes = 0;
  /// The highest durable position in the headers that are found there; none when none is found.
  std::optional<LogPosition> highest_durable;
};

/// Looks at all of the file from `position` on, where the whole frames of the segment end. Headers are found that are
/// right and stand at their own position; what follows them is not checked. A header at `position` itself is left out.
Result<SegmentTail> inspect_tail(const Segment& segment, LogPosition position);

/// The first place from `from` on and before `to`, all within the segment, where a header stands that is right and at
/// its own position; what follows it is not checked. None when there is none.
Result<std::optional<LogPosition>> find_frame(const Segment& segment, LogPosition from, LogPosition to);

}  // namespace respublica
