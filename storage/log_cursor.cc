#include "storage/log_cursor.h"

#include <algorithm>

namespace respublica {
namespace {

/// What is read at once.
constexpr std::size_t kPiece = 64 * 1024;

Error damaged(LogPosition position, std::string_view what) {
  return {"the log is damaged at position " + std::to_string(position.value) + ": " + std::string(what)};
}

}  // namespace

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

Result<std::string_view> LogCursor::bytes_at(const Segment& segment, LogPosition position, std::size_t count) {
  if (count > end_of(segment) - position) return damaged(position, "the frame reaches beyond its segment");
  if (position < buffer_begin_ || position - buffer_begin_ > buffer_.size() ||
      count > buffer_.size() - (position - buffer_begin_)) {
    const std::uint64_t left = end_of(segment) - position;
    buffer_.resize(static_cast<std::size_t>(std::min<std::uint64_t>(left, std::max(count, kPiece))));
    buffer_begin_ = position;
    const Result<std::size_t> read = segment.read(position, buffer_);
    buffer_.resize(read ? read.value() : 0);
    if (!read) return read.error();
    if (buffer_.size() < count) return damaged(position, "the file ends too early");
  }
  return std::string_view(buffer_).substr(static_cast<std::size_t>(position - buffer_begin_), count);
}

Result<void> LogCursor::read_header(const Segment& segment) {
  const Result<std::string_view> bytes = bytes_at(segment, position_, kFrameHeaderBytes);
  if (!bytes) return bytes.error();
  const std::optional<FrameHeader> header = decode_frame_header(bytes.value(), segment.header.salt);
  if (!header || header->position != position_) return damaged(position_, "there is no frame");
  header_ = *header;
  return {};
}

void LogCursor::remember(const Segment& segment) {
  if (position_ < mark_due_) return;
  marks_.add(segment.header.base, {header_.time_ms, position_});
  mark_due_ = position_ + FrameMarks::kSpacing;
}

template <typename Before>
Result<void> LogCursor::skip_from(const Segment& segment, LogPosition from, Before&& before) {
  const LogPosition segment_end = end_of(segment);
  position_ = from;
  mark_due_ = from + FrameMarks::kSpacing;
  while (position_ < segment_end) {
    if (const Result<void> read = read_header(segment); !read) return read;
    remember(segment);
    if (!before(header_)) break;
    position_ = header_.end();
  }
  return {};
}

Result<void> LogCursor::seek(FramePlace place) {
  // The last segment that does not begin behind the place.
  std::size_t low = 0;
  std::size_t high = segments_->size();
  while (low < high) {
    const std::size_t middle = low + (high - low) / 2;
    const Segment& segment = *(*segments_)[middle];
    position_ = segment.header.base;
    bool behind = position_ >= end_;
    if (!behind) {
      if (const Result<void> read = read_header(segment); !read) return read;
      behind = FramePlace{header_.time_ms, position_} > place;
    }
    if (behind) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  position_ = segments_->empty() ? end_ : std::min(end_, segments_->front()->header.base);
  if (low == 0) return {};
  const Segment& segment = *(*segments_)[low - 1];
  const auto mark = marks_.last(segment.header.base, [&place](const FramePlace& each) { return each <= place; });
  return skip_from(segment, mark ? mark->position : segment.header.base, [&place](const FrameHeader& header) {
    return FramePlace{header.time_ms, header.end()} <= place;
  });
}

Result<void> LogCursor::seek(LogPosition position) {
  const Segment* segment = segment_at(position);
  position_ = end_;
  if (segment == nullptr) return {};
  const auto mark =
      marks_.last(segment->header.base, [position](const FramePlace& each) { return each.position <= position; });
  return skip_from(*segment, mark ? mark->position : segment->header.base,
                   [position](const FrameHeader& header) { return header.end() <= position; });
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
  const Segment* segment = segment_at(position);
  if (segment == nullptr) return false;
  if (position_ != position || position_ == segment->header.base) mark_due_ = position + FrameMarks::kSpacing;
  position_ = position;
  if (const Result<void> read = read_header(*segment); !read) return read.error();
  remember(*segment);
  const Result<std::string_view> payload = bytes_at(*segment, header_.payload_position(), header_.payload_bytes);
  if (!payload) return payload.error();
  payload_ = payload.value();
  position_ = header_.end();
  return true;
}

}  // namespace respublica
