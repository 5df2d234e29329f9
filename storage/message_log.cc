#include "storage/message_log.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <limits>
#include <string>
#include <string_view>
#include <utility>

#include "storage/crc32c.h"
#include "storage/segment_format.h"

namespace respublica {
namespace {

/// On ext4 a sync costs 1.3 to 2.5 times as much, with frames of 256 bytes to 64 KiB, where space was set aside and
/// nothing written yet. So zeros are written ahead, this many at once, and reach the disk with the sync of a commit.
/// More at once makes that commit slow: who commits writes them, and answers nobody meanwhile (1 MiB: 0.8 ms).
constexpr std::uint64_t kZerosAhead = std::uint64_t{64} << 10;
constexpr std::array<char, kZerosAhead> kZeros{};

std::uint64_t padded(std::uint64_t bytes) { return (bytes + kFrameAlignment - 1) / kFrameAlignment * kFrameAlignment; }

}  // namespace

Result<std::unique_ptr<MessageLog>> MessageLog::open(FileSystem& files, const LogOptions& options, LogPosition from,
                                                     const RecordVisitor& visit, LogRecovery& recovery) {
  if (auto locked = files.lock(); !locked) return locked.error();
  auto recovered = recover_log(files, from, visit, recovery);
  if (!recovered) return recovered.error();
  return std::unique_ptr<MessageLog>(new MessageLog(files, options, std::move(recovered.value())));
}

MessageLog::MessageLog(FileSystem& files, const LogOptions& options, RecoveredLog recovered)
    : files_(files),
      options_(options),
      segments_(std::make_shared<const Segments>(recovered.segments.begin(), recovered.segments.end())),
      last_(recovered.segments.empty() ? nullptr : recovered.segments.back()),
      end_(recovered.end),
      durable_(recovered.end),
      previous_crc_(recovered.previous_crc) {
  if (last_) allocated_ = zeroed_ = end_offset();
}

Result<void> MessageLog::reserve(std::uint64_t bytes) {
  assert(bytes >= kFrameHeaderBytes);
  if (failure_) return *failure_;
  if (bytes - kFrameHeaderBytes > std::numeric_limits<std::uint32_t>::max()) {
    return Error{"a commit of " + std::to_string(bytes) + " bytes is larger than any frame of the log can be"};
  }
  const std::uint64_t frame_bytes = padded(bytes);
  const bool has_frames = last_ && end_ > last_->header.base;
  if (!last_ || (has_frames && end_offset() + frame_bytes > options_.segment_bytes)) {
    if (auto begun = begin_segment(frame_bytes); !begun) return begun;
  }
  return set_aside(frame_bytes);
}

bool MessageLog::has_room(std::uint64_t bytes) const {
  return last_ && end_offset() + padded(bytes) <= std::min(allocated_, options_.segment_bytes);
}

Result<void> MessageLog::append(FrameBuilder& frame, std::uint64_t time_ms) {
  if (failure_) return *failure_;
  std::string& bytes = frame.bytes();
  const std::string_view payload = std::string_view(bytes).substr(kFrameHeaderBytes);
  FrameHeader header;
  header.payload_bytes = static_cast<std::uint32_t>(payload.size());
  header.records = frame.records();
  header.position = end_;
  header.durable = durable_;
  header.time_ms = time_ms;
  header.previous_crc = previous_crc_;
  header.payload_crc = crc32c(last_->header.salt, payload);
  bytes.resize(static_cast<std::size_t>(header.frame_bytes()), '\0');
  encode_frame_header(header, last_->header.salt, bytes.data());
  // A frame that is larger than what was asked for has its space all the same: what is behind it is written over.
  if (auto aside = set_aside(header.frame_bytes()); !aside) return fail(aside.error());
  if (auto written = last_->file->write_at(end_offset(), bytes); !written) return fail(written.error());
  end_ = header.end();
  previous_crc_ = header.header_crc;
  return {};
}

Result<void> MessageLog::sync() {
  if (failure_) return *failure_;
  if (durable_ == end_) return {};
  const Sync begun = begin_sync();
  return end_sync(begun, begun.sync());
}

Result<void> MessageLog::Sync::sync() const { return segment->file->sync(); }

Result<void> MessageLog::end_sync(const Sync& begun, Result<void> synced) {
  if (!synced) return fail(synced.error());
  // A new segment may have been begun meanwhile, and all before it synced.
  durable_ = std::max(durable_, begun.end);
  return {};
}

Result<void> MessageLog::mark_durable(std::uint64_t time_ms) {
  FrameBuilder empty;
  if (auto synced = sync(); !synced) return synced;
  if (auto reserved = reserve(empty.size()); !reserved) return reserved;
  if (auto appended = append(empty, time_ms); !appended) return appended;
  return sync();
}

std::shared_ptr<const Segments> MessageLog::view() const {
  const MutexLock lock(mutex_);
  return segments_;
}

Result<std::size_t> MessageLog::read(const Segments& view, LogPosition position, std::span<char> into) const {
  if (const Segment* segment = find_segment(view, position)) return segment->read(position, into);
  const auto now = this->view();
  if (const Segment* segment = find_segment(*now, position)) return segment->read(position, into);
  return Error{"the log has nothing at position " + std::to_string(position.value) + " any more", ErrorKind::not_found};
}

Result<std::size_t> MessageLog::read(LogPosition position, std::span<char> into) const {
  return read(*view(), position, into);
}

std::vector<MessageLog::SegmentInfo> MessageLog::segments() const {
  using Kind = SegmentInfo::Kind;
  std::vector<SegmentInfo> all;
  for (const auto& each : *view()) {
    const LogPosition end = std::min(each->end(), end_);
    const Kind kind = each->compact ? Kind::compact : Kind::plain;
    all.push_back({each->header.base, end, each->file_bytes(end), each->header.created_ms, kind});
  }
  return all;
}

LogPosition MessageLog::begin() const {
  const auto segments = view();
  return segments->empty() ? end_ : segments->front()->header.base;
}

Result<void> MessageLog::replace(CompactSegment compact) {
  if (failure_) return *failure_;
  const auto segments = view();
  const auto covered = segments_between(*segments, compact.base(), compact.end());
  if (covered.empty()) {
    return Error{"the log no longer has the segments that " + compact.segment()->name + " is to replace",
                 ErrorKind::not_found};
  }
  if (auto named = compact.take_name(); !named) {
    return named.error().kind == ErrorKind::no_space ? named.error() : fail(named.error());
  }
  if (auto synced = files_.sync_directory(); !synced) return fail(synced.error());
  auto left = std::make_shared<Segments>(segments->data(), covered.data());
  left->push_back(compact.segment());
  left->insert(left->end(), covered.data() + covered.size(), segments->data() + segments->size());
  show(std::move(left));
  for (const auto& each : covered) {
    if (each->name != compact.segment()->name) dead_files_.push_back(each->name);
  }
  const auto removed = remove_files(dead_files_);
  // It is done all the same: what is left is removed one day.
  const bool is_done = removed || removed.error().kind == ErrorKind::no_space;
  return is_done ? Result<void>() : removed;
}

Result<void> MessageLog::remove_before(LogPosition position) {
  if (failure_) return *failure_;
  // The next frame is chained to the last one, which is found there when the log is opened.
  const std::size_t kept = last_ && end_ == last_->header.base ? 2 : 1;
  for (auto segments = view(); segments->size() > kept && segments->front()->end() <= position; segments = view()) {
    // A file that this segment has replaced must not outlive it. One after the other for good: no gap can come of it.
    if (auto removed = remove_files(dead_files_); !removed) return removed;
    std::vector<std::string> names{segments->front()->name};
    if (auto removed = remove_files(names); !removed) return removed;
    show(std::make_shared<const Segments>(segments->begin() + 1, segments->end()));
  }
  return {};
}

Result<void> MessageLog::begin_segment(std::uint64_t frame_bytes) {
  // First what can fail and be tried again.
  const std::uint64_t file_bytes = std::max(options_.segment_bytes, kSegmentHeaderBytes + frame_bytes);
  auto prepared = prepare_segment(files_, end_, file_bytes);
  if (!prepared) return prepared.error();
  const std::shared_ptr<Segment> segment = std::move(prepared.value());
  const std::string unfinished = unfinished_name(segment->name);
  auto done = seal();
  if (done) done = files_.rename(unfinished, segment->name);
  if (!done) {
    static_cast<void>(files_.remove(unfinished));
    return done;
  }
  if (auto synced = files_.sync_directory(); !synced) return fail(synced.error());
  if (last_) last_->close(end_);
  auto segments = std::make_shared<Segments>(*view());
  segments->push_back(segment);
  show(std::move(segments));
  last_ = segment;
  allocated_ = file_bytes;
  zeroed_ = kSegmentHeaderBytes;
  return {};
}

Result<void> MessageLog::seal() {
  if (!last_) return {};
  if (auto cut = last_->file->truncate(end_offset()); !cut) return cut;
  allocated_ = zeroed_ = end_offset();
  if (auto synced = last_->file->sync(); !synced) return fail(synced.error());
  durable_ = end_;
  return {};
}

Result<void> MessageLog::set_aside(std::uint64_t frame_bytes) {
  const std::uint64_t wanted = end_offset() + frame_bytes;
  if (allocated_ < wanted) {
    const std::uint64_t file_bytes = std::max(options_.segment_bytes, wanted);
    if (auto reserved = last_->file->preallocate(file_bytes); !reserved) return reserved;
    allocated_ = file_bytes;
  }
  if (zeroed_ < wanted) {
    // None where the frame itself goes: they would not be on the disk before it.
    const std::uint64_t to = std::min(allocated_, wanted + kZerosAhead);
    if (auto occupied = last_->file->occupy(zeroed_, to); !occupied) return occupied;
    if (auto written = last_->file->write_at(wanted, {kZeros.data(), to - wanted}); !written) return written;
    zeroed_ = to;
  }
  return {};
}

void MessageLog::show(std::shared_ptr<const Segments> segments) {
  const MutexLock lock(mutex_);
  segments_.swap(segments);
}

Result<void> MessageLog::remove_files(std::vector<std::string>& names) {
  if (names.empty()) return {};
  for (; !names.empty(); names.pop_back()) {
    const auto removed = files_.remove(names.back());
    if (removed || removed.error().kind == ErrorKind::not_found) continue;
    return removed.error().kind == ErrorKind::no_space ? removed : fail(removed.error());
  }
  if (auto synced = files_.sync_directory(); !synced) return fail(synced.error());
  return {};
}

Error MessageLog::fail(const Error& error) {
  // Never of the kind no_space: that can be tried again.
  failure_ = Error{error.message + "; the log takes nothing more until it is opened again"};
  return *failure_;
}

}  // namespace respublica
