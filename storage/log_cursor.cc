#include "storage/log_cursor.h"

#include <algorithm>

namespace respublica {

LogCursor::LogCursor(const MessageLog& log, FrameMarks& marks, LogPosition end)
    : marks_(marks), end_(end), segments_(log.view()), position_(end) {
  if (!segments_->empty()) position_ = std::min(end, segments_->front()->header.base);
}

const Segment* LogCursor::segment_at(LogPosition& position) const {
  if (position >= end_ || segments_->empty()) return nullptr;
  const auto next =
      std::ranges::upper_bound(*segments_, position, {}, [](const auto& each) { return each->header.base; });
  if (next != segments_->begin()) return std::prev(next)->get();
  position = segments_->front()->header.base;
  return position < end_ ? segments_->front().get() : nullptr;
}

LogPosition LogCursor::end_of(const Segment& segment) const {
  const auto next =
      std::ranges::upper_bound(*segments_, segment.header.base, {}, [](const auto& each) { return each->header.base; });
  return next == segments_->end() ? end_ : std::min(end_, (*next)->header.base);
}

Result<std::optional<FramePlace>> LogCursor::first_frame(std::size_t segment) {
  for (; segment < segments_->size() && (*segments_)[segment]->header.base < end_; ++segment) {
    const Segment& looked_into = *(*segments_)[segment];
    pieces_.enter(looked_into, end_of(looked_into));
    mark_due_.reset();
    const Result<bool> found = pieces_.find(looked_into.header.base);
    if (!found) return found.error();
    if (found.value()) return std::optional<FramePlace>({pieces_.header().time_ms, pieces_.header().position});
  }
  return std::optional<FramePlace>();
}

Result<bool> LogCursor::find(const Segment& segment) {
  if (pieces_.segment() != &segment) {
    pieces_.enter(segment, end_of(segment));
    mark_due_.reset();
  }
  const Result<bool> found = pieces_.find(position_);
  if (!found) return found;
  if (!found.value()) {
    position_ = end_of(segment);
    return false;
  }
  position_ = pieces_.place();
  remember();
  return true;
}

void LogCursor::remember() {
  const std::uint64_t offset = pieces_.header_offset();
  if (mark_due_ && offset < *mark_due_) return;
  if (mark_due_) marks_.add(pieces_.segment()->header.base, {time_ms(), pieces_.header().position});
  mark_due_ = offset + FrameMarks::kSpacing;
}

template <typename Before>
Result<void> LogCursor::skip_from(const Segment& segment, LogPosition from, Before&& before) {
  position_ = from;
  mark_due_.reset();
  while (true) {
    const Result<bool> found = find(segment);
    if (!found) return found.error();
    if (!found.value() || !before(FramePlace{time_ms(), pieces_.end()})) return {};
    position_ = pieces_.end();
  }
}

Result<void> LogCursor::seek(FramePlace place) {
  // The last segment whose first frame is not behind the place.
  std::size_t low = 0;
  std::size_t high = segments_->size();
  while (low < high) {
    const std::size_t middle = low + (high - low) / 2;
    const Result<std::optional<FramePlace>> first = first_frame(middle);
    if (!first) return first.error();
    if (!first.value() || *first.value() > place) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  position_ = segments_->empty() ? end_ : std::min(end_, segments_->front()->header.base);
  if (low == 0) return {};
  const Segment& segment = *(*segments_)[low - 1];
  const auto mark = marks_.last(segment.header.base, [&place](const FramePlace& each) { return each <= place; });
  return skip_from(segment, mark ? mark->position : segment.header.base,
                   [&place](const FramePlace& end) { return end <= place; });
}

Result<void> LogCursor::seek(LogPosition position) {
  const Segment* segment = segment_at(position);
  position_ = end_;
  if (segment == nullptr) return {};
  const auto mark =
      marks_.last(segment->header.base, [position](const FramePlace& each) { return each.position <= position; });
  return skip_from(*segment, mark ? mark->position : segment->header.base,
                   [position](const FramePlace& end) { return end.position <= position; });
}

Result<bool> LogCursor::seek_mark_before(LogPosition position) {
  if (position.value == 0 || segments_->empty() || position <= segments_->front()->header.base) return false;
  LogPosition last{std::min(position, end_).value - 1};
  const Segment* segment = segment_at(last);
  if (segment == nullptr) return false;
  // Whatever is between the last mark and the position is gone through once, and remembered.
  if (const Result<void> sought = seek(last); !sought) return sought.error();
  const auto mark =
      marks_.last(segment->header.base, [position](const FramePlace& each) { return each.position < position; });
  position_ = mark ? mark->position : segment->header.base;
  return true;
}

Result<bool> LogCursor::next() {
  LogPosition position = position_;
  while (const Segment* segment = segment_at(position)) {
    position_ = position;
    const Result<bool> found = find(*segment);
    if (!found) return found;
    if (found.value()) {
      const Result<std::string_view> records = pieces_.records();
      if (!records) return records.error();
      records_ = records.value();
      position_ = pieces_.end();
      return true;
    }
    position = position_;
  }
  return false;
}

}  // namespace respublica
