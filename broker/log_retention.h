#pragma once
// Gives the space of entries back that are gone, and sees to the limits of channels that nobody writes to.

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "base/clock.h"
#include "broker/durable_command.h"
#include "broker/log_compactor.h"
#include "broker/log_times.h"
#include "broker/retention_plan.h"
#include "broker/side_thread.h"
#include "broker/stream_table.h"
#include "broker/upkeep_listener.h"
#include "storage/file_system.h"
#include "storage/message_log.h"

namespace respublica {

struct RetentionLimits {
  /// How often all streams are looked at, if anything can have changed; less often where that takes longer than a
  /// hundredth of it. At least 1 ms.
  std::chrono::milliseconds every{10'000};
  /// What is read of segments in a second to be written anew. At least 1 MiB.
  std::uint64_t bytes_per_second = 64ULL << 20;
};

/// Removes segments at the front without a live entry, and has others written anew that keep less than half.
///
/// Thread: the sequencer; its slow work is done on a side thread.
class LogRetention {
 public:
  /// `segment_bytes` is LogOptions::segment_bytes. All must outlive this object, and the side thread must end before
  /// it.
  LogRetention(FileSystem& files, MessageLog& log, const StreamTable& streams, SideThread& side, const Clock& clock,
               RetentionLimits limits, std::uint64_t segment_bytes, UpkeepListener& listener);

  /// Between two commits: begins what is due. A start never reads the log before `start`; `times` are those of the log;
  /// `is_full`: the log has no room.
  void look(LogPosition start, const LogTimes& times, bool is_full);
  /// Some streams that are beyond their limits, for the sequencer to change; empty when there is none.
  std::vector<DurableCommand> take_limits();
  /// When there is something to do if nothing comes; none = never.
  std::optional<SteadyTime> due() const;

 private:
  using Steady = std::chrono::steady_clock;

  struct Plan {
    SegmentUse use;
    std::vector<DurableCommand> to_limit;
    /// Entries will become too old.
    bool will_age = false;
    SteadyTime begun;
  };

  bool is_time(bool is_full) const;
  void begin_plan(LogPosition start, const LogTimes& times);
  void make_plan(Plan& plan, const LogTimes& times, std::uint64_t now_ms) const;
  void carry_out(Plan& plan);
  void remove_front(const Plan& plan);
  void begin_compaction(CompactionRange range, std::vector<SegmentLoad> loads);
  void copy();
  void copied(bool more);
  void replace(CompactSegment compact);
  /// It is not worth it, or not possible: not tried again for the same.
  void drop_compaction();
  void give_up(const Error& error);
  void do_aside(std::function<Result<void>()> step, std::function<void()> next);

  FileSystem& files_;
  MessageLog& log_;
  const StreamTable& streams_;
  SideThread& side_;
  const Clock& clock_;
  const RetentionLimits limits_;
  const std::uint64_t segment_bytes_;
  UpkeepListener& listener_;

  /// Something is being done aside.
  bool busy_ = false;
  /// As look() was told when the plan began.
  LogPosition start_;
  SteadyTime next_look_;
  /// Where the log ended at the last look.
  LogPosition looked_until_;
  bool will_age_ = true;
  std::vector<DurableCommand> to_limit_;
  CompactionHistory history_;

  /// Null while nothing is copied.
  std::shared_ptr<LogCompactor> compactor_;
  /// What it works on.
  CompactionRange range_;
  std::vector<SegmentLoad> loads_;
  std::uint64_t copied_bytes_ = 0;
  SteadyTime next_copy_;
};

}  // namespace respublica
