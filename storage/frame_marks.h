#pragma once
// Where some frames begin, remembered.

#include <compare>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "base/mutex.h"
#include "storage/log_position.h"

namespace respublica {

/// A frame: when it was written and where it stands. Both grow along the log.
struct FramePlace {
  std::uint64_t time_ms = 0;
  LogPosition position;

  auto operator<=>(const FramePlace&) const = default;
};

/// One frame of about every kSpacing bytes of the segments that were looked into last: nothing in a segment says where
/// its frames are but the frames before them. It is filled by who goes through a segment from its beginning or from a
/// mark (LogCursor). Where a compact segment has come in the place of another one, a mark may be of a frame that has
/// gone; no other frame is cut there.
///
/// Thread: any, guarded by its mutex.
class FrameMarks {
 public:
  static constexpr std::uint64_t kSpacing = 64 * 1024;
  static constexpr std::size_t kSegments = 256;

  /// The last mark of the segment that begins at `base` for which `before(mark)`; none when there is no such mark.
  template <typename Before>
  std::optional<FramePlace> last(LogPosition base, Before&& before) EXCLUDES(mutex_) {
    const MutexLock lock(mutex_);
    const auto found = segments_.find(base);
    if (found == segments_.end()) return std::nullopt;
    found->second.used = ++uses_;
    const std::vector<FramePlace>& marks = found->second.marks;
    std::size_t low = 0;
    std::size_t high = marks.size();
    while (low < high) {
      const std::size_t middle = low + (high - low) / 2;
      if (before(marks[middle])) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    if (low == 0) return std::nullopt;
    return marks[low - 1];
  }

  /// Remembers a frame of that segment, if it is far enough behind the last one that is remembered.
  void add(LogPosition base, FramePlace frame) EXCLUDES(mutex_);

 private:
  struct Segment {
    std::vector<FramePlace> marks;
    /// When it was last looked into.
    std::uint64_t used = 0;
  };

  Mutex mutex_;
  std::map<LogPosition, Segment> segments_ GUARDED_BY(mutex_);
  std::uint64_t uses_ GUARDED_BY(mutex_) = 0;
};

}  // namespace respublica
