#include "storage/compact_segment.h"

#include <cassert>
#include <utility>

#include "storage/crc32c.h"
#include "storage/file_window.h"

namespace respublica {
namespace {

/// What is written at once.
constexpr std::size_t kPiece = std::size_t{1} << 20;

/// header_crc of the last frame of a segment that has been left.
Result<std::uint32_t> last_frame_crc(const Segment& segment) {
  if (segment.compact) return segment.compact->header.last_frame_crc;
  FileWindow window(*segment.file);
  std::uint32_t crc = 0;
  for (LogPosition position = segment.header.base; position < segment.end();) {
    const auto bytes = window.at(segment.offset_of(position), kFrameHeaderBytes);
    if (!bytes) return bytes.error();
    const auto header = decode_frame_header(bytes.value(), segment.header.salt);
    if (!header || header->position != position || header->end() > segment.end()) {
      return Error{segment.name + ", byte " + std::to_string(segment.offset_of(position)) +
                   ": the header of the frame is damaged"};
    }
    crc = header->header_crc;
    position = header->end();
  }
  return crc;
}

}  // namespace

Result<void> UnfinishedFile::keep_as(const std::string& name) {
  assert(files_ != nullptr);
  if (auto renamed = files_->rename(name_, name); !renamed) return renamed;
  files_ = nullptr;
  return {};
}

CompactSegmentWriter::CompactSegmentWriter(FileSystem& files, LogPosition base, LogPosition end)
    : name_(compact_segment_name(base)), unfinished_(files, unfinished_name(name_)), table_(base) {
  header_.segment = new_segment_header(base);
  header_.end = end;
}

Result<std::unique_ptr<CompactSegmentWriter>> CompactSegmentWriter::create(FileSystem& files, const Segments& view,
                                                                           LogPosition base, LogPosition end) {
  const auto covered = segments_between(view, base, end);
  if (covered.empty() || end == Segment::kOpenEnd) {
    return Error{"the log has no whole segments from position " + std::to_string(base.value) + " to " +
                     std::to_string(end.value),
                 ErrorKind::not_found};
  }
  const auto crc = last_frame_crc(*covered.back());
  if (!crc) return crc.error();
  std::unique_ptr<CompactSegmentWriter> writer(new CompactSegmentWriter(files, base, end));
  writer->header_.segment.created_ms = covered.front()->header.created_ms;
  writer->header_.last_frame_crc = crc.value();
  auto file = create_unfinished(files, writer->unfinished_.name());
  if (!file) return file.error();
  writer->file_ = std::move(file.value());
  return writer;
}

Result<void> CompactSegmentWriter::add(LogPosition position, std::string_view bytes) {
  if (position < table_.end() || position > header_.end || bytes.size() > header_.end - position) {
    return Error{"position " + std::to_string(position.value) + " cannot be kept in " + name_ +
                 ": it is not behind the one before, or not in the segment"};
  }
  table_.add(position, bytes.size());
  pending_.append(bytes);
  if (pending_.size() < kPiece) return {};
  if (auto written = write_pending(); !written) return written;
  // Little at a time: a sync of the log waits for what the disk has to do.
  return file_->sync();
}

Result<CompactSegment> CompactSegmentWriter::finish() {
  if (auto written = write_pending(); !written) return written.error();
  const std::string& table = table_.finish();
  header_.table_bytes = table.size();
  header_.table_crc = crc32c(header_.segment.salt, table);
  if (auto written = file_->write_at(header_.table_offset(), table); !written) return written.error();
  if (auto written = file_->write_at(0, encode_compact_header(header_)); !written) return written.error();
  if (auto synced = file_->sync(); !synced) return synced.error();
  auto extents = ExtentTable::parse(table, header_);
  assert(extents);
  auto segment = std::make_shared<Segment>();
  segment->header = header_.segment;
  segment->name = name_;
  segment->file = std::move(file_);
  segment->compact = CompactPart{header_, std::move(*extents)};
  segment->close(header_.end);
  return CompactSegment(std::move(segment), std::move(unfinished_));
}

Result<void> CompactSegmentWriter::write_pending() {
  if (auto written = file_->write_at(header_.table_offset(), pending_); !written) return written;
  header_.kept_bytes += pending_.size();
  pending_.clear();
  return {};
}

}  // namespace respublica
