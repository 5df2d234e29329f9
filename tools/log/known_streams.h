#pragma once
// What a checkpoint says of the records that a log still has.

#include <cstdint>
#include <map>
#include <memory>

#include "broker/checkpoint.h"
#include "broker/stream.h"
#include "storage/record.h"
#include "tools/log/log_visitor.h"

namespace respublica::logtool {

/// Knows the streams of a checkpoint, each as of its own place in the log. Thread: any, immutable.
class KnownStreams {
 public:
  /// Of a checkpoint without streams at position 0: all records are news.
  explicit KnownStreams(const Checkpoint& checkpoint);

  enum class Standing : std::uint8_t {
    /// The checkpoint does not know of it.
    news,
    /// An entry that is live, by the checkpoint.
    live,
    /// What it says is in the checkpoint already, or of a channel that had gone by then.
    past,
  };
  Standing standing(const Record& record, const RecordPlace& place) const;
  /// The window of an entry that is live, by the checkpoint; nullptr of any other.
  const StreamWindow* live_window(const AppendRecord& record, const RecordPlace& place) const;

  /// Of the checkpoint.
  LogPosition position() const { return position_; }
  /// Of the next channel at that place: those below it are among the streams, or had been dropped.
  ChannelNumber first_number() const { return first_number_; }
  /// By their numbers.
  using Streams = std::map<ChannelNumber, Checkpoint::Entry>;
  const Streams& streams() const { return streams_; }

 private:
  LogPosition position_;
  ChannelNumber first_number_;
  Streams streams_;
  /// The checkpoint knows nothing of records behind it.
  LogPosition known_until_;
};

}  // namespace respublica::logtool
