#include "storage/recovery.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "storage/damage_report.h"
#include "storage/damaged_place.h"
#include "storage/file_window.h"
#include "storage/frame_scanner.h"
#include "storage/segment_files.h"
#include "storage/segment_tail.h"

namespace respublica {
namespace {

class Recovery {
 public:
  Recovery(FileSystem& files, LogPosition from, const RecordVisitor& visit, LogRecovery& found)
      : files_(files), from_(from), visit_(visit), found_(found) {}

  Result<RecoveredLog> run();

 private:
  /// The first segment that is to be read.
  Result<std::size_t> find_from() const;
  Result<void> scan_from();
  Result<void> scan(std::size_t index);
  Result<void> take_frame(std::size_t index, const FrameScanner& scanner);
  /// Visits the records of the frame that was found.
  Result<void> visit_records(std::size_t index, const FrameScanner& scanner);
  Result<void> take_damage(std::size_t index, const FrameScanner& scanner);
  Result<void> settle();
  Result<void> write_again(const Segment& segment);
  Result<void> remove(const std::vector<std::string>& names);
  std::uint64_t file_bytes(std::size_t index) const;

  FileSystem& files_;
  const LogPosition from_;
  const RecordVisitor& visit_;
  LogRecovery& found_;

  SegmentFiles found_files_;
  RecoveredLog log_;
  std::optional<std::uint32_t> previous_crc_;
  bool has_met_from_ = false;
  /// The highest durable position in a header.
  LogPosition durable_;
};

Result<RecoveredLog> Recovery::run() {
  auto opened = open_segment_files(files_);
  if (!opened) return opened.error();
  found_files_ = std::move(opened.value());
  log_.segments = found_files_.segments;
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

Result<std::size_t> Recovery::find_from() const {
  const auto& segments = log_.segments;
  const LogPosition begin = segments.front()->header.base;
  if (from_ < begin) {
    return Error{"the log begins at position " + std::to_string(begin.value) + " (" + segments.front()->name +
                 "); it is to be read from position " + std::to_string(from_.value) + ", which is missing"};
  }
  const auto behind = std::ranges::upper_bound(segments, from_, {}, [](const auto& each) { return each->header.base; });
  const auto compact = std::find_if(behind - 1, segments.end(), [](const auto& each) { return each->compact; });
  if (compact != segments.end()) {
    return Error{"the log is to be read from position " + std::to_string(from_.value) +
                 ", and has only a part of what " + "was there up to position " +
                 std::to_string((*compact)->end().value) + " (" + (*compact)->name + ")"};
  }
  return static_cast<std::size_t>(behind - segments.begin()) - 1;
}

Result<void> Recovery::scan_from() {
  const auto first = find_from();
  if (!first) return first.error();
  const Segment* const before = first.value() > 0 ? log_.segments[first.value() - 1].get() : nullptr;
  if (log_.segments[first.value()]->header.base == LogPosition{}) previous_crc_ = 0;
  if (before != nullptr && before->compact) previous_crc_ = before->compact->header.last_frame_crc;
  for (std::size_t i = first.value(); i < log_.segments.size(); ++i) {
    if (auto scanned = scan(i); !scanned) return scanned;
  }
  // The next frame will be chained to one that is further back.
  if (!previous_crc_ && before != nullptr) return scan(first.value() - 1);
  return {};
}

Result<void> Recovery::scan(std::size_t index) {
  const Segment& segment = *log_.segments[index];
  FrameScanner scanner(segment, file_bytes(index), previous_crc_);
  for (;;) {
    const auto found = scanner.next();
    if (!found) return found.error();
    log_.end = scanner.position();
    if (found.value() == FrameScanner::Found::end) break;
    if (found.value() == FrameScanner::Found::damage) {
      if (auto taken = take_damage(index, scanner); !taken) return taken;
      break;
    }
    if (auto taken = take_frame(index, scanner); !taken) return taken;
  }
  previous_crc_ = scanner.previous_crc();
  return {};
}

Result<void> Recovery::take_frame(std::size_t index, const FrameScanner& scanner) {
  const FrameHeader& header = scanner.header();
  // Of those before, whose checksums are right, no more is asked.
  if (header.position >= from_) {
    if (auto visited = visit_records(index, scanner); !visited) return visited;
  }
  if (header.position == from_) has_met_from_ = true;
  found_.last_time_ms = header.time_ms;
  durable_ = std::max(durable_, header.durable);
  return {};
}

Result<void> Recovery::visit_records(std::size_t index, const FrameScanner& scanner) {
  const Segment& segment = *log_.segments[index];
  const FrameHeader& header = scanner.header();
  std::uint32_t records = 0;
  std::string_view rest = scanner.payload();
  Record record;
  while (!rest.empty()) {
    const LogPosition position = header.payload_position() + (scanner.payload().size() - rest.size());
    const RecordRead read = read_record(rest, record);
    if (read.status != RecordRead::Status::whole) {
      return damage_error(segment.name, segment.offset_of(position),
                          "a record is not known, or was written by a later version",
                          channels_concerned(segment, file_bytes(index), header.position));
    }
    rest.remove_prefix(read.bytes);
    ++records;
    if (auto visited = visit_(record, position, header.time_ms); !visited) return visited;
  }
  if (records != header.records) {
    return damage_error(segment.name, scanner.offset(), "the frame has not as many records as its header says",
                        channels_concerned(segment, file_bytes(index), header.position));
  }
  ++found_.frames;
  found_.records += records;
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
                        channels_concerned(segment, file_bytes(index), place.position));
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
  if (auto removed = remove(found_files_.unfinished); !removed) return removed;
  if (!found_files_.replaced.empty()) {
    // The compact segments have their names for good before the files go that they replace.
    if (auto synced = files_.sync_directory(); !synced) return synced;
    if (auto removed = remove(found_files_.replaced); !removed) return removed;
  }
  return files_.sync_directory();
}

Result<void> Recovery::remove(const std::vector<std::string>& names) {
  for (const std::string& name : names) {
    if (auto removed = files_.remove(name); !removed) return removed;
  }
  return {};
}

std::uint64_t Recovery::file_bytes(std::size_t index) const {
  const Segment& segment = *log_.segments[index];
  return index + 1 < log_.segments.size() ? segment.file_bytes(segment.end()) : found_files_.last_file_bytes;
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
