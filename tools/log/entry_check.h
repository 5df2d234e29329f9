#pragma once
// Whether a log has the entries that it should have.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "broker/checkpoint.h"
#include "broker/log_replay.h"
#include "storage/record.h"
#include "tools/log/known_streams.h"
#include "tools/log/log_visitor.h"

namespace respublica::logtool {

/// Counts the entries of each window that are there, and makes of the records what a broker makes of them at start: the
/// streams with the windows that they have in the end. Memory: as a broker's, and some words for each window.
class EntryCheck {
 public:
  EntryCheck(const Checkpoint& checkpoint, const KnownStreams& known);

  /// What the record contradicts, as a sentence of the broker; none: nothing. Each record once, in order.
  std::optional<std::string> take(const Record& record, const RecordPlace& place);
  /// Records before `end` are lost.
  void lose_records(LogPosition end);

  struct Missing {
    ChannelNumber channel;
    /// In all.
    std::uint64_t length = 0;
    /// That are not there, at least.
    std::uint64_t entries = 0;
    /// Where the first and the last window stand that are not complete.
    LogPosition begin;
    LogPosition end;
  };
  /// Channels that have not all of their entries, once all records have been taken. None when records are lost behind
  /// the checkpoint: then nobody knows what should be there.
  std::vector<Missing> missing();

 private:
  const KnownStreams& known_;
  LogReplay replay_;
  bool is_complete_ = true;
  /// Where the newest window of a channel begins.
  std::map<ChannelNumber, LogPosition> newest_;
  /// Entries that are there, by the beginning of their window.
  std::unordered_map<std::uint64_t, std::uint64_t> found_;
};

}  // namespace respublica::logtool
