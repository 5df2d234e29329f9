#include "tools/log/log_walk.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "storage/crc32c.h"
#include "storage/damaged_place.h"
#include "storage/file_window.h"
#include "storage/frame_scanner.h"
#include "storage/segment_tail.h"
#include "tools/log/compact_walk.h"
#include "tools/log/damage_remains.h"
#include "tools/log/frame_remains.h"

namespace respublica::logtool {
namespace {

class Walk {
 public:
  Walk(const LogFiles& log, LogVisitor& visitor, const WalkProgress& progress)
      : log_(log), files_(log.segments), visitor_(visitor), progress_(progress) {}

  Result<void> run();

 private:
  /// A place that a scanner cannot pass.
  struct Obstacle {
    std::size_t index;
    LogPosition position;
    /// Where the frames of the segment end.
    LogPosition limit;
    std::string_view reason;
  };
  /// Where to go on; none = nowhere.
  struct Next {
    LogPosition position;
    std::optional<std::uint32_t> previous_crc;
  };

  bool is_last(std::size_t index) const;
  LogPosition limit_of(std::size_t index) const;
  Result<void> check_checkpoints();
  Result<void> check_header(std::size_t index);
  Result<void> check_place(std::size_t index);
  Result<void> check_length(std::size_t index);
  Result<void> check_end();
  Result<void> walk_segment(std::size_t index);
  Result<void> scan(std::size_t index);
  Result<void> take_frame(const FrameScanner& scanner, const Segment& segment);
  Result<std::optional<Next>> take_damage(const Obstacle& obstacle, FrameScanner& scanner);
  Result<std::optional<Next>> pass(const Obstacle& obstacle);
  Result<std::optional<Next>> pass_frame(const Obstacle& obstacle, const FrameHeader& header, FileWindow& window);
  /// Shows the damage, and then the records of the frame that are whole.
  Result<void> take_remains(const Segment& segment, const Damage& damage, std::string_view payload,
                            std::optional<std::uint32_t> records);
  /// Of the first record of the frame.
  RecordPlace place_of(const Segment& segment, LogPosition frame) const;
  Damage damage_at(const Obstacle& obstacle, Damage::Kind kind, LogPosition end) const;

