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
#include "tools/log/frame_remains.h"

namespace respublica::logtool {
namespace {

class Walk {
 public:
  Walk(const std::vector<SegmentFile>& files, LogVisitor& visitor, const WalkProgress& progress)
      : files_(files), visitor_(visitor), progress_(progress) {}

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
  Result<void> check_header(std::size_t index);
  Result<void> check_place(std::size_t index);
  Result<void> scan(std::size_t index);
  Result<void> take_frame(const FrameScanner& scanner, const Segment& segment);
  Result<std::optional<Next>> take_damage(const Obstacle& obstacle, FrameScanner& scanner);
  Result<std::optional<Next>> pass(const Obstacle& obstacle);
  Result<std::optional<Next>> pass_frame(const Obstacle& obstacle, const FrameHeader& header, FileWindow& window);
  /// Shows the damage, and then the records of the frame that are whole.
  Result<void> take_remains(Damage damage, std::string_view payload, std::optional<std::uint32_t> records);
  Damage damage_at(const Obstacle& obstacle, Damage::Kind kind, LogPosition end) const;

  const std::vector<SegmentFile>& files_;
  LogVisitor& visitor_;
  const WalkProgress& progress_;
  /// Everything before has been shown.
  LogPosition position_;
  std::optional<std::uint32_t> previous_crc_ = 0;
  std::uint64_t time_ms_ = 0;
};

Result<void> Walk::run() {
  for (std::size_t i = 0; i < files_.size(); ++i) {
    const SegmentFile& file = files_[i];
    if (auto checked = check_place(i); !checked) return checked;
    if (auto checked = check_header(i); !checked) return checked;
    if (!file.is_readable) {
      previous_crc_.reset();
      progress_(file.bytes);
      continue;
    }
    if (auto seen = visitor_.segment(file); !seen) return seen;
    if (auto scanned = scan(i); !scanned) return scanned;
    position_ = std::max(position_, limit_of(i));
  }
  return {};
}

bool Walk::is_last(std::size_t index) const {
  const auto behind = std::next(files_.begin(), static_cast<std::ptrdiff_t>(index) + 1);
  const LogPosition base = files_[index].segment->header.base;
  return std::none_of(behind, files_.end(), [&](const SegmentFile& file) { return file.segment->header.base > base; });
}

LogPosition Walk::limit_of(std::size_t index) const {
  const SegmentFile& file = files_[index];
  const LogPosition base = file.segment->header.base;
  LogPosition limit = base + (std::max(file.bytes, kSegmentHeaderBytes) - kSegmentHeaderBytes);
  for (std::size_t i = index + 1; i < files_.size(); ++i) {
    const LogPosition next = files_[i].segment->header.base;
    if (next > base) return std::min(limit, next);
  }
  return limit;
}

Result<void> Walk::check_place(std::size_t index) {
  const SegmentFile& file = files_[index];
  const LogPosition base = file.segment->header.base;
  if (base <= position_) return {};
  Damage damage;
  damage.begin = position_;
  damage.end = base;
  damage.reason = "no file has this part of the log";
  if (index > 0) damage.reason += ": one is missing, or " + files_[index - 1].segment->name + " was cut off";
  position_ = base;
  previous_crc_.reset();
  return visitor_.damage(damage);
}

Result<void> Walk::check_header(std::size_t index) {
  const SegmentFile& file = files_[index];
  const LogPosition base = file.segment->header.base;
  const LogPosition limit = limit_of(index);
  Damage damage;
  damage.file = file.segment->name;
  damage.begin = damage.end = base;
  damage.kind = Damage::Kind::flaw;
  if (!file.flaw.empty()) {
    damage.reason = file.flaw;
    if (!file.is_readable && position_ < limit) {
      const auto written = inspect_tail(*file.segment, base);
      if (!written) return written.error();
      position_ = limit;
      if (written.value().bytes > 0) {
        damage.kind = Damage::Kind::loss;
        damage.end = is_last(index) ? std::min(limit, base + written.value().bytes) : limit;
        damage.reason += "; nothing else tells the frames of the file";
      }
    }
    if (auto seen = visitor_.damage(damage); !seen) return seen;
  }
  const std::uint64_t wanted = file.segment->offset_of(limit);
  if (is_last(index) || file.bytes <= wanted || !file.is_readable) return {};
  damage.kind = Damage::Kind::flaw;
  damage.begin = damage.end = limit;
  damage.offset = wanted;
  damage.reason = "the file should have " + std::to_string(wanted) + " bytes, by the segment that follows, and has " +
                  std::to_string(file.bytes);
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
    return take_remains(std::move(damage), scanner.payload(), header.records);
  }
  if (auto seen = visitor_.frame(header); !seen) return seen;
  Record record;
  for (const FrameRemains::Piece& piece : remains.whole) {
    read_record(scanner.payload().substr(piece.at, piece.bytes), record);
    const LogPosition at = header.payload_position() + piece.at;
    const RecordPlace place{at, header.position, segment.name, header.time_ms, piece.bytes};
    if (auto seen = visitor_.record(record, place); !seen) return seen;
  }
  return {};
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
  const LogPosition durable = files_[obstacle.index].known_durable;
  const DamagedPlace place{obstacle.position, false, durable, tail.value().highest_durable};
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
  const std::uint64_t payload_bytes = end - std::min(end, obstacle.position + kFrameHeaderBytes);
  const auto payload = window.at(offset + kFrameHeaderBytes, static_cast<std::size_t>(payload_bytes));
  if (!payload) return payload.error();
  const Damage damage = damage_at(obstacle, Damage::Kind::loss, end);
  if (auto taken = take_remains(damage, payload.value(), std::nullopt); !taken) return taken.error();
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
  if (auto taken = take_remains(damage, payload.value(), header.records); !taken) return taken.error();
  return std::optional(Next{header.end(), header.header_crc});
}

Result<void> Walk::take_remains(Damage damage, std::string_view payload, std::optional<std::uint32_t> records) {
  const FrameRemains remains = inspect_remains(payload, records);
  damage.kept = remains.whole.size();
  damage.may_concern_others = !remains.is_complete;
  Record record;
  const auto concern = [&damage](ChannelNumber channel) {
    if (std::ranges::find(damage.channels, channel) == damage.channels.end()) damage.channels.push_back(channel);
  };
  for (const FrameRemains::Piece& piece : remains.whole) {
    read_record(payload.substr(piece.at, piece.bytes), record);
    if (!remains.is_complete) concern(channel_of(record));
  }
  for (const FrameRemains::Piece& piece : remains.damaged) {
    if (!read_damaged_record(payload.substr(piece.at, piece.bytes), record)) {
      damage.may_concern_others = true;
      continue;
    }
    concern(channel_of(record));
    if (record.kind == Record::Kind::append) damage.entries.push_back({record.append.channel, record.append.id});
  }
  if (auto seen = visitor_.damage(damage); !seen) return seen;
  for (const FrameRemains::Piece& piece : remains.whole) {
    read_record(payload.substr(piece.at, piece.bytes), record);
    const LogPosition at = damage.begin + (kFrameHeaderBytes + piece.at);
    if (auto seen = visitor_.record(record, {at, damage.begin, damage.file, time_ms_, piece.bytes}); !seen) return seen;
  }
  return {};
}

}  // namespace

Result<void> walk_log(const std::vector<SegmentFile>& files, LogVisitor& visitor, const WalkProgress& progress) {
  return Walk(files, visitor, progress).run();
}

}  // namespace respublica::logtool
