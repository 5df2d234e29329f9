#pragma once
// Keeps the start short: writes checkpoints while the log grows.

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "base/result.h"
#include "broker/checkpoint.h"
#include "broker/group_table.h"
#include "broker/producer_table.h"
#include "broker/side_thread.h"
#include "broker/stream_table.h"
#include "broker/upkeep_listener.h"
#include "storage/file_system.h"
#include "storage/message_log.h"

namespace respublica {

struct UpkeepLimits {
  /// A checkpoint is written when the log has grown by this much since the last one, or by the size of the last one if
  /// that is more. At a start so much of the log is read. At least 4 KiB; 0 = no checkpoints.
  std::uint64_t checkpoint_bytes = 64ULL << 20;
  /// False: no start ever reads the log, and all of it that is dead may go.
  bool is_read_again = true;
};

/// Thread: the sequencer; its slow work is done on a side thread.
class LogUpkeep {
 public:
  LogUpkeep(FileSystem& files, MessageLog& log, const StreamTable& streams, GroupTable& groups,
            ProducerTable& producers, SideThread& side, UpkeepLimits limits, UpkeepListener& listener);

  /// The checkpoints that are there at start.
  void found(LogPosition newest, std::uint64_t newest_bytes, LogPosition older);
  /// Between two commits: begins what is due. `next_number` is that of the next channel, `now_ms` the time of the last
  /// commit.
  void look(ChannelNumber next_number, std::uint64_t now_ms);
  /// A start never reads the log before this place.
  LogPosition start() const { return limits_.is_read_again ? older_ : log_.end(); }

 private:
  using Writer = std::shared_ptr<CheckpointWriter>;

  void begin_checkpoint(ChannelNumber next_number, std::uint64_t now_ms);
  void add_parts(const Writer& writer, std::size_t part);
  void finish(const Writer& writer);
  void publish(const Writer& writer);
  void published(LogPosition position, std::uint64_t bytes);
  /// Runs `step` on the side thread, and then `next` here, if nothing went wrong.
  void step(std::function<Result<void>()> step, std::function<void()> next);
  void give_up(const Error& error);

  FileSystem& files_;
  MessageLog& log_;
  const StreamTable& streams_;
  GroupTable& groups_;
  ProducerTable& producers_;
  SideThread& side_;
  const UpkeepLimits limits_;
  UpkeepListener& listener_;

  bool busy_ = false;
  /// The newest checkpoint, and the one before it: it is what a start goes back to when the newest one is damaged.
  LogPosition newest_;
  LogPosition older_;
  std::uint64_t newest_bytes_ = 0;
  /// Where the log ended when the last attempt began.
  LogPosition tried_;
};

}  // namespace respublica
