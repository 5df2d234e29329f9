#include "storage/segment_pieces.h"

#include <algorithm>

#include "storage/segment_format.h"

namespace respublica {
namespace {

/// Read at once, if not more is needed.
constexpr std::size_t kPiece = std::size_t{1} << 20;

}  // namespace

SegmentPieces::SegmentPieces(const Segment& segment)
    : segment_(segment), extent_{segment.header.base, segment.header.base} {
  if (!segment.compact) frames_.emplace(segment, segment.file_bytes(segment.end()), std::nullopt);
  position_ = segment.header.base;
}

Result<bool> SegmentPieces::next() { return frames_ ? next_of_frames() : next_of_extents(); }

Result<bool> SegmentPieces::next_of_frames() {
  if (rest_.empty()) {
    const auto found = frames_->next();
    if (!found) return found.error();
    if (found.value() == FrameScanner::Found::damage) return damaged(frames_->position());
    if (found.value() == FrameScanner::Found::end) return false;
    rest_ = frames_->payload();
    position_ = frames_->position();
    header_.resize(kFrameHeaderBytes);
    FrameHeader header = frames_->header();
    encode_frame_header(header, segment_.header.salt, header_.data());
    bytes_ = header_;
    is_record_ = false;
    return true;
  }
  position_ = frames_->header().payload_position() + (frames_->payload().size() - rest_.size());
  const RecordRead read = read_record(rest_, record_);
  if (read.status != RecordRead::Status::whole) return damaged(position_);
  bytes_ = rest_.substr(0, read.bytes);
  rest_.remove_prefix(read.bytes);
  is_record_ = true;
  return true;
}

Result<bool> SegmentPieces::next_of_extents() {
  const LogPosition position = position_ + bytes_.size();
  if (position >= extent_.end) {
    const auto extent = segment_.compact->extents.next(*segment_.file, position);
    if (!extent) return extent.error();
    if (!extent.value()) return false;
    extent_ = *extent.value();
  }
  position_ = std::max(position, extent_.begin);
  for (std::size_t wanted = kFrameHeaderBytes;;) {
    const auto bytes = kept_at(position_, wanted);
    if (!bytes) return bytes.error();
    const RecordRead read = read_record(bytes.value(), record_);
    is_record_ = read.status == RecordRead::Status::whole;
    if (is_record_) {
      bytes_ = bytes.value().substr(0, read.bytes);
      return true;
    }
    if (is_frame_header_at(bytes.value(), position_)) {
      bytes_ = bytes.value().substr(0, kFrameHeaderBytes);
      return true;
    }
    const bool is_all = bytes.value().size() == extent_.end - position_;
    if (read.status == RecordRead::Status::damaged || is_all || read.bytes > extent_.end - position_) {
      return damaged(position_);
    }
    wanted = std::max(read.bytes, bytes.value().size() + 1);
  }
}

Result<std::string_view> SegmentPieces::kept_at(LogPosition position, std::size_t count) {
  count = static_cast<std::size_t>(std::min<std::uint64_t>(count, extent_.end - position));
  const bool is_read = position >= buffer_begin_ && position - buffer_begin_ + count <= buffer_.size();
  if (!is_read) {
    buffer_.resize(static_cast<std::size_t>(std::min<std::uint64_t>(std::max(count, kPiece), extent_.end - position)));
    const auto read = segment_.read(position, buffer_);
    if (!read) return read.error();
    buffer_.resize(read.value());
    buffer_begin_ = position;
  }
  return std::string_view(buffer_).substr(static_cast<std::size_t>(position - buffer_begin_));
}

Error SegmentPieces::damaged(LogPosition position) const {
  return Error{segment_.name + ": damaged at position " + std::to_string(position.value)};
}

}  // namespace respublica
