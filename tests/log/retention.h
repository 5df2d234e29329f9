#pragma once
// Does to the log of a broker what its retention does.

#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "broker/checkpoint.h"
#include "tests/log/sample_log.h"
#include "tests/storage/log_access.h"

namespace respublica::test {

/// Finds what a compact segment keeps of the records before `end`: the entries from the oldest live one of a window to
/// its last one, the names of the streams, and the headers of their frames.
class KeptPlaces final : public logtool::LogVisitor {
 public:
  enum class Names : std::uint8_t { keep, leave_out };

  KeptPlaces(const std::vector<std::shared_ptr<const Stream>>& streams, LogPosition end, Names names)
      : end_(end), names_(names) {
    for (const auto& stream : streams) streams_[stream->number()] = stream.get();
  }

  Result<void> record(const Record& record, const logtool::RecordPlace& place) override {
    if (place.position >= end_ || !is_kept(record, place.position)) return {};
    places_[place.frame] = kFrameHeaderBytes;
    places_[place.position] = place.bytes;
    return {};
  }
  Result<void> damage(const logtool::Damage& damage) override { return Error{damage.reason}; }

  /// Lengths by their positions.
  const std::map<LogPosition, std::size_t>& places() const { return places_; }

 private:
  bool is_kept(const Record& record, LogPosition position) {
    const auto found = streams_.find(channel_of(record));
    if (found == streams_.end()) return false;
    if (record.kind == Record::Kind::channel) return names_ == Names::keep;
    if (record.kind != Record::Kind::append) return false;
    const Stream& stream = *found->second;
    for (std::size_t i = 0; i < stream.windows().size(); ++i) {
      const StreamWindow& window = stream.windows()[i];
      if (position < window.begin || position > window.last || window.live == 0) continue;
      const StreamId id = to_stream_id(record.append.id);
      if (id >= stream.floor() && !window.has_deleted(id)) reached_[window.begin] = true;
      return reached_[window.begin];
    }
    return false;
  }

  const LogPosition end_;
  const Names names_;
  std::map<ChannelNumber, const Stream*> streams_;
  /// Whether a live entry of the window has come.
  std::map<LogPosition, bool> reached_;
  std::map<LogPosition, std::size_t> places_;
};

/// Replaces all segments that end at or before `until` by one compact one. `until` is where a checkpoint stands.
inline void compact_log(FileSystem& files, const std::vector<std::shared_ptr<const Stream>>& streams, LogPosition until,
                        KeptPlaces::Names names = KeptPlaces::Names::leave_out) {
  const auto opened = open_log(files, until);
  const auto segments = opened.log->segments();
  LogPosition end = segments.front().base;
  for (const auto& segment : segments) {
    if (segment.end <= until && segment.base != segments.back().base) end = segment.end;
  }
  if (end == segments.front().base) return;
  KeptPlaces kept(streams, end, names);
  require(logtool::walk_log(require(logtool::open_log_files(files)), kept, [](std::uint64_t) {}));
  auto writer = require(CompactSegmentWriter::create(files, *opened.log->view(), segments.front().base, end));
  for (const auto& [position, count] : kept.places()) {
    std::string bytes(count, '\0');
    require(opened.log->read(position, bytes));
    require(writer->add(position, bytes));
  }
  require(opened.log->replace(require(writer->finish())));
}

/// Removes the segments at the front in which no stream has a window. `until` is where a checkpoint stands.
inline void remove_front(FileSystem& files, const std::vector<std::shared_ptr<const Stream>>& streams,
                         LogPosition until) {
  const auto opened = open_log(files, until);
  for (const auto& stream : streams) {
    if (!stream->windows().empty()) until = std::min(until, stream->windows()[0].begin);
  }
  require(opened.log->remove_before(until));
}

}  // namespace respublica::test