  const LogFiles& log_;
  const std::vector<SegmentFile>& files_;
  LogVisitor& visitor_;
  const WalkProgress& progress_;
  /// Everything before has been shown.
  LogPosition position_;
  std::optional<std::uint32_t> previous_crc_ = 0;
  std::uint64_t time_ms_ = 0;
  /// Behind the last frame, or what was lost there.
  LogPosition end_;
};

Result<void> Walk::run() {
  if (auto checked = check_checkpoints(); !checked) return checked;
  for (std::size_t i = 0; i < files_.size(); ++i) {
    if (auto checked = check_place(i); !checked) return checked;
    if (auto checked = check_header(i); !checked) return checked;
    if (auto checked = check_length(i); !checked) return checked;
    if (auto walked = walk_segment(i); !walked) return walked;
  }
  return check_end();
}

Result<void> Walk::walk_segment(std::size_t index) {
  const SegmentFile& file = files_[index];
  if (!file.is_readable) {
    previous_crc_.reset();
    end_ = std::max(end_, position_);
    progress_(file.bytes);
    return {};
  }
  if (auto seen = visitor_.segment(file); !seen) return seen;
  const LogPosition limit = limit_of(index);
  if (file.is_compact()) {
    if (auto walked = walk_compact(file, limit, visitor_, progress_, time_ms_); !walked) return walked;
    previous_crc_.reset();
    if (file.compact_header) previous_crc_ = file.compact_header->last_frame_crc;
    end_ = limit;
  } else if (auto scanned = scan(index); !scanned) {
    return scanned;
  }
  position_ = std::max(position_, limit);
  return {};
}

bool Walk::is_last(std::size_t index) const {
  const auto behind = std::next(files_.begin(), static_cast<std::ptrdiff_t>(index) + 1);
  const LogPosition base = files_[index].base();
  return std::none_of(behind, files_.end(), [&](const SegmentFile& file) { return file.base() > base; });
}

LogPosition Walk::limit_of(std::size_t index) const {
  const SegmentFile& file = files_[index];
  for (std::size_t i = index + 1; i < files_.size(); ++i) {
    const LogPosition next = files_[i].base();
    if (next <= file.base()) continue;
    // Where a compact segment ends whose header is damaged, the next one tells.
    return file.is_compact() && !file.compact_header ? next : std::min(file.end(), next);
  }
  return file.end();
}

Result<void> Walk::check_checkpoints() {
  Damage damage;
  damage.kind = log_.is_covered() ? Damage::Kind::flaw : Damage::Kind::loss;
  for (const DamagedCheckpoint& checkpoint : log_.damaged_checkpoints) {
    damage.begin = damage.end = checkpoint.position;
    damage.reason = checkpoint.reason;
    if (auto seen = visitor_.damage(damage); !seen) return seen;
  }
  const bool has_compact = std::ranges::any_of(files_, [](const SegmentFile& file) { return file.is_compact(); });
  if (log_.is_covered() || !has_compact) return {};
  damage.begin = log_.checkpoint.header.position;
  damage.end = damage.begin;
  damage.reason = "no checkpoint says what the log had from there to position " +
                  std::to_string(log_.complete_from().value) +
                  " beside entries: what was deleted, and names of channels";
  return visitor_.damage(damage);
}

Result<void> Walk::check_place(std::size_t index) {
  const LogPosition base = files_[index].base();
  if (base <= position_) return {};
  const bool is_removed = index == 0 && log_.checkpoint.header.position >= base;
  Damage damage;
  damage.begin = std::exchange(position_, base);
  damage.end = base;
  previous_crc_.reset();
  if (is_removed) return {};
  damage.reason = "no file has this part of the log";
  if (index > 0) {
    damage.reason += ": one is missing, or " + files_[index - 1].segment->name + " was cut off";
  } else {
    damage.reason += ", and no checkpoint says what it led to";
  }
  return visitor_.damage(damage);
}

Result<void> Walk::check_header(std::size_t index) {
  const SegmentFile& file = files_[index];
  if (file.flaw.empty()) return {};
  const LogPosition limit = limit_of(index);
  Damage damage;
  damage.file = file.segment->name;
  damage.begin = damage.end = file.base();
  damage.kind = Damage::Kind::flaw;
  damage.reason = file.flaw;
  if (file.is_readable || position_ >= limit) return visitor_.damage(damage);
  position_ = limit;
  const auto written = inspect_tail(*file.segment, file.base());
  if (!written) return written.error();
  if (written.value().bytes > 0 || file.is_compact()) {
    damage.kind = Damage::Kind::loss;
    damage.end = is_last(index) ? std::min(limit, file.base() + written.value().bytes) : limit;
    damage.reason += "; nothing else tells the frames of the file";
  }
  return visitor_.damage(damage);
}

Result<void> Walk::check_length(std::size_t index) {
  const SegmentFile& file = files_[index];
  const LogPosition limit = limit_of(index);
  const std::uint64_t wanted = file.segment->offset_of(limit);
  if (is_last(index) || file.bytes <= wanted || !file.is_readable || file.is_compact()) return {};
  Damage damage;
  damage.file = file.segment->name;
  damage.kind = Damage::Kind::flaw;
  damage.begin = damage.end = limit;
  damage.offset = wanted;
  damage.reason = "the file should have " + std::to_string(wanted) + " bytes, by the segment that follows, and has " +
                  std::to_string(file.bytes);
  return visitor_.damage(damage);
}

Result<void> Walk::check_end() {
  Damage damage;
  damage.begin = damage.end = end_;
  if (!files_.empty() && files_.back().is_compact()) {
    damage.end = std::max(end_, log_.known_durable);
    damage.reason = "no segment follows the compact one, " + files_.back().segment->name;
    return visitor_.damage(damage);
  }
  if (log_.known_durable <= end_) return {};
  damage.end = log_.known_durable;
  damage.reason = "the log is shorter than it was when the newest checkpoint was written";
  return visitor_.damage(damage);
}

Result<void> Walk::scan(std::size_t index) {
  const Segment& segment = *files_[index].segment;
  const LogPosition limit = limit_of(index);
  FrameScanner scanner(segment, segment.offset_of(limit), previous_crc_);
  std::uint64_t passed = 0;
  for (;;) {
    const auto found = scanner.next();
    if (!found) return found.error();
    progress_(scanner.offset() - passed);
    passed = scanner.offset();
    end_ = std::max(end_, scanner.position());
    if (found.value() == FrameScanner::Found::end) break;
    if (found.value() == FrameScanner::Found::frame) {
      if (auto taken = take_frame(scanner, segment); !taken) return taken;
      continue;
    }
    const auto next = take_damage({index, scanner.position(), limit, scanner.reason()}, scanner);
    if (!next) return next.error();
    if (!next.value()) break;
    scanner.resume(next.value()->position, next.value()->previous_crc);
  }
  previous_crc_ = scanner.previous_crc();
  progress_(std::max(files_[index].bytes, passed) - passed);
  return {};
}

Result<void> Walk::take_frame(const FrameScanner& scanner, const Segment& segment) {
  const FrameHeader& header = scanner.header();
  time_ms_ = std::max(time_ms_, header.time_ms);
  const FrameRemains remains = inspect_remains(scanner.payload(), header.records);
  if (!remains.is_complete || !remains.damaged.empty()) {
    Damage damage;
    damage.file = segment.name;
    damage.offset = scanner.offset();
    damage.begin = header.position;
    damage.end = header.end();
    damage.reason = "records of the frame are not known, or were written by a later version";
    return take_remains(segment, damage, scanner.payload(), header.records);
  }
  if (auto seen = visitor_.frame(header); !seen) return seen;
  return show_whole(visitor_, scanner.payload(), remains, place_of(segment, header.position));
}

Damage Walk::damage_at(const Obstacle& obstacle, Damage::Kind kind, LogPosition end) const {
  const Segment& segment = *files_[obstacle.index].segment;
  Damage damage;
  damage.kind = kind;
  damage.file = segment.name;
  damage.offset = segment.offset_of(obstacle.position);
  damage.begin = obstacle.position;
  damage.end = end;
  damage.reason = obstacle.reason;
  return damage;
}

Result<std::optional<Walk::Next>> Walk::take_damage(const Obstacle& obstacle, FrameScanner& scanner) {
  const std::optional<Next> nowhere;
  if (!is_last(obstacle.index)) return pass(obstacle);
  const auto previous_crc = scanner.previous_crc();
  const auto tail = inspect_tail(*files_[obstacle.index].segment, obstacle.position);
  if (!tail) return tail.error();
  if (tail.value().bytes == 0) return nowhere;
  // A broker may have completed the frame since it was read: what it wrote later proves nothing against it.
  scanner.resume(obstacle.position, previous_crc);
  const auto again = scanner.next();
  if (!again) return again.error();
  if (again.value() == FrameScanner::Found::frame) return std::optional(Next{obstacle.position, previous_crc});
  const DamagedPlace place{obstacle.position, false, log_.known_durable, tail.value().highest_durable};
  if (judge(place) == DamageVerdict::corrupt) return pass(obstacle);
  const LogPosition end = obstacle.position + tail.value().bytes;
  if (auto seen = visitor_.damage(damage_at(obstacle, Damage::Kind::tail, end)); !seen) return seen.error();
  return nowhere;
}

Result<std::optional<Walk::Next>> Walk::pass(const Obstacle& obstacle) {
  const Segment& segment = *files_[obstacle.index].segment;
  const std::uint64_t offset = segment.offset_of(obstacle.position);
  FileWindow window(*segment.file);
  const auto bytes = window.at(offset, kFrameHeaderBytes);
  if (!bytes) return bytes.error();
  const auto header = decode_frame_header(bytes.value(), segment.header.salt);
  const bool is_right = header && header->position == obstacle.position && header->durable <= header->position &&
                        header->frame_bytes() <= obstacle.limit - obstacle.position;
  if (is_right) return pass_frame(obstacle, *header, window);
  const auto found = find_frame(segment, obstacle.position + kFrameAlignment, obstacle.limit);
  if (!found) return found.error();
  const LogPosition end = found.value().value_or(obstacle.limit);
  end_ = end;
  const std::uint64_t payload_bytes = end - std::min(end, obstacle.position + kFrameHeaderBytes);
  const auto payload = window.at(offset + kFrameHeaderBytes, static_cast<std::size_t>(payload_bytes));
  if (!payload) return payload.error();
  const Damage damage = damage_at(obstacle, Damage::Kind::loss, end);
  if (auto taken = take_remains(segment, damage, payload.value(), std::nullopt); !taken) return taken.error();
  return found.value() ? std::optional(Next{end, std::nullopt}) : std::nullopt;
}

Result<std::optional<Walk::Next>> Walk::pass_frame(const Obstacle& obstacle, const FrameHeader& header,
                                                   FileWindow& window) {
  const Segment& segment = *files_[obstacle.index].segment;
  const std::uint64_t offset = segment.offset_of(header.payload_position());
  const auto payload = window.at(offset, header.payload_bytes);
  if (!payload) return payload.error();
  if (crc32c(segment.header.salt, payload.value()) == header.payload_crc) {
    // It does not follow the frame before it, and is whole: it is taken as if it did.
    const Damage damage = damage_at(obstacle, Damage::Kind::flaw, obstacle.position);
    if (auto seen = visitor_.damage(damage); !seen) return seen.error();
    return std::optional(Next{header.position, std::nullopt});
  }
  time_ms_ = std::max(time_ms_, header.time_ms);
  const Damage damage = damage_at(obstacle, Damage::Kind::loss, header.end());
  if (auto taken = take_remains(segment, damage, payload.value(), header.records); !taken) return taken.error();
  return std::optional(Next{header.end(), header.header_crc});
}

RecordPlace Walk::place_of(const Segment& segment, LogPosition frame) const {
  const LogPosition payload = frame + kFrameHeaderBytes;
  return {payload, frame, segment.name, time_ms_, 0, segment.offset_of(payload)};
}

Result<void> Walk::take_remains(const Segment& segment, const Damage& damage, std::string_view payload,
                                std::optional<std::uint32_t> records) {
  return show_remains(visitor_, damage, payload, inspect_remains(payload, records), place_of(segment, damage.begin));
}

}  // namespace

Result<void> walk_log(const LogFiles& files, LogVisitor& visitor, const WalkProgress& progress) {
  return Walk(files, visitor, progress).run();
}

}  // namespace respublica::logtool
