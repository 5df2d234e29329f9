#include "storage/frame_pieces.h"

#include <algorithm>

namespace respublica {
namespace {

/// What is read at once.
constexpr std::size_t kPiece = 64 * 1024;
constexpr std::size_t kExtentsAtOnce = 512;

Error damaged(LogPosition position, std::string_view what) {
  return {"the log is damaged at position " + std::to_string(position.value) + ": " + std::string(what)};
}

}  // namespace

void FramePieces::enter(const Segment& segment, LogPosition end) {
  segment_ = &segment;
  end_ = end;
  has_header_ = false;
  extents_.clear();
  buffer_.clear();
}

Result<bool> FramePieces::find(LogPosition position) {
  return segment_->compact ? find_in_compact(position) : find_in_plain(position);
}

Result<std::string_view> FramePieces::records() { return bytes_at(begin_, offset_, bytes_); }

Result<bool> FramePieces::find_in_plain(LogPosition position) {
  if (position >= end_) return false;
  if (end_ - position < kFrameHeaderBytes) return damaged(position, "there is no frame");
  header_offset_ = segment_->offset_of(position);
  const Result<std::string_view> bytes = bytes_at(position, header_offset_, kFrameHeaderBytes);
  if (!bytes) return bytes.error();
  const std::optional<FrameHeader> header = decode_frame_header(bytes.value(), segment_->header.salt);
  if (!header || header->position != position) return damaged(position, "there is no frame");
  if (header->frame_bytes() > end_ - position) return damaged(position, "the frame reaches beyond its segment");
  header_ = *header;
  begin_ = header_.payload_position();
  bytes_ = header_.payload_bytes;
  offset_ = header_offset_ + kFrameHeaderBytes;
  return true;
}

Result<bool> FramePieces::find_in_compact(LogPosition position) {
  bool is_inside = has_header_ && header_.position < position && position < header_.end();
  while (true) {
    const Result<std::optional<PlacedExtent>> found = extent_at(position);
    if (!found) return found.error();
    if (!found.value() || found.value()->extent.begin >= end_) return false;
    const Extent& extent = found.value()->extent;
    if (is_inside && extent.begin < payload_end()) {
      begin_ = extent.begin;
      bytes_ = static_cast<std::size_t>(std::min(extent.end, payload_end()) - begin_);
      offset_ = found.value()->offset;
      return true;
    }
    is_inside = is_inside && extent.begin < header_.end();
    if (is_inside) {
      // Nothing but padding.
      position = header_.end();
      is_inside = false;
      continue;
    }
    // Not in the frame before, and each frame of which something is kept has its header.
    if (const Result<void> read = read_kept_header(*found.value()); !read) return read.error();
    position = header_.payload_position();
    is_inside = true;
  }
}

Result<void> FramePieces::read_kept_header(const PlacedExtent& at) {
  const LogPosition position = at.extent.begin;
  if (at.extent.end - position < kFrameHeaderBytes) return damaged(position, "there is no frame");
  const Result<std::string_view> bytes = bytes_at(position, at.offset, kFrameHeaderBytes);
  if (!bytes) return bytes.error();
  const std::optional<FrameHeader> header = decode_kept_frame_header(bytes.value());
  const bool goes_back = header && has_header_ && header_.position < position && header->time_ms < header_.time_ms;
  if (!header || header->position != position || goes_back) return damaged(position, "there is no frame");
  if (header->frame_bytes() > end_ - position) return damaged(position, "the frame reaches beyond its segment");
  header_ = *header;
  header_offset_ = at.offset;
  has_header_ = true;
  return {};
}

Result<std::optional<PlacedExtent>> FramePieces::extent_at(LogPosition position) {
  const bool is_among =
      !extents_.empty() && extents_.front().extent.begin <= position && position < extents_.back().extent.end;
  if (!is_among) {
    auto listed = segment_->compact->extents.list(*segment_->file, position, kExtentsAtOnce);
    if (!listed) return Error{segment_->name + ": " + listed.error().message, listed.error().kind};
    extents_ = std::move(listed.value());
    extent_ = 0;
    if (extents_.empty()) return std::optional<PlacedExtent>();
  }
  // As a rule it is the one that was used last, or the next one.
  if (extent_ > 0 && position < extents_[extent_ - 1].extent.end) extent_ = 0;
  while (extents_[extent_].extent.end <= position) ++extent_;
  PlacedExtent found = extents_[extent_];
  if (found.extent.begin < position) {
    found.offset += position - found.extent.begin;
    found.extent.begin = position;
  }
  return std::optional(found);
}

Result<std::string_view> FramePieces::bytes_at(LogPosition position, std::uint64_t offset, std::size_t count) {
  if (offset < buffer_begin_ || offset - buffer_begin_ > buffer_.size() ||
      count > buffer_.size() - (offset - buffer_begin_)) {
    const std::uint64_t file_end =
        segment_->compact ? segment_->compact->header.table_offset() : segment_->offset_of(end_);
    const std::uint64_t ahead = std::min<std::uint64_t>(file_end - offset, kPiece);
    buffer_.resize(std::max(count, static_cast<std::size_t>(ahead)));
    buffer_begin_ = offset;
    const Result<std::size_t> read = segment_->file->read_at(offset, buffer_);
    buffer_.resize(read ? read.value() : 0);
    if (!read) return read.error();
    if (buffer_.size() < count) return damaged(position, "the file ends too early");
  }
  return std::string_view(buffer_).substr(static_cast<std::size_t>(offset - buffer_begin_), count);
}

}  // namespace respublica
