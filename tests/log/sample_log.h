#pragma once
// A log in memory that a test fills frame by frame, and damages.

#include <cstdint>
#include <memory>
#include <sstream>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "broker/checkpoint.h"
#include "storage/memory_file_system.h"
#include "storage/message_log.h"
#include "tests/storage/file_access.h"
#include "tests/storage/log_access.h"
#include "tools/log/json_line.h"
#include "tools/log/log_walk.h"
#include "tools/terminal/console.h"

namespace respublica::test {

inline std::string one_field(std::string_view value) {
  FieldsWriter fields(1);
  fields.add("f", value);
  return fields.take();
}

/// What a command prints.
struct CapturedConsole {
  std::ostringstream out;
  std::ostringstream error;
  ProgressLine progress{ProgressLine::Use::never};
  Console console{out, error, progress};
};

/// Changes bytes of the log's files, by position.
inline void damage(FileSystem& files, LogPosition position, std::string_view bytes) {
  std::string name;
  LogPosition base;
  for (const std::string& each : require(files.list())) {
    const auto begin = parse_segment_name(each);
    if (begin && *begin <= position) std::tie(name, base) = std::pair(each, *begin);
  }
  require(require(files.open(name))->write_at(kSegmentHeaderBytes + (position - base), bytes));
}

/// Its segments are small. Each frame is synced.
struct SampleLog {
  MemoryFileSystem files{std::uint64_t{64} << 20};
  std::unique_ptr<MessageLog> log = open_log(files).log;
  std::uint64_t time_ms = 1;

  /// Adds a frame; returns where it stands.
  template <typename... Records>
  LogPosition add(const Records&... records) {
    FrameBuilder frame;
    (frame.add(records), ...);
    require(log->reserve(frame.size()));
    const LogPosition position = log->end();
    require(log->append(frame, time_ms++));
    require(log->sync());
    return position;
  }
};

/// Writes a checkpoint with these streams.
inline void write_checkpoint(FileSystem& files, LogPosition position,
                             const std::vector<std::shared_ptr<const Stream>>& streams = {},
                             std::uint64_t next_number = 0) {
  CheckpointWriter writer(require(CheckpointFile::create(files, {position, 0, 0, next_number})));
  std::vector<CheckpointWriter::Entry> entries;
  for (const std::shared_ptr<const Stream>& stream : streams) entries.push_back({stream, {}});
  require(writer.add(position, entries));
  require(writer.file().finish());
  require(writer.file().publish());
}

/// Writes down what a walk shows: "frame 0", "record 48 append 1-1", "loss 0-96 reason"...
class WalkNotes final : public logtool::LogVisitor {
 public:
  Result<void> segment(const logtool::SegmentFile& file) override {
    notes.push_back("segment " + std::to_string(file.segment->header.base.value));
    return {};
  }
  Result<void> frame(const FrameHeader& header) override {
    notes.push_back("frame " + std::to_string(header.position.value));
    return {};
  }
  Result<void> kept_frame(const FrameHeader& header) override {
    notes.push_back("kept " + std::to_string(header.position.value));
    return {};
  }
  Result<void> record(const Record& record, const logtool::RecordPlace& place) override {
    notes.push_back("record " + std::to_string(place.position.value) + ' ' +
                    std::string(logtool::kind_name(record.kind)));
    if (record.kind == Record::Kind::append) notes.back() += ' ' + logtool::shown_id(record.append.id);
    return {};
  }
  Result<void> damage(const logtool::Damage& damage) override {
    damages.push_back(damage);
    constexpr std::string_view kKinds[] = {"loss", "flaw", "tail"};
    notes.push_back(std::string(kKinds[static_cast<std::size_t>(damage.kind)]) + ' ' +
                    std::to_string(damage.begin.value) + '-' + std::to_string(damage.end.value));
    return {};
  }

  std::vector<std::string> notes;
  std::vector<logtool::Damage> damages;
};

inline WalkNotes walk(FileSystem& files) {
  WalkNotes notes;
  const auto log = require(logtool::open_log_files(files));
  require(logtool::walk_log(log, notes, [](std::uint64_t) {}));
  return notes;
}

}  // namespace respublica::test
