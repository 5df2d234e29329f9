#include "broker/log_start.h"

#include <algorithm>
#include <string>
#include <utility>

#include "broker/checkpoint.h"
#include "broker/log_replay.h"
#include "storage/damage_report.h"

namespace respublica {
namespace {

/// What is known without the frames before the checkpoint: a segment is made when all of the one before is written.
LogTimes times_of_segments(const MessageLog& log, const CheckpointHeader& checkpoint) {
  LogTimes times;
  std::uint64_t last_ms = 0;
  for (const MessageLog::SegmentInfo& segment : log.segments()) {
    const bool fits = segment.created_ms >= last_ms && segment.created_ms <= checkpoint.time_ms;
    if (!fits || segment.base > checkpoint.position) continue;
    last_ms = segment.created_ms;
    times.add(last_ms, segment.base);
  }
  return times;
}

/// An error when a stream has entries before the beginning of the log.
Result<void> check_begin(const LogStart& start) {
  const LogPosition begin = start.log->begin();
  for (const std::shared_ptr<const Stream>& stream : start.streams) {
    if (stream->windows().empty() || stream->windows()[0].last >= begin) continue;
    return Error{"the log begins at position " + std::to_string(begin.value) + ", and channel '" + stream->name() +
                 "' has entries before; " + std::string(kSalvageHint)};
  }
  return {};
}

}  // namespace

Result<LogStart> start_log(FileSystem& files, const LogOptions& options, std::vector<Error>& damaged) {
  auto search = find_checkpoint(files);
  if (!search) return search.error();
  damaged = std::move(search.value().damaged);
  const CheckpointHeader header = search.value().newest.header;
  LogStart start;
  start.checkpoint = header.position;
  start.checkpoint_bytes = search.value().newest.file_bytes;
  start.older_checkpoint = search.value().older;
  LogReplay replay(std::move(search.value().newest));
  LogTimes times;
  std::uint64_t frame_ms = header.time_ms;
  const RecordVisitor visit = [&](const Record& record, LogPosition position, std::uint64_t ms) -> Result<void> {
    // The first record of a frame: what stands before it was written by the time of the frame before.
    if (ms != frame_ms) times.add(std::exchange(frame_ms, ms), position);
    Result<void> done = replay.apply(record, position);
    if (done) return done;
    return Error{"the log is damaged at position " + std::to_string(position.value) + ": " + done.error().message +
                 "; " + std::string(kSalvageHint)};
  };
  auto log = MessageLog::open(files, options, header.position, visit, start.recovery);
  if (!log) return log.error();
  start.log = std::move(log.value());
  start.streams = replay.take_streams();
  start.groups = replay.take_groups();
  start.producers = replay.take_producers();
  start.next_number = replay.next_number();
  start.last_ms = std::max(start.recovery.last_time_ms, header.time_ms);
  start.times = times_of_segments(*start.log, header);
  start.times.add(times);
  if (auto checked = check_begin(start); !checked) return checked.error();
  return start;
}

}  // namespace respublica
