#include "storage/recovery.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <utility>

#include "storage/damage_report.h"
#include "storage/damaged_place.h"
#include "storage/file_window.h"
#include "storage/frame_scanner.h"
#include "storage/segment_format.h"
#include "storage/segment_tail.h"

namespace respublica {
namespace {

class Recovery {
 public:
  Recovery(FileSystem& files, LogPosition from, const RecordVisitor& visit, LogRecovery& found)
      : files_(files), from_(from), visit_(visit), found_(found) {}

  Result<RecoveredLog> run();

 private:
  Result<void> open_segments();
  Result<void> open_segment(const std::string& name, LogPosition base);
  Result<void> check_that_all_are_there() const;
  Result<void> scan_from();
  Result<void> scan(std::size_t index);
  Result<void> take_frame(const Segment& segment, std::uint64_t file_bytes, const FrameScanner& scanner);
  Result<void> take_damage(std::size_t index, const FrameScanner& scanner);
  Result<void> settle();
  Result<void> write_again(const Segment& segment);

  FileSystem& files_;
  const LogPosition from_;
  const RecordVisitor& visit_;
  LogRecovery& found_;

  RecoveredLog log_;
  /// Of each segment.
  std::vector<std::uint64_t> file_bytes_;
  /// Names of segments that were never finished.
  std::vector<std::string> unfinished_;
  std::optional<std::uint32_t> previous_crc_;
  bool has_met_from_ = false;
  /// The highest durable position in a header.
  LogPosition durable_;
};

Result<RecoveredLog> Recovery::run() {
  if (auto opened = open_segments(); !opened) return opened.error();
  if (auto checked = check_that_all_are_there(); !checked) return checked.error();
  if (!log_.segments.empty()) {
    if (auto scanned = scan_from(); !scanned) return scanned.error();
  }
  if (!has_met_from_ && from_ != log_.end) {
    return Error{"the log, which ends at position " + std::to_string(log_.end.value) + ", has no frame at position " +
                 std::to_string(from_.value) + ", from which it is to be read"};
  }
  if (auto settled = settle(); !settled) return settled.error();
  found_.segments = log_.segments.size();
  log_.previous_crc = previous_crc_.value_or(0);
  return std::move(log_);
}

Result<void> Recovery::open_segments() {
  const auto names = files_.list();
  if (!names) return names.error();
  for (const std::string& name : names.value()) {
    if (is_unfinished_segment_name(name)) unfinished_.push_back(name);
    const auto base = parse_segment_name(name);
    if (!base) continue;
    if (auto opened = open_segment(name, *base); !opened) return opened;
  }
  return {};
}

Result<void> Recovery::open_segment(const std::string& name, LogPosition base) {
  auto file = files_.open(name);
  if (!file) return file.error();
  const auto size = file.value()->size();
  if (!size) return size.error();
  std::array<char, kSegmentHeaderBytes> bytes{};
  const auto read = file.value()->read_at(0, bytes);
  if (!read) return read.error();
  const auto header = decode_segment_header(std::string_view(bytes.data(), read.value()));
  if (!header) return damage_error(name, 0, header.error().message, "");
  if (header.value().base != base) return damage_error(name, 0, "the segment has the name of another one", "");
  auto segment = std::make_shared<Segment>();
  segment->header = header.value();
  segment->name = name;
  segment->file = std::move(file.value());
  log_.segments.push_back(std::move(segment));
  file_bytes_.push_back(size.value());
  return {};
}

Result<void> Recovery::check_that_all_are_there() const {
  const auto& segments = log_.segments;
  const LogPosition begin = segments.empty() ? LogPosition{} : segments.front()->header.base;
  if (from_ < begin) {
    return Error{"the log begins at position " + std::to_string(begin.value) + " (" + segments.front()->name +
                 "); it is to be read from position " + std::to_string(from_.value) + ", which is missing"};
  }
  for (std::size_t i = 0; i + 1 < segments.size(); ++i) {
    const std::uint64_t wanted = segments[i]->offset_of(segments[i + 1]->header.base);
    if (file_bytes_[i] == wanted) continue;
    return damage_error(segments[i]->name, std::min(file_bytes_[i], wanted),
                        "the file should have " + std::to_string(wanted) + " bytes, by the segment that follows (" +
                            segments[i + 1]->name + "), and has " + std::to_string(file_bytes_[i]),
                        "");
  }
  return {};
}

Result<void> Recovery::scan_from() {
  const auto& segments = log_.segments;
  const auto behind = std::ranges::upper_bound(segments, from_, {}, [](const auto& each) { return each->header.base; });
  const auto first = static_cast<std::size_t>(behind - segments.begin()) - 1;
  if (segments[first]->header.base == LogPosition{}) previous_crc_ = 0;
  for (std::size_t i = first; i < segments.size(); ++i) {
    if (auto scanned = scan(i); !scanned) return scanned;
  }
  // The next frame will be chained to one that is further back.
  if (!previous_crc_ && first > 0) return scan(first - 1);
  return {};
}

Result<void> Recovery::scan(std::size_t index) {
  const Segment& segment = *log_.segments[index];
  FrameScanner scanner(segment, file_bytes_[index], previous_crc_);
  for (;;) {
    const auto found = scanner.next();
    if (!found) return found.error();
    log_.end = scanner.position();
    if (found.value() == FrameScanner::Found::end) break;
    if (found.value() == FrameScanner::Found::damage) {
      if (auto taken = take_damage(index, scanner); !taken) return taken;
      break;
    }
    if (auto taken = take_frame(segment, file_bytes_[index], scanner); !taken) return taken;
  }
  previous_crc_ = scanner.previous_crc();
  return {};
}

Result<void> Recovery::take_frame(const Segment& segment, std::uint64_t file_bytes, const FrameScanner& scanner) {
  const FrameHeader& header = scanner.header();
  const bool is_visited = header.position >= from_;
  std::uint32_t records = 0;
  std::string_view rest = scanner.payload();
  Record record;
  while (!rest.empty()) {
    const LogPosition position = header.payload_position() + (scanner.payload().size() - rest.size());
    const RecordRead read = read_record(rest, record);
    if (read.status != RecordRead::Status::whole) {
      return damage_error(segment.name, segment.offset_of(position),
                          "a record is not known, or was written by a later version",
                          channels_concerned(segment, file_bytes, header.position));
    }
    rest.remove_prefix(read.bytes);
    ++records;
    if (!is_visited) continue;
    if (auto visited = visit_(record, position, header.time_ms); !visited) return visited;
  }
  if (records != header.records) {
    return damage_error(segment.name, scanner.offset(), "the frame has not as many records as its header says",
                        channels_concerned(segment, file_bytes, header.position));
  }
  if (header.position == from_) has_met_from_ = true;
  if (is_visited) {
    ++found_.frames;
    found_.records += records;
  }
  found_.last_time_ms = header.time_ms;
  durable_ = std::max(durable_, header.durable);
  return {};
}

Result<void> Recovery::take_damage(std::size_t index, const FrameScanner& scanner) {
  const Segment& segment = *log_.segments[index];
  DamagedPlace place{scanner.position(), index + 1 < log_.segments.size(), from_, std::nullopt};
  SegmentTail tail;
  if (!place.is_sealed) {
    const auto inspected = inspect_tail(segment, place.position);
    if (!inspected) return inspected.error();
    tail = inspected.value();
    if (tail.bytes == 0) return {};
    place.later_durable = tail.highest_durable;
  }
  if (judge(place) == DamageVerdict::corrupt) {
    return damage_error(segment.name, scanner.offset(), scanner.reason(),
                        channels_concerned(segment, file_bytes_[index], place.position));
  }
  found_.cut_bytes = tail.bytes;
  return {};
}

Result<void> Recovery::settle() {
  if (!log_.segments.empty()) {
    const Segment& last = *log_.segments.back();
    // Cut off for good, not overwritten one day: no frame behind this place is ever found again.
    if (found_.cut_bytes > 0) {
      if (auto cut = last.file->truncate(last.offset_of(log_.end)); !cut) return cut;
    }
    if (auto written = write_again(last); !written) return written;
    if (auto synced = last.file->sync(); !synced) return synced;
  }
  for (const std::string& name : unfinished_) {
    if (auto removed = files_.remove(name); !removed) return removed;
  }
  return files_.sync_directory();
}

Result<void> Recovery::write_again(const Segment& segment) {
  FileWindow window(*segment.file);
  const std::uint64_t end = segment.offset_of(log_.end);
  // The segments before were synced before this one was made.
  for (std::uint64_t offset = segment.offset_of(std::max(durable_, segment.header.base)); offset < end;) {
    const auto count = std::min<std::uint64_t>(FileWindow::kPiece, end - offset);
    const auto bytes = window.at(offset, static_cast<std::size_t>(count));
    if (!bytes) return bytes.error();
    if (bytes.value().empty()) return Error{"the file " + segment.name + " became shorter while it was read"};
    if (auto written = segment.file->write_at(offset, bytes.value()); !written) return written;
    offset += bytes.value().size();
  }
  return {};
}

}  // namespace

Result<RecoveredLog> recover_log(FileSystem& files, LogPosition from, const RecordVisitor& visit, LogRecovery& found) {
  found = {};
  return Recovery(files, from, visit, found).run();
}

}  // namespace respublica
