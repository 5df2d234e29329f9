#include "broker/log_compactor.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

namespace respublica {
namespace {

/// What a step reads.
constexpr std::uint64_t kStepBytes = std::uint64_t{1} << 20;

}  // namespace

Result<std::unique_ptr<LogCompactor>> LogCompactor::begin(FileSystem& files, std::shared_ptr<const Segments> view,
                                                          CompactionRange range, const StreamTable& streams) {
  auto writer = CompactSegmentWriter::create(files, *view, range.base, range.end);
  if (!writer) return writer.error();
  return std::unique_ptr<LogCompactor>(new LogCompactor(std::move(view), range, streams, std::move(writer.value())));
}

LogCompactor::LogCompactor(std::shared_ptr<const Segments> view, CompactionRange range, const StreamTable& streams,
                           std::unique_ptr<CompactSegmentWriter> writer)
    : view_(std::move(view)),
      range_(range),
      writer_(std::move(writer)),
      segments_(segments_between(*view_, range.base, range.end)) {
  for (std::size_t part = 0; part < StreamTable::kParts; ++part) {
    for (std::shared_ptr<const Stream>& stream : streams.part(part)) {
      const StreamWindows& windows = stream->windows();
      const std::size_t window = windows.find(range.base);
      if (window == windows.size() || windows[window].begin >= range.end) continue;
      const bool began_before = windows[window].begin < range.base;
      kept_.push_back({std::move(stream), window, began_before});
    }
  }
  std::ranges::sort(kept_, {}, [](const Kept& each) { return each.stream->number(); });
}

Result<bool> LogCompactor::step() {
  for (const std::uint64_t until = read_bytes_ + kStepBytes; read_bytes_ < until;) {
    if (segments_.empty()) return false;
    const Segment& segment = *segments_.front();
    if (pieces_.segment() != &segment) {
      pieces_.enter(segment, segment.end());
      next_ = segment.header.base;
    }
    const auto found = pieces_.find(next_);
    if (!found) return found.error();
    if (!found.value()) {
      segments_ = segments_.subspan(1);
      continue;
    }
    if (auto taken = take_piece(); !taken) return taken.error();
    next_ = pieces_.end();
  }
  return true;
}

Result<void> LogCompactor::take_piece() {
  const auto records = pieces_.records();
  if (!records) return records.error();
  read_bytes_ += kFrameHeaderBytes + records.value().size();
  LogPosition position = pieces_.begin();
  Record record;
  for (std::string_view rest = records.value(); !rest.empty();) {
    const RecordRead read = read_record(rest, record);
    if (read.status != RecordRead::Status::whole) {
      return Error{segments_.front()->name + ": the record at position " + std::to_string(position.value) +
                   " is damaged"};
    }
    if (keeps(record, position)) {
      if (auto added = add_frame_header(); !added) return added;
      if (auto added = add(position, rest.substr(0, read.bytes)); !added) return added;
    }
    rest.remove_prefix(read.bytes);
    position = position + read.bytes;
  }
  return {};
}

Result<void> LogCompactor::add_frame_header() {
  const LogPosition frame = pieces_.header().position;
  if (frame_ == frame) return {};
  frame_ = frame;
  std::array<char, kFrameHeaderBytes> header{};
  const auto read = segments_.front()->read(frame, header);
  if (!read) return read.error();
  return add(frame, {header.data(), read.value()});
}

Result<void> LogCompactor::add(LogPosition position, std::string_view bytes) {
  kept_bytes_ += bytes.size();
  return writer_->add(position, bytes);
}

LogCompactor::Kept* LogCompactor::find(ChannelNumber channel) {
  const auto found =
      std::ranges::lower_bound(kept_, channel, {}, [](const Kept& each) { return each.stream->number(); });
  return found != kept_.end() && found->stream->number() == channel ? &*found : nullptr;
}

bool LogCompactor::keeps(const Record& record, LogPosition position) {
  switch (record.kind) {
    case Record::Kind::channel:
      return find(record.channel.channel) != nullptr;
    case Record::Kind::append:
      if (Kept* const kept = find(record.append.channel)) return keeps(*kept, record.append, position);
      return false;
    default:
      return false;
  }
}

bool LogCompactor::keeps(Kept& kept, const AppendRecord& record, LogPosition position) const {
  const StreamWindows& windows = kept.stream->windows();
  for (; kept.window < windows.size() && windows[kept.window].last < position; ++kept.window) {
    kept.may_have_live = false;
  }
  if (kept.window == windows.size()) return false;
  const StreamWindow& window = windows[kept.window];
  const StreamId id = to_stream_id(record.id);
  if (position < window.begin || window.live == 0 || id < kept.stream->floor()) return false;
  if (!window.has_deleted(id)) kept.may_have_live = true;
  return kept.may_have_live;
}

}  // namespace respublica
