#pragma once
// What a start makes of the files of a log.

#include <cstdint>
#include <memory>
#include <vector>

#include "base/result.h"
#include "broker/group_table.h"
#include "broker/log_times.h"
#include "broker/producer_table.h"
#include "broker/stream.h"
#include "storage/file_system.h"
#include "storage/message_log.h"
#include "storage/record.h"

namespace respublica {

/// A log that has been opened, and what its records have led to.
struct LogStart {
  std::unique_ptr<MessageLog> log;
  LogRecovery recovery;
  /// In no order.
  std::vector<std::shared_ptr<const Stream>> streams;
  /// Their consumer groups.
  GroupTable groups;
  /// Their idempotent producers.
  ProducerTable producers;
  /// That of the next channel.
  ChannelNumber next_number;
  LogTimes times;
  /// Of the last frame, milliseconds since 1970; 0 in an empty log.
  std::uint64_t last_ms = 0;

  /// The checkpoint that was read, its size, and the one before it; 0 when there is none.
  LogPosition checkpoint;
  std::uint64_t checkpoint_bytes = 0;
  LogPosition older_checkpoint;
};

/// Opens the log of a locked directory, and reads it from the newest checkpoint on that can be read; `damaged` gets an
/// error for each that cannot. An error as MessageLog::open() has them, and when the records contradict one another,
/// the checkpoint, or what there is of segments.
Result<LogStart> start_log(FileSystem& files, const LogOptions& options, std::vector<Error>& damaged);

}  // namespace respublica
