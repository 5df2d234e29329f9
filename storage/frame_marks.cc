#include "storage/frame_marks.h"

#include <algorithm>

namespace respublica {

void FrameMarks::add(LogPosition base, FramePlace frame) {
  const MutexLock lock(mutex_);
  Segment& segment = segments_[base];
  segment.used = ++uses_;
  const LogPosition last = segment.marks.empty() ? base : segment.marks.back().position;
  if (frame.position >= last + kSpacing) segment.marks.push_back(frame);
  if (segments_.size() <= kSegments) return;
  segments_.erase(std::min_element(segments_.begin(), segments_.end(),
                                   [](const auto& a, const auto& b) { return a.second.used < b.second.used; }));
}

}  // namespace respublica
