#include "tools/log/compact_walk.h"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>

#include "storage/byte_codec.h"
#include "storage/file_window.h"
#include "tools/log/damage_remains.h"
#include "tools/log/frame_remains.h"

namespace respublica::logtool {
namespace {

class CompactWalk {
 public:
  CompactWalk(const SegmentFile& file, LogPosition limit, LogVisitor& visitor, const WalkProgress& progress,
              std::uint64_t& time_ms)
      : file_(file),
        segment_(*file.segment),
        limit_(limit),
        visitor_(visitor),
        progress_(progress),
        time_ms_(time_ms),
        window_(*file.segment->file),
        position_(file.base()) {}

  Result<void> run();

 private:
  /// Goes through the extents of the table.
  Result<void> walk_extents();
  /// Goes through the bytes that stand in front of a table that is damaged.
  Result<void> walk_without_table();
  /// Goes through the next left_ bytes, up to the first damage that cannot be passed.
  Result<void> walk_stretch();
  /// False when there is no header here.
  Result<bool> take_header();
  /// Takes the records of the frame at once, if they are all here. False when they are not.
  Result<bool> take_whole_frame();
  /// False when the stretch cannot be read any further.
  Result<bool> take_record();
  Result<bool> take_damaged(RecordRead read);
  Result<void> complain(std::string reason);
  /// What is left is a table for the bytes before it.
  Result<bool> is_table_next();
  Result<std::string_view> bytes_here(std::uint64_t count);
  void advance(std::uint64_t bytes);
  bool is_placed() const { return segment_.compact.has_value(); }
  RecordPlace place() const;
  Damage damage_here(Damage::Kind kind, LogPosition end, std::string reason) const;

