#include "storage/segment_files.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "storage/damage_report.h"
#include "storage/segment_format.h"

namespace respublica {
namespace {

struct FoundSegment {
  std::shared_ptr<Segment> segment;
  std::uint64_t file_bytes = 0;

  LogPosition base() const { return segment->header.base; }
  /// By its own header, or by its file.
  LogPosition end() const { return segment->compact ? segment->end() : base() + (file_bytes - kSegmentHeaderBytes); }
};

Result<void> wrong_length(const FoundSegment& found, std::uint64_t wanted, const std::string& by) {
  return damage_error(found.segment->name, std::min(found.file_bytes, wanted),
                      "the file should have " + std::to_string(wanted) + " bytes, by " + by + ", and has " +
                          std::to_string(found.file_bytes),
                      "");
}

Result<void> read_table(const FoundSegment& found, const CompactHeader& header) {
  Segment& segment = *found.segment;
  if (found.file_bytes != header.file_bytes()) return wrong_length(found, header.file_bytes(), "its header");
  std::string table(static_cast<std::size_t>(header.table_bytes), '\0');
  const auto read = segment.file->read_at(header.table_offset(), table);
  if (!read) return read.error();
  auto extents = ExtentTable::parse(std::string_view(table).substr(0, read.value()), header);
  if (!extents) {
    return damage_error(segment.name, header.table_offset(), "the table of the segment is damaged", "");
  }
  segment.compact = CompactPart{header, std::move(*extents)};
  segment.close(header.end);
  return {};
}

/// Reads what stands before the frames or the kept bytes of a segment, which begins at `base` by its name.
Result<void> read_head(const FoundSegment& found, LogPosition base) {
  Segment& segment = *found.segment;
  std::array<char, kSegmentHeaderBytes> buffer{};
  const auto read = segment.file->read_at(0, buffer);
  if (!read) return read.error();
  const std::string_view bytes(buffer.data(), read.value());
  std::optional<CompactHeader> compact;
  if (parse_compact_segment_name(segment.name)) {
    const auto header = decode_compact_header(bytes);
    if (!header) return damage_error(segment.name, 0, header.error().message, "");
    compact = header.value();
    segment.header = compact->segment;
  } else {
    const auto header = decode_segment_header(bytes);
    if (!header) return damage_error(segment.name, 0, header.error().message, "");
    segment.header = header.value();
  }
  if (segment.header.base != base) return damage_error(segment.name, 0, "the segment has the name of another one", "");
  return compact ? read_table(found, *compact) : Result<void>();
}

Result<FoundSegment> open_segment(FileSystem& files, const std::string& name, LogPosition base) {
  auto file = files.open(name);
  if (!file) return file.error();
  const auto size = file.value()->size();
  if (!size) return size.error();
  FoundSegment found{std::make_shared<Segment>(), size.value()};
  found.segment->name = name;
  found.segment->file = std::move(file.value());
  if (auto read = read_head(found, base); !read) return read.error();
  return found;
}

/// Takes those out that lie in a compact one; their names go to `replaced`.
Result<void> leave_replaced(std::vector<FoundSegment>& all, std::vector<std::string>& replaced) {
  // Of two that begin at one place the compact one comes first: it may have replaced the other.
  std::ranges::stable_sort(
      all, {}, [](const FoundSegment& each) { return std::pair(each.base(), each.segment->compact ? 0 : 1); });
  std::vector<FoundSegment> kept;
  for (FoundSegment& each : all) {
    const FoundSegment* const before = kept.empty() ? nullptr : &kept.back();
    const bool is_in_it = before != nullptr && before->segment->compact && each.base() < before->end();
    if (!is_in_it) {
      kept.push_back(std::move(each));
    } else if (each.end() > before->end()) {
      return damage_error(each.segment->name, 0, "it overlaps with " + before->segment->name, "");
    } else {
      replaced.push_back(each.segment->name);
    }
  }
  all = std::move(kept);
  return {};
}

Result<void> check_that_all_are_there(const std::vector<FoundSegment>& all) {
  for (std::size_t i = 0; i + 1 < all.size(); ++i) {
    const LogPosition next = all[i + 1].base();
    if (all[i].end() == next) {
      all[i].segment->close(next);
    } else if (all[i].segment->compact) {
      return damage_error(
          all[i + 1].segment->name, 0,
          "the segment before it (" + all[i].segment->name + ") ends at position " + std::to_string(all[i].end().value),
          "");
    } else {
      return wrong_length(all[i], all[i].segment->offset_of(next),
                          "the segment that follows (" + all[i + 1].segment->name + ")");
    }
  }
  if (!all.empty() && all.back().segment->compact) {
    return damage_error(all.back().segment->name, 0, "no segment follows the compact one", "");
  }
  return {};
}

}  // namespace

Result<SegmentFiles> open_segment_files(FileSystem& files) {
  const auto names = files.list();
  if (!names) return names.error();
  SegmentFiles result;
  std::vector<FoundSegment> all;
  for (const std::string& name : names.value()) {
    if (is_unfinished_segment_name(name)) result.unfinished.push_back(name);
    auto base = parse_segment_name(name);
    if (!base) base = parse_compact_segment_name(name);
    if (!base) continue;
    auto opened = open_segment(files, name, *base);
    if (!opened) return opened.error();
    all.push_back(std::move(opened.value()));
  }
  if (auto left = leave_replaced(all, result.replaced); !left) return left.error();
  if (auto checked = check_that_all_are_there(all); !checked) return checked.error();
  for (const FoundSegment& each : all) result.segments.push_back(each.segment);
  if (!all.empty()) result.last_file_bytes = all.back().file_bytes;
  return result;
}

}  // namespace respublica
