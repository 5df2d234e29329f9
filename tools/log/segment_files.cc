#include "tools/log/segment_files.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <tuple>
#include <utility>

#include "storage/segment_format.h"
#include "tools/log/lost_salt.h"

namespace respublica::logtool {
namespace {

Result<void> read_head(SegmentFile& found, LogPosition base, std::string_view head) {
  const auto header = decode_segment_header(head);
  if (header) {
    found.segment->header = header.value();
    if (header.value().base != base) found.flaw = "the segment has the name of another one";
    return {};
  }
  found.flaw = header.error().message;
  found.segment->header.base = base;
  const auto restored = restore_salt(*found.segment, found.bytes, head);
  if (!restored) return restored.error();
  found.is_readable = restored.value();
  return {};
}

Result<void> read_compact_head(SegmentFile& found, LogPosition base, std::string_view head) {
  const auto decoded = decode_compact_header(head);
  if (!decoded) {
    found.flaw = decoded.error().message;
    found.segment->header.base = base;
    found.is_readable = found.bytes > kSegmentHeaderBytes;
    return {};
  }
  const CompactHeader& header = decoded.value();
  found.compact_header = header;
  found.segment->header = header.segment;
  if (header.segment.base != base) found.flaw = "the segment has the name of another one";
  if (found.bytes != header.file_bytes()) {
    found.flaw = "the file should have " + std::to_string(header.file_bytes()) + " bytes, by its header, and has " +
                 std::to_string(found.bytes);
  }
  std::optional<ExtentTable> extents;
  if (found.bytes >= header.file_bytes()) {
    std::string table(static_cast<std::size_t>(header.table_bytes), '\0');
    const auto read = found.segment->file->read_at(header.table_offset(), table);
    if (!read) return read.error();
    extents = ExtentTable::parse(table, header);
    if (!extents) found.flaw = "the table of the segment is damaged";
  }
  if (!extents) return {};
  found.segment->compact = CompactPart{header, std::move(*extents)};
  found.segment->close(header.end);
  return {};
}

Result<SegmentFile> open_one(FileSystem& files, const std::string& name, LogPosition base) {
  SegmentFile found;
  found.segment->name = name;
  auto file = files.open(name);
  if (!file) return file.error();
  found.segment->file = std::move(file.value());
  const auto bytes = found.segment->file->size();
  if (!bytes) return bytes.error();
  found.bytes = bytes.value();
  std::array<char, kSegmentHeaderBytes> buffer{};
  const auto read = found.segment->file->read_at(0, buffer);
  if (!read) return read.error();
  const std::string_view head(buffer.data(), read.value());
  const auto done = found.is_compact() ? read_compact_head(found, base, head) : read_head(found, base, head);
  if (!done) return done.error();
  return found;
}

/// Of those that begin at one place, the one that is to be read comes first.
void order(std::vector<SegmentFile>& found) {
  std::ranges::sort(found, {}, [](const SegmentFile& file) {
    const LogPosition base = file.base();
    const int rank = file.segment->compact ? 0 : file.segment->name == segment_name(base) ? 1 : 2;
    return std::tuple(base, rank, file.segment->name);
  });
  const SegmentFile* first = nullptr;
  for (SegmentFile& file : found) {
    if (first != nullptr && first->base() == file.base()) {
      if (file.flaw.empty()) file.flaw = "it has the positions of another segment file";
      file.is_readable = false;
    } else {
      first = &file;
    }
  }
}

/// Takes those out that a compact one has replaced.
void leave_replaced(SegmentFiles& found) {
  std::vector<SegmentFile> kept;
  const Segment* compact = nullptr;
  for (SegmentFile& file : found.segments) {
    const bool is_in_it = compact != nullptr && file.base() < compact->end();
    if (is_in_it && file.end() <= compact->end()) {
      found.replaced.push_back(file.segment->name);
      continue;
    }
    if (is_in_it) file.flaw = "it overlaps with " + compact->name;
    if (file.segment->compact) compact = file.segment.get();
    kept.push_back(std::move(file));
  }
  found.segments = std::move(kept);
}

}  // namespace

bool SegmentFile::is_compact() const { return parse_compact_segment_name(segment->name).has_value(); }

LogPosition SegmentFile::end() const {
  if (compact_header) return compact_header->end;
  if (is_compact()) return base();
  return base() + (std::max(bytes, kSegmentHeaderBytes) - kSegmentHeaderBytes);
}

Result<SegmentFiles> open_segment_files(FileSystem& files, const std::vector<std::string>& names) {
  SegmentFiles found;
  for (const std::string& name : names) {
    auto base = parse_segment_name(name);
    if (!base) base = parse_compact_segment_name(name);
    if (!base) continue;
    auto opened = open_one(files, name, *base);
    if (!opened) return opened.error();
    found.segments.push_back(std::move(opened.value()));
  }
  order(found.segments);
  leave_replaced(found);
  return found;
}

}  // namespace respublica::logtool