  const SegmentFile& file_;
  const Segment& segment_;
  const LogPosition limit_;
  LogVisitor& visitor_;
  const WalkProgress& progress_;
  std::uint64_t& time_ms_;
  FileWindow window_;
  LogPosition position_;
  std::uint64_t offset_ = kSegmentHeaderBytes;
  /// Of the stretch.
  std::uint64_t left_ = 0;
  /// The last one.
  std::optional<FrameHeader> frame_;
  bool has_said_that_headers_are_missing_ = false;
};

Result<void> CompactWalk::run() {
  progress_(kSegmentHeaderBytes);
  const auto walked = is_placed() ? walk_extents() : walk_without_table();
  if (!walked) return walked;
  progress_(file_.bytes - std::min(file_.bytes, offset_));
  return {};
}

Result<void> CompactWalk::walk_extents() {
  for (LogPosition from = segment_.header.base;;) {
    const auto extent = segment_.compact->extents.next(*segment_.file, from);
    if (!extent) return Error{segment_.name + ": " + extent.error().message, extent.error().kind};
    if (!extent.value() || extent.value()->begin >= limit_) return {};
    const std::uint64_t bytes = extent.value()->end - extent.value()->begin;
    const std::uint64_t behind = offset_ + bytes;
    position_ = extent.value()->begin;
    left_ = std::min(extent.value()->end, limit_) - position_;
    if (auto walked = walk_stretch(); !walked) return walked;
    offset_ = behind;
    from = extent.value()->end;
    progress_(bytes);
  }
}

Result<void> CompactWalk::walk_without_table() {
  const std::uint64_t in_file = file_.bytes - std::min(file_.bytes, kSegmentHeaderBytes);
  left_ = file_.compact_header ? std::min(in_file, file_.compact_header->kept_bytes) : in_file;
  const std::uint64_t begin = offset_;
  const auto walked = walk_stretch();
  progress_(offset_ - begin);
  return walked;
}

Result<void> CompactWalk::walk_stretch() {
  while (left_ > 0) {
    const auto header = take_header();
    if (!header) return header.error();
    if (header.value()) continue;
    const auto record = take_record();
    if (!record) return record.error();
    if (!record.value()) return {};
  }
  return {};
}

Result<bool> CompactWalk::take_header() {
  const auto bytes = bytes_here(kFrameHeaderBytes);
  if (!bytes) return bytes.error();
  const auto header = decode_kept_frame_header(bytes.value());
  if (!header || header->position < position_ || header->position >= limit_) return false;
  if (is_placed() && header->position > position_) return false;
  position_ = header->position;
  if (header->durable > header->position || header->frame_bytes() > limit_ - header->position) {
    if (auto said = complain("the header of the frame contradicts itself"); !said) return said.error();
  }
  frame_ = *header;
  time_ms_ = std::max(time_ms_, header->time_ms);
  advance(kFrameHeaderBytes);
  if (auto seen = visitor_.kept_frame(*header); !seen) return seen.error();
  if (auto taken = take_whole_frame(); !taken) return taken.error();
  return true;
}

Result<bool> CompactWalk::take_whole_frame() {
  if (!is_placed() || frame_->payload_bytes > left_) return false;
  const auto payload = bytes_here(frame_->payload_bytes);
  if (!payload) return payload.error();
  const FrameRemains remains = inspect_remains(payload.value(), frame_->records);
  if (!remains.is_complete) return false;
  const LogPosition end = position_ + frame_->payload_bytes;
  const auto shown =
      remains.damaged.empty()
          ? show_whole(visitor_, payload.value(), remains, place())
          : show_remains(visitor_, damage_here(Damage::Kind::loss, end, "records are damaged (checksum)"),
                         payload.value(), remains, place());
  if (!shown) return shown.error();
  advance(frame_->payload_bytes);
  return true;
}

Result<bool> CompactWalk::take_record() {
  Record record;
  RecordRead read{RecordRead::Status::cut_off, 0};
  for (std::size_t wanted = 0; read.status == RecordRead::Status::cut_off; wanted = read.bytes) {
    if (wanted > left_) return take_damaged(read);
    const auto bytes = bytes_here(wanted);
    if (!bytes) return bytes.error();
    // The file became shorter.
    if (bytes.value().size() < wanted) return take_damaged(read);
    read = read_record(bytes.value(), record);
  }
  if (read.status == RecordRead::Status::damaged) return take_damaged(read);
  const bool has_frame = frame_ && position_ >= frame_->payload_position() &&
                         position_ - frame_->payload_position() < frame_->payload_bytes;
  if (is_placed() && !has_frame && !has_said_that_headers_are_missing_) {
    has_said_that_headers_are_missing_ = true;
    const auto said =
        complain("the header of the frame is not kept, perhaps others: the times of records are not known");
    if (!said) return said.error();
  }
  RecordPlace at = place();
  at.bytes = read.bytes;
  if (auto seen = visitor_.record(record, at); !seen) return seen.error();
  advance(read.bytes);
  return true;
}

Result<bool> CompactWalk::take_damaged(RecordRead read) {
  if (!is_placed() && !file_.compact_header) {
    const auto is_table = is_table_next();
    if (!is_table) return is_table.error();
    if (is_table.value()) return false;
  }
  FrameRemains remains;
  std::string_view payload;
  if (read.status == RecordRead::Status::damaged && read.bytes <= left_) {
    const auto bytes = bytes_here(read.bytes);
    if (!bytes) return bytes.error();
    payload = bytes.value();
    remains.damaged.push_back({0, read.bytes});
    remains.is_complete = is_placed() && read.bytes == left_;
  }
  const LogPosition end = is_placed() ? position_ + left_ : limit_;
  const Damage damage = damage_here(Damage::Kind::loss, end, "there is no whole record (checksum)");
  if (auto shown = show_remains(visitor_, damage, payload, remains, place()); !shown) return shown.error();
  return false;
}

Result<void> CompactWalk::complain(std::string reason) {
  return visitor_.damage(damage_here(Damage::Kind::flaw, position_, std::move(reason)));
}

Result<bool> CompactWalk::is_table_next() {
  const auto bytes = window_.at(offset_, static_cast<std::size_t>(file_.bytes - offset_));
  if (!bytes) return bytes.error();
  ByteReader reader(bytes.value());
  std::uint64_t kept = 0;
  const std::uint64_t before = offset_ - kSegmentHeaderBytes;
  while (!reader.rest().empty() && kept < before) {
    reader.varint();
    kept += std::min(reader.varint(), before + 1);
  }
  return !reader.failed() && reader.rest().empty() && kept == before;
}

Result<std::string_view> CompactWalk::bytes_here(std::uint64_t count) {
  return window_.at(offset_, static_cast<std::size_t>(std::min(count, left_)));
}

void CompactWalk::advance(std::uint64_t bytes) {
  position_ = position_ + bytes;
  offset_ += bytes;
  left_ -= bytes;
}

RecordPlace CompactWalk::place() const {
  const LogPosition frame = frame_ ? frame_->position : segment_.header.base;
  return {position_, frame, segment_.name, time_ms_, 0, offset_, is_placed()};
}

Damage CompactWalk::damage_here(Damage::Kind kind, LogPosition end, std::string reason) const {
  Damage damage;
  damage.kind = kind;
  damage.file = segment_.name;
  damage.offset = offset_;
  damage.begin = position_;
  damage.end = std::max(end, position_);
  damage.reason = std::move(reason);
  return damage;
}

}  // namespace

Result<void> walk_compact(const SegmentFile& file, LogPosition limit, LogVisitor& visitor, const WalkProgress& progress,
                          std::uint64_t& time_ms) {
  return CompactWalk(file, limit, visitor, progress, time_ms).run();
}

}  // namespace respublica::logtool
